/* arena.h — all that one request needs dies with the request.
 *
 * Memory comes in chunks from the heap, up to a ceiling.
 * Under AddressSanitizer every piece is a malloc of its own, so that overruns inside the arena are seen. */
#ifndef FRUGAL_BASE_ARENA_H
#define FRUGAL_BASE_ARENA_H

#include "frugal/types.h"

struct fr_arena_chunk;

struct fr_arena {
	struct fr_arena_chunk *chunks;
	size_t used, ceiling;
};

void fr_arena_init(struct fr_arena *a, size_t ceiling);
void fr_arena_free(struct fr_arena *a);            /* everything at once; the arena can be used again */
void *fr_arena_take(struct fr_arena *a, size_t n); /* n bytes, aligned for anything; NULL past the ceiling */
/* A terminated copy; { NULL, 0 } past the ceiling. */
struct fr_str fr_arena_str(struct fr_arena *a, struct fr_str s);

#endif
