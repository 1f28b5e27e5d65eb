#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "core/limiter.h"
#include "core/queue.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int64_t next(const struct fr_limiter *l, int64_t now)
{
	return fr_limiter_next(l, FR_MS(now), false).v;
}

static int64_t next_paced(const struct fr_limiter *l, int64_t now)
{
	return fr_limiter_next(l, FR_MS(now), true).v;
}

static void without_a_limit_every_call_leaves_at_once(void **state)
{
	struct fr_limiter *l = fr_limiter_new(0, FR_MS(0));

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(next(l, 7), 7);
		fr_limiter_took(l, FR_MS(7));
	}
	fr_limiter_free(l);
}

static void a_full_window_waits_for_its_oldest_call_and_half_a_second(void **state)
{
	struct fr_limiter *l = fr_limiter_new(3, FR_SECONDS(60));
	static const struct {
		int64_t now, allowed;
	} rows[] = {
		{ 1000, 1000 },  { 1000, 1000 },   { 5000, 5000 }, /* three leave */
		{ 5000, 61500 }, { 61499, 61500 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(next(l, rows[i].now), rows[i].allowed);
		if (rows[i].allowed <= rows[i].now)
			fr_limiter_took(l, FR_MS(rows[i].now));
	}
	assert_int_equal(next(l, 61500), 61500);
	fr_limiter_took(l, FR_MS(61500));
	assert_int_equal(next(l, 61500), 61500); /* the second of the first two */
	fr_limiter_took(l, FR_MS(61500));
	assert_int_equal(next(l, 61500), 65500);
	fr_limiter_free(l);
}

static void a_pause_holds_everything_and_never_shrinks(void **state)
{
	static const int64_t limits[] = { 0, 5 };

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct fr_limiter *l = fr_limiter_new(limits[i], FR_SECONDS(60));

		fr_limiter_pause(l, FR_MS(9000));
		fr_limiter_pause(l, FR_MS(4000));
		assert_int_equal(next(l, 100), 9000);
		assert_int_equal(next(l, 9000), 9000);
		assert_int_equal(next(l, 9001), 9001);
		assert_int_equal(next_paced(l, 100), 9000);
		fr_limiter_free(l);
	}
}

/* The naive model: all calls that ever left, counted anew for each question. */
struct model {
	int64_t left[4000];
	size_t n;
};

static size_t model_count(const struct model *m, int64_t after, int64_t until)
{
	size_t n = 0;

	for (size_t i = m->n; i > 0 && m->left[i - 1] > after; i--)
		n += m->left[i - 1] <= until;
	return n;
}

/* Is there room in the window that ends with a call at `now`? Windows that end later hold fewer of the past. */
static bool model_allows(const struct model *m, size_t calls, int64_t window, int64_t now)
{
	return model_count(m, now - window, now) < calls;
}

static void no_window_ever_holds_too_many_and_no_call_waits_needlessly(void **state)
{
	struct fr_random random = { 20261122 };

	(void)state;
	for (int round = 0; round < 40; round++) {
		size_t calls = 1 + (size_t)fr_random_below(&random, 12);
		int64_t window = 1 + (int64_t)fr_random_below(&random, 3000), now = 0;
		struct fr_limiter *l = fr_limiter_new((int64_t)calls, FR_MS(window));
		struct model m = { .n = 0 };

		while (m.n < 500) {
			int64_t allowed = next(l, now);

			assert_true(allowed >= now);
			assert_int_equal(allowed == now, model_allows(&m, calls, window + 500, now));
			assert_true(model_allows(&m, calls, window + 500, allowed));
			if (allowed > now) {
				assert_false(model_allows(&m, calls, window + 500, allowed - 1));
				now = fr_random_chance(&random, 500) ? allowed : now + (int64_t)fr_random_below(&random, 700);
				continue;
			}
			fr_limiter_took(l, FR_MS(now));
			m.left[m.n++] = now;
			now += fr_random_chance(&random, 600) ? 0 : (int64_t)fr_random_below(&random, 400);
		}
		for (size_t i = 0; i < m.n; i++)
			assert_true(model_count(&m, m.left[i] - 1, m.left[i] + window - 1) <= calls);
		fr_limiter_free(l);
	}
}

