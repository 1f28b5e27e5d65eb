/* map.h — a hash map through the things themselves, found by struct fr_key.
 *
 * The map owns only its buckets. It grows by doubling and never refuses: its users bound what they put in. */
#ifndef FRUGAL_BASE_MAP_H
#define FRUGAL_BASE_MAP_H

#include "frugal/types.h"

struct fr_map_link {
	struct fr_map_link *next;
	struct fr_key key;
};

struct fr_map {
	struct fr_map_link **buckets;
	size_t n_buckets, n;
	unsigned shift; /* 64 less the bits that a bucket's number has */
	uint64_t odd[2];
};

void fr_map_init(struct fr_map *m, uint64_t seed);
void fr_map_free(struct fr_map *m);                                             /* the buckets; the things belong to the caller */
struct fr_map_link *fr_map_find(const struct fr_map *m, struct fr_key key);     /* or NULL */
void fr_map_add(struct fr_map *m, struct fr_map_link *link, struct fr_key key); /* key must be new */
void fr_map_cut(struct fr_map *m, struct fr_map_link *link);                    /* must be in it */
/* Walks all: start with NULL, ends with NULL. No changes on the way. */
struct fr_map_link *fr_map_next(const struct fr_map *m, const struct fr_map_link *link);

#endif
