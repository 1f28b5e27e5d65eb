#include "tests/story/story.h"

/* How deep a client may read into lists. */

#define SEARCH "/search-video/?keyword=cats"
#define POSTS "/user-posts/?userid=77"
#define CAPPED(more) "clients: [{ name: default, max_pages: { /search-video/: 3, /user-posts/: 2 } }]\n" more

static const struct fake_list lists = { .rows = 200, .every_s = 10 * 86400 };

static size_t get(struct world *w, const char *list, unsigned count, const char *cursor)
{
	char target[256];
	size_t r;

	snprintf(target, sizeof target, "%s&count=%u&cursor=%s", list, count, cursor);
	r = world_get(w, 0, target, NULL);
	world_run(w);
	return r;
}

static void further_pages_are_refused_free_of_charge_and_said_so(void **state)
{
	static const char *const yaml[] = { CAPPED(""), CAPPED("blocks: off") };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world *w = world_new(1, 1, yaml[i]);
		uint64_t calls;
		size_t r;

		world_lists(w, &lists);
		assert_int_equal(world_reply(w, get(w, SEARCH, 10, "0"))->status, 200);
		assert_int_equal(world_reply(w, get(w, SEARCH, 10, "20"))->status, 200);
		calls = world_calls(w);
		r = get(w, SEARCH, 10, "30");
		assert_int_equal(world_reply(w, r)->status, 403);
		assert_int_equal(world_reply(w, r)->avoided + world_reply(w, r)->spent, 0);
		assert_non_null(strstr(world_last_body(w), "page-limit"));
		assert_non_null(strstr(world_last_body(w), "page 4"));
		assert_non_null(strstr(world_last_body(w), "max_pages"));
		assert_int_equal(world_reply(w, get(w, SEARCH, 35, "70"))->status, 200); /* the third of the largest */
		assert_int_equal(world_outcomes(w, FR_OUTCOME_TOO_DEEP), 1);
		assert_true(world_calls(w) <= calls + 1);
		world_free(w);
	}
}

static void read_cursor(const struct world *w, char *ret, size_t size)
{
	const char *at = strstr(world_last_body(w), "\"cursor\":\"");

	assert_non_null(at);
	snprintf(ret, size, "%.*s", (int)strcspn(at + 10, "\""), at + 10);
}

static void by_time_the_pages_of_each_walk_are_counted(void **state)
{
	static const char *const yaml[] = { CAPPED(""), CAPPED("blocks: off") };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world *w = world_new(1, 1, yaml[i]);
		char second[32], third[32];

		world_lists(w, &lists);
		get(w, POSTS, 5, "0");
		read_cursor(w, second, sizeof second);
		for (size_t again = 0; again < 3; again++) { /* the same page again is no deeper */
			assert_int_equal(world_reply(w, get(w, POSTS, 5, second))->status, 200);
			read_cursor(w, third, sizeof third);
		}
		assert_int_equal(world_reply(w, get(w, POSTS, 5, third))->status, 403);
		get(w, POSTS, 10, "0"); /* in larger steps it is the second */
		assert_int_equal(world_reply(w, get(w, POSTS, 10, third))->status, 200);
		world_free(w);
	}
}

static void other_clients_and_other_lists_have_no_such_limit(void **state)
{
	struct world *w = world_new(1, 1, "clients: [{ name: default, max_pages: { /search-video/: 1 } }]\n");

	(void)state;
	world_lists(w, &lists);
	assert_int_equal(world_reply(w, get(w, SEARCH, 10, "10"))->status, 403);
	assert_int_equal(world_reply(w, get(w, "/music-posts/?music_id=7", 10, "100"))->status, 200);
	world_free(w);
	w = world_new(1, 1, "");
	world_lists(w, &lists);
	assert_int_equal(world_reply(w, get(w, SEARCH, 10, "100"))->status, 200);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(further_pages_are_refused_free_of_charge_and_said_so),
		cmocka_unit_test(by_time_the_pages_of_each_walk_are_counted),
		cmocka_unit_test(other_clients_and_other_lists_have_no_such_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
