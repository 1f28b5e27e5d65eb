#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "tests/sim/store_fake_state.h"

/* Places that were given in one step, oldest first. */
struct places {
	struct fr_list link;
	int64_t at, n;
};

struct asker {
	struct fr_list link;
	uint64_t identity;
	int64_t at;
};

void fake_line_init(struct fr_fake_store *s)
{
	fr_list_init(&s->places);
	fr_list_init(&s->askers);
}

void fake_line_forget(struct fr_fake_store *s)
{
	struct fr_list *l;

	while ((l = fr_list_pop(&s->places)) != NULL)
		free(FR_OF(l, struct places, link));
	while ((l = fr_list_pop(&s->askers)) != NULL)
		free(FR_OF(l, struct asker, link));
}

void fake_line_cut_back(struct fr_fake_store *s, int64_t to)
{
	while (!fr_list_empty(&s->places) && FR_OF(s->places.prev, struct places, link)->at >= to) {
		struct places *last = FR_OF(s->places.prev, struct places, link);

		fr_list_cut(&last->link);
		free(last);
	}
}

/* What is over goes; what is of the future, after the clock was set back, is of now. */
static void turn_over(struct fr_fake_store *s, fr_ms window)
{
	struct fr_list *l;

	for (l = s->places.prev; l != &s->places && FR_OF(l, struct places, link)->at > fake_now(s); l = l->prev)
		FR_OF(l, struct places, link)->at = fake_now(s);
	while ((l = fr_list_first(&s->places)) != NULL && FR_OF(l, struct places, link)->at <= fake_now(s) - window.v) {
		fr_list_cut(l);
		free(FR_OF(l, struct places, link));
	}
}

static int64_t used(const struct fr_fake_store *s)
{
	int64_t n = 0;

	for (struct fr_list *l = s->places.next; l != &s->places; l = l->next)
		n += FR_OF(l, struct places, link)->n;
	return n;
}

/* Places taken in the last slice, counted up to the share; `ret_wait`: until they are fewer than that. */
static int64_t in_slice(const struct fr_fake_store *s, const struct fr_line_ask *ask, int64_t *ret_wait)
{
	int64_t n = 0;

	*ret_wait = 0;
	for (struct fr_list *l = s->places.prev; l != &s->places; l = l->prev) {
		const struct places *p = FR_OF(l, struct places, link);

		if (p->at <= fake_now(s) - ask->slice.v)
			break;
		n += p->n;
		if (n >= ask->slice_calls) {
			*ret_wait = p->at + ask->slice.v - fake_now(s);
			break;
		}
	}
	return n;
}

static int64_t take(struct fr_fake_store *s, int64_t wanted, int64_t free)
{
	struct places *p;
	int64_t n = wanted < free ? wanted : free;

	if (n <= 0)
		return 0;
	p = fr_calloc(1, sizeof *p);
	p->at = fake_now(s);
	p->n = n;
	fr_list_push(&s->places, &p->link);
	return n;
}

static void note_asker(struct fr_fake_store *s, uint64_t identity)
{
	struct asker *a;

	for (struct fr_list *l = s->askers.next; l != &s->askers; l = l->next)
		if (FR_OF(l, struct asker, link)->identity == identity) {
			FR_OF(l, struct asker, link)->at = fake_now(s);
			return;
		}
	a = fr_calloc(1, sizeof *a);
	a->identity = identity;
	a->at = fake_now(s);
	fr_list_push(&s->askers, &a->link);
}

static size_t count_askers(struct fr_fake_store *s, fr_ms window)
{
	size_t n = 0;

	for (struct fr_list *next, *l = s->askers.next; l != &s->askers; l = next) {
		struct asker *a = FR_OF(l, struct asker, link);

		next = l->next;
		if (a->at > fake_now(s) - window.v && a->at <= fake_now(s)) {
			n++;
		} else {
			fr_list_cut(l);
			free(a);
		}
	}
	return n > 1 ? n : 1;
}

static void give(struct fr_fake_store *s, uint64_t identity, const struct fr_line_ask *ask, struct fr_line_told *told)
{
	int64_t wait, free;

	turn_over(s, ask->window);
	if (ask->urgent + ask->paced > 0)
		note_asker(s, identity);
	told->known = true;
	told->urgent = take(s, ask->urgent, ask->calls - used(s));
	free = ask->slice_calls - in_slice(s, ask, &wait);
	if (free > ask->calls - used(s))
		free = ask->calls - used(s);
	told->paced = take(s, ask->paced, free);
	told->used = used(s);
	(void)in_slice(s, ask, &wait);
	if (told->used >= ask->calls)
		told->wait_urgent.v = FR_OF(s->places.next, struct places, link)->at + ask->window.v - fake_now(s);
	told->wait_paced.v = wait > told->wait_urgent.v ? wait : told->wait_urgent.v;
	told->instances = count_askers(s, ask->window);
}

void fake_store_line_up(struct fake_client *c, uint64_t identity, const struct fr_line_ask *ask)
{
	struct fr_line_told told = { .number = ask->number };

	FR_ASSERT(ask->calls > 0 && ask->window.v > 0 && ask->slice.v > 0 && ask->slice_calls > 0);
	FR_ASSERT(ask->urgent >= 0 && ask->paced >= 0);
	if (fake_arrives(c))
		give(c->store, identity, ask, &told);
	fake_reply(c, (struct fake_result){ .op = FAKE_LINE, .line = told });
}
