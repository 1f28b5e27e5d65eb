#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/load.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fr_conf *good(const char *text)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	if (fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) != FR_OK)
		fail_msg("%s", why.s);
	return c;
}

static void shown(const struct fr_conf *c, char *ret, size_t size)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < c->catalogue.bundles.n; i++)
		for (size_t k = 0; k < c->catalogue.bundles.at[i].n; k++)
			at += (size_t)snprintf(ret + at, size - at, "%s:%.*s\n", c->catalogue.bundles.at[i].name,
					       FR_STR_ARG(c->catalogue.bundles.at[i].questions[k]));
}

#define CREATOR \
	"creator:/userinfo-by-id/?userid={userid}\n" \
	"creator:/user-posts/?userid={userid}&count=20\n" \
	"creator:/user-followers/?userid={userid}&count=20&time=0\n"

static void the_operators_bundles_are_laid_over_those_of_the_catalogue(void **state)
{
	static const struct {
		const char *yaml, *bundles;
	} rows[] = {
		{ "", CREATOR },
		{ "bundles:\n", CREATOR },
		{ "bundles: {}", CREATOR },
		{ "bundles: { creator: [] }", "" },
		{ "bundles: { creator: }", "" },
		{ "bundles: { nobody: [] }", CREATOR },
		{ "bundles: { tag: [ '/challenge-info-name/?name={tag}' ] }", CREATOR "tag:/challenge-info-name/?name={tag}\n" },
		{ "bundles:\n  creator:\n    - /userid/?username={name}\n    - /region-list/\n",
		  "creator:/userid/?username={name}\ncreator:/region-list/\n" },
		{ "bundles: { a: [ /region-list/ ], creator: [], b: [ '/region-list' ] }", "a:/region-list/\nb:/region-list\n" },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_conf *c = good(rows[i].yaml);

		shown(c, text, sizeof(text));
		assert_string_equal(text, rows[i].bundles);
		fr_conf_free(c);
	}
}

static void what_is_no_bundle_is_refused_at_its_place(void **state)
{
	static const struct {
		const char *yaml, *message;
	} rows[] = {
		{ "bundles: [ a ]", "f.yaml:1:10: bundles: names and values are expected here" },
		{ "bundles: { a: /region-list/ }", "f.yaml:1:15: bundles.a: a list is expected here" },
		{ "bundles: { a: [ { b: c } ] }", "f.yaml:1:17: bundles.a: " },
		{ "bundles: { a: [ '' ] }", "f.yaml:1:17: bundles.a: '' is no question" },
		{ "bundles: { a: [ region-list ] }", "f.yaml:1:17: bundles.a: 'region-list' is no question" },
		{ "bundles: { a: [ /region-lost/ ] }", "unknown path '/region-lost/', did you mean '/region-list/'?" },
		{ "bundles: { a: [ /frugal/batch ] }", "unknown path '/frugal/batch'" },
		{ "bundles: { a: [ '/userid/?username={a b}' ] }", "a place is written {word}" },
		{ "bundles: { a: [ '/userid/?username={a' ] }", "a place is written {word}" },
		{ "bundles: { a: [ '/userid/?name={a}' ] }", "f.yaml:1:17: bundles.a: /userid/ needs the parameter username" },
		{ "bundles: { a: [ '/userid/?username=%zz' ] }", "f.yaml:1:17: bundles.a: " },
		{ "bundles: { 'a b': [ /region-list/ ] }", "f.yaml:1:12: bundles: " },
		{ "bundels: { a: [] }", "unknown setting 'bundels'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;

		assert_int_equal(fr_conf_parse(fr_str_of(rows[i].yaml), "f.yaml", &c, &why), FR_INVALID);
		if (strstr(why.s, rows[i].message) == NULL)
			fail_msg("%s: %s", rows[i].yaml, why.s);
	}
}

static void there_are_no_more_bundles_or_questions_than_fit(void **state)
{
	(void)state;
	for (int n = FR_BUNDLES_MAX - 1; n <= FR_BUNDLES_MAX; n++) { /* and one of the catalogue */
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;
		char text[4096];
		size_t at = (size_t)snprintf(text, sizeof(text), "bundles:\n");

		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "  b%d: [ /region-list/ ]\n", i);
		assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) == FR_OK, n < FR_BUNDLES_MAX);
		fr_conf_free(c);
	}
	for (int n = FR_BUNDLE_QUESTIONS_MAX; n <= FR_BUNDLE_QUESTIONS_MAX + 1; n++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;
		char text[4096];
		size_t at = (size_t)snprintf(text, sizeof(text), "bundles:\n  creator:\n");

		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "    - /region-list/\n");
		assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) == FR_OK, n == FR_BUNDLE_QUESTIONS_MAX);
		fr_conf_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_operators_bundles_are_laid_over_those_of_the_catalogue),
		cmocka_unit_test(what_is_no_bundle_is_refused_at_its_place),
		cmocka_unit_test(there_are_no_more_bundles_or_questions_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
