#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "ctl/look.h"
#include "unit/ctl/page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_hundred_percent_is_said_only_of_all(void **state)
{
	static const struct {
		double ratio;
		const char *shown;
	} rows[] = {
		{ 0, "0 %" },
		{ 1e-9, "<1 %" },
		{ 0.01, "1 %" },
		{ 0.29, "29 %" },
		{ 0.57, "57 %" },
		{ 0.9999, "99 %" },
		{ 1, "100 %" },
		{ 2.14, "214 %" },
		{ 12.345, "1,234 %" },
		{ -0.5, "-50 %" },
		{ 1e300, "1,000,000,000,000 %" },
		{ NAN, "-" },
	};
	char got[FR_LOOK_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fr_look_percent(rows[i].ratio, got);
		assert_string_equal(got, rows[i].shown);
	}
}

static void factors_have_one_digit_behind_the_point(void **state)
{
	static const struct {
		double v;
		const char *shown;
	} rows[] = {
		{ 0, "0.0" }, { 6.04, "6.0" }, { 6.05, "6.1" },   { 9.99, "10.0" }, { 12345.67, "12,345.7" },
		{ -1, "-" },  { NAN, "-" },    { INFINITY, "-" },
	};
	char got[FR_LOOK_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fr_look_tenths(rows[i].v, got);
		assert_string_equal(got, rows[i].shown);
	}
}

static void a_span_has_its_two_largest_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *shown;
	} rows[] = {
		{ -5, "0 s" },   { 0, "0 s" },          { 59, "59 s" },   { 60, "1 min" },      { 125, "2 min 5 s" },
		{ 3600, "1 h" }, { 3661, "1 h 1 min" }, { 86400, "1 d" }, { 93784, "1 d 2 h" }, { 86460, "1 d" },
	};
	char got[FR_LOOK_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fr_look_span(rows[i].seconds, got);
		assert_string_equal(got, rows[i].shown);
	}
}

static void a_moment_is_a_date_and_a_minute_of_utc(void **state)
{
	char got[FR_LOOK_MAX];

	(void)state;
	fr_look_moment(0, got);
	assert_string_equal(got, "1970-01-01 00:00 UTC");
	fr_look_moment(1795334400 + 8 * 3600 + 14 * 60 + 59, got);
	assert_string_equal(got, "2026-11-22 16:14 UTC");
}

static void a_bar_is_full_only_when_all_is_used(void **state)
{
	static const struct {
		double ratio;
		const char *shown;
	} rows[] = {
		{ 0, "[....................]" },   { 0.001, "[#...................]" }, { 0.05, "[#...................]" },
		{ 0.5, "[##########..........]" }, { 0.999, "[###################.]" }, { 1, "[####################]" },
		{ 7, "[####################]" },   { NAN, "[....................]" },   { -1, "[....................]" },
	};
	const struct fr_look ascii = { .bars = true }, blocks = { .bars = true, .utf8 = true };
	char got[FR_LOOK_BAR_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fr_look_bar(&ascii, rows[i].ratio, got);
		assert_string_equal(got, rows[i].shown);
	}
	fr_look_bar(&blocks, 0.1, got);
	assert_string_equal(got, "[██░░░░░░░░░░░░░░░░░░]");
}

static void colours_and_bars_are_for_terminals(void **state)
{
	static const struct {
		bool terminal;
		const char *no_color, *term;
		bool utf8, colour, bars, blocks;
	} rows[] = {
		{ true, NULL, "xterm", true, true, true, true }, { true, "", "xterm", false, true, true, false },
		{ true, "1", "xterm", true, false, true, true }, { true, NULL, "dumb", true, false, true, false },
		{ true, NULL, NULL, true, false, true, false },  { false, NULL, "xterm", true, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_look look = fr_look_for(rows[i].terminal, rows[i].no_color, rows[i].term, rows[i].utf8);

		assert_int_equal(look.colour, rows[i].colour);
		assert_int_equal(look.bars, rows[i].bars);
		assert_int_equal(look.utf8, rows[i].blocks);
	}
}

static void text_from_elsewhere_cannot_steer_the_terminal(void **state)
{
	const struct fr_look plain = { .colour = false }, tinted = { .colour = true };
	struct page p;

	(void)state;
	page_open(&p);
	fr_look_foreign(p.to, FR_STR("a\033[2Jb\nc\x7f\xc3\xa9"));
	fr_look_put(p.to, &plain, FR_TINT_BAD, " d\033");
	fr_look_put(p.to, &tinted, FR_TINT_BAD, "e\033");
	fr_look_put(p.to, &tinted, FR_TINT_NONE, "f");
	assert_string_equal(page_text(&p), "a?[2Jb?c?\xc3\xa9 d?\033[1;31me?\033[0mf");
	page_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_percent_is_said_only_of_all),
		cmocka_unit_test(factors_have_one_digit_behind_the_point),
		cmocka_unit_test(a_span_has_its_two_largest_units),
		cmocka_unit_test(a_moment_is_a_date_and_a_minute_of_utc),
		cmocka_unit_test(a_bar_is_full_only_when_all_is_used),
		cmocka_unit_test(colours_and_bars_are_for_terminals),
		cmocka_unit_test(text_from_elsewhere_cannot_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
