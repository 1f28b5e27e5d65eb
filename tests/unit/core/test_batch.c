#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "core/batch.h"
#include "core/reply.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void a_body_is_a_list_of_questions_or_holds_one(void **state)
{
	static const char *const bodies[] = {
		"[\"/a/?x=1\", \"/b/\"]",
		" {\"questions\": [\"/a/?x=1\", \"/b/\"]} ",
		"\xEF\xBB\xBF{\"other\": {\"questions\": 1}, \"questions\": [ \"\\/a\\/?x=\\u0031\" ,\n \"/b/\" ]}",
	};
	struct fr_refusal why;

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct fr_batch *b = fr_batch_read(fr_str_of(bodies[i]), &why);

		assert_non_null(b);
		assert_int_equal(b->n, 2);
		assert_true(fr_str_is(b->targets[0], "/a/?x=1"));
		assert_true(fr_str_is(b->targets[1], "/b/"));
		assert_true(b->order[0] == 0 && b->order[1] == 1 && b->first[0] && b->first[1]);
		fr_batch_free(b);
	}
}

static void an_empty_list_asks_nothing(void **state)
{
	struct fr_refusal why;
	struct fr_batch *b = fr_batch_read(FR_STR("[]"), &why);

	(void)state;
	assert_non_null(b);
	assert_int_equal(b->n, 0);
	fr_batch_group(b, NULL, 1);
	fr_batch_free(b);
	fr_batch_free(NULL);
}

static void another_body_is_refused_and_told_how_to_mend_it(void **state)
{
	static const struct {
		const char *body, *says;
	} rows[] = {
		{ "", "is not JSON" },
		{ "questions=/a/", "is not JSON" },
		{ "[\"/a/\"", "is not JSON" },
		{ "[\"/a/\"] x", "is not JSON" },
		{ "{\"questions\": \"/a/\"}", "no list of questions" },
		{ "{\"question\": [\"/a/\"]}", "no list of questions" },
		{ "{\"questions\": [\"/a/\"], \"questions\": [\"/a/\"]}", "no list of questions" },
		{ "\"/a/\"", "no list of questions" },
		{ "7", "no list of questions" },
		{ "[\"/a/\", 7]", "Question 1 is 7," },
		{ "[[\"/a/\"]]", "Question 0 is [\"/a/\"]," },
		{ "[null]", "Question 0 is null," },
		{ "[\"a\"]", "begins with a slash" },
		{ "[\"\"]", "begins with a slash" },
		{ "[\"https://example.com/a/\"]", "begins with a slash" },
		{ "[\"/\\ud800\"]", "Question 0" },
	};
	struct fr_refusal why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(fr_batch_read(fr_str_of(rows[i].body), &why));
		assert_int_equal(why.problem, FR_PROBLEM_BAD_BATCH);
		assert_non_null(strstr(why.detail, rows[i].says));
	}
}

static void a_thousand_questions_are_read_and_one_more_is_refused(void **state)
{
	struct fr_refusal why;

	(void)state;
	for (int n = FR_BATCH_MAX; n <= FR_BATCH_MAX + 1; n++) {
		struct fr_batch *b;
		struct fr_buf body;

		fr_buf_init(&body, FR_BATCH_BODY_MAX);
		for (int i = 0; i < n; i++)
			assert_int_equal(fr_buf_addf(&body, "%s\"/a/?x=%d\"", i == 0 ? "[" : ",", i), FR_OK);
		assert_int_equal(fr_buf_add_text(&body, "]"), FR_OK);
		b = fr_batch_read(fr_buf_str(&body), &why);
		assert_true((b != NULL) == (n == FR_BATCH_MAX));
		if (b == NULL)
			assert_non_null(strstr(why.detail, "more than 1000"));
		fr_batch_free(b);
		fr_buf_free(&body);
	}
}

