#include "tests/story/story.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const page[] = { "/userinfo-by-id/?userid=7", "/user-posts/?userid=7&count=20", "/music-info/?music_id=7" };

static size_t batch_of(struct world *w, size_t n)
{
	size_t first = world_requests(w);
	char target[64];

	world_batch(w, true);
	for (size_t i = 0; i < n; i++) {
		snprintf(target, sizeof target, "/userid/?username=b%zu", i);
		world_ask(w, 0, target, NULL, "", FR_PRIORITY_BATCH);
	}
	world_batch(w, false);
	return first;
}

static void questions_of_a_batch_wait_for_their_turn_and_let_others_pass(void **state)
{
	struct world *w = world_new_alone(1, "upstream: { rate: 60/min }\nwait: { max: 10s }");
	size_t first, urgent;

	(void)state;
	world_upstream(w, 100, WORLD_DATA);
	first = batch_of(w, 300);
	world_pass(w, 30000);
	urgent = world_get(w, 0, "/userid/?username=urgent", NULL);
	world_pass(w, 3000);
	assert_int_equal(world_reply(w, urgent)->status, 200);
	assert_false(world_reply(w, first + 299)->answered);
	world_run(w);
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(world_reply(w, first + i)->status, 200);
		assert_int_equal(world_reply(w, first + i)->spent, 1);
	}
	assert_true(world_now(w).v > 4 * 60000);
	world_free(w);
}

static void a_question_of_a_batch_does_not_wait_for_ever(void **state)
{
	struct world *w = world_new_alone(1, "upstream: { rate: 60/min }\nwait: { max: 10s }\nbatch: { wait: 1m }");
	size_t first;

	(void)state;
	world_upstream(w, 100, WORLD_DATA);
	first = batch_of(w, 300);
	world_run(w);
	assert_int_equal(world_reply(w, first)->status, 200);
	assert_int_equal(world_reply(w, first + 299)->status, 504);
	assert_true(world_now(w).v < 2 * 60000);
	world_free(w);
}

static void all_occurrences_of_a_question_share_one_call(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t first = world_requests(w);

	(void)state;
	world_upstream(w, 500, WORLD_NO_KEY); /* billed, and nothing to store */
	world_batch(w, true);
	for (int i = 0; i < 100; i++)
		world_ask(w, 0, i % 2 == 0 ? "/userid/?username=a" : "/userid/?username=@A", NULL, "", FR_PRIORITY_BATCH);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_reply(w, first)->spent, 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_COLLAPSED), 99);
	assert_int_equal(world_requests(w), 100);
	world_free(w);
}

static void assert_prewarmed(const struct world *w, size_t instance, uint64_t asked, uint64_t used, uint64_t wasted)
{
	struct fr_prewarm_figures f = world_prewarmed(w, instance, "page");

	assert_int_equal(f.asked, asked);
	assert_int_equal(f.used, used);
	assert_int_equal(f.wasted, wasted);
	assert_int_equal(f.pending, asked - used - wasted);
}

