#include "base/assert.h"
#include "base/hash.h"
#include "core/record.h"
#include "engine/state.h"

#include <string.h>

/* A short link keeps its post for as long as anybody may remember it. */
static const fr_ms ALIAS_KEEP = { INT64_C(90) * 24 * 3600 * 1000 };

static bool wants_refresh(struct fr_engine *e, const struct flight *f, struct fr_answer *found)
{
	struct fr_view view = purge_view(e, &f->standing, &f->question, found);

	return view.freshness != FR_FRESH && !view.spared && !compose_contents(e, f, found);
}

bool settle_review(struct fr_engine *e, struct flight *f, struct fr_answer *found)
{
	bool refresh = fr_reason_background(f->reason) && wants_refresh(e, f, found), goes_on = refresh;
	struct fr_standing cause = f->standing;
	uint64_t needs = f->needs;
	struct fr_list *link, *next;

	for (link = f->waiters.next; link != &f->waiters; link = next) {
		struct waiter *w = FR_OF(link, struct waiter, link);
		struct fr_plan_facts facts = plan_facts(e, &w->asker, &f->question, found);
		struct served s = { .answer = found, .view = facts.view };
		enum fr_plan plan;

		next = link->next;
		facts.stored_looked = true;
		plan = fr_plan_ask(&facts);
		if (plan != FR_PLAN_SERVE && compose_serve(e, &w->asker, &f->question, found)) {
			waiter_free(e, &w);
			continue;
		}
		if (plan == FR_PLAN_FLY || plan == FR_PLAN_FLY_FORCED || plan == FR_PLAN_REFUSE ||
		    !block_serves(e, &w->asker, f->question.endpoint, found))
			continue;
		s.outcome = outcome_of(plan, found);
		if (!refresh && plan == FR_PLAN_SERVE_AND_REFRESH) {
			refresh = true;
			cause = w->asker.standing;
			needs = w->asker.needs.bits;
		}
		serve(e, &w->asker, &f->question, &s);
		waiter_free(e, &w);
	}
	if (f->n_waiters > 0 && f->reason == FR_REASON_MISS)
		f->reason = FR_REASON_EXPIRED;
	if (f->n_waiters == 0 && refresh && !f->look_only) {
		if (!goes_on || f->reason != FR_REASON_PREWARM)
			f->reason = FR_REASON_REFRESH;
		f->needs = needs;
		flight_charge(f, &cause);
	}
	return f->n_waiters > 0 || (refresh && !f->look_only);
}

bool settle_composed(struct fr_engine *e, struct flight *f)
{
	struct fr_list *link, *next;

	for (link = f->waiters.next; link != &f->waiters; link = next) {
		struct waiter *w = FR_OF(link, struct waiter, link);

		next = link->next;
		if (compose_serve(e, &w->asker, &f->question, f->previous))
			waiter_free(e, &w);
	}
	if (f->n_waiters > 0)
		return true;
	return fr_reason_background(f->reason) && (f->previous == NULL || wants_refresh(e, f, f->previous));
}

void settle_quietly(struct fr_engine *e, struct flight *f)
{
	struct fr_key key = f->question.key, owner = f->owner;
	bool leased = f->leased;

	FR_ASSERT(f->n_waiters == 0 && f->calls == 0);
	flight_end(e, &f);
	if (leased)
		e->ports.store_fail(e->ports.ctx, key, owner, NULL, FR_MS(0));
}

/* Who is left when a call ends: the first waiter of a demand pays, all others avoid. */
static bool first_pays(const struct flight *f)
{
	return !fr_reason_background(f->reason);
}

static void share_answer(struct fr_engine *e, struct flight *f, struct fr_answer *a, bool billed)
{
	struct served s = {
		.answer = a,
		.from_flight = true,
		.stored = !purge_ended(e, &f->question, a),
		.reason = f->reason,
		.upstream_status = a->status,
		.call = FR_MS(e->now.v - f->called_at.v),
		.collapsed = !first_pays(f),
	};
	struct waiter *w;

	while ((w = waiter_first(f)) != NULL) {
		s.view = plan_facts(e, &w->asker, &f->question, a).view;
		/* what has just been paid for is handed on even if its links are dead already: it is the upstream's own answer */
		s.view.blank = false;
		s.outcome = !billed ? FR_OUTCOME_UNBILLED : s.collapsed ? FR_OUTCOME_COLLAPSED : FR_OUTCOME_MISS;
		s.spent = s.outcome == FR_OUTCOME_MISS ? f->question.endpoint->price : 0;
		serve(e, &w->asker, &f->question, &s);
		waiter_free(e, &w);
		s.collapsed = true;
	}
}

