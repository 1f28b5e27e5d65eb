/* sieve.h — things found by a key, bounded by bytes, evicted by SIEVE (Zhang et al., NSDI 2024).
 *
 * One queue in order of arrival, one bit per thing, one hand: a hit sets the bit; the hand walks from the oldest to the newest, clears bits and
 * evicts the first thing whose bit is clear. A hit moves nothing, so it costs one look-up.
 *
 * Things hold the item; the sieve owns them from fr_sieve_put() until it hands them to `drop`. */
#ifndef FRUGAL_CORE_SIEVE_H
#define FRUGAL_CORE_SIEVE_H

#include "base/list.h"
#include "base/map.h"

struct fr_sieve_item {
	struct fr_map_link by_key;
	struct fr_list in_queue;
	uint32_t bytes; /* 0: it is in no sieve */
	bool hit;
};

struct fr_sieve {
	struct fr_map map;
	struct fr_list queue; /* the oldest first */
	struct fr_list *hand; /* the next to be looked at, or the ring itself: the oldest */
	size_t bytes, bytes_max;
	uint64_t evictions;
	void (*drop)(struct fr_sieve_item *item);
};

void fr_sieve_init(struct fr_sieve *s, size_t bytes_max, uint64_t seed, void (*drop)(struct fr_sieve_item *item));
void fr_sieve_free(struct fr_sieve *s); /* drops all */
struct fr_sieve_item *fr_sieve_find(struct fr_sieve *s,
				    struct fr_key key); /* borrowed until the next call, or NULL; marks the hit */
/* `bytes` (>= 1) is all that the thing costs. Replaces what was there, which may be the same thing; one larger than a quarter of all is dropped at once. */
void fr_sieve_put(struct fr_sieve *s, struct fr_key key, struct fr_sieve_item *item, size_t bytes);
void fr_sieve_cut(struct fr_sieve *s, struct fr_key key);

#endif
