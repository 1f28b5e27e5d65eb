#include "tests/story/story.h"

/* Of the eight herds of the peers' table those that need no socket, 200 clients each; a first client that hangs up is in the box tests, as are all
 * eight. The best of today's proxies makes 208 calls. */
enum { CROWD = 200 };

static void herds(size_t instances)
{
	struct world *w = world_new(1, instances, "refresh_reads: 0");
	size_t r;

	world_store(w, 2);
	world_upstream(w, 1000, WORLD_DATA);
	crowd(w, CROWD, instances, "/userid/?username=cold");
	world_run(w);
	assert_int_equal(world_calls(w), 1);

	world_upstream(w, 7000, WORLD_DATA);
	crowd(w, CROWD, instances, "/userid/?username=slow");
	world_run(w);
	assert_int_equal(world_calls(w), 2);

	world_upstream(w, 1000, WORLD_DATA); /* expired: nobody waits, one refreshes; "cold" was learnt by all, 7 days ago */
	world_pass(w, 7 * DAY_MS);
	r = crowd(w, CROWD, instances, "/userid/?username=cold");
	for (size_t i = 0; i < instances; i++)
		world_pass(w, 100);
	for (size_t i = 0; i < CROWD; i++)
		assert_true(world_reply(w, r + i)->answered && world_reply(w, r + i)->status == 200);
	world_run(w);
	assert_int_equal(world_calls(w), 3);

	world_upstream(w, 1000, WORLD_503);
	r = crowd(w, CROWD, instances, "/userid/?username=down");
	world_run(w);
	assert_int_equal(world_calls(w), 4);
	assert_int_equal(world_reply(w, r + CROWD - 1)->status, 502);

	world_upstream(w, 1000, WORLD_RESOURCE_ERROR); /* may not be stored */
	r = crowd(w, CROWD, instances, "/userid/?username=unstorable");
	world_run(w);
	assert_int_equal(world_calls(w), 5);
	assert_int_equal(world_reply(w, r + CROWD - 1)->status, 200);

	world_upstream(w, 1000, WORLD_NOT_FOUND);
	crowd(w, CROWD, instances, "/userid/?username=nobody");
	world_run(w);
	r = crowd(w, CROWD, instances, "/userid/?username=nobody");
	world_run(w);
	assert_int_equal(world_calls(w), 6);
	assert_int_equal(world_reply(w, r)->status, 200);

	world_upstream(w, 1000, WORLD_DATA);
	crowd(w, CROWD / 2, instances, "/user-posts/?userid=7&count=10&cursor=0");
	crowd(w, CROWD / 2, instances, "/user-posts?cursor=00&userid=007");
	world_run(w);
	assert_int_equal(world_calls(w), 7);
	world_free(w);
}

static void seven_herds_cost_seven_calls_on_one_instance(void **state)
{
	(void)state;
	herds(1);
}

static void seven_herds_cost_seven_calls_on_three_instances(void **state)
{
	(void)state;
	herds(3);
}

static void a_thousand_people_open_a_hashtag_while_the_api_is_slow(void **state)
{
	struct world *w = world_new(7, 1, "");

	(void)state;
	world_upstream(w, 1200, WORLD_DATA);
	for (int i = 0; i < 1000; i++) {
		world_get(w, 0, "/challenge-posts/?challenge_id=42&count=35", NULL);
		world_pass(w, 1);
	}
	world_run(w);
	assert_int_equal(world_spent(w), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_MISS), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_COLLAPSED), 999);
	world_free(w);
}

static void every_failure_is_shared_by_all_waiters(void **state)
{
	static const struct {
		enum world_answer kind;
		int status;
	} rows[] = {
		{ WORLD_503, 502 },           { WORLD_HTML, 502 },    { WORLD_TRUNCATED, 502 },
		{ WORLD_TIMEOUT, 504 },       { WORLD_REFUSED, 502 }, { WORLD_THROTTLE, 503 },
		{ WORLD_ACCOUNT_ERROR, 502 }, { WORLD_NO_KEY, 200 },  { WORLD_RESOURCE_ERROR, 200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct world *w = world_new(i, 3, "");
		size_t r;

		world_store(w, 2);
		world_upstream(w, 500, rows[i].kind);
		r = crowd(w, 60, 3, "/userid/?username=broken");
		world_run(w);
		for (size_t n = 0; n < 60; n++)
			assert_int_equal(world_reply(w, r + n)->status, rows[i].status);
		r = world_get(w, 0, "/userid/?username=broken", NULL); /* who comes a moment later shares it too */
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, rows[i].status);
		assert_int_equal(world_calls(w), 1);
		world_free(w);
	}
}

static void a_failure_is_forgotten_after_its_hold(void **state)
{
	struct world *w = world_new(3, 1, "upstream: { failure_hold: 2s }");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_503);
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_upstream(w, 10, WORLD_DATA);
	world_pass(w, 2100);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_free(w);
}

static void a_killed_leader_costs_one_more_call_at_the_most(void **state)
{
	(void)state;
	for (int64_t at = 0; at <= 1200; at += 100) {
		struct world *w = world_new((uint64_t)at, 3, "redis: { lease: 2s }");
		size_t r;

		world_store(w, 3);
		world_upstream(w, 1000, WORLD_DATA);
		world_get(w, 0, "/userid/?username=a", NULL);
		world_pass(w, 10);
		r = crowd(w, 30, 3, "/userid/?username=a");
		world_pass(w, at);
		world_kill(w, 0);
		world_run(w);
		for (size_t n = 0; n < 30; n++)
			if (world_reply(w, r + n)->instance != 0)
				assert_int_equal(world_reply(w, r + n)->status, 200);
		assert_in_range(world_calls(w), 1, 2);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seven_herds_cost_seven_calls_on_one_instance),
		cmocka_unit_test(seven_herds_cost_seven_calls_on_three_instances),
		cmocka_unit_test(a_thousand_people_open_a_hashtag_while_the_api_is_slow),
		cmocka_unit_test(every_failure_is_shared_by_all_waiters),
		cmocka_unit_test(a_failure_is_forgotten_after_its_hold),
		cmocka_unit_test(a_killed_leader_costs_one_more_call_at_the_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
