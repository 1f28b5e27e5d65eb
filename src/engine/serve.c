#include "base/assert.h"
#include "base/str.h"
#include "core/links.h"
#include "core/reply.h"
#include "engine/state.h"

#include <stdio.h>

/* Whoever asks, what would refresh an answer is a call behind. */
static struct fr_budget_note note_of(const struct fr_engine *e, const struct fr_standing *who, size_t endpoint)
{
	enum fr_priority own = (enum fr_priority)who->priority;
	const struct fr_spender spender = { .tenant = who->tenant,
					    .endpoint = endpoint,
					    .priority = own < FR_PRIORITY_REFRESH ? FR_PRIORITY_REFRESH : own };

	return e->gate.n > 0 ? gate_note(e, &spender) : (struct fr_budget_note){ .budget = NULL };
}

unsigned engine_stretch(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q)
{
	return fr_ladder_stretch(e->settings, note_of(e, who, q->endpoint->index).permille);
}

struct fr_agreed agreed_with_tier(const struct fr_engine *e, size_t tier, const struct fr_question *q)
{
	FR_ASSERT(tier < e->policy.roster->n_tiers);
	return (struct fr_agreed){
		.row = q->endpoint,
		.deep = q->deep,
		.links_margin = e->settings->links_margin,
		.reads = (unsigned)e->settings->refresh_reads,
		.fresh = e->policy.roster->tiers[tier].fresh[q->endpoint->index],
	};
}

struct fr_agreed agreed(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q)
{
	struct fr_agreed terms = agreed_with_tier(e, who->tier, q);

	terms.stretch = engine_stretch(e, who, q);
	return terms;
}

fr_ms keep_time(const struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a)
{
	fr_ms longest = FR_MS(0);

	for (size_t i = 0; i < e->policy.roster->n_tiers; i++) {
		struct fr_agreed terms = agreed_with_tier(e, i, q);
		fr_ms keep = fr_freshness_keep(a, &terms);

		longest = keep.v > longest.v ? keep : longest;
	}
	return longest;
}

/* A page may be purged without the block that it is cut from; and what is good for others may be too old beside what its client has seen. */
static void age_page(const struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct fr_answer *have,
		     struct fr_view *v)
{
	struct fr_purged p = purge_look(e, q->endpoint->index, a->page.key, have);

	if (p.state == FR_PURGED_HARD)
		v->freshness = FR_DEAD;
	else if (p.state == FR_PURGED_SOFT)
		fr_purge_age(v, have, q->endpoint, p.at, e->wall);
	if (have->stored.v < a->page.since.v && v->freshness < FR_RESCUE)
		v->freshness = FR_RESCUE;
}

struct fr_plan_facts plan_facts(const struct fr_engine *e, const struct asker *a, const struct fr_question *q,
				const struct fr_answer *have)
{
	struct fr_plan_facts f = {
		.have = have != NULL,
		.wish = a->wish,
		.refresh_min = e->settings->refresh_min,
		.may_blank = e->settings->blank_links,
	};
	struct fr_question wanted = *q; /* a page behind the first may be a part of the first block */
	fr_ms waited = { e->now.v - a->since.v };

	/* nobody can buy more than an answer that was asked for after the request came: another instance's call may have brought it */
	if (waited.v >= f.refresh_min.v)
		f.refresh_min = FR_MS(waited.v + 1);
	if (a->page.count > 0)
		wanted.deep = a->page.deep;
	if (have != NULL)
		f.view = purge_view(e, &a->standing, &wanted, have);
	if (have != NULL && a->page.count > 0)
		age_page(e, a, q, have, &f.view);
	return f;
}

