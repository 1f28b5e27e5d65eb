/* repeats.h — who asks the same question again and again: counts of the last five minutes, in a bounded table.
 *
 * A question of one client has a place in a small set, by its hash; in a full set the one that was asked the least gives way. So whatever comes once
 * cannot push out what comes often; what is counted is never more than what was asked, and of a loop nearly all. Pure. */
#ifndef FRUGAL_CORE_REPEATS_H
#define FRUGAL_CORE_REPEATS_H

#include "frugal/types.h"

struct fr_repeats;

struct fr_repeats *fr_repeats_new(uint64_t seed);
void fr_repeats_free(struct fr_repeats *r); /* NULL is harmless */
/* This client asks this question now: how often it did within the last five minutes, to the minute, this time included. */
int64_t fr_repeats_saw(struct fr_repeats *r, size_t client, struct fr_key question, fr_ms now);

#endif
