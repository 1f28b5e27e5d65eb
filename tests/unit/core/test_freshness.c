#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/freshness.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define STORED (INT64_C(1700000000) * 1000)
#define NO_JITTER ((struct fr_key){ 7, 1024 })

static struct fr_endpoint row(void)
{
	struct fr_endpoint e = { .price = 1 };

	e.fresh = FR_HOURS(1);
	e.stale = FR_HOURS(2);
	e.rescue = FR_HOURS(24);
	e.negative = FR_MINUTES(10);
	e.negative_max = FR_HOURS(24);
	return e;
}

static struct fr_answer data(void)
{
	return (struct fr_answer){ .verdict = FR_VERDICT_DATA, .stored = { STORED }, .key = NO_JITTER };
}

/* What a client agrees on whose tier has no times of its own. */
static struct fr_agreed by_row(const struct fr_endpoint *e)
{
	return (struct fr_agreed){ .row = e, .links_margin = FR_MINUTES(5), .fresh = FR_MS(-1) };
}

static struct fr_view view(const struct fr_answer *a, const struct fr_endpoint *e, int64_t age)
{
	struct fr_agreed t = by_row(e);

	return fr_freshness_view(a, &t, (fr_wall){ STORED + age });
}

static int64_t time_of(const struct fr_answer *a, const struct fr_endpoint *e, bool deep)
{
	struct fr_agreed t = by_row(e);

	t.deep = deep;
	return fr_freshness_time(a, &t).v;
}

static int64_t keep_of(const struct fr_answer *a, const struct fr_endpoint *e)
{
	struct fr_agreed t = by_row(e);

	return fr_freshness_keep(a, &t).v;
}

static void life_goes_from_fresh_to_stale_to_rescue_to_dead(void **state)
{
	static const struct {
		int64_t age;
		enum fr_freshness want;
		int64_t left, over;
	} rows[] = {
		{ 0, FR_FRESH, HOUR, 0 },
		{ HOUR - 1, FR_FRESH, 1, 0 },
		{ HOUR, FR_STALE, 0, 0 },
		{ HOUR + 1, FR_STALE, -1, 1 },
		{ 3 * HOUR - 1, FR_STALE, -2 * HOUR + 1, 2 * HOUR - 1 },
		{ 3 * HOUR, FR_RESCUE, -2 * HOUR, 2 * HOUR },
		{ DAY - 1, FR_RESCUE, HOUR - DAY + 1, DAY - HOUR - 1 },
		{ DAY, FR_DEAD, HOUR - DAY, DAY - HOUR },
	};
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_view v = view(&a, &e, rows[i].age);

		assert_int_equal(v.freshness, rows[i].want);
		assert_int_equal(v.age.v, rows[i].age);
		assert_int_equal(v.left.v, rows[i].left);
		assert_int_equal(v.over.v, rows[i].over);
		assert_false(v.blank);
	}
}

static void windows_of_nothing_are_left_out(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	e.stale = FR_MS(0);
	assert_int_equal(view(&a, &e, HOUR).freshness, FR_RESCUE);
	e.rescue = FR_MS(0);
	assert_int_equal(view(&a, &e, HOUR - 1).freshness, FR_FRESH);
	assert_int_equal(view(&a, &e, HOUR).freshness, FR_DEAD);
	e.stale = FR_HOURS(1); /* stale ends behind rescue */
	assert_int_equal(view(&a, &e, 2 * HOUR - 1).freshness, FR_STALE);
	assert_int_equal(view(&a, &e, 2 * HOUR).freshness, FR_DEAD);
	e.stale = e.rescue = FR_MS(INT64_MAX);
	assert_int_equal(view(&a, &e, 1000 * 365 * DAY).freshness, FR_STALE);
}

static void a_clock_that_goes_back_makes_nothing_younger_than_new(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_view v = view(&a, &e, -5 * MINUTE);

	(void)state;
	assert_int_equal(v.freshness, FR_FRESH);
	assert_int_equal(v.age.v, 0);
	assert_int_equal(v.left.v, HOUR);
}

