#include "tests/story/story.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

/* Who may call next, and when. */

enum { MINUTES = 10, CROWD_MAX = 4400, TENANTS = 3 };

static const char *const tenants[TENANTS] = { "acme", "globex", "initech" };

/* 400 questions a minute, each another, at random moments: a quarter from people, the rest in batches of three tenants with weights 1, 2, 3. */
struct rush {
	struct world *w;
	size_t requests[CROWD_MAX], n;
	bool urgent[CROWD_MAX];
	int64_t due[1 + TENANTS]; /* the next question; [0]: somebody's in front of a screen */
};

static void introduce(struct world *w)
{
	static const struct world_client clients[] = {
		{ "anna", "default", "default", FR_PRIORITY_INTERACTIVE, false },
		{ "a", "acme", "default", FR_PRIORITY_BATCH, false },
		{ "b", "globex", "default", FR_PRIORITY_BATCH, false },
		{ "c", "initech", "default", FR_PRIORITY_INTERACTIVE, false }, /* but it says that it is a batch */
	};

	world_clients(w, clients, sizeof clients / sizeof clients[0]);
	for (int i = 0; i < TENANTS; i++)
		world_weigh(w, tenants[i], i + 1);
}

static int64_t until_next(struct world *w)
{
	double u = (double)(1 + fr_random_below(world_random(w), 1 << 30)) / (double)(1 << 30);

	return (int64_t)(-log(u) * 600.0 + 0.5);
}

static void ask(struct rush *r, size_t who)
{
	static const char *const keys[1 + TENANTS] = { "anna", "a", "b", "c" };
	char target[64];

	snprintf(target, sizeof target, "/userid/?username=u%zu", r->n);
	r->urgent[r->n] = who == 0;
	r->requests[r->n] = world_ask(r->w, r->n % world_instances(r->w), target, NULL, keys[who],
				      who == 3 ? FR_PRIORITY_BATCH : FR_PRIORITIES);
	r->n++;
}

static struct rush *rush(struct world *w)
{
	struct rush *r = fr_calloc(1, sizeof *r);
	int64_t end = world_now(w).v + MINUTES * 60 * 1000;

	r->w = w;
	introduce(w);
	for (size_t who = 0; who <= TENANTS; who++)
		r->due[who] = world_now(w).v + until_next(w);
	for (;;) {
		size_t next = 0;

		for (size_t who = 1; who <= TENANTS; who++)
			next = r->due[who] < r->due[next] ? who : next;
		if (r->due[next] >= end)
			break;
		world_pass(w, r->due[next] - world_now(w).v);
		ask(r, next);
		r->due[next] += until_next(w);
		assert_true(r->n < CROWD_MAX);
	}
	world_pass(w, end - world_now(w).v);
	return r;
}

static int by_length(const void *a, const void *b)
{
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

/* How long 99 of 100 of those waited at the most, from their question to its answer. */
static int64_t wait_of(const struct rush *r, bool urgent)
{
	int64_t *waits = fr_calloc(r->n, sizeof waits[0]), ret;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct world_reply *reply = world_reply(r->w, r->requests[i]);

		if (r->urgent[i] == urgent)
			waits[n++] = (reply->answered ? reply->answered_at.v : world_now(r->w).v) - reply->asked_at.v;
	}
	qsort(waits, n, sizeof waits[0], by_length);
	ret = waits[n * 99 / 100];
	free(waits);
	return ret;
}

static void at_most_in_any_minute(const struct world *w, size_t calls)
{
	for (size_t n = calls; n < world_calls(w); n++)
		assert_true(world_call_at(w, n).v - world_call_at(w, n - calls).v >= 60 * 1000);
}

/* Whoever shares the limit: one instance alone, one that asks Redis, three that do. */
static struct world *world_of(int kind)
{
	static const char yaml[] = "wait: { max: 10m }\nupstream: { connections: 64 }";
	struct world *w = kind == 0 ? world_new_alone(7, yaml) : world_new(7 + (uint64_t)kind, kind == 1 ? 1 : 3, yaml);

	world_store(w, 4);
	world_upstream(w, 200, WORLD_DATA);
	return w;
}

static void saturation_sees_at_most_200_in_every_sliding_minute(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);

		assert_in_range(world_calls(w), 200 * MINUTES * 90 / 100, 200 * (MINUTES + 1));
		at_most_in_any_minute(w, 200);
		world_free(w);
		free(r);
	}
}

