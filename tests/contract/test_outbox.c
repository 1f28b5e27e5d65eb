/* The outbox: how an alert is raised, taken and ended; one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "tests/contract/both_stores.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct redis_here redis;

static enum fr_outbox_state raise_with(struct side *s, const char *id, struct fr_str body, const char *const *lower,
				       size_t n_lower)
{
	static uint64_t number;
	struct fr_outbox_raise r = {
		.number = ++number, .id = id, .n_lower = n_lower, .kind = FR_CHANNEL_PAGERDUTY, .body = body
	};
	int before = s->heard.n_raised;

	for (size_t i = 0; i < n_lower; i++)
		(void)fr_str_copy(r.lower[i], sizeof r.lower[i], fr_str_of(lower[i]));
	if (s->world->real)
		fr_store_alert_raise(s->store, &r);
	else
		fake_store_alert_raise(s->client, &r);
	UNTIL(s->world, s->heard.n_raised == before + 1);
	assert_int_equal(s->heard.token, r.number);
	return s->heard.state;
}

/* Not `raise`, which is the C library's. */
static enum fr_outbox_state put_in(struct side *s, const char *id)
{
	return raise_with(s, id, FR_STR("{\"text\":\"t\"}"), NULL, 0);
}

/* The id that was taken, or "". */
static const char *take_of(struct side *s, uint64_t owner, bool orphans)
{
	static uint64_t number = 1000;
	const struct fr_outbox_take t = { .number = ++number, .owner = owner, .orphans = orphans };
	int before = s->heard.n_taken;

	if (s->world->real)
		fr_store_alert_take(s->store, &t);
	else
		fake_store_alert_take(s->client, &t);
	UNTIL(s->world, s->heard.n_taken == before + 1);
	assert_int_equal(s->heard.taken.number, t.number);
	return s->heard.taken.taken ? s->heard.taken.id : "";
}

static const char *take(struct side *s, uint64_t owner)
{
	return take_of(s, owner, true);
}

static bool end(struct side *s, uint64_t owner, const char *id, bool accepted)
{
	static uint64_t number = 2000;
	const struct fr_outbox_end e = { .number = ++number, .owner = owner, .id = id, .accepted = accepted };
	int before = s->heard.n_ended;

	if (s->world->real)
		fr_store_alert_end(s->store, &e);
	else
		fake_store_alert_end(s->client, &e);
	UNTIL(s->world, s->heard.n_ended == before + 1);
	assert_int_equal(s->heard.token, e.number);
	return s->heard.added;
}

/* Time passes. The real one's clock cannot be set: what it has written down is moved into the past instead. */
static void pass(struct world *w, fr_ms t)
{
	static const char script[] =
		"local by = tonumber(ARGV[1])\n"
		"local function less(n) n = tonumber(n) return n == 0 and '0' or string.format('%.0f', n - by) end\n"
		"local all = redis.call('HGETALL', KEYS[2])\n"
		"for i = 1, #all, 2 do\n"
		"  local lease, owner, failures, pause, raised, rest = string.match(all[i + 1], '^(%d+) (%S+) (%d+) (%d+) (%d+) (.*)$')\n"
		"  redis.call('HSET', KEYS[2], all[i], table.concat({less(lease), owner, failures, less(pause), less(raised), rest}, ' '))\n"
		"end\n"
		"local ids = redis.call('ZRANGE', KEYS[1], 0, -1)\n"
		"for _, id in ipairs(ids) do redis.call('ZINCRBY', KEYS[1], -by, id) end\n"
		"return 1\n";

	if (w->real)
		redis_here_do(w->redis, "EVAL %s 2 test:{credits}:a test:{credits}:x %lld", script, (long long)t.v);
	else
		w->now += t.v;
}

static void who_raises_first_puts_it_in_and_all_others_learn_of_it(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_PENDING);
	assert_int_equal(put_in(&w->side[1], "a"), FR_OUTBOX_PENDING);
	assert_string_equal(take(&w->side[2], 7), "a");
	assert_int_equal(put_in(&w->side[1], "a"), FR_OUTBOX_PENDING);
	assert_true(end(&w->side[2], 7, "a", true));
	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_DONE);
	assert_string_equal(take(&w->side[0], 8), "");
}

static void lower_thresholds_are_done_with_the_higher_one(void **state)
{
	static const char *const lower[] = { "ops|percent|all/month|70|0", "ops|percent|all/month|90|0" };
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], lower[0]), FR_OUTBOX_RAISED); /* this one was told before */
	pass(w, FR_MS(10));
	assert_int_equal(raise_with(&w->side[0], "ops|percent|all/month|100|0", FR_STR("{}"), lower, 2), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[1], lower[0]), FR_OUTBOX_PENDING);
	assert_int_equal(put_in(&w->side[1], lower[1]), FR_OUTBOX_DONE);
	assert_string_equal(take(&w->side[1], 1), lower[0]);
	assert_string_equal(take(&w->side[1], 2), "ops|percent|all/month|100|0");
	assert_string_equal(take(&w->side[1], 3), "");
}