/* What was thrown away while the call was on its way is dead on arrival: whoever waits elsewhere asks anew. */
void settle_store(struct fr_engine *e, const struct fr_question *q, struct fr_answer *a, struct fr_key owner)
{
	struct fr_blob *record;

	if (purge_ended(e, q, a)) {
		if (!fr_key_none(owner))
			e->ports.store_fail(e->ports.ctx, a->key, owner, NULL, FR_MS(0));
		return;
	}
	fr_answer_pack(a, (size_t)e->settings->compress);
	record = fr_record_write(a);
	fr_memory_put(e->memory, a);
	e->ports.store_put(e->ports.ctx, a->key, owner, record, keep_time(e, q, a));
	fr_blob_drop(record);
}

/* A short link's first answer tells its post: kept as an alias, and the answer is kept under the post's own question too. */
static void learn_alias(struct fr_engine *e, struct flight *f, const struct fr_answer *a)
{
	struct fr_key key = fr_question_alias_key(f->question.alias);
	struct fr_answer facts = {
		.key = key, .stored = a->stored, .verdict = FR_VERDICT_DATA, .status = 200, .alias = true, .post_id = a->post_id
	};
	struct fr_answer by_id = *a, *copy;
	struct fr_question resolved;
	struct fr_blob *record;

	facts.body = fr_blob_new(0);
	copy = fr_answer_new(&facts);
	record = fr_record_write(copy);
	e->ports.store_put(e->ports.ctx, key, (struct fr_key){ 0, 0 }, record, ALIAS_KEEP);
	fr_blob_drop(record);
	fr_blob_drop(facts.body);
	fr_answer_drop(copy);
	alias_learn(e, key, a->post_id);
	FR_ASSERT(fr_question_resolve(&f->mem, e->catalogue, &f->question, a->post_id, &resolved) == FR_OK);
	by_id.key = resolved.key;
	by_id.canon = resolved.canon;
	copy = fr_answer_new(&by_id);
	settle_store(e, &resolved, copy, (struct fr_key){ 0, 0 });
	fr_answer_drop(copy);
}

void settle_answer(struct fr_engine *e, struct flight *f, struct fr_answer *a, bool billed)
{
	FR_ASSERT(fr_verdict_stored(a->verdict) && !f->question.endpoint->is_other);
	if (f->question.alias.n > 0 && a->verdict == FR_VERDICT_DATA && a->post_id != 0)
		learn_alias(e, f, a);
	settle_store(e, &f->question, a, f->owner);
	if (f->reason == FR_REASON_PREWARM && billed)
		prewarm_brought(e, f, a);
	share_answer(e, f, a, billed);
	study(e, &f->question, a);
	flight_end(e, &f);
}

/* What the upstream did, in the words of a problem. */
static enum fr_problem problem_of(enum fr_verdict v)
{
	switch (v) {
	case FR_VERDICT_ACCOUNT_ERROR: return FR_PROBLEM_UPSTREAM_ACCOUNT;
	case FR_VERDICT_THROTTLED: return FR_PROBLEM_THROTTLED;
	case FR_VERDICT_MALFORMED: return FR_PROBLEM_UPSTREAM_GARBLED;
	case FR_VERDICT_TIMEOUT: return FR_PROBLEM_UPSTREAM_TIMEOUT;
	default: return FR_PROBLEM_UPSTREAM_FAILED;
	}
}

