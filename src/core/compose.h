/* compose.h — a question answered from what is known: the last full answer to it, and the youngest piece of what it asks about.
 *
 * Whoever does not say what he reads gets an answer that nobody can tell from the upstream's: every field of the last full answer in its order and
 * of its kind, counters from whichever source is younger, all else from the full answer as long as it counts, links only while they
 * live. Whoever names the fields that he reads gets at least those. A field that is not known, is too old or holds a dead link is never
 * made up: then nothing is composed, and the upstream is asked. */
#ifndef FRUGAL_CORE_COMPOSE_H
#define FRUGAL_CORE_COMPOSE_H

#include "base/buf.h"
#include "core/freshness.h"
#include "core/piece.h"

struct fr_compose_ask {
	struct fr_key key; /* of the question */
	uint64_t post_id;
	uint64_t needs;               /* places in the row's shape, one bit each; 0: everything */
	const struct fr_answer *full; /* what is stored for the question, or NULL */
	const struct fr_piece *piece; /* or NULL */
	const struct fr_agreed *terms;
	fr_wall now;
};

struct fr_composed {
	struct fr_view view; /* FRESH; `age` is that of the oldest source that was used */
	bool used_full, used_piece;
	uint64_t from_piece; /* which fields are the piece's, one bit each */
};

/* Appends the body to `b`, which is empty. False: it cannot be composed, or it has no place in `b`, which may hold anything then. */
bool fr_compose(const struct fr_compose_ask *ask, struct fr_buf *b, struct fr_composed *ret);

#endif
