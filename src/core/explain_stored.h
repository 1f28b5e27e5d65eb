/* explain_stored.h — what an instance's memory holds for a question, in words: the end of an explanation. */
#ifndef FRUGAL_CORE_EXPLAIN_STORED_H
#define FRUGAL_CORE_EXPLAIN_STORED_H

#include "base/buf.h"
#include "core/freshness.h"
#include "core/purge.h"

struct fr_stored {
	struct fr_key key;  /* the question's; of a short link whose post is known, the post's */
	bool have;          /* an answer is in memory; the rest but `flight` is about it */
	const char *flight; /* NULL: it is not being asked; else the step that it is at */
	enum fr_verdict verdict;
	fr_wall stored;
	size_t bytes;
	unsigned read_parts; /* of its fresh time: in how many it was read */
	struct fr_view view; /* for a client of no tier; after the purge */
	struct fr_purged purged;
};

/* Lines like those of fr_explain(). */
enum fr_err fr_explain_stored(struct fr_buf *b, const struct fr_stored *s);

#endif