static void slices_are_ten_at_the_most_and_leave_a_tenth_of_the_places(void **state)
{
	static const struct {
		int64_t calls, window, slice, slice_calls;
	} rows[] = {
		{ 1, 60500, 60500, 1 },   { 2, 60500, 60500, 1 },      { 10, 60500, 60500, 9 },  { 39, 60500, 60500, 35 },
		{ 40, 60500, 30250, 18 }, { 200, 60500, 6050, 18 },    { 200, 61500, 6150, 18 }, { 1000, 60500, 6050, 90 },
		{ 20, 1500, 1500, 18 },   { 100000, 1500, 150, 9000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(fr_limiter_slice(rows[i].calls, FR_MS(rows[i].window)).v, rows[i].slice);
		assert_int_equal(fr_limiter_slice_calls(rows[i].calls), rows[i].slice_calls);
	}
}

/* 40 a minute: slices of 30.25 s with 18 places for paced calls. */
static void paced_calls_fill_a_slice_up_to_its_share_and_urgent_ones_go_beyond(void **state)
{
	struct fr_limiter *l = fr_limiter_new(40, FR_SECONDS(60));

	(void)state;
	for (int i = 0; i < 18; i++) {
		assert_int_equal(next_paced(l, 1000 + i), 1000 + i);
		fr_limiter_took(l, FR_MS(1000 + i));
	}
	assert_int_equal(next_paced(l, 1018), 31250);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(next(l, 2000), 2000);
		fr_limiter_took(l, FR_MS(2000));
	}
	assert_int_equal(next_paced(l, 2000), 31254); /* the four are among the last 18 */
	assert_int_equal(next_paced(l, 31254), 31254);
	for (int i = 0; i < 18; i++)
		fr_limiter_took(l, FR_MS(31255)); /* the window is full */
	assert_int_equal(next(l, 31255), 61500);
	assert_int_equal(next_paced(l, 61500), 61505);
	fr_limiter_free(l);
}

static void room_and_use_are_those_of_the_last_calls(void **state)
{
	struct fr_limiter *l = fr_limiter_new(5, FR_SECONDS(60)), *none = fr_limiter_new(0, FR_MS(0));

	(void)state;
	assert_int_equal(fr_limiter_used(l, FR_MS(0)), 0);
	for (int i = 1; i <= 4; i++)
		fr_limiter_took(l, FR_SECONDS(10 * i));
	assert_int_equal(fr_limiter_room(l, FR_SECONDS(45), 5, FR_SECONDS(20)).v, 45000);
	assert_int_equal(fr_limiter_room(l, FR_SECONDS(45), 1, FR_SECONDS(20)).v, 60000);
	assert_int_equal(fr_limiter_room(l, FR_SECONDS(45), 2, FR_SECONDS(20)).v, 50000);
	assert_int_equal(fr_limiter_room(l, FR_SECONDS(50), 2, FR_SECONDS(20)).v, 50000);
	assert_int_equal(fr_limiter_used(l, FR_MS(70499)), 4);
	assert_int_equal(fr_limiter_used(l, FR_MS(70500)), 3);
	assert_int_equal(fr_limiter_used(l, FR_MS(100499)), 1);
	assert_int_equal(fr_limiter_used(l, FR_MS(100500)), 0);
	fr_limiter_took(none, FR_MS(1));
	assert_int_equal(fr_limiter_used(none, FR_MS(1)), 0);
	fr_limiter_free(l);
	fr_limiter_free(none);
}

static void calls_of_an_earlier_life_are_in_the_window_too(void **state)
{
	struct fr_limiter *l = fr_limiter_new(3, FR_SECONDS(60)), *none = fr_limiter_new(0, FR_MS(0));
	static const int64_t before[] = { -90000, -50000, -40000, -45000 }; /* the last when the calendar had been set back */

	(void)state;
	for (size_t i = 0; i < COUNT(before); i++)
		fr_limiter_remember(l, FR_MS(before[i]));
	fr_limiter_remember(none, FR_MS(1));
	assert_int_equal(fr_limiter_used(l, FR_MS(1000)), 3);
	assert_int_equal(next(l, 1000), 10500);
	fr_limiter_took(l, FR_MS(10500));
	assert_int_equal(next(l, 10500), 20500);
	fr_limiter_free(l);
	fr_limiter_free(none);
}

/* ---- the line at twice its capacity -------------------------------------------------------------------------------- */

enum { BATCHERS = 3, CROWD_MAX = 4400 };

struct caller {
	struct fr_queue_item item;
	int64_t came;
};

