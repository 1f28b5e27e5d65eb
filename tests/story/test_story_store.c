#include "tests/story/story.h"

static void a_store_that_is_away_costs_no_request_and_no_storm(void **state)
{
	struct world *w = world_new(1, 3, "");
	size_t r;

	(void)state;
	world_store_away(w, true);
	world_upstream(w, 1000, WORLD_DATA);
	r = crowd(w, 200, 3, "/userid/?username=a");
	world_run(w);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(world_reply(w, r + i)->status, 200);
	assert_in_range(world_calls(w), 1, 3); /* one for each instance at the most */
	r = crowd(w, 200, 3, "/userid/?username=a");
	for (size_t i = 0; i < 200; i++)
		assert_true(world_reply(w, r + i)->answered);
	assert_in_range(world_calls(w), 1, 3);
	world_free(w);
}

static void a_stale_answer_is_not_refreshed_while_the_store_is_away(void **state)
{
	struct world *w = world_new(1, 3, "refresh_reads: 0\nendpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");

	(void)state;
	crowd(w, 3, 3, "/user-posts/?userid=7");
	world_run(w);
	world_store_away(w, true);
	world_pass(w, HOUR_MS);
	for (int i = 0; i < 50; i++) {
		size_t r = world_get(w, (size_t)i % 3, "/user-posts/?userid=7", NULL);

		assert_true(world_reply(w, r)->answered);
		world_pass(w, 1000);
	}
	assert_int_equal(world_calls(w), 1);
	world_store_away(w, false);
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void an_instance_with_an_empty_memory_finds_everything_in_the_store(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_kill(w, 0);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	assert_true(says(w, r, "hit; ttl="));
	world_free(w);
}

static void totals_survive_an_unreliable_store_to_the_unit(void **state)
{
	struct world *w = world_new(5, 2, "");
	char target[64];

	(void)state;
	world_store(w, 3);
	for (int i = 0; i < 100; i++) {
		world_store_chaos(w, i % 3 == 0 ? 300 : 0);
		snprintf(target, sizeof target, "/userid/?username=u%d", i % 40);
		world_get(w, (size_t)i % 2, target, NULL);
		world_pass(w, 500);
	}
	world_store_chaos(w, 0);
	world_run(w);
	world_pass(w, 10 * 1000);
	assert_int_equal(world_stored_total(w, FR_TOTAL_requests), 100);
	assert_int_equal(world_stored_total(w, FR_TOTAL_demand) + world_stored_total(w, FR_TOTAL_background), world_spent(w));
	world_free(w);
}

static void a_lost_lease_table_costs_one_call_a_question_at_the_most(void **state)
{
	struct world *w = world_new(9, 3, "");

	(void)state;
	world_store(w, 2);
	world_upstream(w, 3000, WORLD_DATA);
	crowd(w, 60, 3, "/userid/?username=a");
	world_pass(w, 1000);
	world_store_forget(w);
	world_run(w);
	assert_in_range(world_calls(w), 1, 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_that_is_away_costs_no_request_and_no_storm),
		cmocka_unit_test(a_stale_answer_is_not_refreshed_while_the_store_is_away),
		cmocka_unit_test(an_instance_with_an_empty_memory_finds_everything_in_the_store),
		cmocka_unit_test(totals_survive_an_unreliable_store_to_the_unit),
		cmocka_unit_test(a_lost_lease_table_costs_one_call_a_question_at_the_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
