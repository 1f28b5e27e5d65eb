#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static void additions_stand_one_behind_the_other(void **state)
{
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 100);
	assert_int_equal(fr_buf_add(&b, "ab", 2), FR_OK);
	assert_int_equal(fr_buf_add(&b, NULL, 0), FR_OK);
	assert_int_equal(fr_buf_add_str(&b, FR_STR("cd")), FR_OK);
	assert_int_equal(fr_buf_add_text(&b, "ef"), FR_OK);
	assert_int_equal(fr_buf_add_char(&b, '!'), FR_OK);
	assert_int_equal(fr_buf_addf(&b, "%d-%s", 7, "x"), FR_OK);
	assert_true(fr_str_is(fr_buf_str(&b), "abcdef!7-x"));
	fr_buf_clear(&b);
	assert_int_equal(fr_buf_str(&b).n, 0);
	assert_int_equal(fr_buf_addf(&b, "again"), FR_OK);
	assert_true(fr_str_is(fr_buf_str(&b), "again"));
	fr_buf_free(&b);
	assert_int_equal(fr_buf_add_char(&b, 'y'), FR_OK);
	fr_buf_free(&b);
}

static void the_ceiling_can_be_reached_but_not_passed(void **state)
{
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 10);
	assert_int_equal(fr_buf_add(&b, "12345", 5), FR_OK);
	assert_int_equal(fr_buf_add(&b, "123456", 6), FR_TOOBIG);
	assert_int_equal(fr_buf_addf(&b, "%06d", 1), FR_TOOBIG);
	assert_int_equal(fr_buf_add_json(&b, FR_STR("abcd")), FR_TOOBIG);
	assert_int_equal(fr_buf_add(&b, "x", SIZE_MAX), FR_TOOBIG);
	assert_true(fr_str_is(fr_buf_str(&b), "12345"));
	assert_int_equal(fr_buf_addf(&b, "%05d", 1), FR_OK);
	assert_true(fr_str_is(fr_buf_str(&b), "1234500001"));
	assert_int_equal(fr_buf_add_char(&b, 'x'), FR_TOOBIG);
	assert_int_equal(fr_buf_add(&b, NULL, 0), FR_OK);
	fr_buf_free(&b);
	fr_buf_init(&b, 0);
	assert_int_equal(fr_buf_add_char(&b, 'x'), FR_TOOBIG);
	assert_int_equal(fr_buf_addf(&b, "%s", ""), FR_OK);
	fr_buf_free(&b);
}

static void it_grows_to_hold_much(void **state)
{
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 100000);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(fr_buf_addf(&b, "%05d", i), FR_OK);
	assert_int_equal(b.len, 100000);
	assert_true(b.cap <= b.ceiling + 1);
	assert_memory_equal(b.p + 99995, "19999", 5);
	fr_buf_free(&b);
}

static void json_strings_are_escaped_and_always_utf8(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
	} rows[] = {
		{ "", 0, "\"\"" },
		{ "plain", 5, "\"plain\"" },
		{ "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "\0\x1f\x7f", 3, "\"\\u0000\\u001f\x7f\"" },
		{ "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
		{ "a\xFFz", 3, "\"a\xEF\xBF\xBDz\"" },
		{ "\xC3", 1, "\"\xEF\xBF\xBD\"" },                                                 /* cut off */
		{ "\xC0\xAF", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },                                 /* overlong */
		{ "\xE0\x80\xAF", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },                 /* overlong */
		{ "\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },                 /* a surrogate */
		{ "\xF4\x90\x80\x80", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" }, /* past the last */
		{ "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", 10, "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"" },
	};
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fr_buf_clear(&b);
		assert_int_equal(fr_buf_add_json(&b, (struct fr_str){ rows[i].in, rows[i].n }), FR_OK);
		assert_int_equal(b.len, strlen(rows[i].out));
		assert_memory_equal(b.p, rows[i].out, b.len);
	}
	fr_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_stand_one_behind_the_other),
		cmocka_unit_test(the_ceiling_can_be_reached_but_not_passed),
		cmocka_unit_test(it_grows_to_hold_much),
		cmocka_unit_test(json_strings_are_escaped_and_always_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
