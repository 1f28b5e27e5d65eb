/* block.h — the largest page that the API sells of a list, and the smaller pages that are cut from it.
 *
 * A page costs the same at any count. So lists are asked for with the largest one, and what a client wants is cut from that block:
 * its rows and all else byte for byte, only the cursor and whether there is more are written anew, in the block's own types.
 *
 * Whether a block can be cut shows in itself: its own cursor must be what the row's paging makes of its rows.
 *   OFFSET  A cursor counts places. They are as many as the rows, or as were asked for: then some places showed nothing, and which these are
 *           is not known. The block is cut as if they were its last ones, by everybody: whoever reads all pages of it sees each row once.
 *   TIME    A cursor is the time of the last row before it, and a page holds what is strictly older. Pinned rows lead the first page
 *           out of their place in time; a page that ends among them cannot be cut, nor one that ends between rows of the same moment. */
#ifndef FRUGAL_CORE_BLOCK_H
#define FRUGAL_CORE_BLOCK_H

#include "base/blob.h"
#include "core/catalogue.h"
#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_block_span {
	size_t at, n;
};

struct fr_block_row {
	struct fr_block_span text;
	uint64_t when; /* TIME: as a cursor says it */
};

/* What is known of a body whose bytes are kept elsewhere. */
struct fr_block {
	uint32_t refs;
	enum fr_paging by;
	uint64_t start, end; /* the cursor that was asked for, and its own */
	bool more, quoted;   /* there are rows behind it; its cursor is a text */
	const char *yes;     /* how it would say that there is more */
	struct fr_block_span rows, cursor, flag;
	size_t n, settled; /* its rows, and how many of them are before the first in its place */
	struct fr_block_row row[];
};

enum fr_block_flaw {
	FR_BLOCK_SOUND,
	FR_BLOCK_TYPES, /* not what the row's paging names */
	FR_BLOCK_CURSOR /* not what its rows make */
};

/* Reads an answer to a question of `row` for `count` rows from `start` on. One reference; NULL, with `why`: it cannot be cut. */
struct fr_block *fr_block_read(const struct fr_endpoint *row, uint64_t start, uint64_t count, struct fr_str body,
			       enum fr_block_flaw *why);
struct fr_block *fr_block_hold(struct fr_block *b);
void fr_block_drop(struct fr_block *b); /* NULL is harmless */
size_t fr_block_bytes(const struct fr_block *b);

/* Whether the page that begins at `cursor` begins in this block. */
bool fr_block_holds(const struct fr_block *b, uint64_t cursor);

/* A page: rows of a block, and what it says of the next one. */
struct fr_cut {
	size_t from, to;
	uint64_t next;   /* where the next page begins */
	bool last;       /* it is the last of the block, and tells the block's own cursor */
	uint64_t behind; /* places of the page that are behind the block; 0 if it begins where the block does */
};

/* The page of `count` >= 1 places at `cursor`, which the block holds. False: it cannot be told where it ends. */
bool fr_block_cut(const struct fr_block *b, uint64_t cursor, uint64_t count, struct fr_cut *ret);

struct fr_block_part {
	struct fr_block *block;
	struct fr_str body;
	struct fr_cut cut;
};

/* The body of a page, one reference: `part`, and before its rows those of `head` (or NULL), which end where it begins. */
struct fr_blob *fr_block_page(const struct fr_block_part *head, const struct fr_block_part *part);

#endif
