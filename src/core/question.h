/* question.h — one question however it is spelled.
 *
 * A request target becomes an endpoint and a canonical text, such as "/posts/?count=10&cursor=0&owner=7": the path with
 * its slash, every parameter of the row with its default filled in and its spelling folded, unknown parameters too, all
 * sorted by name and percent-encoded in one way. The key is the hash of that text. Folding is for the key only: what goes
 * upstream is the spelling that was asked (upstream.md, section 8, lists what is not known to be accepted). */
#ifndef FRUGAL_CORE_QUESTION_H
#define FRUGAL_CORE_QUESTION_H

#include "base/arena.h"
#include "core/catalogue.h"
#include "core/problem.h"
#include "frugal/err.h"
#include "frugal/types.h"

struct fr_question {
	const struct fr_endpoint *endpoint; /* the catalogue's row `other` for a path without a row */
	struct fr_key key;                  /* none for `other` */
	struct fr_str canon;                /* terminated; lives in the arena */
	struct fr_str upstream; /* terminated; path and query for the call: the row's path with its slash, the query as asked */
	uint64_t partition;     /* as given */
	uint64_t post_id;       /* the post or comment that is asked about, 0 if none or not known yet */
	struct fr_str alias;    /* the folded short link that stands for the post, else empty */
	bool deep;              /* a page behind the first */
	struct fr_str fields;   /* the value of FR_NEEDS_PARAM, which is in neither text above; p == NULL: not given */
};

/* Reads `target` (origin form, as it came on the wire, no fragment). `partition` is 0 where all clients share the cache, else a
 * number that divides it: it becomes part of the canonical text ("#<16 hex>" at its end). With `validate` off only what makes the target
 * unreadable is refused (bad escapes, NUL, "..", control characters, repeated parameters, over the ceilings), and a parameter that the row
 * would refuse is taken as text.
 * FR_OK, or FR_INVALID / FR_TOOBIG with `why` filled. `ret` is untouched on failure. */
enum fr_err fr_question_read(struct fr_arena *mem, const struct fr_catalogue *c, struct fr_str target, uint64_t partition,
			     bool validate, struct fr_question *ret, struct fr_refusal *why);

/* The same question with its short link replaced by the post's id, once that is known; `q->alias` must not be empty. */
enum fr_err fr_question_resolve(struct fr_arena *mem, const struct fr_catalogue *c, const struct fr_question *q, uint64_t post_id,
				struct fr_question *ret);

/* Where the post behind a short link is kept: the key of "alias:<folded short link>". */
struct fr_key fr_question_alias_key(struct fr_str alias);

#endif
