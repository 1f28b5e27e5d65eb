#include "base/assert.h"
#include "base/str.h"
#include "core/record.h"
#include "engine/state.h"

/* A peer that ends without a hint is noticed this much later. */
static const fr_ms PEER_POLL = { 200 };
/* The port has its own deadline for store operations; this one is for a port that breaks its word. */
static const fr_ms STORE_GRACE = { 250 };

static void store_timer(struct fr_engine *e, struct flight *f)
{
	flight_timer(e, f, (fr_ms){ e->settings->redis_timeout.v + STORE_GRACE.v });
}

static void renew_timer(struct fr_engine *e, struct flight *f)
{
	if (f->leased)
		flight_timer(e, f, (fr_ms){ e->settings->redis_lease.v / 3 });
	else
		fr_heap_cut(&e->timers, &f->timer.item);
}

/* Nobody waits any more, and no credit is spent yet: the question is dropped. */
static bool abandoned(const struct flight *f)
{
	return f->n_waiters == 0 && !fr_reason_background(f->reason);
}

static void look_up(struct fr_engine *e, struct flight *f)
{
	e->tally.counters.store_lookups++;
	store_timer(e, f);
	e->ports.store_get(e->ports.ctx, flight_token(e, f), f->question.key);
}

static void claim(struct fr_engine *e, struct flight *f)
{
	flight_move(f, FR_FLIGHT_CLAIM);
	store_timer(e, f);
	e->ports.store_claim(e->ports.ctx, flight_token(e, f), f->question.key, f->owner, e->settings->redis_lease);
}

static void admit(struct fr_engine *e, struct flight *f)
{
	if (f->state != FR_FLIGHT_ADMIT)
		flight_move(f, FR_FLIGHT_ADMIT);
	renew_timer(e, f);
	gate_enter(e, f);
}

void fly_hurry(struct fr_engine *e, struct flight *f)
{
	if (f->spender.priority < (enum fr_priority)f->turn.priority)
		line_hurry(e, f);
}

void fly_start(struct fr_engine *e, struct flight *f)
{
	switch (f->state) {
	case FR_FLIGHT_ALIAS:
		e->tally.counters.store_lookups++;
		store_timer(e, f);
		e->ports.store_get(e->ports.ctx, flight_token(e, f), fr_question_alias_key(f->question.alias));
		break;
	case FR_FLIGHT_ADMIT: admit(e, f); break;
	default: look_up(e, f); break;
	}
}

void fly_launch(struct fr_engine *e, struct flight *f)
{
	const struct fr_call call = { .target = f->question.upstream, .key = f->client_key };

	if (!ledger_open(e, f)) {
		fr_breakers_give_back(&e->breakers, f->spender.endpoint, e->now);
		settle_refusal(e, f, FR_PROBLEM_UNRECORDED, FR_OUTCOME_UNRECORDED, FR_SECONDS(1));
		return;
	}
	gate_opened(e, f);
	f->calls++;
	flight_move(f, FR_FLIGHT_FETCH);
	line_took(e);
	e->n_calls++;
	f->called_at = e->now;
	f->purges = e->n_purges;
	e->ports.fetch(e->ports.ctx, flight_token(e, f), &call);
}

/* A record from the store, or NULL; one that does not check is counted and means nothing. */
static struct fr_answer *read_record(struct fr_engine *e, struct fr_str record, struct fr_key key, struct fr_str canon)
{
	struct fr_answer *a = NULL;
	enum fr_record_read r = fr_record_read(record, key, canon, &a);

	if (r == FR_RECORD_OK)
		return a;
	e->tally.counters.store_bad_records++;
	engine_note(e, FR_LOG_WARNING, "a record in Redis does not check (%d, %zu bytes); it counts as absent", (int)r, record.n);
	return NULL;
}

static void keep_found(struct fr_engine *e, struct flight *f, struct fr_answer *a)
{
	struct fr_answer *known = purge_known(e, &f->question);

	/* one from a future that the wall clock has left would stay for as long as it lies ahead */
	if (known == NULL || known->stored.v < a->stored.v || known->stored.v > e->wall.v)
		fr_memory_put(e->memory, a);
	flight_saw(f, a);
}

