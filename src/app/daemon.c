#include "app/daemon.h"

#include "adapt/listen.h"
#include "app/alerts.h"
#include "app/notify.h"
#include "app/options.h"
#include "app/process.h"
#include "app/secret.h"
#include "app/version.h"
#include "base/alloc.h"
#include "base/str.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often a stopping daemon looks whether it is done. */
static const uint64_t DRAIN_TICK_MS = 20;
/* Beyond the upstream's time-out: for settling and sending. */
static const int64_t DRAIN_GRACE_MS = 5000;

struct sockets {
	int fds[FR_ADDRS_MAX];
	size_t n;
};

static void close_all(const struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++)
		close(s->fds[i]);
}

static enum fr_err open_all(const struct fr_addrs *addrs, bool shared, struct sockets *ret, struct fr_errmsg *why)
{
	ret->n = 0;
	for (size_t i = 0; i < addrs->n; i++) {
		const char *addr = addrs->at[i].s;
		int *fd = &ret->fds[ret->n];
		enum fr_err err = shared ? fr_listen_open_shared(addr, fd, why) : fr_listen_open(addr, fd, why);

		if (err != FR_OK) {
			close_all(ret);
			return err;
		}
		ret->n++;
	}
	return FR_OK;
}

static void say_addresses(struct fr_daemon *d, const char *what, const struct sockets *s)
{
	char name[FR_LISTEN_NAME_MAX];

	for (size_t i = 0; i < s->n; i++) {
		fr_listen_name(s->fds[i], name, sizeof name);
		fr_log_linef(&d->log, FR_LOG_INFO, "%s on %s", what, name);
	}
}

static enum fr_err open_store(struct fr_daemon *d, struct fr_errmsg *why)
{
	const struct fr_settings *s = &d->conf->settings;
	const struct fr_redis_notes notes = { .note = fr_wiring_note, .ctx = d };
	struct fr_secret password = { "" };
	bool embedded = strcmp(s->redis_url.s, "embedded") == 0, has_password = s->redis_password_file.s[0] != '\0';
	char dir[FR_PATH_TEXT_MAX];
	enum fr_err err;

	if (embedded) {
		fr_process_state_dir(s, dir, sizeof dir);
		err = fr_redis_child_start(&d->loop, s, dir, &notes, &d->redis, why);
		if (err != FR_OK)
			return err;
	} else if (has_password) {
		err = fr_secret_read("redis.password_file", s->redis_password_file.s, true, &password, why);
		if (err != FR_OK)
			return err;
	}
	d->store = fr_store_new(&d->loop, s, embedded ? fr_redis_child_socket(d->redis) : NULL, has_password ? &password : NULL,
				&notes, why);
	fr_secret_wipe(&password);
	return d->store == NULL ? FR_INVALID : fr_store_check(d->store, why);
}

static enum fr_err open_journal(struct fr_daemon *d, struct fr_errmsg *why)
{
	const struct fr_redis_notes notes = { .note = fr_wiring_note, .ctx = d };
	char dir[FR_PATH_TEXT_MAX];

	fr_process_state_dir(&d->conf->settings, dir, sizeof dir);
	return fr_journal_file_open(dir, d->conf->settings.journal_sync, &notes, &d->journal, why);
}

static void restore(void *engine, const struct fr_journal_record *r)
{
	fr_engine_restore(engine, r);
}

static enum fr_err open_questions(struct fr_daemon *d, struct fr_errmsg *why)
{
	const struct fr_settings *s = &d->conf->settings;

	d->questions = fr_question_log_new(&d->loop, fr_wiring_note, d);
	return fr_question_log_set(d->questions, s->log_questions.s, s->log_questions_max, why);
}

static enum fr_err open_upstream(struct fr_daemon *d, struct fr_errmsg *why)
{
	struct fr_secret key = { "" };
	enum fr_err err = fr_secret_upstream_key(&d->conf->settings, &key, why);

	if (err != FR_OK && err != FR_ABSENT)
		return err;
	d->operator_key = err == FR_OK;
	d->upstream = fr_upstream_new(&d->loop, &d->conf->settings, d->operator_key ? &key : NULL, fr_version(), why);
	fr_secret_wipe(&key);
	return d->upstream == NULL ? FR_INVALID : FR_OK;
}