static void interactive_waits_less_than_a_second_while_batch_waits(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);

		assert_true(wait_of(r, true) < 1000);
		assert_true(wait_of(r, false) > 60 * 1000);
		world_free(w);
		free(r);
	}
}

static void tenants_share_by_weight(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);
		int64_t spent[TENANTS], all = 0;

		for (int i = 0; i < TENANTS; i++)
			all += spent[i] = world_tenant_spent(w, 0, tenants[i], false);
		for (int i = 0; i < TENANTS; i++)
			assert_in_range(spent[i] * 6 * 100, all * (i + 1) * 95, all * (i + 1) * 105);
		world_free(w);
		free(r);
	}
}

static size_t get(struct world *w, const char *about, int i, enum fr_priority p)
{
	char target[64];

	snprintf(target, sizeof target, "%s%d", about, i);
	return world_ask(w, 0, target, NULL, "", p);
}

#define BATCH FR_PRIORITY_BATCH
#define AT_ONCE FR_PRIORITIES

static void who_joins_a_batch_in_a_hurry_takes_its_question_along(void **state)
{
	struct world *w = world_new_alone(1, "wait: { max: 10m }\nupstream: { rate: 20/min }");
	size_t last = 0, joined;

	(void)state;
	for (int i = 0; i < 60; i++)
		last = get(w, "/userid/?username=u", i, BATCH);
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 18);
	joined = get(w, "/userid/?username=u", 59, AT_ONCE);
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 19);
	assert_true(world_reply(w, joined)->answered && world_reply(w, last)->answered);
	world_run(w);
	world_free(w);
}

/* Nobody is in a hurry any more: the question is no better than its other waiters. */
static void who_leaves_takes_its_hurry_along(void **state)
{
	struct world *w = world_new_alone(1, "wait: { max: 20s }\nupstream: { rate: 20/min }");
	size_t joined, other;

	(void)state;
	for (int i = 0; i < 20; i++)
		get(w, "/userid/?username=u", i, AT_ONCE);
	world_pass(w, 30 * 1000);
	joined = get(w, "/userid/?username=u", 99, AT_ONCE);
	world_pass(w, 15 * 1000);
	get(w, "/userid/?username=u", 99, BATCH);
	world_pass(w, 1000);
	other = get(w, "/userid/?username=u", 50, FR_PRIORITY_POLL);
	world_pass(w, 4500);
	assert_int_equal(world_reply(w, joined)->status, 504);
	world_pass(w, 10 * 1000 + 300); /* the first places are free again */
	assert_true(world_reply(w, other)->answered);
	assert_int_equal(world_reply(w, other)->serial, 21);
	world_run(w);
	world_free(w);
}

static void a_pause_that_the_upstream_asks_for_is_obeyed_by_every_class(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct world *w = world_of(kind);

		world_upstream(w, 10, WORLD_THROTTLE); /* Retry-After: 2 */
		get(w, "/userid/?username=u", 0, AT_ONCE);
		world_pass(w, 100);
		world_upstream(w, 10, WORLD_DATA);
		for (enum fr_priority p = 0; p < FR_PRIORITIES; p++)
			get(w, "/userid/?username=u", 1 + (int)p, p);
		world_pass(w, 1900);
		assert_int_equal(world_calls(w), 1);
		world_pass(w, 200);
		assert_int_equal(world_calls(w), 1 + FR_PRIORITIES);
		world_free(w);
	}
}

static void a_full_queue_refuses_the_least_urgent(void **state)
{
	struct world *w = world_new_alone(1, "wait: { max: 10m }\nupstream: { rate: 20/min, queue: 5 }");
	size_t batch[7], urgent[7];

	(void)state;
	for (int i = 0; i < 20; i++)
		get(w, "/userid/?username=u", i, AT_ONCE);
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 20);
	for (int i = 0; i < 7; i++)
		batch[i] = get(w, "/user-posts/?userid=", 100 + i, BATCH);
	world_pass(w, 1000);
	for (int i = 0; i < 7; i++)
		assert_int_equal(world_reply(w, batch[i])->answered, i >= 5);
	assert_int_equal(world_reply(w, batch[6])->status, 503);
	assert_int_equal(world_reply(w, batch[6])->retry_after, 1);
	for (int i = 0; i < 7; i++)
		urgent[i] = get(w, "/user-posts/?userid=", 200 + i, AT_ONCE);
	world_pass(w, 1000);
	for (int i = 0; i < 7; i++)
		assert_int_equal(world_reply(w, urgent[i])->answered, i >= 5);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_OVERLOADED), 9);
	assert_int_equal(world_gauges(w, 0).limiter_queue, 5);
	world_run(w);
	assert_int_equal(world_reply(w, urgent[4])->status, 200);
	world_free(w);
}

