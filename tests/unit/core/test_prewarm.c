#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "core/prewarm.h"

enum { MIN_USED = 50 };
static const fr_ms FRESH = { 3600 * 1000 }, PATIENCE = { 600 * 1000 };

struct world {
	struct fr_prewarms *p;
	fr_ms now;
	uint64_t next; /* keys */
};

static struct world begin(void)
{
	return (struct world){ .p = fr_prewarms_new(7), .now = FR_SECONDS(1000) };
}

static void end(struct world *w)
{
	struct fr_prewarm_figures of[FR_PREWARM_SOURCES_MAX], all = fr_prewarms_all(w->p), sum = { .asked = 0 };
	size_t n = fr_prewarms_figures(w->p, of);

	assert_int_equal(all.asked, all.used + all.wasted + all.pending);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(of[i].asked, of[i].used + of[i].wasted + of[i].pending);
		sum.asked += of[i].asked;
		sum.used += of[i].used;
		sum.held += of[i].held;
	}
	assert_true(sum.asked == all.asked && sum.used == all.used && sum.held == all.held);
	fr_prewarms_free(w->p);
}

static void wait(struct world *w, fr_ms t)
{
	w->now.v += t.v;
	fr_prewarms_turn(w->p, w->now);
	assert_true(fr_prewarms_next(w->p).v > w->now.v);
}

static struct fr_key bring(struct world *w, size_t source)
{
	struct fr_prewarm_brought what = {
		.key = { 1, ++w->next }, .stored = { w->now.v }, .fresh = FRESH, .patience = PATIENCE
	};

	fr_prewarms_brought(w->p, source, &what, w->now);
	return what.key;
}

static struct fr_prewarm_figures figures(const struct world *w, size_t source)
{
	struct fr_prewarm_figures of[FR_PREWARM_SOURCES_MAX];

	assert_true(source < fr_prewarms_figures(w->p, of));
	return of[source];
}

static void assert_figures(const struct world *w, size_t source, uint64_t asked, uint64_t used, uint64_t wasted, uint64_t pending)
{
	struct fr_prewarm_figures f = figures(w, source);

	assert_int_equal(f.asked, asked);
	assert_int_equal(f.used, used);
	assert_int_equal(f.wasted, wasted);
	assert_int_equal(f.pending, pending);
}

static void an_answer_is_used_once_or_wasted_at_the_end_of_its_freshness(void **state)
{
	struct world w = begin();
	size_t s = fr_prewarms_source(w.p, FR_STR("page"));
	fr_wall stored = { w.now.v };
	struct fr_key used = bring(&w, s), unused = bring(&w, s);

	(void)state;
	assert_figures(&w, s, 2, 0, 0, 2);
	fr_prewarms_served(w.p, used, stored);
	fr_prewarms_served(w.p, used, stored);
	fr_prewarms_served(w.p, (struct fr_key){ 9, 9 }, stored);
	assert_figures(&w, s, 2, 1, 0, 1);
	fr_prewarms_served(w.p, unused, (fr_wall){ stored.v + 1 }); /* another answer to the same question */
	assert_figures(&w, s, 2, 1, 0, 1);
	wait(&w, (fr_ms){ FRESH.v - 1 });
	assert_figures(&w, s, 2, 1, 0, 1);
	wait(&w, FR_MS(1));
	assert_figures(&w, s, 2, 1, 1, 0);
	fr_prewarms_served(w.p, unused, stored);
	assert_figures(&w, s, 2, 1, 1, 0);
	assert_int_equal(fr_prewarms_next(w.p).v, INT64_MAX);
	end(&w);
}

