#include "app/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/secret.h"
#include "app/version.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "conf/address.h"
#include "frugal/engine_alerts.h"

/* A question of the engine's, until the store answers. */
struct question {
	struct fr_daemon *daemon;
	uint64_t number;
};

/* Slack's secret is where it is reached. */
static enum fr_err take_url(const char *what, struct fr_webhook_target *t, struct fr_errmsg *why)
{
	struct fr_url_address url;
	const char *wrong = fr_address_url(fr_str_of(t->secret.s), &url);

	if (wrong != NULL || (!url.https && !url.host.loopback)) {
		(void)snprintf(why->s, sizeof(why->s), "%s: what is in the file %s", what,
			       wrong != NULL ? wrong : "would be sent in clear: an https:// URL is expected");
		return FR_INVALID;
	}
	FR_ASSERT(fr_str_copy(t->url, sizeof(t->url), fr_str_of(t->secret.s)));
	return FR_OK;
}

static enum fr_err read_target(const struct fr_channel *c, struct fr_webhook_target *ret, struct fr_errmsg *why)
{
	char what[FR_CHANNEL_NAME_MAX + 32];
	enum fr_err err = FR_OK;

	(void)snprintf(what, sizeof(what), "alerts.channels.%s", c->name);
	(void)fr_str_copy(ret->name, sizeof(ret->name), fr_str_of(c->name));
	ret->kind = c->kind;
	(void)fr_str_copy(ret->url, sizeof(ret->url), fr_str_of(c->url[0] != '\0' ? c->url : FR_PAGERDUTY_URL));
	if (c->file[0] != '\0')
		err = fr_secret_read(what, c->file, true, &ret->secret, why);
	return err == FR_OK && c->kind == FR_CHANNEL_SLACK ? take_url(what, ret, why) : err;
}

enum fr_err fr_alerts_targets(const struct fr_alerts *a, struct fr_webhook_target ret[FR_CHANNELS_MAX], struct fr_errmsg *why)
{
	enum fr_err err = FR_OK;

	memset(ret, 0, FR_CHANNELS_MAX * sizeof(ret[0]));
	for (size_t i = 0; i < a->n_channels && err == FR_OK; i++)
		err = read_target(&a->channels[i], &ret[i], why);
	return err;
}

enum fr_err fr_alerts_open(struct fr_daemon *d, struct fr_errmsg *why)
{
	struct fr_webhook_target targets[FR_CHANNELS_MAX];
	enum fr_err err = fr_alerts_targets(&d->conf->alerts, targets, why);

	if (err == FR_OK) {
		d->webhook = fr_webhook_new(&d->loop, fr_version(), FR_WEBHOOK_TIMEOUT, why);
		err = d->webhook != NULL ? FR_OK : FR_IO;
	}
	if (err == FR_OK)
		fr_webhook_targets(d->webhook, targets, d->conf->alerts.n_channels);
	explicit_bzero(targets, sizeof(targets));
	return err;
}

bool fr_alerts_test(void *daemon, struct fr_str channel)
{
	return fr_engine_alert_test(((struct fr_daemon *)daemon)->engine, channel);
}

static struct question *question_new(struct fr_daemon *d, uint64_t number)
{
	struct question *q = fr_calloc(1, sizeof(*q));

	q->daemon = d;
	q->number = number;
	return q;
}

static void budget_came(void *question, const struct fr_spending *spending)
{
	struct question q = *(struct question *)question;

	free(question);
	fr_engine_budget_read(q.daemon->engine, q.number, spending);
}

static void totals_came(void *question, bool ok, const struct fr_totals *days, size_t n)
{
	struct question q = *(struct question *)question;

	free(question);
	fr_engine_totals_read(q.daemon->engine, q.number, ok, days, n);
}

static void port_budget_read(void *daemon, uint64_t number, const char *budget, fr_wall start, fr_wall at)
{
	struct fr_daemon *d = daemon;

	fr_store_budget_read(d->store, budget, start, at, budget_came, question_new(d, number));
}

static void port_totals_read(void *daemon, uint64_t number, int64_t from, int64_t to)
{
	struct fr_daemon *d = daemon;

	fr_store_totals_read(d->store, from, to, totals_came, question_new(d, number));
}

static void port_alert_raise(void *daemon, const struct fr_outbox_raise *raise)
{
	fr_store_alert_raise(((struct fr_daemon *)daemon)->store, raise);
}

static void port_alert_take(void *daemon, const struct fr_outbox_take *take)
{
	fr_store_alert_take(((struct fr_daemon *)daemon)->store, take);
}

static void port_alert_end(void *daemon, const struct fr_outbox_end *end)
{
	fr_store_alert_end(((struct fr_daemon *)daemon)->store, end);
}

static void port_deliver(void *daemon, uint64_t token, const struct fr_delivery *delivery)
{
	fr_webhook_deliver(((struct fr_daemon *)daemon)->webhook, token, delivery);
}

void fr_alerts_ports(struct fr_ports *ports)
{
	ports->budget_read = port_budget_read;
	ports->totals_read = port_totals_read;
	ports->alert_raise = port_alert_raise;
	ports->alert_take = port_alert_take;
	ports->alert_end = port_alert_end;
	ports->deliver = port_deliver;
}
