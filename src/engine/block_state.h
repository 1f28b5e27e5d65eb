/* block_state.h — what is known of blocks; for the files of the engine that deal with them. */
#ifndef FRUGAL_ENGINE_BLOCK_STATE_H
#define FRUGAL_ENGINE_BLOCK_STATE_H

#include "engine/state.h"

/* How much of a page is in an answer. */
enum fit {
	FIT_NOT,   /* it is not in it, or cannot be cut out of it */
	FIT_BEGIN, /* only its beginning is */
	FIT_WHOLE  /* or it is no page that is wanted, and all of it is */
};
enum fit block_fit(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row, const struct fr_answer *answer);

/* The outline of a block that is stored as `a`, or NULL: it is none, or cannot be cut. */
struct fr_known_block *block_outline(struct fr_engine *e, const struct fr_endpoint *row, const struct fr_answer *a);

/* Whether pages of a list are asked for as they are, because of what came before. */
bool block_distrusted(const struct fr_engine *e, const struct fr_endpoint *row, struct fr_key list);

#endif