static void what_was_stored_under_a_clock_far_ahead_is_good_for_a_rescue_only(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_view v;

	(void)state;
	e.stale = FR_MS(30 * DAY);
	e.rescue = FR_MS(DAY);
	v = view(&a, &e, -5 * MINUTE - 1);
	assert_int_equal(v.freshness, FR_RESCUE);
	assert_int_equal(v.age.v, 0);
	assert_int_equal(v.left.v, 0);
	assert_true(v.over.v == INT64_MAX);
	assert_int_equal(view(&a, &e, -1000 * 365 * DAY).freshness, FR_RESCUE);
	e.rescue = FR_MS(0);
	assert_int_equal(view(&a, &e, -5 * MINUTE - 1).freshness, FR_DEAD);
	a.verdict = FR_VERDICT_NOT_FOUND;
	a.negative = FR_MS(HOUR);
	assert_int_equal(view(&a, &e, -5 * MINUTE - 1).freshness, FR_DEAD);
}

static void jitter_shortens_by_up_to_a_tenth_and_never_lengthens(void **state)
{
	static const int64_t times[] = { 0, 1, 9, 10, 1000, HOUR, 14 * DAY, INT64_MAX };
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t least = INT64_MAX, most = 0;

		e.fresh = FR_MS(times[i]);
		for (uint64_t k = 0; k < 3000; k++) {
			int64_t t;

			a.key = (struct fr_key){ 0, k };
			t = time_of(&a, &e, false);
			assert_int_equal(t, time_of(&a, &e, false));
			assert_true(t <= times[i] && t >= times[i] - times[i] / 10);
			least = t < least ? t : least;
			most = t > most ? t : most;
		}
		assert_int_equal(most, times[i]);
		assert_true(least <= times[i] - times[i] / 11);
	}
}

static void a_posts_age_when_it_was_stored_decides(void **state)
{
	static const struct {
		int64_t post_age, fresh;
	} rows[] = {
		{ -DAY, 5 * MINUTE },        { 0, 5 * MINUTE }, { HOUR - 1000, 5 * MINUTE }, { HOUR, 30 * MINUTE },
		{ DAY - 1000, 30 * MINUTE }, { DAY, 6 * HOUR }, { 30 * DAY, 12 * HOUR },     { 900 * DAY, 12 * HOUR },
	};
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	e.fresh = FR_HOURS(12);
	e.n_steps = 4;
	e.steps[0] = (struct fr_age_step){ FR_HOURS(1), FR_MINUTES(5) };
	e.steps[1] = (struct fr_age_step){ FR_DAYS(1), FR_MINUTES(30) };
	e.steps[2] = (struct fr_age_step){ FR_DAYS(30), FR_HOURS(6) };
	e.steps[3] = (struct fr_age_step){ FR_MS(INT64_MAX), FR_DAYS(1) }; /* `fresh` bounds it */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a.post_id = (uint64_t)((STORED - rows[i].post_age) / 1000) << 32 | 12345;
		assert_int_equal(time_of(&a, &e, false), rows[i].fresh);
		assert_int_equal(view(&a, &e, 40 * DAY).left.v, rows[i].fresh - 40 * DAY); /* not its age now */
	}
	a.post_id = 0;
	assert_int_equal(time_of(&a, &e, false), 5 * MINUTE);
	a.post_id = 77; /* no post's id */
	assert_int_equal(time_of(&a, &e, false), 5 * MINUTE);
}

static void deeper_pages_have_a_time_of_their_own(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_agreed t;

	(void)state;
	assert_int_equal(time_of(&a, &e, true), HOUR);
	e.fresh_deep = FR_DAYS(1);
	assert_int_equal(time_of(&a, &e, true), DAY);
	assert_int_equal(time_of(&a, &e, false), HOUR);
	t = by_row(&e);
	t.deep = true;
	assert_int_equal(fr_freshness_view(&a, &t, (fr_wall){ STORED + DAY }).freshness, FR_STALE);
}

