#include "base/assert.h"
#include "engine/state.h"

static void refuse_busy(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have)
{
	struct served how = rescued();
	struct fr_refusal why;

	if (serve_rescue(e, a, q, have, &how))
		return;
	if (e->stopping)
		fr_problem_set(&why, FR_PROBLEM_STOPPING, "frugald is stopping and starts no new calls");
	else
		fr_problem_set(&why, FR_PROBLEM_OVERLOADED, "%zu requests wait for %zu questions", e->n_waiters, e->n_flights);
	refuse(e, a, q->endpoint->index, q->endpoint->price, &why, FR_OUTCOME_OVERLOADED, FR_SECONDS(1), NULL);
}

/* Nothing is ever stored for a path without a row, so there is nothing to look for. */
static void refuse_uncached(struct fr_engine *e, const struct asker *a, const struct fr_question *q)
{
	struct fr_refusal why;

	fr_problem_set(&why, FR_PROBLEM_NOT_CACHED, "ask without only-if-cached to have it fetched");
	refuse(e, a, q->endpoint->index, q->endpoint->price, &why, FR_OUTCOME_NOT_CACHED, FR_MS(0), NULL);
}

static bool full(const struct fr_engine *e)
{
	return e->stopping || e->n_waiters >= FR_WAITERS_MAX || e->n_flights >= FR_FLIGHTS_MAX;
}

static struct flight *flight_for(const struct fr_engine *e, struct fr_key key)
{
	struct fr_map_link *link = fr_map_find(&e->flights, key);

	return link == NULL ? NULL : FR_OF(link, struct flight, by_key);
}

static void start_alone(struct fr_engine *e, const struct asker *a, const struct fr_question *q, enum fr_reason reason,
			bool look_only, struct fr_str client_key)
{
	struct flight *f;

	if (full(e)) {
		refuse_busy(e, a, q, NULL);
		return;
	}
	f = flight_new(e, q, reason, true, &a->standing, client_key);
	f->needs = a->needs.bits;
	f->look_only = look_only;
	waiter_new(e, f, a);
	fly_start(e, f);
}

void route_peek(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key)
{
	struct flight *f;

	if (full(e)) {
		refuse_busy(e, a, q, NULL);
		return;
	}
	f = flight_new(e, q, FR_REASON_MISS, true, &a->standing, client_key);
	f->peek = true;
	f->look_only = a->wish.only_if_cached;
	waiter_new(e, f, a);
	fly_start(e, f);
}

/* Joins the question's flight, or starts it. */
static void fly(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		enum fr_reason reason, struct fr_str client_key)
{
	struct flight *f = flight_for(e, q->key);

	if (f != NULL && f->state == FR_FLIGHT_HELD) {
		settle_join_held(e, f, a);
		return;
	}
	if (f != NULL && e->n_waiters < FR_WAITERS_MAX) {
		waiter_new(e, f, a);
		fly_hurry(e, f);
		return;
	}
	if (full(e)) {
		refuse_busy(e, a, q, have);
		return;
	}
	f = flight_new(e, q, reason, false, &a->standing, client_key);
	f->needs = a->needs.bits;
	if (have != NULL)
		flight_saw(f, have);
	waiter_new(e, f, a);
	fly_start(e, f);
}

/* Half of the places are kept for requests that wait. */
void route_refresh(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		   struct fr_str client_key)
{
	struct flight *f;

	if (e->stopping || e->n_flights >= FR_FLIGHTS_MAX / 2 || flight_for(e, q->key) != NULL)
		return;
	f = flight_new(e, q, FR_REASON_REFRESH, false, &a->standing, client_key);
	f->needs = a->needs.bits;
	flight_saw(f, have);
	fly_start(e, f);
}

static void serve_stored(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
			 struct fr_view view, enum fr_plan plan)
{
	struct served s = { .answer = have, .view = view, .outcome = outcome_of(plan, have) };

	serve(e, a, q, &s);
}

static bool serves(const struct fr_plan_facts *facts, const struct fr_answer *have)
{
	return have != NULL && fr_plan_ask(facts) == FR_PLAN_SERVE && have->verdict == FR_VERDICT_DATA;
}

/* What is not served as it is may be known better, or not be known any more, once all is learnt that came before. The answer that is to be used is
 * held. */
static struct fr_plan_facts facts_of(struct fr_engine *e, const struct asker *a, const struct fr_question *q,
				     struct fr_answer **have)
{
	struct fr_plan_facts facts = plan_facts(e, a, q, *have);
	struct fr_answer *known;

	if (*have != NULL)
		fr_answer_hold(*have);
	if (serves(&facts, *have) || !study_finish(e))
		return facts;
	known = purge_known(e, q);
	if (*have != NULL && purge_ended(e, q, *have)) {
		fr_answer_drop(*have);
		*have = NULL;
	}
	if (known != NULL && (*have == NULL || known->stored.v > (*have)->stored.v)) {
		fr_answer_drop(*have);
		*have = fr_answer_hold(known);
	}
	return plan_facts(e, a, q, *have);
}

/* A stale answer is held, since its refresh may replace it. */
void route_with(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		struct fr_str client_key)
{
	struct fr_plan_facts facts = facts_of(e, a, q, &have);
	enum fr_plan plan;

	facts.refreshing = flight_for(e, q->key) != NULL;
	plan = fr_plan_ask(&facts);
	if (plan != FR_PLAN_SERVE && compose_serve(e, a, q, have)) {
		fr_answer_drop(have);
		return;
	}
	switch (plan) {
	case FR_PLAN_SERVE:
	case FR_PLAN_SERVE_ASKED:
	case FR_PLAN_SERVE_STALE:
	case FR_PLAN_SERVE_SELDOM:
	case FR_PLAN_SERVE_SPARED: serve_stored(e, a, q, have, facts.view, plan); break;
	case FR_PLAN_SERVE_AND_REFRESH:
		serve_stored(e, a, q, have, facts.view, plan);
		route_refresh(e, a, q, have, client_key);
		break;
	case FR_PLAN_LOOK: start_alone(e, a, q, FR_REASON_MISS, true, client_key); break;
	case FR_PLAN_FLY_FORCED: fly(e, a, q, have, FR_REASON_FORCED, client_key); break;
	default: fly(e, a, q, have, have != NULL ? FR_REASON_EXPIRED : FR_REASON_MISS, client_key); break;
	}
	fr_answer_drop(have);
}

/* What memory holds decides. */
static void route_known(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key)
{
	if (!block_route(e, a, q, client_key))
		route_with(e, a, q, purge_known(e, q), client_key);
}

void route(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key)
{
	struct fr_question resolved;
	struct fr_arena mem;
	uint64_t id;

	if (q->endpoint->is_other && a->wish.only_if_cached) {
		refuse_uncached(e, a, q);
		return;
	}
	if (q->endpoint->is_other) {
		start_alone(e, a, q, FR_REASON_BYPASS, false, client_key);
		return;
	}
	id = q->alias.n > 0 ? alias_find(e, fr_question_alias_key(q->alias)) : 0;
	if (id == 0) {
		route_known(e, a, q, client_key);
		return;
	}
	fr_arena_init(&mem, 8 * FR_CANON_MAX);
	FR_ASSERT(fr_question_resolve(&mem, e->catalogue, q, id, &resolved) == FR_OK);
	route_known(e, a, &resolved, client_key);
	fr_arena_free(&mem);
}
