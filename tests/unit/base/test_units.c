#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "base/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void lengths_of_time_are_read_and_shown_shortest(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *shown;
	} rows[] = {
		{ "0", 0, "0" },           { "0s", 0, "0" },
		{ "500ms", 500, "500ms" }, { "1000ms", 1000, "1s" },
		{ "90s", 90000, "90s" },   { "90m", 5400000, "90m" },
		{ "24h", 86400000, "1d" }, { "14d", 1209600000, "14d" },
		{ "1w", 604800000, "7d" }, { "90d", 7776000000, "90d" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fr_ms t = { -1 };
		char shown[32];

		assert_true(fr_units_ms(fr_str_of(rows[i].text), &t));
		assert_int_equal(t.v, rows[i].ms);
		fr_units_show_ms(t, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].shown);
	}
}

static void what_is_no_length_of_time_is_refused(void **state)
{
	static const char *const rows[] = { "",
					    "s",
					    "5",
					    "-5s",
					    "+5s",
					    "5 s",
					    "5S",
					    "1.5h",
					    "2 weks",
					    "5sm",
					    "1h30m",
					    " 5s",
					    "00",
					    "0x1s",
					    "9223372036854775807s",
					    "99999999999999999999ms" };
	fr_ms t = { 77 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(fr_units_ms(fr_str_of(rows[i]), &t));
	assert_int_equal(t.v, 77);
}

static void sizes_are_read_and_shown_shortest(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
		const char *shown;
	} rows[] = {
		{ "0", 0, "0" },
		{ "1000", 1000, "1000" },
		{ "1024", 1024, "1K" },
		{ "4M", 4194304, "4M" },
		{ "1024M", 1073741824, "1G" },
		{ "1T", 1099511627776, "1T" },
		{ "1536K", 1572864, "1536K" },
	};
	static const char *const wrong[] = { "", "M", "4m", "4MB", "4 M", "-4M", "8388608T", "1.5G" };
	char shown[32];
	int64_t n = 5;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(fr_units_bytes(fr_str_of(wrong[i]), &n));
	assert_int_equal(n, 5);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(fr_units_bytes(fr_str_of(rows[i].text), &n));
		assert_int_equal(n, rows[i].n);
		fr_units_show_bytes(n, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].shown);
	}
}

static void what_was_shown_is_read_back_as_it_was(void **state)
{
	struct fr_random random = { 9 };
	char shown[32];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		int64_t v = (int64_t)(fr_random_next(&random) >> (1 + fr_random_below(&random, 60))), n;
		fr_ms t;

		fr_units_show_ms(FR_MS(v), shown, sizeof(shown));
		assert_true(fr_units_ms(fr_str_of(shown), &t));
		assert_int_equal(t.v, v);
		fr_units_show_bytes(v, shown, sizeof(shown));
		assert_true(fr_units_bytes(fr_str_of(shown), &n));
		assert_int_equal(n, v);
	}
}

static void rates_are_read_and_shown(void **state)
{
	static const struct {
		const char *text;
		int64_t calls, window;
	} rows[] = { { "200/min", 200, 60000 }, { "50/s", 50, 1000 }, { "10000/h", 10000, 3600000 }, { "none", 0, 0 } };
	static const char *const wrong[] = { "", "200", "200/", "/min", "0/s", "-1/s", "200/m", "200/min/s", "None", "1 /s" };
	int64_t calls = 3;
	fr_ms window = { 4 };

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(fr_units_rate(fr_str_of(wrong[i]), &calls, &window));
	assert_true(calls == 3 && window.v == 4);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char shown[32];

		assert_true(fr_units_rate(fr_str_of(rows[i].text), &calls, &window));
		assert_int_equal(calls, rows[i].calls);
		assert_int_equal(window.v, rows[i].window);
		fr_units_show_rate(calls, window, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].text);
	}
}

static void days_have_their_dates(void **state)
{
	static const struct {
		int64_t wall;
		int yyyymmdd;
		const char *text, *http;
	} rows[] = {
		{ 0, 19700101, "1970-01-01", "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, 19691231, "1969-12-31", "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 784111777000, 19941106, "1994-11-06", "Sun, 06 Nov 1994 08:49:37 GMT" }, /* RFC 9110's example */
		{ 951782400000, 20000229, "2000-02-29", "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 951868800000, 20000301, "2000-03-01", "Wed, 01 Mar 2000 00:00:00 GMT" },
		{ 1709251199999, 20240229, "2024-02-29", "Thu, 29 Feb 2024 23:59:59 GMT" },
		{ 1709251200000, 20240301, "2024-03-01", "Fri, 01 Mar 2024 00:00:00 GMT" },
		{ 1795380000000, 20261122, "2026-11-22", "Sun, 22 Nov 2026 20:40:00 GMT" },
		{ 4107542400000, 21000301, "2100-03-01", "Mon, 01 Mar 2100 00:00:00 GMT" }, /* 2100 has no leap day */
		{ 253402300799999, 99991231, "9999-12-31", "Fri, 31 Dec 9999 23:59:59 GMT" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t day = fr_units_day((fr_wall){ rows[i].wall });
		char text[11], http[30];

		assert_int_equal(fr_units_yyyymmdd(day), rows[i].yyyymmdd);
		fr_units_show_day(day, text);
		assert_string_equal(text, rows[i].text);
		fr_units_show_http_date((fr_wall){ rows[i].wall }, http);
		assert_string_equal(http, rows[i].http);
	}
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static void every_day_of_four_centuries_follows_the_one_before(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = 1970, month = 1, day = 1;

	(void)state;
	for (int64_t n = 0; n < 146097; n++) {
		int length = lengths[month - 1] + (month == 2 && leap(year) ? 1 : 0);

		if (fr_units_yyyymmdd(n) != year * 10000 + month * 100 + day)
			fail_msg("day %lld", (long long)n);
		if (++day > length) {
			day = 1;
			month++;
		}
		if (month > 12) {
			month = 1;
			year++;
		}
	}
}

static void moments_of_a_broken_clock_still_show_as_dates(void **state)
{
	static const int64_t rows[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX, -62167219200001, 253402300800000 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[11], http[30];

		fr_units_show_day(fr_units_day((fr_wall){ rows[i] }), text);
		assert_string_equal(text, rows[i] < 0 ? "0000-01-01" : "9999-12-31");
		fr_units_show_http_date((fr_wall){ rows[i] }, http);
		assert_int_equal(strlen(http), 29);
	}
	assert_int_equal(fr_units_yyyymmdd(INT64_MAX), 99991231);
}

static void counts_are_shown_in_groups_of_three(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ -1000, "-1,000" },
		{ 1234567, "1,234,567" },
		{ -999, "-999" },
		{ INT64_MAX, "9,223,372,036,854,775,807" },
		{ INT64_MIN, "-9,223,372,036,854,775,808" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[FR_UNITS_COUNT_MAX];

		fr_units_show_count(rows[i].n, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_of_time_are_read_and_shown_shortest),
		cmocka_unit_test(what_is_no_length_of_time_is_refused),
		cmocka_unit_test(sizes_are_read_and_shown_shortest),
		cmocka_unit_test(what_was_shown_is_read_back_as_it_was),
		cmocka_unit_test(rates_are_read_and_shown),
		cmocka_unit_test(counts_are_shown_in_groups_of_three),
		cmocka_unit_test(days_have_their_dates),
		cmocka_unit_test(every_day_of_four_centuries_follows_the_one_before),
		cmocka_unit_test(moments_of_a_broken_clock_still_show_as_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
