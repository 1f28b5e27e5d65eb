#include "tests/story/story.h"

/* Every place is taken. */

#define POSTS "/user-posts/?userid=7"

static void a_full_house_refuses_the_next_and_answers_all_it_let_in(void **state)
{
	struct world *w = world_new(1, 1, "wait: { max: 10m }");
	size_t r, n;

	(void)state;
	world_upstream(w, 5000, WORLD_DATA);
	for (n = 0; n < FR_WAITERS_MAX; n++)
		world_get(w, 0, n == 0 ? "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675" : POSTS, NULL);
	r = world_get(w, 0, POSTS, NULL);
	assert_int_equal(world_reply(w, r)->status, 503);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	assert_int_equal(world_reply(w, r)->status, 503);
	world_run(w);
	for (n = 0; n < FR_WAITERS_MAX; n++)
		assert_int_equal(world_reply(w, n)->status, 200);
	assert_int_equal(world_calls(w), 2);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

static void a_short_link_that_becomes_known_keeps_its_place_in_a_full_house(void **state)
{
	struct world *w = world_new(1, 2, "wait: { max: 10m }");
	size_t first;

	(void)state;
	world_get(w, 1, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_run(w);
	world_upstream(w, 5000, WORLD_DATA);
	first = world_requests(w);
	for (size_t n = 0; n < FR_WAITERS_MAX; n++) /* what it stands for comes from the store, its comments do not */
		world_get(w, 0, n < 9 ? "/post-comments/?url=https://vm.tiktok.com/ZM7106594312292453675" : POSTS, NULL);
	world_run(w);
	for (size_t n = 0; n < FR_WAITERS_MAX; n++)
		assert_int_equal(world_reply(w, first + n)->status, 200);
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void refreshes_leave_half_of_the_places_to_those_who_wait(void **state)
{
	enum { QUESTIONS = FR_FLIGHTS_MAX / 2 + 100 };
	struct world *w = world_new(
		1, 1,
		"refresh_reads: 0\nupstream: { rate: none, connections: 1024 }\nendpoints: { /userid/: { fresh: 1h, stale: 1d } }");
	char target[64];

	(void)state;
	world_at_once(w, true);
	world_upstream(w, 0, WORLD_DATA);
	for (int i = 0; i < QUESTIONS; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, 0, target, NULL);
	}
	world_pass(w, HOUR_MS);
	world_at_once(w, false);
	world_store(w, 100);
	for (int i = 0; i < QUESTIONS; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, 0, target, NULL);
	}
	assert_int_equal(world_gauges(w, 0).flights, FR_FLIGHTS_MAX / 2);
	world_store_away(w, true); /* refreshes wait for it: they end here */
	world_free(w);
}

static void what_is_learnt_of_short_links_has_a_bound(void **state)
{
	struct world *w = world_new(1, 1, "memory: { size: 64K }\nupstream: { rate: none }");
	char target[96];

	(void)state;
	world_at_once(w, true);
	world_upstream(w, 0, WORLD_DATA);
	for (unsigned i = 0; i <= FR_ALIASES_MAX; i++) {
		snprintf(target, sizeof target, "/post-detail/?url=https://vm.tiktok.com/ZM7%018u", i + 1);
		world_get(w, 0, target, NULL);
	}
	assert_int_equal(world_tally(w, 0)->counters.aliases_learnt, FR_ALIASES_MAX + 1);
	snprintf(target, sizeof target, "/post-detail/?url=https://vm.tiktok.com/ZM7%018u", FR_ALIASES_MAX + 1);
	world_get(w, 0, target, NULL);
	assert_int_equal(world_tally(w, 0)->counters.aliases_learnt, FR_ALIASES_MAX + 1);
	snprintf(target, sizeof target, "/post-detail/?url=https://vm.tiktok.com/ZM7%018u",
		 1u); /* the oldest made room; the store knows it */
	world_get(w, 0, target, NULL);
	assert_int_equal(world_tally(w, 0)->counters.aliases_learnt, FR_ALIASES_MAX + 2);
	assert_int_equal(world_calls(w), FR_ALIASES_MAX + 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_house_refuses_the_next_and_answers_all_it_let_in),
		cmocka_unit_test(a_short_link_that_becomes_known_keeps_its_place_in_a_full_house),
		cmocka_unit_test(refreshes_leave_half_of_the_places_to_those_who_wait),
		cmocka_unit_test(what_is_learnt_of_short_links_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
