#include "tests/story/story.h"

static void a_minute_takes_two_hundred_calls_and_the_rest_waits(void **state)
{
	struct world *w = world_new(1, 1, "wait: { max: 10m }\nupstream: { connections: 1000 }");
	char target[64];

	(void)state;
	world_upstream(w, 10, WORLD_DATA);
	for (int i = 0; i < 500; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, 0, target, NULL);
	}
	world_pass(w, 60 * 1000);
	assert_int_equal(world_calls(w), 200);
	world_pass(w, 50 * 1000);
	assert_int_equal(world_calls(w), 400);
	world_run(w);
	assert_int_equal(world_calls(w), 500);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_MISS), 500);
	world_free(w);
}

static void a_waiter_gives_up_at_its_own_deadline_and_costs_nothing(void **state)
{
	struct world *w = world_new(1, 1, "wait: { max: 5s }\nupstream: { rate: 1/min }");
	size_t r;

	(void)state;
	world_get(w, 0, "/userid/?username=first", NULL);
	r = world_get(w, 0, "/userid/?username=second", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 504);
	world_pass(w, 120 * 1000);
	assert_int_equal(world_calls(w), 1); /* the question that nobody waited for any more was dropped */
	world_free(w);
}

static void a_call_that_outlives_its_waiters_is_kept_for_the_next(void **state)
{
	struct world *w = world_new(1, 1, "wait: { max: 5s }");
	size_t r;

	(void)state;
	world_upstream(w, 8000, WORLD_DATA);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 504);
	world_pass(w, 4000);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_tally(w, 0)->background, 1); /* nobody was left to pay: booked as orphan */
	world_free(w);
}

static void the_breaker_stops_calls_and_one_probe_closes_it(void **state)
{
	struct world *w = world_new(1, 1, "breaker: { failures: 5, open: 10s }");
	char target[64];
	size_t r = 0;

	(void)state;
	world_upstream(w, 10, WORLD_503);
	for (int i = 0; i < 50; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		r = world_get(w, 0, target, NULL);
		world_run(w);
	}
	assert_int_equal(world_calls(w), 5);
	assert_int_equal(world_reply(w, r)->status, 503);
	world_upstream(w, 10, WORLD_DATA);
	world_pass(w, 11 * 1000);
	r = world_get(w, 0, "/userid/?username=probe", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	r = world_get(w, 0, "/userid/?username=next", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

static void a_missing_mandatory_key_is_handed_on_and_does_not_stop_the_calls(void **state)
{
	struct world *w = world_new(1, 1, "");
	char target[64];
	size_t r = 0;

	(void)state;
	world_upstream(w, 10, WORLD_NO_KEY);
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		r = world_get(w, 0, target, NULL);
		world_run(w);
	}
	assert_int_equal(world_calls(w), 20);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_true(says(w, r, "detail=malformed"));
	world_free(w);
}

static void a_throttled_upstream_is_left_alone_for_as_long_as_it_says(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_upstream(w, 10, WORLD_THROTTLE); /* Retry-After: 2 */
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_upstream(w, 10, WORLD_DATA);
	world_get(w, 0, "/userid/?username=b", NULL);
	world_pass(w, 1500);
	assert_int_equal(world_calls(w), 1);
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_path_without_a_row_is_handed_through_and_counted(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	for (int i = 0; i < 3; i++)
		r = world_get(w, 0, "/extra/thing?x=1&x=2", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 3);
	assert_true(says(w, r, "fwd=bypass"));
	assert_int_equal(world_outcomes(w, FR_OUTCOME_BYPASS), 3);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_takes_two_hundred_calls_and_the_rest_waits),
		cmocka_unit_test(a_waiter_gives_up_at_its_own_deadline_and_costs_nothing),
		cmocka_unit_test(a_call_that_outlives_its_waiters_is_kept_for_the_next),
		cmocka_unit_test(the_breaker_stops_calls_and_one_probe_closes_it),
		cmocka_unit_test(a_missing_mandatory_key_is_handed_on_and_does_not_stop_the_calls),
		cmocka_unit_test(a_throttled_upstream_is_left_alone_for_as_long_as_it_says),
		cmocka_unit_test(a_path_without_a_row_is_handed_through_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
