#include "core/memory.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "core/sieve.h"

#include "base/pure.h"

struct fr_memory {
	struct fr_sieve sieve;
};

/* What the table of places takes for one: there are at most twice as many slots in it as answers. */
static const size_t SLOT = 2 * sizeof(void *);

static void drop(struct fr_sieve_item *item)
{
	fr_answer_drop(FR_OF(item, struct fr_answer, place));
}

struct fr_memory *fr_memory_new(size_t bytes_max, uint64_t seed)
{
	struct fr_memory *m = fr_calloc(1, sizeof(*m));

	fr_sieve_init(&m->sieve, bytes_max, seed, drop);
	return m;
}

void fr_memory_free(struct fr_memory *m)
{
	if (m == NULL)
		return;
	fr_sieve_free(&m->sieve);
	free(m);
}

struct fr_answer *fr_memory_find(struct fr_memory *m, struct fr_key key)
{
	struct fr_sieve_item *item = fr_sieve_find(&m->sieve, key);

	return item == NULL ? NULL : FR_OF(item, struct fr_answer, place);
}

/* The new one is held before the old one goes: they may be the same. */
void fr_memory_put(struct fr_memory *m, struct fr_answer *held)
{
	fr_sieve_put(&m->sieve, held->key, &fr_answer_hold(held)->place, fr_answer_bytes(held) + SLOT);
}

void fr_memory_cut(struct fr_memory *m, struct fr_key key)
{
	fr_sieve_cut(&m->sieve, key);
}

size_t fr_memory_bytes(const struct fr_memory *m)
{
	return m->sieve.bytes;
}

size_t fr_memory_entries(const struct fr_memory *m)
{
	return m->sieve.map.n;
}

uint64_t fr_memory_evictions(const struct fr_memory *m)
{
	return m->sieve.evictions;
}