enum fr_outcome outcome_of(enum fr_plan plan, const struct fr_answer *served)
{
	switch (plan) {
	case FR_PLAN_SERVE:
		if (served->verdict == FR_VERDICT_NOT_FOUND)
			return FR_OUTCOME_NEGATIVE_HIT;
		return served->origin == FR_ORIGIN_UPSTREAM ? FR_OUTCOME_HIT : FR_OUTCOME_ENTITY;
	case FR_PLAN_SERVE_ASKED: return FR_OUTCOME_STALE_ASKED;
	case FR_PLAN_SERVE_SELDOM: return FR_OUTCOME_STALE_SELDOM;
	case FR_PLAN_SERVE_SPARED: return FR_OUTCOME_STALE_BUDGET;
	default: return FR_OUTCOME_STALE;
	}
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
	fr_tally_request(&e->tally, totals_today(e), (struct fr_account){ a->standing.tenant, endpoint }, outcome, price);
	fr_hist_add(&e->tally.request_ms, (fr_ms){ e->now.v - a->since.v });
}

/* Of several things that could be said of how a request was served, the most telling one. */
static const char *manner_of(const struct asker *a, const struct served *s)
{
	if (s->detail != NULL)
		return s->detail;
	if (a->needs.unknown)
		return "unknown-fields";
	if (a->wish_ignored)
		return "no-cache-ignored";
	if (s->outcome == FR_OUTCOME_STALE_BUDGET)
		return "stale-budget";
	if (s->outcome == FR_OUTCOME_STALE_SELDOM)
		return "seldom-read";
	return s->answer->verdict == FR_VERDICT_NOT_FOUND && !s->from_flight ? "negative" : NULL;
}

static const char *origin_word(enum fr_origin origin)
{
	switch (origin) {
	case FR_ORIGIN_ALIAS:
	case FR_ORIGIN_PARTS: return "derived-alias";
	case FR_ORIGIN_COMPOSED: return "entity";
	default: return NULL;
	}
}

enum { DETAIL_MAX = 64, LEARNT_MAX = 64 };

/* The fixed vocabulary of Cache-Status details: what the upstream did not say in answer to this very question is always marked. */
static const char *detail_of(const struct asker *a, const struct served *s, char both[DETAIL_MAX])
{
	const char *manner = manner_of(a, s), *origin = origin_word(s->answer->origin);

	if (manner == NULL || origin == NULL)
		return manner != NULL ? manner : origin;
	(void)snprintf(both, DETAIL_MAX, "%s, %s", origin, manner);
	return both;
}

/* When the upstream said what it did not say in answer to this very question. */
static const char *learnt_of(const struct served *s, char ret[LEARNT_MAX])
{
	const struct fr_answer *a = s->answer;

	if (s->learnt != NULL || (a->origin != FR_ORIGIN_ALIAS && a->origin != FR_ORIGIN_PARTS))
		return s->learnt;
	(void)snprintf(ret, LEARNT_MAX, "%s;at=%lld", a->origin == FR_ORIGIN_ALIAS ? "alias" : "parts", (long long)a->stored.v);
	return ret;
}

static void serve_as_it_is(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *s)
{
	int64_t price = q->endpoint->price;
	struct fr_blob *blanked = NULL;
	struct fr_head *head;
	char both[DETAIL_MAX], learnt[LEARNT_MAX];
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
		.detail = detail_of(a, s, both),
		.learnt = learnt_of(s, learnt),
		.partial = s->partial,
		.spent = s->spent,
		.avoided = avoided_by(s->outcome, price),
		.request_id = a->request_id,
		.if_none_match = a->if_none_match,
		.gzip = a->gzip,
		.budget = note_of(e, &a->standing, q->endpoint->index),
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
	head = fr_heads_for(&e->heads, s->answer, &facts);
	if (head != NULL)
		fr_reply_prepared(&reply, head, &facts);
	else
		fr_reply_answer(&reply, &facts);
	fr_blob_drop(blanked);
	book(e, a, q->endpoint->index, s->outcome, price);
	if (s->from_flight)
		fr_hist_add(&e->tally.wait_ms, (fr_ms){ e->now.v - a->since.v });
	fr_ages_add(&e->tally.age_ms, s->view.age);
	log_answered(e, a, q->endpoint->index, &facts, &reply, s->call);
	e->ports.answer(e->ports.ctx, a->request, &reply);
}

