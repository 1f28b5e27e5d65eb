/* breakers.h — one circuit breaker for each group of endpoints, and one for the whole upstream.
 *
 * A failed call counts for its group. For the whole it counts if it is of a kind that concerns everything (no connection, the account, the pace), or
 * if other groups fail as well: as soon as the failures in a row, without a success in between, are of two groups, all of them count. So a sick group
 * stops alone, and a dead upstream stops everything with one call more than a group.
 *
 * A call leaves if both allow it. A success closes both. */
#ifndef FRUGAL_CORE_BREAKERS_H
#define FRUGAL_CORE_BREAKERS_H

#include "core/breaker.h"
#include "core/catalogue.h"
#include "core/verdict.h"

struct fr_breakers {
	size_t n;                        /* groups */
	uint8_t group[FR_ENDPOINTS_MAX]; /* by the row's index */
	struct fr_breaker whole, groups[FR_ENDPOINTS_MAX];
	/* the failures in a row */
	bool several;      /* they are of more than one group */
	uint8_t first;     /* the group of the first one */
	int64_t row;       /* how many */
	int64_t uncounted; /* of these, how many do not count for the whole yet */
};

/* Rows whose groups have equal names are one group. */
void fr_breakers_init(struct fr_breakers *b, const struct fr_catalogue *c, int64_t failures_max, fr_ms pause_first,
		      fr_ms pause_max);

/* All of them by the row's index. May a call leave now? With true the caller must report its end, or give it back if it was not made after all:
 * it may be the one that probes for its group, or for the whole. */
bool fr_breakers_allows(struct fr_breakers *b, size_t row, fr_ms now);
void fr_breakers_give_back(struct fr_breakers *b, size_t row, fr_ms now);
void fr_breakers_succeeded(struct fr_breakers *b, size_t row, fr_ms now);
void fr_breakers_failed(struct fr_breakers *b, size_t row, enum fr_verdict how, fr_ms now);

fr_ms fr_breakers_wait(const struct fr_breakers *b, size_t row, fr_ms now); /* until it makes sense to ask again, 0 if now */
/* The breaker that stops a row's calls: the whole's, else its group's. */
const struct fr_breaker *fr_breakers_of(const struct fr_breakers *b, size_t row);
size_t fr_breakers_open(const struct fr_breakers *b);     /* groups that are not closed */
uint64_t fr_breakers_opened(const struct fr_breakers *b); /* how often one opened, the whole's included */

#endif
