#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "conf/load.h"
#include "core/depth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct walked {
	struct fr_conf *c;
	struct fr_arena mem;
	struct fr_walks *w;
};

static int begin(void **state)
{
	static struct walked a;
	struct fr_errmsg why;

	if (fr_conf_load(NULL, &a.c, &why) != FR_OK)
		return 1;
	fr_arena_init(&a.mem, 64 << 20);
	a.w = fr_walks_new(1);
	*state = &a;
	return 0;
}

static int end(void **state)
{
	struct walked *a = *state;

	fr_walks_free(a->w);
	fr_arena_free(&a->mem);
	fr_conf_free(a->c);
	return 0;
}

static struct fr_question question(struct walked *a, const char *target)
{
	struct fr_question q;
	struct fr_refusal why;

	if (fr_question_read(&a->mem, &a->c->catalogue, fr_str_of(target), 0, true, &q, &why) != FR_OK)
		fail_msg("%s: %s", target, why.detail);
	return q;
}

static uint64_t page(struct walked *a, uint64_t who, const char *target)
{
	struct fr_question q = question(a, target);

	return fr_walks_page(a->w, who, q.endpoint, q.canon);
}

static void told(struct walked *a, uint64_t who, const char *target, const char *body)
{
	struct fr_question q = question(a, target);

	fr_walks_told(a->w, who, q.endpoint, q.canon, fr_str_of(body), fr_walks_page(a->w, who, q.endpoint, q.canon));
}

static void by_offset_the_place_tells_the_page(void **state)
{
	static const struct {
		const char *target;
		uint64_t page;
	} rows[] = {
		{ "/search-video/?keyword=a", 1 },
		{ "/search-video/?keyword=a&cursor=0&count=1", 1 },
		{ "/search-video/?keyword=a&cursor=9", 1 },
		{ "/search-video/?keyword=a&cursor=10", 2 },
		{ "/search-video/?keyword=a&cursor=35&count=35", 2 },
		{ "/search-video/?keyword=a&cursor=35&count=5", 8 },
		{ "/search-video/?keyword=a&cursor=abc", 2 },
		{ "/post-comments/?url=7106594312292453675&cursor=100&count=50", 3 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (page(*state, 1, rows[i].target) != rows[i].page)
			fail_msg("%s: %" PRIu64, rows[i].target, page(*state, 1, rows[i].target));
}

#define POSTS "/user-posts/?userid=7"
#define FANS "/user-followers/?userid=7"

static void by_time_it_is_remembered_with_which_page_a_cursor_was_told(void **state)
{
	struct walked *a = *state;

	assert_int_equal(page(a, 1, POSTS), 1);
	assert_int_equal(page(a, 1, POSTS "&cursor=900"), 2); /* where it comes from nobody knows */
	told(a, 1, POSTS, "{\"videos\":[],\"cursor\":\"900\",\"hasMore\":true}");
	told(a, 1, POSTS "&cursor=900&count=5", "{\"cursor\":\"800\"}");
	told(a, 1, POSTS "&cursor=800&count=35", "{\"cursor\":700}");
	assert_int_equal(page(a, 1, POSTS "&cursor=900&count=3"), 2);
	assert_int_equal(page(a, 1, POSTS "&cursor=800"), 3);
	assert_int_equal(page(a, 1, POSTS "&cursor=0700"), 4);
	assert_int_equal(page(a, 2, POSTS "&cursor=700"), 2); /* another client's walk */
	assert_int_equal(page(a, 1, "/user-posts/?userid=8&cursor=700"), 2);
	told(a, 1, FANS, "{\"followers\":[],\"time\":500,\"hasMore\":true}");
	told(a, 1, FANS "&time=500", "{\"time\":400}");
	assert_int_equal(page(a, 1, FANS "&time=400"), 3);
	told(a, 1, POSTS, "{\"cursor\":\"700\"}"); /* the last word counts */
	assert_int_equal(page(a, 1, POSTS "&cursor=700"), 2);
}

static void bodies_that_tell_no_cursor_are_no_page(void **state)
{
	static const char *const bodies[] = {
		"", "{}", "[]", "{\"cursor\":null}", "{\"cursor\":\"x\"}", "{\"cursor\":600", "{\"a\":{\"cursor\":600}}"
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		told(*state, 1, POSTS "&cursor=900", bodies[i]);
		assert_int_equal(page(*state, 1, POSTS "&cursor=600"), 2);
	}
}

static void only_rows_with_pages_are_counted(void **state)
{
	static const struct {
		const char *path;
		bool known;
	} rows[] = { { "/user-posts/", true },   { "/user-followers/", true }, { "/search-video/", true },
		     { "/post-detail/", false }, { "/user-stories/", false },  { "/region-list/", false },
		     { "/user-liked/", true } };
	struct walked *a = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fr_depth_known(fr_catalogue_find(&a->c->catalogue, fr_str_of(rows[i].path))), rows[i].known);
}

static void only_so_many_cursors_are_remembered_and_the_oldest_go(void **state)
{
	struct walked *a = *state;
	struct fr_question q = question(a, POSTS "&cursor=1");
	char body[64];

	for (uint64_t i = 0; i <= FR_WALKS_MAX; i++) {
		(void)snprintf(body, sizeof body, "{\"cursor\":%" PRIu64 "}", 1000 + i);
		fr_walks_told(a->w, 1, q.endpoint, q.canon, fr_str_of(body), 5);
	}
	assert_int_equal(page(a, 1, POSTS "&cursor=1000"), 2);
	assert_int_equal(page(a, 1, POSTS "&cursor=1001"), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_offset_the_place_tells_the_page, begin, end),
		cmocka_unit_test_setup_teardown(by_time_it_is_remembered_with_which_page_a_cursor_was_told, begin, end),
		cmocka_unit_test_setup_teardown(bodies_that_tell_no_cursor_are_no_page, begin, end),
		cmocka_unit_test_setup_teardown(only_rows_with_pages_are_counted, begin, end),
		cmocka_unit_test_setup_teardown(only_so_many_cursors_are_remembered_and_the_oldest_go, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