/* The letters of `order` are what is asked, in that order; a capital is another question than the one before. '-' has no key. */
static void the_same_question_is_asked_behind_its_first_occurrence(void **state)
{
	static const struct {
		const char *asked, *order;
	} rows[] = {
		{ "a", "A" },           { "abc", "ABC" },   { "aaa", "Aaa" },   { "aba", "AaB" },
		{ "abcabc", "AaBbCc" }, { "-a-a", "-Aa-" }, { "baab", "BbAa" }, { "abacabad", "AaaaBbCD" },
	};
	struct fr_refusal why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_key keys[16] = { { 0, 0 } };
		size_t n = strlen(rows[i].asked);
		struct fr_batch *b = fr_batch_read(FR_STR("[]"), &why);

		b->n = n;
		for (size_t k = 0; k < n; k++)
			if (rows[i].asked[k] != '-')
				keys[k] = (struct fr_key){ 1, (uint64_t)rows[i].asked[k] };
		fr_batch_group(b, keys, i);
		for (size_t k = 0; k < n; k++) {
			char asked = rows[i].asked[b->order[k]], expected = rows[i].order[k];

			assert_int_equal(asked, fr_lower(expected));
			assert_int_equal(b->first[k], expected == '-' || expected != asked);
		}
		fr_batch_free(b);
	}
}

static void every_occurrence_is_asked_once_whatever_repeats(void **state)
{
	struct fr_random random = { 11 };
	struct fr_refusal why;

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct fr_batch *b = fr_batch_read(FR_STR("[]"), &why);
		static struct fr_key keys[FR_BATCH_MAX];
		bool seen[FR_BATCH_MAX] = { false };
		size_t groups = 0, kinds = (size_t)fr_random_below(&random, 40) + 1;
		bool used[64] = { false };

		b->n = (size_t)fr_random_below(&random, FR_BATCH_MAX) + 1;
		for (size_t i = 0; i < b->n; i++) {
			keys[i] = (struct fr_key){ 7, fr_random_below(&random, kinds) + 1 };
			groups += !used[keys[i].lo];
			used[keys[i].lo] = true;
		}
		fr_batch_group(b, keys, fr_random_next(&random));
		for (size_t i = 0; i < b->n; i++) {
			assert_false(seen[b->order[i]]);
			seen[b->order[i]] = true;
			groups -= b->first[i];
			assert_true(b->first[i] || fr_key_eq(keys[b->order[i]], keys[b->order[i - 1]]));
		}
		assert_int_equal(groups, 0);
		fr_batch_free(b);
	}
}

static struct fr_batch_line *line_of(size_t index, const char *body, size_t n)
{
	struct fr_answer facts = { .verdict = FR_VERDICT_DATA, .status = 200, .body = fr_blob_of(body, n) }, *a;
	struct fr_reply_facts f = { .outcome = FR_OUTCOME_HIT, .request_id = FR_STR("r"), .avoided = 1 };
	struct fr_batch_line *l;
	struct fr_reply r;

	f.answer = a = fr_answer_new(&facts);
	fr_blob_drop(facts.body);
	fr_reply_answer(&r, &f);
	fr_answer_drop(a);
	l = fr_batch_line_new(index, &r, NULL);
	assert_null(r.body);
	return l;
}

/* Takes all of it in pieces of `step` bytes. */
static size_t written(struct fr_batch_line *l, size_t step, char *to, size_t size)
{
	size_t n = 0, got, whole = fr_batch_line_left(l);

	while ((got = fr_batch_line_take(l, to + n, step)) > 0) {
		n += got;
		assert_true(n + step < size);
		assert_int_equal(fr_batch_line_left(l), whole - n);
	}
	assert_int_equal(n, whole);
	to[n] = '\0';
	fr_batch_line_free(l);
	return n;
}

static void a_line_is_the_reply_in_one_line(void **state)
{
	char text[512];

	(void)state;
	for (size_t step = 1; step < 80; step++) {
		struct fr_batch_line *l = line_of(17, "{\"id\": 1.10}", 12);

		(void)written(l, step, text, sizeof(text));
		assert_string_equal(text,
				    "{\"index\":17,\"status\":200,\"cache_status\":\"frugald; hit; ttl=0\",\"credits_spent\":0,"
				    "\"credits_avoided\":1,\"body\":{\"id\": 1.10}}\n");
	}
}

