#include "core/sieve.h"

#include "base/assert.h"

#include "base/pure.h"

void fr_sieve_init(struct fr_sieve *s, size_t bytes_max, uint64_t seed, void (*drop)(struct fr_sieve_item *item))
{
	*s = (struct fr_sieve){ .bytes_max = bytes_max, .drop = drop };
	fr_map_init(&s->map, seed);
	fr_list_init(&s->queue);
	s->hand = &s->queue;
}

static struct fr_sieve_item *find(const struct fr_sieve *s, struct fr_key key)
{
	struct fr_map_link *link = fr_map_find(&s->map, key);

	return link == NULL ? NULL : FR_OF(link, struct fr_sieve_item, by_key);
}

static void discard(struct fr_sieve *s, struct fr_sieve_item *item)
{
	FR_ASSERT(s->bytes >= item->bytes);
	if (s->hand == &item->in_queue)
		s->hand = item->in_queue.next;
	s->bytes -= item->bytes;
	fr_map_cut(&s->map, &item->by_key);
	fr_list_cut(&item->in_queue);
	item->bytes = 0;
	s->drop(item);
}

void fr_sieve_free(struct fr_sieve *s)
{
	struct fr_list *link;

	while ((link = fr_list_first(&s->queue)) != NULL)
		discard(s, FR_OF(link, struct fr_sieve_item, in_queue));
	FR_ASSERT(s->bytes == 0 && s->map.n == 0);
	fr_map_free(&s->map);
}

/* Ends within one round and a step: every bit that is passed is cleared. */
static void evict_one(struct fr_sieve *s)
{
	FR_ASSERT(!fr_list_empty(&s->queue));
	for (;;) {
		struct fr_sieve_item *item;

		if (s->hand == &s->queue)
			s->hand = s->queue.next;
		item = FR_OF(s->hand, struct fr_sieve_item, in_queue);
		if (!item->hit) {
			discard(s, item);
			s->evictions++;
			return;
		}
		item->hit = false;
		s->hand = s->hand->next;
	}
}

struct fr_sieve_item *fr_sieve_find(struct fr_sieve *s, struct fr_key key)
{
	struct fr_sieve_item *item = find(s, key);

	if (item != NULL)
		item->hit = true;
	return item;
}

/* A replacement arrives anew, with the bit of what it replaces: a refresh does not make a thing less asked for. */
void fr_sieve_put(struct fr_sieve *s, struct fr_key key, struct fr_sieve_item *item, size_t bytes)
{
	struct fr_sieve_item *old = find(s, key);
	bool hit = old != NULL && old->hit;

	FR_ASSERT(bytes >= 1 && bytes <= UINT32_MAX);
	if (old != NULL)
		discard(s, old);
	FR_ASSERT(item->bytes == 0);
	if (bytes > s->bytes_max / 4) {
		s->drop(item);
		return;
	}
	while (bytes > s->bytes_max - s->bytes)
		evict_one(s);
	item->bytes = (uint32_t)bytes;
	item->hit = hit;
	fr_map_add(&s->map, &item->by_key, key);
	fr_list_push(&s->queue, &item->in_queue);
	s->bytes += bytes;
	FR_ASSERT(s->bytes <= s->bytes_max);
}

void fr_sieve_cut(struct fr_sieve *s, struct fr_key key)
{
	struct fr_sieve_item *item = find(s, key);

	if (item != NULL)
		discard(s, item);
}
