#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/line.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NEVER INT64_MAX

/* 200 a minute; Redis is asked again after half a second. Its window is 61.5 s. */
static void setup(struct fr_line *l, struct fr_limiter **log)
{
	fr_line_init(l, 200, FR_SECONDS(60), FR_MS(500));
	*log = fr_limiter_new(200, FR_SECONDS(60));
}

static void teardown(struct fr_line *l, struct fr_limiter *log)
{
	fr_line_free(l);
	fr_limiter_free(log);
}

static struct fr_line_ask ask(struct fr_line *l, const struct fr_limiter *log, int64_t now, int64_t urgent, int64_t paced)
{
	struct fr_line_ask a;

	fr_line_ask(l, FR_MS(now), (struct fr_line_wants){ urgent, paced }, log, &a);
	return a;
}

static int64_t ask_at(const struct fr_line *l, int64_t now, int64_t urgent, int64_t paced)
{
	return fr_line_ask_at(l, FR_MS(now), (struct fr_line_wants){ urgent, paced }).v;
}

static void told(struct fr_line *l, int64_t now, struct fr_line_told t)
{
	t.number = l->number;
	t.known = true;
	if (t.instances == 0)
		t.instances = 1;
	assert_true(fr_line_told(l, FR_MS(now), &t));
}

static void told_nothing(struct fr_line *l, int64_t now)
{
	const struct fr_line_told t = { .number = l->number };

	assert_true(fr_line_told(l, FR_MS(now), &t));
}

/* So many calls leave at this moment. Returns when the next one may. */
static int64_t call(struct fr_line *l, struct fr_limiter *log, int64_t now, int n)
{
	for (int i = 0; i < n; i++) {
		assert_int_equal(fr_line_next(l, FR_MS(now), false, log).v, now);
		fr_line_took(l, FR_MS(now));
		fr_limiter_took(log, FR_MS(now));
	}
	return fr_line_next(l, FR_MS(now), false, log).v;
}

static void a_question_says_the_limit_as_redis_has_to_see_it(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;
	struct fr_line_ask a;

	(void)state;
	setup(&l, &log);
	assert_int_equal(ask_at(&l, 7, 0, 0), NEVER);
	assert_true(ask_at(&l, 7, 1, 0) <= 7);
	a = ask(&l, log, 7, 3, 4);
	assert_int_equal(a.number, 1);
	assert_int_equal(a.calls, 200);
	assert_int_equal(a.window.v, 61500);
	assert_int_equal(a.slice.v, 6150);
	assert_int_equal(a.slice_calls, 18);
	assert_int_equal(a.urgent, 3);
	assert_int_equal(a.paced, 4);
	teardown(&l, log);
}

static void places_of_a_short_window_are_not_good_for_long(void **state)
{
	static const struct {
		int64_t window, good;
	} rows[] = { { 1000, 100 }, { 2000, 100 }, { 10000, 500 }, { 20000, 1000 }, { 60000, 1000 }, { 3600000, 1000 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fr_line_good(FR_MS(rows[i].window)).v, rows[i].good);
}

static void a_place_is_good_for_a_second_from_the_question(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 100, 2, 1);
	assert_int_equal(fr_line_next(&l, FR_MS(100), false, log).v, NEVER);
	told(&l, 400, (struct fr_line_told){ .urgent = 2, .paced = 1, .used = 3 });
	assert_int_equal(ask_at(&l, 400, 9, 9), NEVER); /* not with places at hand */
	assert_int_equal(call(&l, log, 400, 1), 400);
	assert_int_equal(call(&l, log, 1099, 1), 1099);
	assert_int_equal(fr_line_next(&l, FR_MS(1099), true, log).v, 1099); /* whatever it was taken for */
	assert_int_equal(fr_line_next(&l, FR_MS(1100), false, log).v, NEVER);
	assert_true(ask_at(&l, 1100, 1, 0) <= 1100);
	assert_int_equal(fr_line_used(&l, FR_MS(1100)), 3);
	assert_int_equal(fr_line_used(&l, FR_MS(61900)), -1);
	teardown(&l, log);
}

