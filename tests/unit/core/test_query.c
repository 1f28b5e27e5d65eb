#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/query.h"

static void targets_are_split_in_origin_form(void **state)
{
	static const struct {
		const char *target, *origin, *path, *raw;
	} rows[] = {
		{ "/", "/", "/", NULL },
		{ "/a/?", "/a/?", "/a/", "" },
		{ "/a?b=c&d", "/a?b=c&d", "/a", "b=c&d" },
		{ "/a?b?c=/../x", "/a?b?c=/../x", "/a", "b?c=/../x" },
		{ "/%61%2Db/", "/%61%2Db/", "/a-b/", NULL },
		{ "/a+b/", "/a+b/", "/a+b/", NULL },
		{ "/a%2fb", "/a%2fb", "/a%2fb", NULL },
		{ "/a%252e%252e/", "/a%252e%252e/", "/a%2e%2e/", NULL },
		{ "/...", "/...", "/...", NULL },
		{ "/.a/a./..b", "/.a/a./..b", "/.a/a./..b", NULL },
		{ "//a//", "//a//", "//a//", NULL },
		{ "http://host/a/?b", "/a/?b", "/a/", "b" },
		{ "HTTPS://host:8443/a", "/a", "/a", NULL },
		{ "http://host", "/", "/", NULL },
		{ "http://host?a=b", "/?a=b", "/", "a=b" },
		{ "/caf\xc3\xa9/?q=\xc3\xa9", "/caf\xc3\xa9/?q=\xc3\xa9", "/caf\xc3\xa9/", "q=\xc3\xa9" },
	};
	struct fr_arena mem;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_query q;
		struct fr_refusal why;

		if (fr_query_split(&mem, fr_str_of(rows[i].target), &q, &why) != FR_OK)
			fail_msg("%s: %s", rows[i].target, why.detail);
		if (!fr_str_is(q.target, rows[i].origin) || !fr_str_is(q.path, rows[i].path))
			fail_msg("%s: %.*s, %.*s", rows[i].target, FR_STR_ARG(q.target), FR_STR_ARG(q.path));
		assert_int_equal(q.marked, rows[i].raw != NULL);
		assert_true(fr_str_is(q.raw, rows[i].raw == NULL ? "" : rows[i].raw));
	}
	fr_arena_free(&mem);
}

static void what_nobody_can_read_for_sure_is_refused(void **state)
{
	static const char *const rows[] = {
		"",        "a",         "*",           "?a",      "host:443",  "ftp://host/a", "http:/a",
		"http://", "http:///a", "http://?a",   "/a b",    "/a\tb",     "/a\r\nX: y",   "/a?b=\x01",
		"/a\x7f",  "/a#b",      "/?a#b",       "/a%",     "/a%2",      "/a%zz",        "/a%2x",
		"/%00",    "/%0a",      "/%7F",        "/.",      "/..",       "/a/../b",      "/a/./b",
		"/../",    "/%2e",      "/a/%2e%2e/b", "/a/.%2E", "/a/..%2fb", "/a%2f..",      "http://host/../a",
	};
	struct fr_arena mem;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_query q = { .raw = FR_STR("untouched") };
		struct fr_refusal why = { .problem = FR_PROBLEM_NONE };

		if (fr_query_split(&mem, fr_str_of(rows[i]), &q, &why) != FR_INVALID || why.problem != FR_PROBLEM_BAD_TARGET)
			fail_msg("%s was taken", rows[i]);
		assert_true(strlen(why.detail) > 0 && fr_str_is(q.raw, "untouched"));
	}
	assert_int_equal(fr_query_split(&mem, (struct fr_str){ "/a\0b", 4 }, &(struct fr_query){ 0 }, &(struct fr_refusal){ 0 }),
			 FR_INVALID);
	fr_arena_free(&mem);
}

