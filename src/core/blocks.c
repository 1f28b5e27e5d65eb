#include "core/blocks.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/pure.h"

/* The known blocks of one list, the oldest first. */
struct fr_block_list {
	struct fr_map_link link;
	struct fr_list blocks;
	size_t n;
};

struct fr_blocks {
	struct fr_map lists;
	struct fr_list ages; /* of all */
	size_t n;
};

struct fr_blocks *fr_blocks_new(uint64_t seed)
{
	struct fr_blocks *b = fr_calloc(1, sizeof(*b));

	fr_map_init(&b->lists, seed);
	fr_list_init(&b->ages);
	return b;
}

static void forget(struct fr_blocks *b, struct fr_known_block *k)
{
	struct fr_block_list *list = k->of;

	fr_list_cut(&k->in_list);
	fr_list_cut(&k->in_age);
	fr_block_drop(k->block);
	free(k);
	b->n--;
	if (--list->n > 0)
		return;
	fr_map_cut(&b->lists, &list->link);
	free(list);
}

void fr_blocks_free(struct fr_blocks *b)
{
	struct fr_list *first;

	while ((first = fr_list_first(&b->ages)) != NULL)
		forget(b, FR_OF(first, struct fr_known_block, in_age));
	fr_map_free(&b->lists);
	free(b);
}

static struct fr_block_list *find(const struct fr_blocks *b, struct fr_key list)
{
	struct fr_map_link *link = fr_map_find(&b->lists, list);

	return link == NULL ? NULL : FR_OF(link, struct fr_block_list, link);
}

static struct fr_known_block *of_key(struct fr_block_list *list, struct fr_key key)
{
	for (struct fr_list *l = list->blocks.next; l != &list->blocks; l = l->next) {
		struct fr_known_block *k = FR_OF(l, struct fr_known_block, in_list);

		if (fr_key_eq(k->key, key))
			return k;
	}
	return NULL;
}

/* A place in the list, where there is room; it may be a new list. */
static struct fr_block_list *make_room(struct fr_blocks *b, struct fr_key key, struct fr_key answer)
{
	struct fr_block_list *list = find(b, key);
	struct fr_known_block *same = list == NULL ? NULL : of_key(list, answer);

	if (same != NULL)
		forget(b, same);
	else if (list != NULL && list->n == FR_BLOCKS_OF_LIST_MAX)
		forget(b, FR_OF(fr_list_first(&list->blocks), struct fr_known_block, in_list));
	else if (b->n == FR_BLOCKS_MAX)
		forget(b, FR_OF(fr_list_first(&b->ages), struct fr_known_block, in_age));
	list = find(b, key); /* it may have been the last of its list */
	if (list == NULL) {
		list = fr_calloc(1, sizeof(*list));
		fr_list_init(&list->blocks);
		fr_map_add(&b->lists, &list->link, key);
	}
	return list;
}

struct fr_known_block *fr_blocks_put(struct fr_blocks *b, struct fr_key list, const struct fr_answer *a, struct fr_block *block)
{
	struct fr_known_block *k = fr_calloc(1, sizeof(*k));

	k->of = make_room(b, list, a->key);
	k->key = a->key;
	k->stored = a->stored;
	k->etag = a->etag;
	k->block = block;
	fr_list_push(&k->of->blocks, &k->in_list);
	fr_list_push(&b->ages, &k->in_age);
	k->of->n++;
	b->n++;
	FR_ASSERT(b->n <= FR_BLOCKS_MAX && k->of->n <= FR_BLOCKS_OF_LIST_MAX);
	return k;
}

struct fr_known_block *fr_blocks_of(struct fr_blocks *b, struct fr_key list, const struct fr_answer *a)
{
	struct fr_block_list *found = find(b, list);
	struct fr_known_block *k = found == NULL ? NULL : of_key(found, a->key);

	return k != NULL && k->stored.v == a->stored.v && k->etag == a->etag ? k : NULL;
}

fr_wall fr_blocks_since(const struct fr_blocks *b, struct fr_key list, uint64_t cursor, fr_wall now)
{
	const struct fr_block_list *found = find(b, list);
	fr_wall since = { INT64_MIN };

	if (found == NULL)
		return since;
	for (const struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		const struct fr_known_block *k = FR_OF(l, const struct fr_known_block, in_list);

		if (k->block == NULL || k->block->by != FR_PAGING_OFFSET || k->block->start >= cursor || k->block->end != cursor)
			continue;
		if (k->stored.v > since.v && k->stored.v <= now.v)
			since = k->stored;
	}
	return since;
}

bool fr_blocks_lead_to(const struct fr_blocks *b, struct fr_key list, uint64_t cursor)
{
	const struct fr_block_list *found = find(b, list);

	if (found == NULL)
		return false;
	for (const struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		const struct fr_known_block *k = FR_OF(l, const struct fr_known_block, in_list);

		if (k->block != NULL && k->block->more && k->block->end == cursor)
			return true;
	}
	return false;
}

bool fr_blocks_flawed(const struct fr_blocks *b, struct fr_key list, fr_wall since)
{
	const struct fr_block_list *found = find(b, list);

	if (found == NULL)
		return false;
	for (const struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		const struct fr_known_block *k = FR_OF(l, const struct fr_known_block, in_list);

		if (k->block == NULL && k->stored.v >= since.v)
			return true;
	}
	return false;
}

uint64_t fr_blocks_before(const struct fr_blocks *b, struct fr_key list, uint64_t cursor)
{
	const struct fr_block_list *found = find(b, list);
	uint64_t last = 0;

	if (found == NULL)
		return 0;
	for (const struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		const struct fr_known_block *k = FR_OF(l, const struct fr_known_block, in_list);

		if (k->block != NULL && k->block->more && k->block->end > cursor && (last == 0 || k->block->end < last))
			last = k->block->end;
	}
	return last;
}

struct fr_known_block *fr_blocks_holding(struct fr_blocks *b, struct fr_key list, uint64_t cursor, fr_wall since)
{
	struct fr_block_list *found = find(b, list);
	struct fr_known_block *best = NULL;

	if (found == NULL)
		return NULL;
	for (struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		struct fr_known_block *k = FR_OF(l, struct fr_known_block, in_list);

		if (k->block == NULL || !fr_block_holds(k->block, cursor) || (k->block->start == cursor && k->stored.v < since.v))
			continue;
		if (best == NULL || k->stored.v >= best->stored.v)
			best = k;
	}
	return best;
}

struct fr_known_block *fr_blocks_at(struct fr_blocks *b, struct fr_key list, uint64_t start)
{
	struct fr_block_list *found = find(b, list);
	struct fr_known_block *best = NULL;

	if (found == NULL)
		return NULL;
	for (struct fr_list *l = found->blocks.next; l != &found->blocks; l = l->next) {
		struct fr_known_block *k = FR_OF(l, struct fr_known_block, in_list);

		if (k->block != NULL && k->block->start == start && (best == NULL || k->stored.v >= best->stored.v))
			best = k;
	}
	return best;
}
