#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "core/limiter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int64_t next(const struct fr_limiter *l, int64_t now)
{
	return fr_limiter_next(l, FR_MS(now)).v;
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_every_call_leaves_at_once),
		cmocka_unit_test(a_full_window_waits_for_its_oldest_call_and_half_a_second),
		cmocka_unit_test(a_pause_holds_everything_and_never_shrinks),
		cmocka_unit_test(no_window_ever_holds_too_many_and_no_call_waits_needlessly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
