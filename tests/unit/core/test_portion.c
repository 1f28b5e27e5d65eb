#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/portion.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID "7106594312292453675"

struct asked {
	struct fr_conf *c;
	struct fr_arena mem;
};

static int begin(void **state)
{
	static struct asked a;
	struct fr_errmsg why;

	if (fr_conf_load(NULL, &a.c, &why) != FR_OK)
		return 1;
	fr_arena_init(&a.mem, 1 << 20);
	*state = &a;
	return 0;
}

static int end(void **state)
{
	struct asked *a = *state;

	fr_arena_free(&a->mem);
	fr_conf_free(a->c);
	return 0;
}

static struct fr_question ask(struct asked *a, const char *target, uint64_t partition, bool validate)
{
	struct fr_question q;
	struct fr_refusal why;

	if (fr_question_read(&a->mem, &a->c->catalogue, fr_str_of(target), partition, validate, &q, &why) != FR_OK)
		fail_msg("%s: %s", target, why.detail);
	return q;
}

static bool portion(struct asked *a, const char *target, bool validate, struct fr_portion *ret)
{
	struct fr_question q = ask(a, target, 0, validate);

	return fr_portion_read(q.endpoint, q.canon, ret);
}

static void only_rows_whose_paging_is_known_are_cut(void **state)
{
	static const char *const cut[] = { "/user-posts/",  "/search-user/",     "/post-comments/", "/post-comment-replies/",
					   "/music-posts/", "/challenge-posts/", "/search-video/",  "/search-challenge/" };
	struct asked *a = *state;
	size_t n = 0;

	for (size_t i = 0; i < a->c->catalogue.n; i++)
		n += fr_portion_known(&a->c->catalogue.rows[i]);
	assert_int_equal(n, COUNT(cut));
	for (size_t i = 0; i < COUNT(cut); i++)
		assert_true(fr_portion_known(fr_catalogue_find(&a->c->catalogue, fr_str_of(cut[i]))));
}

static void a_portion_is_a_place_and_a_count(void **state)
{
	static const struct {
		const char *target;
		bool validate, known;
		uint64_t cursor, count, max;
	} rows[] = {
		{ "/user-posts/?userid=7", true, true, 0, 10, 35 },
		{ "/user-posts/?userid=7&count=5&cursor=", true, true, 0, 5, 35 },
		{ "/user-posts/?cursor=1639312724000&count=035&userid=7", true, true, 1639312724000, 35, 35 },
		{ "/post-comments/?url=" ID "&cursor=0040", true, true, 40, 10, 50 },
		{ "/user-posts/?userid=7&cursor=abc", true, false, 0, 0, 0 },
		{ "/user-posts/?userid=7&cursor=-1", true, false, 0, 0, 0 },
		{ "/user-posts/?userid=7&cursor=99999999999999999999", true, false, 0, 0, 0 },
		{ "/user-posts/?userid=7&count=36", false, false, 0, 0, 0 },
		{ "/user-posts/?userid=7&count=0", false, false, 0, 0, 0 },
		{ "/user-posts/?userid=7&count=many", false, false, 0, 0, 0 },
		{ "/user-followers/?userid=7", true, false, 0, 0, 0 },
		{ "/user-liked/?userid=7", true, false, 0, 0, 0 },
		{ "/user-collections/?userid=7", true, false, 0, 0, 0 },
		{ "/region-list/", true, false, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_portion p = { .count = 0 };

		if (portion(*state, rows[i].target, rows[i].validate, &p) != rows[i].known)
			fail_msg("%s", rows[i].target);
		assert_int_equal(p.cursor, rows[i].cursor);
		assert_int_equal(p.count, rows[i].count);
		assert_int_equal(p.max, rows[i].max);
	}
}

static void pages_of_one_list_have_one_list_and_others_another(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "/user-posts/?userid=7", "/user-posts?cursor=5&userid=007&count=35", true },
		{ "/user-posts/?userid=7&x=1", "/user-posts/?count=3&x=1&userid=7", true },
		{ "/user-posts/?userid=7", "/user-posts/?userid=8", false },
		{ "/user-posts/?userid=7", "/user-posts/?userid=7&x=1", false },
		{ "/search-user/?keyword=7", "/search-challenge/?keyword=7", false },
		{ "/search-video/?keyword=a&region=us", "/search-video/?keyword=a&region=de", false },
		{ "/post-comments/?url=https://www.tiktok.com/@x/video/" ID, "/post-comments/?cursor=30&url=" ID, true },
	};
	struct asked *a = *state;
	struct fr_portion one, other;
	struct fr_question q;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(portion(a, rows[i].a, true, &one));
		assert_true(portion(a, rows[i].b, true, &other));
		if (fr_key_eq(one.list, other.list) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
	q = ask(a, rows[0].a, 77, true); /* of clients who share nothing */
	assert_true(portion(a, rows[0].a, true, &one));
	assert_true(fr_portion_read(q.endpoint, q.canon, &other));
	assert_false(fr_key_eq(one.list, other.list));
}