static void required_links_end_fresh_and_stale_alike(void **state)
{
	static const struct {
		int64_t links, age;
		enum fr_freshness want;
		bool blank;
		int64_t left;
	} rows[] = {
		{ 30 * MINUTE, 25 * MINUTE - 1, FR_FRESH, false, 1 },
		{ 30 * MINUTE, 25 * MINUTE, FR_RESCUE, true, 0 },
		{ 30 * MINUTE, 26 * MINUTE, FR_RESCUE, true, -MINUTE },
		{ 30 * MINUTE, 2 * HOUR, FR_RESCUE, true, -95 * MINUTE },
		{ 30 * MINUTE, DAY, FR_DEAD, false, 25 * MINUTE - DAY },
		{ 2 * HOUR, HOUR - 1, FR_FRESH, false, 1 },
		{ 2 * HOUR, 115 * MINUTE - 1, FR_STALE, false, 1 - 55 * MINUTE },
		{ 2 * HOUR, 115 * MINUTE, FR_RESCUE, true, -55 * MINUTE },
		{ 6 * HOUR, 4 * HOUR, FR_RESCUE, false, -3 * HOUR },
		{ 6 * HOUR, 6 * HOUR, FR_RESCUE, true, -5 * HOUR },
		{ -HOUR, 0, FR_FRESH, false, MINUTE }, /* dead on arrival: counts for a minute */
		{ 5 * MINUTE, MINUTE - 1, FR_FRESH, false, 1 },
		{ -HOUR, MINUTE, FR_RESCUE, true, 0 },
	};
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_view v;

		a.links_first.v = STORED + rows[i].links;
		e.links = FR_LINKS_REQUIRED;
		v = view(&a, &e, rows[i].age);
		assert_int_equal(v.freshness, rows[i].want);
		assert_int_equal(v.blank, rows[i].blank);
		assert_int_equal(v.left.v, rows[i].left);
		assert_int_equal(v.over.v, rows[i].left < 0 ? -rows[i].left : 0);
		e.links = FR_LINKS_INCIDENTAL;
		assert_int_equal(view(&a, &e, rows[i].age).left.v, HOUR - rows[i].age);
		assert_false(view(&a, &e, rows[i].age).blank);
	}
	e.links = FR_LINKS_REQUIRED;
	e.rescue = FR_MS(0);
	a.links_first.v = STORED + 30 * MINUTE;
	assert_int_equal(view(&a, &e, 25 * MINUTE).freshness, FR_DEAD);
	a.links_first.v = 0;
	assert_int_equal(view(&a, &e, 25 * MINUTE).freshness, FR_FRESH);
}

static void a_not_found_has_no_afterlife(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	a.verdict = FR_VERDICT_NOT_FOUND;
	a.negative = FR_MINUTES(20);
	a.links_first.v = STORED - DAY;
	e.links = FR_LINKS_REQUIRED;
	assert_int_equal(view(&a, &e, 20 * MINUTE - 1).freshness, FR_FRESH);
	assert_int_equal(view(&a, &e, 20 * MINUTE).freshness, FR_DEAD);
	a.key.lo = 1023;
	assert_int_equal(view(&a, &e, 20 * MINUTE - 1).freshness, FR_DEAD);
	assert_int_equal(keep_of(&a, &e), 2 * DAY);
}

static void an_alias_counts_for_ninety_days(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	a.alias = true;
	a.key.lo = 1023;
	assert_int_equal(view(&a, &e, 90 * DAY - 1).freshness, FR_FRESH);
	assert_int_equal(view(&a, &e, 90 * DAY).freshness, FR_DEAD);
	assert_int_equal(keep_of(&a, &e), 90 * DAY);
}

static void a_failure_is_never_fresh(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	for (int v = 0; v < FR_VERDICTS; v++) {
		a.verdict = (enum fr_verdict)v;
		a.negative = FR_MINUTES(1);
		assert_int_equal(view(&a, &e, 0).freshness == FR_FRESH, fr_verdict_stored(a.verdict));
		if (!fr_verdict_stored(a.verdict)) {
			assert_int_equal(view(&a, &e, 0).freshness, FR_DEAD);
			assert_int_equal(keep_of(&a, &e), 1000);
		}
	}
}

static void not_found_lasts_twice_as_long_each_time(void **state)
{
	static const int64_t want[] = { 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440 };
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	assert_int_equal(fr_freshness_negative(NULL, &e).v, 10 * MINUTE);
	assert_int_equal(fr_freshness_negative(&a, &e).v, 10 * MINUTE);
	a.verdict = FR_VERDICT_NOT_FOUND;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		a.negative = fr_freshness_negative(i == 0 ? NULL : &a, &e);
		assert_int_equal(a.negative.v, want[i] * MINUTE);
	}
	a.negative = FR_MS(INT64_MAX);
	assert_int_equal(fr_freshness_negative(&a, &e).v, DAY);
	a.negative = FR_MS(0);
	assert_int_equal(fr_freshness_negative(&a, &e).v, 10 * MINUTE);
}

