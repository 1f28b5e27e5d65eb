/* A flight that wants to call first takes a credit from the purse of every budget that covers it; all of them, or it waits. Those that cannot
 * be had now may come back: from calls that are not billed, from instances that do not need them. So a flight waits for a moment before it is
 * refused, unless the budget is known to be spent. */
#include "base/assert.h"
#include "core/figures.h"
#include "core/ladder.h"
#include "core/problem.h"
#include "engine/state.h"

/* Idle leases come back within a second; what takes longer is most likely on its way to be spent. */
static const fr_ms PATIENCE = { 10000 }, PATIENCE_SCARCE = { 3000 }, PATIENCE_UNKNOWN = { 1000 };
/* What Redis said of a budget that is spent holds for so long without asking again. */
static const fr_ms BELIEVE = { 1000 };

enum verdict { GO, WAIT, REFUSE };

static const struct fr_budget *budget(const struct fr_engine *e, size_t i)
{
	return &e->policy.budgets->at[i];
}

static uint64_t bit(size_t i)
{
	return UINT64_C(1) << i;
}

static uint64_t covering(const struct fr_engine *e, const struct fr_spender *who)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < e->gate.n; i++)
		if (fr_budget_covers(budget(e, i), who))
			mask |= bit(i);
	return mask;
}

/* What flights have reserved of a window that is over is void. */
static void void_reservations(struct fr_engine *e, size_t i)
{
	for (struct fr_map_link *l = fr_map_next(&e->tokens, NULL); l != NULL; l = fr_map_next(&e->tokens, l))
		FR_OF(l, struct flight, by_token)->reserved &= ~bit(i);
}

static void begin(struct fr_engine *e, size_t i)
{
	struct fr_window w = fr_budget_window(e->policy.budgets, budget(e, i), e->wall);

	void_reservations(e, i);
	fr_purse_begin(&e->gate.purses[i], w, budget(e, i)->credits, fr_ledger_owed(e->ledger, budget(e, i), w));
}

void gate_roll(struct fr_engine *e)
{
	for (size_t i = 0; i < e->gate.n; i++)
		if (!fr_purse_in(&e->gate.purses[i], e->wall))
			begin(e, i);
}

void gate_init(struct fr_engine *e)
{
	struct gate *g = &e->gate;

	for (size_t p = 0; p < FR_PRIORITIES; p++)
		fr_list_init(&g->waiting[p]);
	g->timer.due = DUE_LEASE;
	g->n_instances = 1;
	g->number = e->wall.v > 0 ? (uint64_t)e->wall.v : 0;
	gate_begin(e);
}

void gate_begin(struct fr_engine *e)
{
	e->gate.n = e->policy.budgets->n;
	for (size_t i = 0; i < FR_BUDGETS_MAX; i++)
		void_reservations(e, i);
	for (size_t i = 0; i < e->gate.n; i++)
		begin(e, i);
}

static void put_back(struct fr_engine *e, struct flight *f, uint64_t mask)
{
	for (size_t i = 0; i < e->gate.n; i++)
		if ((f->reserved & mask & bit(i)) != 0)
			fr_purse_put_back(&e->gate.purses[i], f->question.endpoint->price);
	if ((f->reserved & mask) != 0)
		lease_later(e); /* they are idle here, and others may wait for them */
	f->reserved &= ~mask;
}

static bool take(struct fr_engine *e, struct flight *f, uint64_t mask)
{
	int64_t price = f->question.endpoint->price;

	for (size_t i = 0; i < e->gate.n; i++)
		if ((mask & bit(i)) != 0 && e->gate.purses[i].held < price)
			return false;
	for (size_t i = 0; i < e->gate.n; i++)
		if ((mask & bit(i)) != 0)
			FR_ASSERT(fr_purse_take(&e->gate.purses[i], price));
	f->reserved |= mask;
	return true;
}

/* The class of work stops here before the budget is empty. */
static bool stopped(const struct fr_engine *e, const struct flight *f, const struct fr_purse *p)
{
	return p->known && fr_ladder_stops(e->settings, f->spender.priority, fr_purse_permille(p));
}

/* The budget for which a flight has to be refused now; e->gate.n: none. */
static size_t refusing(const struct fr_engine *e, const struct flight *f, uint64_t mask)
{
	size_t i = 0;

	for (; i < e->gate.n; i++) {
		const struct fr_purse *p = &e->gate.purses[i];
		fr_ms waited = { e->now.v - (f->gated.v > p->since.v ? f->gated.v : p->since.v) };
		enum fr_purse_state state = fr_purse_state(p);

		if ((mask & bit(i)) == 0)
			continue;
		if (stopped(e, f, p))
			break;
		if ((f->reserved & bit(i)) != 0 || p->held >= f->question.endpoint->price)
			continue;
		if ((state == FR_PURSE_EMPTY && e->now.v - p->told_at.v < BELIEVE.v) ||
		    (p->known && waited.v >= (state == FR_PURSE_SCARCE ? PATIENCE_SCARCE.v : PATIENCE.v)))
			break;
	}
	return i;
}

