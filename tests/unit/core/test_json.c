#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/body.h"
#include "core/json.h"
#include "frugal/limits.h"

/* Asks about a copy of the exact size, so that a sanitizer sees what is read past the end. */
static bool sound(const char *p, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);
	bool ret;

	assert_non_null(copy);
	if (n > 0)
		memcpy(copy, p, n);
	ret = fr_json_sound((struct fr_str){ copy, n });
	free(copy);
	return ret;
}

static void a_text_is_sound_or_it_is_not(void **state)
{
	static const struct {
		const char *text;
		bool sound;
	} rows[] = {
		{ "{}", true },
		{ " [ ] ", true },
		{ "{\"a\":1}", true },
		{ "\t{ \"a\" : [ 1 , -2.5e+3 , \"x\\\"y\\u00e9\" , true , false , null , { } ] }\r\n", true },
		{ "75264379409123456789012345678901234567890", true },
		{ "\"\\ud83d\"", true },
		{ "0", true },
		{ "-0.0", true },
		{ "1E9", true },
		{ "\"\\u0000\"", true },
		{ "", false },
		{ " ", false },
		{ "{", false },
		{ "}", false },
		{ "[1,]", false },
		{ "[,1]", false },
		{ "{\"a\"}", false },
		{ "{\"a\":}", false },
		{ "{\"a\":1,}", false },
		{ "{a:1}", false },
		{ "{\"a\":1}}", false },
		{ "{\"a\":1]", false },
		{ "[1}", false },
		{ "1 2", false },
		{ "01", false },
		{ "1.", false },
		{ ".5", false },
		{ "1e", false },
		{ "-", false },
		{ "+1", false },
		{ "tru", false },
		{ "nulls", false },
		{ "\"\n\"", false },
		{ "\"\\x\"", false },
		{ "\"\\u12\"", false },
		{ "\"open", false },
		{ "\"\\", false },
		{ "<html>", false },
		{ "\xEF\xBB\xBF{}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sound(rows[i].text, strlen(rows[i].text)) != rows[i].sound)
			fail_msg("%s is %ssound", rows[i].text, rows[i].sound ? "" : "not ");
	assert_false(sound("{}\0", 3));
}

static void nesting_ends_at_the_limit(void **state)
{
	char text[2 * FR_JSON_DEPTH_MAX + 4];

	(void)state;
	for (size_t depth = FR_JSON_DEPTH_MAX - 1; depth <= FR_JSON_DEPTH_MAX + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(sound(text, 2 * depth), depth <= FR_JSON_DEPTH_MAX);
	}
}

static void a_walk_finds_every_piece_as_it_is_spelled(void **state)
{
	const struct fr_str map = FR_STR(
		" { \"a\" : \"x,}\\\"]\" , \"b\":[1, {\"c\":2}],\"\":null ,\"d\":75264379409123456789 } ");
	static const struct {
		const char *name, *value;
		enum fr_json_kind kind;
	} rows[] = {
		{ "a", "\"x,}\\\"]\"", FR_JSON_TEXT },
		{ "b", "[1, {\"c\":2}]", FR_JSON_LIST },
		{ "", "null", FR_JSON_NULL },
		{ "d", "75264379409123456789", FR_JSON_NUMBER },
	};
	struct fr_json_walk w = fr_json_walk(map);
	struct fr_str name, value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(fr_json_next(&w, &name, &value));
		assert_true(fr_str_is(name, rows[i].name));
		assert_true(fr_str_is(value, rows[i].value));
		assert_int_equal(fr_json_kind(value), rows[i].kind);
	}
	assert_false(fr_json_next(&w, &name, &value));
	assert_false(fr_json_next(&w, &name, &value));
	w = fr_json_walk(fr_json_get(map, FR_STR("b")));
	assert_true(fr_json_next(&w, &name, &value) && name.p == NULL && fr_str_is(value, "1"));
	assert_true(fr_json_next(&w, &name, &value) && fr_str_is(value, "{\"c\":2}"));
	assert_false(fr_json_next(&w, &name, &value));
	w = fr_json_walk(FR_STR("\"text\""));
	assert_false(fr_json_next(&w, &name, &value));
}

static void a_name_that_occurs_twice_is_not_found(void **state)
{
	const struct fr_str map = FR_STR("{\"a\":1,\"b\":2,\"a\":3}");

	(void)state;
	assert_null(fr_json_get(map, FR_STR("a")).p);
	assert_true(fr_str_is(fr_json_get(map, FR_STR("b")), "2"));
	assert_null(fr_json_get(map, FR_STR("c")).p);
	assert_null(fr_json_get(FR_STR("[\"b\",2]"), FR_STR("b")).p);
	assert_true(fr_str_is(fr_json_inside(FR_STR("\"a\\\"b\"")), "a\\\"b"));
	assert_null(fr_json_inside(FR_STR("12")).p);
}

static void alike_is_what_has_the_same_names_and_kinds(void **state)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} rows[] = {
		{ "1", "2.5", true },
		{ "true", "false", true },
		{ "\"\"", "\"x\"", true },
		{ "null", "null", true },
		{ "[1,2]", "[\"x\"]", true },
		{ "{\"a\":1,\"b\":{\"c\":\"x\"},\"d\":2}", "{ \"a\":7, \"b\":{\"c\":\"y\"}, \"d\":9 }", true },
		{ "{}", "{}", true },
		{ "1", "\"1\"", false },
		{ "null", "1", false },
		{ "true", "1", false },
		{ "{}", "[]", false },
		{ "{\"a\":1}", "{}", false },
		{ "{}", "{\"a\":1}", false },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", false },
		{ "{\"a\":1}", "{\"a\":\"1\"}", false },
		{ "{\"a\":{\"b\":1}}", "{\"a\":{\"c\":1}}", false },
		{ "{\"a\":{\"b\":1},\"z\":1}", "{\"a\":{},\"z\":1}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool got = fr_json_alike(fr_str_of(rows[i].a), fr_str_of(rows[i].b));

		if (got != rows[i].alike || fr_json_alike(fr_str_of(rows[i].b), fr_str_of(rows[i].a)) != got)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

/* A random text that is nearly JSON: the pieces of which JSON is made, in any order. */
static size_t scribble(struct fr_random *r, char *to, size_t size)
{
	static const char *const pieces[] = {
		"{", "}",    "[", "]", ",",    ":",    "\"a\"",   "\"b\"",    "\"",  "\\",
		"1", "-2.5", " ", "0", "true", "null", "{\"a\":", "\"c\":1}", "[1,", "\"x\\u0041\"]"
	};
	size_t n = 0, count = fr_random_below(r, 12);

	for (size_t i = 0; i < count; i++) {
		const char *piece = pieces[fr_random_below(r, sizeof(pieces) / sizeof(pieces[0]))];

		if (n + strlen(piece) < size) {
			memcpy(to + n, piece, strlen(piece));
			n += strlen(piece);
		}
	}
	return n;
}

static void sound_is_what_a_parser_takes(void **state)
{
	struct fr_random r = { 20 };
	size_t n_sound = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[128];
		size_t n = scribble(&r, text, sizeof(text));
		json_t *root = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		if (sound(text, n) != (root != NULL))
			fail_msg("%.*s", (int)n, text);
		n_sound += root != NULL;
		json_decref(root);
	}
	assert_true(n_sound > 1000);
}

/* What a walk cuts out, a parser reads as the same value; nothing is read past the end of what is no JSON at all. */
static void pieces_are_what_a_parser_finds(void **state)
{
	struct fr_random r = { 21 };
	size_t n_compared = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[128], *copy;
		size_t n = (size_t)snprintf(text, sizeof(text), "%s", i % 2 == 0 ? "[[1,2],{\"b\":" : "{\"x\":[],\"y\":");
		struct fr_str name, value;
		struct fr_json_walk w;
		json_t *root;

		n += scribble(&r, text + n, sizeof(text) - n - 2);
		n += (size_t)snprintf(text + n, sizeof(text) - n, i % 2 == 0 ? "}]" : "}");
		root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
		copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, text, n);
		w = fr_json_walk((struct fr_str){ copy, n });
		for (size_t at = 0; fr_json_next(&w, &name, &value) && at < n; at++) {
			json_t *piece = json_loadb(value.p, value.n, JSON_DECODE_ANY, NULL);

			if (root != NULL && (name.p == NULL || fr_str_find(name, '\\') == name.n)) {
				assert_true(json_equal(piece, json_is_array(root) ? json_array_get(root, at)
										  : json_object_getn(root, name.p, name.n)));
				n_compared++;
			}
			json_decref(piece);
		}
		free(copy);
		json_decref(root);
	}
	assert_true(n_compared > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_sound_or_it_is_not),
		cmocka_unit_test(nesting_ends_at_the_limit),
		cmocka_unit_test(a_walk_finds_every_piece_as_it_is_spelled),
		cmocka_unit_test(a_name_that_occurs_twice_is_not_found),
		cmocka_unit_test(alike_is_what_has_the_same_names_and_kinds),
		cmocka_unit_test(sound_is_what_a_parser_takes),
		cmocka_unit_test(pieces_are_what_a_parser_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