static void a_target_may_be_as_long_as_its_ceiling(void **state)
{
	static char text[FR_TARGET_MAX + 1];
	struct fr_refusal why;
	struct fr_arena mem;
	struct fr_query q;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	memset(text, '/', sizeof(text));
	assert_int_equal(fr_query_split(&mem, (struct fr_str){ text, FR_TARGET_MAX }, &q, &why), FR_OK);
	assert_int_equal(fr_query_split(&mem, (struct fr_str){ text, FR_TARGET_MAX + 1 }, &q, &why), FR_TOOBIG);
	assert_int_equal(why.problem, FR_PROBLEM_TARGET_TOO_LONG);
	fr_arena_free(&mem);
}

static enum fr_err pairs_of(struct fr_arena *mem, const char *target, struct fr_pairs *ret, struct fr_refusal *why)
{
	struct fr_query q;

	assert_int_equal(fr_query_split(mem, fr_str_of(target), &q, why), FR_OK);
	return fr_query_pairs(mem, &q, ret, why);
}

static void parameters_are_decoded_once(void **state)
{
	struct fr_refusal why;
	struct fr_arena mem;
	struct fr_pairs p;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	assert_int_equal(pairs_of(&mem, "/?a=1&&b=x+y%20z&c%5B%5D=%2B%25&d&e==f=&=g&a=%2541&", &p, &why), FR_OK);
	assert_int_equal(p.n, 6);
	assert_true(fr_str_is(p.at[0].name, "a") && fr_str_is(p.at[0].value, "1") && fr_str_is(p.at[0].raw, "a=1"));
	assert_true(fr_str_is(p.at[1].name, "b") && fr_str_is(p.at[1].value, "x y z") && fr_str_is(p.at[1].raw, "b=x+y%20z"));
	assert_true(fr_str_is(p.at[2].name, "c[]") && fr_str_is(p.at[2].value, "+%"));
	assert_true(fr_str_is(p.at[3].name, "d") && fr_str_is(p.at[3].value, "") && fr_str_is(p.at[3].raw, "d"));
	assert_true(fr_str_is(p.at[4].name, "e") && fr_str_is(p.at[4].value, "=f="));
	assert_true(fr_str_is(p.at[5].name, "a") && fr_str_is(p.at[5].value, "%41"));
	assert_int_equal(pairs_of(&mem, "/", &p, &why), FR_OK);
	assert_int_equal(p.n, 0);
	assert_int_equal(pairs_of(&mem, "/?", &p, &why), FR_OK);
	assert_int_equal(p.n, 0);
	fr_arena_free(&mem);
}

static void bad_escapes_and_control_characters_are_refused(void **state)
{
	static const char *const rows[] = { "/?a=%", "/?a=%0",  "/?a=%zz", "/?a=100%", "/?a=%g0",
					    "/?%=a", "/?a=%00", "/?a=%0A", "/?a=%1f",  "/?%7f=a" };
	struct fr_refusal why;
	struct fr_arena mem;
	struct fr_pairs p;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pairs_of(&mem, rows[i], &p, &why) != FR_INVALID || why.problem != FR_PROBLEM_BAD_TARGET)
			fail_msg("%s was taken", rows[i]);
	}
	fr_arena_free(&mem);
}

static void one_parameter_too_many_is_refused(void **state)
{
	char text[FR_PARAMS_MAX * 8 + 16] = "/?&&=x&";
	struct fr_refusal why;
	struct fr_arena mem;
	struct fr_pairs p;

	(void)state;
	fr_arena_init(&mem, 64 * 1024);
	for (int i = 0; i < FR_PARAMS_MAX; i++)
		(void)snprintf(text + strlen(text), 8, "%c=1&", 'A' + i);
	assert_int_equal(pairs_of(&mem, text, &p, &why), FR_OK);
	assert_int_equal(p.n, FR_PARAMS_MAX);
	(void)snprintf(text + strlen(text), 8, "q");
	assert_int_equal(pairs_of(&mem, text, &p, &why), FR_INVALID);
	assert_int_equal(why.problem, FR_PROBLEM_BAD_TARGET);
	fr_arena_free(&mem);
}