static enum fr_err open_listeners(struct fr_daemon *d, const struct sockets *clients, const struct sockets *operators,
				  struct fr_errmsg *why)
{
	const struct fr_front_ports front = { .ctx = d,
					      .roster = &d->conf->roster,
					      .bundles = &d->conf->catalogue.bundles,
					      .random = fr_wiring_random,
					      .note = fr_wiring_note };
	const struct fr_admin_ports admin = fr_wiring_admin(d);

	d->front = fr_front_new(&d->loop, d->engine, &d->conf->settings, &front, clients->fds, clients->n, why);
	if (d->front == NULL)
		return FR_IO;
	d->admin = fr_admin_new(&d->loop, &admin, operators->fds, operators->n, why);
	return d->admin == NULL ? FR_IO : FR_OK;
}

static void on_tick(uv_timer_t *t)
{
	(void)t; /* only ends a turn of the loop */
}

/* The clients that queue at the socket while the daemon starts are asked for with a lease, and what they pay for is stored: nobody is let in before
 * Redis can be asked and has what an earlier life left in the journal, or has had its time. */
static void await_store(struct fr_daemon *d)
{
	int64_t until = fr_wiring_now(d).v + 2 * d->conf->settings.redis_timeout.v;

	uv_timer_start(&d->drain, on_tick, DRAIN_TICK_MS, DRAIN_TICK_MS);
	while (!(fr_store_up(d->store) && fr_engine_ledger_whole(d->engine)) && fr_wiring_now(d).v < until)
		uv_run(&d->loop, UV_RUN_ONCE);
	uv_timer_stop(&d->drain);
}

/* The sockets are opened first: a port in use is found before anything else is started. */
static enum fr_err start(struct fr_daemon *d, struct fr_errmsg *why)
{
	struct sockets clients, operators;
	enum fr_err err = open_all(&d->conf->settings.listen, d->conf->settings.front_shared, &clients, why);

	if (err != FR_OK)
		return err;
	err = open_all(&d->conf->settings.admin_listen, false, &operators, why);
	if (err != FR_OK) {
		close_all(&clients);
		return err;
	}
	err = open_upstream(d, why);
	if (err == FR_OK)
		err = open_store(d, why);
	if (err == FR_OK)
		err = open_journal(d, why);
	if (err == FR_OK)
		err = open_questions(d, why);
	if (err == FR_OK)
		err = fr_alerts_open(d, why);
	if (err != FR_OK) {
		close_all(&clients);
		close_all(&operators);
		return err;
	}
	d->engine = fr_wiring_engine(d);
	fr_store_attach(d->store, d->engine, &d->conf->catalogue, &d->conf->roster);
	fr_engine_restored(d->engine, fr_journal_file_read(d->journal, restore, d->engine));
	fr_upstream_attach(d->upstream, d->engine, fr_wiring_note, d);
	fr_webhook_attach(d->webhook, d->engine, fr_wiring_note, d);
	await_store(d);
	say_addresses(d, "serving", &clients);
	say_addresses(d, "admin", &operators);
	return open_listeners(d, &clients, &operators, why);
}

static void stop_now(struct fr_daemon *d)
{
	if (fr_engine_gauges(d->engine).totals_pending > 0)
		fr_log_line(&d->log, FR_LOG_WARNING, "stopping before Redis has the last totals: they are missing in the report");
	uv_timer_stop(&d->drain);
	uv_stop(&d->loop);
}

static void on_drain(uv_timer_t *t)
{
	struct fr_daemon *d = t->data;

	if (fr_engine_idle(d->engine) && fr_front_unsent(d->front) == 0)
		stop_now(d);
	else if (fr_wiring_now(d).v >= d->stop_by.v) {
		fr_log_line(&d->log, FR_LOG_WARNING,
			    "stopping with calls on their way: their credits are booked as uncertain at the next start");
		stop_now(d);
	}
}

/* Paid calls go on to their end; a second signal does not wait for them. */
static void on_stop(uv_signal_t *s, int number)
{
	struct fr_daemon *d = s->data;

	if (d->stopping) {
		stop_now(d);
		return;
	}
	fr_log_linef(&d->log, FR_LOG_INFO, "stopping on %s: finishing what is paid for",
		     number == SIGTERM ? "SIGTERM" : "SIGINT");
	fr_notify("STOPPING=1");
	d->stopping = true;
	d->stop_by = (fr_ms){ fr_wiring_now(d).v + d->conf->settings.upstream_timeout.v + DRAIN_GRACE_MS };
	fr_front_stop_accepting(d->front);
	fr_engine_stop(d->engine);
	uv_timer_start(&d->drain, on_drain, 0, DRAIN_TICK_MS);
}

