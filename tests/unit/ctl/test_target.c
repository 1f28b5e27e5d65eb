#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/target.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_value_may_hold_anything(void **state)
{
	static const struct {
		const char *value, *encoded;
	} rows[] = {
		{ "", "/x?v=" },
		{ "all/month", "/x?v=all%2Fmonth" },
		{ "AZaz09-._~", "/x?v=AZaz09-._~" },
		{ "/a/?b=c&d=e#f", "/x?v=%2Fa%2F%3Fb%3Dc%26d%3De%23f" },
		{ "a b+c%20", "/x?v=a%20b%2Bc%2520" },
		{ "\xc3\xa9\r\n", "/x?v=%C3%A9%0D%0A" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_target t;

		fr_target_init(&t, "/x");
		fr_target_add(&t, "v", rows[i].value);
		assert_string_equal(fr_target_text(&t), rows[i].encoded);
		fr_target_free(&t);
	}
}

static void parameters_follow_each_other_and_what_is_not_given_is_left_out(void **state)
{
	struct fr_target t;

	(void)state;
	fr_target_init(&t, "/report");
	assert_string_equal(fr_target_text(&t), "/report");
	fr_target_add(&t, "by", NULL);
	fr_target_add(&t, "period", "7d");
	fr_target_add(&t, "format", "csv");
	assert_string_equal(fr_target_text(&t), "/report?period=7d&format=csv");
	fr_target_free(&t);
}

static void what_is_too_long_is_no_target_whatever_follows(void **state)
{
	static char longest[FR_TARGET_TEXT_MAX];
	struct fr_target t;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	fr_target_init(&t, "/x");
	fr_target_add(&t, "v", longest);
	fr_target_add(&t, "w", "1");
	assert_null(fr_target_text(&t));
	fr_target_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_hold_anything),
		cmocka_unit_test(parameters_follow_each_other_and_what_is_not_given_is_left_out),
		cmocka_unit_test(what_is_too_long_is_no_target_whatever_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
