#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "core/forecast.h"
#include "unit/core/spender.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct fr_zone utc = { .name = "UTC" };

static fr_wall day(double n)
{
	return (fr_wall){ SPENDER_START_MS + (int64_t)(n * (double)DAY_MS) };
}

static struct fr_forecast at_moment(const struct spender *s, fr_wall begun, struct fr_window w, int64_t limit, fr_wall at)
{
	struct fr_spending spending;

	spender_tell(s, &spending, begun, w.start, at);
	return fr_forecast_of(&spending, w, limit);
}

static double error_of(const struct fr_forecast *f, int64_t truth)
{
	assert_true(f->known);
	return fabs((double)f->credits / (double)truth - 1);
}

static void from_the_fifth_day_on_a_month_is_told_within_a_tenth(void **state)
{
	static const struct {
		uint64_t seed;
		double a_day, weekend;
	} rows[] = { { 1, 100000, 1 }, { 2, 100000, 0.7 }, { 3, 500, 1 }, { 4, 2000, 0.8 }, { 5, 100, 1 } };
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_window w = fr_window_at(FR_WINDOW_MONTH, &utc, 1, day(40));

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t truth;

		spender_live(s, rows[i].seed, rows[i].a_day, rows[i].weekend);
		truth = spender_sum(s, w.start, w.end);
		for (double d = 31 + 5; d < 61; d += 1.0 / 24) { /* each hour of November */
			struct fr_forecast f = at_moment(s, day(0), w, FR_LIMIT_NONE, day(d));

			if (error_of(&f, truth) >= 0.1)
				fail_msg("seed %d, day %.2f: %lld instead of %lld", (int)rows[i].seed, d - 31,
					 (long long)f.credits, (long long)truth);
		}
	}
	free(s);
}

static void a_day_with_two_peaks_is_told_from_its_morning_on(void **state)
{
	struct spender *s = fr_calloc(1, sizeof(*s));

	(void)state;
	spender_live(s, 6, 50000, 1);
	for (double d = 10; d < 20; d++) {
		struct fr_window w = fr_window_at(FR_WINDOW_DAY, &utc, 1, day(d));
		int64_t truth = spender_sum(s, w.start, w.end);

		for (double h = 2; h < 24; h++) {
			struct fr_forecast f = at_moment(s, day(0), w, FR_LIMIT_NONE, day(d + h / 24));

			if (error_of(&f, truth) >= 0.1)
				fail_msg("day %.0f, hour %.0f: %lld instead of %lld", d, h, (long long)f.credits,
					 (long long)truth);
		}
	}
	free(s);
}

static void an_hour_goes_on_as_it_began(void **state)
{
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_window w = fr_window_at(FR_WINDOW_HOUR, &utc, 1, day(10.5));
	struct fr_forecast f;
	int64_t truth;

	(void)state;
	spender_live(s, 7, 50000, 1);
	truth = spender_sum(s, w.start, w.end);
	f = at_moment(s, day(0), w, FR_LIMIT_NONE, (fr_wall){ w.start.v + 20 * 60 * 1000 });
	assert_true(error_of(&f, truth) < 0.25); /* it is noon, after the first peak */
	free(s);
}

static void a_change_of_level_is_followed_within_days(void **state)
{
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_window w = fr_window_at(FR_WINDOW_MONTH, &utc, 1, day(40));
	struct fr_forecast before, after;
	int64_t truth;

	(void)state;
	spender_live(s, 8, 100000, 1);
	for (int64_t i = (31 + 19) * FIVES_A_DAY; i < SPENDER_FIVES; i++)
		s->fives[i] *= 2; /* from the 20th of November on */
	truth = spender_sum(s, w.start, w.end);
	before = at_moment(s, day(0), w, 3000000, day(31 + 19));
	after = at_moment(s, day(0), w, 3000000, day(31 + 22));
	assert_true(error_of(&before, truth) > 0.2);
	assert_true(error_of(&after, truth) < 0.1);
	assert_true(after.credits > 3000000);
	free(s);
}

