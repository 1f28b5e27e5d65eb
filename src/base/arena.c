#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

#ifdef __SANITIZE_ADDRESS__
#define PIECE_BY_PIECE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECE_BY_PIECE 1
#endif
#endif
#ifndef PIECE_BY_PIECE
#define PIECE_BY_PIECE 0
#endif

enum { CHUNK_MIN = 4000 }; /* with its head and malloc's, less than a page */

struct fr_arena_chunk {
	struct fr_arena_chunk *next;
	size_t used, cap;
	alignas(max_align_t) char bytes[];
};

void fr_arena_init(struct fr_arena *a, size_t ceiling)
{
	FR_ASSERT(ceiling < SIZE_MAX / 4);
	*a = (struct fr_arena){ .ceiling = ceiling };
}

void fr_arena_free(struct fr_arena *a)
{
	while (a->chunks != NULL) {
		struct fr_arena_chunk *chunk = a->chunks;

		a->chunks = chunk->next;
		free(chunk);
	}
	a->used = 0;
}

static struct fr_arena_chunk *chunk_add(struct fr_arena *a, size_t cap)
{
	struct fr_arena_chunk *chunk = fr_alloc(sizeof(*chunk) + cap);

	*chunk = (struct fr_arena_chunk){ .next = a->chunks, .cap = cap };
	a->chunks = chunk;
	return chunk;
}

void *fr_arena_take(struct fr_arena *a, size_t n)
{
	const size_t unit = alignof(max_align_t);
	struct fr_arena_chunk *chunk = a->chunks;
	size_t whole;
	void *piece;

	if (n > a->ceiling)
		return NULL;
	whole = n == 0 ? unit : (n + unit - 1) / unit * unit;
	if (whole > a->ceiling - a->used)
		return NULL;
	a->used += whole;
	if (PIECE_BY_PIECE)
		return chunk_add(a, n)->bytes;
	if (chunk == NULL || whole > chunk->cap - chunk->used)
		chunk = chunk_add(a, whole > CHUNK_MIN ? whole : CHUNK_MIN);
	piece = chunk->bytes + chunk->used;
	chunk->used += whole;
	return piece;
}

struct fr_str fr_arena_str(struct fr_arena *a, struct fr_str s)
{
	char *copy = s.n < SIZE_MAX ? fr_arena_take(a, s.n + 1) : NULL;

	if (copy == NULL)
		return (struct fr_str){ NULL, 0 };
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return (struct fr_str){ copy, s.n };
}