static void an_answer_is_kept_until_it_is_dead(void **state)
{
	struct fr_random r = { 4 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct fr_answer a = data();
		struct fr_endpoint e = row();
		struct fr_agreed t = { .row = &e, .deep = i % 2 == 0, .links_margin = FR_MS(10), .fresh = FR_MS(-1) };
		int64_t keep;

		a.key.lo = fr_random_next(&r);
		e.fresh = FR_MS((int64_t)fr_random_below(&r, 100000));
		e.fresh_deep = FR_MS((int64_t)fr_random_below(&r, 2) * 70000);
		e.stale = FR_MS((int64_t)fr_random_below(&r, 100000));
		e.rescue = FR_MS((int64_t)fr_random_below(&r, 200000));
		e.links = FR_LINKS_REQUIRED;
		a.links_first.v = STORED + (int64_t)fr_random_below(&r, 100000);
		if (i % 3 == 0)
			t.fresh = FR_MS((int64_t)fr_random_below(&r, 100000));
		keep = fr_freshness_keep(&a, &t).v;
		assert_true(keep >= 1000);
		assert_int_equal(fr_freshness_view(&a, &t, (fr_wall){ STORED + keep }).freshness, FR_DEAD);
		if (keep > 1000) {
			a.links_first.v = 0;
			assert_true(fr_freshness_view(&a, &t, (fr_wall){ STORED + keep - 1 }).freshness != FR_DEAD);
		}
	}
}

/* At the last millisecond of its time a part counts, at the end of it no longer. */
static void parts_count_by_their_class(void **state)
{
	struct fr_endpoint e = row();
	static const struct {
		int64_t post_age, tier; /* hours; tier < 0: the row's */
		bool counter;
		int64_t counts; /* minutes */
	} rows[] = {
		{ 0, -1, true, 5 },  { 30, -1, true, 40 },  { 0, -1, false, 60 }, { 30, -1, false, 60 },
		{ 0, 3, true, 180 }, { 30, 3, false, 180 }, { 0, 0, true, 0 },    { 0, 0, false, 0 },
	};

	(void)state;
	e.n_steps = 2;
	e.steps[0] = (struct fr_age_step){ FR_HOURS(24), FR_MINUTES(5) };
	e.steps[1] = (struct fr_age_step){ FR_MS(INT64_MAX), FR_MINUTES(40) };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t post = (uint64_t)((STORED - rows[i].post_age * HOUR) / 1000) << 32;
		struct fr_agreed t = by_row(&e);
		int64_t counts = rows[i].counts * MINUTE;

		if (rows[i].tier >= 0)
			t.fresh = FR_HOURS(rows[i].tier);
		assert_int_equal(
			fr_freshness_part((fr_wall){ STORED }, post, NO_JITTER, rows[i].counter, &t, (fr_wall){ STORED }).v,
			counts);
		assert_int_equal(
			fr_freshness_part((fr_wall){ STORED }, post, NO_JITTER, rows[i].counter, &t, (fr_wall){ STORED + counts })
				.v,
			0);
		assert_int_equal(fr_freshness_keep_part(&t).v, t.fresh.v > 0 ? t.fresh.v : t.fresh.v == 0 ? 1000 : e.fresh.v);
	}
}

static void a_part_from_far_ahead_does_not_count(void **state)
{
	struct fr_endpoint e = row();
	struct fr_agreed t = by_row(&e);

	(void)state;
	assert_int_equal(fr_freshness_part((fr_wall){ STORED + 5 * MINUTE }, 0, NO_JITTER, false, &t, (fr_wall){ STORED }).v,
			 HOUR);
	assert_int_equal(fr_freshness_part((fr_wall){ STORED + 5 * MINUTE + 1 }, 0, NO_JITTER, false, &t, (fr_wall){ STORED }).v,
			 0);
	assert_true(fr_freshness_part((fr_wall){ STORED }, 0, (struct fr_key){ 7, 1023 }, false, &t, (fr_wall){ STORED }).v <
		    HOUR);
}

