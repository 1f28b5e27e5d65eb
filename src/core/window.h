/* window.h — a budget's windows: the month, day or hour of a time zone that a moment lies in.
 *
 * Windows follow each other without a gap and without an overlap, whatever the zone's clock does. A day may have 23, 24 or 25 hours; an hour
 * that occurs twice is two windows. A month begins on its start day; in a month that is too short for it, on its last day. */
#ifndef FRUGAL_CORE_WINDOW_H
#define FRUGAL_CORE_WINDOW_H

#include "core/zone.h"

enum fr_window_kind { FR_WINDOW_HOUR, FR_WINDOW_DAY, FR_WINDOW_MONTH, FR_WINDOW_KINDS };
enum { FR_WINDOW_NAME_MAX = 32 };

struct fr_window {
	fr_wall start, end; /* from start up to, but without, end */
};

struct fr_window fr_window_at(enum fr_window_kind kind, const struct fr_zone *z, int start_day, fr_wall at);
/* For people, in local time: "2026-11-26 14h" ("2026-10-25 02h again" where the clock has shown it before), "2026-11-26", "2026-11"
 * (with another start day "2026-11-15"). */
void fr_window_show(enum fr_window_kind kind, const struct fr_zone *z, int start_day, struct fr_window w,
		    char ret[FR_WINDOW_NAME_MAX]);
const char *fr_window_kind_name(enum fr_window_kind kind); /* "hour", "day", "month" */
bool fr_window_kind_of(struct fr_str name, enum fr_window_kind *ret);

#endif
