/* A purse never lets go of a credit that was not leased, and never keeps one that nobody needs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "core/purse.h"

static const struct fr_window DAY = { { 1000 }, { 2000 } };

static struct fr_lease_told_line line(int64_t limit, int64_t granted, int64_t spent, int64_t outstanding)
{
	return (struct fr_lease_told_line){ .limit = limit, .granted = granted, .spent = spent, .outstanding = outstanding };
}

static struct fr_purse begun(int64_t limit)
{
	struct fr_purse p;

	fr_purse_begin(&p, DAY, limit, 0);
	return p;
}

static struct fr_purse opened(int64_t limit, int64_t held)
{
	const struct fr_lease_told_line granted = line(limit, held, 0, held);
	struct fr_purse p = begun(limit);

	assert_false(fr_purse_told(&p, &granted, false, FR_MS(0)));
	return p;
}

static void a_credit_goes_from_held_to_queued_to_called_and_away(void **state)
{
	struct fr_purse p = opened(10, 2);

	(void)state;
	assert_true(fr_purse_take(&p, 1));
	assert_int_equal(p.held, 1);
	assert_int_equal(p.queued, 1);
	fr_purse_call(&p, 1);
	assert_int_equal(p.called, 1);
	assert_int_equal(fr_purse_outstanding(&p), 2);
	fr_purse_close(&p, 1, 1);
	assert_int_equal(fr_purse_outstanding(&p), 2); /* spent, but Redis does not know yet */
	fr_purse_applied(&p, 1);
	assert_int_equal(fr_purse_outstanding(&p), 1);
}

static void nothing_is_taken_that_is_not_held(void **state)
{
	struct fr_purse p = opened(10, 1);

	(void)state;
	assert_false(fr_purse_take(&p, 2));
	assert_true(fr_purse_take(&p, 1));
	assert_false(fr_purse_take(&p, 1));
	fr_purse_put_back(&p, 1);
	assert_true(fr_purse_take(&p, 1));
	p.held = 5;
	assert_true(fr_purse_take(&p, 3));
	fr_purse_put_back(&p, 3);
	assert_int_equal(p.held, 5);
	assert_int_equal(p.queued, 1);
}

static void what_was_not_billed_can_be_spent_again(void **state)
{
	struct fr_purse p = opened(10, 3);

	(void)state;
	assert_true(fr_purse_take(&p, 3));
	fr_purse_call(&p, 3);
	fr_purse_close(&p, 3, 1);
	assert_int_equal(p.called, 1);
	assert_int_equal(p.held, 2);
}

static void what_was_not_billed_goes_back_where_the_limit_was_lowered(void **state)
{
	const struct fr_lease_told_line lowered = line(4, 0, 3, 5);
	struct fr_purse p = opened(10, 5);

	(void)state;
	assert_true(fr_purse_take(&p, 4));
	fr_purse_call(&p, 4);
	assert_true(fr_purse_told(&p, &lowered, false,
				  FR_MS(0))); /* spent 3 of 4, and 5 outstanding: the one that is held goes back */
	assert_int_equal(p.held, 0);
	assert_true(fr_purse_close(&p, 4, 0)); /* three of four are beyond the limit */
	assert_int_equal(p.held, 1);
	assert_int_equal(fr_purse_outstanding(&p), 1);
}

static void what_was_not_billed_goes_back_before_the_terms_are_known(void **state)
{
	struct fr_purse p = opened(10, 1);

	(void)state;
	fr_purse_begin(&p, p.window, 5, 3);
	assert_true(fr_purse_close(&p, 2, 0));
	assert_false(fr_purse_close(&p, 1, 1));
	assert_int_equal(p.held, 0);
	assert_int_equal(p.called, 1);
}

static void a_price_that_was_raised_on_the_way_is_owed(void **state)
{
	struct fr_purse p = opened(10, 1);

	(void)state;
	assert_true(fr_purse_take(&p, 1));
	fr_purse_call(&p, 1);
	fr_purse_close(&p, 1, 3);
	assert_int_equal(p.called, 3);
	assert_int_equal(p.held, 0);
	fr_purse_applied(&p, 3);
	assert_int_equal(fr_purse_outstanding(&p), 0);
}

static void a_window_has_its_start_and_not_its_end(void **state)
{
	struct fr_purse none = { .held = 0 }, p = opened(1, 0);

	(void)state;
	assert_false(fr_purse_in(&none, (fr_wall){ 0 }));
	assert_false(fr_purse_in(&p, (fr_wall){ 999 }));
	assert_true(fr_purse_in(&p, (fr_wall){ 1000 }));
	assert_true(fr_purse_in(&p, (fr_wall){ 1999 }));
	assert_false(fr_purse_in(&p, (fr_wall){ 2000 }));
}