static void what_is_prewarmed_is_paid_in_the_background_and_free_when_it_is_wanted(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r[3];

	(void)state;
	world_upstream(w, 800, WORLD_DATA);
	assert_true(world_prewarm(w, 0, "", "page", page, COUNT(page)));
	world_pass(w, 2000);
	assert_prewarmed(w, 0, 3, 0, 0);
	assert_int_equal(world_tally(w, 0)->background, 3);
	for (size_t i = 0; i < 2; i++)
		r[i] = world_get(w, 0, page[i], NULL);
	for (size_t i = 0; i < 2; i++) {
		assert_true(world_reply(w, r[i])->answered); /* at once */
		assert_int_equal(world_reply(w, r[i])->spent, 0);
		assert_true(says(w, r[i], "frugald; hit"));
	}
	world_get(w, 0, page[0], NULL); /* a second time is no other use */
	assert_prewarmed(w, 0, 3, 2, 0);
	world_pass(w, 15 * DAY_MS);
	assert_prewarmed(w, 0, 3, 2, 1);
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void a_demand_that_joins_a_prewarm_is_its_use(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream(w, 800, WORLD_DATA);
	world_prewarm(w, 0, "", "page", page, 1);
	world_pass(w, 300);
	r = world_get(w, 0, page[0], NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->spent, 0);
	assert_int_equal(world_reply(w, r)->avoided, 1);
	assert_true(says(w, r, "frugald; fwd=uri-miss; fwd-status=200; collapsed; stored"));
	assert_prewarmed(w, 0, 1, 1, 0);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void what_is_known_and_fresh_is_not_asked_again_and_counts_as_neither(void **state)
{
	struct world *w = world_new(1, 2, "");

	(void)state;
	for (size_t i = 0; i < COUNT(page); i++)
		world_get(w, 0, page[i], NULL);
	world_run(w);
	for (size_t instance = 0; instance < 2; instance++) { /* from memory, and from Redis */
		assert_true(world_prewarm(w, instance, "", "page", page, COUNT(page)));
		world_pass(w, 5000);
		assert_prewarmed(w, instance, 0, 0, 0);
	}
	assert_int_equal(world_calls(w), 3);
	world_prewarm(w, 0, "", "page", page, COUNT(page));
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void what_is_stale_is_prewarmed_wherever_it_is_stored(void **state)
{
	for (size_t instance = 0; instance < 2; instance++) {
		struct world *w = world_new(1, 2, "endpoints: { /userid/: { fresh: 1m, stale: 1h } }");
		const char *target = "/userid/?username=a";

		(void)state;
		world_get(w, 0, target, NULL);
		world_run(w);
		world_pass(w, 120000);
		world_prewarm(w, instance, "", "page", &target, 1);
		world_pass(w, 5000);
		assert_int_equal(world_calls(w), 2);
		assert_prewarmed(w, instance, 1, 0, 0);
		world_get(w, instance, target, NULL);
		assert_prewarmed(w, instance, 1, 1, 0);
		world_free(w);
	}
}

static void a_failed_prewarm_is_wasted_if_it_was_paid_for(void **state)
{
	static const struct {
		enum world_answer kind;
		uint64_t asked, wasted;
	} rows[] = { { WORLD_503, 0, 0 },
		     { WORLD_REFUSED, 0, 0 },
		     { WORLD_HTML, 1, 1 },
		     { WORLD_TIMEOUT, 1, 1 },
		     { WORLD_NOT_FOUND, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *w = world_new(1, 1, "");

		world_upstream(w, 100, rows[i].kind);
		world_prewarm(w, 0, "", "page", page, 1);
		world_pass(w, 60000);
		assert_prewarmed(w, 0, rows[i].asked, 0, rows[i].wasted);
		assert_int_equal(world_calls(w), 1);
		world_free(w);
	}
}

static void a_source_that_brings_little_of_use_is_held_back_until_it_has_become_better(void **state)
{
	struct world *w = world_new(1, 1, "upstream: { rate: none }");
	char text[64];
	const char *target = text;
	int followed = 0;

	(void)state;
	for (int i = 0; i < 200; i++) { /* nobody wants any of it */
		snprintf(text, sizeof text, "/userid/?username=u%d", i);
		followed += world_prewarm(w, 0, "", "page", &target, 1);
		world_pass(w, 11 * 60000);
	}
	assert_int_equal(followed, 20 + 18);
	assert_int_equal(world_calls(w), 20 + 18);
	assert_int_equal(world_tally(w, 0)->counters.prewarm_held, 162);
	assert_true(world_prewarm(w, 0, "", "other", page, 1)); /* another source is not held back with it */
	for (int i = 0; i < 1500; i++) {                        /* now each is wanted */
		snprintf(text, sizeof text, "/userid/?username=v%d", i);
		followed += world_prewarm(w, 0, "", "page", &target, 1);
		world_pass(w, 1000);
		world_get(w, 0, target, NULL);
		world_pass(w, 1000);
	}
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "/userid/?username=w%d", i);
		assert_true(world_prewarm(w, 0, "", "page", &target, 1));
	}
	world_free(w);
}

static void prewarming_stops_before_batches_do_and_batches_before_who_waits(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 10 }]\nupstream: { rate: none }");
	char target[64];
	size_t r;

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		world_get(w, 0, target, NULL);
		world_run(w);
		world_pass(w, 2000);
	}
	world_prewarm(w, 0, "", "page", page, COUNT(page));
	world_pass(w, 20000);
	assert_int_equal(world_calls(w), 8);
	assert_prewarmed(w, 0, 0, 0, 0);
	r = world_ask(w, 0, page[0], NULL, "", FR_PRIORITY_BATCH);
	world_run(w);
	world_pass(w, 2000);
	assert_int_equal(world_reply(w, r)->status, 200);
	r = world_ask(w, 0, page[1], NULL, "", FR_PRIORITY_BATCH);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 429);
	r = world_get(w, 0, page[1], NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	world_free(w);
}

static void nothing_is_prewarmed_while_redis_is_away_or_the_daemon_stops(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_store_away(w, true);
	world_prewarm(w, 0, "", "page", page, COUNT(page));
	world_pass(w, 10000);
	assert_int_equal(world_calls(w), 0);
	world_store_away(w, false);
	world_stop(w, 0);
	world_prewarm(w, 0, "", "page", page, COUNT(page));
	world_pass(w, 10000);
	assert_int_equal(world_calls(w), 0);
	world_free(w);
}

