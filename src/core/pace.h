/* pace.h — how fast a budget's credits go just now, against its own habit.
 *
 * The habit is the larger of two medians over the eight days of history: of all hours, and of the hours at this time of day, between whose middles the
 * level goes evenly up and down; so neither the daily peak nor the nightly job is out of the ordinary. A runaway has left the habit far behind during
 * five minutes, by more than chance does, and the whole hour shows it: who makes up for a pause is none. Small numbers never are. Without a day of
 * history there is no habit. Pure. */
#ifndef FRUGAL_CORE_PACE_H
#define FRUGAL_CORE_PACE_H

#include "core/spending.h"

enum { FR_PACE_CREDITS_MIN = 50 }; /* in five minutes; fewer are nobody's runaway */

struct fr_pace {
	bool known;          /* there is a habit */
	double five_minutes; /* credits in the last five minutes ... */
	double hour;         /* ... and in the last sixty */
	double usual;        /* credits an hour, at this moment of the day */
	double usual_hour;   /* in the sixty minutes up to it, by the time of day alone */
};

struct fr_pace fr_pace_of(const struct fr_spending *s);
/* The pace is at least `times` the habit. */
bool fr_pace_runs_away(const struct fr_pace *p, int64_t times);
/* How many times the habit the last five minutes were; 0 without one. */
double fr_pace_times(const struct fr_pace *p);

#endif
