/* zone.h — a time zone as a table of moments and offsets, so that windows can be told without a clock, a file or a locale.
 *
 * `conf` fills the table from the system's zone files; the last offset goes on for ever, no table (n == 0) is UTC. */
#ifndef FRUGAL_CORE_ZONE_H
#define FRUGAL_CORE_ZONE_H

#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_zone_step {
	int64_t from_s;  /* seconds since 1970, UTC */
	int32_t ahead_s; /* local time less UTC from then on */
};

struct fr_zone {
	char name[FR_NAME_MAX];
	size_t n;
	struct fr_zone_step steps[FR_ZONE_STEPS_MAX]; /* ascending; the first one holds for all time before it, too */
};

/* A moment as a calendar on the wall shows it. */
struct fr_civil {
	int64_t year;
	int month, day, hour, minute, second; /* month and day from 1 */
};

/* All for the years 0 to 9999. */
int32_t fr_zone_ahead(const struct fr_zone *z, fr_wall at); /* seconds */

/* The time around `at` in which the clock there does not jump: from start up to, but without, end; INT64_MIN and INT64_MAX where it never does. */
struct fr_stretch {
	fr_wall start, end;
};
struct fr_stretch fr_zone_stretch(const struct fr_zone *z, fr_wall at);

struct fr_civil fr_zone_civil(const struct fr_zone *z, fr_wall at);
/* The first moment at which a wall clock there shows `c` or, if it skips it, the moment of the skip. */
fr_wall fr_zone_moment(const struct fr_zone *z, const struct fr_civil *c);

#endif