static void refuse_failed(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *s)
{
	const struct fr_answer *o = s->answer;
	struct fr_refusal why;
	fr_ms wait = FR_MS(0);

	if (o->status != 0)
		fr_problem_set(&why, problem_of(o->verdict), "HTTP %d, %s%s%s", o->status, fr_verdict_name(o->verdict),
			       o->text[0] ? ": " : "", o->text);
	else
		fr_problem_set(&why, problem_of(o->verdict), "no answer: %s", fr_verdict_name(o->verdict));
	if (o->verdict == FR_VERDICT_THROTTLED)
		wait = (fr_ms){ fr_limiter_next(e->limiter, e->now, false).v - e->now.v };
	refuse(e, a, q->endpoint->index, q->endpoint->price, &why, s->outcome, wait, s);
}

/* One who waited for a call that brought nothing to store: an older answer if there is one, else the upstream's own words where a client of
 * this API can read them, else a problem. `s->outcome` is the payer's MISS, or COLLAPSED or FAILED for the others. */
static void share_failure(struct fr_engine *e, const struct asker *a, const struct flight *f, struct served s)
{
	bool pays = s.outcome == FR_OUTCOME_MISS || s.outcome == FR_OUTCOME_BYPASS;
	struct served how = s;

	how.outcome = pays ? s.outcome : FR_OUTCOME_RESCUE;
	if (serve_rescue(e, a, &f->question, f->previous, &how))
		return;
	if (!s.answer->verbatim) {
		refuse_failed(e, a, &f->question, &s);
		return;
	}
	if (s.outcome == FR_OUTCOME_FAILED)
		s.outcome = FR_OUTCOME_UNBILLED;
	if (s.answer->verdict == FR_VERDICT_MALFORMED)
		s.detail = "malformed";
	else if (f->question.endpoint->is_other)
		s.detail = "uncatalogued";
	serve(e, a, &f->question, &s);
}

/* Whether the call behind an outcome cost a credit, here or at another instance. */
static bool was_billed(const struct fr_answer *outcome)
{
	return outcome->status == 200 && outcome->verdict != FR_VERDICT_ACCOUNT_ERROR;
}

/* `caller`: it is this request's own call; all others share it. */
static struct served failure_served(const struct flight *f, struct fr_answer *outcome, bool billed, bool caller)
{
	bool bypass = f->question.endpoint->is_other;

	return (struct served){
		.answer = outcome,
		.from_flight = true,
		.call = FR_MS(-1),
		.reason = f->reason,
		.collapsed = !caller,
		.upstream_status = outcome->status,
		.outcome = !billed   ? FR_OUTCOME_FAILED
			   : !caller ? FR_OUTCOME_COLLAPSED
			   : bypass  ? FR_OUTCOME_BYPASS
				     : FR_OUTCOME_MISS,
		.spent = billed && caller ? f->question.endpoint->price : 0,
	};
}

/* A failed refresh is not tried again for a while, since there is something to serve meanwhile (RFC 8767, section 5). */
static fr_ms hold_of(const struct fr_engine *e, const struct flight *f, fr_ms hold)
{
	struct fr_view v;

	if (f->previous == NULL)
		return hold;
	v = purge_view(e, &f->standing, &f->question, f->previous);
	if (v.freshness == FR_DEAD || (v.blank && !e->settings->blank_links))
		return hold;
	return hold.v > e->settings->refresh_retry.v ? hold : e->settings->refresh_retry;
}

static void tell_the_others(struct fr_engine *e, struct flight *f, struct fr_answer *outcome, fr_ms hold)
{
	struct fr_blob *record = fr_record_write(outcome);

	e->ports.store_fail(e->ports.ctx, f->question.key, f->owner, record, hold);
	fr_blob_drop(record);
}

void settle_failure(struct fr_engine *e, struct flight *f, struct fr_answer *outcome, bool billed, fr_ms hold)
{
	bool own = f->calls > 0, caller = own && first_pays(f);
	struct waiter *w;

	billed = own ? billed : was_billed(outcome);
	if (own && billed && f->reason == FR_REASON_PREWARM)
		prewarm_failed(e, f);
	if (own) /* whose call it was holds its outcome in the store too: others look there again */
		hold = hold_of(e, f, hold);
	while ((w = waiter_first(f)) != NULL) {
		struct served s = failure_served(f, outcome, billed, caller);

		if (own)
			s.call = FR_MS(e->now.v - f->called_at.v);
		share_failure(e, &w->asker, f, s);
		waiter_free(e, &w);
		caller = false;
	}
	if (own && !f->loose)
		tell_the_others(e, f, outcome, hold);
	if (f->loose || hold.v == 0) {
		flight_end(e, &f);
		return;
	}
	f->outcome = fr_answer_hold(outcome);
	flight_move(f, FR_FLIGHT_HELD);
	flight_timer(e, f, hold);
}

