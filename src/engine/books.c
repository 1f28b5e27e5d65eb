/* Credits are leased from Redis a few at a time: as many as flights wait for, and as many again as went lately. What is held and not needed goes
 * back twice a second; a budget that nobody uses is looked at every five seconds, so that what other instances spend is known here, too. */
#include "base/assert.h"
#include "engine/state.h"

#include <string.h>

static const fr_ms TICK = { 500 }, LOOK_EVERY = { 5000 }, RETRY = { 200 };

/* A life that is not written down may be the next one's, too: nothing is said in its name. */
static bool begun(const struct fr_engine *e)
{
	uint64_t unwritten = fr_ledger_unwritten(e->ledger);

	return unwritten == 0 || unwritten > e->gate.life;
}

bool lease_held(const struct fr_engine *e)
{
	if (e->gate.owed && begun(e))
		return true;
	for (size_t i = 0; i < e->gate.n; i++)
		if (e->gate.purses[i].held > 0 || e->gate.purses[i].taken > 0)
			return true;
	return false;
}

void lease_soon(struct fr_engine *e, fr_ms after)
{
	fr_ms at = { e->now.v + after.v };
	struct timer *t = &e->gate.timer;

	if (e->gate.n > 0 && (t->item.at == 0 || t->item.due.v > at.v))
		fr_heap_set(&e->timers, &t->item, at);
}

/* Others wait for an instance that has not spoken since Redis was started again. */
static bool must_speak(const struct fr_engine *e)
{
	return e->gate.away || e->gate.healed != e->gate.run || (e->gate.n > 0 && e->gate.purses[0].settling);
}

void lease_later(struct fr_engine *e)
{
	int64_t left = e->gate.ticked.v + TICK.v - e->now.v;
	bool news = lease_held(e) || must_speak(e);

	lease_soon(e, e->gate.n_waiting > 0 ? RETRY : news ? FR_MS(left > 0 ? left : 0) : LOOK_EVERY);
}

/* Credits that flights wait for, budget by budget. */
static void needs(const struct fr_engine *e, int64_t ret[FR_BUDGETS_MAX])
{
	memset(ret, 0, FR_BUDGETS_MAX * sizeof ret[0]);
	for (size_t p = 0; p < FR_PRIORITIES; p++)
		for (struct fr_list *l = e->gate.waiting[p].next; l != &e->gate.waiting[p]; l = l->next) {
			const struct flight *f = FR_OF(l, struct flight, in_gate);

			for (size_t i = 0; i < e->gate.n; i++)
				if (fr_budget_covers(&e->policy.budgets->at[i], &f->spender))
					ret[i] += f->question.endpoint->price;
		}
}

static void ask_redis(struct fr_engine *e)
{
	struct fr_lease_ask ask = {
		.life = e->gate.life,
		.number = ++e->gate.number,
		.healed = e->gate.healed,
		.veteran = e->gate.veteran,
		.alone = e->policy.alone,
		.n = e->gate.n,
	};
	int64_t need[FR_BUDGETS_MAX];

	needs(e, need);
	for (size_t i = 0; i < e->gate.n; i++) {
		const struct fr_purse *p = &e->gate.purses[i];

		ask.lines[i] = (struct fr_lease_line){
			.budget = e->policy.budgets->at[i].name,
			.start = p->window.start,
			.limit = e->policy.budgets->at[i].credits,
			.outstanding = fr_purse_outstanding(p),
			.want = fr_purse_want(p, need[i]),
			.lost = p->lost,
		};
	}
	e->gate.sent = true;
	e->gate.owed = false;
	e->gate.asked_at = e->wall;
	e->ports.lease(e->ports.ctx, &ask);
}

/* Before the watermark is known it is not known either what an earlier life has spent and Redis does not have; while a batch is on its way, Redis may
 * have counted already what is called outstanding here, and would take it for used twice. */
static bool sure(const struct fr_engine *e)
{
	return fr_ledger_known(e->ledger) && !e->ledger_sent && begun(e);
}

/* What is held follows what went since the last tick: what is too much goes back, what is missing is asked for before somebody waits for it. */
static void adjust(struct fr_engine *e)
{
	int64_t need[FR_BUDGETS_MAX];

	needs(e, need);
	for (size_t i = 0; i < e->gate.n; i++) {
		struct fr_purse *p = &e->gate.purses[i];

		e->gate.owed = fr_purse_settle(p, need[i]) || fr_purse_want(p, need[i]) > 0 || e->gate.owed;
	}
}

