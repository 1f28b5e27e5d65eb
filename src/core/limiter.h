/* limiter.h — at most so many calls in any sliding window: the moments of the last calls, in a ring.
 *
 * Exact for every window, not only for those that start at full minutes. Urgent calls may take every free place. Paced ones (core/priority.h) leave
 * a tenth of the places to them, and do not take the others all at once: they go only while fewer calls than a slice's share, whoever's,
 * lie in the last slice of the window. */
#ifndef FRUGAL_CORE_LIMITER_H
#define FRUGAL_CORE_LIMITER_H

#include "frugal/types.h"

/* On the way to the upstream calls that left apart may come together by so much: its window is taken to be longer. */
static const fr_ms FR_LIMITER_JITTER = { 500 };

struct fr_limiter;

/* calls == 0: no limit. `window` is the upstream's. */
struct fr_limiter *fr_limiter_new(int64_t calls, fr_ms window);
void fr_limiter_free(struct fr_limiter *l);
fr_ms fr_limiter_next(const struct fr_limiter *l, fr_ms now, bool paced); /* when the next call may leave: now, or later */
void fr_limiter_took(struct fr_limiter *l,
		     fr_ms now); /* a call leaves; fr_limiter_next() must have allowed it, if only as urgent */
/* A call that an earlier life made at this moment, before all of this one; in their order. */
void fr_limiter_remember(struct fr_limiter *l, fr_ms at);
void fr_limiter_pause(struct fr_limiter *l, fr_ms until); /* the upstream asked for it: 429 with Retry-After */

/* When fewer than `calls` (>= 1, and not more than the limiter's) lie in the last `span`: now, or later. */
fr_ms fr_limiter_room(const struct fr_limiter *l, fr_ms now, int64_t calls, fr_ms span);
int64_t fr_limiter_used(const struct fr_limiter *l, fr_ms now); /* calls in the last window; without a limit nobody counts: 0 */

/* What a paced call looks back at, and how many places of it it may fill up. `window` is the lengthened one, as Redis or a limiter has it. */
fr_ms fr_limiter_slice(int64_t calls, fr_ms window);
int64_t fr_limiter_slice_calls(int64_t calls);

#endif