static void a_tier_replaces_the_rows_time_and_its_steps(void **state)
{
	static const struct {
		int64_t tier, deep_row;
		bool steps, deep;
		int64_t fresh;
	} rows[] = {
		{ -1, 0, false, false, HOUR },
		{ 0, 0, false, false, 0 },
		{ 10 * MINUTE, 0, false, false, 10 * MINUTE }, /* faster */
		{ 12 * HOUR, 0, false, false, 12 * HOUR },     /* slower */
		{ -1, 0, true, false, 5 * MINUTE },
		{ 12 * HOUR, 0, true, false, 12 * HOUR },
		{ MINUTE, 0, true, false, MINUTE },
		{ 10 * MINUTE, 0, false, true, 10 * MINUTE }, /* pages behind the first */
		{ -1, DAY, false, true, DAY },
		{ 10 * MINUTE, DAY, false, true, DAY },
		{ 2 * DAY, DAY, false, true, 2 * DAY },
		{ 10 * MINUTE, DAY, false, false, 10 * MINUTE },
	};
	struct fr_answer a = data();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_endpoint e = row();
		struct fr_agreed t = by_row(&e);

		e.fresh_deep = FR_MS(rows[i].deep_row);
		e.n_steps = rows[i].steps;
		e.steps[0] = (struct fr_age_step){ FR_MS(INT64_MAX), FR_MINUTES(5) };
		t.fresh = FR_MS(rows[i].tier);
		t.deep = rows[i].deep;
		assert_int_equal(fr_freshness_time(&a, &t).v, rows[i].fresh);
	}
}

static void one_answer_is_fresh_for_a_slow_tier_and_stale_for_a_fast_one(void **state)
{
	static const struct {
		int64_t age;
		enum fr_freshness fast, slow;
	} rows[] = {
		{ HOUR - 1, FR_FRESH, FR_FRESH },   { HOUR, FR_STALE, FR_FRESH },
		{ 3 * HOUR, FR_RESCUE, FR_FRESH },  { 12 * HOUR - 1, FR_RESCUE, FR_FRESH },
		{ 12 * HOUR, FR_RESCUE, FR_STALE }, { 14 * HOUR, FR_RESCUE, FR_RESCUE },
		{ DAY, FR_DEAD, FR_DEAD },
	};
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_agreed fast = by_row(&e), slow = by_row(&e);

	(void)state;
	fast.fresh = FR_HOURS(1);
	slow.fresh = FR_HOURS(12);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fr_wall now = { STORED + rows[i].age };

		assert_int_equal(fr_freshness_view(&a, &fast, now).freshness, rows[i].fast);
		assert_int_equal(fr_freshness_view(&a, &slow, now).freshness, rows[i].slow);
	}
	a.key.lo = 1023; /* shortened by a tenth, for both */
	assert_true(fr_freshness_time(&a, &fast).v < HOUR);
	assert_true(fr_freshness_time(&a, &slow).v < 12 * HOUR);
}

static void no_tier_lengthens_links_not_found_or_an_alias(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_agreed t = by_row(&e);

	(void)state;
	t.fresh = FR_DAYS(7);
	e.links = FR_LINKS_REQUIRED;
	a.links_first.v = STORED + 2 * HOUR;
	assert_int_equal(fr_freshness_view(&a, &t, (fr_wall){ STORED + 115 * MINUTE - 1 }).freshness, FR_FRESH);
	assert_int_equal(fr_freshness_view(&a, &t, (fr_wall){ STORED + 115 * MINUTE }).freshness, FR_RESCUE);
	a = data();
	a.verdict = FR_VERDICT_NOT_FOUND;
	a.negative = FR_MINUTES(20);
	assert_int_equal(fr_freshness_time(&a, &t).v, 20 * MINUTE);
	a.alias = true;
	assert_int_equal(fr_freshness_time(&a, &t).v, 90 * DAY);
	a = data();
	a.verdict = FR_VERDICT_TIMEOUT;
	assert_int_equal(fr_freshness_time(&a, &t).v, 0);
}