static void a_lease_is_as_large_as_what_went_lately_and_idle_credits_go_back(void **state)
{
	struct fr_purse p = opened(1000, 0);

	(void)state;
	assert_int_equal(fr_purse_want(&p, 3), 3); /* nothing is known of how fast it goes */
	p.held = 20;
	for (int i = 0; i < 12; i++)
		assert_true(fr_purse_take(&p, 1));
	assert_int_equal(fr_purse_want(&p, 0), 4);
	assert_int_equal(fr_purse_want(&p, 5), 9);
	assert_false(fr_purse_settle(&p, 0)); /* 8 held, 12 went */
	fr_purse_tick(&p);
	assert_true(fr_purse_settle(&p, 0)); /* none went since */
	assert_int_equal(p.held, 0);
	p.held = 9;
	assert_true(fr_purse_settle(&p, 5)); /* who waits for another budget keeps what is needed of this one */
	assert_int_equal(p.held, 5);
	assert_false(fr_purse_settle(&p, 5));
	p.held = 0;
	p.taken = 100 * FR_PURSE_LEASE_MAX;
	assert_int_equal(fr_purse_want(&p, 0), FR_PURSE_LEASE_MAX);
}

static void what_redis_says_decides_the_state(void **state)
{
	static const struct {
		struct fr_lease_told_line line;
		bool settling;
		enum fr_purse_state expected;
	} rows[] = {
		{ { .limit = 10, .granted = 1, .spent = 3, .outstanding = 1 }, false, FR_PURSE_OPEN },
		{ { .limit = 10, .granted = 0, .spent = 3, .outstanding = 7 }, false, FR_PURSE_SCARCE },
		{ { .limit = 10, .granted = 0, .spent = 10, .outstanding = 0 }, false, FR_PURSE_EMPTY },
		{ { .limit = 10, .granted = 0, .spent = 12, .outstanding = 0 }, true, FR_PURSE_EMPTY },
		{ { .limit = 10, .granted = 0, .spent = 3, .outstanding = 0 }, true, FR_PURSE_SETTLING },
		{ { .limit = 0, .granted = 0, .spent = 0, .outstanding = 0 }, false, FR_PURSE_EMPTY },
	};
	struct fr_purse fresh = begun(0);

	(void)state;
	assert_int_equal(fr_purse_state(&fresh), FR_PURSE_OPEN); /* Redis may know of an override */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_purse p = begun(10);

		fr_purse_told(&p, &rows[i].line, rows[i].settling, FR_MS(5));
		assert_int_equal(fr_purse_state(&p), rows[i].expected);
		assert_int_equal(p.held, rows[i].line.granted);
	}
}

/* Whoever waits for the last credits is patient from the moment on at which they were the last. */
static void a_state_begins_when_redis_first_says_it(void **state)
{
	static const struct {
		int64_t at, outstanding, since;
	} rows[] = { { 5, 1, 5 }, { 10, 2, 5 }, { 15, 10, 15 }, { 20, 10, 15 }, { 25, 9, 25 } };
	struct fr_purse p = begun(10);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_lease_told_line l = line(10, 0, 0, rows[i].outstanding);

		fr_purse_told(&p, &l, false, FR_MS(rows[i].at));
		assert_int_equal(p.since.v, rows[i].since);
		assert_int_equal(p.told_at.v, rows[i].at);
	}
}

static void what_is_only_held_is_not_used(void **state)
{
	struct fr_purse p = opened(100, 0);
	struct fr_lease_told_line l = line(100, 20, 50, 25);

	(void)state;
	fr_purse_told(&p, &l, false, FR_MS(0));
	assert_int_equal(fr_purse_permille(&p), 550); /* 50 spent, 5 with others */
	assert_int_equal(fr_purse_used(&p), 55);
	assert_int_equal(fr_purse_left(&p), 45);
	assert_true(fr_purse_take(&p, 10));
	assert_int_equal(fr_purse_permille(&p), 650);
	fr_purse_call(&p, 10);
	fr_purse_close(&p, 10, 10);
	fr_purse_applied(&p, 10);
	assert_int_equal(fr_purse_permille(&p), 650); /* the same credits, counted elsewhere */
	fr_purse_tick(&p);
	assert_true(fr_purse_settle(&p, 0)); /* the idle ones go back */
	assert_int_equal(fr_purse_permille(&p), 650);
	p.limit = 0;
	assert_int_equal(fr_purse_permille(&p), 1000);
}

