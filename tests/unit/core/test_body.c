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

enum { PADDING = 3000, BODY_MAX = PADDING + 1024 };

/* What is looked at for the root alone must be what the whole tells: there or not, and its own members. */
static void assert_alike(struct fr_str body)
{
	json_t *whole = fr_body_object(body), *root = fr_body_root(body), *member;
	const char *name;

	if ((whole == NULL) != (root == NULL) || json_object_size(whole) != json_object_size(root))
		fail_msg("%s, the root %s: %.*s", whole != NULL ? "good" : "bad", root != NULL ? "good" : "bad",
			 FR_STR_ARG(body));
	json_object_foreach (whole, name, member) {
		const json_t *other = json_object_get(root, name);

		assert_int_equal(json_typeof(member), json_typeof(other));
		if (!json_is_object(member) && !json_is_array(member))
			assert_true(json_equal(member, other));
	}
	json_decref(whole);
	json_decref(root);
}

/* The body with a text of 3,000 letters in it, in the place of the first '#'. */
static struct fr_str padded(const char *body, char to[BODY_MAX])
{
	const char *mark = strchr(body, '#');
	size_t before = (size_t)(mark - body), after = strlen(mark + 1);

	memcpy(to, body, before);
	memset(to + before, 'x', PADDING);
	memcpy(to + before + PADDING, mark + 1, after);
	return (struct fr_str){ to, before + PADDING + after };
}

static void the_root_of_a_long_body_is_what_the_whole_says(void **state)
{
	static const char *const bodies[] = {
		"{\"a\":[\"#\"]}",
		"\xEF\xBB\xBF { \"a\" : { \"b\" : \"#\" } , \"c\" : 1 , \"d\":\"x\\\"}\" } \n",
		"{\"message\":\"#\"}",
		"{\"a\":\"#\",\"a\":2,\"b\":{\"a\":3}}",
		"[\"#\"]",
		"\"#\"",
		"{\"a\":[\"#\"]",
		"{\"a\":[\"#\"]}}",
		"{\"a\":[\"#\",01]}",
		"{\"a\":[\"#\",1e5,-2.5E-3]}",
		"{\"a\":[\"#\",1e400]}",
		"{\"a\":[\"#\",123456789012345678901234567890]}",
		"{\"a\":\"#\",\"b\":123456789012345678901234567890}",
		"{\"a\":[\"#\",\"\\ud83d\"]}",
		"{\"a\":\"#\",\"b\":\"\\ud83d\"}",
		"{\"a\":[\"#\",\"\\u0000\"]}",
		"{\"a\":[\"#\",{\"\\u0000\":1}]}",
		"{\"\\u0000\":\"#\"}",
		"{\"a\":[\"#\",\"\xC3\xA9\xF0\x9F\x98\x80\"]}",
		"{\"a\":[\"#\",\"\xC3\"]}",
		"{\"a\":[\"#\",\"\xED\xA0\x80\"]}",
		"{\"a\":[\"#\",\"\xC0\x80\"]}",
		"{\"\xFF\":\"#\"}",
		"{\"a\":[\"#\",\"\\\\\",\"\\\"\"]}",
		"{\"a\":[\"#\",true,false,null]}",
		"{\"true\":\"#\",\"b\":true,\"c\":null}",
	};
	char body[BODY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_alike(padded(bodies[i], body));
}

static void what_is_in_the_root_of_a_long_body_is_not_read(void **state)
{
	char body[BODY_MAX];
	json_t *root = fr_body_root(padded("{\"a\":[\"#\",1],\"b\":{\"c\":2},\"d\":3}", body));

	(void)state;
	assert_int_equal(json_array_size(json_object_get(root, "a")) + json_object_size(json_object_get(root, "b")), 0);
	assert_int_equal(json_integer_value(json_object_get(root, "d")), 3);
	json_decref(root);
}

static void numbers_with_hundreds_of_digits_are_the_parsers_to_judge(void **state)
{
	char body[BODY_MAX];

	(void)state;
	for (size_t digits = 298; digits < 320; digits++) {
		int n = snprintf(body, sizeof body, "{\"a\":[\"%02048d\",1", 0);
		memset(body + n, '0', digits);
		n += (int)digits;
		memcpy(body + n, "]}", 2);
		assert_alike((struct fr_str){ body, (size_t)n + 2 });
	}
}

static void damaged_bodies_are_judged_alike(void **state)
{
	static const char whole[] =
		"{\"videos\":[{\"id\":\"71\",\"title\":\"a\\u00e9\\ud83d\\ude00 \xC3\xA9\",\"n\":12.5e1,\"t\":\"#\",\"ok\":true}],\"cursor\":\"170\","
		"\"hasMore\":true,\"status\":\"ok\",\"code\":0,\"none\":null}";
	static const char harm[] = "{}[]:,\"\\01eE.-xntu\xC3\xA9\xFF\n ";
	struct fr_random r = { 5 };
	char body[BODY_MAX];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct fr_str s = padded(whole, body);

		for (uint64_t i = 1 + fr_random_below(&r, 3); i > 0; i--) {
			size_t at = (size_t)fr_random_below(&r, s.n - PADDING);

			at += at > 70 ? PADDING : 0; /* the padding is patient */
			body[at < s.n ? at : s.n - 1] = harm[fr_random_below(&r, sizeof(harm))];
		}
		if (fr_random_chance(&r, 100))
			s.n = PADDING + (size_t)fr_random_below(&r, s.n - PADDING);
		assert_alike(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_of_a_long_body_is_what_the_whole_says),
		cmocka_unit_test(what_is_in_the_root_of_a_long_body_is_not_read),
		cmocka_unit_test(numbers_with_hundreds_of_digits_are_the_parsers_to_judge),
		cmocka_unit_test(damaged_bodies_are_judged_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