static void without_a_day_of_history_the_average_goes_on(void **state)
{
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_window w = fr_window_at(FR_WINDOW_MONTH, &utc, 1, day(40));
	struct fr_forecast f;
	int64_t spent;

	(void)state;
	spender_live(s, 9, 100000, 1);
	spent = spender_sum(s, day(33.4), day(34));
	f = at_moment(s, day(33.4), w, FR_LIMIT_NONE, day(34)); /* installed on the third day */
	assert_true(f.known);
	assert_in_range((uintmax_t)f.credits, (uintmax_t)spent * 10 - 10, (uintmax_t)spent * 10 + 10);
	free(s);
}

static void early_in_a_window_or_with_a_handful_of_credits_nothing_is_said(void **state)
{
	static const struct {
		double at;
		int64_t spent;
		bool known;
	} rows[] = {
		{ 31 + 1.4, 1000, false }, /* of thirty days */
		{ 31 + 1.6, 1000, true },  { 31 + 15, 19, false },    { 31 + 15, 20, true },
		{ 31 + 15, 0, false },     { 61 - 1e-6, 1000, true }, { 61, 1000, false }, /* it is over */
	};
	struct fr_window w = fr_window_at(FR_WINDOW_MONTH, &utc, 1, day(40));

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_spending s;

		fr_spending_init(&s, w.start, day(rows[i].at));
		s.known = true;
		s.spent = rows[i].spent;
		assert_int_equal(fr_forecast_of(&s, w, 100).known, rows[i].known);
	}
}

static void the_day_on_which_the_budget_is_used_up_is_told(void **state)
{
	struct fr_window w = fr_window_at(FR_WINDOW_MONTH, &utc, 1, day(40));
	static const struct {
		int64_t spent, limit;
		double used_up; /* day, or 0 */
	} rows[] = {
		{ 1500, 2000, 31 + 20 },    { 1500, 3000, 0 },       /* at the end of the month, not before */
		{ 1500, 2999, 31 + 29.99 }, { 1500, 1500, 31 + 15 }, /* now */
		{ 1500, 10, 31 + 15 },      { 1500, 0, 31 + 15 },    { 1500, FR_LIMIT_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_forecast f;
		struct fr_spending s;

		fr_spending_init(&s, w.start, day(31 + 15));
		s.known = true;
		s.spent = rows[i].spent;
		f = fr_forecast_of(&s, w, rows[i].limit);
		assert_int_equal(f.credits, 3000);
		assert_true(llabs(f.exhausted.v - (rows[i].used_up == 0 ? 0 : day(rows[i].used_up).v)) < 10 * 60 * 1000);
	}
}

static void a_stretch_of_the_history_is_cut_out_of_its_hours(void **state)
{
	struct fr_spending s;

	(void)state;
	fr_spending_init(&s, day(1), (fr_wall){ day(1).v + 30 * 60 * 1000 });
	s.hours[0] = 30; /* half an hour of it is over */
	s.hours[1] = 60;
	s.hours[2] = 120;
	s.hours[FR_SPENDING_HOURS - 1] = 7;
	assert_true(fr_forecast_spent(&s, FR_MS(0), FR_MS(0)) == 0);
	assert_true(fr_forecast_spent(&s, FR_MINUTES(30), FR_MS(0)) == 30);
	assert_true(fr_forecast_spent(&s, FR_MINUTES(60), FR_MS(0)) == 60);
	assert_true(fr_forecast_spent(&s, FR_MINUTES(90), FR_MINUTES(60)) == 30);
	assert_true(fr_forecast_spent(&s, FR_HOURS(2), FR_MINUTES(15)) == 15 + 60 + 60);
	assert_true(fr_forecast_spent(&s, FR_DAYS(20), FR_MS(0)) == 217);
	assert_true(fr_forecast_spent(&s, FR_DAYS(20), FR_DAYS(10)) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_fifth_day_on_a_month_is_told_within_a_tenth),
		cmocka_unit_test(a_day_with_two_peaks_is_told_from_its_morning_on),
		cmocka_unit_test(an_hour_goes_on_as_it_began),
		cmocka_unit_test(a_change_of_level_is_followed_within_days),
		cmocka_unit_test(without_a_day_of_history_the_average_goes_on),
		cmocka_unit_test(early_in_a_window_or_with_a_handful_of_credits_nothing_is_said),
		cmocka_unit_test(the_day_on_which_the_budget_is_used_up_is_told),
		cmocka_unit_test(a_stretch_of_the_history_is_cut_out_of_its_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