static void on_hup(uv_signal_t *s, int number)
{
	(void)number;
	fr_reload(s->data);
}

static void on_usr1(uv_signal_t *s, int number)
{
	(void)number;
	fr_question_log_reopen(((struct fr_daemon *)s->data)->questions);
}

static void on_watchdog(uv_timer_t *t)
{
	struct fr_daemon *d = t->data;
	const struct fr_tally *tally = fr_engine_tally(d->engine);

	fr_notify("WATCHDOG=1");
	fr_notify_status("%" PRId64 " credits spent, %" PRId64 " avoided; Redis %s", tally->demand + tally->background,
			 tally->avoided_all, fr_store_up(d->store) ? "up" : "away");
}

static void watch(struct fr_daemon *d)
{
	fr_ms half = fr_notify_watchdog();

	uv_signal_start(&d->hup, on_hup, SIGHUP);
	uv_signal_start(&d->term, on_stop, SIGTERM);
	uv_signal_start(&d->interrupt, on_stop, SIGINT);
	uv_signal_start(&d->usr1, on_usr1, SIGUSR1);
	if (half.v > 0)
		uv_timer_start(&d->watchdog, on_watchdog, 0, (uint64_t)half.v);
}

static void init(struct fr_daemon *d, struct fr_conf *conf, const char *file)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	d->conf = conf;
	d->file = file;
	d->started = (fr_wall){ (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 };
	fr_log_init(&d->log, conf->settings.log_level);
	uv_loop_init(&d->loop);
	uv_timer_init(&d->loop, &d->wake);
	uv_timer_init(&d->loop, &d->drain);
	uv_timer_init(&d->loop, &d->watchdog);
	uv_signal_init(&d->loop, &d->hup);
	uv_signal_init(&d->loop, &d->term);
	uv_signal_init(&d->loop, &d->interrupt);
	uv_signal_init(&d->loop, &d->usr1);
	d->wake.data = d->drain.data = d->watchdog.data = d->hup.data = d->term.data = d->interrupt.data = d->usr1.data = d;
}

static void close_handle(uv_handle_t *h, void *unused)
{
	(void)unused;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

/* In reverse order of what start() built; the engine last of those that it calls into. */
static void finish(struct fr_daemon *d)
{
	fr_front_free(d->front);
	fr_admin_free(d->admin);
	fr_upstream_free(d->upstream);
	fr_webhook_free(d->webhook);
	if (d->store != NULL)
		fr_store_free(&d->store);
	if (d->redis != NULL)
		fr_redis_child_stop(&d->redis);
	uv_timer_stop(&d->wake);
	uv_run(&d->loop, UV_RUN_NOWAIT);
	if (d->engine != NULL)
		fr_engine_free(d->engine);
	if (d->journal != NULL)
		fr_journal_file_close(&d->journal);
	fr_question_log_free(d->questions);
	uv_walk(&d->loop, close_handle, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	fr_log_done(&d->log);
	fr_conf_free(d->conf);
}

int fr_daemon_run(struct fr_conf *conf, const char *file)
{
	struct fr_daemon *d = fr_calloc(1, sizeof *d);
	struct fr_errmsg why = { "" };
	enum fr_err err;

	init(d, conf, file);
	err = start(d, &why);
	if (err == FR_OK) {
		watch(d);
		fr_log_linef(&d->log, FR_LOG_INFO, "frugald %s ready: upstream %s%s, Redis %s", fr_version(),
			     conf->settings.upstream_url.s, d->operator_key ? "" : " with the clients' own keys",
			     fr_store_shown(d->store));
		fr_notify("READY=1");
		uv_run(&d->loop, UV_RUN_DEFAULT);
		fr_log_line(&d->log, FR_LOG_INFO, "stopped");
	} else {
		fr_log_linef(&d->log, FR_LOG_ERROR, "%s", why.s);
	}
	finish(d);
	free(d);
	return err == FR_OK ? FR_EXIT_OK : FR_EXIT_RUNTIME;
}
