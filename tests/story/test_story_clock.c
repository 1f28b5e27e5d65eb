#include "tests/story/story.h"

/* The wall clock is set, and days go by. */

#define POSTS "/user-posts/?userid=7"

static void a_clock_set_back_serves_nothing_older_than_agreed(void **state)
{
	struct world *w = world_new(1, 2, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }");
	size_t r;

	(void)state;
	crowd(w, 2, 2, POSTS);
	world_run(w);
	world_set_clock(w, -DAY_MS);
	world_pass(w, 3 * HOUR_MS);
	for (size_t i = 0; i < 6; i++) {
		r = world_get(w, i % 2, POSTS, NULL);
		world_run(w);
		assert_int_equal(world_reply(w, r)->serial, 2);
		assert_int_equal(world_reply(w, r)->answered_at.v > world_reply(w, r)->asked_at.v,
				 i == 0); /* the other one has heard of it */
	}
	assert_int_equal(world_tally(w, 1)->counters.store_lookups,
			 3); /* two of the first crowd, one after: then memory has it */
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_clock_set_forward_costs_one_call_a_question(void **state)
{
	struct world *w = world_new(1, 2, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }");

	(void)state;
	crowd(w, 20, 2, POSTS);
	world_run(w);
	world_set_clock(w, DAY_MS);
	for (size_t i = 0; i < 20; i++) {
		world_get(w, i % 2, POSTS, NULL);
		world_run(w);
	}
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_clock_that_flips_over_midnight_loses_no_totals(void **state)
{
	struct world *w = world_new(1, 1, "");
	int64_t n = 0;

	(void)state;
	world_store_away(w, true);
	for (; n < 300; n++) {
		world_set_clock(w, n % 2 ? -DAY_MS : DAY_MS);
		world_get(w, 0, "/userid/?username=a", NULL);
		world_run(w);
	}
	assert_in_range(world_gauges(w, 0).totals_pending, 1, 4);
	world_store_away(w, false);
	world_set_clock(w, DAY_MS);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_stored_total(w, FR_TOTAL_requests), n);
	assert_int_equal(world_stored_total(w, FR_TOTAL_demand) + world_stored_total(w, FR_TOTAL_background), world_spent(w));
	world_free(w);
}

static void days_without_a_store_reach_it_day_by_day(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /userid/: { fresh: 1h, stale: 0, rescue: 0 } }");
	int64_t n = 0;

	(void)state;
	world_store_away(w, true);
	for (; n < 10 * 4; n++) { /* ten days */
		world_get(w, 0, "/userid/?username=a", NULL);
		world_run(w);
		world_pass(w, 6 * HOUR_MS);
	}
	assert_int_equal(world_tally(w, 0)->counters.totals_lost, 0);
	world_store_away(w, false);
	world_pass(w, 120 * 1000);
	assert_int_equal(world_gauges(w, 0).totals_pending, 0);
	assert_int_equal(world_stored_total(w, FR_TOTAL_requests), n);
	assert_int_equal(world_stored_total(w, FR_TOTAL_calls), world_calls(w));
	for (int64_t day = 1; day < 10; day++)
		assert_int_equal(world_stored_on(w, day, FR_TOTAL_requests), 4);
	world_free(w);
}

static void a_reload_with_shorter_times_counts_at_once(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");
	size_t r;

	(void)state;
	world_get(w, 0, POSTS, NULL);
	world_run(w);
	world_pass(w, 20 * 60 * 1000);
	r = world_get(w, 0, POSTS, NULL);
	assert_int_equal(world_reply(w, r)->serial, 1);
	world_reload(w, "/user-posts/", FR_MINUTES(10), FR_MINUTES(5));
	r = world_get(w, 0, POSTS, NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_set_back_serves_nothing_older_than_agreed),
		cmocka_unit_test(a_clock_set_forward_costs_one_call_a_question),
		cmocka_unit_test(a_clock_that_flips_over_midnight_loses_no_totals),
		cmocka_unit_test(days_without_a_store_reach_it_day_by_day),
		cmocka_unit_test(a_reload_with_shorter_times_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
