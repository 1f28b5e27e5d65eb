#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/explain.h"
#include "rows.h"

static int begin(void **state)
{
	*state = rows_new();
	return 0;
}

static int end(void **state)
{
	rows_free(*state);
	return 0;
}

/* The explanation of `url` in `ret`, terminated. */
static enum fr_err explained(void **state, const char *url, bool validate, char *ret, size_t size)
{
	struct fr_buf b;
	enum fr_err e;

	fr_buf_init(&b, 64 * 1024);
	e = fr_explain(&b, *state, fr_str_of(url), validate);
	assert_true(fr_str_copy(ret, size, fr_buf_str(&b)));
	fr_buf_free(&b);
	return e;
}

static void a_page_of_a_list_is_explained_line_by_line(void **state)
{
	char text[4096];

	assert_int_equal(explained(state, "https://api.example/user-posts?userid=007&cursor=5&x=+", true, text, sizeof(text)),
			 FR_OK);
	assert_non_null(strstr(text, "endpoint:      /user-posts/\n"
				     "group:         feed\n"
				     "key:           "));
	assert_non_null(strstr(text, "canonical:     /user-posts/?count=10&cursor=5&userid=7&x=%20\n"
				     "upstream:      /user-posts/?userid=007&cursor=5&x=+\n"
				     "parameter:     count = '10' (default)\n"
				     "parameter:     cursor = '5'\n"
				     "parameter:     userid = '7' (asked as '007')\n"
				     "parameter:     x = ' ' (not in the catalogue, handed on)\n"
				     "price:         1 credit\n"
				     "fresh:         1d, as a page behind the first\n"
				     "stale:         1h more, renewed behind if it was read often enough\n"
				     "rescue:        1d from storing, when the upstream fails\n"
				     "not found:     10m, doubling to 1d while it stays so\n"
				     "links:         none\n"
				     "paging:        by time; rows in 'videos', next in 'cursor', more in 'hasMore'\n"));
}

static void posts_show_their_age_and_the_steps_it_decides(void **state)
{
	char text[4096];

	assert_int_equal(explained(state, "/post-detail/?url=https://www.tiktok.com/@a/video/7106594312292453675#x", true, text,
				   sizeof(text)),
			 FR_OK);
	assert_non_null(strstr(text, "post:          7106594312292453675, made on 2022-06-07\n"));
	assert_non_null(strstr(text, "fresh by age:  5m while the post was under 1h old\nfresh by age:  1d for older posts\n"));
	assert_non_null(strstr(text, "mandatory:     id\ncounters:      play_count, digg_count\nlinks:         required"));
	assert_int_equal(explained(state, "/post-detail/?url=vm.tiktok.com/ZMabc", true, text, sizeof(text)), FR_OK);
	assert_non_null(strstr(text, "short link:    vm.tiktok.com/ZMabc; its post is learnt from the first answer's 'id'\n"));
	assert_null(strstr(text, "\npost:"));
	assert_int_equal(explained(state, "/post-detail/?url=33380", true, text, sizeof(text)), FR_OK);
	assert_non_null(strstr(text, "post:          33380\n"));
}

static void what_could_answer_besides_the_upstream_is_named(void **state)
{
	static const struct fr_lesson exact = { .kind = FR_LESSON_ANSWER, .row = 0 },
				      piece = { .kind = FR_LESSON_PIECE, .row = 0 };
	static const struct fr_shape_part parts[] = { { .name = { "id", 2 }, .kind = FR_SHAPE_ID },
						      { .name = { "x", 1 }, .kind = FR_SHAPE_TEXT } };
	struct fr_catalogue *c = *state;
	char text[4096];

	assert_int_equal(explained(state, "/userid/?username=a", true, text, sizeof(text)), FR_OK);
	assert_null(strstr(text, "answered by:"));
	c->rows[0].shape = (struct fr_shape){ 2, parts };
	c->rows[1].lessons = c->rows[2].lessons = &exact;
	c->rows[3].lessons = &piece;
	c->rows[1].n_lessons = c->rows[2].n_lessons = c->rows[3].n_lessons = 1;
	assert_int_equal(explained(state, "/userid/?username=a", true, text, sizeof(text)), FR_OK);
	assert_non_null(strstr(text, "\nfields:        id, x\n"
				     "answered by:   exactly, answers to /user-posts/, /post-detail/\n"
				     "pieces:        told by /post-comments/\n"));
}

static void a_page_says_from_which_larger_one_it_is_cut(void **state)
{
	struct fr_catalogue *c = *state;
	struct fr_endpoint *row = &c->rows[1];
	char text[4096];

	assert_true(fr_str_is(row->path, "/user-posts/"));
	row->blocks = true;
	row->paging = FR_PAGING_OFFSET;
	assert_int_equal(explained(state, "/user-posts/?userid=7&cursor=40", true, text, sizeof(text)), FR_OK);
	assert_non_null(strstr(text, "\ncut from:      /user-posts/?userid=7&cursor=35&count=35 (blocks)\n"));
	row->paging = FR_PAGING_TIME;
	row->at = FR_STR("create_time");
	assert_int_equal(explained(state, "/user-posts/?userid=7&cursor=40", true, text, sizeof(text)), FR_OK);
	assert_non_null(strstr(text, "\ncut from:      /user-posts/?userid=7&cursor=40&count=35 (blocks)\n"));
	assert_int_equal(explained(state, "/user-posts/?userid=7&cursor=40&count=35", true, text, sizeof(text)), FR_OK);
	assert_null(strstr(text, "cut from"));
}

static void refusals_and_unknown_paths_are_explained_too(void **state)
{
	char text[4096];

	assert_int_equal(explained(state, "/user-posts/?userid=7&count=99", true, text, sizeof(text)), FR_INVALID);
	assert_string_equal(text, "refused:       400, A parameter has a value the API cannot accept\n"
				  "why:           count is 1 to 35 on /user-posts/; got '99'; `validate: off` hands it on\n");
	assert_int_equal(explained(state, "/user-posts/?userid=7&count=99", false, text, sizeof(text)), FR_OK);
	assert_int_equal(explained(state, "", true, text, sizeof(text)), FR_INVALID);
	assert_int_equal(explained(state, "/x/?y", true, text, sizeof(text)), FR_OK);
	assert_string_equal(text,
			    "endpoint:      none in the catalogue: handed through, counted, not stored\nupstream:      /x/?y\n");
}

static void a_full_buffer_is_said_so(void **state)
{
	struct fr_buf b;

	for (size_t ceiling = 0; ceiling < 200; ceiling += 7) {
		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_explain(&b, *state, FR_STR("/user-posts/?userid=7"), true), FR_TOOBIG);
		fr_buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_page_of_a_list_is_explained_line_by_line, begin, end),
		cmocka_unit_test_setup_teardown(posts_show_their_age_and_the_steps_it_decides, begin, end),
		cmocka_unit_test_setup_teardown(what_could_answer_besides_the_upstream_is_named, begin, end),
		cmocka_unit_test_setup_teardown(a_page_says_from_which_larger_one_it_is_cut, begin, end),
		cmocka_unit_test_setup_teardown(refusals_and_unknown_paths_are_explained_too, begin, end),
		cmocka_unit_test_setup_teardown(a_full_buffer_is_said_so, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
