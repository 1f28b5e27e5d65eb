/* The line of calls: one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/contract/both_stores.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint64_t US[SIDES] = { 0xaaaaaaaaaaaaaaaa, 0xbbbbbbbbbbbbbbbb, 0x0c };

/* Times are long where nothing must end meanwhile, and short where a test waits for the end. */
static const struct fr_line_ask TEN = { .calls = 10, .window = { 60000 }, .slice = { 30000 }, .slice_calls = 4 };
static const struct fr_line_ask BRIEF = { .calls = 5, .window = { 800 }, .slice = { 200 }, .slice_calls = 2 };

static struct fr_line_told line_up(struct world *w, int i, struct fr_line_ask ask, int64_t urgent, int64_t paced)
{
	struct side *s = &w->side[i];
	int before = s->heard.n_lined;

	ask.number = 1000 + (uint64_t)before;
	ask.urgent = urgent;
	ask.paced = paced;
	if (w->real)
		fr_store_line_up(s->store, US[i], &ask);
	else
		fake_store_line_up(s->client, US[i], &ask);
	UNTIL(w, s->heard.n_lined == before + 1);
	assert_true(s->heard.line.known);
	assert_int_equal(s->heard.line.number, ask.number);
	return s->heard.line;
}

/* Redis' clock is set back: what the log knows lies in the future now. */
static void set_clock_back(struct world *w, int64_t ms)
{
	redisReply *r;

	if (!w->real) {
		w->now -= ms;
		return;
	}
	r = redis_here_ask(w->redis, "LRANGE test:{line}:c 0 -1");
	for (size_t i = 0; i < r->elements; i++) {
		int64_t at, given, n;
		char entry[80];

		assert_int_equal(sscanf(r->element[i]->str, "%" SCNd64 " %" SCNd64 " %" SCNd64, &at, &given, &n), 3);
		(void)snprintf(entry, sizeof entry, "%" PRId64 " %" PRId64 " %" PRId64, at + ms, given, n);
		redis_here_do(w->redis, "LSET test:{line}:c %d %s", (int)i, entry);
	}
	freeReplyObject(r);
}

static void urgent_calls_take_every_free_place(void **state)
{
	struct world *w = *state;
	struct fr_line_told told;

	told = line_up(w, 0, TEN, 7, 0);
	assert_int_equal(told.urgent, 7);
	assert_int_equal(told.used, 7);
	assert_int_equal(told.wait_urgent.v, 0);
	told = line_up(w, 1, TEN, 7, 0);
	assert_int_equal(told.urgent, 3);
	assert_int_equal(told.used, 10);
	assert_in_range(told.wait_urgent.v, 1, 60000);
	assert_int_equal(told.wait_paced.v, told.wait_urgent.v);
	assert_int_equal(line_up(w, 2, TEN, 1, 1).urgent, 0);
}

static void paced_calls_leave_room(void **state)
{
	struct world *w = *state;
	struct fr_line_told told;

	told = line_up(w, 0, TEN, 0, 9);
	assert_int_equal(told.paced, 4);
	assert_int_equal(told.used, 4);
	assert_int_equal(told.wait_urgent.v, 0);
	assert_in_range(told.wait_paced.v, 1, 30000);
	assert_int_equal(line_up(w, 1, TEN, 0, 1).paced, 0);
	told = line_up(w, 1, TEN, 9, 1);
	assert_int_equal(told.urgent, 6);
	assert_int_equal(told.paced, 0);
}

static void paced_calls_count_what_urgent_ones_took(void **state)
{
	static const struct {
		int64_t urgent, paced, given;
		bool waits;
	} rows[] = { { 1, 1, 1, false }, { 0, 1, 1, false }, { 1, 1, 0, true }, { 0, 1, 0, true }, { 2, 9, 0, true } };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_line_told told = line_up(w, (int)i % SIDES, TEN, rows[i].urgent, rows[i].paced);

		assert_int_equal(told.urgent, rows[i].urgent);
		if (told.paced != rows[i].given || (told.wait_paced.v > 0) != rows[i].waits)
			fail_msg("row %zu: %d given, to wait %d", i, (int)told.paced, (int)told.wait_paced.v);
	}
}

