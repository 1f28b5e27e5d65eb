/* breaker.h — stop calling an upstream that keeps failing: closed, open, half open.
 *
 * So many failures in a row open it; after the pause one call probes; its success closes the breaker, its failure opens it
 * for twice as long, up to a maximum. Reports that come while it is open are of calls that left before, and change nothing. */
#ifndef FRUGAL_CORE_BREAKER_H
#define FRUGAL_CORE_BREAKER_H

#include "frugal/types.h"

enum fr_breaker_state { FR_BREAKER_CLOSED, FR_BREAKER_OPEN, FR_BREAKER_HALF_OPEN };

struct fr_breaker {
	enum fr_breaker_state state;
	int64_t failures, failures_max; /* in a row, failed probes included; how many open it */
	fr_ms pause, pause_first, pause_max;
	fr_ms until;  /* open: when a probe may leave */
	bool probing; /* half open: the probe is under way */
	uint64_t opened;
};

void fr_breaker_init(struct fr_breaker *b, int64_t failures_max, fr_ms pause_first, fr_ms pause_max);
/* May a call leave now? A true in the half-open state takes the probe: the caller must report its end. */
bool fr_breaker_allows(struct fr_breaker *b, fr_ms now);
void fr_breaker_report(struct fr_breaker *b, bool success, fr_ms now);
/* The call that was allowed was not made after all. */
void fr_breaker_give_back(struct fr_breaker *b, fr_ms now);
fr_ms fr_breaker_wait(const struct fr_breaker *b, fr_ms now); /* until it makes sense to ask again, 0 if now */

#endif
