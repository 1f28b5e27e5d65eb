#include "base/str.h"
#include "core/links.h"
#include "core/reply.h"
#include "engine/state.h"

struct fr_plan_facts plan_facts(const struct fr_engine *e, const struct asker *a, const struct fr_question *q,
				const struct fr_answer *have)
{
	struct fr_plan_facts f = {
		.have = have != NULL,
		.wish = a->wish,
		.refresh_min = e->settings->refresh_min,
		.may_blank = e->settings->blank_links,
	};
	fr_ms waited = { e->now.v - a->since.v };

	/* nobody can buy more than an answer that was asked for after the request came: another instance's call may have brought it */
	if (waited.v >= f.refresh_min.v)
		f.refresh_min = FR_MS(waited.v + 1);
	if (have != NULL)
		f.view = fr_freshness_view(have, q->endpoint, q->deep, e->settings->links_margin, e->wall);
	return f;
}

static int64_t avoided_by(enum fr_outcome o, int64_t price)
{
	return fr_outcome_booking(o) == FR_BOOKING_AVOIDED ? price : 0;
}

static void book(struct fr_engine *e, const struct asker *a, size_t endpoint, enum fr_outcome outcome, int64_t price)
{
	struct fr_str path = fr_tally_label(&e->catalogue->rows[endpoint]);

	if (e->settings->log_level >= FR_LOG_DEBUG)
		engine_note(e, FR_LOG_DEBUG, "request %.*s: %s on %.*s in %lld ms", FR_STR_ARG(a->request_id),
			    fr_outcome_name(outcome), FR_STR_ARG(path), (long long)(e->now.v - a->since.v));
	fr_tally_request(&e->tally, totals_today(e), (struct fr_account){ 0, endpoint }, outcome, price);
	fr_hist_add(&e->tally.request_ms, (fr_ms){ e->now.v - a->since.v });
}

/* The fixed vocabulary of Cache-Status details; the most telling one wins. */
static const char *detail_of(const struct asker *a, const struct served *s)
{
	if (s->detail != NULL)
		return s->detail;
	if (a->wish_ignored)
		return "no-cache-ignored";
	return s->answer->verdict == FR_VERDICT_NOT_FOUND && !s->from_flight ? "negative" : NULL;
}

void serve(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *s)
{
	int64_t price = q->endpoint->price;
	struct fr_blob *blanked = NULL;
	struct fr_reply reply;
	struct fr_reply_facts facts = {
		.answer = s->answer,
		.view = s->view,
		.outcome = s->outcome,
		.from_flight = s->from_flight,
		.collapsed = s->collapsed,
		.reason = s->reason,
		.stored = s->stored,
		.upstream_status = s->upstream_status,
		.detail = detail_of(a, s),
		.spent = s->spent,
		.avoided = avoided_by(s->outcome, price),
		.request_id = a->request_id,
		.if_none_match = a->if_none_match,
		.native_status = e->settings->status == FR_STATUS_NATIVE,
		.links_margin = e->settings->links_margin,
		.now = e->wall,
	};

	if (s->view.blank) {
		blanked = fr_links_blank(fr_blob_str(s->answer->body), (fr_wall){ e->wall.v + e->settings->links_margin.v });
		e->tally.counters.unavailable_links++;
		facts.blanked = blanked != NULL;
		facts.body = blanked;
	}
	fr_reply_answer(&reply, &facts);
	fr_blob_drop(blanked);
	book(e, a, q->endpoint->index, s->outcome, price);
	if (s->from_flight)
		fr_hist_add(&e->tally.wait_ms, (fr_ms){ e->now.v - a->since.v });
	fr_ages_add(&e->tally.age_ms, s->view.age);
	e->ports.answer(e->ports.ctx, a->request, &reply);
}

void refuse(struct fr_engine *e, const struct asker *a, size_t endpoint, int64_t price, const struct fr_refusal *why,
	    enum fr_outcome outcome, fr_ms retry_after, const struct served *call)
{
	struct fr_reply reply;
	struct fr_reply_facts facts = {
		.outcome = outcome,
		.avoided = avoided_by(outcome, price),
		.request_id = a->request_id,
		.now = e->wall,
	};

	if (call != NULL) {
		facts.from_flight = true;
		facts.collapsed = call->collapsed;
		facts.reason = call->reason;
		facts.upstream_status = call->upstream_status;
		facts.spent = call->spent;
	}
	fr_reply_problem(&reply, why, retry_after, &facts);
	book(e, a, endpoint, outcome, price);
	e->ports.answer(e->ports.ctx, a->request, &reply);
}

struct served rescued(void)
{
	return (struct served){ .outcome = FR_OUTCOME_RESCUE, .detail = "stale-error" };
}

bool serve_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		  const struct served *how)
{
	struct fr_plan_facts f = plan_facts(e, a, q, have);
	struct served s = *how;

	if (have == NULL || fr_plan_failed(&f) == FR_PLAN_REFUSE)
		return false;
	s.answer = have;
	s.view = f.view;
	s.stored = false;
	if (s.detail == NULL)
		s.detail = "stale-error";
	serve(e, a, q, &s);
	return true;
}
