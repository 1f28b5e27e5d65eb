#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/builtin.h"
#include "conf/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum fr_err read_text(const char *text, struct fr_tree *ret, struct fr_errmsg *why)
{
	struct fr_source s = { "t.yaml", why };

	return fr_tree_read(&s, fr_str_of(text), ret);
}

static void every_node_knows_its_place_and_its_kind(void **state)
{
	struct fr_errmsg why;
	struct fr_tree t;
	const struct fr_node *list, *inner;

	(void)state;
	assert_int_equal(read_text("a: 1\nb:\n  - x\n  - { c: 'two words', d: }\n# end\n", &t, &why), FR_OK);
	assert_int_equal(t.root->kind, FR_NODE_MAP);
	assert_int_equal(t.root->n, 2);
	assert_true(fr_str_is(fr_tree_get(t.root, "a")->text, "1"));
	assert_int_equal(fr_tree_get(t.root, "a")->at.line, 1);
	assert_int_equal(fr_tree_get(t.root, "a")->at.column, 4);
	list = fr_tree_get(t.root, "b");
	assert_int_equal(list->kind, FR_NODE_LIST);
	assert_int_equal(list->n, 2);
	inner = list->first->next;
	assert_int_equal(inner->kind, FR_NODE_MAP);
	assert_true(fr_str_is(fr_tree_get(inner, "c")->text, "two words"));
	assert_int_equal(fr_tree_get(inner, "c")->key_at.line, 4);
	assert_int_equal(fr_tree_get(inner, "c")->key_at.column, 7);
	assert_true(fr_tree_get(inner, "d")->missing);
	assert_null(fr_tree_get(t.root, "c"));
	assert_null(fr_tree_get(list, "c"));
	assert_null(fr_tree_get(NULL, "c"));
	fr_tree_free(&t);
}

static void a_text_without_settings_is_an_empty_map(void **state)
{
	static const char *const rows[] = {
		"", "\n", "# only words\n", "---\n", "---\n...\n", "~\n", "{}", "\xEF\xBB\xBF# a mark first\n"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why;
		struct fr_tree t;

		assert_int_equal(read_text(rows[i], &t, &why), FR_OK);
		assert_int_equal(t.root->kind, FR_NODE_MAP);
		assert_int_equal(t.root->n, 0);
		fr_tree_free(&t);
	}
}

static void only_a_bare_nothing_is_missing(void **state)
{
	static const struct {
		const char *text;
		bool missing;
	} rows[] = { { "a:", true },     { "a: ~", true },    { "a: \"\"", false },
		     { "a: ''", false }, { "a: '~'", false }, { "a: null", false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why;
		struct fr_tree t;

		assert_int_equal(read_text(rows[i].text, &t, &why), FR_OK);
		assert_int_equal(fr_tree_get(t.root, "a")->missing, rows[i].missing);
		fr_tree_free(&t);
	}
}

static void what_a_configuration_does_not_need_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "a: 1\nb: 2\na: 3\n", "t.yaml:3:1: 'a' is given twice, first in line 1, column 1" },
		{ "x:\n  k: 1\n  k: 2\n", "t.yaml:3:3: 'k' is given twice, first in line 2, column 3" },
		{ "{ a: 1, \"a\": 2 }", "t.yaml:1:9: 'a' is given twice, first in line 1, column 3" },
		{ "a: &x 1\n", "t.yaml:1:4: anchors (&name) are not supported here" },
		{ "a: &x { b: 1 }\n", "t.yaml:1:4: anchors (&name) are not supported here" },
		{ "a: [ &x 1 ]\n", "t.yaml:1:6: anchors (&name) are not supported here" },
		{ "a: *x\n", "t.yaml:1:4: aliases (*name) are not supported here" },
		{ "a: !!str 1\n", "t.yaml:1:4: tags (!name) are not supported here" },
		{ "a: !mine [ 1 ]\n", "t.yaml:1:4: tags (!name) are not supported here" },
		{ "a: !<tag:yaml.org,2002:map> {}\n", "t.yaml:1:4: tags (!name) are not supported here" },
		{ "a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document begins here; one file is one document" },
		{ "- a\n- b\n", "t.yaml:1:1: settings are written as `name: value`" },
		{ "just words\n", "t.yaml:1:1: settings are written as `name: value`" },
		{ "? [a, b]\n: c\n", "t.yaml:1:3: a name must be a word, not a list or a map" },
		{ "? { a: b }\n: c\n", "t.yaml:1:3: a name must be a word, not a list or a map" },
		{ "a: \"x\\0y\"\n", "t.yaml:1:4: line breaks and control characters are not allowed in a value" },
		{ "a: |\n  x\n  y\n", "t.yaml:1:4: line breaks and control characters are not allowed in a value" },
		{ "\"a\\u2028\": b\n", "t.yaml:1:1: line breaks and control characters are not allowed in a value" },
		{ "a: \"\\u0085\"\n", "t.yaml:1:4: line breaks and control characters are not allowed in a value" },
		{ "a:\n\tb: 1\n", "t.yaml:2:1: not YAML: indent with spaces, not with tabs" },
		{ "a: [1, 2\n",
		  "t.yaml:2:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 1" },
		{ "a: 1\n b: 2\n", "t.yaml:2:3: not YAML: mapping values are not allowed in this context" },
		{ "a: 'x\n",
		  "t.yaml:2:1: not YAML: found unexpected end of stream, while scanning a quoted scalar that begins in line 1" },
		{ "a: 1\nb: \xFF\n", "t.yaml:2:4: not UTF-8 text: invalid leading UTF-8 octet" },
		{ "k\xC3\xB6: 1\nb: \x01\n", "t.yaml:2:4: not UTF-8 text: control characters are not allowed" },
		{ "a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n", "t.yaml:1:19: more than 16 maps and lists inside one another" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_tree t;

		assert_int_equal(read_text(rows[i].text, &t, &why), FR_INVALID);
		assert_string_equal(why.s, rows[i].says);
	}
}

