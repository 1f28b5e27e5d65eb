/* batch.h — many questions in one request: the body that asks them, and the lines that answer them.
 *
 * The body is JSON, {"questions": ["/path/?name=value", ...]} or the list alone. Questions that are one, however they are spelled, are asked behind
 * one another, so that they meet in memory or in one flight: each occurrence is a request of its own and counted as such, and only one of them can
 * cost anything.
 *
 * A question is answered by one line of JSON, in whichever order the answers come (NDJSON):
 *     {"index":0,"status":200,"cache_status":"frugald; hit; ttl=59","credits_spent":0,"credits_avoided":1,"body":{...}}
 * A body that is JSON stands there as it came, but for line breaks between its tokens, which become spaces; any other is written as a text. Bodies are
 * not copied: a line shares the answer's blob until it has been sent. */
#ifndef FRUGAL_CORE_BATCH_H
#define FRUGAL_CORE_BATCH_H

#include "base/arena.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/list.h"
#include "core/problem.h"
#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_reply;

struct fr_batch {
	struct fr_arena mem;
	size_t n;                            /* questions, every occurrence */
	struct fr_str targets[FR_BATCH_MAX]; /* as they are spelled, in the arena */
	size_t order[FR_BATCH_MAX];          /* their places, as they are to be asked */
	bool first[FR_BATCH_MAX];            /* by place in `order`: another question than the one before */
};

/* NULL with `why`: the body is no such list, or too long. Release with fr_batch_free(). */
struct fr_batch *fr_batch_read(struct fr_str body, struct fr_refusal *why);
/* Puts those with equal keys behind one another, where the first of them stood; keys[i] is of targets[i], none if it has none: that one stands alone. */
void fr_batch_group(struct fr_batch *b, const struct fr_key keys[], uint64_t seed);
void fr_batch_free(struct fr_batch *b); /* NULL is harmless */

/* One line on its way out. */
struct fr_batch_line {
	struct fr_list link;
	struct fr_buf head;   /* up to the body */
	struct fr_blob *body; /* or NULL */
	struct fr_str shown;  /* the part of it that is sent */
	size_t at;            /* bytes that are gone */
};

/* The line for question `index`; takes over the reply's body. `like` is another line or NULL: one with the same body is not looked at again. Its link is
 * in no list. */
struct fr_batch_line *fr_batch_line_new(size_t index, struct fr_reply *reply, const struct fr_batch_line *like);
size_t fr_batch_line_left(const struct fr_batch_line *l);
size_t fr_batch_line_take(struct fr_batch_line *l, char *to, size_t max); /* the next bytes, as many as there are and fit */
void fr_batch_line_free(struct fr_batch_line *l);

#endif
