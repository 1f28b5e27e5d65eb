#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/bundle.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void a_question_is_cut_at_its_places(void **state)
{
	static const struct {
		const char *question, *pieces; /* text, then the place in brackets; "!" if it cannot be read */
	} rows[] = {
		{ "/a/", "/a/" },
		{ "", "" },
		{ "/a/?x={x}", "/a/?x=[x]" },
		{ "/a/?x={x}&y={y-2_z}&z", "/a/?x=[x]&y=[y-2_z]&z" },
		{ "{x}{y}", "[x][y]" },
		{ "/a/?x={", "/a/?x=!" },
		{ "/a/?x={x", "/a/?x=!" },
		{ "/a/?x={}", "/a/?x=!" },
		{ "/a/?x={{x}}", "/a/?x=!" },
		{ "/a/?x={x y}", "/a/?x=!" },
		{ "/a/?x=x}", "!" },
		{ "/a/?x={x}}", "/a/?x=[x]!" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_str rest = fr_str_of(rows[i].question), text, place;
		struct fr_buf b;

		fr_buf_init(&b, 256);
		while (rest.p != NULL) {
			bool good = fr_bundle_cut(&rest, &text, &place);

			if (fr_str_find(text, '}') == text.n)
				(void)fr_buf_add_str(&b, text);
			if (!good)
				(void)fr_buf_add_char(&b, '!');
			else if (place.p != NULL)
				(void)fr_buf_addf(&b, "[%.*s]", FR_STR_ARG(place));
			if (!good)
				break;
		}
		assert_true(fr_str_is(fr_buf_str(&b), rows[i].pieces));
		fr_buf_free(&b);
	}
}

/* The bundle and what its places are filled with, as one text. */
static void shown(const struct fr_bundle_ask *ask, struct fr_buf *b)
{
	(void)fr_buf_addf(b, "%.*s", FR_STR_ARG(ask->bundle));
	for (size_t i = 0; i < ask->params.n; i++)
		(void)fr_buf_addf(b, " %.*s=%.*s", FR_STR_ARG(ask->params.at[i].name), FR_STR_ARG(ask->params.at[i].value));
}

static void a_request_is_read_from_its_body_or_its_query(void **state)
{
	static const struct {
		const char *target, *body, *read;
	} rows[] = {
		{ "/p", "{\"bundle\":\"page\",\"params\":{\"id\":\"7\"}}", "page id=7" },
		{ "/p", " { \"params\" : {\"id\": 7, \"all\": true, \"b\": \"\\u00e4 &\"}, \"bundle\" : \"page\" } \n",
		  "page id=7 all=true b=\xC3\xA4 &" },
		{ "/p", "{\"bundle\":\"page\"}", "page" },
		{ "/p?bundle=page&id=7", "", "page bundle=page id=7" },
		{ "/p?id=%37&bundle=page", "", "page id=7 bundle=page" },
		{ "/p?bundle=other&id=8", "{\"bundle\":\"page\",\"params\":{\"id\":\"7\"}}", "page id=7" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_bundle_ask ask;
		struct fr_refusal why;
		struct fr_arena mem;
		struct fr_buf b;

		fr_arena_init(&mem, 65536);
		fr_buf_init(&b, 256);
		assert_int_equal(fr_bundle_read(&mem, fr_str_of(rows[i].target), fr_str_of(rows[i].body), &ask, &why), FR_OK);
		shown(&ask, &b);
		assert_true(fr_str_is(fr_buf_str(&b), rows[i].read));
		fr_buf_free(&b);
		fr_arena_free(&mem);
	}
}

static void a_request_that_says_nothing_is_told_how_to_say_it(void **state)
{
	static const struct {
		const char *target, *body, *says;
	} rows[] = {
		{ "/p", "", "No bundle is named" },
		{ "/p?id=7", "", "No bundle is named" },
		{ "/p?bundle=", "", "No bundle is named" },
		{ "/p?bundle=%zz", "", "%" },
		{ "/p", "bundle=page", "not a JSON object" },
		{ "/p", "[\"page\"]", "not a JSON object" },
		{ "/p", "{}", "No bundle is named" },
		{ "/p", "{\"bundle\":7}", "No bundle is named" },
		{ "/p", "{\"bundle\":\"page\",\"params\":[7]}", "no JSON object" },
		{ "/p", "{\"bundle\":\"page\",\"params\":{\"id\":null}}", "param id is neither" },
		{ "/p", "{\"bundle\":\"page\",\"params\":{\"id\":[\"7\"]}}", "param id is neither" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_bundle_ask ask;
		struct fr_refusal why;
		struct fr_arena mem;

		fr_arena_init(&mem, 65536);
		assert_int_not_equal(fr_bundle_read(&mem, fr_str_of(rows[i].target), fr_str_of(rows[i].body), &ask, &why), FR_OK);
		assert_int_equal(fr_problem_status(why.problem), 400);
		assert_non_null(strstr(why.detail, rows[i].says));
		fr_arena_free(&mem);
	}
}

static void places_are_filled_in_and_encoded(void **state)
{
	static const struct {
		const char *question, *body, *filled; /* NULL: refused */
	} rows[] = {
		{ "/a/?x={x}&y=1", "{\"bundle\":\"b\",\"params\":{\"x\":\"7\"}}", "/a/?x=7&y=1" },
		{ "/a/?x={x}&y={x}", "{\"bundle\":\"b\",\"params\":{\"x\":\"7\",\"z\":1}}", "/a/?x=7&y=7" },
		{ "/a/?x={x}", "{\"bundle\":\"b\",\"params\":{\"x\":\"a&b=c#\\u00e4/ {y}\"}}",
		  "/a/?x=a%26b%3Dc%23%C3%A4%2F%20%7By%7D" },
		{ "/a/?x={x}", "{\"bundle\":\"b\",\"params\":{\"x\":\"\"}}", "/a/?x=" },
		{ "/a/", "{\"bundle\":\"b\"}", "/a/" },
		{ "/a/?x={x}", "{\"bundle\":\"b\",\"params\":{\"X\":\"7\"}}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_str filled = { NULL, 0 };
		struct fr_bundle_ask ask;
		struct fr_refusal why;
		struct fr_arena mem;
		enum fr_err e;

		fr_arena_init(&mem, 65536);
		assert_int_equal(fr_bundle_read(&mem, FR_STR("/p"), fr_str_of(rows[i].body), &ask, &why), FR_OK);
		e = fr_bundle_fill(&mem, fr_str_of(rows[i].question), &ask, &filled, &why);
		assert_int_equal(e == FR_OK, rows[i].filled != NULL);
		if (e == FR_OK)
			assert_string_equal(filled.p, rows[i].filled);
		else
			assert_true(why.problem == FR_PROBLEM_MISSING_PARAM && strstr(why.detail, "param x") != NULL);
		fr_arena_free(&mem);
	}
}

static void a_value_that_makes_no_request_is_refused(void **state)
{
	static char value[FR_TARGET_MAX + 1];
	struct fr_bundle_ask ask = { .bundle = FR_STR("b"), .params = { .n = 1 } };
	struct fr_str filled;
	struct fr_refusal why;
	struct fr_arena mem;

	(void)state;
	memset(value, 'x', sizeof(value));
	ask.params.at[0] = (struct fr_pair){ .name = FR_STR("x"), .value = { value, sizeof(value) } };
	fr_arena_init(&mem, 65536);
	assert_int_equal(fr_bundle_fill(&mem, FR_STR("/a/?x={x}"), &ask, &filled, &why), FR_TOOBIG);
	fr_arena_free(&mem);
}

static void an_unknown_bundle_is_told_which_there_are(void **state)
{
	struct fr_bundles all = { .n = 2, .at = { { .name = "page" }, { .name = "feed" } } };
	struct fr_refusal why;

	(void)state;
	assert_string_equal(fr_bundle_find(&all, FR_STR("feed"))->name, "feed");
	assert_null(fr_bundle_find(&all, FR_STR("pag")));
	fr_bundle_unknown(&all, FR_STR("pag\n"), &why);
	assert_int_equal(fr_problem_status(why.problem), 404);
	assert_string_equal(why.detail, "There is no bundle pag?, but page, feed.");
	all.n = 0;
	fr_bundle_unknown(&all, FR_STR("page"), &why);
	assert_non_null(strstr(why.detail, "has none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_cut_at_its_places),
		cmocka_unit_test(a_request_is_read_from_its_body_or_its_query),
		cmocka_unit_test(a_request_that_says_nothing_is_told_how_to_say_it),
		cmocka_unit_test(places_are_filled_in_and_encoded),
		cmocka_unit_test(a_value_that_makes_no_request_is_refused),
		cmocka_unit_test(an_unknown_bundle_is_told_which_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
