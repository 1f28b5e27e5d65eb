#include "tests/story/story.h"

/* A target that was read before is not read again: what that must not change. */

#define POSTS "/user-posts/?userid=7&count="

static void the_same_bytes_are_another_question_for_another_key(void **state)
{
	struct world *w = world_new_keyless(1, 1, "");
	size_t r[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		r[i] = world_get_as(w, 0, POSTS "10", i % 2 == 0 ? "anna" : "bert");
		world_run(w);
	}
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_reply(w, r[0])->serial, world_reply(w, r[2])->serial);
	assert_int_equal(world_reply(w, r[1])->serial, world_reply(w, r[3])->serial);
	assert_int_not_equal(world_reply(w, r[0])->serial, world_reply(w, r[1])->serial);
	world_free(w);
}

static void a_reload_judges_anew_what_was_asked_before(void **state)
{
	struct world *w = world_new(1, 1, "validate: off");
	size_t before, after, back;

	(void)state;
	before = world_get(w, 0, POSTS "9999", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, before)->status, 200);
	world_validate(w, true);
	after = world_get(w, 0, POSTS "9999", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, after)->status, 400);
	world_validate(w, false);
	back = world_get(w, 0, POSTS "9999", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, back)->status, 200);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void a_target_that_was_refused_is_refused_again(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	for (int i = 0; i < 3; i++) {
		size_t r = world_get(w, 0, POSTS "9999", NULL);

		world_run(w);
		assert_int_equal(world_reply(w, r)->status, 400);
	}
	assert_int_equal(world_calls(w), 0);
	world_free(w);
}

static void a_short_link_whose_post_is_learnt_later_is_found_under_the_post(void **state)
{
	struct world *w = world_new(1, 1, "");
	const char *link = "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675";
	size_t first, second;

	(void)state;
	first = world_get(w, 0, link, NULL);
	world_run(w);
	second = world_get(w, 0, link, NULL); /* the same bytes; what they mean is known now */
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_reply(w, first)->serial, world_reply(w, second)->serial);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bytes_are_another_question_for_another_key),
		cmocka_unit_test(a_reload_judges_anew_what_was_asked_before),
		cmocka_unit_test(a_target_that_was_refused_is_refused_again),
		cmocka_unit_test(a_short_link_whose_post_is_learnt_later_is_found_under_the_post),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
