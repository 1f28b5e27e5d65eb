/* The walk: looks at one subject after the other and raises what is due. One question at a time, so that an outage of Redis ends it and nothing piles
 * up; the next walk begins anew. */
#include "engine/alerts_state.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/alert_body.h"

/* How long an alert that is not delivered yet is taken to stand in the outbox: Redis may lose its last seconds. */
static const fr_ms PENDING_TRUSTED = { 60 * 1000 };

uint64_t walk_question(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;

	w->waiting = true;
	w->number = ++e->alerts->next_number;
	return w->number;
}

bool walk_answered(struct fr_engine *e, uint64_t number)
{
	struct walk *w = e->alerts == NULL ? NULL : &e->alerts->walk;

	if (w == NULL || !w->waiting || w->number != number)
		return false;
	w->waiting = false;
	return true;
}

void walk_abort(struct fr_engine *e)
{
	e->alerts->walk.step = WALK_IDLE;
	e->alerts->walk.waiting = false;
}

void walk_start(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;

	if (w->step != WALK_IDLE)
		return;
	w->step = WALK_LOOK;
	w->subject = SUBJECT_BUDGET;
	w->at = w->n_facts = w->n_due = 0;
	walk_go(e);
}

/* The days that tell what the credits were spent on: those of the window; for the report the day before. */
static void ask_totals(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;
	int64_t to = fr_units_day(e->wall), from;

	if (w->subject == SUBJECT_REPORT)
		from = to = fr_units_day(w->due[0].window) - 1;
	else
		from = fr_units_day(w->facts[w->n_facts - 1].window.start);
	FR_ASSERT(from <= to && to - from < FR_REPORT_DAYS_MAX);
	e->ports.totals_read(e->ports.ctx, walk_question(e), from, to);
}

static void take_totals(struct fr_engine *e, const struct fr_totals *days, size_t n)
{
	struct walk *w = &e->alerts->walk;
	int64_t spent[FR_ENDPOINTS_MAX] = { 0 };

	w->step = WALK_RAISE;
	if (w->subject == SUBJECT_REPORT) {
		fr_buf_clear(&w->report);
		if (n != 1 || fr_alert_report(&w->report, e->catalogue, &days[0], w->facts, w->n_facts) != FR_OK)
			walk_abort(e);
		return;
	}
	fr_tops_add(spent, days, n);
	fr_tops_of(&w->tops, e->catalogue, spent, w->facts[w->n_facts - 1].budget->scope == FR_SCOPE_ALL ? "" : "of all classes");
}

void fr_engine_totals_read(struct fr_engine *e, uint64_t number, bool known, const struct fr_totals *days, size_t n)
{
	engine_enter(e);
	if (walk_answered(e, number)) {
		if (known)
			take_totals(e, days, n);
		else
			walk_abort(e);
		walk_go(e);
	}
	engine_leave(e);
}

/* ---- raising --------------------------------------------------------------------------------------------------------- */

static void describe(const struct fr_engine *e, const struct fr_alert_due *d, struct fr_alert *ret)
{
	const struct walk *w = &e->alerts->walk;

	memset(ret, 0, sizeof *ret);
	ret->kind = d->kind;
	ret->threshold = d->threshold;
	ret->window = d->window;
	walk_scope(e, d, ret->scope);
	fr_alert_id(ret->id, &e->policy.alerts->channels[d->channel], d->kind, ret->scope, d->threshold, d->window);
	if (w->subject == SUBJECT_BUDGET) {
		ret->facts = &w->facts[w->n_facts - 1];
		ret->tops = &w->tops;
	}
	if (w->subject == SUBJECT_LOOP)
		ret->repeat = &e->alerts->loops[w->at].repeat;
}

static void name_lower(const struct fr_engine *e, const struct fr_alert_due *d, const struct fr_alert *a,
		       struct fr_outbox_raise *ret)
{
	const struct fr_alerts *all = e->policy.alerts;

	for (size_t i = 0; i < all->n_rules; i++)
		if ((d->lower >> i & 1) != 0)
			fr_alert_id(ret->lower[ret->n_lower++], &all->channels[d->channel], d->kind, a->scope,
				    all->rules[i].threshold, d->window);
}

/* The text of a report is there already; the ceilings hold the longest of all others. */
static void write_body(struct fr_engine *e, struct fr_alert *a, enum fr_channel_kind kind, struct fr_buf *body)
{
	struct fr_buf text;

	fr_buf_init(&text, FR_ALERT_TEXT_MAX);
	if (a->kind == FR_ALERT_REPORT) {
		a->text = fr_buf_str(&e->alerts->walk.report);
	} else {
		FR_ASSERT(fr_alert_text(&text, a) == FR_OK);
		a->text = fr_buf_str(&text);
	}
	FR_ASSERT(fr_alert_body(body, kind, a) == FR_OK);
	fr_buf_free(&text);
}

static void raise_one(struct fr_engine *e, const struct fr_alert_due *d)
{
	const struct fr_channel *c = &e->policy.alerts->channels[d->channel];
	struct fr_outbox_raise raise = { .number = walk_question(e), .kind = c->kind };
	struct fr_alert a;
	struct fr_buf body;

	describe(e, d, &a);
	name_lower(e, d, &a, &raise);
	fr_buf_init(&body, FR_ALERT_BODY_MAX);
	write_body(e, &a, c->kind, &body);
	(void)fr_str_copy(e->alerts->walk.id, sizeof e->alerts->walk.id, fr_str_of(a.id));
	raise.id = e->alerts->walk.id;
	raise.body = fr_buf_str(&body);
	e->ports.alert_raise(e->ports.ctx, &raise);
	fr_buf_free(&body);
}

static void take_state(struct fr_engine *e, enum fr_outbox_state state)
{
	struct walk *w = &e->alerts->walk;
	const struct fr_alert_due *d = &w->due[w->due_at++];

	if (d->kind == FR_ALERT_TEST && state != FR_OUTBOX_FULL)
		e->alerts->tests[d->channel] = 0;
	else
		alerts_know(e, w->id, state == FR_OUTBOX_DONE ? INT64_MAX : e->now.v + PENDING_TRUSTED.v);
	if (state == FR_OUTBOX_RAISED) {
		engine_note(e, FR_LOG_INFO, "alert raised: %s", w->id);
		outbox_pump(e);
	}
}

void fr_engine_alert_raised(struct fr_engine *e, uint64_t number, enum fr_outbox_state state)
{
	engine_enter(e);
	if (walk_answered(e, number)) {
		if (state == FR_OUTBOX_UNKNOWN)
			walk_abort(e);
		else
			take_state(e, state);
		walk_go(e);
	}
	engine_leave(e);
}

static void raise_next(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;

	if (w->due_at < w->n_due) {
		raise_one(e, &w->due[w->due_at]);
		return;
	}
	w->at++;
	w->step = WALK_LOOK;
}

void walk_go(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;

	if (w->walking)
		return;
	w->walking = true;
	while (!w->waiting && w->step != WALK_IDLE && !e->stopping) {
		switch (w->step) {
		case WALK_LOOK: walk_look(e); break;
		case WALK_TOTALS: ask_totals(e); break;
		case WALK_RAISE: raise_next(e); break;
		case WALK_IDLE: break;
		}
	}
	w->walking = false;
}