static void a_full_queue_serves_what_is_old_and_drops_refreshes_quietly(void **state)
{
	struct world *w = world_new_alone(1, "refresh_reads: 0\nwait: { max: 10m }\nupstream: { rate: 20/min, queue: 3 }\n"
					     "endpoints: { /user-posts/: { fresh: 1h, stale: 1h, rescue: 1d } }");
	size_t old;

	(void)state;
	for (int i = 0; i < 10; i++) {
		get(w, "/user-posts/?userid=", 100 + i, AT_ONCE);
		world_pass(w, 10 * 1000);
	}
	world_pass(w, 3 * HOUR_MS);
	get(w, "/user-posts/?userid=", 100, AT_ONCE); /* too old but for a rescue; the others, too */
	for (int i = 0; i < 19; i++)
		get(w, "/userid/?username=u", i, AT_ONCE);
	world_pass(w, 1000);
	for (int i = 0; i < 3; i++)
		get(w, "/userid/?username=w", i, AT_ONCE);
	world_pass(w, 1000);
	old = get(w, "/user-posts/?userid=", 105, AT_ONCE);
	world_pass(w, 1000);
	assert_int_equal(world_reply(w, old)->status, 200);
	assert_true(says(w, old, "detail=stale-error"));
	world_pass(w, 300 * 1000);
	world_pass(w, HOUR_MS - 200 * 1000);
	for (int i = 0; i < 20; i++)
		get(w, "/userid/?username=v", i, AT_ONCE);
	world_pass(w, 1000);
	for (int i = 0; i < 3; i++)
		get(w, "/userid/?username=x", i, AT_ONCE);
	world_pass(w, 1000);
	get(w, "/user-posts/?userid=", 100, AT_ONCE); /* stale: served, and its refresh finds no place */
	world_pass(w, 1000);
	assert_int_equal(world_gauges(w, 0).limiter_queue, 3);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_STALE), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_OVERLOADED), 0);
	world_run(w);
	world_free(w);
}

/* Three instances, which Redis knew of, go on with a third of the limit each; when it is back they do not go beyond the limit. */
static void without_redis_the_instances_share_what_is_left(void **state)
{
	for (int64_t away_ms = 20 * 1000; away_ms <= 200 * 1000; away_ms += 60 * 1000) {
		struct world *w = world_new(3, 3, "wait: { max: 10m }\nredis: { timeout: 100ms }\nupstream: { rate: 60/min }");
		char target[64];

		(void)state;
		for (int i = 0; i < 800; i++) {
			if (i == 60)
				world_store_away(w, true);
			if (i == 60 + (int)(away_ms / 500))
				world_store_away(w, false);
			snprintf(target, sizeof target, "/userid/?username=u%d", i);
			world_get(w, (size_t)i % 3, target, NULL);
			world_pass(w, 500);
		}
		assert_in_range(world_calls(w), 300, 460);
		at_most_in_any_minute(w, 60);
		world_run(w);
		at_most_in_any_minute(w, 60);
		world_free(w);
	}
}

/* Its journal tells, if for its last records a kill came too early. */
static void a_restart_does_not_begin_a_new_window(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct world *w = world_new_alone(seed, "wait: { max: 10m }");

		for (int i = 0; i < 150; i++)
			get(w, "/userid/?username=u", i, AT_ONCE);
		world_pass(w, 5000);
		world_kill(w, 0);
		for (int i = 150; i < 400; i++)
			get(w, "/userid/?username=u", i, AT_ONCE);
		world_pass(w, 50 * 1000);
		assert_in_range(world_calls(w), 200, 203);
		world_run(w);
		at_most_in_any_minute(w, 203);
		world_free(w);
	}
}

/* ---- circuit breakers ---------------------------------------------------------------------------------------------- */