static void each_is_taken_by_one_the_oldest_first(void **state)
{
	struct world *w = *state;

	for (char id[] = "a"; id[0] <= 'c'; id[0]++) {
		assert_int_equal(put_in(&w->side[0], id), FR_OUTBOX_RAISED);
		pass(w, FR_MS(10));
	}
	assert_string_equal(take(&w->side[0], 1), "a");
	assert_int_equal(w->side[0].heard.taken.pending, 3);
	assert_string_equal(take(&w->side[1], 2), "b");
	assert_string_equal(take(&w->side[2], 3), "c");
	assert_string_equal(take(&w->side[0], 4), "");
	assert_int_equal(w->side[0].heard.taken.pending, 3);
	assert_in_range((uintmax_t)w->side[0].heard.taken.wait.v, 30 * 1000, (uintmax_t)FR_OUTBOX_LEASE.v);
}

static void what_is_taken_comes_as_it_was_raised(void **state)
{
	static const char odd[] = "{\"text\":\"line\\nline \xc3\xa4 % $1 \\u0000\"}\n second line \x01 end ";
	struct world *w = *state;
	char *large = fr_alloc(FR_ALERT_BODY_MAX);

	assert_int_equal(raise_with(&w->side[0], "a", FR_STR(odd), NULL, 0), FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[1], 1), "a");
	assert_int_equal(w->side[1].heard.taken.kind, FR_CHANNEL_PAGERDUTY);
	assert_int_equal(w->side[1].heard.record_n, sizeof(odd) - 1);
	assert_string_equal(w->side[1].heard.record, odd);
	memset(large, '{', FR_ALERT_BODY_MAX);
	assert_int_equal(raise_with(&w->side[0], "large", (struct fr_str){ large, FR_ALERT_BODY_MAX }, NULL, 0),
			 FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[1], 2), "large");
	assert_int_equal(w->side[1].heard.record_n, FR_ALERT_BODY_MAX);
	assert_true(w->side[1].heard.record_hash == fr_hash64(0, large, FR_ALERT_BODY_MAX));
	free(large);
}

static void who_dies_with_one_gives_it_up_after_a_minute(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[0], 1), "a");
	pass(w, FR_MS(FR_OUTBOX_LEASE.v - 20 * 1000));
	assert_string_equal(take(&w->side[1], 2), "");
	pass(w, FR_MS(20 * 1000));
	assert_string_equal(take(&w->side[1], 3), "a");
	assert_true(end(&w->side[0], 1, "a", false)); /* he was not dead: he has no say any more */
	assert_string_equal(take(&w->side[2], 4), "");
	assert_true(end(&w->side[0], 1, "a", true)); /* unless it was accepted, for that is so */
	assert_int_equal(put_in(&w->side[2], "a"), FR_OUTBOX_DONE);
}

static void who_was_cut_off_leaves_to_others_what_they_had_taken(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "b"), FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[0], 1), "a");
	pass(w, FR_OUTBOX_LEASE);
	assert_string_equal(take_of(&w->side[1], 2, false), "b"); /* nobody has this one */
	assert_string_equal(take_of(&w->side[1], 3, false), "");
	assert_int_equal(w->side[1].heard.taken.pending, 2);
	assert_string_equal(take_of(&w->side[1], 4, true), "a");
	assert_true(end(&w->side[1], 4, "a", false));
	pass(w, FR_OUTBOX_PAUSE);
	assert_string_equal(take_of(&w->side[2], 5, false), "a"); /* he has said how it ended */
}

static void what_was_not_accepted_comes_again_after_pauses_that_grow(void **state)
{
	static const int64_t seconds[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	for (size_t i = 0; i < COUNT(seconds); i++) {
		assert_string_equal(take(&w->side[i % SIDES], i), "a");
		assert_true(end(&w->side[i % SIDES], i, "a", false));
		assert_true(end(&w->side[i % SIDES], i, "a", false)); /* said twice, counted once */
		assert_string_equal(take(&w->side[0], 100), "");
		assert_in_range((uintmax_t)w->side[0].heard.taken.wait.v, (uintmax_t)seconds[i] * 1000 - 900,
				(uintmax_t)seconds[i] * 1000);
		pass(w, FR_MS(seconds[i] * 1000));
	}
	assert_string_equal(take(&w->side[0], 101), "a");
}

static void an_end_said_twice_ends_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	pass(w, FR_MS(10));
	assert_int_equal(put_in(&w->side[0], "b"), FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[0], 1), "a");
	for (int i = 0; i < 3; i++)
		assert_true(end(&w->side[0], 1, "a", true));
	assert_string_equal(take(&w->side[0], 2), "b");
	assert_int_equal(w->side[0].heard.taken.pending, 1);
	assert_int_equal(w->side[0].heard.taken.given_up, 0);
}

