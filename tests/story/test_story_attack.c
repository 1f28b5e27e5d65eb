#include "tests/story/story.h"

/* Stories of those who tried to make it pay twice, serve what is too old, or lose somebody. */

#define POSTS "/user-posts/?userid=7"

static void a_question_that_everybody_has_left_is_not_asked(void **state)
{
	(void)state;
	for (int stored = 0; stored < 2; stored++) {
		struct world *w = world_new(
			3, 1,
			"wait: { max: 100ms }\nredis: { timeout: 20s }\nendpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");
		size_t r;

		world_upstream(w, 10, WORLD_DATA);
		if (stored) {
			world_get(w, 0, POSTS, NULL);
			world_run(w);
			world_pass(w, HOUR_MS);
			world_kill(w, 0); /* its memory is empty, the store's answer is stale */
		}
		world_store(w, 15 * 1000);
		r = world_get(w, 0, POSTS, NULL);
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, 504);
		world_pass(w, 60 * 1000);
		assert_int_equal(world_calls(w), stored);
		world_free(w);
	}
}

static void only_if_cached_is_free_on_every_path(void **state)
{
	static const char *const targets[] = { "/extra/thing?x=1", "/userid/?username=a",
					       "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675" };

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		for (int away = 0; away < 2; away++) {
			struct world *w = world_new(1, 1, "");
			size_t r;

			world_store_away(w, away);
			r = world_get(w, 0, targets[i], "only-if-cached");
			world_run(w);
			assert_int_equal(world_reply(w, r)->status, 504);
			assert_int_equal(world_calls(w), 0);
			world_free(w);
		}
	}
}

static void only_if_cached_finds_what_a_short_link_stands_for(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_run(w);
	for (size_t i = 0; i < 2; i++) {
		r = world_get(w, i, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", "only-if-cached");
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, 200);
	}
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void only_if_cached_gets_nothing_that_is_too_old(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 0, rescue: 1d } }");
	size_t r;

	(void)state;
	world_get(w, 0, POSTS, NULL);
	world_run(w);
	world_pass(w, 2 * HOUR_MS);
	r = world_get(w, 0, POSTS, "only-if-cached");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 504);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void bought_freshness_is_paid_once_however_slow_the_call(void **state)
{
	(void)state;
	for (int least = 0; least <= 10; least += 10) {
		char yaml[64];
		struct world *w;

		snprintf(yaml, sizeof yaml, "may_refresh: on\nrefresh_min: %ds", least);
		w = world_new(1, 3, yaml);
		world_store(w, 3);
		world_get(w, 0, "/userid/?username=a", NULL);
		world_run(w);
		world_pass(w, 60 * 1000);
		world_upstream(w, 20 * 1000, WORLD_DATA);
		for (size_t i = 0; i < 30; i++)
			world_get(w, i % 3, "/userid/?username=a", i % 2 ? "no-cache" : "max-age=1");
		world_run(w);
		assert_int_equal(world_calls(w), 2);
		world_free(w);
	}
}

static void a_short_link_and_its_post_that_queue_together_cost_one_call(void **state)
{
	struct world *w = world_new(1, 1, "wait: { max: 10m }\nupstream: { rate: 1/min }");
	size_t r;

	(void)state;
	world_get(w, 0, "/userid/?username=first", NULL);
	world_pass(w, 1000);
	world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_pass(w, 1000);
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->spent, 0);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void who_waits_goes_before_what_is_refreshed(void **state)
{
	struct world *w = world_new(
		1, 1, "wait: { max: 28s }\nupstream: { rate: 60/min }\nendpoints: { /user-posts/: { fresh: 1h, stale: 1d } }");
	char target[64];
	size_t r, joined;

	(void)state;
	for (int i = 0; i < 600; i++) {
		snprintf(target, sizeof target, "/user-posts/?userid=%d", 100 + i);
		world_get(w, 0, target, NULL);
		world_pass(w, 2000);
	}
	world_run(w);
	assert_int_equal(world_calls(w), 600);
	world_pass(w, HOUR_MS);
	for (int i = 0; i < 600; i++) { /* ten minutes' worth of refreshes */
		snprintf(target, sizeof target, "/user-posts/?userid=%d", 100 + i);
		world_get(w, 0, target, NULL);
	}
	world_pass(w, 40 * 1000);
	r = world_get(w, 0, "/userid/?username=a", NULL);
	joined = world_get(w, 0, "/user-posts/?userid=699", "max-stale=0"); /* stale: served, and in the queue */
	assert_true(world_reply(w, joined)->answered);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_pass(w, HOUR_MS);
	world_free(w);
}