static void an_answer_that_is_replaced_or_dead_on_arrival_is_wasted(void **state)
{
	struct world w = begin();
	size_t s = fr_prewarms_source(w.p, FR_STR("page"));
	struct fr_prewarm_brought what = { .key = { 1, 1 }, .stored = { 1 }, .fresh = FRESH, .patience = PATIENCE };

	(void)state;
	fr_prewarms_brought(w.p, s, &what, w.now);
	what.stored.v = 2;
	fr_prewarms_brought(w.p, s, &what, w.now);
	assert_figures(&w, s, 2, 0, 1, 1);
	fr_prewarms_failed(w.p, s);
	assert_figures(&w, s, 3, 0, 2, 1);
	what.key.lo = 2;
	what.fresh = FR_MS(-5);
	fr_prewarms_brought(w.p, s, &what, w.now);
	wait(&w, FR_MS(0));
	assert_figures(&w, s, 4, 0, 3, 1);
	end(&w);
}

static void the_table_is_bounded_and_what_leaves_it_is_wasted(void **state)
{
	struct world w = begin();
	size_t s = fr_prewarms_source(w.p, FR_STR("page"));

	(void)state;
	for (int i = 0; i < FR_PREWARMS_MAX + 10; i++)
		(void)bring(&w, s);
	assert_figures(&w, s, FR_PREWARMS_MAX + 10, 0, 10, FR_PREWARMS_MAX);
	end(&w);
}

static void sources_are_told_apart_until_there_are_too_many(void **state)
{
	struct world w = begin();

	(void)state;
	for (size_t i = 0; i < FR_PREWARM_SOURCES_MAX + 5; i++) {
		char name[] = { (char)('a' + i / 26), (char)('a' + i % 26), '\0' };
		size_t expected = i < FR_PREWARM_SOURCES_MAX ? i : FR_PREWARM_SOURCES_MAX - 1;

		assert_int_equal(fr_prewarms_source(w.p, fr_str_of(name)), expected);
		assert_int_equal(fr_prewarms_source(w.p, fr_str_of(name)), expected);
	}
	end(&w);
}

