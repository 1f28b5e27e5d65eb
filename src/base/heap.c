#include "base/heap.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"

enum { FIRST_CAP = 16 };

void fr_heap_init(struct fr_heap *h)
{
	*h = (struct fr_heap){ 0 };
}

void fr_heap_free(struct fr_heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->items[i]->at = 0;
	free(h->items);
	fr_heap_init(h);
}

static bool before(const struct fr_heap_item *a, const struct fr_heap_item *b)
{
	return a->due.v != b->due.v ? a->due.v < b->due.v : a->seq < b->seq;
}

static void put(struct fr_heap *h, size_t i, struct fr_heap_item *item)
{
	h->items[i] = item;
	item->at = i + 1;
}

static void up(struct fr_heap *h, size_t i)
{
	struct fr_heap_item *item = h->items[i];

	while (i > 0 && before(item, h->items[(i - 1) / 2])) {
		put(h, i, h->items[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(h, i, item);
}

static void down(struct fr_heap *h, size_t i)
{
	struct fr_heap_item *item = h->items[i];

	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && before(h->items[child + 1], h->items[child]))
			child++;
		if (!before(h->items[child], item))
			break;
		put(h, i, h->items[child]);
	}
	put(h, i, item);
}

static void settle(struct fr_heap *h, size_t i)
{
	if (i > 0 && before(h->items[i], h->items[(i - 1) / 2]))
		up(h, i);
	else
		down(h, i);
}

void fr_heap_set(struct fr_heap *h, struct fr_heap_item *item, fr_ms due)
{
	item->due = due;
	item->seq = h->next_seq++;
	if (item->at == 0) {
		if (h->n == h->cap) {
			h->cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
			FR_ASSERT(h->cap <= SIZE_MAX / sizeof(struct fr_heap_item *));
			h->items = fr_realloc(h->items, h->cap * sizeof(struct fr_heap_item *));
		}
		put(h, h->n++, item);
	}
	FR_ASSERT(item->at <= h->n && h->items[item->at - 1] == item);
	settle(h, item->at - 1);
}

void fr_heap_cut(struct fr_heap *h, struct fr_heap_item *item)
{
	size_t i = item->at - 1;

	if (item->at == 0)
		return;
	FR_ASSERT(i < h->n && h->items[i] == item);
	item->at = 0;
	h->n--;
	if (i == h->n)
		return;
	put(h, i, h->items[h->n]);
	settle(h, i);
}

struct fr_heap_item *fr_heap_first(const struct fr_heap *h)
{
	return h->n == 0 ? NULL : h->items[0];
}