/* Serves what the record is good for. True if the flight still has something to do. */
static bool review_record(struct fr_engine *e, struct flight *f, struct fr_str record)
{
	struct fr_answer *a = read_record(e, record, f->question.key, f->question.canon);
	struct parted parted;
	bool go_on;

	if (a == NULL || a->alias || a->origin == FR_ORIGIN_PIECE ||
	    purge_ended(e, &f->question, a)) { /* no answer: somebody else wrote it there */
		fr_answer_drop(a);
		return true;
	}
	keep_found(e, f, a);
	block_part(e, f, a, &parted);
	go_on = settle_review(e, f, a);
	fr_answer_drop(a);
	block_again(e, &parted);
	return go_on;
}

/* Neither yes nor no is not a miss. A refresh can wait for the store, since whoever asked has been served; a demand is asked, once in this
 * process, without a lease. */
static void go_on_without_store(struct fr_engine *e, struct flight *f)
{
	e->tally.counters.store_unknown++;
	e->store_up = false;
	if (f->peek) {
		block_peeked(e, f);
	} else if (f->look_only) {
		settle_refusal(e, f, FR_PROBLEM_NOT_CACHED, FR_OUTCOME_NOT_CACHED, FR_MS(0));
	} else if (f->n_waiters == 0) {
		settle_quietly(e, f);
	} else {
		e->tally.counters.lease_unleased++;
		admit(e, f);
	}
}

/* The post behind the short link is known: everybody asks again, by its id. */
static void redirect(struct fr_engine *e, struct flight *f, uint64_t post_id)
{
	struct fr_list *link;

	alias_learn(e, fr_question_alias_key(f->question.alias), post_id);
	while ((link = fr_list_first(&f->waiters)) != NULL) {
		struct waiter *w = FR_OF(link, struct waiter, link);
		struct asker a = w->asker;

		waiter_leave(e, w); /* its place is free for itself */
		route(e, &a, &f->question, f->client_key != NULL ? fr_str_of(f->client_key->s) : FR_STR(""));
		waiter_free(e, &w);
	}
	if (f->reason == FR_REASON_PREWARM)
		prewarm_start(e, &f->standing, f->source, &f->question,
			      f->client_key != NULL ? fr_str_of(f->client_key->s) : FR_STR(""));
	flight_end(e, &f);
}

static void found_alias(struct fr_engine *e, struct flight *f, enum fr_store_result result, struct fr_str record)
{
	struct fr_answer *a = NULL;
	uint64_t id;

	if (result == FR_STORE_HIT)
		a = read_record(e, record, fr_question_alias_key(f->question.alias), (struct fr_str){ NULL, 0 });
	id = a != NULL && a->alias && a->post_id <= INT64_MAX ? a->post_id : 0;
	fr_answer_drop(a);
	if (id != 0) {
		redirect(e, f, id);
		return;
	}
	flight_move(f, FR_FLIGHT_LOOKUP);
	look_up(e, f);
}

/* Redis has no answer that does. */
static void ask_on(struct fr_engine *e, struct flight *f)
{
	if (f->look_only && f->peek)
		block_peeked(e, f);
	else if (f->look_only)
		settle_refusal(e, f, FR_PROBLEM_NOT_CACHED, FR_OUTCOME_NOT_CACHED, FR_MS(0));
	else if (abandoned(f))
		settle_quietly(e, f);
	else
		claim(e, f);
}

static void found_answer(struct fr_engine *e, struct flight *f, enum fr_store_result result, struct fr_str record)
{
	(void)study_finish(e);
	if (result == FR_STORE_UNKNOWN) {
		go_on_without_store(e, f);
		return;
	}
	e->store_up = true;
	if (result == FR_STORE_HIT && !review_record(e, f, record)) {
		settle_quietly(e, f);
	} else if (!f->look_only && abandoned(f)) {
		settle_quietly(e, f);
	} else if (compose_wanted(f)) {
		flight_move(f, FR_FLIGHT_PIECE);
		store_timer(e, f);
		compose_ask(e, f);
	} else {
		ask_on(e, f);
	}
}