static void a_short_link_is_prewarmed_as_its_post(void **state)
{
	static const char *const link = "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675";
	static const char *const post = "/post-detail/?url=7106594312292453675";

	(void)state;
	for (size_t instance = 0; instance < 2; instance++) {
		struct world *w = world_new(1, 2, "endpoints: { /post-detail/: { fresh: 1m, stale: 0, fresh_by_age: none } }");

		world_prewarm(w, 0, "", "page", &link, 1);
		world_pass(w, 3000);
		assert_prewarmed(w, 0, 1, 0, 0);
		world_get(w, 0, post, NULL);
		assert_prewarmed(w, 0, 1, 1, 0);
		world_pass(w, 120000);
		world_prewarm(w, instance, "", "page", &link, 1); /* its post is known, here or in Redis */
		world_pass(w, 3000);
		assert_int_equal(world_calls(w), 2);
		world_get(w, instance, link, NULL);
		world_run(w);
		assert_int_equal(world_calls(w), 2);
		assert_prewarmed(w, instance, instance == 0 ? 2 : 1, instance == 0 ? 2 : 1, 0);
		world_free(w);
	}
}

static void what_is_thrown_away_before_it_is_wanted_is_wasted(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_prewarm(w, 0, "", "page", page, 1);
	world_pass(w, 3000);
	world_pass(w, 1000);
	world_purge(w, 0, NULL, false);
	world_pass(w, 1000);
	world_get(w, 0, page[0], NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 2);
	assert_prewarmed(w, 0, 1, 0, 0);
	world_pass(w, 7 * HOUR_MS);
	assert_prewarmed(w, 0, 1, 0, 1);
	world_free(w);
}

static void it_is_booked_to_the_tenant_who_prewarms(void **state)
{
	static const struct world_client clients[] = { { "anna", "acme", "default", FR_PRIORITY_INTERACTIVE, false },
						       { "bert", "globex", "default", FR_PRIORITY_INTERACTIVE, false } };
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_clients(w, clients, COUNT(clients));
	assert_false(world_prewarm(w, 0, "nobody", "page", page, COUNT(page)));
	assert_true(world_prewarm(w, 0, "anna", "page", page, COUNT(page)));
	world_pass(w, 3000);
	world_get_as(w, 0, page[0], "bert");
	assert_int_equal(world_tenant_spent(w, 0, "acme", true), 3);
	assert_int_equal(world_tenant(w, 0, "globex")->avoided, 1);
	assert_prewarmed(w, 0, 3, 1, 0);
	world_free(w);
}

/* The world compares each line with its answer (world_jobs.c): here is which requests have one. */
static void every_request_is_a_line_of_the_log(void **state)
{
	static const struct world_client clients[] = { { "anna", "acme", "default", FR_PRIORITY_INTERACTIVE, false } };
	static const char *const targets[] = { "/userid/?username=a", "/userid/?username=a", "/userid/", "/extra/thing",
					       "/frugal/nothing" };
	struct world *w = world_new(1, 1, "log: { questions: /questions }");

	(void)state;
	world_clients(w, clients, COUNT(clients));
	for (size_t i = 0; i < COUNT(targets); i++)
		world_get_as(w, 0, targets[i], i == 1 ? "nobody" : "anna");
	world_prewarm(w, 0, "anna", "page", page, 1);
	world_run(w);
	assert_int_equal(world_lines(w, 0), COUNT(targets));
	world_free(w);
	w = world_new(1, 1, "");
	world_get(w, 0, targets[0], NULL);
	world_run(w);
	assert_int_equal(world_lines(w, 0), 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_of_a_batch_wait_for_their_turn_and_let_others_pass),
		cmocka_unit_test(a_question_of_a_batch_does_not_wait_for_ever),
		cmocka_unit_test(all_occurrences_of_a_question_share_one_call),
		cmocka_unit_test(what_is_prewarmed_is_paid_in_the_background_and_free_when_it_is_wanted),
		cmocka_unit_test(a_demand_that_joins_a_prewarm_is_its_use),
		cmocka_unit_test(what_is_known_and_fresh_is_not_asked_again_and_counts_as_neither),
		cmocka_unit_test(what_is_stale_is_prewarmed_wherever_it_is_stored),
		cmocka_unit_test(a_failed_prewarm_is_wasted_if_it_was_paid_for),
		cmocka_unit_test(a_source_that_brings_little_of_use_is_held_back_until_it_has_become_better),
		cmocka_unit_test(prewarming_stops_before_batches_do_and_batches_before_who_waits),
		cmocka_unit_test(nothing_is_prewarmed_while_redis_is_away_or_the_daemon_stops),
		cmocka_unit_test(a_short_link_is_prewarmed_as_its_post),
		cmocka_unit_test(what_is_thrown_away_before_it_is_wanted_is_wasted),
		cmocka_unit_test(it_is_booked_to_the_tenant_who_prewarms),
		cmocka_unit_test(every_request_is_a_line_of_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
