#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "core/problem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static json_t *body_of(const struct fr_refusal *r, const char *id, int64_t retry_after)
{
	struct fr_buf b;
	json_t *root;

	fr_buf_init(&b, 16384);
	assert_int_equal(fr_problem_body(&b, r, fr_str_of(id), retry_after), FR_OK);
	root = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	fr_buf_free(&b);
	return root;
}

static const char *text(json_t *root, const char *name)
{
	const char *value = json_string_value(json_object_get(root, name));

	return value != NULL ? value : "(none)";
}

static void every_type_is_a_uri_and_every_status_an_error(void **state)
{
	(void)state;
	for (enum fr_problem p = FR_PROBLEM_NONE + 1; p < FR_PROBLEMS; p++) {
		char type[128];

		fr_problem_type(p, type, sizeof(type));
		assert_true(strncmp(type, "urn:frugald:problem:", 20) == 0 ||
			    strncmp(type, "https://iana.org/assignments/http-problem-types#", 48) == 0 ||
			    strcmp(type, "about:blank") == 0);
		assert_true(fr_problem_status(p) >= 400 && fr_problem_status(p) < 600);
		assert_true(strlen(fr_problem_title(p)) > 0);
	}
}

static void types_are_spelled_out(void **state)
{
	static const struct {
		enum fr_problem problem;
		const char *type;
		int status;
	} rows[] = {
		{ FR_PROBLEM_BAD_PARAM, "urn:frugald:problem:bad-parameter", 400 },
		{ FR_PROBLEM_OVERLOADED, "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity", 503 },
		{ FR_PROBLEM_NOT_CACHED, "urn:frugald:problem:not-cached", 504 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char type[128];

		fr_problem_type(rows[i].problem, type, sizeof(type));
		assert_string_equal(type, rows[i].type);
		assert_int_equal(fr_problem_status(rows[i].problem), rows[i].status);
	}
}

static void a_body_has_all_members(void **state)
{
	struct fr_refusal r;
	json_t *root;

	(void)state;
	fr_problem_set(&r, FR_PROBLEM_MISSING_PARAM, "%s wants \"%s\"", "/a/", "id");
	root = body_of(&r, "req-1", 7);
	assert_string_equal(text(root, "type"), "urn:frugald:problem:missing-parameter");
	assert_string_equal(text(root, "title"), "A mandatory parameter is missing");
	assert_int_equal(json_integer_value(json_object_get(root, "status")), 400);
	assert_string_equal(text(root, "detail"), "/a/ wants \"id\"");
	assert_string_equal(text(root, "instance"), "req-1");
	assert_string_equal(text(root, "message"), "/a/ wants \"id\"");
	assert_int_equal(json_integer_value(json_object_get(root, "retry_after")), 7);
	json_decref(root);
}

static void without_a_detail_the_title_is_the_message(void **state)
{
	struct fr_refusal r = { .problem = FR_PROBLEM_STOPPING, .detail = "" };
	json_t *root = body_of(&r, "", 0);

	(void)state;
	assert_string_equal(text(root, "message"), "frugald is stopping");
	assert_null(json_object_get(root, "detail"));
	assert_null(json_object_get(root, "retry_after"));
	json_decref(root);
}

static void a_detail_may_hold_anything_and_is_cut_between_characters(void **state)
{
	char long_text[2 * FR_DETAIL_MAX], broken[] = "a\r\n\"\\\x01\xff z";
	struct fr_refusal r;
	json_t *root;

	(void)state;
	fr_problem_set(&r, FR_PROBLEM_BAD_PARAM, "%s", broken);
	root = body_of(&r, "x\ny", 0);
	assert_string_equal(text(root, "detail"), "a\r\n\"\\\x01\xEF\xBF\xBD z");
	json_decref(root);

	memset(long_text, 'x', sizeof(long_text));
	long_text[FR_DETAIL_MAX - 2] = '\xC3'; /* the second byte would be the 256th */
	long_text[FR_DETAIL_MAX - 1] = '\xA9';
	long_text[sizeof(long_text) - 1] = '\0';
	fr_problem_set(&r, FR_PROBLEM_BAD_PARAM, "%s", long_text);
	assert_int_equal(strlen(r.detail), FR_DETAIL_MAX - 2);
	assert_int_equal(r.detail[FR_DETAIL_MAX - 3], 'x');
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	struct fr_refusal r;

	(void)state;
	fr_problem_set(&r, FR_PROBLEM_BAD_PARAM, "no");
	for (size_t ceiling = 3; ceiling < 150; ceiling++) {
		struct fr_buf b;

		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_buf_add_text(&b, "abc"), FR_OK);
		assert_int_equal(fr_problem_body(&b, &r, FR_STR("id"), 0), FR_TOOBIG);
		assert_int_equal(b.len, 3);
		fr_buf_free(&b);
	}
}

static void the_document_lists_every_problem(void **state)
{
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 1 << 16);
	assert_int_equal(fr_problem_document(&b), FR_OK);
	assert_int_equal(fr_buf_add_char(&b, '\0'), FR_OK);
	assert_true(strncmp(b.p, "# Problems\n", 11) == 0);
	for (enum fr_problem p = FR_PROBLEM_NONE + 1; p < FR_PROBLEMS; p++)
		assert_non_null(strstr(b.p, fr_problem_title(p)));
	fr_buf_free(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_a_uri_and_every_status_an_error),
		cmocka_unit_test(types_are_spelled_out),
		cmocka_unit_test(a_body_has_all_members),
		cmocka_unit_test(without_a_detail_the_title_is_the_message),
		cmocka_unit_test(a_detail_may_hold_anything_and_is_cut_between_characters),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(the_document_lists_every_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
