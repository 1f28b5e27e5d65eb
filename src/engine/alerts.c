/* When alerts are looked at, what is remembered of them, and who asks too often. */
#include "engine/alerts_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"

static const fr_ms LOOK_EVERY = { 5 * 1000 }, LOOK_WITHOUT = { 30 * 1000 }, LOOP_KEPT = { 10 * 60 * 1000 };

bool alerts_wanted(const struct fr_engine *e)
{
	return e->policy.alerts != NULL && e->policy.alerts->n_channels > 0;
}

void alerts_soon(struct fr_engine *e, fr_ms after)
{
	fr_ms at = { e->now.v + after.v };
	struct timer *t = &e->alerts->timer;

	if (t->item.at == 0 || t->item.due.v > at.v)
		fr_heap_set(&e->timers, &t->item, at);
}

/* Without channels only for the forecasts. */
static fr_ms look_every(const struct fr_engine *e)
{
	return alerts_wanted(e) ? LOOK_EVERY : LOOK_WITHOUT;
}

static bool looks(const struct fr_engine *e)
{
	return alerts_wanted(e) || e->policy.budgets->n > 0;
}

/* Counting begins with the first rule about it. */
static void prepare(struct fr_engine *e)
{
	struct alerts *a = e->alerts;
	bool counts = alerts_wanted(e) && fr_alerts_repeats(e->policy.alerts) > 0;

	if (counts && a->repeats == NULL)
		a->repeats = fr_repeats_new(e->ports.random(e->ports.ctx));
	if (!counts && a->repeats != NULL) {
		fr_repeats_free(a->repeats);
		a->repeats = NULL;
		a->n_loops = 0;
	}
}

void alerts_begin(struct fr_engine *e)
{
	if (e->alerts == NULL && looks(e)) {
		e->alerts = fr_calloc(1, sizeof *e->alerts);
		e->alerts->timer.due = DUE_ALERTS;
		fr_buf_init(&e->alerts->walk.report, FR_ALERT_TEXT_MAX);
	}
	if (e->alerts == NULL)
		return;
	walk_abort(e);
	memset(e->alerts->tests, 0, sizeof e->alerts->tests); /* channels and budgets have other places */
	memset(e->alerts->outlooks, 0, sizeof e->alerts->outlooks);
	prepare(e);
	e->alerts->next_walk = (fr_ms){ e->now.v + LOOK_EVERY.v };
	if (looks(e))
		alerts_soon(e, LOOK_EVERY);
}

void alerts_free(struct fr_engine *e)
{
	if (e->alerts == NULL)
		return;
	fr_heap_cut(&e->timers, &e->alerts->timer.item);
	fr_buf_free(&e->alerts->walk.report);
	fr_repeats_free(e->alerts->repeats);
	free(e->alerts);
}

bool alerts_idle(const struct fr_engine *e)
{
	return e->alerts == NULL || outbox_idle(e);
}

size_t alerts_pending(const struct fr_engine *e)
{
	return e->alerts == NULL ? 0 : e->alerts->outbox.pending;
}

void alerts_due(struct fr_engine *e)
{
	struct alerts *a = e->alerts;

	outbox_retry(e);
	if (!looks(e) || e->stopping)
		return;
	alerts_soon(e, look_every(e));
	if (alerts_wanted(e))
		outbox_pump(e);
	if (e->now.v < a->next_walk.v)
		return;
	a->next_walk.v = e->now.v + look_every(e).v;
	walk_start(e);
}

void alerts_forecast(const struct fr_engine *e, size_t budget, struct fr_budget_figures *f)
{
	const struct outlook *o = e->alerts == NULL ? NULL : &e->alerts->outlooks[budget];

	if (o == NULL || !o->forecast.known || o->start.v != f->window.start.v || o->limit <= 0 || o->limit == FR_LIMIT_NONE)
		return;
	f->forecast_permille = o->forecast.credits < INT64_MAX / 1000 ? o->forecast.credits * 1000 / o->limit : INT64_MAX;
	f->exhausted_at = o->forecast.exhausted;
}

