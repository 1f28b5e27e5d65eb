#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static const struct fr_endpoint *row(const struct fr_conf *c, const char *path)
{
	return fr_catalogue_find(&c->catalogue, fr_str_of(path));
}

static void every_key_lays_its_value_over_the_row(void **state)
{
	struct fr_conf *c = good(
		"endpoints:\n"
		"  /user-posts/: { price: 2, fresh: 31m, stale: 11m, rescue: 2d, fresh_deep: 3h, negative: 5m, negative_max: 1h,\n"
		"                  links: none, max: 20, fresh_by_age: { 1h: 1m, older: 30m } }\n");
	const struct fr_endpoint *e = row(c, "/user-posts/");

	(void)state;
	assert_int_equal(e->price, 2);
	assert_int_equal(e->fresh.v, 31 * 60000);
	assert_int_equal(e->stale.v, 11 * 60000);
	assert_int_equal(e->rescue.v, 2 * 86400000);
	assert_int_equal(e->fresh_deep.v, 3 * 3600000);
	assert_int_equal(e->negative.v, 5 * 60000);
	assert_int_equal(e->negative_max.v, 3600000);
	assert_int_equal(e->links, FR_LINKS_NONE);
	assert_int_equal(fr_catalogue_param(e, FR_STR("count"))->max, 20);
	assert_int_equal(e->n_steps, 2);
	assert_int_equal(e->steps[1].fresh.v, 30 * 60000);
	assert_int_equal(row(c, "/user-liked/")->fresh.v, 30 * 60000);
	fr_conf_free(c);
}

static void paths_may_be_written_without_their_slashes(void **state)
{
	static const char *const rows[] = { "user-posts", "/user-posts", "user-posts/", "/user-posts/", "'/user-posts/'" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_buf b;
		struct fr_conf *c;
		char text[128];

		fr_buf_init(&b, sizeof(text) - 1);
		assert_int_equal(fr_buf_addf(&b, "endpoints: { %s: { fresh: 7m } }", rows[i]), FR_OK);
		assert_true(fr_str_copy(text, sizeof(text), fr_buf_str(&b)));
		c = good(text);
		assert_int_equal(row(c, "/user-posts/")->fresh.v, 7 * 60000);
		fr_buf_free(&b);
		fr_conf_free(c);
	}
}

static void contradictions_are_mended_where_the_wish_is_clear(void **state)
{
	struct fr_conf *c = good("endpoints:\n"
				 "  /userid/: { negative: 3d }\n"
				 "  /region-list/: { negative_max: 1m }\n"
				 "  /post-detail/: { fresh: 10m }\n"
				 "  /user-liked/: { max: none }\n"
				 "  /user-stories/:\n");

	(void)state;
	assert_int_equal(row(c, "/userid/")->negative_max.v, 3 * 86400000);
	assert_int_equal(row(c, "/region-list/")->negative_max.v, 600000);
	assert_int_equal(row(c, "/post-detail/")->steps[0].fresh.v, 5 * 60000);
	assert_int_equal(row(c, "/post-detail/")->steps[1].fresh.v, 10 * 60000);
	assert_int_equal(row(c, "/post-detail/")->steps[3].fresh.v, 10 * 60000);
	assert_int_equal(fr_catalogue_param(row(c, "/user-liked/"), FR_STR("count"))->max, 0);
	fr_conf_free(c);
	c = good("endpoints: { /post-detail/: { fresh_by_age: none } }");
	assert_int_equal(row(c, "/post-detail/")->n_steps, 0);
	fr_conf_free(c);
	fr_conf_free(good("endpoints:\n"));
	fr_conf_free(good("endpoints: {}\n"));
}

static void mistakes_are_named_with_their_place(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "endpoints: [a]", "f.yaml:1:12: endpoints: names and values are expected here, as `name: value`" },
		{ "endpoints: { /user-post/: { fresh: 1h } }",
		  "f.yaml:1:14: endpoints: unknown path '/user-post/', did you mean '/user-posts/'?" },
		{ "endpoints: { usrid: { fresh: 1h } }",
		  "f.yaml:1:14: endpoints: unknown path 'usrid', did you mean '/userid/'?" },
		{ "endpoints: { other: { fresh: 1h } }", "f.yaml:1:14: endpoints: unknown path 'other'" },
		{ "endpoints: { /zzz/: { fresh: 1h } }", "f.yaml:1:14: endpoints: unknown path '/zzz/'" },
		{ "endpoints: { userid: { fresh: 1h }, /userid/: { fresh: 2h } }",
		  "f.yaml:1:37: endpoints: path '/userid/' is given twice" },
		{ "endpoints: { /userid/: 1h }",
		  "f.yaml:1:24: endpoints./userid/: names and values are expected here, as `name: value`" },
		{ "endpoints:\n  /userid/:\n    fersh: 1h\n",
		  "f.yaml:3:5: endpoints./userid/: unknown key 'fersh', did you mean 'fresh'?" },
		{ "endpoints: { /userid/: { params: {} } }", "f.yaml:1:26: endpoints./userid/: unknown key 'params'" },
		{ "endpoints: { /userid/: { fresh: 2 weks } }",
		  "f.yaml:1:33: endpoints./userid/.fresh: '2 weks' is not a duration (like 30s, 5m, 14d)" },
		{ "endpoints: { /userid/: { fresh: } }", "f.yaml:1:33: endpoints./userid/.fresh: the value is missing" },
		{ "endpoints: { /userid/: { links: maybe } }",
		  "f.yaml:1:33: endpoints./userid/.links: 'maybe' is not one of none, incidental, required" },
		{ "endpoints: { /userid/: { max: 3 } }", "f.yaml:1:31: endpoints./userid/.max: this path has no count" },
		{ "endpoints: { /user-posts/: { max: 0 } }",
		  "f.yaml:1:35: endpoints./user-posts/.max: 0 is below the minimum of 1" },
		{ "endpoints: { /user-posts/: { max: 9 } }",
		  "f.yaml:1:35: endpoints./user-posts/.max: 9 is below the default of 'count', which is 10" },
		{ "endpoints: { /user-posts/: { price: much } }",
		  "f.yaml:1:37: endpoints./user-posts/.price: 'much' is not a whole number" },
		{ "endpoints: { /post-detail/: { fresh_by_age: { older: 2d } } }",
		  "f.yaml:1:45: endpoints./post-detail/.fresh_by_age: a step is longer than fresh, which is the most: raise fresh too" },
		{ "endpoints: { /post-detail/: { fresh_by_age: } }",
		  "f.yaml:1:45: endpoints./post-detail/.fresh_by_age: none or ages are expected, as in { 1h: 5m, 1d: 30m, older: 6h }" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;

		assert_int_equal(fr_conf_parse(fr_str_of(rows[i].text), "f.yaml", &c, &why), FR_INVALID);
		assert_string_equal(why.s, rows[i].says);
		assert_null(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_lays_its_value_over_the_row),
		cmocka_unit_test(paths_may_be_written_without_their_slashes),
		cmocka_unit_test(contradictions_are_mended_where_the_wish_is_clear),
		cmocka_unit_test(mistakes_are_named_with_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
