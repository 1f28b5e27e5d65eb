#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/random.h"
#include "base/str.h"
#include "core/logline.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct fr_log_line example = {
	.came = 1764000000123,
	.request_id = { "r-1", 3 },
	.client = { "anna", 4 },
	.tenant = { "acme", 4 },
	.priority = { "interactive", 11 },
	.target = { "/a/?x=1&y=%20", 13 },
	.endpoint = { "/a/", 3 },
	.key = { 0x0123456789abcdef, 0xfedcba9876543210 },
	.outcome = { "miss", 4 },
	.reason = { "expired", 7 },
	.status = 200,
	.spent = 1,
	.age = 5,
	.ttl = -7,
	.wait = 120,
	.call = 110,
	.bytes = 2048,
};

static void assert_line(const struct fr_log_line *l, const char *expected)
{
	struct fr_buf b;

	fr_buf_init(&b, FR_LOG_LINE_MAX);
	assert_int_equal(fr_log_line_write(&b, l), FR_OK);
	assert_int_equal(fr_buf_add_char(&b, '\0'), FR_OK);
	assert_string_equal(b.p, expected);
	fr_buf_free(&b);
}

static void a_request_is_one_line_of_json(void **state)
{
	(void)state;
	assert_line(&example,
		    "{\"time\":1764000000123,\"request\":\"r-1\",\"client\":\"anna\",\"tenant\":\"acme\","
		    "\"priority\":\"interactive\",\"target\":\"/a/?x=1&y=%20\",\"endpoint\":\"/a/\","
		    "\"key\":\"0123456789abcdeffedcba9876543210\",\"outcome\":\"miss\",\"reason\":\"expired\",\"status\":200,"
		    "\"credits_spent\":1,\"credits_avoided\":0,\"age_ms\":5,\"ttl_ms\":-7,\"wait_ms\":120,\"upstream_ms\":110,"
		    "\"bytes\":2048}\n");
}

static void what_is_not_known_is_null(void **state)
{
	struct fr_log_line l = { .age = FR_LOG_NONE, .ttl = FR_LOG_NONE, .call = FR_LOG_NONE };
	struct fr_buf b;
	json_t *root;
	const char *name;
	json_t *value;
	size_t nulls = 0;

	(void)state;
	fr_buf_init(&b, FR_LOG_LINE_MAX);
	assert_int_equal(fr_log_line_write(&b, &l), FR_OK);
	root = json_loadb(b.p, b.len, 0, NULL);
	assert_non_null(root);
	json_object_foreach (root, name, value)
		nulls += json_is_null(value);
	assert_int_equal(nulls, 8 + 1 + 3); /* texts, the key, numbers */
	assert_int_equal(json_object_size(root), 18);
	json_decref(root);
	fr_buf_free(&b);
}

static void values_that_may_be_secrets_are_left_out(void **state)
{
	static const struct {
		const char *target, *shown;
	} rows[] = {
		{ "/a/", "/a/" },
		{ "/a/?", "/a/?" },
		{ "/a/?x=1&x=2", "/a/?x=1&x=2" },
		{ "/a/?&&x", "/a/?&&x" },
		{ "/a/?keyword=dance&monkey=1&tokens=3", "/a/?keyword=dance&monkey=1&tokens=3" },
		{ "/a/?api_key=hush", "/a/?api_key" },
		{ "/a/?x=1&X-Api-Key=hush&y=2", "/a/?x=1&X-Api-Key&y=2" },
		{ "/a/?%61pi%5fkey=hush&y=2", "/a/?%61pi%5fkey&y=2" },
		{ "/a/?a%70i+key=hush=hush", "/a/?a%70i+key" },
		{ "/a/?key=hush", "/a/?key" },
		{ "/a/?ACCESS_TOKEN=hush&", "/a/?ACCESS_TOKEN&" },
		{ "/a/?Authorization=Bearer%20hush", "/a/?Authorization" },
		{ "/a/?password=hush&password=hush", "/a/?password&password" },
		{ "/a/?x=1?key=2", "/a/?x=1?key=2" },
		{ "/a/?%zz=1&%=2&%4", "/a/?%zz=1&%=2&%4" },
		{ "", "" },
	};
	char expected[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_log_line l = example;
		struct fr_buf b;
		const char *at;

		l.target = fr_str_of(rows[i].target);
		fr_buf_init(&b, FR_LOG_LINE_MAX);
		assert_int_equal(fr_log_line_write(&b, &l), FR_OK);
		assert_int_equal(fr_buf_add_char(&b, '\0'), FR_OK);
		at = strstr(b.p, "\"target\":");
		assert_non_null(at);
		assert_true(strlen(rows[i].shown) + 4 < sizeof(expected));
		expected[0] = '"';
		memcpy(expected + 1, rows[i].shown, strlen(rows[i].shown));
		memcpy(expected + 1 + strlen(rows[i].shown), "\",", 3);
		assert_int_equal(strncmp(at + 9, expected, strlen(expected)), 0);
		assert_null(strstr(b.p, "hush"));
		fr_buf_free(&b);
	}
}

static void any_target_makes_one_line_that_fits(void **state)
{
	static char target[FR_TARGET_MAX];
	struct fr_random random = { 3 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct fr_log_line l = example;
		struct fr_buf b;
		json_t *root;

		l.target = (struct fr_str){ target, round == 0 ? sizeof(target) : (size_t)fr_random_below(&random, 200) };
		for (size_t i = 0; i < l.target.n; i++)
			target[i] = round == 0 ? '\x01' : "?&=%k7e\xFFy\n\"\\"[fr_random_below(&random, 12)];
		fr_buf_init(&b, FR_LOG_LINE_MAX);
		assert_int_equal(fr_log_line_write(&b, &l), FR_OK);
		assert_ptr_equal(memchr(b.p, '\n', b.len), b.p + b.len - 1);
		root = json_loadb(b.p, b.len, 0, NULL);
		assert_non_null(root);
		json_decref(root);
		fr_buf_free(&b);
	}
}

static void a_buffer_that_is_full_stays_as_it_was(void **state)
{
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 100);
	assert_int_equal(fr_buf_add_text(&b, "before\n"), FR_OK);
	assert_int_equal(fr_log_line_write(&b, &example), FR_TOOBIG);
	assert_true(fr_str_is(fr_buf_str(&b), "before\n"));
	fr_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_one_line_of_json),           cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(values_that_may_be_secrets_are_left_out), cmocka_unit_test(any_target_makes_one_line_that_fits),
		cmocka_unit_test(a_buffer_that_is_full_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
