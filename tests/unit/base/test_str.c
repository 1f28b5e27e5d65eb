#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void equality_is_by_bytes_and_case_folds_ascii_only(void **state)
{
	(void)state;
	assert_true(fr_str_eq(FR_STR("ab"), FR_STR("ab")));
	assert_false(fr_str_eq(FR_STR("ab"), FR_STR("aB")));
	assert_false(fr_str_eq(FR_STR("ab"), FR_STR("abc")));
	assert_true(fr_str_eq((struct fr_str){ NULL, 0 }, FR_STR("")));
	assert_true(fr_str_is(FR_STR("ab"), "ab"));
	assert_true(fr_str_eq_nocase(FR_STR("X-Api-Key"), FR_STR("x-aPI-kEY")));
	assert_false(fr_str_eq_nocase(FR_STR("a["), FR_STR("A{")));
	assert_false(fr_str_eq_nocase(FR_STR("\xC3\x89"), FR_STR("\xC3\xA9")));
	assert_int_equal(fr_lower('Z'), 'z');
	assert_int_equal(fr_lower('@'), '@');
}

static void beginnings_and_ends_are_recognised(void **state)
{
	(void)state;
	assert_true(fr_str_starts(FR_STR("/video/1"), "/video/"));
	assert_false(fr_str_starts(FR_STR("/vid"), "/video/"));
	assert_true(fr_str_starts((struct fr_str){ NULL, 0 }, ""));
	assert_true(fr_str_starts_nocase(FR_STR("HTTPS://x"), "https://"));
	assert_true(fr_str_ends(FR_STR("a.yaml"), ".yaml"));
	assert_false(fr_str_ends(FR_STR("yaml"), ".yaml"));
	assert_true(fr_str_ends(FR_STR("x"), ""));
}

static void order_is_by_bytes_and_the_shorter_comes_first(void **state)
{
	(void)state;
	assert_true(fr_str_cmp(FR_STR("a"), FR_STR("b")) < 0);
	assert_true(fr_str_cmp(FR_STR("\xFF"), FR_STR("a")) > 0);
	assert_true(fr_str_cmp(FR_STR("a"), FR_STR("aa")) < 0);
	assert_true(fr_str_cmp(FR_STR("b"), FR_STR("aa")) > 0);
	assert_int_equal(fr_str_cmp(FR_STR(""), (struct fr_str){ NULL, 0 }), 0);
}

static void cutting_walks_through_all_parts(void **state)
{
	static const struct {
		const char *text, *parts[4];
		size_t n;
	} rows[] = {
		{ "a=1&b=2", { "a=1", "b=2" }, 2 },
		{ "", { "" }, 1 },
		{ "&", { "", "" }, 2 },
		{ "a&&b&", { "a", "", "b", "" }, 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_str rest = fr_str_of(rows[i].text);
		size_t n = 0;

		while (rest.p != NULL) {
			struct fr_str part = fr_str_cut(&rest, '&');

			assert_true(n < rows[i].n);
			assert_true(fr_str_is(part, rows[i].parts[n++]));
		}
		assert_int_equal(n, rows[i].n);
	}
}

static void blanks_are_trimmed_at_both_ends_only(void **state)
{
	(void)state;
	assert_true(fr_str_is(fr_str_trim(FR_STR(" \t a b\t ")), "a b"));
	assert_true(fr_str_is(fr_str_trim(FR_STR(" \t ")), ""));
	assert_true(fr_str_is(fr_str_trim((struct fr_str){ NULL, 0 }), ""));
	assert_true(fr_str_is(fr_str_trim(FR_STR("\na")), "\na"));
}

static void finding_gives_the_place_or_the_length(void **state)
{
	(void)state;
	assert_int_equal(fr_str_find(FR_STR("abc"), 'c'), 2);
	assert_int_equal(fr_str_find(FR_STR("abc"), 'x'), 3);
	assert_int_equal(fr_str_find((struct fr_str){ NULL, 0 }, 'x'), 0);
	assert_int_equal(fr_str_find_nocase(FR_STR("User NOT Found"), "not found"), 5);
	assert_int_equal(fr_str_find_nocase(FR_STR("not foun"), "not found"), 8);
	assert_int_equal(fr_str_find_nocase(FR_STR("aaab"), "aab"), 1);
	assert_int_equal(fr_str_find_nocase(FR_STR("abc"), ""), 0);
}

static void numbers_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		uint64_t u;
		int64_t i;
	} rows[] = {
		{ "0", true, true, 0, 0 },
		{ "007", true, true, 7, 7 },
		{ "-0", false, true, 1, 0 },
		{ "18446744073709551615", true, false, UINT64_MAX, 1 },
		{ "18446744073709551616", false, false, 1, 1 },
		{ "99999999999999999999999", false, false, 1, 1 },
		{ "9223372036854775807", true, true, INT64_MAX, INT64_MAX },
		{ "9223372036854775808", true, false, (uint64_t)INT64_MAX + 1, 1 },
		{ "-9223372036854775808", false, true, 1, INT64_MIN },
		{ "-9223372036854775809", false, false, 1, 1 },
		{ "", false, false, 1, 1 },
		{ "-", false, false, 1, 1 },
		{ "--1", false, false, 1, 1 },
		{ "+1", false, false, 1, 1 },
		{ " 1", false, false, 1, 1 },
		{ "1a", false, false, 1, 1 },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(rows); k++) {
		uint64_t u = 1;
		int64_t i = 1;

		assert_int_equal(fr_str_to_u64(fr_str_of(rows[k].text), &u), rows[k].is_u64);
		assert_int_equal(u, rows[k].u);
		assert_int_equal(fr_str_to_i64(fr_str_of(rows[k].text), &i), rows[k].is_i64);
		assert_int_equal(i, rows[k].i);
	}
	assert_true(fr_str_all_digits(FR_STR("0123456789")));
	assert_false(fr_str_all_digits(FR_STR("")));
	assert_false(fr_str_all_digits(FR_STR("1.5")));
}