static void tick(struct fr_engine *e)
{
	e->gate.ticked = e->now;
	for (size_t i = 0; i < e->gate.n; i++)
		fr_purse_tick(&e->gate.purses[i]);
}

static bool heard_lately(const struct fr_engine *e)
{
	for (size_t i = 0; i < e->gate.n; i++)
		if (!e->gate.purses[i].known || e->now.v - e->gate.purses[i].told_at.v >= LOOK_EVERY.v)
			return false;
	return true;
}

void lease_due(struct fr_engine *e)
{
	bool waits = e->gate.n_waiting > 0, due = e->now.v - e->gate.ticked.v >= TICK.v;

	gate_roll(e);
	if (due && !e->gate.away && e->store_up) /* what cannot go back is better spent here */
		adjust(e);
	if (e->gate.n > 0 && !e->gate.sent && sure(e) && (e->gate.owed || waits || must_speak(e) || !heard_lately(e)))
		ask_redis(e);
	else if (waits && !(fr_ledger_known(e->ledger) && begun(e)))
		gate_review(e, false); /* there will be no answer, since nothing can be asked */
	if (due)
		tick(e);
	lease_later(e);
}

void lease_return(struct fr_engine *e)
{
	tick(e);
	for (size_t i = 0; i < e->gate.n; i++)
		(void)fr_purse_settle(&e->gate.purses[i], 0);
	e->gate.owed = e->gate.n > 0;
	if (e->gate.owed && !e->gate.sent && sure(e))
		ask_redis(e);
}

void lease_resume(struct fr_engine *e, bool confirmed)
{
	bool news = confirmed && (e->gate.run == 0 || e->gate.healed != e->gate.run);

	if (confirmed)
		e->gate.healed = e->gate.run;
	if (e->gate.n_waiting > 0 || (confirmed && e->gate.owed) || news)
		lease_soon(e, FR_MS(0));
}

/* What Redis has lost of the records is to be found out first. */
static void meet(struct fr_engine *e, uint64_t run)
{
	e->gate.veteran = true;
	if (run == e->gate.run)
		return;
	e->gate.run = run;
	e->gate.healed = 0;
	ledger_soon(e);
}

/* An answer about a window that is over since says nothing any more. Returns the credits that came with it. */
static int64_t take_word(struct fr_engine *e, const struct fr_lease_told *told)
{
	int64_t granted = 0;

	FR_ASSERT(told->n <= e->gate.n);
	for (size_t i = 0; i < told->n; i++)
		if (fr_purse_in(&e->gate.purses[i], e->gate.asked_at)) {
			e->gate.owed = fr_purse_told(&e->gate.purses[i], &told->lines[i], told->settling, e->now) || e->gate.owed;
			granted += told->lines[i].granted;
		}
	return granted;
}

void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told)
{
	int64_t granted = 0;

	engine_enter(e);
	if (told->number == e->gate.number && e->gate.sent) {
		e->gate.sent = false;
		e->store_up = told->known;
		e->gate.away = !told->known;
		e->gate.owed = e->gate.owed || !told->known;
		if (told->known) {
			e->gate.n_instances = told->instances;
			meet(e, told->run);
			granted = take_word(e, told);
		}
		gate_review(e, told->known);
		/* grants get smaller towards the end: there may be more */
		if (told->known && (e->gate.owed || (granted > 0 && e->gate.n_waiting > 0)))
			lease_soon(e, FR_MS(0));
		lease_later(e);
	}
	engine_leave(e);
}

/* Budgets have other places or other terms: all that is held and reserved is void, and so is the question on its way. Redis hears of it with the
 * next one. */
void fr_engine_reloaded(struct fr_engine *e)
{
	engine_enter(e);
	fr_memo_clear(e->memo);
	fr_heads_clear(&e->heads);
	study_reloaded(e);
	block_reloaded(e);
	gate_begin(e);
	e->gate.sent = false;
	e->gate.owed = e->gate.n > 0;
	e->gate.number++;
	lease_soon(e, FR_MS(0));
	gate_review(e, true);
	compose_forget_needs(e);
	alerts_begin(e);
	engine_leave(e);
}

void fr_engine_budgets_look(struct fr_engine *e)
{
	engine_enter(e);
	e->gate.owed = e->gate.n > 0;
	for (size_t i = 0; i < e->gate.n; i++)
		e->gate.purses[i].told_at.v -= LOOK_EVERY.v;
	lease_soon(e, FR_MS(0));
	engine_leave(e);
}
