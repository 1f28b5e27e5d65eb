#include "tests/story/story.h"

static void stale_is_served_while_one_refreshes(void **state)
{
	struct world *w = world_new(1, 1, "refresh_reads: 0\nendpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");
	size_t r;

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	world_pass(w, HOUR_MS);
	for (int i = 0; i < 50; i++) {
		r = world_get(w, 0, "/user-posts/?userid=7", NULL);
		assert_true(world_reply(w, r)->answered);
		assert_true(says(w, r, "hit; ttl=-"));
	}
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 2);
	r = world_get(w, 0, "/user-posts/?userid=7", NULL);
	assert_int_equal(world_reply(w, r)->serial, 2);
	assert_int_equal(world_tally(w, 0)->background, 1);
	world_free(w);
}

/* Each hour once: what nobody reads in between is not renewed for nobody, and is younger on the average than if it were. */
static void what_is_read_seldom_is_used_to_the_end_of_its_stale_window(void **state)
{
	static const struct {
		const char *yaml;
		int calls;
		bool waits; /* every second time */
	} rows[] = { { "", 12, true }, { "refresh_reads: 0\n", 24, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char yaml[256];
		struct world *w;

		(void)snprintf(yaml, sizeof yaml, "%sendpoints: { /user-posts/: { fresh: 1h, stale: 1h } }", rows[i].yaml);
		w = world_new(1, 1, yaml);
		for (int hour = 0; hour < 24; hour++) {
			size_t r = world_get(w, 0, "/user-posts/?userid=7", NULL);

			assert_int_equal(world_reply(w, r)->answered, hour > 0 && (!rows[i].waits || hour % 2 == 1));
			world_run(w);
			if (rows[i].waits && hour % 2 == 1)
				assert_true(says(w, r, "hit; ttl=-") && says(w, r, "detail=seldom-read"));
			world_pass(w, HOUR_MS);
		}
		assert_int_equal(world_calls(w), rows[i].calls);
		world_free(w);
	}
}

static void who_reads_now_and_then_has_it_renewed_behind(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");
	size_t r, waited = 0;

	(void)state;
	for (int minute = 0; minute < 24 * 60; minute += 20) {
		r = world_get(w, 0, "/user-posts/?userid=7", NULL);
		waited += !world_reply(w, r)->answered;
		world_run(w);
		world_pass(w, 20 * 60 * 1000);
	}
	assert_int_equal(waited, 1);
	assert_in_range(world_calls(w), 22, 27);
	world_free(w);
}

static void a_burst_earns_no_refresh_and_a_herd_that_comes_later_costs_one_call(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	(void)crowd(w, 100, 1, "/user-posts/?userid=7");
	world_pass(w, HOUR_MS);
	(void)crowd(w, 100, 1, "/user-posts/?userid=7");
	world_pass(w, 1000);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_STALE_SELDOM), 100);
	assert_int_equal(world_calls(w), 1);
	world_pass(w, HOUR_MS);
	(void)crowd(w, 100, 1, "/user-posts/?userid=7");
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_COLLAPSED), 99);
	world_free(w);
}

static void what_is_fresh_for_no_time_at_all_is_renewed_at_every_read(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 0s, stale: 1h } }");

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	for (unsigned n = 1; n <= 5; n++) {
		size_t r;

		world_pass(w, 60 * 1000);
		r = world_get(w, 0, "/user-posts/?userid=7", NULL);
		assert_true(world_reply(w, r)->answered);
		world_run(w);
		assert_int_equal(world_reply(w, r)->serial, n);
		world_pass(w, 1000);
		assert_int_equal(world_calls(w), n + 1);
	}
	world_free(w);
}

static void behind_the_stale_window_the_client_waits_for_a_new_answer(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }");
	size_t r;

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	world_pass(w, 2 * HOUR_MS);
	r = world_get(w, 0, "/user-posts/?userid=7", NULL);
	assert_false(world_reply(w, r)->answered);
	world_run(w);
	assert_int_equal(world_reply(w, r)->serial, 2);
	assert_true(says(w, r, "fwd=stale"));
	world_free(w);
}

