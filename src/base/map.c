#include "base/map.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/random.h"

enum { FIRST_BITS = 4, FIRST_BUCKETS = 1 << FIRST_BITS }; /* every number of buckets is a power of two */

void fr_map_init(struct fr_map *m, uint64_t seed)
{
	struct fr_random random = { seed };

	*m = (struct fr_map){ .odd = { fr_random_next(&random) | 1, fr_random_next(&random) | 1 } };
}

void fr_map_free(struct fr_map *m)
{
	free(m->buckets);
	*m = (struct fr_map){ .odd = { m->odd[0], m->odd[1] } };
}

/* Keys name questions, which clients choose: only the seed makes their buckets unpredictable. For keys that are chosen without knowing it this
 * spreads as well as a hash would (Dietzfelbinger et al., "A reliable randomized algorithm for the closest-pair problem", 1997). */
static size_t bucket_of(const struct fr_map *m, struct fr_key key)
{
	FR_ASSERT(m->n_buckets > 0);
	return (size_t)((key.hi * m->odd[0] + key.lo * m->odd[1]) >> m->shift);
}

struct fr_map_link *fr_map_find(const struct fr_map *m, struct fr_key key)
{
	struct fr_map_link *link = m->n == 0 ? NULL : m->buckets[bucket_of(m, key)];

	while (link != NULL && !fr_key_eq(link->key, key))
		link = link->next;
	return link;
}

static void hang(struct fr_map *m, struct fr_map_link *link)
{
	struct fr_map_link **bucket = &m->buckets[bucket_of(m, link->key)];

	link->next = *bucket;
	*bucket = link;
}

static void grow(struct fr_map *m)
{
	struct fr_map_link **old = m->buckets;
	size_t n_old = m->n_buckets;

	m->n_buckets = n_old == 0 ? FIRST_BUCKETS : n_old * 2;
	m->shift = n_old == 0 ? 64 - FIRST_BITS : m->shift - 1;
	m->buckets = fr_calloc(m->n_buckets, sizeof(struct fr_map_link *));
	for (size_t i = 0; i < n_old; i++) {
		struct fr_map_link *next;

		for (struct fr_map_link *link = old[i]; link != NULL; link = next) {
			next = link->next;
			hang(m, link);
		}
	}
	free(old);
}

void fr_map_add(struct fr_map *m, struct fr_map_link *link, struct fr_key key)
{
	FR_ASSERT(fr_map_find(m, key) == NULL);
	if (m->n == m->n_buckets)
		grow(m);
	link->key = key;
	hang(m, link);
	m->n++;
}

void fr_map_cut(struct fr_map *m, struct fr_map_link *link)
{
	struct fr_map_link **at;

	FR_ASSERT(m->n > 0);
	at = &m->buckets[bucket_of(m, link->key)];
	while (*at != link) {
		FR_ASSERT(*at != NULL);
		at = &(*at)->next;
	}
	*at = link->next;
	link->next = NULL;
	m->n--;
}

struct fr_map_link *fr_map_next(const struct fr_map *m, const struct fr_map_link *link)
{
	size_t i = 0;

	if (link != NULL) {
		if (link->next != NULL)
			return link->next;
		i = bucket_of(m, link->key) + 1;
	}
	while (i < m->n_buckets && m->buckets[i] == NULL)
		i++;
	return i < m->n_buckets ? m->buckets[i] : NULL;
}
