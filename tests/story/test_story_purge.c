#include "tests/story/story.h"

#define ASK "/user-posts/?userid=7"
#define YAML "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }"

/* Asks and returns which call made the answer; 0: it was no data. */
static uint64_t serial(struct world *w, size_t instance, const char *target)
{
	size_t r = world_get(w, instance, target, NULL);

	world_run(w);
	return world_reply(w, r)->status == 200 ? world_reply(w, r)->serial : 0;
}

static void after_a_hard_purge_nothing_old_comes_back_from_memory_or_redis(void **state)
{
	static const char *const whats[] = { NULL, "/user-posts/", ASK };

	(void)state;
	for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
		struct world *w = world_new(1, 3, YAML);

		assert_int_equal(serial(w, 0, ASK), 1);
		assert_int_equal(serial(w, 1, ASK), 1); /* the third instance has it in Redis only */
		world_purge(w, 0, whats[i], false);
		world_pass(w, 10);
		assert_int_equal(serial(w, 2, ASK), 2);
		assert_int_equal(serial(w, 1, ASK), 2);
		assert_int_equal(serial(w, 0, ASK), 2);
		assert_int_equal(world_calls(w), 2);
		world_free(w);
	}
}

static void what_was_not_named_stays(void **state)
{
	struct world *w = world_new(1, 1, YAML);

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	assert_int_equal(serial(w, 0, "/userid/?username=a"), 2);
	world_purge(w, 0, "/userid/", false);
	world_purge(w, 0, "/user-posts/?userid=8", false);
	assert_int_equal(serial(w, 0, ASK), 1);
	assert_int_equal(serial(w, 0, "/userid/?username=a"), 3);
	world_free(w);
}

static void an_answer_of_the_same_millisecond_as_the_purge_is_kept(void **state)
{
	struct world *w = world_new(1, 1, YAML);

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	world_purge(w, 0, NULL, false);
	assert_int_equal(serial(w, 0, ASK), 2);
	assert_int_equal(serial(w, 0, ASK), 2);
	world_free(w);
}

