#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "core/pace.h"
#include "unit/core/spender.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { LOOK_MS = 10 * 1000 };

static fr_wall day(double n)
{
	return (fr_wall){ SPENDER_START_MS + (int64_t)(n * (double)DAY_MS) };
}

/* A loop that spends `times` what is usual, on top of it, from a moment on. Returns after how many seconds it is noticed; -1: not within an hour. */
static int64_t noticed_after(struct spender *s, int64_t rule, double times, fr_wall from)
{
	static struct fr_spending usual, spending;
	double a_ms;

	spender_tell(s, &usual, day(0), from, from);
	a_ms = times * fr_pace_of(&usual).usual / 3600000;
	for (int64_t ms = LOOK_MS; ms <= 3600000; ms += LOOK_MS) {
		fr_wall at = { from.v + ms };
		struct fr_pace p;

		spender_tell(s, &spending, day(0), at, at);
		for (int64_t t = from.v; t < at.v; t += 1000) { /* the loop's credits, second by second */
			int64_t five = at.v / FR_FIVE_MS - t / FR_FIVE_MS;

			spending.fives[five] += (int64_t)(a_ms * (double)(t + 1000 - from.v)) -
						(int64_t)(a_ms * (double)(t - from.v));
		}
		p = fr_pace_of(&spending);
		if (fr_pace_runs_away(&p, rule))
			return ms / 1000;
	}
	return -1;
}

static void a_loop_is_noticed_the_sooner_the_faster_it_is(void **state)
{
	static const struct {
		int64_t rule;
		double times;
		int64_t seconds; /* at the most; 0: never */
	} rows[] = {
		{ 2, 2, 600 },  { 2, 5, 300 }, { 2, 20, 60 }, { 3, 5, 300 },   { 3, 20, 60 },
		{ 5, 20, 120 }, { 4, 2, 0 },   { 10, 5, 0 },  { 10, 20, 240 },
	};
	static const double moments[] = { 40.1, 40.25, 40.46, 40.6, 40.83, 45.999, 50.5 };
	struct spender *s = fr_calloc(1, sizeof(*s));

	(void)state;
	spender_live(s, 11, 100000, 0.8);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t m = 0; m < COUNT(moments); m++) {
			int64_t after = noticed_after(s, rows[i].rule, rows[i].times, day(moments[m]));

			if (rows[i].seconds == 0 ? after >= 0 : after < 0 || after > rows[i].seconds)
				fail_msg("rule %lld, %.0f times, day %.3f: after %lld s", (long long)rows[i].rule, rows[i].times,
					 moments[m], (long long)after);
		}
	free(s);
}

/* Looks each minute of thirty days. */
static void usual_days(uint64_t seed, double a_day, double weekend)
{
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_spending spending;

	spender_live(s, seed, a_day, weekend);
	for (int64_t five = 31 * FIVES_A_DAY; five < 61 * FIVES_A_DAY; five++) {
		fr_wall at = { SPENDER_START_MS + five * FR_FIVE_MS };

		for (int minute = 0; minute < 5; minute++, at.v += 60000) {
			struct fr_pace p;

			spender_tell(s, &spending, day(0), at, at);
			p = fr_pace_of(&spending);
			if (fr_pace_runs_away(&p, 2))
				fail_msg("%.0f a day: %.0f in five minutes, %.0f in the hour, usually %.0f", a_day,
					 p.five_minutes, p.hour, p.usual);
		}
	}
	free(s);
}

static void thirty_usual_days_raise_no_alarm(void **state)
{
	(void)state;
	usual_days(21, 100000, 1);
	usual_days(22, 100000, 0.6);
	usual_days(23, 12000, 1);
	usual_days(24, 3000, 0.5);
	usual_days(25, 200, 1);
}

/* Half an hour of work, and nothing else all day. */
static void night_job(struct spender *s, int64_t of_day, int64_t hour)
{
	for (int64_t i = 0; i < 6; i++)
		s->fives[of_day * FIVES_A_DAY + hour * 12 + i] += 1000;
}