/* Ten minutes of arrivals at random moments, 100 a minute each: interactive ones, and of three tenants with weights 1, 2, 3. */
struct rush {
	struct fr_random random;
	struct fr_queue *queue;
	struct fr_limiter *limiter;
	struct caller callers[CROWD_MAX];
	size_t n;
	int64_t due[1 + BATCHERS]; /* the next arrival; [0]: interactive */
	int64_t left[CROWD_MAX], waits[CROWD_MAX];
	size_t n_left, n_waits, got[1 + BATCHERS];
};

static int64_t until_next(struct rush *r)
{
	double u = (double)(1 + fr_random_below(&r->random, 1 << 30)) / (double)(1 << 30);

	return (int64_t)(-log(u) * 600.0 + 0.5);
}

static void arrive(struct rush *r, int64_t now)
{
	for (size_t who = 0; who <= BATCHERS; who++)
		for (; r->due[who] <= now; r->due[who] += until_next(r)) {
			struct caller *c = &r->callers[r->n++];

			assert_true(r->n < CROWD_MAX);
			fr_queue_item_init(&c->item);
			c->came = now;
			fr_queue_push(r->queue, &c->item, who == 0 ? FR_PRIORITY_INTERACTIVE : FR_PRIORITY_BATCH, who,
				      who == 0 ? 1 : (int64_t)who);
		}
}

/* Whoever may go now does. Returns when the next one may. */
static int64_t let_go(struct rush *r, int64_t now)
{
	struct fr_queue_item *first;

	while ((first = fr_queue_first(r->queue)) != NULL) {
		fr_ms at = fr_limiter_next(r->limiter, FR_MS(now), fr_priority_paced((enum fr_priority)first->priority));

		if (at.v > now)
			return at.v;
		fr_queue_took(r->queue, first);
		fr_limiter_took(r->limiter, FR_MS(now));
		r->left[r->n_left++] = now;
		r->got[first->tenant]++;
		if (first->tenant == 0)
			r->waits[r->n_waits++] = now - FR_OF(first, struct caller, item)->came;
	}
	return INT64_MAX;
}

static void live(struct rush *r, uint64_t seed)
{
	int64_t now = 0, next = 0;

	r->random.state = seed;
	r->queue = fr_queue_new();
	r->limiter = fr_limiter_new(200, FR_SECONDS(60));
	for (size_t who = 0; who <= BATCHERS; who++)
		r->due[who] = until_next(r);
	while (now < 600 * 1000) {
		arrive(r, now);
		next = let_go(r, now);
		for (size_t who = 0; who <= BATCHERS; who++)
			next = r->due[who] < next ? r->due[who] : next;
		now = next;
	}
	fr_queue_free(r->queue);
	fr_limiter_free(r->limiter);
}

static int by_length(const void *a, const void *b)
{
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void at_twice_the_capacity_urgent_calls_go_at_once_and_the_rest_by_weight(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct rush *r = fr_calloc(1, sizeof *r);
		size_t batch;

		live(r, seed);
		for (size_t i = 200; i < r->n_left; i++)
			assert_true(r->left[i] - r->left[i - 200] >= 60000);
		assert_true(r->n_left >= 1800);
		qsort(r->waits, r->n_waits, sizeof r->waits[0], by_length);
		assert_true(r->n_waits > 800);
		assert_true(r->waits[r->n_waits * 99 / 100] < 1000);
		batch = r->got[1] + r->got[2] + r->got[3];
		for (size_t who = 1; who <= BATCHERS; who++)
			assert_in_range(r->got[who] * 6 * 100, batch * who * 95, batch * who * 105);
		free(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_every_call_leaves_at_once),
		cmocka_unit_test(a_full_window_waits_for_its_oldest_call_and_half_a_second),
		cmocka_unit_test(a_pause_holds_everything_and_never_shrinks),
		cmocka_unit_test(no_window_ever_holds_too_many_and_no_call_waits_needlessly),
		cmocka_unit_test(slices_are_ten_at_the_most_and_leave_a_tenth_of_the_places),
		cmocka_unit_test(paced_calls_fill_a_slice_up_to_its_share_and_urgent_ones_go_beyond),
		cmocka_unit_test(room_and_use_are_those_of_the_last_calls),
		cmocka_unit_test(calls_of_an_earlier_life_are_in_the_window_too),
		cmocka_unit_test(at_twice_the_capacity_urgent_calls_go_at_once_and_the_rest_by_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
