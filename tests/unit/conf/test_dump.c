#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/load.h"
#include "conf/section.h"
#include "conf/value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEY_A "AA00000000000000000000000000000000000000000000000000000000000000"
#define KEY_B "1100000000000000000000000000000000000000000000000000000000000000"

enum { TEXT_MAX = 256 * 1024 };

static struct fr_conf *good(struct fr_str text)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	if (fr_conf_parse(text, "f.yaml", &c, &why) != FR_OK)
		fail_msg("%s", why.s);
	return c;
}

static struct fr_buf dump(const struct fr_conf *c)
{
	struct fr_buf b;

	fr_buf_init(&b, TEXT_MAX);
	assert_int_equal(fr_conf_dump(&b, c), FR_OK);
	return b;
}

static bool holds(const struct fr_buf *b, const char *text)
{
	return fr_str_find_nocase(fr_buf_str(b), text) < b->len;
}

static void what_is_dumped_loads_again_as_the_same(void **state)
{
	static const char *const rows[] = {
		"",
		"listen: [ '[::1]:0', 'unix:/run/a b.sock', 127.0.0.1:9 ]\nstate_dir: \"/x y/\\\"z\\\"/\\u00e9 #: \"\nvalidate: off\n",
		"upstream: { url: 'https://h:1/v1', key_file: '~', rate: 50/s, timeout: 1500ms, body_max: 1025 }\nredis: { url: 'redis://:p@h/3' }\n",
		"upstream: { rate: none }\nredis: { url: 'unix:///run/@x' }\nlog: { level: error }\nstatus: native\nbreaker: { open: 700ms }\n",
		"endpoints: { user-posts: { fresh: 90s, max: none, price: 7 }, post-detail: { fresh: 20m, negative: 2d }, userid: { fresh: 0 } }\n",
		"may_refresh: on\ntiers: { '7': { weight: 9, fresh: { userid: 0, user-posts: 90m } }, 'null': {} }\n",
		"may_refresh: on\nclients: [ { name: '-', may_refresh: off } ]\n",
		"clients: [ { name: a, fields: { /post-detail/: [ title, 'new:field', 'a#b', '12' ], /userid/: id } }, { name: b, key_sha256: " KEY_A
		", fields: {} } ]\n",
		"listen: 0.0.0.0:8787\ntiers: { pro: { weight: 2 } }\n"
		"clients: [ { name: a, key_sha256: " KEY_A ", tier: pro, budget: { window: month, credits: 3 } },\n"
		"  { name: b.c, key_sha256: " KEY_B ", tenant: '1.0', priority: poll, may_refresh: on } ]\n",
		"clients: [ { name: a, key_sha256: " KEY_A ", budget: { window: hour, credits: 0, timezone: Asia/Kolkata } } ]\n"
		"budgets: [ { scope: all, window: month, credits: 9, start_day: 31, timezone: America/New_York },\n"
		"  { scope: 'tenant:a', window: day, credits: 7 }, { scope: 'class:batch', window: day, credits: 1 },\n"
		"  { scope: endpoint:userid, window: hour, credits: 7 }, { scope: endpoint:other, window: month, credits: 1 } ]\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_conf *first = good(fr_str_of(rows[i])), *again;
		struct fr_buf a = dump(first), b;
		size_t masked = strstr(rows[i], "redis://:") != NULL ? 1 : 0;

		again = good(fr_buf_str(&a));
		b = dump(again);
		assert_true(fr_str_eq(fr_buf_str(&a), fr_buf_str(&b)));
		assert_int_equal(strcmp(first->settings.redis_url.s, again->settings.redis_url.s) != 0, masked);
		assert_string_equal(first->settings.state_dir.s, again->settings.state_dir.s);
		assert_int_equal(first->catalogue.n, again->catalogue.n);
		fr_buf_free(&a);
		fr_buf_free(&b);
		fr_conf_free(first);
		fr_conf_free(again);
	}
}