static void a_stretch_spares_the_first_part_of_the_stale_window(void **state)
{
	static const struct {
		unsigned stretch;
		int64_t age;
		bool spared;
	} rows[] = {
		{ 0, HOUR, false },       { 1000, HOUR - 1, false }, /* fresh anyway */
		{ 1, HOUR, true },        { 500, HOUR, true },          { 500, 2 * HOUR - 1, true },
		{ 500, 2 * HOUR, false }, { 1000, 3 * HOUR - 1, true }, { 1000, 3 * HOUR, false }, /* no longer stale */
	};
	struct fr_answer a = data();
	struct fr_endpoint e = row();
	struct fr_agreed t = by_row(&e);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_view plain = view(&a, &e, rows[i].age), v;

		t.stretch = rows[i].stretch;
		v = fr_freshness_view(&a, &t, (fr_wall){ STORED + rows[i].age });
		assert_int_equal(v.spared, rows[i].spared);
		assert_int_equal(v.freshness, plain.freshness); /* its age is told as it is */
		assert_int_equal(v.left.v, plain.left.v);
	}
	e.stale = FR_MS(INT64_MAX);
	t.stretch = FR_STRETCH_MAX;
	assert_true(fr_freshness_view(&a, &t, (fr_wall){ STORED + 1000 * 365 * DAY }).spared);
	e.links = FR_LINKS_REQUIRED;
	a.links_first.v = STORED + HOUR;
	assert_false(fr_freshness_view(&a, &t, (fr_wall){ STORED + HOUR }).spared);
}

/* Read at these minutes of an hour: in how many of its eighths that was. */
static void reads_count_by_the_parts_of_the_fresh_time_they_fall_in(void **state)
{
	static const struct {
		int minutes[12]; /* the last one is followed by -1 */
		unsigned parts;
	} rows[] = {
		{ { -1 }, 0 },
		{ { 0, -1 }, 1 },
		{ { 0, 1, 2, 3, 4, 5, 6, 7, -1 }, 1 }, /* a burst */
		{ { 7, 8, -1 }, 2 },
		{ { 59, 59, -1 }, 1 },
		{ { 0, 59, -1 }, 2 },
		{ { 30, 3, -1 }, 1 }, /* the clock went back */
		{ { 0, 10, 20, 30, 40, 50, 55, 59, -1 }, 7 },
		{ { 0, 8, 16, 23, 31, 38, 46, 53, 59, -1 }, 8 },
		{ { 60, 61, 119, 200, -1 }, 0 }, /* not fresh any more */
		{ { 10, 70, 100, -1 }, 1 },
	};
	struct fr_endpoint e = row();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_answer a = data();

		for (const int *at = rows[i].minutes; *at >= 0; at++) {
			struct fr_view v = view(&a, &e, *at * MINUTE);

			fr_freshness_read(&a, &v);
		}
		assert_int_equal(a.read_parts, rows[i].parts);
	}
}

/* Who reads at these minutes, and for how many minutes it is fresh for him. */
static void readers_with_other_fresh_times_do_not_hide_one_another(void **state)
{
	static const struct {
		struct {
			int at, fresh;
		} reads[8]; /* the last one is followed by 0 of 0 */
		unsigned parts;
	} rows[] = {
		{ { { 4, 5 }, { 30, 60 }, { 50, 60 } }, 3 }, /* the fast one's last part */
		{ { { 32, 60 }, { 32, 1440 }, { 33, 60 } },
		  1 }, /* a walk through a block, whose deeper pages are fresh for longer */
		{ { { 32, 1440 }, { 32, 60 }, { 33, 1440 } }, 1 },       /* whichever comes first */
		{ { { 59, 60 }, { 100, 1440 }, { 400, 1440 } }, 2 },     /* the first page's last part is the others' first */
		{ { { 50, 60 }, { 2000, 43200 }, { 20000, 43200 } }, 2 } /* a reload has made it longer */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_answer a = data();

		for (size_t n = 0; rows[i].reads[n].fresh > 0; n++) {
			struct fr_endpoint e = row();
			struct fr_view v;

			e.fresh = FR_MINUTES(rows[i].reads[n].fresh);
			v = view(&a, &e, rows[i].reads[n].at * MINUTE);
			fr_freshness_read(&a, &v);
		}
		assert_int_equal(a.read_parts, rows[i].parts);
	}
}

static void however_many_fresh_times_there_are_no_more_than_all_parts_count(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	for (int64_t n = 1; n <= 100; n++) {
		struct fr_view v;

		e.fresh = FR_HOURS(2 * n);
		v = view(&a, &e, (2 * n - 1) * HOUR);
		fr_freshness_read(&a, &v);
	}
	assert_int_equal(a.read_parts, FR_READ_PARTS);
}

