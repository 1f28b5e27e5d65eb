#include "core/memory.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/list.h"
#include "base/map.h"

#include "base/pure.h"

struct entry {
	struct fr_map_link by_key;
	struct fr_list in_queue;
	struct fr_answer *answer; /* one reference */
	size_t bytes;
	bool hit;
};

struct fr_memory {
	struct fr_map map;
	struct fr_list queue; /* the oldest first */
	struct fr_list *hand; /* the next to be looked at, or the ring itself: the oldest */
	size_t bytes, bytes_max;
	uint64_t evictions;
};

struct fr_memory *fr_memory_new(size_t bytes_max, uint64_t seed)
{
	struct fr_memory *m = fr_calloc(1, sizeof(*m));

	m->bytes_max = bytes_max;
	fr_map_init(&m->map, seed);
	fr_list_init(&m->queue);
	m->hand = &m->queue;
	return m;
}

static struct entry *find(const struct fr_memory *m, struct fr_key key)
{
	struct fr_map_link *link = fr_map_find(&m->map, key);

	return link == NULL ? NULL : FR_OF(link, struct entry, by_key);
}

static void discard(struct fr_memory *m, struct entry *e)
{
	FR_ASSERT(m->bytes >= e->bytes);
	if (m->hand == &e->in_queue)
		m->hand = e->in_queue.next;
	m->bytes -= e->bytes;
	fr_map_cut(&m->map, &e->by_key);
	fr_list_cut(&e->in_queue);
	fr_answer_drop(e->answer);
	free(e);
}

void fr_memory_free(struct fr_memory *m)
{
	struct fr_list *link;

	if (m == NULL)
		return;
	while ((link = fr_list_first(&m->queue)) != NULL)
		discard(m, FR_OF(link, struct entry, in_queue));
	FR_ASSERT(m->bytes == 0 && m->map.n == 0);
	fr_map_free(&m->map);
	free(m);
}

/* Ends within one round and a step: every bit that is passed is cleared. */
static void evict_one(struct fr_memory *m)
{
	FR_ASSERT(!fr_list_empty(&m->queue));
	for (;;) {
		struct entry *e;

		if (m->hand == &m->queue)
			m->hand = m->queue.next;
		e = FR_OF(m->hand, struct entry, in_queue);
		if (!e->hit) {
			discard(m, e);
			m->evictions++;
			return;
		}
		e->hit = false;
		m->hand = m->hand->next;
	}
}

struct fr_answer *fr_memory_find(struct fr_memory *m, struct fr_key key)
{
	struct entry *e = find(m, key);

	if (e == NULL)
		return NULL;
	e->hit = true;
	return e->answer;
}

/* A replacement arrives anew, with the bit of what it replaces: a refresh does not make a question less asked for. */
void fr_memory_put(struct fr_memory *m, struct fr_answer *held)
{
	struct entry *e = find(m, held->key);
	size_t bytes = fr_answer_bytes(held) + sizeof(*e);
	bool hit = e != NULL && e->hit;

	(void)fr_answer_hold(held); /* before the old one goes: they may be the same */
	if (e != NULL)
		discard(m, e);
	if (bytes > m->bytes_max / 4) {
		fr_answer_drop(held);
		return;
	}
	while (bytes > m->bytes_max - m->bytes)
		evict_one(m);
	e = fr_calloc(1, sizeof(*e));
	e->answer = held;
	e->bytes = bytes;
	e->hit = hit;
	fr_map_add(&m->map, &e->by_key, held->key);
	fr_list_push(&m->queue, &e->in_queue);
	m->bytes += bytes;
	FR_ASSERT(m->bytes <= m->bytes_max);
}

void fr_memory_cut(struct fr_memory *m, struct fr_key key)
{
	struct entry *e = find(m, key);

	if (e != NULL)
		discard(m, e);
}

size_t fr_memory_bytes(const struct fr_memory *m)
{
	return m->bytes;
}

size_t fr_memory_entries(const struct fr_memory *m)
{
	return m->map.n;
}

uint64_t fr_memory_evictions(const struct fr_memory *m)
{
	return m->evictions;
}