static void the_dump_shows_who_may_ask_and_what_may_be_spent(void **state)
{
	struct fr_conf *c = good(
		FR_STR("tiers: { pro: { weight: 2, fresh: { userid: 90m, user-posts: 0 } } }\n"
		       "clients:\n"
		       "  - { name: nobody }\n"
		       "  - { name: a, key_sha256: " KEY_A ", tenant: acme, tier: pro, priority: batch, may_refresh: on,\n"
		       "      budget: { window: month, credits: 3, start_day: 15 } }\n"
		       "budgets: [ { scope: endpoint:userid, window: day, credits: 7, timezone: Asia/Tokyo } ]\n"));
	struct fr_buf b = dump(c);

	(void)state;
	assert_true(holds(
		&b, "\ntiers:\n  pro:\n    weight: 2\n    fresh: { /userid/: 90m, /user-posts/: 0 }\n"
		    "clients:\n"
		    "  - name: a\n"
		    "    key_sha256: \"aa00000000000000000000000000000000000000000000000000000000000000\"\n"
		    "    tenant: acme\n    tier: pro\n    priority: batch\n    may_refresh: on\n"
		    "  - name: nobody\n    tenant: default\n    tier: default\n    priority: interactive\n    may_refresh: off\n"
		    "budgets:\n"
		    "  - scope: tenant:acme\n    window: month\n    credits: 3\n    timezone: UTC\n    start_day: 15\n"
		    "  - scope: endpoint:/userid/\n    window: day\n    credits: 7\n    timezone: Asia/Tokyo\n"));
	fr_buf_free(&b);
	fr_conf_free(c);
}

static void the_dump_shows_all_but_secrets(void **state)
{
	struct fr_conf *c = good(FR_STR("redis: { url: 'redis://:geheim@h:1/2' }\nendpoints: { userid: { fresh: 90m } }\n"));
	struct fr_buf b = dump(c);

	(void)state;
	assert_false(holds(&b, "geheim"));
	assert_true(holds(&b, "  url: \"redis://:***@h:1/2\"\n"));
	assert_true(holds(&b, "  /userid/:\n    price: 1\n    fresh: 90m\n"));
	for (size_t i = 0; i + 1 < c->catalogue.n; i++) {
		char path[128];

		snprintf(path, sizeof(path), "\n  %.*s:\n", FR_STR_ARG(c->catalogue.rows[i].path));
		assert_true(holds(&b, path));
	}
	fr_buf_free(&b);
	fr_conf_free(c);
}

static void any_text_is_written_so_that_it_reads_back(void **state)
{
	static const char *const rows[] = {
		"",   "~",  "a",   "on",    "null", "a: b", "a #b", "#a",   "-",   "- a",   "[a]",       "{a}",
		"a:", ":a", "'a'", "\"a\"", "\\n",  " a",   "a ",   "a\\b", "/x/", "1:20",  "unix:/a/b", "*a",
		"&a", "!a", "%a",  "@a",    "`a`",  "a,b",  "? a",  "|",    ">",   "--- a", "\xC3\xA9",  "\xF0\x9F\x98\x80"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_source s = { "t", &why };
		struct fr_tree t;
		struct fr_buf b;

		fr_buf_init(&b, 1024);
		assert_int_equal(fr_buf_add_text(&b, "k: "), FR_OK);
		assert_int_equal(fr_value_write(&b, fr_str_of(rows[i])), FR_OK);
		assert_int_equal(fr_tree_read(&s, fr_buf_str(&b), &t), FR_OK);
		assert_true(fr_str_is(fr_tree_get(t.root, "k")->text, rows[i]));
		assert_false(fr_tree_get(t.root, "k")->missing);
		fr_tree_free(&t);
		fr_buf_free(&b);
	}
}

/* Takes the "# " away before every name, as an operator would. */
static void uncomment(const struct fr_buf *from, struct fr_buf *to)
{
	struct fr_str rest = fr_buf_str(from);

	while (rest.p != NULL) {
		struct fr_str line = fr_str_cut(&rest, '\n'), text = fr_str_trim(line);
		size_t indent = line.n - text.n, name = 2;

		while (name < text.n && text.p[name] != ' ' && text.p[name] != ':')
			name++;
		if (fr_str_starts(text, "# ") && name > 2 && name + 1 < text.n && text.p[name] == ':' &&
		    text.p[name + 1] == ' ') {
			assert_int_equal(fr_buf_add(to, line.p, indent), FR_OK);
			text = fr_str_skip(text, 2);
		} else {
			text = line;
		}
		assert_int_equal(fr_buf_add_str(to, text), FR_OK);
		assert_int_equal(fr_buf_add_char(to, '\n'), FR_OK);
	}
}

