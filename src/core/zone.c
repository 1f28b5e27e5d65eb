#include "core/zone.h"

#include "base/assert.h"
#include "base/units.h"

#include "base/pure.h"

enum { DAY_S = 86400 };

/* The quotient that rounds down, before 1970 too. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* The step that holds at `at_s`; only for zones that have steps. */
static size_t step_at(const struct fr_zone *z, int64_t at_s)
{
	size_t low = 0, high = z->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (z->steps[middle].from_s <= at_s)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int32_t fr_zone_ahead(const struct fr_zone *z, fr_wall at)
{
	return z->n == 0 ? 0 : z->steps[step_at(z, floor_div(at.v, 1000))].ahead_s;
}

struct fr_stretch fr_zone_stretch(const struct fr_zone *z, fr_wall at)
{
	struct fr_stretch s = { { INT64_MIN }, { INT64_MAX } };
	size_t i = z->n == 0 ? 0 : step_at(z, floor_div(at.v, 1000));

	if (i > 0)
		s.start.v = z->steps[i].from_s * 1000;
	if (i + 1 < z->n)
		s.end.v = z->steps[i + 1].from_s * 1000;
	return s;
}

struct fr_civil fr_zone_civil(const struct fr_zone *z, fr_wall at)
{
	fr_wall shown = { at.v + INT64_C(1000) * fr_zone_ahead(z, at) };
	int64_t day = fr_units_day(shown);
	int date = fr_units_yyyymmdd(day), second = (int)((shown.v - day * DAY_S * 1000) / 1000);

	return (struct fr_civil){ date / 10000, date / 100 % 100, date % 100, second / 3600, second / 60 % 60, second % 60 };
}

/* Days since 1970 of a date. Years begin in March here, so that the leap day is the last (Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms"). */
static int64_t day_of(const struct fr_civil *c)
{
	int64_t year = c->year - (c->month <= 2 ? 1 : 0), era = floor_div(year, 400), yoe = year - era * 400;
	int64_t doy = (153 * (c->month + (c->month > 2 ? -3 : 9)) + 2) / 5 + c->day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* What the clock shows grows but for its jumps, so the first stretch that comes to `c` before it ends holds the moment. */
fr_wall fr_zone_moment(const struct fr_zone *z, const struct fr_civil *c)
{
	int64_t shown = day_of(c) * DAY_S + c->hour * 3600 + c->minute * 60 + c->second;

	for (size_t i = 0; i < z->n; i++) {
		int64_t at = shown - z->steps[i].ahead_s;

		if (i + 1 < z->n && at >= z->steps[i + 1].from_s)
			continue;
		return (fr_wall){ 1000 * (i > 0 && at < z->steps[i].from_s ? z->steps[i].from_s : at) };
	}
	return (fr_wall){ 1000 * shown };
}