static void a_stale_answer_that_was_read_seldom_earns_no_refresh(void **state)
{
	static const struct {
		unsigned parts, earn;
		int64_t age;
		bool seldom;
	} rows[] = {
		{ 0, 2, 90 * MINUTE, true },  { 1, 2, 90 * MINUTE, true },           { 2, 2, 90 * MINUTE, false },
		{ 8, 8, 90 * MINUTE, false }, { 7, 8, 90 * MINUTE, true },           { 0, 0, 90 * MINUTE, false },
		{ 0, 2, 30 * MINUTE, false }, /* fresh */ { 0, 2, 4 * HOUR, false }, /* good for a rescue: it is asked for anew */
	};
	struct fr_endpoint e = row();
	struct fr_agreed t = by_row(&e);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_answer a = data();

		a.read_parts = rows[i].parts & 15;
		t.reads = rows[i].earn;
		assert_int_equal(fr_freshness_view(&a, &t, (fr_wall){ STORED + rows[i].age }).seldom, rows[i].seldom);
		t.fresh = FR_MS(0); /* nobody can have read it while it was fresh */
		assert_false(fr_freshness_view(&a, &t, (fr_wall){ STORED + rows[i].age }).seldom);
		t.fresh = FR_MS(-1);
	}
}

static void times_without_end_do_not_overflow(void **state)
{
	struct fr_answer a = data();
	struct fr_endpoint e = row();

	(void)state;
	e.fresh = e.stale = e.rescue = e.fresh_deep = FR_MS(INT64_MAX);
	e.links = FR_LINKS_REQUIRED;
	assert_int_equal(keep_of(&a, &e), 36500 * DAY);
	a.links_first.v = INT64_MIN;
	assert_true(view(&a, &e, MINUTE).blank);
	a.links_first.v = INT64_MAX;
	a.stored.v = INT64_MIN;
	assert_int_equal(view(&a, &e, DAY).age.v, INT64_MAX);
	a.stored.v = INT64_MAX;
	assert_int_equal(view(&a, &e, DAY).age.v, 0);
	fr_freshness_read(&a, &(struct fr_view){ .freshness = FR_FRESH, .age = { INT64_MAX - 1 }, .left = { INT64_MAX } });
	assert_int_equal(a.read_parts, 1);
	fr_freshness_read(&a, &(struct fr_view){ .freshness = FR_FRESH, .age = { INT64_MAX / 2 }, .left = { INT64_MAX } });
	assert_int_equal(a.read_parts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_goes_from_fresh_to_stale_to_rescue_to_dead),
		cmocka_unit_test(windows_of_nothing_are_left_out),
		cmocka_unit_test(a_clock_that_goes_back_makes_nothing_younger_than_new),
		cmocka_unit_test(what_was_stored_under_a_clock_far_ahead_is_good_for_a_rescue_only),
		cmocka_unit_test(jitter_shortens_by_up_to_a_tenth_and_never_lengthens),
		cmocka_unit_test(a_posts_age_when_it_was_stored_decides),
		cmocka_unit_test(deeper_pages_have_a_time_of_their_own),
		cmocka_unit_test(required_links_end_fresh_and_stale_alike),
		cmocka_unit_test(a_not_found_has_no_afterlife),
		cmocka_unit_test(an_alias_counts_for_ninety_days),
		cmocka_unit_test(a_failure_is_never_fresh),
		cmocka_unit_test(not_found_lasts_twice_as_long_each_time),
		cmocka_unit_test(an_answer_is_kept_until_it_is_dead),
		cmocka_unit_test(parts_count_by_their_class),
		cmocka_unit_test(a_part_from_far_ahead_does_not_count),
		cmocka_unit_test(a_tier_replaces_the_rows_time_and_its_steps),
		cmocka_unit_test(one_answer_is_fresh_for_a_slow_tier_and_stale_for_a_fast_one),
		cmocka_unit_test(no_tier_lengthens_links_not_found_or_an_alias),
		cmocka_unit_test(a_stretch_spares_the_first_part_of_the_stale_window),
		cmocka_unit_test(reads_count_by_the_parts_of_the_fresh_time_they_fall_in),
		cmocka_unit_test(readers_with_other_fresh_times_do_not_hide_one_another),
		cmocka_unit_test(however_many_fresh_times_there_are_no_more_than_all_parts_count),
		cmocka_unit_test(a_stale_answer_that_was_read_seldom_earns_no_refresh),
		cmocka_unit_test(times_without_end_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
