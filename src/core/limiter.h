/* limiter.h — at most so many calls in any sliding window: the moments of the last calls, in a ring.
 *
 * Exact for every window, not only for those that start at full minutes. */
#ifndef FRUGAL_CORE_LIMITER_H
#define FRUGAL_CORE_LIMITER_H

#include "frugal/types.h"

struct fr_limiter;

/* calls == 0: no limit. `window` is lengthened by half a second against jitter on the way to the upstream. */
struct fr_limiter *fr_limiter_new(int64_t calls, fr_ms window);
void fr_limiter_free(struct fr_limiter *l);
fr_ms fr_limiter_next(const struct fr_limiter *l, fr_ms now); /* when the next call may leave: now, or later */
void fr_limiter_took(struct fr_limiter *l, fr_ms now);        /* a call leaves; fr_limiter_next() must have allowed it */
void fr_limiter_pause(struct fr_limiter *l, fr_ms until);     /* the upstream asked for it: 429 with Retry-After */

#endif
