/* portion.h — how much of a list a question wants, from where; and the same list's other questions.
 *
 * Only rows of the catalogue say so whose pages can be cut from larger ones (core/block.h): those that know their paging, the
 * largest count and, by time, what makes a cursor. */
#ifndef FRUGAL_CORE_PORTION_H
#define FRUGAL_CORE_PORTION_H

#include "base/arena.h"
#include "core/question.h"

struct fr_portion {
	uint64_t cursor;    /* where the page begins; 0: where the list does */
	uint64_t count;     /* at least 1, at most `max` */
	uint64_t max;       /* the largest that may be asked for, at most FR_BLOCK_ROWS_MAX */
	struct fr_key list; /* what the question asks, but for cursor and count */
};

/* The parameters that say how much and from where, of a row that has pages; `count` may be NULL. False: it has none. */
struct fr_page_params {
	const struct fr_param *count, *cursor;
};
bool fr_portion_params(const struct fr_endpoint *row, struct fr_page_params *ret);

/* Where the page begins that a canonical text of such a row asks for; `count` is 0 if it is no number. False: the cursor is none. */
struct fr_page_place {
	uint64_t cursor, count;
	struct fr_key list; /* as in struct fr_portion */
};
bool fr_portion_place(const struct fr_endpoint *row, struct fr_str canon, struct fr_page_place *ret);

/* Whether the row's pages can be cut. */
bool fr_portion_known(const struct fr_endpoint *row);

/* Reads a canonical text of the row's. False: its pages cannot be cut, or its count or cursor are no numbers (`validate: off`). */
bool fr_portion_read(const struct fr_endpoint *row, struct fr_str canon, struct fr_portion *ret);

/* Where the block begins from which it is cut, unless more is known of the list. By offset, blocks have places of their own, so that whoever begins
 * where shares them. */
uint64_t fr_portion_start(const struct fr_endpoint *row, const struct fr_portion *p);

/* The question of the same list for the largest page that begins at `cursor`. The client's spelling is kept where it says the same.
 * The texts live in the arena. Fails as fr_question_read() does; only where the list's name is a short link, or with `validate` off, it
 * may. */
enum fr_err fr_portion_enlarge(struct fr_arena *mem, const struct fr_catalogue *c, const struct fr_question *q, uint64_t cursor,
			       bool validate, struct fr_question *ret);

#endif