static void who_got_nothing_asks_again_when_a_place_can_be_free(void **state)
{
	static const struct {
		struct fr_line_told told;
		int64_t urgent, paced; /* who waits then */
		int64_t again;         /* after so many ms */
	} rows[] = {
		{ { .wait_urgent = { 300 }, .wait_paced = { 700 } }, 1, 0, 300 },
		{ { .wait_urgent = { 300 }, .wait_paced = { 700 } }, 0, 1, 700 },
		{ { .wait_urgent = { 300 }, .wait_paced = { 700 } }, 1, 1, 300 },
		{ { .wait_urgent = { 30000 }, .wait_paced = { 40000 } }, 1, 0, 1000 }, /* a place may be freed by nobody's plan */
		{ { .wait_urgent = { 1 }, .wait_paced = { 40000 } }, 1, 0, 5 },
		{ { .wait_urgent = { 0 }, .wait_paced = { 40000 } }, 1, 0, 5 },
		{ { .urgent = 5, .wait_urgent = { 0 }, .wait_paced = { 900 } }, 1, 0, 0 }, /* all it wanted, and there is more */
		{ { .urgent = 5, .wait_urgent = { 0 }, .wait_paced = { 900 } }, 0, 1, 900 },
		{ { .urgent = 5, .wait_urgent = { 200 }, .wait_paced = { 900 } }, 1, 0, 200 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_limiter *log;
		struct fr_line l;

		setup(&l, &log);
		(void)ask(&l, log, 1000, 5, 5);
		told(&l, 1001, rows[i].told);
		(void)call(&l, log, 1001, (int)rows[i].told.urgent);
		assert_int_equal(ask_at(&l, 1001, rows[i].urgent, rows[i].paced), 1001 + rows[i].again);
		teardown(&l, log);
	}
}

static void an_answer_to_an_older_question_changes_nothing(void **state)
{
	const struct fr_line_told late = { .known = true, .number = 1, .urgent = 9, .instances = 1 };
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 0, 1, 0);
	assert_int_equal(ask_at(&l, 0, 1, 0), 750);
	fr_line_give_up(&l, FR_MS(749));
	assert_int_equal(fr_line_next(&l, FR_MS(749), false, log).v, NEVER);
	fr_line_give_up(&l, FR_MS(750)); /* the port had promised an answer */
	assert_int_equal(fr_line_next(&l, FR_MS(750), false, log).v, 750);
	assert_false(fr_line_told(&l, FR_MS(750), &late));
	(void)ask(&l, log, 751, 1, 0);
	assert_false(fr_line_told(&l, FR_MS(752), &late));
	assert_int_equal(l.places, 0);
	teardown(&l, log);
}

/* Redis knew of 3 instances and 140 calls in the window: 60 are left, 20 for each. Later on it is 66 for each in any window. */
static void without_redis_an_instance_keeps_to_its_share(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 1000, 20, 0);
	told(&l, 1000, (struct fr_line_told){ .urgent = 20, .used = 140, .instances = 3 });
	assert_int_equal(call(&l, log, 1000, 20), NEVER);
	(void)ask(&l, log, 2000, 1, 0);
	told_nothing(&l, 2500);
	assert_int_equal(call(&l, log, 2500, 20), 62500);  /* what Redis knew of has left the window */
	assert_int_equal(call(&l, log, 62500, 46), 63000); /* with the 20 it is 66 */
	assert_int_equal(call(&l, log, 63000, 20), 123000);
	assert_int_equal(fr_line_used(&l, FR_MS(63000)), -1);
	teardown(&l, log);
}

