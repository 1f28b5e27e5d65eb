#include "tests/story/story.h"

/* Every story's end compares Redis with what arrived at the upstream (world_check.c, check_ledger); here is what it looks like. */

static int64_t spent(const struct world *w)
{
	return world_stored_total(w, FR_TOTAL_demand) + world_stored_total(w, FR_TOTAL_background);
}

static void a_call_whose_process_dies_is_uncertain_and_counted_once(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_get(w, 0, "/userid/?username=b", NULL);
	world_pass(w, 50);
	world_kill(w, 0); /* its call is on its way */
	world_run(w);
	world_pass(w, 5000);
	world_kill(w, 0);
	world_pass(w, 5000);
	assert_int_equal(world_billed(w), 2);
	assert_int_equal(spent(w), 2);
	assert_int_equal(world_stored_total(w, FR_TOTAL_uncertain), 1);
	assert_int_equal(world_stored_total(w, FR_TOTAL_background), 1); /* nobody is left who pays on demand */
	world_free(w);
}

static void what_redis_never_got_is_sent_by_the_next_life(void **state)
{
	struct world *w = world_new(2, 1, "");
	char target[64];

	(void)state;
	world_store_away(w, true);
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, 0, target, NULL);
		world_run(w);
	}
	assert_int_equal(spent(w), 0);
	world_kill(w, 0);
	world_pass(w, HOUR_MS);
	world_kill(w, 0);
	world_store_away(w, false);
	world_pass(w, 3000);
	assert_int_equal(spent(w), 20);
	assert_int_equal(world_stored_total(w, FR_TOTAL_uncertain), 0);
	world_free(w);
}

static void a_store_that_went_back_is_healed_in_silence(void **state)
{
	struct world *w = world_new(3, 3, "");
	char target[64];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, (size_t)i % 3, target, NULL);
		world_pass(w, 500);
	}
	world_run(w);
	world_pass(w, 3000);
	assert_int_equal(spent(w), 30);
	world_store_cut_back(w, 10 * 1000);
	assert_in_range(spent(w), 1, 25);
	world_kill(w, 2); /* who wrote it need not be who heals it */
	world_pass(w, 7000);
	assert_int_equal(spent(w), 30);
	assert_true(world_tally(w, 0)->counters.ledger_again > 0);
	assert_int_equal(world_tally(w, 0)->counters.ledger_lost, 0);
	world_free(w);
}

static void a_full_disk_makes_no_call_and_serves_what_there_is(void **state)
{
	struct world *w = world_new(4, 1, "endpoints: { /userid/: { fresh: 1h, stale: 0s, rescue: 7d } }");
	size_t old, new;

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_disk_full(w, true);
	world_pass(w, 2 * HOUR_MS);
	old = world_get(w, 0, "/userid/?username=a", NULL);
	new = world_get(w, 0, "/userid/?username=b", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, old)->status, 200);
	assert_int_equal(world_reply(w, new)->status, 503);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_UNRECORDED), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_RESCUE), 1);
	world_disk_full(w, false);
	new = world_get(w, 0, "/userid/?username=b", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, new)->status, 200);
	world_pass(w, 3000);
	assert_int_equal(spent(w), 2);
	world_free(w);
}

static void an_outcome_that_found_the_disk_full_is_written_later(void **state)
{
	struct world *w = world_new(5, 2, "");

	(void)state;
	for (size_t i = 0; i < 2; i++)
		world_get(w, i, i == 0 ? "/userid/?username=a" : "/userid/?username=b", NULL);
	world_pass(w, 50);
	world_disk_full(w, true);
	world_run(w);
	world_pass(w, HOUR_MS);
	assert_int_equal(spent(w), 0); /* Redis never knows more than the journal */
	world_kill(w, 1);              /* and this one never wrote it */
	world_disk_full(w, false);
	world_pass(w, 5000);
	assert_int_equal(spent(w), 2);
	assert_int_equal(world_stored_total(w, FR_TOTAL_uncertain), 1);
	world_free(w);
}

static void a_probe_that_could_not_be_written_down_does_not_hold_the_breaker(void **state)
{
	struct world *w = world_new(6, 1, "breaker: { failures: 1, open: 2s, open_max: 2s }\nupstream: { failure_hold: 0s }");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_503);
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_upstream(w, 10, WORLD_DATA);
	world_pass(w, 3000);
	world_disk_full(w, true);
	r = world_get(w, 0, "/userid/?username=b", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 503);
	world_disk_full(w, false);
	r = world_get(w, 0, "/userid/?username=b", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_whose_process_dies_is_uncertain_and_counted_once),
		cmocka_unit_test(what_redis_never_got_is_sent_by_the_next_life),
		cmocka_unit_test(a_store_that_went_back_is_healed_in_silence),
		cmocka_unit_test(a_full_disk_makes_no_call_and_serves_what_there_is),
		cmocka_unit_test(an_outcome_that_found_the_disk_full_is_written_later),
		cmocka_unit_test(a_probe_that_could_not_be_written_down_does_not_hold_the_breaker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
