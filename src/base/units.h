/* units.h — how people write lengths of time, sizes and rates, and how they are written back.
 *
 * A duration is a number and one of ms s m h d w ("90s", "14d"), "0" alone is allowed; a size is a number with K, M, G or T
 * (powers of 1024); a rate is "200/min", "50/s", "10000/h" or "none". */
#ifndef FRUGAL_BASE_UNITS_H
#define FRUGAL_BASE_UNITS_H

#include "frugal/types.h"

bool fr_units_ms(struct fr_str s, fr_ms *ret);
bool fr_units_bytes(struct fr_str s, int64_t *ret);
bool fr_units_rate(struct fr_str s, int64_t *calls, fr_ms *window); /* none: calls = 0, window = 0 */

/* Shortest exact form: 5400000 -> "90m", 86400000 -> "1d". Always terminated; 32 bytes suffice. */
void fr_units_show_ms(fr_ms t, char *ret, size_t size);
void fr_units_show_bytes(int64_t n, char *ret, size_t size);
void fr_units_show_rate(int64_t calls, fr_ms window, char *ret, size_t size);
enum { FR_UNITS_COUNT_MAX = 32 };
void fr_units_show_count(int64_t n, char ret[FR_UNITS_COUNT_MAX]); /* 1234567 -> "1,234,567" */

/* Days since 1970 of a moment (UTC), and the calendar date of such a day, as 20261122 and as "2026-11-22". */
int64_t fr_units_day(fr_wall t);
int fr_units_yyyymmdd(int64_t day);
void fr_units_show_day(int64_t day, char ret[11]);
/* RFC 9110 date, "Sun, 22 Nov 2026 20:40:00 GMT". */
void fr_units_show_http_date(fr_wall t, char ret[30]);

#endif