static void a_lowered_limit_takes_back_what_is_held_beyond_it(void **state)
{
	struct fr_purse p = opened(100, 10);
	struct fr_lease_told_line l = line(55, 0, 50, 12);

	(void)state;
	fr_purse_told(&p, &l, false, FR_MS(0));
	assert_int_equal(p.held, 3);
	l.spent = 60;
	fr_purse_told(&p, &l, false, FR_MS(0));
	assert_int_equal(p.held, 0);
}

/* Of what Redis had spent, the records of here give some back; of the rest nobody knows more than what was heard. */
static void what_is_lost_for_good_is_what_was_spent_less_what_comes_again(void **state)
{
	struct fr_purse p = opened(100, 10);
	struct fr_lease_told_line l = line(100, 0, 50, 10), nothing = line(100, 0, 0, 0);

	(void)state;
	fr_purse_told(&p, &l, false, FR_MS(0));
	assert_true(fr_purse_take(&p, 4));
	fr_purse_call(&p, 4);
	fr_purse_close(&p, 4, 4);
	fr_purse_applied(&p, 3);
	fr_purse_recount(&p, 1 + 20, false); /* put back by seconds: all of it comes again */
	assert_int_equal(p.called, 21);
	assert_int_equal(p.lost, 0);
	fr_purse_applied(&p, 20);
	fr_purse_told(&p, &nothing, true, FR_MS(0));
	fr_purse_recount(&p, 1 + 30, true);
	assert_int_equal(p.lost, 50 + 3 + 20 - 30);
	fr_purse_begin(&p, DAY, 100, 0);
	assert_int_equal(p.lost, 0);
}

/* What the purse says is outstanding is what was granted less what Redis has counted, whatever happens. */
static void nothing_appears_and_nothing_vanishes(void **state)
{
	struct fr_random r = { 11 };
	struct fr_purse p = opened(1 << 20, 0);
	int64_t granted = 0, applied = 0, returned = 0, closed = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t held = p.held, n = 1 + (int64_t)fr_random_below(&r, 5);
		struct fr_lease_told_line l = line(1 << 20, n, applied, granted + n - applied - returned);

		switch (fr_random_below(&r, 6)) {
		case 0:
			fr_purse_told(&p, &l, false, FR_MS(i));
			granted += n;
			break;
		case 1: (void)fr_purse_take(&p, n); break;
		case 2:
			if (p.queued > 0)
				fr_purse_put_back(&p, 1);
			break;
		case 3:
			if (p.queued > 0) {
				fr_purse_call(&p, 1);
				fr_purse_close(&p, 1, fr_random_chance(&r, 800) ? 1 : 0);
				closed = p.called;
			}
			break;
		case 4:
			if (closed > 0) {
				fr_purse_applied(&p, 1);
				applied++;
				closed--;
			}
			break;
		default:
			if (fr_purse_settle(&p, 0))
				returned += held - p.held;
			fr_purse_tick(&p);
			break;
		}
		assert_int_equal(fr_purse_outstanding(&p), granted - applied - returned);
		assert_true(fr_purse_permille(&p) >= 0);
	}
	assert_true(applied > 1000 && returned > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_credit_goes_from_held_to_queued_to_called_and_away),
		cmocka_unit_test(nothing_is_taken_that_is_not_held),
		cmocka_unit_test(what_was_not_billed_can_be_spent_again),
		cmocka_unit_test(what_was_not_billed_goes_back_where_the_limit_was_lowered),
		cmocka_unit_test(what_was_not_billed_goes_back_before_the_terms_are_known),
		cmocka_unit_test(a_price_that_was_raised_on_the_way_is_owed),
		cmocka_unit_test(a_window_has_its_start_and_not_its_end),
		cmocka_unit_test(a_lease_is_as_large_as_what_went_lately_and_idle_credits_go_back),
		cmocka_unit_test(what_redis_says_decides_the_state),
		cmocka_unit_test(a_state_begins_when_redis_first_says_it),
		cmocka_unit_test(what_is_only_held_is_not_used),
		cmocka_unit_test(a_lowered_limit_takes_back_what_is_held_beyond_it),
		cmocka_unit_test(what_is_lost_for_good_is_what_was_spent_less_what_comes_again),
		cmocka_unit_test(nothing_appears_and_nothing_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
