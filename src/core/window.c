#include "core/window.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

static const char *const kind_names[FR_WINDOW_KINDS] = { "hour", "day", "month" };

/* Moments outside the years 1 to 9998, which only a broken clock tells, are in the nearest window inside. */
static const int64_t FIRST_MS = INT64_C(-62135596800000), LAST_MS = INT64_C(253370764799999);

static const int64_t HOUR_MS = 3600 * 1000;

static int days_in_month(int64_t year, int month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* The start of the day's or the month's window that is `later` days or months behind the date of `c`. */
static fr_wall start_of(enum fr_window_kind kind, const struct fr_zone *z, int start_day, const struct fr_civil *c, int later)
{
	int64_t month = c->year * 12 + c->month - 1 + later;
	struct fr_civil day = { .year = c->year, .month = c->month, .day = c->day + later };

	if (kind == FR_WINDOW_MONTH) {
		int last = days_in_month(month / 12, (int)(month % 12) + 1);

		day = (struct fr_civil){ .year = month / 12, .month = (int)(month % 12) + 1 };
		day.day = start_day < last ? start_day : last;
	}
	return fr_zone_moment(z, &day);
}

/* The clock may have gone back over midnight: then it shows yesterday's date, and today's window has begun all the same. */
static struct fr_window dated(enum fr_window_kind kind, const struct fr_zone *z, int start_day, fr_wall at)
{
	struct fr_civil c = fr_zone_civil(z, at);
	int later = 0;

	while (at.v < start_of(kind, z, start_day, &c, later).v)
		later--;
	while (at.v >= start_of(kind, z, start_day, &c, later + 1).v)
		later++;
	return (struct fr_window){ start_of(kind, z, start_day, &c, later), start_of(kind, z, start_day, &c, later + 1) };
}

/* The hour that the clock shows, as far as it runs without a jump. */
static struct fr_window hour(const struct fr_zone *z, fr_wall at)
{
	struct fr_stretch steady = fr_zone_stretch(z, at);
	int64_t shown = at.v + INT64_C(1000) * fr_zone_ahead(z, at), past = (shown % HOUR_MS + HOUR_MS) % HOUR_MS;
	struct fr_window w = { { at.v - past }, { at.v - past + HOUR_MS } };

	if (w.start.v < steady.start.v)
		w.start = steady.start;
	if (w.end.v > steady.end.v)
		w.end = steady.end;
	return w;
}

struct fr_window fr_window_at(enum fr_window_kind kind, const struct fr_zone *z, int start_day, fr_wall at)
{
	FR_ASSERT(kind < FR_WINDOW_KINDS);
	FR_ASSERT(kind != FR_WINDOW_MONTH || (start_day >= 1 && start_day <= 31));
	at.v = at.v < FIRST_MS ? FIRST_MS : at.v > LAST_MS ? LAST_MS : at.v;
	return kind == FR_WINDOW_HOUR ? hour(z, at) : dated(kind, z, start_day, at);
}

void fr_window_show(enum fr_window_kind kind, const struct fr_zone *z, int start_day, struct fr_window w,
		    char ret[FR_WINDOW_NAME_MAX])
{
	struct fr_civil c = fr_zone_civil(z, w.start);
	int n;

	FR_ASSERT(kind < FR_WINDOW_KINDS);
	if (kind == FR_WINDOW_MONTH && start_day == 1)
		n = snprintf(ret, FR_WINDOW_NAME_MAX, "%04" PRId64 "-%02d", c.year, c.month);
	else
		n = snprintf(ret, FR_WINDOW_NAME_MAX, "%04" PRId64 "-%02d-%02d", c.year, c.month, c.day);
	FR_ASSERT(n > 0 && n < FR_WINDOW_NAME_MAX);
	if (kind == FR_WINDOW_HOUR)
		n += snprintf(ret + n, FR_WINDOW_NAME_MAX - (size_t)n, " %02dh%s", c.hour,
			      fr_zone_moment(z, &c).v == w.start.v ? "" : " again");
	FR_ASSERT(n < FR_WINDOW_NAME_MAX);
}

const char *fr_window_kind_name(enum fr_window_kind kind)
{
	FR_ASSERT(kind < FR_WINDOW_KINDS);
	return kind_names[kind];
}

bool fr_window_kind_of(struct fr_str name, enum fr_window_kind *ret)
{
	for (enum fr_window_kind k = 0; k < FR_WINDOW_KINDS; k++)
		if (fr_str_is(name, kind_names[k])) {
			*ret = k;
			return true;
		}
	return false;
}