/* Sizes: a file of one byte too many, a map of one key too many. */
static void sizes_are_bounded(void **state)
{
	static char text[FR_TREE_TEXT_MAX + 2];
	struct fr_errmsg why;
	struct fr_tree t;
	size_t n = 0;

	(void)state;
	memset(text, '#', sizeof(text) - 1);
	assert_int_equal(read_text(text, &t, &why), FR_INVALID);
	assert_string_equal(why.s, "t.yaml: larger than 1048576 bytes");
	for (int i = 0; i <= FR_TREE_KEYS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "k%d: 1\n", i);
	assert_int_equal(read_text(text, &t, &why), FR_INVALID);
	assert_string_equal(why.s, "t.yaml:1025:1: more than a configuration may hold (65536 values)");
	memset(text, '[', sizeof(text) - 2);
	assert_int_equal(read_text(text, &t, &why), FR_INVALID);
	n = (size_t)snprintf(text, sizeof(text), "a: [");
	while (n < 140000)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "1,");
	snprintf(text + n, sizeof(text) - n, "]\n");
	assert_int_equal(read_text(text, &t, &why), FR_INVALID);
	assert_non_null(strstr(why.s, "more than a configuration may hold"));
}

/* Whatever happens to a good text, reading it ends with a tree or a message. */
static void damaged_texts_never_crash(void **state)
{
	struct fr_random r = { 11 };
	struct fr_errmsg why;
	struct fr_source s = { "t.yaml", &why };
	char text[4096];
	size_t n_bad = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t from = fr_random_below(&r, fr_catalogue_yaml_len - sizeof(text)),
		       n = 1 + fr_random_below(&r, sizeof(text));
		struct fr_tree t;

		memcpy(text, fr_catalogue_yaml + from, n);
		for (uint64_t i = fr_random_below(&r, 4); i > 0; i--)
			text[fr_random_below(&r, n)] = (char)("{}[]:,-\"'\n\t #&*!|>%@\\\xC3\0"[fr_random_below(&r, 24)]);
		if (fr_tree_read(&s, (struct fr_str){ text, n }, &t) == FR_OK)
			fr_tree_free(&t);
		else
			n_bad++;
	}
	assert_true(n_bad > 100);
	for (int round = 0; round < 3000; round++) {
		size_t n = fr_random_below(&r, 64);
		struct fr_tree t;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)fr_random_next(&r);
		if (fr_tree_read(&s, (struct fr_str){ text, n }, &t) == FR_OK)
			fr_tree_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_node_knows_its_place_and_its_kind),
		cmocka_unit_test(a_text_without_settings_is_an_empty_map),
		cmocka_unit_test(only_a_bare_nothing_is_missing),
		cmocka_unit_test(what_a_configuration_does_not_need_is_refused),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(damaged_texts_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