static void found_piece(struct fr_engine *e, struct flight *f, enum fr_store_result result, struct fr_str record)
{
	struct fr_answer *a;

	if (result == FR_STORE_UNKNOWN) {
		go_on_without_store(e, f);
		return;
	}
	a = result == FR_STORE_HIT ? read_record(e, record, f->piece, (struct fr_str){ NULL, 0 }) : NULL;
	if (a != NULL)
		compose_found(e, f, a);
	fr_answer_drop(a);
	if (compose_news(e, f) && !settle_composed(e, f))
		settle_quietly(e, f);
	else
		ask_on(e, f);
}

void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	struct flight *f;

	engine_enter(e);
	if ((f = flight_of_token(e, token, FR_FLIGHT_ALIAS)) != NULL)
		found_alias(e, f, result, record);
	else if ((f = flight_of_token(e, token, FR_FLIGHT_LOOKUP)) != NULL)
		found_answer(e, f, result, record);
	else if ((f = flight_of_token(e, token, FR_FLIGHT_PIECE)) != NULL)
		found_piece(e, f, result, record);
	else
		(void)harvest_found(e, token, result, record);
	engine_leave(e);
}

static void won(struct fr_engine *e, struct flight *f, struct fr_str record)
{
	e->tally.counters.lease_won++;
	f->leased = true;
	if ((record.n > 0 && !review_record(e, f, record)) || abandoned(f))
		settle_quietly(e, f);
	else if (f->peek)
		block_peeked(e, f);
	else
		admit(e, f);
}

static void wait_for_peer(struct fr_engine *e, struct flight *f)
{
	e->tally.counters.lease_waited++;
	flight_move(f, FR_FLIGHT_PEER);
	flight_timer(e, f, PEER_POLL);
}

void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record)
{
	struct flight *f;
	struct fr_answer *outcome;

	engine_enter(e);
	f = flight_of_token(e, token, FR_FLIGHT_CLAIM);
	if (f != NULL && result != FR_CLAIM_UNKNOWN)
		e->store_up = true;
	if (f == NULL) {
		/* too late: the flight went on without this answer; a lease won like this ends by itself */
	} else if (result == FR_CLAIM_WON) {
		won(e, f, record);
	} else if (result == FR_CLAIM_UNKNOWN) {
		go_on_without_store(e, f);
	} else if (abandoned(f)) {
		settle_quietly(e, f);
	} else if (result == FR_CLAIM_FAILED && f->peek) {
		block_peeked(e, f);
	} else if (result == FR_CLAIM_FAILED && (outcome = read_record(e, record, f->question.key, f->question.canon)) != NULL) {
		e->tally.counters.shared_failures++;
		settle_failure(e, f, outcome, false, e->settings->failure_hold);
		fr_answer_drop(outcome);
	} else {
		wait_for_peer(e, f);
	}
	engine_leave(e);
}

static void peer_again(struct fr_engine *e, struct flight *f)
{
	if (abandoned(f)) {
		settle_quietly(e, f);
		return;
	}
	flight_move(f, FR_FLIGHT_LOOKUP);
	look_up(e, f);
}

void fr_engine_hint(struct fr_engine *e, struct fr_key key)
{
	struct fr_map_link *link;
	struct flight *f;

	engine_enter(e);
	link = fr_map_find(&e->flights, key);
	if (link != NULL && (f = FR_OF(link, struct flight, by_key))->state == FR_FLIGHT_PEER)
		peer_again(e, f);
	engine_leave(e);
}

void fly_due(struct fr_engine *e, struct flight *f)
{
	switch (f->state) {
	case FR_FLIGHT_ALIAS: found_alias(e, f, FR_STORE_UNKNOWN, FR_STR("")); break;
	case FR_FLIGHT_LOOKUP:
	case FR_FLIGHT_PIECE:
	case FR_FLIGHT_CLAIM: go_on_without_store(e, f); break;
	case FR_FLIGHT_PEER: peer_again(e, f); break;
	case FR_FLIGHT_ADMIT:
	case FR_FLIGHT_FETCH:
		renew_timer(e, f);
		e->ports.store_renew(e->ports.ctx, f->question.key, f->owner, e->settings->redis_lease);
		break;
	case FR_FLIGHT_HELD: flight_end(e, &f); break;
	default: FR_ASSERT(false);
	}
}
