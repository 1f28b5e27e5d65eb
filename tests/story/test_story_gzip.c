#include "tests/story/story.h"

#include <stdlib.h>
#include <string.h>

/* Bodies in gzip: who takes them gets them, everybody reads the same, and nothing that is made of a body knows of it. */

static const struct fake_list forty = { .by_time = true, .rows = 40, .every_s = 3600 };

static void ask_posts(struct world *w, size_t instance, bool gzip, int count)
{
	char target[64];

	snprintf(target, sizeof target, "/user-posts/?userid=7&count=%d", count);
	world_gzip(w, gzip);
	world_get(w, instance, target, NULL);
	world_run(w);
}

static size_t last(const struct world *w)
{
	return world_requests(w) - 1;
}

static void both_read_the_same_and_one_call_is_made(void **state)
{
	struct world *w = world_new(1, 2, "compress: 200");
	char *plain;

	(void)state;
	world_lists(w, &forty);
	ask_posts(w, 0, true, 35);
	assert_true(world_was_packed(w, last(w))); /* the very first, too */
	ask_posts(w, 0, false, 35);
	assert_false(world_was_packed(w, last(w)));
	plain = strdup(world_last_body(w));
	for (size_t instance = 0; instance < 2; instance++) { /* the other one has it from Redis */
		ask_posts(w, instance, true, 35);
		assert_true(world_was_packed(w, last(w)));
		assert_string_equal(world_last_body(w), plain);
		ask_posts(w, instance, false, 35);
		assert_false(world_was_packed(w, last(w)));
		assert_string_equal(world_last_body(w), plain);
	}
	assert_int_equal(world_calls(w), 1);
	free(plain);
	world_free(w);
}

static void pages_are_cut_from_the_plain_body_and_packed_anew(void **state)
{
	struct world *w = world_new(1, 1, "compress: 200");
	char *plain;

	(void)state;
	world_lists(w, &forty);
	ask_posts(w, 0, true, 35);
	ask_posts(w, 0, false, 10);
	plain = strdup(world_last_body(w));
	ask_posts(w, 0, true, 10);
	assert_true(world_was_packed(w, last(w)));
	assert_string_equal(world_last_body(w), plain);
	assert_int_equal(world_calls(w), 1);
	free(plain);
	world_free(w);
}

static void without_the_setting_nothing_is_packed(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_lists(w, &forty);
	ask_posts(w, 0, true, 35);
	ask_posts(w, 0, true, 35);
	assert_false(world_was_packed(w, last(w)));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_read_the_same_and_one_call_is_made),
		cmocka_unit_test(pages_are_cut_from_the_plain_body_and_packed_anew),
		cmocka_unit_test(without_the_setting_nothing_is_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