static void encoding_has_one_form_and_a_way_back(void **state)
{
	struct fr_random random = { .state = 11 };
	char text[64], coded[sizeof(text) * 3];

	(void)state;
	assert_true(fr_query_encoded_is(FR_STR("AZaz09-._~%20%2F%C3%A9%25%26%3D%23"), FR_STR("AZaz09-._~ /\xc3\xa9%&=#")));
	assert_false(fr_query_encoded_is(FR_STR("%2f"), FR_STR("/")));
	assert_false(fr_query_encoded_is(FR_STR("a"), FR_STR("ab")));
	assert_false(fr_query_encoded_is(FR_STR("ab"), FR_STR("a")));
	assert_false(fr_query_encoded_is(FR_STR("%2"), FR_STR("/")));
	assert_true(fr_query_encoded_is(FR_STR(""), FR_STR("")));
	for (int round = 0; round < 3000; round++) {
		struct fr_str s = { text, (size_t)fr_random_below(&random, sizeof(text)) }, c = { coded, 0 };
		struct fr_arena mem;

		for (size_t i = 0; i < s.n; i++) /* no control characters: they never come this far */
			text[i] = (char)(0x20 + fr_random_below(&random, 0x5f) + (fr_random_chance(&random, 300) ? 0x80 : 0));
		c.n = (size_t)(fr_query_encode(coded, s) - coded);
		assert_int_equal(c.n, fr_query_encoded_size(s));
		assert_true(fr_query_encoded_is(c, s));
		fr_arena_init(&mem, 4096);
		assert_true(fr_str_eq(fr_query_plain(&mem, c), s));
		fr_arena_free(&mem);
	}
}

static void shown_text_is_printable_and_cut(void **state)
{
	char shown[8];

	(void)state;
	fr_query_show(shown, sizeof(shown), FR_STR("1234567"));
	assert_string_equal(shown, "1234567");
	fr_query_show(shown, sizeof(shown), FR_STR("12345678"));
	assert_string_equal(shown, "1234...");
	fr_query_show(shown, sizeof(shown), FR_STR("a\n\x80\x7f"));
	assert_string_equal(shown, "a???");
	fr_query_show(shown, sizeof(shown), (struct fr_str){ NULL, 0 });
	assert_string_equal(shown, "");
}

static void a_full_arena_is_said_so(void **state)
{
	struct fr_refusal why;
	struct fr_arena mem;
	struct fr_pairs p;
	struct fr_query q;

	(void)state;
	fr_arena_init(&mem, 8);
	assert_int_equal(fr_query_split(&mem, FR_STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%20"), &q, &why), FR_TOOBIG);
	assert_int_equal(fr_query_split(&mem, FR_STR("http://h?aaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &q, &why), FR_TOOBIG);
	assert_int_equal(fr_query_split(&mem, FR_STR("/?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=%20"), &q, &why), FR_OK);
	assert_int_equal(fr_query_pairs(&mem, &q, &p, &why), FR_TOOBIG);
	assert_int_equal(why.problem, FR_PROBLEM_TARGET_TOO_LONG);
	fr_arena_free(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_split_in_origin_form),
		cmocka_unit_test(what_nobody_can_read_for_sure_is_refused),
		cmocka_unit_test(a_target_may_be_as_long_as_its_ceiling),
		cmocka_unit_test(parameters_are_decoded_once),
		cmocka_unit_test(bad_escapes_and_control_characters_are_refused),
		cmocka_unit_test(one_parameter_too_many_is_refused),
		cmocka_unit_test(encoding_has_one_form_and_a_way_back),
		cmocka_unit_test(shown_text_is_printable_and_cut),
		cmocka_unit_test(a_full_arena_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