static void a_body_is_embedded_as_it_came_or_said_as_a_text(void **state)
{
	static const struct {
		const char *body, *embedded;
	} rows[] = {
		{ "{\"n\":12345678901234567890.10}", "{\"n\":12345678901234567890.10}" },
		{ "[\n 1,\r\n 2 ]\n", "[  1,   2 ] " },
		{ "\xEF\xBB\xBF{}", "{}" },
		{ "{\"half\":\"\\ud83d\"}", "{\"half\":\"\\ud83d\"}" },
		{ "null", "null" },
		{ "", "\"\"" },
		{ "<html>\n\"x\"</html>", "\"<html>\\n\\\"x\\\"</html>\"" },
		{ "{\"cut\":", "\"{\\\"cut\\\":\"" },
		{ "{} {}", "\"{} {}\"" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = written(line_of(i, rows[i].body, strlen(rows[i].body)), 64, text, sizeof(text));
		const char *at = strstr(text, ",\"body\":");

		assert_non_null(at);
		assert_int_equal(strncmp(at + 8, rows[i].embedded, strlen(rows[i].embedded)), 0);
		assert_string_equal(at + 8 + strlen(rows[i].embedded), "}\n");
		assert_ptr_equal(strchr(text, '\n'), text + n - 1);
	}
}

static void a_line_with_the_body_of_another_is_like_it(void **state)
{
	static const char *const bodies[] = { "{\"id\":1}", "<html>", "\xEF\xBB\xBF[1]", "" };
	char text[2][512];

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct fr_blob *body = fr_blob_of(bodies[i], strlen(bodies[i]));
		struct fr_reply first = { .status = 200, .body = body }, second = { .status = 200, .body = fr_blob_hold(body) };
		struct fr_batch_line *a = fr_batch_line_new(0, &first, NULL), *b = fr_batch_line_new(0, &second, a);

		(void)written(a, 100, text[0], sizeof(text[0]));
		(void)written(b, 100, text[1], sizeof(text[1]));
		assert_string_equal(text[0], text[1]);
	}
}

static void any_bytes_make_a_line_that_is_json(void **state)
{
	struct fr_random random = { 5 };
	char body[64], text[1024];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)fr_random_below(&random, sizeof(body)), length;
		json_t *root;

		for (size_t i = 0; i < n; i++)
			body[i] = (char)fr_random_next(&random);
		length = written(line_of(0, body, n), 100, text, sizeof(text));
		assert_true(memchr(text, '\n', length) == text + length - 1);
		root = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
		assert_non_null(root);
		json_decref(root);
	}
}

static void a_refusal_is_a_line_too(void **state)
{
	struct fr_refusal why;
	struct fr_reply_facts f = { .outcome = FR_OUTCOME_BAD_REQUEST, .request_id = FR_STR("r.3") };
	struct fr_reply r;
	char text[1024];
	json_t *root;

	(void)state;
	fr_problem_set(&why, FR_PROBLEM_BAD_PARAM, "no \"good\"");
	fr_reply_problem(&r, &why, FR_MS(0), &f);
	(void)written(fr_batch_line_new(3, &r, NULL), 200, text, sizeof(text));
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "status")), 400);
	assert_string_equal(json_string_value(json_object_get(root, "cache_status")), "");
	assert_string_equal(json_string_value(json_object_get(json_object_get(root, "body"), "detail")), "no \"good\"");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_a_list_of_questions_or_holds_one),
		cmocka_unit_test(an_empty_list_asks_nothing),
		cmocka_unit_test(another_body_is_refused_and_told_how_to_mend_it),
		cmocka_unit_test(a_thousand_questions_are_read_and_one_more_is_refused),
		cmocka_unit_test(the_same_question_is_asked_behind_its_first_occurrence),
		cmocka_unit_test(every_occurrence_is_asked_once_whatever_repeats),
		cmocka_unit_test(a_line_is_the_reply_in_one_line),
		cmocka_unit_test(a_body_is_embedded_as_it_came_or_said_as_a_text),
		cmocka_unit_test(a_line_with_the_body_of_another_is_like_it),
		cmocka_unit_test(any_bytes_make_a_line_that_is_json),
		cmocka_unit_test(a_refusal_is_a_line_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