static void refuse_unknown(struct fr_engine *e, struct flight *f, const char *reason)
{
	struct fr_refusal why;

	fr_problem_set(&why, FR_PROBLEM_BUDGET_UNKNOWN,
		       "%s, and this instance holds no credits of the budgets that cover the call", reason);
	settle_budget(e, f, &why, FR_SECONDS(1));
}

static void refuse_for(struct fr_engine *e, struct flight *f, size_t i)
{
	const struct fr_purse *p = &e->gate.purses[i];
	bool spent = fr_purse_state(p) == FR_PURSE_EMPTY || stopped(e, f, p);
	fr_ms retry = spent ? FR_MS(p->window.end.v - e->wall.v) : FR_SECONDS(1);
	char shown[FR_WINDOW_NAME_MAX];
	struct fr_refusal why;

	if (fr_purse_state(p) == FR_PURSE_SETTLING && !spent) {
		refuse_unknown(e, f, "Redis was started again and waits for the other instances");
		return;
	}
	fr_window_show(budget(e, i)->window, &e->policy.budgets->zones[budget(e, i)->zone], budget(e, i)->start_day, p->window,
		       shown);
	if (fr_purse_permille(p) < 1000 && spent)
		fr_problem_set(&why, FR_PROBLEM_QUOTA,
			       "the budget %s stands at %lld of %lld credits in %s; work of class %s stops before it is used up",
			       budget(e, i)->name, (long long)fr_purse_used(p), (long long)p->limit, shown,
			       fr_priority_name(f->spender.priority));
	else
		fr_problem_set(&why, FR_PROBLEM_QUOTA, "the budget %s is used up: %lld of %lld credits in %s%s",
			       budget(e, i)->name, (long long)fr_purse_used(p), (long long)p->limit, shown,
			       spent ? "" : "; the last ones are on their way and may come back");
	if (budget(e, i)->scope != FR_SCOPE_TENANT) {
		settle_budget(e, f, &why, retry);
	} else if (settle_tenant(e, f, &why, retry)) {
		gate_leave(e, f);
		gate_enter(e, f);
	}
}

static enum verdict look(struct fr_engine *e, struct flight *f, size_t *ret_refusing)
{
	uint64_t mask = covering(e, &f->spender);

	put_back(e, f, ~mask);
	*ret_refusing = refusing(e, f, mask);
	if (*ret_refusing < e->gate.n)
		return REFUSE;
	return take(e, f, mask & ~f->reserved) ? GO : WAIT;
}

static void stand(struct fr_engine *e, struct flight *f)
{
	if (!fr_list_empty(&f->in_gate))
		return;
	fr_list_push(&e->gate.waiting[f->spender.priority], &f->in_gate);
	e->gate.n_waiting++;
}

static void step_away(struct fr_engine *e, struct flight *f)
{
	if (fr_list_empty(&f->in_gate))
		return;
	fr_list_cut(&f->in_gate);
	e->gate.n_waiting--;
}

void gate_enter(struct fr_engine *e, struct flight *f)
{
	size_t i;

	gate_roll(e);
	f->gated = e->now;
	switch (look(e, f, &i)) {
	case GO: line_join(e, f); break;
	case REFUSE: refuse_for(e, f, i); break;
	case WAIT:
		stand(e, f);
		lease_soon(e, FR_MS(0));
		break;
	}
}

void gate_leave(struct fr_engine *e, struct flight *f)
{
	step_away(e, f);
	put_back(e, f, ~UINT64_C(0));
}

bool gate_pass(struct fr_engine *e, struct flight *f)
{
	uint64_t mask;

	gate_roll(e);
	mask = covering(e, &f->spender);
	put_back(e, f, ~mask);
	if (f->reserved == mask)
		return true;
	gate_enter(e, f);
	return false;
}

void gate_opened(struct fr_engine *e, struct flight *f)
{
	for (size_t i = 0; i < e->gate.n; i++)
		if ((f->reserved & bit(i)) != 0)
			fr_purse_call(&e->gate.purses[i], f->question.endpoint->price);
	f->reserved = 0;
	f->opened = e->wall;
	f->price = f->question.endpoint->price;
}

/* The purse to which a call belongs: a budget that covers it, in the window in which it left. */
static bool concerns(const struct fr_engine *e, size_t i, const struct fr_spender *who, fr_wall opened)
{
	return fr_budget_covers(budget(e, i), who) && fr_purse_in(&e->gate.purses[i], opened);
}