/* ---- what Redis said before ----------------------------------------------------------------------------------------- */

static struct fr_key key_of(const char *id)
{
	return fr_hash128(0, id, strlen(id));
}

static struct known *find(struct alerts *a, struct fr_key key)
{
	size_t n = a->n_known < ALERTS_KNOWN_MAX ? a->n_known : ALERTS_KNOWN_MAX;

	for (size_t i = 0; i < n; i++)
		if (fr_key_eq(a->known[i].key, key))
			return &a->known[i];
	return NULL;
}

bool alerts_known(const struct fr_engine *e, const char *id)
{
	const struct known *k = find(e->alerts, key_of(id));

	return k != NULL && k->until > e->now.v;
}

void alerts_know(struct fr_engine *e, const char *id, int64_t until)
{
	struct fr_key key = key_of(id);
	struct known *k = find(e->alerts, key);

	if (k == NULL)
		k = &e->alerts->known[e->alerts->n_known++ % ALERTS_KNOWN_MAX];
	*k = (struct known){ key, until };
}

/* ---- clients' loops -------------------------------------------------------------------------------------------------- */

/* The place of this client's loop; one that is over, or else the least of all, gives way. */
static struct loop *loop_of(struct fr_engine *e, const char *client, int64_t count)
{
	struct alerts *a = e->alerts;
	struct loop *least = &a->loops[0];

	for (size_t i = 0; i < a->n_loops; i++)
		if (strcmp(a->loops[i].repeat.client, client) == 0)
			return &a->loops[i];
	if (a->n_loops < ALERTS_LOOPS_MAX)
		return &a->loops[a->n_loops++];
	for (size_t i = 0; i < a->n_loops; i++) {
		if (e->wall.v - a->loops[i].at.v > LOOP_KEPT.v)
			return &a->loops[i];
		if (a->loops[i].repeat.count < least->repeat.count)
			least = &a->loops[i];
	}
	return least->repeat.count < count ? least : NULL;
}

/* Without the mark of whose cache it is. */
static void copy_question(char ret[FR_ALERT_ID_MAX], struct fr_str canon)
{
	canon.n = fr_str_find(canon, '#');
	(void)fr_str_copy(ret, FR_ALERT_ID_MAX, canon);
}

void alerts_asked(struct fr_engine *e, size_t client, const struct fr_question *q)
{
	const char *name = e->policy.roster->clients[client].name;
	struct loop *l;
	int64_t count;

	if (e->alerts == NULL || e->alerts->repeats == NULL || fr_key_none(q->key))
		return;
	count = fr_repeats_saw(e->alerts->repeats, client, q->key, e->now);
	if (count <= fr_alerts_repeats(e->policy.alerts))
		return;
	l = loop_of(e, name, count);
	if (l == NULL || (strcmp(l->repeat.client, name) == 0 && l->repeat.count > count && e->wall.v - l->at.v <= LOOP_KEPT.v))
		return;
	(void)fr_str_copy(l->repeat.client, sizeof l->repeat.client, fr_str_of(name));
	copy_question(l->repeat.question, q->canon);
	l->repeat.count = count;
	l->at = e->wall;
}

/* ---- tests ----------------------------------------------------------------------------------------------------------- */

bool fr_engine_alert_test(struct fr_engine *e, struct fr_str channel)
{
	const struct fr_channel *c = alerts_wanted(e) ? fr_alerts_channel(e->policy.alerts, channel) : NULL;

	if (c == NULL)
		return false;
	engine_enter(e);
	e->alerts->tests[c - e->policy.alerts->channels] = (e->ports.random(e->ports.ctx) >> 2) | 1;
	e->alerts->next_walk = e->now;
	alerts_soon(e, FR_MS(0));
	engine_leave(e);
	return true;
}
