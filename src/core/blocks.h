/* blocks.h — the blocks that are known, found by their list and by what they hold.
 *
 * Only their outlines are kept here (core/block.h), of the last FR_BLOCKS_MAX; the bodies are stored like any answer. An answer that cannot be
 * cut is remembered as such. */
#ifndef FRUGAL_CORE_BLOCKS_H
#define FRUGAL_CORE_BLOCKS_H

#include "base/list.h"
#include "core/answer.h"
#include "core/block.h"

struct fr_blocks;

struct fr_known_block {
	struct fr_list in_list, in_age;
	struct fr_block_list *of;
	struct fr_key key; /* of the answer */
	fr_wall stored;    /* ... and which one it is */
	uint64_t etag;
	struct fr_block *block; /* NULL: it cannot be cut */
};

struct fr_blocks *fr_blocks_new(uint64_t seed);
void fr_blocks_free(struct fr_blocks *b);

/* Keeps the outline of an answer, or that it has none (NULL), instead of what was known of its key; `block` becomes the index's. */
struct fr_known_block *fr_blocks_put(struct fr_blocks *b, struct fr_key list, const struct fr_answer *a, struct fr_block *block);
/* Borrowed until the next fr_blocks_put(), as are those below. NULL: this answer is not known. */
struct fr_known_block *fr_blocks_of(struct fr_blocks *b, struct fr_key list, const struct fr_answer *a);

/* In lists by offset time must not run backwards on the way from block to block, or rows are missed: when the youngest block was asked for that ends
 * at `cursor`, but for those whose clock was ahead of `now`; INT64_MIN if there is none. */
fr_wall fr_blocks_since(const struct fr_blocks *b, struct fr_key list, uint64_t cursor, fr_wall now);
/* The youngest block of the list that holds `cursor`, or NULL; those that begin there only if they were asked for at `since` or later. */
struct fr_known_block *fr_blocks_holding(struct fr_blocks *b, struct fr_key list, uint64_t cursor, fr_wall since);
/* Whether a block is known that ends at `cursor`: the next one begins there. */
bool fr_blocks_lead_to(const struct fr_blocks *b, struct fr_key list, uint64_t cursor);
/* Whether an answer of the list that cannot be cut was asked for at `since` or later. */
bool fr_blocks_flawed(const struct fr_blocks *b, struct fr_key list, fr_wall since);
/* By time: where the last of the known blocks ends that end before the list comes to `cursor`; 0: none does. */
uint64_t fr_blocks_before(const struct fr_blocks *b, struct fr_key list, uint64_t cursor);
/* The youngest that begins at `start`, whether or not it is the youngest to hold that, or NULL. */
struct fr_known_block *fr_blocks_at(struct fr_blocks *b, struct fr_key list, uint64_t start);

#endif
