#include "tests/sim/upstream_fake.h"
#include "tests/story/story.h"

/* A long page is taken apart after whoever asked has it, lesson by lesson; whoever asks meanwhile cannot tell. */

#define FEED "/user-posts/?userid=7"

static uint64_t harvested(const struct world *w, size_t instance)
{
	return world_tally(w, instance)->counters.harvested;
}

/* Asks for the feed; its answer has just been handed over. */
static void fetch_feed(struct world *w, size_t instance)
{
	size_t r = world_get(w, instance, FEED, NULL);

	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
}

static void a_page_is_handed_over_before_it_is_taken_apart(void **state)
{
	struct world *w = world_new_alone(1, "");
	uint64_t before, all;

	(void)state;
	fetch_feed(w, 0);
	assert_int_equal(harvested(w, 0), 0);
	for (before = 0; (all = harvested(w, 0)) == 0 || all > before; before = all)
		world_pass(w, 1);
	assert_true(all > 4);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void there_is_time_for_others_between_the_lessons(void **state)
{
	struct world *w = world_new_alone(1, "");
	uint64_t first;
	size_t r;

	(void)state;
	fetch_feed(w, 0);
	world_pass(w, 1);
	first = harvested(w, 0);
	r = world_get(w, 0, FEED, NULL);
	assert_true(world_reply(w, r)->answered && says(w, r, "hit"));
	assert_int_equal(harvested(w, 0), first); /* what is stored is served at once */
	world_pass(w, 100);
	assert_true(harvested(w, 0) > first);
	world_free(w);
}

static void what_a_page_teaches_is_known_to_whoever_asks_next(void **state)
{
	struct world *w = world_new_alone(1, "");
	size_t r;

	(void)state;
	fetch_feed(w, 0);
	r = world_get(w, 0, "/userid/?username=ann07", NULL);
	assert_true(world_reply(w, r)->answered && says(w, r, "detail=derived-alias"));
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void what_waits_for_its_turn_is_spared_by_a_page_that_comes_first(void **state)
{
	struct world *w = world_new_alone(1, "upstream: { connections: 1, rate: none }\n");

	(void)state;
	world_upstream(w, 2000, WORLD_DATA);
	world_get(w, 0, FEED, NULL);
	world_pass(w, 100);
	world_get(w, 0, "/userid/?username=ann07", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void what_is_prewarmed_is_not_paid_for_if_a_page_has_told_it(void **state)
{
	static const char *const targets[] = { "/userid/?username=ann07" };
	struct world *w = world_new_alone(1, "");

	(void)state;
	fetch_feed(w, 0);
	assert_true(world_prewarm(w, 0, "", "hover", targets, 1));
	world_pass(w, 10 * 1000);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void a_new_page_waits_its_turn_behind_the_last_one(void **state)
{
	struct world *w = world_new_alone(1, "");
	uint64_t one;

	(void)state;
	fetch_feed(w, 0);
	world_pass(w, 100);
	one = harvested(w, 0);
	world_get(w, 0, "/user-posts/?userid=8", NULL);
	world_get(w, 0, "/user-posts/?userid=9", NULL);
	world_run(w);
	world_pass(w, 100);
	assert_true(harvested(w, 0) >= 2 * one);
	world_free(w);
}

static void a_reload_in_between_loses_nothing(void **state)
{
	struct world *w = world_new_alone(1, "");
	uint64_t whole;

	(void)state;
	fetch_feed(w, 0);
	world_pass(w, 100);
	whole = harvested(w, 0);
	world_free(w);
	w = world_new_alone(1, "");
	fetch_feed(w, 0);
	world_pass(w, 1);
	world_reload_budgets(w, "");
	assert_true(harvested(w, 0) >= whole);
	world_free(w);
}

static void a_stop_waits_for_the_last_lesson(void **state)
{
	struct world *w = world_new_alone(1, "");

	(void)state;
	fetch_feed(w, 0);
	world_stop(w, 0);
	assert_true(harvested(w, 0) > 4);
	world_pass(w, 1000);
	assert_true(world_idle(w, 0));
	world_free(w);
}

/* A page has come that tells of a name's new owner, and is not taken apart yet. The old owner's answer is good for `stale` more. */
static struct world *with_a_name_that_has_moved(const char *target, fr_ms stale)
{
	struct world *w = world_new_alone(1, "upstream: { rate: none }\n");

	fetch_feed(w, 0);
	world_get(w, 0, target, NULL);
	world_run(w);
	world_pass(w, 100);
	world_reload(w, "/userinfo-by-username/", FR_SECONDS(60), stale);
	world_pass(w, 2 * 60 * 1000);
	world_move_name(w, 7, 9);
	return w;
}

#define NAMED "/userinfo-by-username/?username=ann07"

static void a_stale_answer_that_a_lesson_ends_is_not_served(void **state)
{
	struct world *w = with_a_name_that_has_moved(NAMED, FR_HOURS(1));
	uint64_t calls = world_calls(w);
	size_t r;

	(void)state;
	world_get(w, 0, "/user-posts/?userid=9", NULL);
	world_run(w);
	r = world_get(w, 0, NAMED, NULL);
	world_run(w);
	assert_true(world_tally(w, 0)->counters.names_moved > 0);
	assert_false(says(w, r, "hit"));
	assert_int_equal(world_calls(w), calls + 2);
	world_free(w);
}

static void an_old_answer_that_a_lesson_ends_is_no_rescue(void **state)
{
	struct world *w = with_a_name_that_has_moved(NAMED, FR_MS(0));
	size_t r;

	(void)state;
	world_upstream(w, 2000, WORLD_DATA);
	world_upstream_at(w, "/userinfo-by-username/", WORLD_503);
	world_get(w, 0, "/user-posts/?userid=9", NULL); /* comes right before the other one fails */
	r = world_get(w, 0, NAMED, NULL);
	world_run(w);
	assert_true(world_tally(w, 0)->counters.names_moved > 0);
	assert_int_not_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

static void other_instances_know_what_a_page_teaches_when_it_is_handed_over(void **state)
{
	struct world *w = world_new(1, 2, "");

	(void)state;
	fetch_feed(w, 0);
	assert_true(harvested(w, 0) > 4);
	world_get(w, 1, "/userid/?username=ann07", NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_handed_over_before_it_is_taken_apart),
		cmocka_unit_test(there_is_time_for_others_between_the_lessons),
		cmocka_unit_test(what_a_page_teaches_is_known_to_whoever_asks_next),
		cmocka_unit_test(what_waits_for_its_turn_is_spared_by_a_page_that_comes_first),
		cmocka_unit_test(what_is_prewarmed_is_not_paid_for_if_a_page_has_told_it),
		cmocka_unit_test(a_new_page_waits_its_turn_behind_the_last_one),
		cmocka_unit_test(a_reload_in_between_loses_nothing),
		cmocka_unit_test(a_stop_waits_for_the_last_lesson),
		cmocka_unit_test(a_stale_answer_that_a_lesson_ends_is_not_served),
		cmocka_unit_test(an_old_answer_that_a_lesson_ends_is_no_rescue),
		cmocka_unit_test(other_instances_know_what_a_page_teaches_when_it_is_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
