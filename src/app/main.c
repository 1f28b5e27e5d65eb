#include "app/alerts.h"
#include "app/daemon.h"
#include "app/options.h"
#include "app/process.h"
#include "app/secret.h"
#include "app/version.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/explain.h"
#include "core/logline.h"
#include "core/metrics.h"
#include "core/problem.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 1024 * 1024 };

/* Prints what was written and frees it; an error of the writer still shows its text, on stderr. */
static int print(struct fr_buf *b, enum fr_err err)
{
	fwrite(b->p != NULL ? b->p : "", 1, b->len, err == FR_OK ? stdout : stderr);
	fr_buf_free(b);
	return err == FR_OK ? FR_EXIT_OK : FR_EXIT_RUNTIME;
}

static int version(void)
{
	printf("frugald %s (%s)\n", fr_version(), fr_commit());
	return FR_EXIT_OK;
}

static int documents(const char *topic)
{
	static const struct {
		const char *topic;
		enum fr_err (*write)(struct fr_buf *b);
	} topics[] = {
		{ "settings", fr_conf_document },    { "man5", fr_conf_page },
		{ "config", fr_conf_example },       { "metrics", fr_metrics_document },
		{ "problems", fr_problem_document }, { "questions", fr_log_document },
	};
	struct fr_buf b;

	fr_buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
		if (strcmp(topic, topics[i].topic) == 0)
			return print(&b, topics[i].write(&b));
	fprintf(stderr, "frugald: --dump-docs knows settings, config, metrics, problems, questions and man5, not '%s'\n", topic);
	return FR_EXIT_USAGE;
}

static enum fr_err test_channels(const struct fr_conf *conf, struct fr_errmsg *why)
{
	struct fr_webhook_target targets[FR_CHANNELS_MAX];
	enum fr_err err = fr_alerts_targets(&conf->alerts, targets, why);

	explicit_bzero(targets, sizeof targets);
	return err;
}

/* What the file says, and that the secrets it speaks of are there. */
static int test(const char *file, const struct fr_conf *conf)
{
	struct fr_secret key = { "" };
	struct fr_errmsg why = { "" };
	enum fr_err err = fr_secret_upstream_key(&conf->settings, &key, &why), channels = FR_OK;

	fr_secret_wipe(&key);
	if (err == FR_OK || err == FR_ABSENT)
		channels = test_channels(conf, &why);
	if ((err != FR_OK && err != FR_ABSENT) || channels != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		return FR_EXIT_CONFIG;
	}
	printf("%s: the configuration is good%s\n", file != NULL ? file : "(defaults)",
	       err == FR_ABSENT ? "; there is no upstream key, so the clients' own are handed on" : "");
	return FR_EXIT_OK;
}

static int use(const struct fr_options *o, struct fr_conf *conf)
{
	struct fr_buf b;

	fr_buf_init(&b, TEXT_MAX);
	switch (o->mode) {
	case FR_MODE_TEST: return test(o->file, conf);
	case FR_MODE_DUMP: return print(&b, fr_conf_dump(&b, conf));
	default: return print(&b, fr_explain(&b, &conf->catalogue, fr_str_of(o->topic), conf->settings.validate));
	}
}

int main(int argc, char **argv)
{
	struct fr_options o;
	struct fr_conf *conf = NULL;
	struct fr_errmsg why = { "" };
	int code;

	if (!fr_options_read(argc, argv, &o))
		return FR_EXIT_USAGE;
	if (o.mode == FR_MODE_HELP) {
		fr_options_help(stdout);
		return FR_EXIT_OK;
	}
	if (o.mode == FR_MODE_VERSION)
		return version();
	if (o.mode == FR_MODE_DOCS)
		return documents(o.topic);
	fr_process_harden();
	if (fr_conf_load(o.file, &conf, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		return FR_EXIT_CONFIG;
	}
	if (o.mode == FR_MODE_RUN)
		return fr_daemon_run(conf, o.file);
	code = use(&o, conf);
	fr_conf_free(conf);
	return code;
}