static void a_call_that_began_before_is_handed_to_its_waiters_and_not_kept(void **state)
{
	struct world *w = world_new(1, 2, YAML);
	size_t r;

	(void)state;
	r = crowd(w, 5, 1, ASK);
	world_pass(w, 50);
	world_purge(w, 0, "/user-posts/", false);
	world_run(w);
	for (size_t i = r; i < r + 5; i++)
		assert_int_equal(world_reply(w, i)->serial, 1);
	assert_false(says(w, r, "stored"));
	assert_int_equal(world_outcomes(w, FR_OUTCOME_MISS), 1);
	assert_int_equal(serial(w, 0, ASK), 2);
	assert_int_equal(serial(w, 1, ASK), 2);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void whoever_waits_elsewhere_for_such_a_call_asks_anew(void **state)
{
	struct world *w = world_new(1, 2, YAML);
	size_t mine, theirs;

	(void)state;
	mine = world_get(w, 0, ASK, NULL);
	world_pass(w, 10);
	theirs = world_get(w, 1, ASK, NULL);
	world_pass(w, 10);
	world_purge(w, 1, NULL, false);
	world_run(w);
	assert_int_equal(world_reply(w, mine)->serial, 1);
	assert_int_equal(world_reply(w, theirs)->serial, 2);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

/* It has not heard of the purge and stores what it has asked for before. */
static void an_instance_that_did_not_hear_cannot_bring_it_back(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	world_deaf(w, 1, true);
	world_get(w, 1, ASK, NULL);
	world_pass(w, 50);
	world_purge(w, 0, "/user-posts/", false);
	world_run(w);
	assert_int_equal(serial(w, 1, ASK), 1); /* it still believes in it */
	assert_int_equal(serial(w, 0, ASK), 2); /* Redis has the old one; it is not taken */
	world_pass(w, 61 * 1000);               /* the moments are read again */
	assert_int_equal(serial(w, 1, ASK), 2);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_new_life_knows_what_was_purged_before_it(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	world_deaf(w, 1, true);
	world_get(w, 1, ASK, NULL);
	world_pass(w, 50);
	world_purge(w, 0, NULL, false);
	world_run(w); /* now Redis holds an answer from before */
	world_kill(w, 0);
	assert_int_equal(serial(w, 0, ASK), 2);
	world_free(w);
}

static void a_purge_while_redis_is_away_is_told_when_it_is_back(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	assert_int_equal(serial(w, 1, ASK), 1);
	world_store_away(w, true);
	world_purge(w, 0, ASK, false);
	world_purge(w, 0, "/userid/", true);
	world_pass(w, 3000);
	assert_int_equal(serial(w, 1, ASK), 1);
	assert_int_equal(serial(w, 0, ASK), 2);
	world_store_away(w, false);
	world_pass(w, 2000);
	assert_int_equal(serial(w, 1, ASK), 3); /* what the other one asked for without Redis, Redis does not have */
	world_free(w);
}

static void moments_that_redis_has_lost_are_told_again(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	world_deaf(w, 1, true);
	world_get(w, 1, ASK, NULL);
	world_pass(w, 50);
	world_purge(w, 0, "/user-posts/", false);
	world_run(w);
	world_purges_forget(w);
	world_pass(w, 130 * 1000); /* the next reading but one knows nothing of it */
	world_kill(w, 1);
	assert_int_equal(serial(w, 1, ASK), 2);
	world_free(w);
}

static void a_stop_waits_until_the_others_are_told(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	assert_int_equal(serial(w, 1, ASK), 1);
	world_pass(w, 5000);
	assert_true(world_idle(w, 0));
	world_purge(w, 0, NULL, false);
	world_stop(w, 0);
	assert_false(world_idle(w, 0));
	world_pass(w, 1000);
	assert_true(world_idle(w, 0));
	assert_int_equal(serial(w, 1, ASK), 2);
	world_free(w);
}

static void after_a_soft_purge_the_old_answer_is_served_while_one_call_renews_it(void **state)
{
	struct world *w = world_new(1, 2, YAML);
	size_t r;

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	assert_int_equal(serial(w, 1, ASK), 1);
	world_pass(w, 60 * 1000);
	world_purge(w, 0, ASK, true);
	world_pass(w, 10);
	for (int i = 0; i < 20; i++) {
		r = world_get(w, (size_t)i % 2, ASK, NULL);
		assert_true(world_reply(w, r)->answered);
		assert_int_equal(world_reply(w, r)->serial, 1);
		assert_true(says(w, r, "hit; ttl=-") || says(w, r, "hit; ttl=0"));
	}
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(serial(w, 0, ASK), 2);
	assert_int_equal(serial(w, 1, ASK), 2);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void after_a_soft_purge_a_failing_upstream_is_answered_with_what_there_is(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 0, rescue: 1d } }");
	size_t r;

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	world_purge(w, 0, ASK, true);
	world_upstream(w, 100, WORLD_503);
	r = world_get(w, 0, ASK, NULL); /* no time in which it may be stale: it waits for the call */
	assert_false(world_reply(w, r)->answered);
	world_run(w);
	assert_int_equal(world_reply(w, r)->serial, 1);
	assert_true(says(w, r, "detail=stale-error"));
	world_free(w);
}

static void after_a_hard_purge_a_failing_upstream_is_answered_with_nothing_old(void **state)
{
	struct world *w = world_new(1, 1, YAML);
	size_t before, after;

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	world_pass(w, 3 * HOUR_MS);
	world_upstream(w, 1000, WORLD_503);
	before = world_get(w, 0, ASK, NULL); /* its flight holds the old answer for a rescue */
	world_pass(w, 500);
	world_purge(w, 0, ASK, false);
	world_run(w);
	after = world_get(w, 0, ASK, NULL);
	world_run(w);
	assert_int_equal(world_reply(w, before)->status, 502);
	assert_int_equal(world_reply(w, after)->status, 502);
	world_free(w);
}

static void a_soft_purge_brings_nothing_back_that_a_hard_one_ended(void **state)
{
	struct world *w = world_new(1, 2, YAML);

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	world_pass(w, 10);
	world_purge(w, 0, "/user-posts/", false);
	world_pass(w, 10);
	world_purge(w, 1, "/user-posts/", true);
	world_purge(w, 1, NULL, true);
	world_pass(w, 10);
	assert_int_equal(serial(w, 0, ASK), 2);
	world_free(w);
}

static void a_not_found_is_asked_for_again_after_either_purge(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	for (int soft = 0; soft < 2; soft++) {
		world_upstream(w, 10, WORLD_NOT_FOUND);
		world_get(w, 0, "/userid/?username=nobody", NULL);
		world_run(w);
		world_upstream(w, 10, WORLD_DATA);
		world_pass(w, 10);
		world_purge(w, 0, "/userid/", soft == 1);
		assert_int_not_equal(serial(w, 0, "/userid/?username=nobody"), 0);
		world_purge(w, 0, NULL, false);
	}
	world_free(w);
}

static void behind_a_short_link_the_posts_answer_goes_too(void **state)
{
	struct world *w = world_new(1, 1, "");
	const char *link = "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675/",
		   *id = "/post-detail/?url=7106594312292453675";

	(void)state;
	assert_int_equal(serial(w, 0, link), 1);
	assert_int_equal(serial(w, 0, id), 1);
	world_purge(w, 0, link, false);
	assert_int_equal(serial(w, 0, id), 2);
	assert_int_equal(serial(w, 0, link), 2); /* which post it stands for is still known */
	world_free(w);
}

static void a_clock_that_is_set_back_after_a_purge_does_not_pay_for_every_request(void **state)
{
	struct world *w = world_new(1, 1, YAML);

	(void)state;
	assert_int_equal(serial(w, 0, ASK), 1);
	world_purge(w, 0, NULL, false);
	world_set_clock(w, -2 * HOUR_MS);
	assert_int_equal(serial(w, 0, ASK), 2);
	for (int i = 0; i < 20; i++) {
		world_pass(w, 1000);
		assert_int_equal(serial(w, 0, ASK), 2);
	}
	world_purge(w, 0, NULL, false); /* before the first one, by the clock, and a purge all the same */
	assert_int_equal(serial(w, 0, ASK), 3);
	world_pass(w, 1000);
	assert_int_equal(serial(w, 0, ASK), 3);
	world_free(w);
}

static void a_question_that_was_purged_long_ago_does_not_come_back(void **state)
{
	struct world *w = world_new(1, 2, "endpoints: { /userid/: { fresh: 7d } }");
	char target[64];
	size_t r;

	(void)state;
	crowd(w, 2, 2, "/userid/?username=first");
	world_run(w);
	world_purge(w, 0, "/userid/?username=first", false);
	world_store_forget(w); /* Redis deletes it */
	world_pass(w, 1000);
	for (int i = 0; i < FR_PURGES_MAX; i++) { /* more than are remembered */
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_purge(w, 0, target, false);
	}
	world_pass(w, 120 * 1000);
	r = world_get(w, 1, "/userid/?username=first", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_hard_purge_nothing_old_comes_back_from_memory_or_redis),
		cmocka_unit_test(what_was_not_named_stays),
		cmocka_unit_test(an_answer_of_the_same_millisecond_as_the_purge_is_kept),
		cmocka_unit_test(a_call_that_began_before_is_handed_to_its_waiters_and_not_kept),
		cmocka_unit_test(whoever_waits_elsewhere_for_such_a_call_asks_anew),
		cmocka_unit_test(an_instance_that_did_not_hear_cannot_bring_it_back),
		cmocka_unit_test(a_new_life_knows_what_was_purged_before_it),
		cmocka_unit_test(a_purge_while_redis_is_away_is_told_when_it_is_back),
		cmocka_unit_test(moments_that_redis_has_lost_are_told_again),
		cmocka_unit_test(a_stop_waits_until_the_others_are_told),
		cmocka_unit_test(after_a_soft_purge_the_old_answer_is_served_while_one_call_renews_it),
		cmocka_unit_test(after_a_soft_purge_a_failing_upstream_is_answered_with_what_there_is),
		cmocka_unit_test(after_a_hard_purge_a_failing_upstream_is_answered_with_nothing_old),
		cmocka_unit_test(a_soft_purge_brings_nothing_back_that_a_hard_one_ended),
		cmocka_unit_test(a_not_found_is_asked_for_again_after_either_purge),
		cmocka_unit_test(behind_a_short_link_the_posts_answer_goes_too),
		cmocka_unit_test(a_clock_that_is_set_back_after_a_purge_does_not_pay_for_every_request),
		cmocka_unit_test(a_question_that_was_purged_long_ago_does_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
