#include "core/queue.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"

#include "base/pure.h"

/* What one turn adds to the tag of a tenant of weight 1: weights up to a million are told apart, and 2^40 turns are no overflow. */
#define TURN (UINT64_C(1) << 24)

/* A tenant's own of one class. */
struct lane {
	struct fr_list active; /* in the class, while somebody waits here */
	struct fr_list items;  /* oldest first */
	size_t n;
	int64_t weight;
	uint64_t tag, busy; /* the tag holds for this busy time of the class */
};

struct work {
	struct fr_list active; /* lanes in which somebody waits, in the order in which they began to */
	size_t n;
	uint64_t reached; /* the tag of the last that went */
	uint64_t busy;    /* how often somebody came while nobody waited */
	struct lane lanes[FR_TENANTS_MAX];
};

struct fr_queue {
	size_t n;
	struct work classes[FR_PRIORITIES];
};

static struct lane *lane_of(struct fr_list *active)
{
	return FR_OF(active, struct lane, active);
}

static struct fr_queue_item *item_of(struct fr_list *link)
{
	return FR_OF(link, struct fr_queue_item, link);
}

struct fr_queue *fr_queue_new(void)
{
	struct fr_queue *q = fr_calloc(1, sizeof(*q));

	for (size_t p = 0; p < FR_PRIORITIES; p++) {
		fr_list_init(&q->classes[p].active);
		for (size_t t = 0; t < FR_TENANTS_MAX; t++) {
			fr_list_init(&q->classes[p].lanes[t].active);
			fr_list_init(&q->classes[p].lanes[t].items);
		}
	}
	return q;
}

void fr_queue_free(struct fr_queue *q)
{
	struct fr_queue_item *item;

	if (q == NULL)
		return;
	while ((item = fr_queue_first(q)) != NULL)
		fr_queue_cut(q, item);
	free(q);
}

void fr_queue_item_init(struct fr_queue_item *item)
{
	*item = (struct fr_queue_item){ .queued = false };
	fr_list_init(&item->link);
}

/* The tenant begins to wait: neither late for what it has had already, nor early for what it did not want. */
static void join(struct work *w, struct lane *l)
{
	if (w->n == 0) {
		w->busy++;
		w->reached = 0;
	}
	if (l->busy != w->busy || l->tag < w->reached)
		l->tag = w->reached;
	l->busy = w->busy;
	fr_list_push(&w->active, &l->active);
}

void fr_queue_push(struct fr_queue *q, struct fr_queue_item *item, enum fr_priority p, size_t tenant, int64_t weight)
{
	struct work *w = &q->classes[p];
	struct lane *l = &w->lanes[tenant];

	FR_ASSERT(p < FR_PRIORITIES && tenant < FR_TENANTS_MAX && weight >= 1);
	FR_ASSERT(!item->queued && q->n < FR_FLIGHTS_MAX);
	if (l->n == 0)
		join(w, l);
	l->weight = weight;
	item->queued = true;
	item->tenant = (uint16_t)tenant;
	item->priority = (uint8_t)p;
	fr_list_push(&l->items, &item->link);
	l->n++;
	w->n++;
	q->n++;
}

void fr_queue_cut(struct fr_queue *q, struct fr_queue_item *item)
{
	struct work *w = &q->classes[item->priority];
	struct lane *l = &w->lanes[item->tenant];

	if (!item->queued)
		return;
	item->queued = false;
	fr_list_cut(&item->link);
	FR_ASSERT(l->n > 0 && w->n >= l->n && q->n >= w->n);
	l->n--;
	w->n--;
	q->n--;
	if (l->n == 0)
		fr_list_cut(&l->active);
}

static struct lane *next_lane(const struct work *w)
{
	struct lane *next = lane_of(w->active.next);

	for (struct fr_list *link = next->active.next; link != &w->active; link = link->next)
		if (lane_of(link)->tag < next->tag)
			next = lane_of(link);
	return next;
}

struct fr_queue_item *fr_queue_first(const struct fr_queue *q)
{
	for (size_t p = 0; p < FR_PRIORITIES; p++)
		if (q->classes[p].n > 0)
			return item_of(next_lane(&q->classes[p])->items.next);
	return NULL;
}

void fr_queue_took(struct fr_queue *q, struct fr_queue_item *item)
{
	struct work *w = &q->classes[item->priority];
	struct lane *l = &w->lanes[item->tenant];
	uint64_t turn = TURN / (uint64_t)l->weight;

	FR_ASSERT(item->queued && l == next_lane(w) && item == item_of(l->items.next));
	w->reached = l->tag;
	l->tag += turn > 0 ? turn : 1;
	fr_queue_cut(q, item);
}

struct fr_queue_item *fr_queue_last(const struct fr_queue *q)
{
	for (size_t p = FR_PRIORITIES; p-- > 0;) {
		const struct work *w = &q->classes[p];
		const struct lane *most = NULL;

		for (struct fr_list *link = w->active.next; link != &w->active; link = link->next)
			if (most == NULL || lane_of(link)->n > most->n)
				most = lane_of(link);
		if (most != NULL)
			return item_of(most->items.prev);
	}
	return NULL;
}

size_t fr_queue_length(const struct fr_queue *q, enum fr_priority p)
{
	FR_ASSERT(p < FR_PRIORITIES);
	return q->classes[p].n;
}

size_t fr_queue_waiting(const struct fr_queue *q)
{
	return q->n;
}
