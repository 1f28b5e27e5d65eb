#include "tests/story/story.h"

/* The world itself watches that no budget is ever passed (world_budget.c): here is what it looks like to who asks. */

#define TEN "budgets: [{ scope: all, window: day, credits: 10 }]\nupstream: { rate: none }\n"

/* n questions that nobody has asked before, spread over the instances. */
static size_t strangers(struct world *w, size_t n, size_t instances, const char *name)
{
	char target[64];
	size_t first = world_requests(w);

	for (size_t i = 0; i < n; i++) {
		snprintf(target, sizeof target, "/userid/?username=%s%zu", name, i);
		world_get(w, i % instances, target, NULL);
	}
	return first;
}

static size_t count_status(const struct world *w, size_t first, size_t n, int status)
{
	size_t found = 0;

	for (size_t i = first; i < first + n; i++)
		found += world_reply(w, i)->status == status;
	return found;
}

static void a_thousand_clients_spend_the_last_ten_credits_exactly(void **state)
{
	static const size_t fleets[] = { 1, 3 };

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		for (size_t i = 0; i < 2; i++) {
			struct world *w = world_new(seed, fleets[i], TEN);
			size_t first;

			world_upstream(w, 750, WORLD_DATA);
			world_store(w, 5);
			first = strangers(w, 1000, fleets[i], "u");
			world_run(w);
			assert_int_equal(world_calls(w), 10);
			assert_int_equal(world_billed(w), 10);
			assert_int_equal(count_status(w, first, 1000, 200), 10);
			assert_int_equal(count_status(w, first, 1000, 429), 990);
			world_free(w);
		}
}

static void a_refusal_says_when_to_come_back(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: hour, credits: 0 }]");
	const struct world_reply *r;

	(void)state;
	world_pass(w, 60000);
	r = world_reply(w, world_get(w, 0, "/userid/?username=a", NULL));
	world_run(w);
	assert_int_equal(r->status, 429);
	/* the world's clock begins at a full hour */
	assert_in_range(r->retry_after, 3600 - 62, 3600 - 60);
	assert_int_equal(world_calls(w), 0);
	world_free(w);
}

static void a_new_window_has_new_credits(void **state)
{
	struct world *w = world_new(1, 3, "budgets: [{ scope: all, window: hour, credits: 5 }]");

	(void)state;
	for (int hour = 1; hour <= 4; hour++) {
		char name[16];

		snprintf(name, sizeof name, "h%d-", hour);
		strangers(w, 40, 3, name);
		world_run(w);
		assert_int_equal(world_billed(w), 5 * hour);
		world_pass(w, HOUR_MS);
	}
	world_free(w);
}

static void whatever_happens_to_redis_not_one_credit_too_many_is_spent(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		size_t instances = seed % 2 == 0 ? 3 : 1;
		struct world *w = world_new(seed, instances, TEN);
		struct fr_random *r = world_random(w);

		world_upstream(w, 300, WORLD_DATA);
		world_store(w, 20);
		for (int step = 0; step < 12; step++) {
			char name[16];

			snprintf(name, sizeof name, "s%d-", step);
			strangers(w, 10, instances, name);
			world_pass(w, (int64_t)fr_random_below(r, 700));
			switch (fr_random_below(r, 6)) {
			case 0: world_store_away(w, true); break;
			case 1: world_store_away(w, false); break;
			case 2: world_store_chaos(w, 400); break;
			case 3: world_store_cut_back(w, (int64_t)fr_random_below(r, 5000)); break;
			case 4: world_kill(w, fr_random_below(r, instances)); break;
			default: world_store_chaos(w, 0); break;
			}
		}
		world_run(w);
		assert_true(world_billed(w) <= 10);
		world_store_away(w, false);
		world_store_chaos(w, 0);
		world_pass(w, 60000); /* whoever was away has spoken, and what was held has come back */
		strangers(w, 60, instances, "end");
		world_run(w);
		if (world_billed(w) != 10)
			fprintf(stderr, "seed %llu: %llu billed\n", (unsigned long long)seed,
				(unsigned long long)world_billed(w));
		assert_int_equal(world_billed(w), 10);
		world_free(w);
	}
}

static void what_is_not_billed_costs_no_credit(void **state)
{
	struct world *w = world_new(1, 1, TEN "breaker: { failures: 1000 }");

	(void)state;
	world_upstream(w, 50, WORLD_503);
	strangers(w, 100, 1, "down");
	world_run(w);
	assert_true(world_calls(w) >= 100);
	world_upstream(w, 50, WORLD_DATA);
	strangers(w, 100, 1, "up");
	world_run(w);
	assert_int_equal(world_billed(w), 10);
	world_free(w);
}

static void idle_credits_come_back_within_a_second(void **state)
{
	struct world *w = world_new(1, 2, "budgets: [{ scope: all, window: day, credits: 400 }]\nupstream: { rate: none }");

	(void)state;
	strangers(w, 200, 1, "one"); /* the first instance leases more than it needs */
	world_run(w);
	world_pass(w, 1100);
	for (int i = 0; i < 200; i++) {
		char target[64];

		snprintf(target, sizeof target, "/userid/?username=two%d", i);
		world_get(w, 1, target, NULL);
	}
	world_run(w);
	assert_int_equal(world_billed(w), 400);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_REFUSED_BUDGET), 0);
	world_free(w);
}

static void without_a_budget_nothing_is_refused_and_nothing_asked(void **state)
{
	struct world *w = world_new(1, 1, "upstream: { rate: none }");

	(void)state;
	world_store_away(w, true);
	strangers(w, 50, 1, "u");
	world_run(w);
	assert_int_equal(world_billed(w), 50);
	world_free(w);
}

