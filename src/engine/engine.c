#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/own.h"
#include "engine/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const fr_ms NEVER = { INT64_MAX };

void engine_enter(struct fr_engine *e)
{
	e->now = e->ports.now(e->ports.ctx);
	e->wall = e->ports.wall(e->ports.ctx);
}

void engine_leave(struct fr_engine *e)
{
	struct fr_heap_item *first = fr_heap_first(&e->timers);
	fr_ms due = first != NULL ? first->due : NEVER;

	e->tally.counters.memory_evictions = fr_memory_evictions(e->memory);
	if (due.v == e->armed.v)
		return;
	e->armed = due;
	e->ports.wake_at(e->ports.ctx, due);
}

void engine_note(struct fr_engine *e, enum fr_level level, const char *fmt, ...)
{
	char line[FR_ERRMSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	e->ports.note(e->ports.ctx, level, line);
}

struct fr_engine *fr_engine_new(const struct fr_ports *ports, const struct fr_policy *policy)
{
	const struct fr_settings *settings = policy->settings;
	struct fr_engine *e = fr_calloc(1, sizeof *e);
	uint64_t seed;

	e->ports = *ports;
	e->policy = *policy;
	e->settings = settings;
	e->catalogue = policy->catalogue;
	e->operator_key = policy->operator_key;
	e->armed = NEVER;
	seed = ports->random(ports->ctx);
	e->identity = (struct fr_key){ ports->random(ports->ctx), ports->random(ports->ctx) | 1 };
	e->memo = fr_memo_new(seed);
	fr_heads_init(&e->heads);
	e->memory = fr_memory_new((size_t)settings->memory_size, seed);
	e->pieces = fr_pieces_new((size_t)settings->memory_pieces, seed);
	fr_map_init(&e->probes, seed);
	fr_map_init(&e->flights, seed);
	fr_map_init(&e->tokens, seed);
	fr_map_init(&e->aliases, seed);
	fr_list_init(&e->alias_order);
	fr_list_init(&e->batches);
	fr_heap_init(&e->timers);
	e->queue = fr_queue_new();
	e->line_timer.due = DUE_LINE;
	e->totals_timer.due = DUE_TOTALS;
	e->ledger_timer.due = DUE_LEDGER;
	e->ledger = fr_ledger_new();
	e->journal_up = true;
	e->limiter = fr_limiter_new(settings->upstream_rate.calls, settings->upstream_rate.window);
	if (settings->upstream_rate.calls > 0)
		fr_line_init(&e->line, settings->upstream_rate.calls, settings->upstream_rate.window, settings->redis_timeout);
	fr_breakers_init(&e->breakers, e->catalogue, settings->breaker_failures, settings->breaker_open,
			 settings->breaker_open_max);
	e->store_up = true;
	engine_enter(e);
	gate_init(e);
	alerts_begin(e);
	purge_init(e);
	block_init(e);
	prewarm_init(e, seed);
	study_init(e);
	e->walks = fr_walks_new(e->ports.random(e->ports.ctx));
	return e;
}

void fr_engine_free(struct fr_engine *e)
{
	struct fr_map_link *link, *next;

	for (link = fr_map_next(&e->tokens, NULL); link != NULL; link = next) {
		struct flight *f = FR_OF(link, struct flight, by_token);
		struct fr_list *waiting;

		next = fr_map_next(&e->tokens, link);
		while ((waiting = fr_list_first(&f->waiters)) != NULL) {
			struct waiter *w = FR_OF(waiting, struct waiter, link);

			waiter_free(e, &w);
		}
		flight_end(e, &f);
	}
	alias_free_all(e);
	alerts_free(e);
	totals_free_all(e);
	fr_ledger_free(e->ledger);
	fr_purges_free(e->purges);
	fr_heads_clear(&e->heads);
	fr_memo_free(e->memo);
	fr_blocks_free(e->blocks);
	fr_prewarms_free(e->prewarms);
	fr_walks_free(e->walks);
	fr_memory_free(e->memory);
	fr_pieces_free(e->pieces);
	study_free_all(e);
	harvest_free_all(e);
	fr_limiter_free(e->limiter);
	fr_line_free(&e->line);
	fr_queue_free(e->queue);
	fr_map_free(&e->flights);
	fr_map_free(&e->tokens);
	fr_map_free(&e->aliases);
	fr_heap_free(&e->timers);
	free(e);
}

uint64_t engine_partition(const struct fr_engine *e, struct fr_str client_key)
{
	return e->operator_key ? 0 : (fr_hash64(0, client_key.p, client_key.n) | 1);
}

/* The nearest word counts: the request's own, in its query or in its head, before the configuration's. */
static struct fr_needs needs_of(const struct fr_engine *e, const struct asker *a, const struct fr_question *q,
				const struct fr_ask *asked)
{
	if (q->fields.p != NULL)
		return fr_needs_read(&q->endpoint->shape, q->fields);
	if (asked->fields.p != NULL)
		return fr_needs_read(&q->endpoint->shape, asked->fields);
	return e->policy.roster->readers[a->standing.reader].needs[q->endpoint->index];
}

static void ask_question(struct fr_engine *e, struct asker *a, const struct fr_ask *asked, const struct fr_question *q)
{
	a->key = q->key;
	a->needs = needs_of(e, a, q, asked);
	alerts_asked(e, a->client, q);
	if (depth_allows(e, a, q))
		route(e, a, q, asked->client_key);
}

static void ask(struct fr_engine *e, struct asker *a, const struct fr_ask *asked)
{
	uint64_t partition = engine_partition(e, asked->client_key);
	const struct fr_question *known = fr_memo_find(e->memo, asked->target, partition);
	struct fr_question q;
	struct fr_refusal why;
	struct fr_arena mem;

	if (known != NULL) {
		ask_question(e, a, asked, known);
		return;
	}
	fr_arena_init(&mem, 8 * FR_CANON_MAX);
	if (fr_question_read(&mem, e->catalogue, asked->target, partition, e->settings->validate, &q, &why) == FR_OK) {
		if (!q.endpoint->is_other)
			fr_memo_put(e->memo, asked->target, &q);
		ask_question(e, a, asked, &q);
	} else {
		const struct fr_endpoint *row = fr_catalogue_find(
			e->catalogue, (struct fr_str){ asked->target.p, fr_str_find(asked->target, '?') });
		int64_t price = why.problem == FR_PROBLEM_NO_PAGE ? 0 : row->price; /* it was never the upstream's to bill */

		refuse(e, a, row->index, price, &why, FR_OUTCOME_BAD_REQUEST, FR_MS(0), NULL);
	}
	fr_arena_free(&mem);
}

/* Without a client nothing is said of the target: neither whether it can be read nor whether its answer is stored. */
static bool client_known(struct fr_engine *e, struct asker *a, const struct fr_ask *asked)
{
	const struct fr_client *client = fr_roster_find(e->policy.roster, asked->key_sha256);
	struct fr_refusal why;

	log_asked(e, a, asked->target, client);
	if (client != NULL) {
		a->standing = client->standing;
		a->client = (size_t)(client - e->policy.roster->clients);
		if (asked->priority < FR_PRIORITIES && asked->priority > (enum fr_priority)a->standing.priority)
			a->standing.priority = (uint8_t)asked->priority;
		return true;
	}
	fr_problem_set(&why, FR_PROBLEM_UNKNOWN_CLIENT, "%s",
		       asked->key_sha256 == NULL ? "send your API key in the header X-Api-Key"
						 : "the key in the header X-Api-Key is not known here");
	refuse(e, a, e->catalogue->n - 1, 0, &why, FR_OUTCOME_UNKNOWN_CLIENT, FR_MS(0), NULL);
	return false;
}

static void apply_permission(struct fr_engine *e, struct asker *a)
{
	struct fr_wish left;

	if (a->standing.may_refresh || !fr_wish_buys(&a->wish, &left))
		return;
	a->wish = left;
	a->wish_ignored = true;
	e->tally.counters.no_cache_ignored++;
}

static struct asker asker_of(const struct fr_engine *e, uint64_t request, const struct fr_ask *asked)
{
	return (struct asker){ .request = request,
			       .request_id = asked->request_id,
			       .if_none_match = asked->if_none_match,
			       .wish = asked->wish,
			       .patience = asked->of_batch ? e->settings->batch_wait : e->settings->wait_max,
			       .of_batch = asked->of_batch,
			       .gzip = asked->gzip,
			       .since = e->now };
}

void fr_engine_ask(struct fr_engine *e, uint64_t request, const struct fr_ask *asked)
{
	struct asker a;

	engine_enter(e);
	a = asker_of(e, request, asked);
	if (client_known(e, &a, asked)) {
		apply_permission(e, &a);
		ask(e, &a, asked);
	}
	engine_leave(e);
}

void fr_engine_refuse(struct fr_engine *e, uint64_t request, int problem, const char *detail, const struct fr_ask *asked)
{
	const struct fr_endpoint *other = &e->catalogue->rows[e->catalogue->n - 1];
	struct fr_str path = { asked->target.p, fr_str_find(asked->target, '?') };
	int64_t price = fr_own_of(path) == FR_OWN_NONE ? other->price : 0;
	struct fr_refusal why;
	struct asker a;

	engine_enter(e);
	a = asker_of(e, request, asked);
	fr_problem_set(&why, (enum fr_problem)problem, "%s", detail);
	if (client_known(e, &a, asked))
		refuse(e, &a, other->index, price, &why, FR_OUTCOME_BAD_REQUEST, FR_MS(0), NULL);
	engine_leave(e);
}

/* The waiter's own deadline: something old, or a local 504, never another call. A question that nobody waits for any more and that has not
 * been asked is dropped. */
static void waiter_due(struct fr_engine *e, struct waiter *w)
{
	struct flight *f = w->flight;
	struct served how = rescued();
	struct fr_answer *known;
	struct fr_refusal why;

	(void)study_finish(e);
	known = purge_known(e, &f->question);
	if (known != NULL)
		flight_saw(f, known);
	fr_problem_set(&why, FR_PROBLEM_WAIT_TIMEOUT, "no answer after %lld ms (%s); the question was in state %s",
		       (long long)(e->now.v - w->asker.since.v), w->asker.of_batch ? "batch.wait" : "wait.max",
		       fr_flight_state_name(f->state));
	if (!serve_rescue(e, &w->asker, &f->question, f->previous, &how))
		refuse(e, &w->asker, f->question.endpoint->index, f->question.endpoint->price, &why, FR_OUTCOME_TIMED_OUT,
		       FR_SECONDS(1), NULL);
	waiter_free(e, &w);
	if (f->n_waiters == 0 && !fr_reason_background(f->reason) && (f->state == FR_FLIGHT_PEER || f->state == FR_FLIGHT_ADMIT))
		settle_quietly(e, f);
}

static void timer_due(struct fr_engine *e, struct timer *t)
{
	switch (t->due) {
	case DUE_FLIGHT: fly_due(e, FR_OF(t, struct flight, timer)); break;
	case DUE_WAITER: waiter_due(e, FR_OF(t, struct waiter, deadline)); break;
	case DUE_LINE: line_turn(e); break;
	case DUE_TOTALS: totals_due(e); break;
	case DUE_LEDGER: ledger_due(e); break;
	case DUE_LEASE: lease_due(e); break;
	case DUE_ALERTS: alerts_due(e); break;
	case DUE_PURGES: purge_due(e); break;
	case DUE_PREWARM: prewarm_due(e); break;
	case DUE_STUDY: study_due(e); break;
	}
}

void fr_engine_wake(struct fr_engine *e)
{
	struct fr_heap_item *first;

	engine_enter(e);
	e->armed = NEVER;
	while ((first = fr_heap_first(&e->timers)) != NULL && first->due.v <= e->now.v) {
		fr_heap_cut(&e->timers, first);
		timer_due(e, FR_OF(first, struct timer, item));
	}
	engine_leave(e);
}

static void stop_waiting(struct fr_engine *e)
{
	struct fr_map_link *link = NULL, *next;

	for (link = fr_map_next(&e->tokens, NULL); link != NULL; link = next) {
		struct flight *f = FR_OF(link, struct flight, by_token);

		next = fr_map_next(&e->tokens, link);
		if (f->state == FR_FLIGHT_HELD)
			flight_end(e, &f);
		else if (f->state != FR_FLIGHT_FETCH)
			settle_refusal(e, f, FR_PROBLEM_STOPPING, FR_OUTCOME_OVERLOADED, FR_SECONDS(1));
	}
}

void fr_engine_stop(struct fr_engine *e)
{
	engine_enter(e);
	(void)study_finish(e);
	e->stopping = true;
	e->store_up = true; /* until the last totals find out */
	stop_waiting(e);
	if (!fr_list_empty(&e->batches))
		fr_heap_set(&e->timers, &e->totals_timer.item, e->now);
	ledger_soon(e);
	lease_return(e);
	engine_leave(e);
}

bool fr_engine_idle(const struct fr_engine *e)
{
	bool sent = fr_list_empty(&e->batches) && (fr_ledger_lag(e->ledger) == 0 || fr_ledger_unwritten(e->ledger) != 0);
	struct fr_purge owed;

	sent = sent && !lease_held(e) && !e->gate.sent && !fr_purges_owed(e->purges, &owed);
	return e->n_calls == 0 && e->n_waiters == 0 && alerts_idle(e) && (sent || !e->store_up);
}

const struct fr_tally *fr_engine_tally(const struct fr_engine *e)
{
	return &e->tally;
}

struct fr_gauges fr_engine_gauges(const struct fr_engine *e)
{
	return (struct fr_gauges){
		.memory_entries = (int64_t)fr_memory_entries(e->memory),
		.memory_bytes = (int64_t)fr_memory_bytes(e->memory),
		.pieces = (int64_t)fr_pieces_entries(e->pieces),
		.pieces_bytes = (int64_t)fr_pieces_bytes(e->pieces),
		.flights = (int64_t)e->n_flights,
		.waiters = (int64_t)e->n_waiters,
		.calls = (int64_t)e->n_calls,
		.limiter_queue = (int64_t)fr_queue_waiting(e->queue),
		.line_used = line_used(e),
		.breaker_open = e->breakers.whole.state != FR_BREAKER_CLOSED,
		.breaker_groups_open = (int64_t)fr_breakers_open(&e->breakers),
		.store_up = e->store_up,
		.totals_pending = (int64_t)e->n_batches,
		.ledger_pending = (int64_t)fr_ledger_lag(e->ledger),
		.journal_up = e->journal_up,
		.alerts_pending = (int64_t)alerts_pending(e),
	};
}