static void when_the_upstream_fails_an_old_answer_is_served_and_says_so(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }");
	size_t r;

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	world_upstream(w, 100, WORLD_503);
	world_pass(w, 3 * HOUR_MS);
	r = world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_true(says(w, r, "detail=stale-error"));
	assert_int_equal(world_reply(w, r)->avoided, 1);
	r = world_get(w, 0, "/user-posts/?userid=7", NULL); /* not tried again at once */
	assert_true(world_reply(w, r)->answered);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void only_if_cached_never_calls(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	r = world_get(w, 0, "/userid/?username=a", "only-if-cached");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 504);
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	r = world_get(w, 1, "/userid/?username=a", "only-if-cached"); /* the other instance has it from the store */
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void no_cache_without_permission_is_a_hit_that_says_so(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_pass(w, 60 * 1000);
	r = world_get(w, 0, "/userid/?username=a", "no-cache");
	assert_true(says(w, r, "detail=no-cache-ignored"));
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void no_cache_with_permission_buys_at_most_every_refresh_min(void **state)
{
	struct world *w = world_new(1, 1, "may_refresh: on\nrefresh_min: 10s");
	size_t r;

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	for (int i = 0; i < 20; i++) {
		r = world_get(w, 0, "/userid/?username=a", "no-cache");
		world_run(w);
		world_pass(w, 1000);
	}
	assert_in_range(world_calls(w), 2, 3);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

static void max_stale_saves_the_call(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 0, rescue: 1d } }");
	size_t r;

	(void)state;
	world_get(w, 0, "/user-posts/?userid=7", NULL);
	world_run(w);
	world_pass(w, 3 * HOUR_MS);
	r = world_get(w, 0, "/user-posts/?userid=7", "max-stale=14400");
	assert_true(world_reply(w, r)->answered);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void not_found_doubles_and_recovers_when_the_thing_appears(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /userid/: { negative: 10m } }");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_NOT_FOUND);
	for (int i = 0; i < 24 * 60; i++) { /* asked every minute for a day */
		world_get(w, 0, "/userid/?username=nobody", NULL);
		world_run(w);
		world_pass(w, 60 * 1000);
	}
	assert_in_range(world_calls(w), 6, 9); /* 10, 20, 40, 80, 160, 320, 640 minutes, less jitter */
	world_upstream(w, 10, WORLD_DATA);
	world_pass(w, DAY_MS);
	r = world_get(w, 0, "/userid/?username=nobody", NULL);
	world_run(w);
	assert_int_not_equal(world_reply(w, r)->serial, 0);
	world_free(w);
}

static void a_dead_link_ends_freshness_and_is_blanked_in_a_rescue(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /post-detail/: { rescue: 7d } }");
	size_t r;

	(void)state;
	world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_run(w);
	world_pass(w, 5 * HOUR_MS + 56 * 60 * 1000); /* the link lives for six hours, the margin is five minutes */
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	assert_false(world_reply(w, r)->answered);
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	world_pass(w, 7 * HOUR_MS);
	world_upstream(w, 10, WORLD_503);
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_run(w); /* the world checks that no dead link is in the body */
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

static void a_short_link_learns_its_post_once_for_all(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675/", NULL);
	world_run(w);
	world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_get(w, 1, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_get(w, 1, "/post-detail/?url=https://www.tiktok.com/@x/video/7106594312292453675?lang=en", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	r = world_get(w, 1, "/post-comments/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_run(w);
	world_get(w, 1, "/post-comments/?url=7106594312292453675", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stale_is_served_while_one_refreshes),
		cmocka_unit_test(what_is_read_seldom_is_used_to_the_end_of_its_stale_window),
		cmocka_unit_test(who_reads_now_and_then_has_it_renewed_behind),
		cmocka_unit_test(a_burst_earns_no_refresh_and_a_herd_that_comes_later_costs_one_call),
		cmocka_unit_test(what_is_fresh_for_no_time_at_all_is_renewed_at_every_read),
		cmocka_unit_test(behind_the_stale_window_the_client_waits_for_a_new_answer),
		cmocka_unit_test(when_the_upstream_fails_an_old_answer_is_served_and_says_so),
		cmocka_unit_test(only_if_cached_never_calls),
		cmocka_unit_test(no_cache_without_permission_is_a_hit_that_says_so),
		cmocka_unit_test(no_cache_with_permission_buys_at_most_every_refresh_min),
		cmocka_unit_test(max_stale_saves_the_call),
		cmocka_unit_test(not_found_doubles_and_recovers_when_the_thing_appears),
		cmocka_unit_test(a_dead_link_ends_freshness_and_is_blanked_in_a_rescue),
		cmocka_unit_test(a_short_link_learns_its_post_once_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