static const char *const abouts[] = { "/userid/?username=u",
				      "/user-posts/?userid=", "/music-info/?music_id=", "/userinfo-by-id/?userid=" };

static void a_sick_group_does_not_stop_the_others(void **state)
{
	struct world *w = world_new(1, 1, "breaker: { failures: 5, open: 10m, open_max: 10m }");
	size_t r[4];

	(void)state;
	world_upstream(w, 10, WORLD_DATA);
	world_upstream_at(w, "/user-posts/", WORLD_503);
	for (int i = 0; i < 30; i++) {
		for (int n = 0; n < 4; n++)
			r[n] = get(w, abouts[n], 1000 + i, AT_ONCE);
		world_run(w);
	}
	assert_int_equal(world_calls(w), 30 * 3 + 5);
	assert_int_equal(world_reply(w, r[0])->status, 200);
	assert_int_equal(world_reply(w, r[1])->status, 503);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_BREAKER), 25);
	assert_int_equal(world_gauges(w, 0).breaker_groups_open, 1);
	assert_int_equal(world_gauges(w, 0).breaker_open, 0);
	world_free(w);
}

static void a_dead_upstream_stops_all_with_one_call_more_than_a_group(void **state)
{
	static const enum world_answer deaths[] = { WORLD_503, WORLD_HTML, WORLD_TIMEOUT, WORLD_REFUSED };

	(void)state;
	for (size_t d = 0; d < sizeof deaths / sizeof deaths[0]; d++) {
		struct world *w = world_new(1, 1, "breaker: { failures: 5, open: 10m, open_max: 10m }");

		world_upstream(w, 10, deaths[d]);
		for (int i = 0; i < 80; i++) {
			get(w, abouts[i / 20], 1000 + i, AT_ONCE); /* one group after the other: the worst case */
			world_run(w);
		}
		assert_in_range(world_calls(w), 5, 6);
		assert_int_equal(world_gauges(w, 0).breaker_open, 1);
		world_free(w);
	}
}

static void one_probe_brings_the_upstream_back(void **state)
{
	struct world *w = world_new(1, 1, "breaker: { failures: 3, open: 10s }");
	size_t r[4];

	(void)state;
	world_upstream(w, 10, WORLD_REFUSED);
	for (int i = 0; i < 20; i++) {
		get(w, abouts[i % 4], 1000 + i, AT_ONCE);
		world_run(w);
	}
	assert_int_equal(world_calls(w), 3);
	world_pass(w, 11 * 1000);
	world_upstream(w, 500, WORLD_DATA);
	for (int n = 0; n < 4; n++)
		r[n] = get(w, abouts[n], 2000, AT_ONCE);
	world_pass(w, 100);
	assert_int_equal(world_calls(w), 4); /* the others do not wait for it */
	world_run(w);
	assert_int_equal(world_reply(w, r[0])->status, 200);
	assert_int_equal(world_reply(w, r[3])->status, 503);
	assert_int_equal(world_gauges(w, 0).breaker_open, 0);
	for (int n = 0; n < 4; n++)
		r[n] = get(w, abouts[n], 3000, AT_ONCE);
	world_run(w);
	for (int n = 0; n < 4; n++)
		assert_int_equal(world_reply(w, r[n])->status, 200);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saturation_sees_at_most_200_in_every_sliding_minute),
		cmocka_unit_test(interactive_waits_less_than_a_second_while_batch_waits),
		cmocka_unit_test(tenants_share_by_weight),
		cmocka_unit_test(who_joins_a_batch_in_a_hurry_takes_its_question_along),
		cmocka_unit_test(who_leaves_takes_its_hurry_along),
		cmocka_unit_test(a_pause_that_the_upstream_asks_for_is_obeyed_by_every_class),
		cmocka_unit_test(a_full_queue_refuses_the_least_urgent),
		cmocka_unit_test(a_full_queue_serves_what_is_old_and_drops_refreshes_quietly),
		cmocka_unit_test(without_redis_the_instances_share_what_is_left),
		cmocka_unit_test(a_restart_does_not_begin_a_new_window),
		cmocka_unit_test(a_sick_group_does_not_stop_the_others),
		cmocka_unit_test(a_dead_upstream_stops_all_with_one_call_more_than_a_group),
		cmocka_unit_test(one_probe_brings_the_upstream_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