/* The outcome is known already, and it has been paid for, if at all, by somebody else. */
void settle_join_held(struct fr_engine *e, struct flight *f, const struct asker *a)
{
	share_failure(e, a, f, failure_served(f, f->outcome, was_billed(f->outcome), false));
}

/* Nobody called: one who waits gets an old answer, said and booked as `how`, or the refusal. */
static void refuse_one(struct fr_engine *e, struct flight *f, struct waiter *w, const struct fr_refusal *why,
		       const struct served *how, enum fr_outcome outcome, fr_ms retry_after)
{
	if (outcome == FR_OUTCOME_NOT_CACHED || !serve_rescue(e, &w->asker, &f->question, f->previous, how))
		refuse(e, &w->asker, f->question.endpoint->index, f->question.endpoint->price, why, outcome, retry_after, NULL);
	waiter_free(e, &w);
}

static void refuse_all(struct fr_engine *e, struct flight *f, const struct fr_refusal *why, const struct served *how,
		       enum fr_outcome outcome, fr_ms retry_after)
{
	struct waiter *w;

	while ((w = waiter_first(f)) != NULL)
		refuse_one(e, f, w, why, how, outcome, retry_after);
	settle_quietly(e, f);
}

void settle_refusal(struct fr_engine *e, struct flight *f, enum fr_problem problem, enum fr_outcome outcome, fr_ms retry_after)
{
	struct served how = rescued();
	struct fr_refusal why;

	if (problem == FR_PROBLEM_NOT_CACHED)
		fr_problem_set(&why, problem, "ask without only-if-cached to have it fetched");
	else if (problem == FR_PROBLEM_UNRECORDED)
		fr_problem_set(&why, problem, "frugald's journal cannot be written; its log says why");
	else if (problem == FR_PROBLEM_STOPPING)
		fr_problem_set(&why, problem, "frugald is stopping and starts no new calls");
	else if (problem == FR_PROBLEM_OVERLOADED)
		fr_problem_set(&why, problem, "%zu calls wait for their turn (upstream.queue)", fr_queue_waiting(e->queue));
	else
		fr_problem_set(&why, problem, "%lld failures in a row; the next try is in %lld s",
			       (long long)fr_breakers_of(&e->breakers, f->spender.endpoint)->failures,
			       (long long)(retry_after.v + 999) / 1000);
	refuse_all(e, f, &why, &how, outcome, retry_after);
}

static const struct served spared = { .outcome = FR_OUTCOME_STALE_BUDGET, .detail = "stale-budget" };

void settle_budget(struct fr_engine *e, struct flight *f, const struct fr_refusal *why, fr_ms retry_after)
{
	refuse_all(e, f, why, &spared, FR_OUTCOME_REFUSED_BUDGET, retry_after);
}

bool settle_tenant(struct fr_engine *e, struct flight *f, const struct fr_refusal *why, fr_ms retry_after)
{
	size_t tenant = f->spender.tenant;
	struct fr_list *link, *next;

	for (link = f->waiters.next; link != &f->waiters; link = next) {
		struct waiter *w = FR_OF(link, struct waiter, link);

		next = link->next;
		if (w->asker.standing.tenant == tenant)
			refuse_one(e, f, w, why, &spared, FR_OUTCOME_REFUSED_BUDGET, retry_after);
	}
	if (f->n_waiters == 0) {
		settle_quietly(e, f);
		return false;
	}
	if (fr_reason_background(f->reason))
		f->reason = FR_REASON_EXPIRED; /* nobody refreshes it any more, but somebody waits for it */
	flight_charge(f, &waiter_first(f)->asker.standing);
	return true;
}
