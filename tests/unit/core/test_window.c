#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "core/window.h"
#include "unit/core/zones.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HALF (INT64_C(30) * 60 * 1000)
#define HOUR (2 * HALF)

/* At 00:30 on the 29th of March the clock goes back to 23:30. */
static const struct fr_zone odd = { "Odd", 2, { { 1767225600, 3600 }, { 1774740600, 0 } } };

static const struct fr_zone *const zones[] = { &utc, &berlin, &new_york, &kolkata, &lord_howe, &troll, &santiago, &odd };

struct row {
	const struct fr_zone *z;
	enum fr_window_kind kind;
	int start_day;
	fr_wall at, start, end;
	const char *name;
};

static void check(const struct row *rows, size_t n)
{
	char name[FR_WINDOW_NAME_MAX];

	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct fr_window w = fr_window_at(r->kind, r->z, r->start_day, r->at);

		fr_window_show(r->kind, r->z, r->start_day, w, name);
		if (w.start.v != r->start.v || w.end.v != r->end.v || strcmp(name, r->name) != 0)
			fail_msg("row %zu: %s from %lld to %lld, not %s from %lld to %lld", i, name, (long long)w.start.v,
				 (long long)w.end.v, r->name, (long long)r->start.v, (long long)r->end.v);
		assert_int_equal(fr_window_at(r->kind, r->z, r->start_day, w.start).start.v, w.start.v);
		assert_int_equal(fr_window_at(r->kind, r->z, r->start_day, (fr_wall){ w.end.v - 1 }).start.v, w.start.v);
	}
}

