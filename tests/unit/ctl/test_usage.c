#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ctl/usage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void words_are_told_from_options_and_what_may_be_left_out(void **state)
{
	static const struct {
		const char *text;
		size_t words, needed, options;
		bool many;
	} rows[] = {
		{ "", 0, 0, 0, false },
		{ "NAME", 1, 1, 0, false },
		{ "NAME CREDITS|none", 2, 2, 0, false },
		{ "[NAME]", 1, 0, 0, false },
		{ "NAME [OTHER]", 2, 1, 0, false },
		{ "[COMMAND...]", 1, 0, 0, true },
		{ "NAME [--tenant T] [--tier T]", 1, 1, 2, false },
		{ "(--target URL | --key HEX | --all) [--soft]", 0, 0, 4, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_usage u;

		fr_usage_read(rows[i].text, &u);
		assert_int_equal(u.n_words, rows[i].words);
		assert_int_equal(u.n_needed, rows[i].needed);
		assert_int_equal(u.n_options, rows[i].options);
		assert_int_equal(u.many, rows[i].many);
	}
}

static void an_option_takes_a_value_if_one_is_written_behind_it(void **state)
{
	static const struct {
		const char *text, *name, *value;
	} rows[] = {
		{ "[--by endpoint|tenant]", "--by", "endpoint|tenant" },
		{ "[--soft]", "--soft", "" },
		{ "[--soft] [--yes]", "--soft", "" },
		{ "(--target URL | --all)", "--target", "URL" },
		{ "(--target URL | --all)", "--all", "" },
		{ "(--csv | --json) NAME", "--csv", "" },
		{ "(--csv | --json) NAME", "--json", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fr_usage_option *o;
		struct fr_usage u;

		fr_usage_read(rows[i].text, &u);
		o = fr_usage_option(&u, fr_str_of(rows[i].name));
		assert_non_null(o);
		assert_true(fr_str_is(o->value, rows[i].value));
		assert_null(fr_usage_option(&u, FR_STR("--other")));
	}
}

static void words_keep_their_names_without_brackets(void **state)
{
	struct fr_usage u;

	(void)state;
	fr_usage_read("NAME CREDITS|none [WORD...]", &u);
	assert_true(fr_str_is(u.words[0], "NAME"));
	assert_true(fr_str_is(u.words[1], "CREDITS|none"));
	assert_true(fr_str_is(u.words[2], "WORD"));
}

static void capitals_stand_for_something_else(void **state)
{
	static const struct {
		const char *values;
		bool closed;
	} rows[] = {
		{ "bash", true }, { "endpoint|tenant", true }, { "today|YYYY-MM-DD|7d", false }, { "URL", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fr_usage_closed(fr_str_of(rows[i].values)), rows[i].closed);
	assert_true(fr_usage_literal(FR_STR("7d")));
	assert_false(fr_usage_literal(FR_STR("HEX")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_told_from_options_and_what_may_be_left_out),
		cmocka_unit_test(an_option_takes_a_value_if_one_is_written_behind_it),
		cmocka_unit_test(words_keep_their_names_without_brackets),
		cmocka_unit_test(capitals_stand_for_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