static void the_last_free_place_limits_paced_calls_too(void **state)
{
	struct fr_line_ask wide = TEN;
	struct world *w = *state;
	struct fr_line_told told;

	wide.slice_calls = 100;
	told = line_up(w, 0, wide, 8, 9);
	assert_int_equal(told.urgent, 8);
	assert_int_equal(told.paced, 2);
	assert_in_range(told.wait_paced.v, 30001, 60000); /* until the window has room, not only the slice */
}

static void who_only_asks_takes_nothing(void **state)
{
	struct world *w = *state;
	struct fr_line_told told = line_up(w, 0, TEN, 0, 0);

	assert_int_equal(told.used, 0);
	assert_int_equal(told.instances, 1);
	assert_int_equal(told.wait_urgent.v, 0);
	assert_int_equal(told.wait_paced.v, 0);
	(void)line_up(w, 0, TEN, 2, 0);
	told = line_up(w, 1, TEN, 0, 0);
	assert_int_equal(told.used, 2);
	assert_int_equal(told.instances, 1);
}

static void instances_are_counted_while_they_want_places(void **state)
{
	struct world *w = *state;

	assert_int_equal(line_up(w, 0, BRIEF, 9, 0).instances, 1);
	assert_int_equal(line_up(w, 1, BRIEF, 1, 0).instances, 2); /* got none, but asked */
	assert_int_equal(line_up(w, 2, BRIEF, 0, 1).instances, 3);
	UNTIL(w, line_up(w, 2, BRIEF, 1, 0).instances == 1);
}

static void a_lower_limit_waits_until_enough_has_left(void **state)
{
	struct fr_line_ask less = TEN;
	struct world *w = *state;
	struct fr_line_told told;

	(void)line_up(w, 0, TEN, 8, 0);
	less.calls = 3;
	told = line_up(w, 1, less, 1, 1);
	assert_int_equal(told.urgent + told.paced, 0);
	assert_int_equal(told.used, 8);
	assert_true(told.wait_urgent.v > 0);
	assert_int_equal(line_up(w, 1, TEN, 9, 0).urgent, 2);
}

/* Places may be given at any moment between question and answer. */
struct taken {
	int64_t asked, answered, n;
};

static void no_window_sees_more_calls_than_the_limit(void **state)
{
	enum { ENOUGH = 20 };
	struct world *w = *state;
	static struct taken taken[ENOUGH];
	int64_t all = 0;
	size_t n = 0;

	for (int turns = 0; all < ENOUGH; turns++) {
		struct taken t = { .asked = clock_of(w) };
		struct fr_line_told told = line_up(w, turns % SIDES, BRIEF, turns % 2, turns % 3);

		t.answered = clock_of(w);
		t.n = told.urgent + told.paced;
		assert_in_range(told.used, t.n, BRIEF.calls);
		all += t.n;
		if (t.n > 0)
			taken[n++] = t;
	}
	for (size_t i = 0; i < n; i++) {
		int64_t sum = 0;

		for (size_t k = i; k < n && taken[k].answered - taken[i].asked < BRIEF.window.v - 1; k++)
			sum += taken[k].n;
		assert_in_range(sum, 0, BRIEF.calls);
	}
}

static void no_slice_is_filled_beyond_its_share_by_paced_calls(void **state)
{
	struct world *w = *state;
	static struct taken taken[8];
	size_t n = 0;

	while (n < COUNT(taken)) {
		struct taken t = { .asked = clock_of(w) };

		t.n = line_up(w, 0, BRIEF, 0, 1).paced;
		t.answered = clock_of(w);
		if (t.n > 0)
			taken[n++] = t;
	}
	for (size_t i = 0; i + 2 < n; i++)
		assert_true(taken[i + 2].answered - taken[i].asked >= BRIEF.slice.v - 1);
}