static void the_example_is_the_defaults_commented_out_or_not(void **state)
{
	struct fr_conf *defaults = good(FR_STR("")), *commented, *open;
	struct fr_buf example, text, a = dump(defaults), b, c;

	(void)state;
	fr_buf_init(&example, TEXT_MAX);
	fr_buf_init(&text, TEXT_MAX);
	assert_int_equal(fr_conf_example(&example), FR_OK);
	commented = good(fr_buf_str(&example));
	b = dump(commented);
	assert_true(fr_str_eq(fr_buf_str(&a), fr_buf_str(&b)));
	uncomment(&example, &text);
	open = good(fr_buf_str(&text));
	c = dump(open);
	assert_true(fr_str_eq(fr_buf_str(&a), fr_buf_str(&c)));
	for (size_t i = 0; i < FR_ROWS; i++) {
		assert_int_equal(commented->marks.at[i].line, 0);
		assert_int_not_equal(open->marks.at[i].line, 0);
	}
	fr_buf_free(&example);
	fr_buf_free(&text);
	fr_buf_free(&a);
	fr_buf_free(&b);
	fr_buf_free(&c);
	fr_conf_free(defaults);
	fr_conf_free(commented);
	fr_conf_free(open);
}

/* The examples of all sections, as an operator would take them over. */
static void the_examples_of_the_sections_load(void **state)
{
	struct fr_buf example, text;
	struct fr_str rest;
	struct fr_conf *c;

	(void)state;
	fr_buf_init(&example, TEXT_MAX);
	fr_buf_init(&text, TEXT_MAX);
	assert_int_equal(fr_conf_example(&example), FR_OK);
	rest = fr_buf_str(&example);
	for (bool inside = false; rest.p != NULL;) {
		struct fr_str line = fr_str_cut(&rest, '\n');

		for (size_t i = 0; i < FR_SECTIONS; i++) {
			const struct fr_section *section = fr_sections[i];
			char head[32];

			snprintf(head, sizeof(head), "# %s:", section->within != NULL ? section->within : section->name);
			inside = inside || fr_str_is(line, head);
		}
		inside = inside && fr_str_starts(line, "# ");
		if (!inside)
			continue;
		assert_int_equal(fr_buf_add_str(&text, fr_str_skip(line, 2)), FR_OK);
		assert_int_equal(fr_buf_add_char(&text, '\n'), FR_OK);
	}
	c = good(fr_buf_str(&text));
	for (size_t i = 0; i < FR_SECTIONS; i++)
		assert_true(fr_sections[i]->count(c) > 0);
	assert_int_equal(c->roster.n_clients, 2);
	assert_true(c->budgets.n >= 4);
	fr_conf_free(c);
	fr_buf_free(&example);
	fr_buf_free(&text);
}

static void the_manual_names_every_setting_and_every_path(void **state)
{
	struct fr_conf *c = good(FR_STR(""));
	struct fr_buf b;
	char cell[128];

	(void)state;
	fr_buf_init(&b, TEXT_MAX);
	assert_int_equal(fr_conf_document(&b), FR_OK);
	for (size_t i = 0; i < FR_ROWS; i++) {
		snprintf(cell, sizeof(cell), "\n| `%s` | ", fr_settings_rows[i].path);
		assert_true(holds(&b, cell));
	}
	for (size_t i = 0; i < FR_SECTIONS; i++)
		for (size_t j = 0; j < fr_sections[i]->n_keys; j++) {
			snprintf(cell, sizeof(cell), "\n| `%s` | ", fr_sections[i]->keys[j].name);
			assert_true(holds(&b, cell));
		}
	for (size_t i = 0; i + 1 < c->catalogue.n; i++) {
		snprintf(cell, sizeof(cell), "\n| `%.*s` | ", FR_STR_ARG(c->catalogue.rows[i].path));
		assert_true(holds(&b, cell));
	}
	assert_false(holds(&b, " \n"));
	fr_buf_free(&b);
	fr_conf_free(c);
}

