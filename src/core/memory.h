/* memory.h — the answers in the process, bounded by bytes, evicted by SIEVE (core/sieve.h). */
#ifndef FRUGAL_CORE_MEMORY_H
#define FRUGAL_CORE_MEMORY_H

#include "core/answer.h"
#include "frugal/types.h"

struct fr_memory;

struct fr_memory *fr_memory_new(size_t bytes_max, uint64_t seed);
void fr_memory_free(struct fr_memory *m);
struct fr_answer *fr_memory_find(struct fr_memory *m, struct fr_key key); /* borrowed until the next call; marks the hit */
/* Takes a reference of its own; replaces; an answer larger than a quarter of all is not kept. It may be in one memory at a time. */
void fr_memory_put(struct fr_memory *m, struct fr_answer *held);
void fr_memory_cut(struct fr_memory *m, struct fr_key key);
size_t fr_memory_bytes(const struct fr_memory *m);
size_t fr_memory_entries(const struct fr_memory *m);
uint64_t fr_memory_evictions(const struct fr_memory *m);

#endif