static void who_begins_to_wait_for_a_refresh_moves_it_to_the_front(void **state)
{
	struct world *w = world_new(
		1, 1,
		"refresh_reads: 0\nmay_refresh: on\nwait: { max: 28s }\nupstream: { rate: 10/min }\nendpoints: { /user-posts/: { fresh: 1h, stale: 1d } }");
	char target[64];
	size_t r;

	(void)state;
	for (int i = 0; i < 50; i++) {
		snprintf(target, sizeof target, "/user-posts/?userid=%d", 100 + i);
		world_get(w, 0, target, NULL);
		world_pass(w, 10 * 1000);
	}
	world_run(w);
	world_pass(w, HOUR_MS);
	for (int i = 0; i < 50; i++) {
		snprintf(target, sizeof target, "/user-posts/?userid=%d", 100 + i);
		world_get(w, 0, target, NULL);
	}
	world_pass(w, 50 * 1000);
	r = world_get(w, 0, "/user-posts/?userid=149", "no-cache"); /* the last one */
	assert_false(world_reply(w, r)->answered);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->serial, 60); /* in the place that refreshes leave free */
	world_pass(w, HOUR_MS);
	world_free(w);
}

static void a_stop_hands_over_the_last_totals(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_store_away(w, true);
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_store_away(w, false); /* nobody has noticed yet */
	world_stop(w, 0);
	assert_false(world_idle(w, 0));
	world_pass(w, 100);
	assert_true(world_idle(w, 0));
	assert_int_equal(world_stored_total(w, FR_TOTAL_demand), 1);
	world_free(w);
}

static void a_stop_does_not_wait_for_a_store_that_is_away(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	world_get(w, 0, "/userid/?username=a", NULL);
	world_run(w);
	world_store_away(w, true);
	world_stop(w, 0);
	world_pass(w, 1000);
	assert_true(world_idle(w, 0));
	world_free(w);
}

/* Whatever it is doing: everybody is answered, no new call leaves, a call on its way is waited for and kept. */
static void a_stop_answers_everybody_in_every_state(void **state)
{
	(void)state;
	for (int64_t at = 0; at < 120; at++) {
		struct world *w = world_new(5, 2, "wait: { max: 10m }\nupstream: { rate: 3/min, connections: 2 }");
		uint64_t calls;
		char target[80];

		world_store(w, 30);
		world_upstream(w, 40, WORLD_DATA);
		for (int i = 0; i < 6; i++) {
			snprintf(target, sizeof target,
				 i % 3 == 2 ? "/post-detail/?url=https://vm.tiktok.com/ZM710659431229245367%d"
					    : "/userid/?username=u%d",
				 i % 5);
			crowd(w, 6, 2, target);
			world_get(w, 0, "/userid/?username=u9", "only-if-cached");
			world_get(w, 0, "/extra/thing", NULL);
			world_pass(w, 5);
		}
		world_pass(w, at);
		world_stop(w, 0);
		world_stop(w, 1);
		calls = world_calls(w);
		crowd(w, 6, 2, "/userid/?username=late");
		world_pass(w, 2000);
		for (size_t r = 0; r < world_requests(w); r++)
			assert_true(world_reply(w, r)->answered);
		assert_int_equal(world_calls(w), calls);
		assert_true(world_idle(w, 0) && world_idle(w, 1));
		world_free(w);
	}
}

