/* memo.h — targets that were read before: the same bytes are the same question.
 *
 * Reading a target costs more than all the rest of a hit, and most targets come again byte for byte. So the question is kept under the target and the
 * partition that it was read with; both are compared in full. What a target means depends on the catalogue and on `validate`: the memo is emptied when
 * they change.
 *
 * FR_MEMO_PLACES places in sets of four; in a full set one that was not asked for lately goes. A target whose texts are larger than FR_MEMO_TEXT_MAX is
 * not kept. */
#ifndef FRUGAL_CORE_MEMO_H
#define FRUGAL_CORE_MEMO_H

#include "core/question.h"

struct fr_memo;

struct fr_memo *fr_memo_new(uint64_t seed);
void fr_memo_free(struct fr_memo *m); /* NULL is harmless */
void fr_memo_clear(struct fr_memo *m);

/* The question as it was put in, or NULL. Borrowed until the next put or clear. */
const struct fr_question *fr_memo_find(struct fr_memo *m, struct fr_str target, uint64_t partition);
/* Keeps a copy of the question that was read from `target`, which is not in it yet. */
void fr_memo_put(struct fr_memo *m, struct fr_str target, const struct fr_question *q);

#endif