static void after_the_wait_there_is_a_place(void **state)
{
	struct world *w = *state;
	struct fr_line_told told = line_up(w, 0, BRIEF, 5, 0);
	int64_t until = clock_of(w) + told.wait_urgent.v;

	assert_in_range(told.wait_urgent.v, 1, BRIEF.window.v);
	UNTIL(w, clock_of(w) >= until);
	assert_int_equal(line_up(w, 1, BRIEF, 1, 0).urgent, 1);
	UNTIL(w, line_up(w, 1, BRIEF, 0, 0).used == 0);
	told = line_up(w, 0, BRIEF, 0, 2);
	until = clock_of(w) + told.wait_paced.v;
	assert_int_equal(told.wait_urgent.v, 0);
	assert_in_range(told.wait_paced.v, 1, BRIEF.slice.v);
	UNTIL(w, clock_of(w) >= until);
	assert_int_equal(line_up(w, 1, BRIEF, 0, 1).paced, 1);
}

static void each_place_comes_free_when_its_own_window_ends(void **state)
{
	struct fr_line_ask ask = BRIEF;
	struct world *w = *state;
	int64_t half;

	ask.window = FR_MS(2000);
	assert_int_equal(line_up(w, 0, ask, 3, 0).urgent, 3);
	half = clock_of(w) + 1000;
	UNTIL(w, clock_of(w) >= half);
	assert_int_equal(line_up(w, 1, ask, 9, 0).urgent, 2);
	UNTIL(w, line_up(w, 1, ask, 0, 0).used < 5);
	assert_int_equal(w->side[1].heard.line.used, 2);
	assert_int_equal(line_up(w, 1, ask, 9, 0).urgent, 3);
}

static void a_clock_that_was_set_back_does_not_stop_the_line(void **state)
{
	struct world *w = *state;
	struct fr_line_told told;

	(void)line_up(w, 0, BRIEF, 1, 0);
	(void)line_up(w, 1, BRIEF, 0, 1);
	(void)line_up(w, 2, BRIEF, 2, 0);
	set_clock_back(w, 3600 * 1000);
	told = line_up(w, 0, BRIEF, 1, 0);
	assert_int_equal(told.used, 5); /* those of the future count as taken now */
	assert_in_range(told.wait_urgent.v, 1, BRIEF.window.v);
	assert_in_range(told.wait_paced.v, 1, BRIEF.window.v);
	UNTIL(w, line_up(w, 0, BRIEF, 1, 0).urgent == 1);
	UNTIL(w, line_up(w, 0, BRIEF, 0, 0).used == 0);
}

static void a_restart_of_redis_forgets_no_place(void **state)
{
	struct world *w = *state;

	(void)line_up(w, 0, TEN, 6, 0);
	restart(w);
	assert_int_equal(line_up(w, 1, TEN, 6, 0).urgent, 4);
}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		BOTH(urgent_calls_take_every_free_place),
		BOTH(paced_calls_leave_room),
		BOTH(paced_calls_count_what_urgent_ones_took),
		BOTH(the_last_free_place_limits_paced_calls_too),
		BOTH(who_only_asks_takes_nothing),
		BOTH(instances_are_counted_while_they_want_places),
		BOTH(a_lower_limit_waits_until_enough_has_left),
		BOTH(no_window_sees_more_calls_than_the_limit),
		BOTH(no_slice_is_filled_beyond_its_share_by_paced_calls),
		BOTH(after_the_wait_there_is_a_place),
		BOTH(each_place_comes_free_when_its_own_window_ends),
		BOTH(a_clock_that_was_set_back_does_not_stop_the_line),
		BOTH(a_restart_of_redis_forgets_no_place),
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
