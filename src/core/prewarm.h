/* prewarm.h — what was asked before anybody wanted it, and whether anybody did.
 *
 * An answer that prewarming paid for is remembered until its freshness ends, with its source: who wanted it to be there. The first request that is
 * served with it makes it used; if none comes it is wasted. So at every moment, for each source: asked = used + wasted + pending.
 *
 * A source is judged by its last FR_PREWARM_LAST answers: one counts for it when it is used, and against it when it was not used for so long that it
 * most likely never will be, which is known much sooner than its freshness ends; if it is used after all, that counts, too. A source of which too few
 * answers are used is let through for one request in FR_PREWARM_ONE_IN, by which it can show that it has become better. */
#ifndef FRUGAL_CORE_PREWARM_H
#define FRUGAL_CORE_PREWARM_H

#include "frugal/limits.h"
#include "frugal/types.h"

enum {
	FR_PREWARM_LAST = 100,  /* answers by which a source is judged */
	FR_PREWARM_ENOUGH = 20, /* ... and how many there must be */
	FR_PREWARM_ONE_IN = 10  /* requests that a source with too few of them used is let through */
};

struct fr_prewarm_figures {
	char name[FR_NAME_MAX];
	uint64_t asked; /* answers that were paid for */
	uint64_t used, wasted;
	uint64_t held;               /* requests that were not followed */
	uint64_t pending;            /* neither used nor wasted yet */
	int64_t judged, judged_used; /* of the last FR_PREWARM_LAST */
};

struct fr_prewarms;

struct fr_prewarms *fr_prewarms_new(uint64_t seed);
void fr_prewarms_free(struct fr_prewarms *p);

/* The number of a source, made if it is new. When there are FR_PREWARM_SOURCES_MAX, all others are the last one. */
size_t fr_prewarms_source(struct fr_prewarms *p, struct fr_str name);
/* A source wants something to be asked: whether that is done. `min_used` is in percent. */
bool fr_prewarms_allows(struct fr_prewarms *p, size_t source, int64_t min_used);

/* A call was paid for: it brought an answer for `key`, asked for at `stored`, fresh for `fresh` from now on; without a use within `patience` it
 * counts against its source. Or it brought nothing that can be used. */
struct fr_prewarm_brought {
	struct fr_key key;
	fr_wall stored;
	fr_ms fresh, patience;
};
void fr_prewarms_brought(struct fr_prewarms *p, size_t source, const struct fr_prewarm_brought *what, fr_ms now);
void fr_prewarms_failed(struct fr_prewarms *p, size_t source);

/* A request is served with the answer to `key` that was asked for at `stored`. */
void fr_prewarms_served(struct fr_prewarms *p, struct fr_key key, fr_wall stored);

/* When time makes the next change; INT64_MAX: never. */
fr_ms fr_prewarms_next(const struct fr_prewarms *p);
void fr_prewarms_turn(struct fr_prewarms *p, fr_ms now); /* makes all that are due */

/* All sources so far: at most FR_PREWARM_SOURCES_MAX are written, and counted. */
size_t fr_prewarms_figures(const struct fr_prewarms *p, struct fr_prewarm_figures *ret);
struct fr_prewarm_figures fr_prewarms_all(const struct fr_prewarms *p); /* their sums, without a name */

#endif
