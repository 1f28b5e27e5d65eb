#include "base/assert.h"
#include "base/str.h"
#include "core/links.h"
#include "engine/state.h"

/* A mandatory key that is not there may be our own mistake about the API: it must not stop the calls to all other endpoints. */
static bool counts_as_failure(const struct fr_engine *e, const struct fr_judgement *j)
{
	if (j->verdict == FR_VERDICT_ACCOUNT_ERROR)
		return e->operator_key;
	return fr_verdict_failure(j->verdict) && !(j->verdict == FR_VERDICT_MALFORMED && j->verbatim);
}

static void fail(struct fr_engine *e, const struct flight *f, const struct fr_judgement *j)
{
	size_t row = f->spender.endpoint;
	const struct fr_breaker *b;

	fr_breakers_failed(&e->breakers, row, j->verdict, e->now);
	if (fr_breakers_opened(&e->breakers) == e->tally.counters.breaker_opened)
		return;
	e->tally.counters.breaker_opened = fr_breakers_opened(&e->breakers);
	b = fr_breakers_of(&e->breakers, row);
	engine_note(e, FR_LOG_WARNING, "the circuit breaker of %s%.*s is open for %lld ms after %lld failures, the last: %s %s",
		    b == &e->breakers.whole ? "the upstream" : "group ",
		    b == &e->breakers.whole ? 0 : (int)f->question.endpoint->group.n, f->question.endpoint->group.p,
		    (long long)fr_breaker_wait(b, e->now).v, (long long)b->failures, fr_verdict_name(j->verdict), j->text);
}

static void pace(struct fr_engine *e, const struct flight *f, const struct fr_judgement *j, fr_ms retry_after)
{
	if (j->verdict == FR_VERDICT_THROTTLED)
		fr_limiter_pause(e->limiter, (fr_ms){ e->now.v + (retry_after.v >= 0 ? retry_after.v : 1000) });
	if (!counts_as_failure(e, j))
		fr_breakers_succeeded(&e->breakers, f->spender.endpoint, e->now);
	else
		fail(e, f, j);
}

/* The id of the request that waits longest, for the log. */
static struct fr_str first_of(const struct flight *f)
{
	const struct waiter *first = waiter_first(f);

	return first == NULL ? FR_STR("-") : first->asker.request_id;
}

/* A call on demand is paid by a request of the tenant who caused it: the first that still waits comes to the front. Whoever else waits shares
 * what they did not cause. */
static bool bring_payer(struct flight *f)
{
	for (struct fr_list *link = f->waiters.next; link != &f->waiters; link = link->next)
		if (FR_OF(link, struct waiter, link)->asker.standing.tenant == f->spender.tenant) {
			fr_list_cut(link);
			fr_list_push_front(&f->waiters, link);
			return true;
		}
	return false;
}

static void book_call(struct fr_engine *e, struct flight *f, const struct fr_judgement *j)
{
	int64_t credits = j->billed ? f->question.endpoint->price : 0;

	if (!fr_reason_background(f->reason) && !bring_payer(f))
		f->reason = FR_REASON_ORPHAN;
	ledger_close(e, f, j->verdict, credits, j->uncertain);
	fr_tally_call(&e->tally, (struct fr_account){ f->spender.tenant, f->spender.endpoint }, f->reason, j->verdict, credits);
	fr_hist_add(&e->tally.call_ms, (fr_ms){ e->now.v - f->called_at.v });
	if (e->settings->log_level >= FR_LOG_DEBUG)
		engine_note(e, FR_LOG_DEBUG, "call for request %.*s: %s, %s, %lld credits, %lld ms", FR_STR_ARG(first_of(f)),
			    fr_reason_name(f->reason), fr_verdict_name(j->verdict), (long long)credits,
			    (long long)(e->now.v - f->called_at.v));
	if (j->uncertain)
		e->tally.counters.uncertain += (uint64_t)credits;
	if (j->verdict == FR_VERDICT_ACCOUNT_ERROR && e->operator_key)
		engine_note(e, FR_LOG_ERROR, "the upstream refuses the API key or its credits are used up: %s", j->text);
}

/* Where the client's own key was handed on, what the upstream says of it is for the client. */
static bool may_hand_on(const struct fr_engine *e, const struct flight *f, const struct fr_judgement *j,
			const struct fr_fetched *got)
{
	bool complete = got->answer.transfer == FR_TRANSFER_DONE;

	if (j->verdict == FR_VERDICT_ACCOUNT_ERROR)
		return complete && !e->operator_key;
	return j->verbatim || (complete && f->question.endpoint->is_other);
}

static struct fr_answer *answer_of(struct fr_engine *e, struct flight *f, const struct fr_judgement *j,
				   const struct fr_fetched *got)
{
	bool hand_on = may_hand_on(e, f, j, got);
	struct fr_str body = hand_on ? got->answer.body : FR_STR("");
	struct fr_answer facts = {
		.key = f->question.key,
		.canon = f->question.canon,
		.stored = purge_asked_for(e, f),
		.verdict = j->verdict,
		.status = got->answer.status,
		.verbatim = hand_on,
		.post_id = j->post_id != 0 && j->post_id <= INT64_MAX ? j->post_id : f->question.post_id,
		.text = j->text,
	};
	struct fr_answer *known = purge_known(e, &f->question), *a;
	char type[FR_ANSWER_TYPE_MAX];

	if (known != NULL)
		flight_saw(f, known);
	if (j->verdict == FR_VERDICT_NOT_FOUND)
		facts.negative = fr_freshness_negative(f->previous, f->question.endpoint);
	if (!f->question.endpoint->is_other)
		facts.links_first = fr_links_scan(body).first;
	fr_str_copy(type, sizeof type, got->type);
	facts.type = type;
	facts.body = fr_blob_of(body.p, body.n);
	a = fr_answer_new(&facts);
	fr_blob_drop(facts.body);
	return a;
}

void fr_engine_fetched(struct fr_engine *e, uint64_t token, const struct fr_fetched *got)
{
	struct flight *f;

	engine_enter(e);
	f = flight_of_token(e, token, FR_FLIGHT_FETCH);
	if (f != NULL) {
		struct fr_judgement j = fr_verdict_judge(e->catalogue, f->question.endpoint, &got->answer);
		bool bypass = f->question.endpoint->is_other;
		struct fr_answer *a;
		struct parted parted;

		e->n_calls--;
		pace(e, f, &j, got->retry_after);
		a = answer_of(e, f, &j, got);
		block_part(e, f, a, &parted); /* who does not get it does not pay for it */
		book_call(e, f, &j);
		if (fr_verdict_stored(j.verdict) && !bypass)
			settle_answer(e, f, a, j.billed);
		else
			settle_failure(e, f, a, j.billed, bypass ? FR_MS(0) : e->settings->failure_hold);
		fr_answer_drop(a);
		block_again(e, &parted);
		/* not at once: a port that fails every call from inside fetch() would pile up a call on a call */
		line_soon(e);
	}
	engine_leave(e);
}