static void without_redis_paced_calls_fill_the_slices_of_the_share(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 1000, 1, 0);
	told(&l, 1000, (struct fr_line_told){ .used = 0, .instances = 2, .wait_urgent = { 1 } });
	(void)ask(&l, log, 1005, 1, 0);
	told_nothing(&l, 1005);
	/* 100 in 60.5 s: five slices of 12.1 s, with 18 each */
	assert_int_equal(call(&l, log, 2000, 18), 2000);
	assert_int_equal(fr_line_next(&l, FR_MS(2000), true, log).v, 14100);
	teardown(&l, log);
}

static void a_redis_that_was_never_heard_of_leaves_the_whole_limit_to_its_only_instance(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 0, 1, 0);
	told_nothing(&l, 0);
	assert_int_equal(call(&l, log, 0, 200), 60500);
	teardown(&l, log);
}

static void more_instances_than_places_go_one_by_one(void **state)
{
	struct fr_limiter *log = fr_limiter_new(2, FR_SECONDS(60));
	struct fr_line l;

	(void)state;
	fr_line_init(&l, 2, FR_SECONDS(60), FR_MS(500));
	(void)ask(&l, log, 0, 1, 0);
	told(&l, 0, (struct fr_line_told){ .used = 0, .instances = 4, .wait_urgent = { 1 } });
	(void)ask(&l, log, 5, 1, 0);
	told_nothing(&l, 5);
	assert_int_equal(fr_line_next(&l, FR_MS(5), false, log).v, 61500); /* none is left of the window that Redis knew */
	assert_int_equal(call(&l, log, 61500, 1), 122000);
	teardown(&l, log);
}

static void a_redis_that_is_away_is_only_asked_whether_it_is_back(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;
	struct fr_line_ask a;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 1000, 1, 0);
	told_nothing(&l, 1000);
	assert_int_equal(ask_at(&l, 1000, 0, 0), 1500); /* whoever waits */
	a = ask(&l, log, 1500, 7, 7);
	assert_int_equal(a.urgent + a.paced, 0);
	assert_int_equal(fr_line_next(&l, FR_MS(1500), false, log).v, 1500);
	told_nothing(&l, 2000);
	assert_int_equal(ask_at(&l, 2000, 1, 0), 2000);
	(void)ask(&l, log, 2000, 1, 0);
	told(&l, 2001, (struct fr_line_told){ .used = 10 });
	assert_int_equal(fr_line_next(&l, FR_MS(2001), false, log).v, NEVER); /* no place without a question for one */
	assert_int_equal(ask_at(&l, 2001, 1, 0), 2001);
	teardown(&l, log);
}

/* Two instances made 30 calls each while Redis was away: it must not give 200 places in the same window. */
static void calls_that_redis_does_not_know_of_are_left_out_of_what_is_asked_for(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 1000, 1, 0);
	told(&l, 1000, (struct fr_line_told){ .instances = 2, .wait_urgent = { 1 } });
	(void)ask(&l, log, 1005, 1, 0);
	told_nothing(&l, 1005);
	(void)call(&l, log, 2000, 30);
	(void)ask(&l, log, 2000, 1, 0);
	told(&l, 2000, (struct fr_line_told){ .instances = 2 });
	assert_int_equal(ask(&l, log, 2000, 1, 0).calls, 140);
	told(&l, 2000, (struct fr_line_told){ .instances = 2, .wait_urgent = { 1 } });
	assert_int_equal(ask(&l, log, 2000 + 60499, 1, 0).calls, 140);
	told(&l, 2000 + 60499, (struct fr_line_told){ .instances = 2, .wait_urgent = { 1 } });
	assert_int_equal(ask(&l, log, 2000 + 60500, 1, 0).calls, 200);
	teardown(&l, log);
}

