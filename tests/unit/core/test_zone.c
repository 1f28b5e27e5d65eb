#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "unit/core/zones.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct fr_zone *const zones[] = { &utc, &berlin, &new_york, &kolkata, &lord_howe, &troll, &santiago, &apia };

static void days_are_counted_from_1970_over_all_leap_years(void **state)
{
	static const struct {
		struct fr_civil c;
		int64_t s;
	} rows[] = {
		{ { 1970, 1, 1, 0, 0, 0 }, 0 },
		{ { 1969, 12, 31, 23, 59, 59 }, -1 },
		{ { 2000, 2, 29, 12, 0, 0 }, 951825600 },
		{ { 1900, 3, 1, 0, 0, 0 }, -2203891200 },
		{ { 2026, 11, 26, 14, 30, 15 }, 1795703415 },
		{ { 2100, 3, 1, 0, 0, 0 }, 4107542400 },
		{ { 1, 1, 1, 0, 0, 0 }, -62135596800 },
		{ { 9999, 12, 31, 23, 59, 59 }, 253402300799 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_civil c = fr_zone_civil(&utc, (fr_wall){ rows[i].s * 1000 + 999 });

		assert_int_equal(fr_zone_moment(&utc, &rows[i].c).v, rows[i].s * 1000);
		assert_int_equal(c.year, rows[i].c.year);
		assert_int_equal(c.month, rows[i].c.month);
		assert_int_equal(c.day, rows[i].c.day);
		assert_int_equal(c.hour, rows[i].c.hour);
		assert_int_equal(c.minute, rows[i].c.minute);
		assert_int_equal(c.second, rows[i].c.second);
	}
}

static void each_step_holds_from_its_moment_to_the_next(void **state)
{
	static const struct {
		const struct fr_zone *z;
		int64_t s;
		int32_t ahead_s;
	} rows[] = {
		{ &utc, 0, 0 },
		{ &kolkata, INT64_C(-9000000000), 19800 },
		{ &kolkata, INT64_C(9000000000), 19800 },
		{ &berlin, 0, 3600 }, /* the first step holds before it, too */
		{ &berlin, 1774745999, 3600 },
		{ &berlin, 1774746000, 7200 },
		{ &berlin, 1792889999, 7200 },
		{ &berlin, 1792890000, 3600 },
		{ &berlin, INT64_C(9000000000), 3600 }, /* and the last for ever */
		{ &new_york, 1772953199, -18000 },
		{ &new_york, 1772953200, -14400 },
		{ &lord_howe, 1775314799, 39600 },
		{ &lord_howe, 1775314800, 37800 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(fr_zone_ahead(rows[i].z, (fr_wall){ rows[i].s * 1000 }), rows[i].ahead_s);
		assert_int_equal(fr_zone_ahead(rows[i].z, (fr_wall){ rows[i].s * 1000 + 999 }), rows[i].ahead_s);
	}
}

static void a_stretch_goes_from_change_to_change(void **state)
{
	static const struct {
		const struct fr_zone *z;
		int64_t s, start_s, end_s; /* 0: without one */
	} rows[] = {
		{ &utc, 7, 0, 0 },
		{ &kolkata, 7, 0, 0 },
		{ &berlin, 7, 0, 1774746000 },
		{ &berlin, 1774746000, 1774746000, 1792890000 },
		{ &berlin, 1792889999, 1774746000, 1792890000 },
		{ &berlin, 1824944400, 1824944400, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_stretch s = fr_zone_stretch(rows[i].z, (fr_wall){ rows[i].s * 1000 });

		assert_int_equal(s.start.v, rows[i].start_s == 0 ? INT64_MIN : rows[i].start_s * 1000);
		assert_int_equal(s.end.v, rows[i].end_s == 0 ? INT64_MAX : rows[i].end_s * 1000);
	}
}

static void a_time_that_is_skipped_is_the_moment_of_the_skip_and_one_that_comes_twice_its_first(void **state)
{
	const struct {
		const struct fr_zone *z;
		struct fr_civil c;
		fr_wall want;
	} rows[] = {
		{ &berlin, { 2026, 3, 29, 1, 59, 59 }, { at(2026, 3, 29, 0, 59).v + 59000 } },
		{ &berlin, { 2026, 3, 29, 2, 0, 0 }, at(2026, 3, 29, 1, 0) },
		{ &berlin, { 2026, 3, 29, 2, 59, 59 }, at(2026, 3, 29, 1, 0) },
		{ &berlin, { 2026, 3, 29, 3, 0, 0 }, at(2026, 3, 29, 1, 0) },
		{ &berlin, { 2026, 10, 25, 2, 0, 0 }, at(2026, 10, 25, 0, 0) },
		{ &berlin, { 2026, 10, 25, 2, 59, 0 }, at(2026, 10, 25, 0, 59) },
		{ &berlin, { 2026, 10, 25, 3, 0, 0 }, at(2026, 10, 25, 2, 0) },
		{ &new_york, { 2026, 3, 8, 2, 30, 0 }, at(2026, 3, 8, 7, 0) },
		{ &new_york, { 2026, 11, 1, 1, 30, 0 }, at(2026, 11, 1, 5, 30) },
		{ &lord_howe, { 2026, 4, 5, 1, 45, 0 }, at(2026, 4, 4, 14, 45) },
		{ &lord_howe, { 2026, 10, 4, 2, 15, 0 }, at(2026, 10, 3, 15, 30) },
		{ &santiago, { 2026, 9, 6, 0, 0, 0 }, at(2026, 9, 6, 4, 0) },
		{ &apia, { 2011, 12, 30, 12, 0, 0 }, at(2011, 12, 30, 10, 0) },
		{ &apia, { 2011, 12, 31, 0, 0, 0 }, at(2011, 12, 30, 10, 0) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fr_zone_moment(rows[i].z, &rows[i].c).v, rows[i].want.v);
}

/* What is shown at a moment is first shown at that moment, or was shown before the clock went back. */
static void what_the_clock_shows_leads_back_to_its_moment(void **state)
{
	struct fr_random r = { 11 };

	(void)state;
	for (int i = 0; i < 100000; i++) {
		const struct fr_zone *z = zones[fr_random_below(&r, COUNT(zones))];
		fr_wall t = { (int64_t)fr_random_below(&r, 1900000000) * 1000 };
		struct fr_civil c = fr_zone_civil(z, t);
		fr_wall first = fr_zone_moment(z, &c);
		struct fr_civil again = fr_zone_civil(z, first);

		assert_true(first.v <= t.v);
		assert_int_equal(again.day, c.day);
		assert_int_equal(again.hour * 3600 + again.minute * 60 + again.second, c.hour * 3600 + c.minute * 60 + c.second);
		if (first.v != t.v)
			assert_int_equal(t.v - first.v, 1000 * (fr_zone_ahead(z, first) - fr_zone_ahead(z, t)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_counted_from_1970_over_all_leap_years),
		cmocka_unit_test(each_step_holds_from_its_moment_to_the_next),
		cmocka_unit_test(a_stretch_goes_from_change_to_change),
		cmocka_unit_test(a_time_that_is_skipped_is_the_moment_of_the_skip_and_one_that_comes_twice_its_first),
		cmocka_unit_test(what_the_clock_shows_leads_back_to_its_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