/* `answers`: u used, w not used, in this order; then the next 20 requests. */
static void a_source_is_held_back_while_too_little_of_its_last_answers_is_used(void **state)
{
	static const struct {
		const char *answers;
		int times;
		int64_t min_used;
		int let_through; /* of 20 */
	} rows[] = {
		{ "", 0, 50, 20 },
		{ "w", FR_PREWARM_ENOUGH - 1, 50, 20 },
		{ "w", FR_PREWARM_ENOUGH, 50, 2 },
		{ "w", FR_PREWARM_ENOUGH, 0, 20 },
		{ "u", 50, 100, 20 },
		{ "uw", 50, 50, 20 },
		{ "uw", 50, 51, 2 },
		{ "uww", 30, 50, 2 },
		{ "uuw", 30, 50, 20 },
		{ "uuw", 30, 67, 2 },
		{ "u", 3 * FR_PREWARM_LAST, 50, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w = begin();
		size_t s = fr_prewarms_source(w.p, FR_STR("page")), other = fr_prewarms_source(w.p, FR_STR("other"));
		int n = 0;

		for (int k = 0; k < rows[i].times; k++)
			for (const char *c = rows[i].answers; *c != '\0'; c++) {
				struct fr_key key = bring(&w, s);

				if (*c == 'u')
					fr_prewarms_served(w.p, key, (fr_wall){ w.now.v });
				wait(&w, FRESH);
			}
		for (int k = 0; k < 20; k++)
			n += fr_prewarms_allows(w.p, s, rows[i].min_used);
		assert_int_equal(n, rows[i].let_through);
		assert_int_equal(figures(&w, s).held, 20 - n);
		assert_true(fr_prewarms_allows(w.p, other, rows[i].min_used));
		end(&w);
	}
}

static void only_the_last_hundred_answers_count(void **state)
{
	struct world w = begin();
	size_t s = fr_prewarms_source(w.p, FR_STR("page"));

	(void)state;
	for (int k = 0; k < 5 * FR_PREWARM_LAST; k++)
		fr_prewarms_failed(w.p, s);
	for (int k = 0; k < FR_PREWARM_LAST / 2; k++) {
		assert_false(k > 0 && fr_prewarms_allows(w.p, s, MIN_USED) && fr_prewarms_allows(w.p, s, MIN_USED));
		fr_prewarms_served(w.p, bring(&w, s), (fr_wall){ w.now.v });
	}
	assert_int_equal(figures(&w, s).judged, FR_PREWARM_LAST);
	assert_int_equal(figures(&w, s).judged_used, FR_PREWARM_LAST / 2);
	for (int k = 0; k < 20; k++)
		assert_true(fr_prewarms_allows(w.p, s, MIN_USED)); /* it has recovered */
	end(&w);
}

static void an_answer_counts_against_its_source_long_before_its_freshness_ends(void **state)
{
	struct world w = begin();
	size_t s = fr_prewarms_source(w.p, FR_STR("page"));
	fr_wall stored = { w.now.v };
	struct fr_key last = { 0, 0 };

	(void)state;
	for (int k = 0; k < FR_PREWARM_ENOUGH; k++)
		last = bring(&w, s);
	wait(&w, (fr_ms){ PATIENCE.v - 1 });
	assert_true(fr_prewarms_allows(w.p, s, MIN_USED) && fr_prewarms_allows(w.p, s, MIN_USED));
	wait(&w, FR_MS(1));
	assert_false(fr_prewarms_allows(w.p, s, MIN_USED));
	assert_figures(&w, s, FR_PREWARM_ENOUGH, 0, 0, FR_PREWARM_ENOUGH);
	fr_prewarms_served(w.p, last, stored); /* late, but it was */
	assert_figures(&w, s, FR_PREWARM_ENOUGH, 1, 0, FR_PREWARM_ENOUGH - 1);
	assert_int_equal(figures(&w, s).judged_used, 1);
	wait(&w, FRESH);
	assert_int_equal(figures(&w, s).judged, FR_PREWARM_ENOUGH + 1); /* each counted against it once */
	end(&w);
}

/* One hover a second over rows that are clicked with probability p / 10: of 200 hovers the wasted ones stay below the share that min_used
 * allows, and of the next 1,000 far below it if too few are clicked. */
static void waste_is_held_under_the_threshold_whatever_the_click_probability(void **state)
{
	(void)state;
	for (unsigned p = 1; p <= 9; p++) {
		for (uint64_t seed = 1; seed <= 20; seed++) {
			struct world w = begin();
			size_t s = fr_prewarms_source(w.p, FR_STR("page"));
			struct fr_random random = { seed * 1000 + p };
			uint64_t wasted_at_200 = 0;

			for (int hover = 0; hover < 1200; hover++) {
				bool followed = fr_prewarms_allows(w.p, s, MIN_USED);

				if (followed) {
					fr_wall stored = { w.now.v };
					struct fr_key key = bring(&w, s);

					if (fr_random_chance(&random, 100 * p))
						fr_prewarms_served(w.p, key, stored);
				}
				wait(&w, PATIENCE);
				if (hover == 199)
					wasted_at_200 = figures(&w, s).wasted + figures(&w, s).pending;
			}
			assert_true(wasted_at_200 * 100 <= 200 * (100 - MIN_USED));
			wait(&w, FRESH);
			if (p < 4)
				assert_true((figures(&w, s).wasted - wasted_at_200) * 100 <= 1000 * 20);
			if (p > 7)
				assert_true(figures(&w, s).held < 100);
			end(&w);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_used_once_or_wasted_at_the_end_of_its_freshness),
		cmocka_unit_test(an_answer_that_is_replaced_or_dead_on_arrival_is_wasted),
		cmocka_unit_test(the_table_is_bounded_and_what_leaves_it_is_wasted),
		cmocka_unit_test(sources_are_told_apart_until_there_are_too_many),
		cmocka_unit_test(a_source_is_held_back_while_too_little_of_its_last_answers_is_used),
		cmocka_unit_test(only_the_last_hundred_answers_count),
		cmocka_unit_test(an_answer_counts_against_its_source_long_before_its_freshness_ends),
		cmocka_unit_test(waste_is_held_under_the_threshold_whatever_the_click_probability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