/* After an absence Redis has forgotten who else was there; they have not gone. */
static void the_others_are_not_forgotten_before_a_window_is_over(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 0, 1, 0);
	told(&l, 0, (struct fr_line_told){ .used = 100, .instances = 2, .wait_urgent = { 1 } });
	(void)ask(&l, log, 500, 1, 0);
	told_nothing(&l, 500);
	(void)call(&l, log, 69000, 40);
	(void)ask(&l, log, 70000, 1, 0);
	told(&l, 70000, (struct fr_line_told){ .instances = 1, .wait_urgent = { 1 } });
	assert_int_equal(ask(&l, log, 129499, 1, 0).calls, 120);
	told(&l, 129499, (struct fr_line_told){ .instances = 1, .wait_urgent = { 1 } });
	assert_int_equal(l.instances, 2);
	(void)ask(&l, log, 131500, 1, 0);
	told(&l, 131500, (struct fr_line_told){ .instances = 1, .wait_urgent = { 1 } });
	assert_int_equal(l.instances, 1);
	teardown(&l, log);
}

/* A share of 100: with half of it used untold, and more, the others must be taken to have gone by theirs. */
static void after_a_longer_absence_the_share_holds_for_another_window(void **state)
{
	struct fr_limiter *log;
	struct fr_line l;
	struct fr_line_ask a;

	(void)state;
	setup(&l, &log);
	(void)ask(&l, log, 0, 1, 0);
	told(&l, 0, (struct fr_line_told){ .instances = 2, .wait_urgent = { 1 } });
	(void)ask(&l, log, 500, 1, 0);
	told_nothing(&l, 500);
	(void)call(&l, log, 70000, 90);
	(void)ask(&l, log, 70000, 1, 0);
	told(&l, 70000, (struct fr_line_told){ .instances = 1 });
	a = ask(&l, log, 70001, 8, 9);
	assert_int_equal(a.calls, 200);
	assert_int_equal(a.urgent, 8);
	assert_int_equal(a.paced, 2);
	told(&l, 70001, (struct fr_line_told){ .urgent = 8, .paced = 2, .used = 10 });
	assert_int_equal(call(&l, log, 70001, 10), 130500); /* until the first ones of its hundred have left the window */
	assert_int_equal(fr_line_next(&l, FR_MS(130500), false, log).v, NEVER);
	assert_int_equal(ask(&l, log, 131500, 150, 0).urgent, 150);
	teardown(&l, log);
}

static void what_redis_is_asked_for_is_never_less_than_one(void **state)
{
	struct fr_limiter *log = fr_limiter_new(8, FR_SECONDS(60));
	struct fr_line l;

	(void)state;
	fr_line_init(&l, 8, FR_SECONDS(60), FR_MS(500));
	(void)ask(&l, log, 0, 1, 0);
	told(&l, 0, (struct fr_line_told){ .instances = 2 });
	(void)ask(&l, log, 1, 1, 0);
	told_nothing(&l, 1);
	(void)call(&l, log, 1, 1);
	(void)ask(&l, log, 501, 1, 0);
	told(&l, 501, (struct fr_line_told){ .instances = 9 });
	assert_int_equal(ask(&l, log, 502, 1, 0).calls, 1);
	teardown(&l, log);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_says_the_limit_as_redis_has_to_see_it),
		cmocka_unit_test(places_of_a_short_window_are_not_good_for_long),
		cmocka_unit_test(a_place_is_good_for_a_second_from_the_question),
		cmocka_unit_test(who_got_nothing_asks_again_when_a_place_can_be_free),
		cmocka_unit_test(an_answer_to_an_older_question_changes_nothing),
		cmocka_unit_test(without_redis_an_instance_keeps_to_its_share),
		cmocka_unit_test(without_redis_paced_calls_fill_the_slices_of_the_share),
		cmocka_unit_test(a_redis_that_was_never_heard_of_leaves_the_whole_limit_to_its_only_instance),
		cmocka_unit_test(more_instances_than_places_go_one_by_one),
		cmocka_unit_test(a_redis_that_is_away_is_only_asked_whether_it_is_back),
		cmocka_unit_test(calls_that_redis_does_not_know_of_are_left_out_of_what_is_asked_for),
		cmocka_unit_test(the_others_are_not_forgotten_before_a_window_is_over),
		cmocka_unit_test(after_a_longer_absence_the_share_holds_for_another_window),
		cmocka_unit_test(what_redis_is_asked_for_is_never_less_than_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
