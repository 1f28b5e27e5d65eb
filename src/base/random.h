/* random.h — a small seeded generator (SplitMix64) for simulations and tests. Secrets and owner tokens come from the
 * operating system, through the ports. */
#ifndef FRUGAL_BASE_RANDOM_H
#define FRUGAL_BASE_RANDOM_H

#include "frugal/types.h"

struct fr_random {
	uint64_t state;
};

uint64_t fr_random_next(struct fr_random *r);
uint64_t fr_random_below(struct fr_random *r, uint64_t n); /* 0 .. n-1, n >= 1 */
bool fr_random_chance(struct fr_random *r, unsigned per_thousand);

#endif