static void the_nightly_job_is_a_habit_when_it_has_been_there_before(void **state)
{
	struct spender *s = fr_calloc(1, sizeof(*s));
	struct fr_spending spending;
	size_t alarms[8] = { 0 };

	(void)state;
	for (int64_t d = 0; d < 8; d++)
		night_job(s, 20 + d, d == 6 ? 14 : 2);
	for (int64_t five = 0; five < 8 * FIVES_A_DAY; five++) {
		fr_wall at = { SPENDER_START_MS + (20 * FIVES_A_DAY + five + 1) * FR_FIVE_MS - 1 };
		struct fr_pace p;

		spender_tell(s, &spending, day(0), day(0), at);
		p = fr_pace_of(&spending);
		alarms[five / FIVES_A_DAY] += fr_pace_runs_away(&p, 5);
	}
	for (size_t d = 0; d < 8; d++)
		assert_int_equal(alarms[d] > 0, d == 6); /* that day it came at another time */
	free(s);
}

static struct fr_spending steady(int64_t an_hour)
{
	struct fr_spending s;

	fr_spending_init(&s, day(0), day(30));
	s.known = true;
	for (size_t i = 1; i < FR_SPENDING_HOURS; i++)
		s.hours[i] = an_hour;
	for (size_t i = 1; i < FR_SPENDING_FIVES; i++)
		s.fives[i] = an_hour / 12;
	return s;
}

static void who_makes_up_for_a_pause_does_not_run_away(void **state)
{
	struct fr_spending s = steady(12000);
	struct fr_pace p;

	(void)state;
	for (size_t i = 1; i < 7; i++)
		s.fives[i] = 0; /* half an hour of silence */
	s.at.v += FR_FIVE_MS - 1;
	s.fives[0] = 5000;
	p = fr_pace_of(&s);
	assert_false(fr_pace_runs_away(&p, 5)); /* 11000 in the hour */
	for (size_t i = 1; i < 7; i++)
		s.fives[i] = 1000;
	p = fr_pace_of(&s);
	assert_true(fr_pace_runs_away(&p, 5)); /* the same burst without the silence */
}

static void small_numbers_never_run_away(void **state)
{
	static const struct {
		int64_t an_hour, five_minutes;
		bool runs_away;
	} rows[] = { { 12, 49, false }, { 12, 50, true },   { 0, 49, false },
		     { 0, 60, true },   { 600, 250, true }, { 600, 249, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_spending s = steady(rows[i].an_hour);
		struct fr_pace p;

		s.hours[FR_SPENDING_HOURS - 1] = 1; /* there is a history */
		s.at.v += FR_FIVE_MS - 1;
		s.fives[0] = rows[i].five_minutes;
		p = fr_pace_of(&s);
		if (fr_pace_runs_away(&p, 5) != rows[i].runs_away)
			fail_msg("row %zu", i);
	}
}

static void without_a_day_of_history_there_is_no_habit(void **state)
{
	static const struct {
		size_t hours; /* before the running one */
		bool known;
	} rows[] = { { 0, false }, { 1, false }, { 23, false }, { 24, true }, { 191, true } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_spending s = steady(0);
		struct fr_pace p;

		s.hours[0] = 10;
		for (size_t h = 1; h <= rows[i].hours; h++)
			s.hours[h] = 10;
		s.fives[0] = 100000;
		p = fr_pace_of(&s);
		assert_int_equal(p.known, rows[i].known);
		assert_int_equal(fr_pace_runs_away(&p, 2), rows[i].known);
		assert_int_equal(fr_pace_times(&p) > 0, rows[i].known);
	}
}

static void how_many_times_the_habit_it_is_can_be_told(void **state)
{
	struct fr_spending s = steady(1200);
	struct fr_pace p;

	(void)state;
	s.at.v += FR_FIVE_MS - 1;
	s.fives[0] = 700;
	p = fr_pace_of(&s);
	assert_true(fabs(fr_pace_times(&p) - 7) < 0.01);
	assert_true(fabs(p.hour - 1800) < 1);
	assert_true(p.usual == 1200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_is_noticed_the_sooner_the_faster_it_is),
		cmocka_unit_test(thirty_usual_days_raise_no_alarm),
		cmocka_unit_test(the_nightly_job_is_a_habit_when_it_has_been_there_before),
		cmocka_unit_test(who_makes_up_for_a_pause_does_not_run_away),
		cmocka_unit_test(small_numbers_never_run_away),
		cmocka_unit_test(without_a_day_of_history_there_is_no_habit),
		cmocka_unit_test(how_many_times_the_habit_it_is_can_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