static void months_begin_at_midnight_there(void **state)
{
	const struct row rows[] = {
		{ &utc, FR_WINDOW_MONTH, 1, at(2026, 11, 26, 14, 0), at(2026, 11, 1, 0, 0), at(2026, 12, 1, 0, 0), "2026-11" },
		{ &utc, FR_WINDOW_MONTH, 1, at(2026, 12, 31, 23, 59), at(2026, 12, 1, 0, 0), at(2027, 1, 1, 0, 0), "2026-12" },
		{ &berlin, FR_WINDOW_MONTH, 1, at(2026, 2, 28, 22, 59), at(2026, 1, 31, 23, 0), at(2026, 2, 28, 23, 0),
		  "2026-02" },
		{ &berlin, FR_WINDOW_MONTH, 1, at(2026, 2, 28, 23, 0), at(2026, 2, 28, 23, 0), at(2026, 3, 31, 22, 0),
		  "2026-03" },
		{ &berlin, FR_WINDOW_MONTH, 1, at(2026, 10, 31, 22, 59), at(2026, 9, 30, 22, 0), at(2026, 10, 31, 23, 0),
		  "2026-10" },
		{ &new_york, FR_WINDOW_MONTH, 1, at(2026, 3, 1, 4, 59), at(2026, 2, 1, 5, 0), at(2026, 3, 1, 5, 0), "2026-02" },
		{ &new_york, FR_WINDOW_MONTH, 1, at(2026, 3, 1, 5, 0), at(2026, 3, 1, 5, 0), at(2026, 4, 1, 4, 0), "2026-03" },
		{ &kolkata, FR_WINDOW_MONTH, 1, at(2026, 5, 31, 18, 30), at(2026, 5, 31, 18, 30), at(2026, 6, 30, 18, 30),
		  "2026-06" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void a_month_begins_on_its_start_day_or_on_its_last(void **state)
{
	const struct row rows[] = {
		{ &utc, FR_WINDOW_MONTH, 15, at(2026, 11, 26, 0, 0), at(2026, 11, 15, 0, 0), at(2026, 12, 15, 0, 0),
		  "2026-11-15" },
		{ &utc, FR_WINDOW_MONTH, 15, at(2026, 11, 14, 23, 59), at(2026, 10, 15, 0, 0), at(2026, 11, 15, 0, 0),
		  "2026-10-15" },
		{ &utc, FR_WINDOW_MONTH, 15, at(2027, 1, 3, 0, 0), at(2026, 12, 15, 0, 0), at(2027, 1, 15, 0, 0), "2026-12-15" },
		{ &utc, FR_WINDOW_MONTH, 31, at(2026, 2, 1, 0, 0), at(2026, 1, 31, 0, 0), at(2026, 2, 28, 0, 0), "2026-01-31" },
		{ &utc, FR_WINDOW_MONTH, 31, at(2026, 2, 28, 0, 0), at(2026, 2, 28, 0, 0), at(2026, 3, 31, 0, 0), "2026-02-28" },
		{ &utc, FR_WINDOW_MONTH, 31, at(2026, 4, 29, 23, 59), at(2026, 3, 31, 0, 0), at(2026, 4, 30, 0, 0),
		  "2026-03-31" },
		{ &utc, FR_WINDOW_MONTH, 31, at(2026, 4, 30, 0, 0), at(2026, 4, 30, 0, 0), at(2026, 5, 31, 0, 0), "2026-04-30" },
		{ &utc, FR_WINDOW_MONTH, 30, at(2028, 2, 29, 12, 0), at(2028, 2, 29, 0, 0), at(2028, 3, 30, 0, 0), "2028-02-29" },
		{ &utc, FR_WINDOW_MONTH, 29, at(2100, 3, 1, 0, 0), at(2100, 2, 28, 0, 0), at(2100, 3, 29, 0, 0), "2100-02-28" },
		{ &berlin, FR_WINDOW_MONTH, 29, at(2026, 3, 28, 23, 0), at(2026, 3, 28, 23, 0), at(2026, 4, 28, 22, 0),
		  "2026-03-29" },
		{ &new_york, FR_WINDOW_MONTH, 31, at(2026, 2, 28, 4, 59), at(2026, 1, 31, 5, 0), at(2026, 2, 28, 5, 0),
		  "2026-01-31" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void a_day_has_23_24_or_25_hours(void **state)
{
	const struct row rows[] = {
		{ &berlin, FR_WINDOW_DAY, 1, at(2026, 3, 28, 22, 59), at(2026, 3, 27, 23, 0), at(2026, 3, 28, 23, 0),
		  "2026-03-28" },
		{ &berlin, FR_WINDOW_DAY, 1, at(2026, 3, 29, 12, 0), at(2026, 3, 28, 23, 0), at(2026, 3, 29, 22, 0),
		  "2026-03-29" },
		{ &berlin, FR_WINDOW_DAY, 1, at(2026, 10, 25, 12, 0), at(2026, 10, 24, 22, 0), at(2026, 10, 25, 23, 0),
		  "2026-10-25" },
		{ &new_york, FR_WINDOW_DAY, 1, at(2026, 3, 9, 3, 59), at(2026, 3, 8, 5, 0), at(2026, 3, 9, 4, 0), "2026-03-08" },
		{ &new_york, FR_WINDOW_DAY, 1, at(2026, 11, 2, 4, 59), at(2026, 11, 1, 4, 0), at(2026, 11, 2, 5, 0),
		  "2026-11-01" },
		{ &kolkata, FR_WINDOW_DAY, 1, at(2026, 1, 1, 0, 0), at(2025, 12, 31, 18, 30), at(2026, 1, 1, 18, 30),
		  "2026-01-01" },
		{ &lord_howe, FR_WINDOW_DAY, 1, at(2026, 4, 4, 20, 0), at(2026, 4, 4, 13, 0), at(2026, 4, 5, 13, 30),
		  "2026-04-05" },
		{ &lord_howe, FR_WINDOW_DAY, 1, at(2026, 10, 3, 20, 0), at(2026, 10, 3, 13, 30), at(2026, 10, 4, 13, 0),
		  "2026-10-04" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void a_clock_that_goes_back_over_midnight_or_skips_it_makes_no_day_twice(void **state)
{
	const struct row rows[] = {
		/* 24:00 is 23:00 again: the day ends at the second midnight. */
		{ &santiago, FR_WINDOW_DAY, 1, at(2026, 4, 5, 3, 30), at(2026, 4, 4, 3, 0), at(2026, 4, 5, 4, 0), "2026-04-04" },
		{ &santiago, FR_WINDOW_DAY, 1, at(2026, 4, 5, 4, 0), at(2026, 4, 5, 4, 0), at(2026, 4, 6, 4, 0), "2026-04-05" },
		/* Midnight does not occur: the day begins at 01:00. */
		{ &santiago, FR_WINDOW_DAY, 1, at(2026, 9, 6, 4, 0), at(2026, 9, 6, 4, 0), at(2026, 9, 7, 3, 0), "2026-09-06" },
		{ &apia, FR_WINDOW_DAY, 1, at(2011, 12, 30, 9, 59), at(2011, 12, 29, 10, 0), at(2011, 12, 30, 10, 0),
		  "2011-12-29" },
		{ &apia, FR_WINDOW_DAY, 1, at(2011, 12, 30, 10, 0), at(2011, 12, 30, 10, 0), at(2011, 12, 31, 10, 0),
		  "2011-12-31" },
	};
	/* The next day has begun already and goes on. */
	const struct row back[] = {
		{ &odd, FR_WINDOW_DAY, 1, at(2026, 3, 28, 22, 59), at(2026, 3, 27, 23, 0), at(2026, 3, 28, 23, 0), "2026-03-28" },
		{ &odd, FR_WINDOW_DAY, 1, at(2026, 3, 28, 23, 45), at(2026, 3, 28, 23, 0), at(2026, 3, 30, 0, 0), "2026-03-29" },
	};

	(void)state;
	check(rows, COUNT(rows));
	check(back, COUNT(back));
}

static void an_hour_that_occurs_twice_is_two_windows(void **state)
{
	const struct row rows[] = {
		{ &utc, FR_WINDOW_HOUR, 1, at(2026, 11, 26, 14, 59), at(2026, 11, 26, 14, 0), at(2026, 11, 26, 15, 0),
		  "2026-11-26 14h" },
		{ &berlin, FR_WINDOW_HOUR, 1, at(2026, 3, 29, 0, 59), at(2026, 3, 29, 0, 0), at(2026, 3, 29, 1, 0),
		  "2026-03-29 01h" },
		{ &berlin, FR_WINDOW_HOUR, 1, at(2026, 3, 29, 1, 0), at(2026, 3, 29, 1, 0), at(2026, 3, 29, 2, 0),
		  "2026-03-29 03h" },
		{ &berlin, FR_WINDOW_HOUR, 1, at(2026, 10, 25, 0, 30), at(2026, 10, 25, 0, 0), at(2026, 10, 25, 1, 0),
		  "2026-10-25 02h" },
		{ &berlin, FR_WINDOW_HOUR, 1, at(2026, 10, 25, 1, 30), at(2026, 10, 25, 1, 0), at(2026, 10, 25, 2, 0),
		  "2026-10-25 02h again" },
		{ &berlin, FR_WINDOW_HOUR, 1, at(2026, 10, 25, 2, 30), at(2026, 10, 25, 2, 0), at(2026, 10, 25, 3, 0),
		  "2026-10-25 03h" },
		{ &new_york, FR_WINDOW_HOUR, 1, at(2026, 11, 1, 6, 0), at(2026, 11, 1, 6, 0), at(2026, 11, 1, 7, 0),
		  "2026-11-01 01h again" },
		{ &kolkata, FR_WINDOW_HOUR, 1, at(2026, 1, 1, 0, 29), at(2025, 12, 31, 23, 30), at(2026, 1, 1, 0, 30),
		  "2026-01-01 05h" },
		{ &troll, FR_WINDOW_HOUR, 1, at(2026, 10, 24, 23, 30), at(2026, 10, 24, 23, 0), at(2026, 10, 25, 0, 0),
		  "2026-10-25 01h" },
		{ &troll, FR_WINDOW_HOUR, 1, at(2026, 10, 25, 1, 30), at(2026, 10, 25, 1, 0), at(2026, 10, 25, 2, 0),
		  "2026-10-25 01h again" },
		{ &troll, FR_WINDOW_HOUR, 1, at(2026, 10, 25, 2, 30), at(2026, 10, 25, 2, 0), at(2026, 10, 25, 3, 0),
		  "2026-10-25 02h again" },
		/* The clock jumps in the middle of an hour. */
		{ &odd, FR_WINDOW_HOUR, 1, at(2026, 3, 28, 23, 15), at(2026, 3, 28, 23, 0), at(2026, 3, 28, 23, 30),
		  "2026-03-29 00h" },
		{ &odd, FR_WINDOW_HOUR, 1, at(2026, 3, 28, 23, 45), at(2026, 3, 28, 23, 30), at(2026, 3, 29, 0, 0),
		  "2026-03-28 23h again" },
		{ &odd, FR_WINDOW_HOUR, 1, at(2026, 3, 29, 0, 15), at(2026, 3, 29, 0, 0), at(2026, 3, 29, 1, 0),
		  "2026-03-29 00h again" },
		/* Half an hour occurs twice. */
		{ &lord_howe, FR_WINDOW_HOUR, 1, at(2026, 4, 4, 14, 59), at(2026, 4, 4, 14, 0), at(2026, 4, 4, 15, 0),
		  "2026-04-05 01h" },
		{ &lord_howe, FR_WINDOW_HOUR, 1, at(2026, 4, 4, 15, 0), at(2026, 4, 4, 15, 0), at(2026, 4, 4, 15, 30),
		  "2026-04-05 01h again" },
		/* Half an hour is skipped. */
		{ &lord_howe, FR_WINDOW_HOUR, 1, at(2026, 10, 3, 15, 29), at(2026, 10, 3, 14, 30), at(2026, 10, 3, 15, 30),
		  "2026-10-04 01h" },
		{ &lord_howe, FR_WINDOW_HOUR, 1, at(2026, 10, 3, 15, 30), at(2026, 10, 3, 15, 30), at(2026, 10, 3, 16, 0),
		  "2026-10-04 02h" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

/* Over two years, half an hour at a time: each window begins where the one before ended, and holds what lies in it. */
static void walk(enum fr_window_kind kind, const struct fr_zone *z, int start_day)
{
	const int64_t end = at(2028, 1, 5, 0, 0).v;
	struct fr_window w = fr_window_at(kind, z, start_day, at(2025, 12, 30, 0, 0));
	char name[FR_WINDOW_NAME_MAX], before[FR_WINDOW_NAME_MAX] = "";

	for (int64_t t = w.start.v; t < end; t += HALF) {
		struct fr_window now = fr_window_at(kind, z, start_day, (fr_wall){ t });

		if (t == w.end.v) {
			fr_window_show(kind, z, start_day, now, name);
			assert_int_equal(now.start.v, w.end.v);
			assert_string_not_equal(name, before);
			memcpy(before, name, sizeof(before));
			w = now;
		}
		assert_true(now.start.v <= t && t < now.end.v);
		assert_int_equal(now.start.v, w.start.v);
		assert_int_equal(now.end.v, w.end.v);
	}
}

static void windows_follow_each_other_without_gap_or_overlap(void **state)
{
	static const int days[] = { 1, 15, 28, 29, 30, 31 };

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		walk(FR_WINDOW_HOUR, zones[i], 1);
		walk(FR_WINDOW_DAY, zones[i], 1);
		for (size_t j = 0; j < COUNT(days); j++)
			walk(FR_WINDOW_MONTH, zones[i], days[j]);
	}
}

/* Told in another way: a day begins whenever the clock shows a date that is later than all before. */
static void a_day_begins_when_a_new_date_is_first_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		int64_t latest = 0;

		for (int64_t t = at(2025, 12, 30, 0, 0).v; t < at(2028, 1, 5, 0, 0).v; t += HALF) {
			struct fr_window w = fr_window_at(FR_WINDOW_DAY, zones[i], 1, (fr_wall){ t });
			int64_t shown = t + INT64_C(1000) * fr_zone_ahead(zones[i], (fr_wall){ t });

			if (shown / (24 * HOUR) > latest && latest != 0)
				assert_int_equal(w.start.v, t);
			else if (latest != 0)
				assert_true(w.start.v < t);
			latest = shown / (24 * HOUR) > latest ? shown / (24 * HOUR) : latest;
		}
	}
}

static void a_broken_clock_still_has_a_window(void **state)
{
	static const int64_t moments[] = { INT64_MIN, INT64_MIN + 1, INT64_C(-62135596800001), INT64_C(253370764800000),
					   INT64_MAX };
	char name[FR_WINDOW_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++)
		for (size_t z = 0; z < COUNT(zones); z++)
			for (enum fr_window_kind k = 0; k < FR_WINDOW_KINDS; k++) {
				struct fr_window w = fr_window_at(k, zones[z], 31, (fr_wall){ moments[i] });

				assert_true(w.start.v < w.end.v);
				fr_window_show(k, zones[z], 31, w, name);
				assert_true(strlen(name) >= 10);
			}
}

static void kinds_have_names(void **state)
{
	enum fr_window_kind k = FR_WINDOW_KINDS;

	(void)state;
	assert_true(fr_window_kind_of(FR_STR("month"), &k));
	assert_int_equal(k, FR_WINDOW_MONTH);
	assert_true(fr_window_kind_of(FR_STR("hour"), &k));
	assert_int_equal(k, FR_WINDOW_HOUR);
	assert_false(fr_window_kind_of(FR_STR("days"), &k));
	assert_int_equal(k, FR_WINDOW_HOUR);
	assert_string_equal(fr_window_kind_name(FR_WINDOW_DAY), "day");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_begin_at_midnight_there),
		cmocka_unit_test(a_month_begins_on_its_start_day_or_on_its_last),
		cmocka_unit_test(a_day_has_23_24_or_25_hours),
		cmocka_unit_test(a_clock_that_goes_back_over_midnight_or_skips_it_makes_no_day_twice),
		cmocka_unit_test(an_hour_that_occurs_twice_is_two_windows),
		cmocka_unit_test(windows_follow_each_other_without_gap_or_overlap),
		cmocka_unit_test(a_day_begins_when_a_new_date_is_first_shown),
		cmocka_unit_test(a_broken_clock_still_has_a_window),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
