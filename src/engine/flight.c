#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "engine/state.h"

#include <stdlib.h>
#include <string.h>

static struct flight *flight_check(struct flight *f)
{
	FR_ASSERT(f != NULL && f->magic == FR_FLIGHT_MAGIC);
	FR_ASSERT(f->calls <= 1);
	FR_ASSERT(FR_IMPLIES(f->state == FR_FLIGHT_FETCH, f->calls == 1));
	FR_ASSERT(FR_IMPLIES(f->state == FR_FLIGHT_HELD, f->n_waiters == 0 && f->outcome != NULL));
	FR_ASSERT(FR_IMPLIES(f->state == FR_FLIGHT_ENDED, f->n_waiters == 0));
	return f;
}

/* The question's texts die with the request that asked it first; the flight keeps its own. */
static void keep_question(struct flight *f, const struct fr_question *q)
{
	fr_arena_init(&f->mem, 10 * FR_CANON_MAX);
	f->question = *q;
	f->question.canon = fr_arena_str(&f->mem, q->canon);
	f->question.upstream = fr_arena_str(&f->mem, q->upstream);
	if (q->alias.n > 0)
		f->question.alias = fr_arena_str(&f->mem, q->alias);
	f->question.fields = (struct fr_str){ NULL, 0 }; /* each waiter has its own */
	FR_ASSERT(f->question.canon.p != NULL && f->question.upstream.p != NULL);
}

static void keep_key(struct flight *f, struct fr_str client_key)
{
	f->client_key = fr_calloc(1, sizeof *f->client_key);
	fr_str_copy(f->client_key->s, sizeof f->client_key->s, client_key);
}

/* What is done behind somebody's back is less urgent than who waits, but no more urgent than whom it is done for. */
static enum fr_priority caused(const struct flight *f)
{
	enum fr_priority own = (enum fr_priority)f->standing.priority;

	return fr_reason_background(f->reason) && own < FR_PRIORITY_REFRESH ? FR_PRIORITY_REFRESH : own;
}

/* As urgent as whoever caused it, and as all who wait for it. */
static void weigh(struct flight *f)
{
	enum fr_priority p = 0;

	if (f->calls > 0)
		return;
	while (p < caused(f) && f->n_of_class[p] == 0)
		p++;
	f->spender.priority = p;
}

void flight_charge(struct flight *f, const struct fr_standing *who)
{
	f->standing = *who;
	f->spender = (struct fr_spender){ .tenant = who->tenant, .endpoint = f->question.endpoint->index };
	weigh(f);
}

struct flight *flight_new(struct fr_engine *e, const struct fr_question *q, enum fr_reason reason, bool loose,
			  const struct fr_standing *who, struct fr_str client_key)
{
	struct flight *f;

	FR_ASSERT(e->n_flights < FR_FLIGHTS_MAX);
	f = fr_calloc(1, sizeof *f);
	f->magic = FR_FLIGHT_MAGIC;
	f->state = q->alias.n > 0 ? FR_FLIGHT_ALIAS : q->endpoint->is_other ? FR_FLIGHT_ADMIT : FR_FLIGHT_LOOKUP;
	f->loose = loose;
	f->reason = reason;
	f->timer.due = DUE_FLIGHT;
	fr_list_init(&f->waiters);
	fr_queue_item_init(&f->turn);
	fr_list_init(&f->in_gate);
	keep_question(f, q);
	flight_charge(f, who);
	if (!e->operator_key && client_key.n > 0)
		keep_key(f, client_key);
	f->owner = (struct fr_key){ e->identity.hi ^ ++e->next_owner, e->identity.lo };
	if (!loose)
		fr_map_add(&e->flights, &f->by_key, q->key);
	fr_map_add(&e->tokens, &f->by_token, (struct fr_key){ 1, ++e->next_token });
	e->n_flights++;
	return flight_check(f);
}

void flight_move(struct flight *f, enum fr_flight_state to)
{
	FR_ASSERT(fr_flight_may(f->state, to));
	f->state = to;
	flight_check(f);
}

uint64_t flight_token(struct fr_engine *e, struct flight *f)
{
	fr_map_cut(&e->tokens, &f->by_token);
	fr_map_add(&e->tokens, &f->by_token, (struct fr_key){ 1, ++e->next_token });
	return e->next_token;
}

struct flight *flight_of_token(struct fr_engine *e, uint64_t token, enum fr_flight_state expected)
{
	struct fr_map_link *link = fr_map_find(&e->tokens, (struct fr_key){ 1, token });
	struct flight *f;

