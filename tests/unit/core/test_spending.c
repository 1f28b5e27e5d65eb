#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "core/spending.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* 2026-11-26 12:34:56 UTC: the hour 498828, the five minutes 5985942. */
static const fr_wall AT = { INT64_C(1795782896000) }, START = { INT64_C(1793491200000) };

static void read(struct fr_spending *s, const char *field, const char *value)
{
	fr_spending_read(s, fr_str_of(field), fr_str_of(value));
}

static void only_the_window_that_was_asked_about_counts(void **state)
{
	struct fr_spending s;

	(void)state;
	fr_spending_init(&s, START, AT);
	read(&s, "1793491200:s", "700");
	read(&s, "1793491200:o", "30");
	read(&s, "1793491200:l:00000000000000aa", "30");
	read(&s, "1790812800:s", "9000");
	read(&s, "1790812800:o", "1");
	assert_int_equal(s.spent, 700);
	assert_int_equal(s.outstanding, 30);
	assert_false(s.known);
	assert_false(s.overridden);
}

static void the_history_is_told_from_the_newest_on(void **state)
{
	struct fr_spending s;

	(void)state;
	fr_spending_init(&s, START, AT);
	read(&s, "h:498828", "5");
	read(&s, "h:498827", "6");
	read(&s, "h:498637", "7"); /* 191 hours ago */
	read(&s, "h:498636", "8"); /* too old */
	read(&s, "m:5985942", "1");
	read(&s, "m:5985919", "2"); /* 23 before */
	read(&s, "m:5985918", "3");
	assert_int_equal(s.hours[0], 5);
	assert_int_equal(s.hours[1], 6);
	assert_int_equal(s.hours[FR_SPENDING_HOURS - 1], 7);
	assert_int_equal(s.hours[2], 0);
	assert_int_equal(s.fives[0], 1);
	assert_int_equal(s.fives[FR_SPENDING_FIVES - 1], 2);
}

static void what_was_spent_by_a_clock_ahead_counts_as_now(void **state)
{
	struct fr_spending s;

	(void)state;
	fr_spending_init(&s, START, AT);
	read(&s, "m:5985942", "1");
	read(&s, "m:5985943", "2");
	read(&s, "h:498830", "4");
	assert_int_equal(s.fives[0], 3);
	assert_int_equal(s.hours[0], 4);
}

static void an_operators_limit_is_a_number_or_none(void **state)
{
	static const struct {
		const char *text;
		bool is;
		int64_t limit;
	} rows[] = {
		{ "0", true, 0 },
		{ "3000000", true, 3000000 },
		{ "9007199254740991", true, INT64_C(9007199254740991) },
		{ "none", true, INT64_C(9007199254740991) },
		{ "9007199254740992", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "-1", false, 0 },
		{ "", false, 0 },
		{ "1e6", false, 0 },
		{ "None", false, 0 },
		{ "5 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_spending s;

		fr_spending_init(&s, START, AT);
		read(&s, "limit", rows[i].text);
		if (s.overridden != rows[i].is || s.limit != rows[i].limit)
			fail_msg("'%s': %d %lld", rows[i].text, s.overridden, (long long)s.limit);
	}
}

static void foreign_fields_are_left_alone(void **state)
{
	static const struct {
		const char *field, *value;
	} rows[] = {
		{ "", "5" },
		{ "junk", "5" },
		{ ":s", "5" },
		{ "1793491200", "5" },
		{ "1793491200:", "5" },
		{ "1793491200:x", "5" },
		{ "01793491200x:s", "5" },
		{ "1793491200:s", "-5" },
		{ "1793491200:s", "1e15" },
		{ "1793491200:s", "" },
		{ "1793491200:o", "five" },
		{ "h:", "5" },
		{ "h:-1", "5" },
		{ "h:99999999999999999999", "5" },
		{ "m:5985942x", "5" },
		{ "m:5985942", "x" },
	};
	struct fr_spending s, none;

	(void)state;
	fr_spending_init(&s, START, AT);
	fr_spending_init(&none, START, AT);
	for (size_t i = 0; i < COUNT(rows); i++) {
		read(&s, rows[i].field, rows[i].value);
		if (memcmp(&s, &none, sizeof s) != 0)
			fail_msg("%s %s", rows[i].field, rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_window_that_was_asked_about_counts),
		cmocka_unit_test(the_history_is_told_from_the_newest_on),
		cmocka_unit_test(what_was_spent_by_a_clock_ahead_counts_as_now),
		cmocka_unit_test(an_operators_limit_is_a_number_or_none),
		cmocka_unit_test(foreign_fields_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