static void ports_that_call_back_at_once_change_nothing(void **state)
{
	(void)state;
	for (int away = 0; away < 2; away++) {
		struct world *w = world_new(1, 3, "");
		uint64_t calls = 0;

		world_at_once(w, true);
		world_store_away(w, away);
		for (int kind = WORLD_DATA; kind < WORLD_TIMEOUT; kind++) {
			char target[64];

			if (kind == WORLD_THROTTLE)
				continue; /* pauses all calls */
			world_upstream(w, 0, (enum world_answer)kind);
			snprintf(target, sizeof target, "/userid/?username=u%d", kind);
			crowd(w, 30, 3, target);
			calls += away ? 3 : 1;
			world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
			world_get(w, 1, "/extra/thing", NULL);
			world_run(w);
			world_upstream(w, 0, WORLD_DATA);
			world_get(w, 0, "/userid/?username=mend", kind == 0 ? NULL : "max-stale");
			world_run(w);
		}
		assert_true(world_calls(w) > calls);
		world_free(w);
	}
}

static void a_record_that_does_not_check_is_asked_once_for_all(void **state)
{
	struct world *w = world_new(1, 3, "");
	size_t r;

	(void)state;
	world_get(w, 0, POSTS, NULL);
	world_run(w);
	for (size_t i = 0; i < 3; i++)
		world_kill(w, i);
	world_store_corrupt(w);
	world_store(w, 3);
	r = crowd(w, 60, 3, POSTS);
	world_run(w);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(world_reply(w, r + i)->serial, 2);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void not_found_doubles_though_memory_forgets_it(void **state)
{
	struct world *w = world_new(
		1, 2, "memory: { size: 64K }\nendpoints: { /userid/: { negative: 10m, fresh: 1m, stale: 0, rescue: 0 } }");
	char target[64];

	(void)state;
	world_upstream(w, 10, WORLD_DATA);
	world_upstream_at(w, "nobody", WORLD_NOT_FOUND);
	for (int i = 0; i < 24 * 60; i++) {
		world_get(w, (size_t)i % 2, "/userid/?username=nobody", NULL);
		for (int n = 0; n < 3; n++) {
			snprintf(target, sizeof target, "/userid/?username=somebody%d", 3 * i + n);
			world_get(w, (size_t)i % 2, target, NULL);
		}
		world_run(w);
		world_pass(w, 60 * 1000);
	}
	assert_true(world_tally(w, 0)->counters.memory_evictions > 0);
	assert_in_range(world_calls(w) - 24 * 60 * 3, 6, 9);
	world_free(w);
}

/* The store has lost it: memory alone knows how long it has not been there. */
static void not_found_doubles_though_the_store_forgets_it(void **state)
{
	struct world *w = world_new(1, 1, "endpoints: { /userid/: { negative: 10m } }");

	(void)state;
	world_upstream(w, 10, WORLD_NOT_FOUND);
	for (int i = 0; i < 24 * 60; i++) {
		world_get(w, 0, "/userid/?username=nobody", NULL);
		world_run(w);
		world_store_forget(w);
		world_pass(w, 60 * 1000);
	}
	assert_in_range(world_calls(w), 6, 9);
	world_free(w);
}

static void a_failed_refresh_is_not_tried_again_for_a_while(void **state)
{
	struct world *w = world_new(
		1, 2,
		"refresh_reads: 0\nupstream: { failure_hold: 1s, refresh_retry: 30s }\nbreaker: { failures: 100 }\n"
		"endpoints: { /user-posts/: { fresh: 1h, stale: 1h } }");

	(void)state;
	crowd(w, 2, 2, POSTS);
	world_run(w);
	world_pass(w, HOUR_MS);
	world_upstream(w, 10, WORLD_RESOURCE_ERROR);
	for (int i = 0; i < 300; i++) { /* five minutes */
		size_t r = world_get(w, (size_t)i % 2, POSTS, NULL);

		assert_int_equal(world_reply(w, r)->serial, 1);
		world_pass(w, 1000);
	}
	assert_in_range(world_calls(w) - 1, 4, 11);
	world_free(w);
}

static void a_lease_is_given_back_when_nobody_wants_the_answer_any_more(void **state)
{
	struct world *w = world_new(1, 2,
				    "wait: { max: 28s }\nredis: { lease: 120s }\nupstream: { connections: 1, timeout: 60s }");
	size_t r;

	(void)state;
	world_upstream(w, 50 * 1000, WORLD_DATA);
	world_get(w, 0, "/userid/?username=first", NULL);
	world_pass(w, 10);
	world_upstream(w, 100, WORLD_DATA);
	world_get(w, 0, "/userid/?username=a", NULL); /* queues with the lease, and leaves after 28 s */
	world_pass(w, 20 * 1000);
	r = world_get(w, 1, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_in_range(world_reply(w, r)->answered_at.v - world_reply(w, r)->asked_at.v, 8000, 9000);
	world_free(w);
}

static void the_end_of_another_instances_call_is_heard_at_once(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	world_upstream(w, 1050, WORLD_DATA);
	world_get(w, 0, "/userid/?username=a", NULL);
	world_pass(w, 1);
	r = world_get(w, 1, "/userid/?username=a", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->answered_at.v - world_reply(w, r)->asked_at.v, 1049);
	world_free(w);
}

static void a_failure_shared_by_another_instance_is_booked_as_it_was_billed(void **state)
{
	static const struct {
		enum world_answer kind;
		enum fr_outcome outcome;
	} rows[] = { { WORLD_503, FR_OUTCOME_FAILED },
		     { WORLD_HTML, FR_OUTCOME_COLLAPSED },
		     { WORLD_ACCOUNT_ERROR, FR_OUTCOME_FAILED } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct world *w = world_new(1, 2, "");

		world_upstream(w, 500, rows[i].kind);
		world_get(w, 0, "/userid/?username=a", NULL);
		world_pass(w, 1);
		world_get(w, 1, "/userid/?username=a", NULL);
		world_run(w);
		assert_int_equal(world_calls(w), 1);
		assert_int_equal(world_outcomes(w, rows[i].outcome), rows[i].outcome == FR_OUTCOME_FAILED ? 2 : 1);
		world_free(w);
	}
}

static void of_two_old_answers_the_younger_rescues(void **state)
{
	struct world *w = world_new(1, 1,
				    "breaker: { failures: 1, open: 10m, open_max: 10m }\n"
				    "endpoints: { /user-posts/: { fresh: 1h, stale: 0, rescue: 1d } }");
	size_t r;

	(void)state;
	world_get(w, 0, POSTS, NULL);
	world_run(w);
	world_pass(w, 2 * HOUR_MS);
	world_get(w, 0, POSTS, NULL);
	world_pass(w, 50);
	world_store_away(w, true); /* the second answer does not reach it */
	world_run(w);
	world_store_away(w, false);
	world_pass(w, 2 * HOUR_MS);
	world_upstream(w, 10, WORLD_503);
	for (int i = 0; i < 2; i++) {
		r = world_get(w, 0, POSTS, NULL);
		world_run(w);
		assert_int_equal(world_reply(w, r)->serial, 2);
		world_pass(w, 60 * 1000);
	}
	world_free(w);
}

static void at_its_deadline_a_request_gets_what_came_by_another_way(void **state)
{
	struct world *w = world_new(1, 1, "upstream: { timeout: 60s }");
	size_t r;

	(void)state;
	world_upstream(w, 40 * 1000, WORLD_DATA);
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_pass(w, 1000);
	world_upstream(w, 10, WORLD_DATA);
	world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

static void a_call_says_whether_something_was_too_old_or_nothing_was_there(void **state)
{
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		struct world *w = world_new(1, 1, "endpoints: { /user-posts/: { fresh: 1h, stale: 0, rescue: 1d } }");
		size_t r = world_get(w, 0, POSTS, NULL);

		world_run(w);
		assert_true(says(w, r, "fwd=uri-miss"));
		world_pass(w, 2 * HOUR_MS);
		if (lost)
			world_store_forget(w); /* memory knows */
		else
			world_kill(w, 0); /* the store knows */
		r = world_get(w, 0, POSTS, NULL);
		world_run(w);
		assert_true(says(w, r, "fwd=stale"));
		world_free(w);
	}
}

static void who_is_refused_by_a_throttled_upstream_hears_when_to_come_back(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_THROTTLE); /* Retry-After: 2 */
	r = world_get(w, 0, POSTS, NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 503);
	assert_int_equal(world_reply(w, r)->retry_after, 2);
	world_free(w);
}

static void what_the_upstream_says_on_a_path_without_a_row_is_handed_through(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_503);
	r = world_get(w, 0, "/extra/thing", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 503);
	assert_int_equal(world_reply(w, r)->spent, 0);
	world_upstream(w, 10, WORLD_DATA); /* and nobody shares it */
	r = world_get(w, 0, "/extra/thing", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_free(w);
}

static void a_failed_call_is_rescued_by_what_came_meanwhile(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream(w, 10 * 1000, WORLD_503);
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_pass(w, 1000);
	world_upstream(w, 10, WORLD_DATA);
	world_get(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

static void what_has_just_been_paid_for_is_handed_on_whole(void **state)
{
	struct world *w = world_new(1, 1, "links_margin: 7h\nwait: { max: 5m }\nupstream: { timeout: 5m }");
	size_t r;

	(void)state;
	world_upstream(w, 90 * 1000, WORLD_DATA); /* the links live for six hours: they count as dead when they come */
	r = world_get(w, 0, "/post-detail/?url=7106594312292453675", NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_tally(w, 0)->counters.unavailable_links, 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_that_everybody_has_left_is_not_asked),
		cmocka_unit_test(only_if_cached_is_free_on_every_path),
		cmocka_unit_test(only_if_cached_finds_what_a_short_link_stands_for),
		cmocka_unit_test(only_if_cached_gets_nothing_that_is_too_old),
		cmocka_unit_test(bought_freshness_is_paid_once_however_slow_the_call),
		cmocka_unit_test(a_short_link_and_its_post_that_queue_together_cost_one_call),
		cmocka_unit_test(who_waits_goes_before_what_is_refreshed),
		cmocka_unit_test(who_begins_to_wait_for_a_refresh_moves_it_to_the_front),
		cmocka_unit_test(a_stop_hands_over_the_last_totals),
		cmocka_unit_test(a_stop_does_not_wait_for_a_store_that_is_away),
		cmocka_unit_test(a_stop_answers_everybody_in_every_state),
		cmocka_unit_test(ports_that_call_back_at_once_change_nothing),
		cmocka_unit_test(a_record_that_does_not_check_is_asked_once_for_all),
		cmocka_unit_test(not_found_doubles_though_memory_forgets_it),
		cmocka_unit_test(not_found_doubles_though_the_store_forgets_it),
		cmocka_unit_test(a_failed_refresh_is_not_tried_again_for_a_while),
		cmocka_unit_test(a_lease_is_given_back_when_nobody_wants_the_answer_any_more),
		cmocka_unit_test(the_end_of_another_instances_call_is_heard_at_once),
		cmocka_unit_test(a_failure_shared_by_another_instance_is_booked_as_it_was_billed),
		cmocka_unit_test(of_two_old_answers_the_younger_rescues),
		cmocka_unit_test(at_its_deadline_a_request_gets_what_came_by_another_way),
		cmocka_unit_test(a_call_says_whether_something_was_too_old_or_nothing_was_there),
		cmocka_unit_test(who_is_refused_by_a_throttled_upstream_hears_when_to_come_back),
		cmocka_unit_test(what_the_upstream_says_on_a_path_without_a_row_is_handed_through),
		cmocka_unit_test(a_failed_call_is_rescued_by_what_came_meanwhile),
		cmocka_unit_test(what_has_just_been_paid_for_is_handed_on_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