static void what_was_accepted_is_known_though_its_raising_was_forgotten(void **state)
{
	struct world *w = *state;

	assert_true(end(&w->side[0], 1, "a", true));
	assert_int_equal(put_in(&w->side[1], "a"), FR_OUTBOX_DONE);
	assert_true(end(&w->side[0], 1, "b", false));
	assert_int_equal(put_in(&w->side[1], "b"), FR_OUTBOX_RAISED);
}

static void after_three_days_an_alert_is_given_up(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "taken"), FR_OUTBOX_RAISED);
	pass(w, FR_MS(FR_OUTBOX_GIVEN_UP.v - 30 * 1000));
	assert_string_equal(take(&w->side[0], 1), "a");
	assert_true(end(&w->side[0], 1, "a", false));
	assert_string_equal(take(&w->side[0], 2), "taken");
	pass(w, FR_MS(40 * 1000));
	assert_string_equal(take(&w->side[1], 3), "");
	assert_int_equal(w->side[1].heard.taken.given_up, 1);
	assert_int_equal(w->side[1].heard.taken.pending, 1); /* somebody is about to deliver this one */
	assert_int_equal(put_in(&w->side[1], "a"), FR_OUTBOX_DONE);
}

static void a_full_outbox_takes_no_more_and_forgets_nothing(void **state)
{
	struct world *w = *state;
	char id[32];

	for (int i = 0; i < FR_OUTBOX_MAX; i++) {
		(void)snprintf(id, sizeof id, "id-%d", i);
		assert_int_equal(put_in(&w->side[0], id), FR_OUTBOX_RAISED);
	}
	assert_int_equal(put_in(&w->side[0], "one more"), FR_OUTBOX_FULL);
	assert_int_equal(put_in(&w->side[0], "id-3"), FR_OUTBOX_PENDING);
	assert_string_not_equal(take(&w->side[0], 1), "");
	(void)fr_str_copy(id, sizeof id, fr_str_of(w->side[0].heard.taken.id));
	assert_true(end(&w->side[0], 1, id, true));
	assert_int_equal(put_in(&w->side[0], "one more"), FR_OUTBOX_RAISED);
}

static void ids_are_known_for_seventy_days(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "old"), FR_OUTBOX_RAISED);
	assert_string_equal(take(&w->side[0], 1), "old");
	assert_true(end(&w->side[0], 1, "old", true));
	pass(w, FR_MS(FR_OUTBOX_KEPT.v - 60 * 1000));
	assert_int_equal(put_in(&w->side[0], "news"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "old"), FR_OUTBOX_DONE);
	pass(w, FR_MS(61 * 1000));
	assert_int_equal(put_in(&w->side[0], "more news"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "old"), FR_OUTBOX_RAISED);
	assert_int_equal(put_in(&w->side[0], "news"), FR_OUTBOX_PENDING);
}

static void without_redis_nothing_is_known(void **state)
{
	struct world *w = *state;

	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_RAISED);
	if (w->real)
		redis_here_kill(w->redis);
	else
		fake_store_away(w->fake, true);
	assert_int_equal(put_in(&w->side[0], "a"), FR_OUTBOX_UNKNOWN);
	assert_string_equal(take(&w->side[0], 1), "");
	assert_false(w->side[0].heard.taken.known);
	assert_false(end(&w->side[0], 1, "a", true));
	if (w->real)
		redis_here_restart(w->redis, PERSISTENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(who_raises_first_puts_it_in_and_all_others_learn_of_it),
		BOTH(lower_thresholds_are_done_with_the_higher_one),
		BOTH(each_is_taken_by_one_the_oldest_first),
		BOTH(what_is_taken_comes_as_it_was_raised),
		BOTH(who_dies_with_one_gives_it_up_after_a_minute),
		BOTH(who_was_cut_off_leaves_to_others_what_they_had_taken),
		BOTH(what_was_not_accepted_comes_again_after_pauses_that_grow),
		BOTH(an_end_said_twice_ends_once),
		BOTH(what_was_accepted_is_known_though_its_raising_was_forgotten),
		BOTH(after_three_days_an_alert_is_given_up),
		BOTH(a_full_outbox_takes_no_more_and_forgets_nothing),
		BOTH(ids_are_known_for_seventy_days),
		BOTH(without_redis_nothing_is_known),
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