static void without_redis_only_what_is_held_is_spent(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 1000 }]\nupstream: { rate: none }");
	size_t first;

	(void)state;
	strangers(w, 20, 1, "before");
	world_run(w);
	world_store_away(w, true);
	first = strangers(w, 100, 1, "after");
	world_run(w);
	assert_true(count_status(w, first, 100, 503) > 0);
	assert_int_equal(count_status(w, first, 100, 503) + count_status(w, first, 100, 200), 100);
	assert_true(world_billed(w) <= 20 + 2 * 20); /* what was spent, and as much again was held */
	assert_true(world_reply(w, first + 99)->retry_after > 0);
	world_free(w);
}

static void what_is_held_when_redis_goes_away_is_not_thrown_away(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 1000 }]\nupstream: { rate: none }");
	size_t first;
	int64_t before;

	(void)state;
	strangers(w, 100, 1, "before");
	world_pass(w, 600); /* as many credits as went are held for those to come */
	world_store_away(w, true);
	before = (int64_t)world_billed(w);
	first = strangers(w, 1, 1, "first"); /* finds out that Redis is away */
	world_pass(w, 60 * 1000);
	strangers(w, 19, 1, "after");
	world_run(w);
	assert_int_equal(count_status(w, first, 20, 200), 20);
	assert_int_equal(world_billed(w) - (uint64_t)before, 20);
	world_free(w);
}

static void the_first_budget_that_is_exhausted_decides(void **state)
{
	struct world *w = world_new(1, 3,
				    "budgets:\n"
				    "  - { scope: all, window: day, credits: 30 }\n"
				    "  - { scope: 'endpoint:/userid/', window: hour, credits: 7 }\n"
				    "upstream: { rate: none }");
	char target[64];

	(void)state;
	strangers(w, 100, 3, "u");
	world_run(w);
	assert_int_equal(world_billed(w), 7);
	for (int i = 0; i < 100; i++) {
		snprintf(target, sizeof target, "/music-info/?music_id=%d", 1000 + i);
		world_get(w, (size_t)i % 3, target, NULL);
	}
	world_run(w);
	assert_int_equal(world_billed(w), 30);
	world_free(w);
}

static void at_the_end_what_is_stored_is_served_and_says_why(void **state)
{
	struct world *w = world_new(1, 1,
				    "budgets: [{ scope: all, window: day, credits: 3 }]\n"
				    "endpoints: { /userid/: { fresh: 1m, stale: 1m, rescue: 1h } }");
	size_t r;

	(void)state;
	strangers(w, 3, 1, "u");
	world_run(w);
	world_pass(w, 90 * 1000);
	r = world_get(w, 0, "/userid/?username=u0", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_true(says(w, r, "hit; ttl=-"));
	assert_true(says(w, r, "detail=stale-budget"));
	world_pass(w, 120 * 1000);
	r = world_get(w, 0, "/userid/?username=u0", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_true(says(w, r, "detail=stale-budget"));
	assert_int_equal(world_billed(w), 3);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_STALE_BUDGET), 2);
	world_free(w);
}

static void times_stretch_while_credits_run_short(void **state)
{
	struct world *w = world_new(1, 1,
				    "refresh_reads: 0\nbudgets: [{ scope: all, window: day, credits: 10 }]\n"
				    "endpoints: { /userid/: { fresh: 10m, stale: 10m, rescue: 1h } }");
	size_t r;

	(void)state;
	strangers(w, 7, 1, "u");
	world_run(w);
	world_pass(w, 10000);
	strangers(w, 1, 1, "v"); /* 8 of 10: a third of the stale window is spared */
	world_run(w);
	world_pass(w, (10 * 60 + 60) * 1000);
	r = world_get(w, 0, "/userid/?username=v0", NULL);
	world_run(w);
	assert_true(says(w, r, "detail=stale-budget"));
	world_pass(w, 7 * 60 * 1000);
	r = world_get(w, 0, "/userid/?username=v0", NULL);
	world_run(w);
	assert_false(says(w, r, "detail=stale-budget"));
	world_pass(w, 5000);
	assert_int_equal(world_billed(w), 9); /* refreshed after all */
	world_free(w);
}

static void a_dead_instances_credits_are_used_until_it_comes_back(void **state)
{
	struct world *w = world_new(1, 2, "budgets: [{ scope: all, window: day, credits: 50 }]\nupstream: { rate: none }");

	(void)state;
	strangers(w, 20, 1, "u");
	world_pass(w, 60); /* some are on their way */
	world_kill(w, 0);
	world_run(w);
	world_pass(w, 3000);
	strangers(w, 100, 2, "v");
	world_run(w);
	world_pass(w, 10000);
	assert_true(world_billed(w) <= 50);
	assert_true(world_calls(w) == 50); /* those on their way count as spent, and nothing is lost beside them */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_clients_spend_the_last_ten_credits_exactly),
		cmocka_unit_test(a_refusal_says_when_to_come_back),
		cmocka_unit_test(a_new_window_has_new_credits),
		cmocka_unit_test(whatever_happens_to_redis_not_one_credit_too_many_is_spent),
		cmocka_unit_test(what_is_not_billed_costs_no_credit),
		cmocka_unit_test(idle_credits_come_back_within_a_second),
		cmocka_unit_test(without_a_budget_nothing_is_refused_and_nothing_asked),
		cmocka_unit_test(without_redis_only_what_is_held_is_spent),
		cmocka_unit_test(what_is_held_when_redis_goes_away_is_not_thrown_away),
		cmocka_unit_test(the_first_budget_that_is_exhausted_decides),
		cmocka_unit_test(at_the_end_what_is_stored_is_served_and_says_why),
		cmocka_unit_test(times_stretch_while_credits_run_short),
		cmocka_unit_test(a_dead_instances_credits_are_used_until_it_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
