#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/suggest.h"
#include "frugal/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void distance_counts_slips_of_the_fingers(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} rows[] = {
		{ "", "", 0 },
		{ "fresh", "fresh", 0 },
		{ "FRESH", "fresh", 0 },
		{ "fersh", "fresh", 1 },
		{ "fres", "fresh", 1 },
		{ "freshh", "fresh", 1 },
		{ "frosh", "fresh", 1 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "upstrem.url", "upstream.url", 1 },
		{ "kitten", "sitting", 3 },
		{ "ca", "abc", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(fr_suggest_distance(fr_str_of(rows[i].a), fr_str_of(rows[i].b)), rows[i].distance);
		assert_int_equal(fr_suggest_distance(fr_str_of(rows[i].b), fr_str_of(rows[i].a)), rows[i].distance);
	}
}

static void names_that_are_too_long_are_far_from_everything(void **state)
{
	char name[FR_NAME_MAX + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_true(fr_suggest_distance((struct fr_str){ name, FR_NAME_MAX }, (struct fr_str){ name, FR_NAME_MAX }) == 0);
	assert_true(fr_suggest_distance((struct fr_str){ name, FR_NAME_MAX + 1 }, FR_STR("a")) == SIZE_MAX);
	assert_true(fr_suggest_distance(FR_STR("a"), (struct fr_str){ name, FR_NAME_MAX + 1 }) == SIZE_MAX);
}

static void the_nearest_known_name_is_suggested(void **state)
{
	static const char *const known[] = { "listen",        "upstream.url", "upstream.timeout",
					     "redis.timeout", "redis.url",    "memory.size" };
	static const struct {
		const char *asked, *hint;
	} rows[] = {
		{ "upstrem.url", ", did you mean 'upstream.url'?" },
		{ "lisen", ", did you mean 'listen'?" },
		{ "redis.timeuot", ", did you mean 'redis.timeout'?" },
		{ "memory", ", did you mean 'memory.size'?" },
		{ "timeout", ", did you mean 'upstream.timeout'?" },
		{ "upstream.uri", ", did you mean 'upstream.url'?" },
		{ "upstream.key", "" },
		{ "redis.time", ", did you mean 'redis.timeout'?" },
		{ "size", ", did you mean 'memory.size'?" },
		{ "colour", "" },
		{ "", "" },
		{ "x", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_suggest s;

		fr_suggest_init(&s, fr_str_of(rows[i].asked));
		for (size_t j = 0; j < COUNT(known); j++)
			fr_suggest_offer(&s, fr_str_of(known[j]));
		assert_string_equal(fr_suggest_hint(&s).s, rows[i].hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_slips_of_the_fingers),
		cmocka_unit_test(names_that_are_too_long_are_far_from_everything),
		cmocka_unit_test(the_nearest_known_name_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