static void percent_escapes_are_undone_or_refused(void **state)
{
	static const struct {
		const char *text, *plain; /* NULL: refused */
	} rows[] = { { "", "" },
		     { "a%20b", "a b" },
		     { "%41%2f%2F", "A//" },
		     { "a+b", "a+b" },
		     { "%", NULL },
		     { "%4", NULL },
		     { "%4g", NULL },
		     { "a%00b", NULL },
		     { "1234567", "1234567" },
		     { "12345678", NULL },
		     { "%31234567", "1234567" } };
	char plain[8];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fr_str_decode(fr_str_of(rows[i].text), plain, sizeof(plain)), rows[i].plain != NULL);
		if (rows[i].plain != NULL)
			assert_string_equal(plain, rows[i].plain);
	}
}

static void hex_is_read_in_both_cases_up_to_sixteen_digits(void **state)
{
	uint64_t v = 3;

	(void)state;
	assert_true(fr_str_hex_to_u64(FR_STR("66aBcD0f"), &v));
	assert_int_equal(v, 0x66abcd0f);
	assert_true(fr_str_hex_to_u64(FR_STR("ffffffffffffffff"), &v));
	assert_true(v == UINT64_MAX);
	v = 3;
	assert_false(fr_str_hex_to_u64(FR_STR("fffffffffffffffff"), &v));
	assert_false(fr_str_hex_to_u64(FR_STR(""), &v));
	assert_false(fr_str_hex_to_u64(FR_STR("0x1"), &v));
	assert_false(fr_str_hex_to_u64(FR_STR("1g"), &v));
	assert_int_equal(v, 3);
}

static void a_copy_is_terminated_and_says_when_it_was_cut(void **state)
{
	char dst[4];

	(void)state;
	assert_true(fr_str_copy(dst, sizeof(dst), FR_STR("abc")));
	assert_string_equal(dst, "abc");
	assert_false(fr_str_copy(dst, sizeof(dst), FR_STR("wxyz")));
	assert_string_equal(dst, "wxy");
	assert_true(fr_str_copy(dst, sizeof(dst), (struct fr_str){ NULL, 0 }));
	assert_string_equal(dst, "");
	assert_false(fr_str_copy(dst, 1, FR_STR("a")));
	assert_string_equal(dst, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_by_bytes_and_case_folds_ascii_only),
		cmocka_unit_test(beginnings_and_ends_are_recognised),
		cmocka_unit_test(order_is_by_bytes_and_the_shorter_comes_first),
		cmocka_unit_test(cutting_walks_through_all_parts),
		cmocka_unit_test(blanks_are_trimmed_at_both_ends_only),
		cmocka_unit_test(finding_gives_the_place_or_the_length),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(percent_escapes_are_undone_or_refused),
		cmocka_unit_test(hex_is_read_in_both_cases_up_to_sixteen_digits),
		cmocka_unit_test(a_copy_is_terminated_and_says_when_it_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
