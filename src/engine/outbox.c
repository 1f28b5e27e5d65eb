/* The outbox: what is pending is taken, delivered and ended, a few at a time. What Redis did not hear of an end is said again before anything else is
 * taken: who has it on the list of things to deliver must not deliver it twice. */
#include "engine/alerts_state.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"

/* After an outage those who could not say how a delivery ended say it first. */
static const fr_ms RETRY = { 1000 }, ORPHANED = { 10 * 1000 };

static struct parcel *parcel_in(struct outbox *o, enum parcel_state state)
{
	for (size_t i = 0; i < FR_DELIVERIES_MAX; i++)
		if (o->parcels[i].state == state)
			return &o->parcels[i];
	return NULL;
}

static struct parcel *parcel_of(struct fr_engine *e, enum parcel_state state, uint64_t token)
{
	for (size_t i = 0; e->alerts != NULL && i < FR_DELIVERIES_MAX; i++)
		if (e->alerts->outbox.parcels[i].state == state && e->alerts->outbox.parcels[i].token == token)
			return &e->alerts->outbox.parcels[i];
	return NULL;
}

bool outbox_idle(const struct fr_engine *e)
{
	for (size_t i = 0; i < FR_DELIVERIES_MAX; i++) {
		enum parcel_state state = e->alerts->outbox.parcels[i].state;

		if (state != PARCEL_FREE && (state != PARCEL_UNENDED || e->store_up))
			return false;
	}
	return true;
}

static void end_parcel(struct fr_engine *e, struct parcel *p)
{
	struct fr_outbox_end end = { .owner = p->owner, .id = p->id, .accepted = p->accepted };

	p->state = PARCEL_ENDING;
	p->token = end.number = ++e->alerts->next_number;
	e->ports.alert_end(e->ports.ctx, &end);
}

void outbox_retry(struct fr_engine *e)
{
	struct outbox *o = &e->alerts->outbox;

	for (size_t i = 0; i < FR_DELIVERIES_MAX; i++)
		if (o->parcels[i].state == PARCEL_UNENDED)
			end_parcel(e, &o->parcels[i]);
}

static void take(struct fr_engine *e)
{
	struct outbox *o = &e->alerts->outbox;
	struct fr_outbox_take ask = {
		.number = ++e->alerts->next_number,
		.owner = e->ports.random(e->ports.ctx),
		.orphans = o->reached && e->now.v - o->reached_at.v >= ORPHANED.v,
	};

	o->taking = true;
	o->number = ask.number;
	o->owner = ask.owner;
	o->asked_at = e->now;
	e->ports.alert_take(e->ports.ctx, &ask);
}

/* Takes, as long as there are hands for it. Answers may come from inside the call. */
void outbox_pump(struct fr_engine *e)
{
	struct outbox *o = &e->alerts->outbox;

	o->again = true;
	if (o->pumping)
		return;
	o->pumping = true;
	while (o->again) {
		o->again = false;
		if (!e->stopping && !o->taking && parcel_in(o, PARCEL_UNENDED) == NULL && parcel_in(o, PARCEL_FREE) != NULL)
			take(e);
	}
	o->pumping = false;
}

/* ---- what was taken -------------------------------------------------------------------------------------------------- */

static void deliver(struct fr_engine *e, struct parcel *p, const struct fr_outbox_taken *t)
{
	char channel[FR_CHANNEL_NAME_MAX];
	struct fr_delivery d = { .channel = channel, .id = p->id, .kind = t->kind, .body = t->body };
	struct fr_str name = fr_str_of(t->id);

	name.n = fr_str_find(name, '|');
	(void)fr_str_copy(channel, sizeof channel, name);
	p->state = PARCEL_DELIVERING;
	p->token = ++e->alerts->next_number;
	e->ports.deliver(e->ports.ctx, p->token, &d);
}

static void note_given_up(struct fr_engine *e, size_t n)
{
	if (n == 0)
		return;
	e->tally.counters.alerts_given_up += n;
	engine_note(e, FR_LOG_ERROR, "%zu alerts were given up: their channels have not accepted them for three days", n);
}

/* With an answer that was long on its way somebody else may have it by now. */
static void take_over(struct fr_engine *e, const struct fr_outbox_taken *t)
{
	struct outbox *o = &e->alerts->outbox;
	struct parcel *p = parcel_in(o, PARCEL_FREE);

	o->pending = t->pending;
	note_given_up(e, t->given_up);
	if (!t->taken) {
		if (t->wait.v >= 0)
			alerts_soon(e, (fr_ms){ t->wait.v + 1 });
		return;
	}
	if (e->now.v - o->asked_at.v > FR_OUTBOX_LEASE.v / 2)
		return;
	FR_ASSERT(p != NULL);
	(void)fr_str_copy(p->id, sizeof p->id, fr_str_of(t->id));
	p->owner = o->owner;
	deliver(e, p, t);
	outbox_pump(e);
}

void fr_engine_alert_taken(struct fr_engine *e, const struct fr_outbox_taken *t)
{
	struct outbox *o = e->alerts == NULL ? NULL : &e->alerts->outbox;

	engine_enter(e);
	if (o != NULL && o->taking && o->number == t->number) {
		o->taking = false;
		if (t->known && !o->reached)
			o->reached_at = e->now;
		o->reached = t->known;
		if (t->known)
			take_over(e, t);
	}
	engine_leave(e);
}

void fr_engine_delivered(struct fr_engine *e, uint64_t token, bool accepted)
{
	struct parcel *p = parcel_of(e, PARCEL_DELIVERING, token);

	engine_enter(e);
	if (p != NULL) {
		p->accepted = accepted;
		if (accepted)
			e->tally.counters.alerts_sent++;
		else
			e->tally.counters.alert_failures++;
		end_parcel(e, p);
	}
	engine_leave(e);
}

void fr_engine_alert_ended(struct fr_engine *e, uint64_t number, bool known)
{
	struct parcel *p = parcel_of(e, PARCEL_ENDING, number);

	engine_enter(e);
	if (p != NULL) {
		p->state = known ? PARCEL_FREE : PARCEL_UNENDED;
		if (known && p->accepted)
			alerts_know(e, p->id, INT64_MAX);
		if (known)
			outbox_pump(e);
		else
			alerts_soon(e, RETRY);
	}
	engine_leave(e);
}
