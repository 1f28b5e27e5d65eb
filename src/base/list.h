/* list.h — a doubly linked ring through the things themselves. An empty ring, and a link in no ring, point to themselves. */
#ifndef FRUGAL_BASE_LIST_H
#define FRUGAL_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct fr_list {
	struct fr_list *next, *prev;
};

/* The layouter would take the difference for a cast. */
/* clang-format off */
#define FR_OF(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))
/* clang-format on */

static inline void fr_list_init(struct fr_list *l)
{
	l->next = l->prev = l;
}

static inline bool fr_list_empty(const struct fr_list *l)
{
	return l->next == l;
}

static inline void fr_list_push(struct fr_list *ring, struct fr_list *item) /* at the end */
{
	item->prev = ring->prev;
	item->next = ring;
	ring->prev->next = item; /* NOLINT(clang-analyzer-core.NullDereference): links are never NULL, which it cannot see */
	ring->prev = item;
}

static inline void fr_list_push_front(struct fr_list *ring, struct fr_list *item)
{
	fr_list_push(ring->next, item);
}

static inline void fr_list_cut(struct fr_list *item) /* harmless if in no ring */
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	fr_list_init(item);
}

static inline struct fr_list *fr_list_first(const struct fr_list *ring) /* NULL if empty */
{
	return fr_list_empty(ring) ? NULL : ring->next; /* NOLINT(clang-analyzer-unix.Malloc): nor that cutting unlinks */
}

static inline struct fr_list *fr_list_pop(struct fr_list *ring) /* first, cut out; NULL if empty */
{
	struct fr_list *item = fr_list_first(ring);

	if (item != NULL)
		fr_list_cut(item);
	return item;
}

#endif