	if (link == NULL)
		return NULL;
	f = flight_check(FR_OF(link, struct flight, by_token));
	return f->state == expected ? f : NULL;
}

void flight_timer(struct fr_engine *e, struct flight *f, fr_ms after)
{
	fr_heap_set(&e->timers, &f->timer.item, (fr_ms){ e->now.v + after.v });
}

void flight_end(struct fr_engine *e, struct flight **taken)
{
	struct flight *f = flight_check(*taken);

	*taken = NULL;
	FR_ASSERT(fr_list_empty(&f->waiters) && f->n_waiters == 0);
	flight_move(f, FR_FLIGHT_ENDED);
	fr_heap_cut(&e->timers, &f->timer.item);
	line_leave(e, f);
	gate_leave(e, f);
	if (!f->loose)
		fr_map_cut(&e->flights, &f->by_key);
	fr_map_cut(&e->tokens, &f->by_token);
	fr_answer_drop(f->previous);
	fr_answer_drop(f->outcome);
	fr_arena_free(&f->mem);
	if (f->client_key != NULL) {
		memset(f->client_key, 0, sizeof *f->client_key);
		free(f->client_key);
	}
	f->magic = 0;
	free(f);
	e->n_flights--;
}

void flight_saw(struct flight *f, struct fr_answer *held)
{
	if (held == f->previous || (f->previous != NULL && f->previous->stored.v >= held->stored.v))
		return;
	fr_answer_drop(f->previous);
	f->previous = fr_answer_hold(held);
}

static struct fr_str copy_text(char **to, struct fr_str s)
{
	struct fr_str ret = { *to, s.n };

	if (s.n > 0)
		memcpy(*to, s.p, s.n);
	*to += s.n;
	return ret;
}

struct waiter *waiter_new(struct fr_engine *e, struct flight *f, const struct asker *a)
{
	size_t texts = a->request_id.n + a->if_none_match.n + a->page.target.n + a->target.n + a->name.n;
	struct waiter *w = fr_calloc(1, sizeof *w + texts + 1);
	char *text = (char *)(w + 1);

	FR_ASSERT(e->n_waiters < FR_WAITERS_MAX);
	w->magic = FR_WAITER_MAGIC;
	w->flight = f;
	w->asker = *a;
	w->asker.request_id = copy_text(&text, a->request_id);
	w->asker.if_none_match = copy_text(&text, a->if_none_match);
	w->asker.page.target = copy_text(&text, a->page.target);
	if (a->page.head != NULL)
		fr_answer_hold(a->page.head);
	if (a->target.p != NULL)
		w->asker.target = copy_text(&text, a->target);
	if (a->name.p != NULL)
		w->asker.name = copy_text(&text, a->name);
	w->deadline.due = DUE_WAITER;
	fr_list_push(&f->waiters, &w->link);
	f->n_waiters++;
	f->n_of_class[a->standing.priority]++;
	weigh(f);
	e->n_waiters++;
	fr_heap_set(&e->timers, &w->deadline.item, (fr_ms){ a->since.v + a->patience.v });
	return w;
}

struct waiter *waiter_first(const struct flight *f)
{
	struct fr_list *link = fr_list_first(&f->waiters);

	return link == NULL ? NULL : FR_OF(link, struct waiter, link);
}

void waiter_leave(struct fr_engine *e, struct waiter *w)
{
	struct flight *f = w->flight;
	const struct waiter *first;

	FR_ASSERT(w->magic == FR_WAITER_MAGIC && f != NULL);
	fr_heap_cut(&e->timers, &w->deadline.item);
	fr_list_cut(&w->link);
	f->n_waiters--;
	f->n_of_class[w->asker.standing.priority]--;
	weigh(f);
	w->flight = NULL;
	e->n_waiters--;
	first = waiter_first(f);
	if (f->calls == 0 && !fr_reason_background(f->reason) && first != NULL)
		flight_charge(f, &first->asker.standing); /* who has gone before the call does not pay for it */
}

void waiter_free(struct fr_engine *e, struct waiter **taken)
{
	struct waiter *w = *taken;

	FR_ASSERT(w != NULL && w->magic == FR_WAITER_MAGIC);
	*taken = NULL;
	if (w->flight != NULL)
		waiter_leave(e, w);
	fr_answer_drop(w->asker.page.head);
	w->magic = 0;
	free(w);
}