static void the_largest_page_is_asked_for_in_the_clients_own_words(void **state)
{
	static const struct {
		const char *target;
		uint64_t cursor;
		const char *upstream, *canon;
	} rows[] = {
		{ "/user-posts/?userid=7&count=10&cursor=0", 0, "/user-posts/?userid=7&count=35&cursor=0",
		  "/user-posts/?count=35&cursor=0&userid=7" },
		{ "/user-posts?count=010&userid=7", 0, "/user-posts/?count=35&userid=7",
		  "/user-posts/?count=35&cursor=0&userid=7" },
		{ "/user-posts/?userid=%37", 90, "/user-posts/?userid=%37&count=35&cursor=90",
		  "/user-posts/?count=35&cursor=90&userid=7" },
		{ "/user-posts/?cursor=0090&userid=7&count=35", 90, "/user-posts/?cursor=0090&userid=7&count=35",
		  "/user-posts/?count=35&cursor=90&userid=7" },
		{ "/search-video/?keyword=a+b&cursor=40&x=1", 35, "/search-video/?keyword=a+b&cursor=35&x=1&count=35",
		  "/search-video/?count=35&cursor=35&keyword=a%20b&publish_time=0&region=&sort_by=0&x=1" },
		{ "/search-video/?keyword=a&cursor=&frugal_fields=x", 0, "/search-video/?keyword=a&cursor=0&count=35",
		  "/search-video/?count=35&cursor=0&keyword=a&publish_time=0&region=&sort_by=0" },
	};
	struct asked *a = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_question q = ask(a, rows[i].target, i, true), large;

		assert_int_equal(fr_portion_enlarge(&a->mem, &a->c->catalogue, &q, rows[i].cursor, true, &large), FR_OK);
		assert_string_equal(large.upstream.p, rows[i].upstream);
		assert_memory_equal(large.canon.p, rows[i].canon, strlen(rows[i].canon));
		assert_int_equal(large.partition, i);
		assert_int_equal(large.deep, rows[i].cursor != 0);
	}
}

static void a_post_behind_a_short_link_is_asked_for_by_its_id_once_that_is_known(void **state)
{
	struct asked *a = *state;
	struct fr_question q = ask(a, "/post-comments/?url=https://vm.tiktok.com/ZMabc&count=5", 0, true), large;

	assert_int_equal(fr_portion_enlarge(&a->mem, &a->c->catalogue, &q, 0, true, &large), FR_INVALID);
	assert_int_equal(fr_question_resolve(&a->mem, &a->c->catalogue, &q, UINT64_C(7106594312292453675), &q), FR_OK);
	assert_int_equal(fr_portion_enlarge(&a->mem, &a->c->catalogue, &q, 0, true, &large), FR_OK);
	assert_string_equal(large.canon.p, "/post-comments/?count=50&cursor=0&url=" ID);
	assert_string_equal(large.upstream.p, "/post-comments/?url=https://vm.tiktok.com/ZMabc&count=50");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_rows_whose_paging_is_known_are_cut, begin, end),
		cmocka_unit_test_setup_teardown(a_portion_is_a_place_and_a_count, begin, end),
		cmocka_unit_test_setup_teardown(pages_of_one_list_have_one_list_and_others_another, begin, end),
		cmocka_unit_test_setup_teardown(the_largest_page_is_asked_for_in_the_clients_own_words, begin, end),
		cmocka_unit_test_setup_teardown(a_post_behind_a_short_link_is_asked_for_by_its_id_once_that_is_known, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
