#include "tests/story/story.h"

#include <stdlib.h>

/* Answers that are asked for many times a second: their replies share what was written for one of them. */

#define WHO "/userinfo-by-username/?username=anna"

static int64_t ttl(const struct world *w, size_t request)
{
	const char *said = strstr(world_reply(w, request)->cache_status, "hit; ttl=");

	return said != NULL ? strtoll(said + strlen("hit; ttl="), NULL, 10) : -1;
}

static void the_time_left_goes_down_with_every_second_under_hundreds_of_hits(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r = world_get(w, 0, WHO, NULL);
	int64_t first, last, before;

	(void)state;
	world_run(w);
	r = world_get(w, 0, WHO, NULL);
	first = last = ttl(w, r);
	for (int i = 0; i < 500; i++) {
		world_pass(w, 10);
		r = world_get(w, 0, WHO, NULL);
		before = last;
		last = ttl(w, r);
		assert_true(last == before || last == before - 1);
	}
	assert_int_equal(first - last, 5);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void clients_with_other_terms_are_told_their_own_times(void **state)
{
	static const struct world_client clients[] = {
		{ "slow", "one", "slow", FR_PRIORITY_INTERACTIVE, false },
		{ "fast", "two", "fast", FR_PRIORITY_INTERACTIVE, false },
	};
	struct world *w = world_new(1, 1, "");
	size_t slow, fast;

	(void)state;
	world_clients(w, clients, 2);
	world_tier(w, "slow", "/userinfo-by-username/", FR_HOURS(10));
	world_tier(w, "fast", "/userinfo-by-username/", FR_HOURS(1));
	world_get_as(w, 0, WHO, "slow");
	world_run(w);
	for (int i = 0; i < 100; i++) {
		slow = world_get_as(w, 0, WHO, "slow");
		fast = world_get_as(w, 0, WHO, "fast");
		assert_true(ttl(w, slow) > 8 * 3600 && ttl(w, slow) <= 10 * 3600);
		assert_true(ttl(w, fast) > 3000 && ttl(w, fast) <= 3600);
		world_pass(w, 10);
	}
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void a_hot_answer_that_is_purged_is_not_a_hit_any_more(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_get(w, 0, WHO, NULL);
	world_run(w);
	for (int i = 0; i < 10; i++)
		r = world_get(w, 0, WHO, NULL);
	assert_true(ttl(w, r) > 0);
	world_purge(w, 0, WHO, true);
	r = world_get(w, 0, WHO, NULL);
	assert_true(ttl(w, r) <= 0); /* it is served while it is renewed */
	world_pass(w, 1000);
	r = world_get(w, 0, WHO, NULL);
	assert_true(ttl(w, r) > 0);
	world_purge(w, 0, WHO, false);
	r = world_get(w, 0, WHO, NULL);
	assert_false(world_reply(w, r)->answered);
	world_run(w);
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void what_would_buy_freshness_is_ignored_and_said_so_among_plain_hits(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t plain, bought;

	(void)state;
	world_get(w, 0, WHO, NULL);
	world_run(w);
	for (int i = 0; i < 10; i++) {
		plain = world_get(w, 0, WHO, NULL);
		bought = world_get(w, 0, WHO, "no-cache");
		assert_false(says(w, plain, "detail"));
		assert_true(says(w, bought, "detail=no-cache-ignored"));
	}
	world_free(w);
}

static void a_reload_is_in_force_for_a_hot_answer_at_once(void **state)
{
	static const enum fr_status_style styles[] = { FR_STATUS_AS_IS, FR_STATUS_NATIVE, FR_STATUS_AS_IS };
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_NOT_FOUND);
	world_get(w, 0, WHO, NULL);
	world_run(w);
	for (size_t s = 0; s < 3; s++) {
		world_status(w, styles[s]);
		for (int i = 0; i < 3; i++) {
			r = world_get(w, 0, WHO, NULL);
			assert_true(says(w, r, "hit; ttl="));
			assert_int_equal(world_reply(w, r)->status, styles[s] == FR_STATUS_NATIVE ? 404 : 200);
		}
	}
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_left_goes_down_with_every_second_under_hundreds_of_hits),
		cmocka_unit_test(clients_with_other_terms_are_told_their_own_times),
		cmocka_unit_test(a_hot_answer_that_is_purged_is_not_a_hit_any_more),
		cmocka_unit_test(what_would_buy_freshness_is_ignored_and_said_so_among_plain_hits),
		cmocka_unit_test(a_reload_is_in_force_for_a_hot_answer_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