/* The block with a page's first rows is read too, unless a call has just brought it for this very request. */
static void read_head(struct fr_engine *e, const struct asker *a, const struct fr_question *q)
{
	struct fr_view v = plan_facts(e, a, q, a->page.head).view;

	if (v.age.v > e->now.v - a->since.v)
		fr_freshness_read(a->page.head, &v);
	prewarm_served(e, a->page.head);
}

/* Of a page whose last rows are fresh. */
static enum fr_outcome outcome_of_page(const struct fr_view *v)
{
	if (v->freshness == FR_FRESH)
		return FR_OUTCOME_PAGE;
	if (v->spared)
		return FR_OUTCOME_STALE_BUDGET;
	return v->seldom ? FR_OUTCOME_STALE_SELDOM : FR_OUTCOME_STALE;
}

void serve(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *s)
{
	struct fr_answer *page = block_page(e, a, q->endpoint, s->answer);
	struct served cut = *s;
	const char *manner;
	char both[DETAIL_MAX];

	block_answered(e, a, q->endpoint, s->answer);
	if (!s->from_flight)
		fr_freshness_read(s->answer, &s->view);
	prewarm_served(e, s->answer); /* a page is a use of its block, or of both its blocks */
	if (a->page.head != NULL)
		read_head(e, a, q);
	depth_told(e, a, q->endpoint, q->canon, page != NULL ? page : s->answer);
	if (page == NULL) {
		serve_as_it_is(e, a, q, s);
		return;
	}
	cut.view = block_view(e, a, q, s->answer, s->view);
	if (s->outcome == FR_OUTCOME_HIT)
		cut.outcome = outcome_of_page(&cut.view);
	manner = manner_of(a, &cut);
	cut.answer = page;
	cut.detail = "page-slice";
	if (manner != NULL) {
		(void)snprintf(both, sizeof both, "page-slice, %s", manner);
		cut.detail = both;
	}
	serve_as_it_is(e, a, q, &cut);
	fr_answer_drop(page);
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

	if (outcome != FR_OUTCOME_UNKNOWN_CLIENT) /* a stranger learns nothing of the account */
		facts.budget = note_of(e, &a->standing, endpoint);
	if (call != NULL) {
		facts.from_flight = true;
		facts.collapsed = call->collapsed;
		facts.reason = call->reason;
		facts.upstream_status = call->upstream_status;
		facts.spent = call->spent;
	}
	fr_reply_problem(&reply, why, retry_after, &facts);
	book(e, a, endpoint, outcome, price);
	log_answered(e, a, endpoint, &facts, &reply, call != NULL ? call->call : FR_MS(-1));
	e->ports.answer(e->ports.ctx, a->request, &reply);
}

struct served rescued(void)
{
	return (struct served){ .outcome = FR_OUTCOME_RESCUE, .detail = "stale-error" };
}

static bool rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		   const struct served *how)
{
	struct fr_plan_facts f;
	struct served s = *how;

	if (have != NULL && !block_fits(e, a, q->endpoint, have))
		have = NULL;
	f = plan_facts(e, a, q, have);
	s.stored = false;
	if (s.detail == NULL)
		s.detail = "stale-error";
	if (have == NULL || fr_plan_failed(&f) == FR_PLAN_REFUSE)
		return compose_rescue(e, a, q, have, &s) || block_rescue(e, a, q, how);
	s.answer = have;
	s.view = f.view;
	serve(e, a, q, &s);
	return true;
}

/* What is learnt first may end the old answer. */
bool serve_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		  const struct served *how)
{
	bool served;

	if (have != NULL)
		fr_answer_hold(have);
	(void)study_finish(e);
	served = rescue(e, a, q, have != NULL && purge_ended(e, q, have) ? NULL : have, how);
	fr_answer_drop(have);
	return served;
}