static void a_full_buffer_is_an_error_not_a_shorter_text(void **state)
{
	struct fr_conf *c = good(FR_STR(""));

	(void)state;
	for (size_t ceiling = 0; ceiling < 3000; ceiling += 97) {
		struct fr_buf b;

		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_conf_dump(&b, c), FR_TOOBIG);
		fr_buf_clear(&b);
		assert_int_equal(fr_conf_document(&b), FR_TOOBIG);
		fr_buf_clear(&b);
		assert_int_equal(fr_conf_example(&b), FR_TOOBIG);
		fr_buf_free(&b);
	}
	fr_conf_free(c);
}

static void a_catalogue_of_ones_own_is_read_from_its_file(void **state)
{
	char dir[] = "/tmp/frugal-conf-XXXXXX", file[64], text[128];
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;
	struct fr_buf a, b;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/c.yaml", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("endpoints:\n  /a/: { fresh: 1h }\n", f);
	fclose(f);
	snprintf(text, sizeof(text), "catalogue: %s\nendpoints: { a: { stale: 3m } }\n", file);
	c = good(fr_str_of(text));
	assert_int_equal(c->catalogue.n, 2);
	assert_int_equal(c->catalogue.rows[0].stale.v, 180000);
	a = dump(c);
	fr_conf_free(c);
	c = good(fr_buf_str(&a));
	b = dump(c);
	assert_true(fr_str_eq(fr_buf_str(&a), fr_buf_str(&b)));
	fr_conf_free(c);
	fr_buf_free(&a);
	fr_buf_free(&b);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("endpoints:\n  /a/: { frsh: 1h, fresh: 1h }\n", f);
	fclose(f);
	assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why), FR_INVALID);
	assert_non_null(strstr(why.s, "/c.yaml:2:10: /a/: unknown key 'frsh', did you mean 'fresh'?"));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* Random settings out of pieces that mean something: either a message with a place, or a dump that is a fixed point. */
static void random_settings_end_in_a_message_or_a_fixed_point(void **state)
{
	static const char *const pieces[] = { "listen",  "upstream",   "url",      "timeout", "endpoints", "/userid/", "fresh",
					      "max",     "redis",      "validate", ": ",      ": ",        "\n",       "\n  ",
					      "{ ",      " }",         ", ",       "[",       "]",         "1h",       "on",
					      "20",      "none",       "\"",       "tiers",   "clients",   "name",     "tier",
					      "budgets", "scope",      "all",      "window",  "day",       "credits",  "budget",
					      "tenant",  "default",    "- { ",     "weight",  "'",         "#",        "- ",
					      "~",       "127.0.0.1:1" };
	struct fr_random r = { 3 };

	(void)state;
	for (int round = 0; round < 600; round++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;
		struct fr_buf text;

		fr_buf_init(&text, 1024);
		for (uint64_t i = fr_random_below(&r, 16); i > 0; i--)
			assert_int_equal(fr_buf_add_text(&text, pieces[fr_random_below(&r, COUNT(pieces))]), FR_OK);
		if (fr_conf_parse(fr_buf_str(&text), "f.yaml", &c, &why) != FR_OK) {
			assert_true(strncmp(why.s, "f.yaml:", 7) == 0);
		} else {
			struct fr_buf a = dump(c);

			fr_conf_free(c);
			c = good(fr_buf_str(&a));
			fr_buf_free(&a);
			fr_conf_free(c);
		}
		fr_buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_dumped_loads_again_as_the_same),
		cmocka_unit_test(the_dump_shows_who_may_ask_and_what_may_be_spent),
		cmocka_unit_test(the_dump_shows_all_but_secrets),
		cmocka_unit_test(any_text_is_written_so_that_it_reads_back),
		cmocka_unit_test(the_example_is_the_defaults_commented_out_or_not),
		cmocka_unit_test(the_examples_of_the_sections_load),
		cmocka_unit_test(the_manual_names_every_setting_and_every_path),
		cmocka_unit_test(a_full_buffer_is_an_error_not_a_shorter_text),
		cmocka_unit_test(a_catalogue_of_ones_own_is_read_from_its_file),
		cmocka_unit_test(random_settings_end_in_a_message_or_a_fixed_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