void gate_closed(struct fr_engine *e, const struct flight *f, int64_t credits)
{
	for (size_t i = 0; i < e->gate.n; i++)
		if (concerns(e, i, &f->spender, f->opened))
			e->gate.owed = fr_purse_close(&e->gate.purses[i], f->price, credits) || e->gate.owed;
	if (e->gate.n_waiting > 0)
		lease_soon(e, FR_MS(0));
	else
		lease_later(e);
}

void gate_applied(struct fr_engine *e, uint64_t from, uint64_t to)
{
	for (uint64_t seq = from; seq <= to && e->gate.n > 0; seq++) {
		const struct fr_ledger_entry *r = fr_ledger_at(e->ledger, seq);
		struct fr_spender who;

		if (r == NULL || r->kind != FR_JOURNAL_CLOSE || r->credits == 0)
			continue;
		who = (struct fr_spender){ r->tenant, r->row, (enum fr_priority)r->priority };
		for (size_t i = 0; i < e->gate.n; i++)
			if (concerns(e, i, &who, r->opened))
				fr_purse_applied(&e->gate.purses[i], r->credits);
	}
}

/* A call whose record is gone, with the numbers of which Redis knows others, is in no count any more, and its end lowers none. */
void gate_recount(struct fr_engine *e, bool wiped)
{
	for (struct fr_map_link *l = fr_map_next(&e->tokens, NULL); l != NULL; l = fr_map_next(&e->tokens, l)) {
		struct flight *f = FR_OF(l, struct flight, by_token);

		if (f->state == FR_FLIGHT_FETCH && fr_ledger_at(e->ledger, f->record) == NULL)
			f->price = 0;
	}
	for (size_t i = 0; i < e->gate.n; i++)
		fr_purse_recount(&e->gate.purses[i], fr_ledger_owed(e->ledger, budget(e, i), e->gate.purses[i].window), wiped);
}

/* One flight that waits. A refusal or a launch may end others on the way; the walk begins again from where it stood. */
static void review_one(struct fr_engine *e, struct flight *f, bool redis_answers)
{
	size_t i;

	switch (look(e, f, &i)) {
	case GO:
		step_away(e, f);
		line_join(e, f);
		break;
	case REFUSE: refuse_for(e, f, i); break;
	case WAIT:
		if (!redis_answers && e->now.v - f->gated.v >= PATIENCE_UNKNOWN.v)
			refuse_unknown(e, f, e->journal_up ? "Redis is away" : "the journal cannot be written");
		break;
	}
}

void gate_review(struct fr_engine *e, bool redis_answers)
{
	gate_roll(e);
	for (size_t p = 0; p < FR_PRIORITIES; p++) {
		struct fr_list todo;

		fr_list_init(&todo);
		while (!fr_list_empty(&e->gate.waiting[p]))
			fr_list_push(&todo, fr_list_pop(&e->gate.waiting[p]));
		while (!fr_list_empty(&todo)) {
			struct fr_list *link = fr_list_pop(&todo);

			fr_list_push(&e->gate.waiting[p], link);
			review_one(e, FR_OF(link, struct flight, in_gate), redis_answers);
		}
	}
}

struct fr_budget_note gate_note(const struct fr_engine *e, const struct fr_spender *who)
{
	struct fr_budget_note note = { .budget = NULL };

	for (size_t i = 0; i < e->gate.n; i++) {
		const struct fr_purse *p = &e->gate.purses[i];
		int64_t permille = fr_purse_permille(p), left = fr_purse_left(p);

		if (!p->known || !fr_purse_in(p, e->wall) || !fr_budget_covers(budget(e, i), who))
			continue;
		if (note.budget == NULL || left < note.left)
			note.left = left;
		if (note.budget == NULL || permille > note.permille) {
			note.budget = budget(e, i)->name;
			note.permille = permille;
		}
	}
	if (note.budget != NULL)
		note.step = fr_ladder_step(e->settings, note.permille);
	return note;
}

size_t fr_engine_budget_figures(const struct fr_engine *e, struct fr_budget_figures *ret, size_t max)
{
	size_t n = e->gate.n < max ? e->gate.n : max;

	for (size_t i = 0; i < n; i++) {
		const struct fr_purse *p = &e->gate.purses[i];

		ret[i] = (struct fr_budget_figures){
			.name = budget(e, i)->name,
			.kind = budget(e, i)->window,
			.window = p->window,
			.limit = p->limit,
			.spent = p->spent,
			.outstanding = p->outstanding,
			.held = p->held,
			.known = p->known,
			.permille = fr_purse_permille(p),
			.step = fr_ladder_step(e->settings, fr_purse_permille(p)),
			.drift = p->called - fr_ledger_owed(e->ledger, budget(e, i), p->window),
			.forecast_permille = -1,
		};
		alerts_forecast(e, i, &ret[i]);
		fr_window_show(budget(e, i)->window, &e->policy.budgets->zones[budget(e, i)->zone], budget(e, i)->start_day,
			       p->window, ret[i].shown);
	}
	return n;
}
