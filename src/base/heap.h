/* heap.h — timers in the order of their deadlines: a binary heap through the things themselves.
 *
 * Equal deadlines come out in the order in which they were set, so that a simulation repeats itself exactly. */
#ifndef FRUGAL_BASE_HEAP_H
#define FRUGAL_BASE_HEAP_H

#include "frugal/types.h"

struct fr_heap_item {
	fr_ms due;
	uint64_t seq; /* set by the heap */
	size_t at;    /* 1 + place in the heap, 0 = in none */
};

struct fr_heap {
	struct fr_heap_item **items;
	size_t n, cap;
	uint64_t next_seq;
};

void fr_heap_init(struct fr_heap *h);
void fr_heap_free(struct fr_heap *h);
void fr_heap_set(struct fr_heap *h, struct fr_heap_item *item, fr_ms due); /* adds, or moves if it is in */
void fr_heap_cut(struct fr_heap *h, struct fr_heap_item *item);            /* harmless if in none */
struct fr_heap_item *fr_heap_first(const struct fr_heap *h);               /* or NULL */

#endif
