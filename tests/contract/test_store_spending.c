/* What records do to budgets, what is kept of them, and what operators change; one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/contract/asker.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- records ------------------------------------------------------------------------------------------------------- */

static void records_move_credits_from_outstanding_to_spent_in_one_step(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);
	struct fr_ledger_batch batch = batch_of(&a, 1, 6, 4, 3); /* one was not billed */
	struct fr_lease_told_line told;

	assert_int_equal(take(&a, 10), 10);
	assert_int_equal(take(&b, 10), 10);
	assert_int_equal(apply(a.side, a.identity, &batch), 6);
	told = ask_for(&b, 0);
	assert_int_equal(told.spent, 3);
	assert_int_equal(told.outstanding, 16);
	a.ask.lines[0].outstanding = 6;
	told = ask_for(&a, 0);
	assert_int_equal(told.spent, 3);
	assert_int_equal(told.outstanding, 16);
}

static void a_batch_sent_twice_counts_once_for_budgets_too(void **state)
{
	struct asker a = asker_of(*state, 0);
	struct fr_ledger_batch batch = batch_of(&a, 1, 6, 4, 3), gap = batch_of(&a, 9, 10, 1, 1),
			       question = batch_of(&a, 7, 6, 1, 1);
	struct fr_lease_told_line told;

	assert_int_equal(take(&a, 10), 10);
	for (int i = 0; i < 3; i++)
		assert_int_equal(apply(a.side, a.identity, &batch), 6);
	assert_int_equal(apply(a.side, a.identity, &gap), 6);
	assert_int_equal(apply(a.side, a.identity, &question), 6);
	a.ask.lines[0].outstanding = 6;
	told = ask_for(&a, 0);
	assert_int_equal(told.spent, 3);
	assert_int_equal(told.outstanding, 6);
	gap.base = true;
	assert_int_equal(apply(a.side, a.identity, &gap), 10);
	a.ask.lines[0].outstanding = 5;
	assert_int_equal(ask_for(&a, 0).spent, 4);
}

static void records_lower_what_is_outstanding_to_nothing_and_not_further(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);
	struct fr_ledger_batch batch = batch_of(&a, 1, 6, 9, 9);
	struct fr_lease_told_line told;

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 10), 10);
	assert_int_equal(apply(a.side, a.identity, &batch), 6); /* of an instance that Redis has heard too little of */
	assert_int_equal(spending_of(*state, window_of(*state)).outstanding, 10);
	told = ask_for(&b, 0);
	assert_int_equal(told.spent, 9);
	assert_int_equal(told.outstanding, 10);
}

static void spent_credits_are_not_granted_again(void **state)
{
	struct asker a = asker_of(*state, 0);

	a.ask.lines[0].limit = 10;
	for (uint64_t i = 1; i <= 10; i++) {
		struct fr_ledger_batch batch = batch_of(&a, i, i, 1, 1);

		assert_int_equal(take(&a, 1), 1);
		assert_int_equal(apply(a.side, a.identity, &batch), i);
		a.ask.lines[0].outstanding = 0;
	}
	assert_int_equal(take(&a, 1), 0);
	a.ask.lines[0].limit = 9; /* less than what was spent */
	assert_int_equal(take(&a, 1), 0);
	assert_int_equal(a.side->heard.lease.lines[0].spent, 10);
}

static void one_batch_may_move_many_counters(void **state)
{
	struct asker a = asker_of(*state, 0);
	struct fr_ledger_batch batch = batch_of(&a, 1, 1, 0, 1);
	struct fr_spending s;
	int64_t hours = 0;

	batch.n_lines = FR_SPEND_LINES_MAX;
	for (size_t i = 0; i < FR_SPEND_LINES_MAX; i++) {
		batch.lines[i] = batch.lines[0];
		batch.lines[i].five -= (int64_t)i;
		batch.lines[i].start.v -= (int64_t)(i % 2) * 3600000;
	}
	assert_int_equal(apply(a.side, a.identity, &batch), 1);
	assert_int_equal(ask_for(&a, 0).spent, FR_SPEND_LINES_MAX / 2);
	s = spending_of(*state, a.ask.lines[0].start);
	for (size_t i = 0; i < FR_SPENDING_HOURS; i++)
		hours += s.hours[i];
	assert_int_equal(hours, FR_SPEND_LINES_MAX);
	assert_int_equal(totals_of(*state, batch.delta.day).v[0][FR_TOTAL_demand], 1);
}

/* ---- what is kept -------------------------------------------------------------------------------------------------- */

static void how_fast_is_spent_is_remembered_by_five_minutes_and_by_the_hour(void **state)
{
	struct asker a = asker_of(*state, 0);
	static const struct {
		int64_t ago, spent;
	} rows[] = { { 1, 5 }, { 1, 7 }, { 20, 1 }, { 30, 2 }, { 100 * 12, 3 }, { 9 * 24 * 12, 1000 }, { -100, 2000 } };
	struct fr_spending s;
	int64_t fives = 0, hours = 0;

	assert_int_equal(take(&a, 30), 30);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_ledger_batch batch = batch_of(&a, i + 1, i + 1, 1, rows[i].spent);

		batch.lines[0].five -= rows[i].ago;
		assert_int_equal(apply(a.side, a.identity, &batch), i + 1);
	}
	s = spending_of(*state, a.ask.lines[0].start);
	for (size_t i = 0; i < FR_SPENDING_FIVES; i++)
		fives += s.fives[i];
	for (size_t i = 0; i < FR_SPENDING_HOURS; i++)
		hours += s.hours[i];
	assert_int_equal(fives, 5 + 7 + 1);
	assert_int_equal(hours, 5 + 7 + 1 + 2 + 3);
	assert_int_equal(s.fives[1] + s.fives[2], 5 + 7); /* five minutes may just have ended */
	assert_int_equal(s.hours[100] + s.hours[101], 3);
	assert_int_equal(s.spent, 3018);
	assert_int_equal(s.outstanding, 30 - 7);
	assert_false(s.overridden);
}

static void spend_in(struct asker *a, uint64_t seq, fr_wall start, fr_ms kept)
{
	struct fr_ledger_batch batch = batch_of(a, seq, seq, 0, 1);

	batch.lines[0].start = start;
	batch.lines[0].kept = kept;
	assert_int_equal(apply(a->side, a->identity, &batch), seq);
}

static int64_t figures_in(struct asker *a, fr_wall start)
{
	struct fr_spending s = spending_of(a->side->world, start);

	return s.spent + s.outstanding;
}

static void old_windows_are_forgotten(void **state)
{
	struct asker a = asker_of(*state, 0);
	const int64_t now = window_of(*state).v;
	int64_t hours[] = { 3, 4, 5, 6 };

	for (size_t i = 0; i < COUNT(hours); i++) {
		a.ask.lines[0].start.v = now - hours[i] * 3600000;
		a.ask.lines[0].outstanding = 10;
		(void)ask_for(&a, 0);
	}
	for (size_t i = 0; i < COUNT(hours); i++)
		spend_in(&a, i + 1, (fr_wall){ now - hours[i] * 3600000 }, FR_HOURS(3));
	for (size_t i = 0; i < COUNT(hours); i++)
		assert_int_equal(figures_in(&a, (fr_wall){ now - hours[i] * 3600000 }), 11); /* each was the oldest */
	set_limit(*state, BUDGET, "77", true);
	spend_in(&a, 5, (fr_wall){ now }, FR_HOURS(3));
	assert_int_equal(figures_in(&a, (fr_wall){ now - 3 * 3600000 }), 11);
	assert_int_equal(figures_in(&a, (fr_wall){ now - 4 * 3600000 }), 0);
	assert_int_equal(figures_in(&a, (fr_wall){ now - 6 * 3600000 }), 0);
	assert_int_equal(ask_for(&a, 0).limit, 77);
}

static void a_clock_that_is_wrong_takes_no_window_with_it(void **state)
{
	struct asker a = asker_of(*state, 0);
	const fr_wall now = window_of(*state), future = { now.v + FR_DAYS(1000).v }, past = { now.v - FR_DAYS(1000).v };

	spend_in(&a, 1, now, FR_DAYS(2));
	spend_in(&a, 2, future, FR_DAYS(2));
	spend_in(&a, 3, past, FR_DAYS(2));
	assert_int_equal(figures_in(&a, now), 1);
	assert_int_equal(figures_in(&a, future), 1);
	assert_int_equal(figures_in(&a, past), 1);
}

/* ---- operators ----------------------------------------------------------------------------------------------------- */

static void an_override_goes_before_the_configuration(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	set_limit(w, BUDGET, "3", true);
	assert_int_equal(take(&a, 10), 1);
	assert_int_equal(a.side->heard.lease.lines[0].limit, 3);
	assert_int_equal(take(&b, 10), 1);
	assert_true(spending_of(w, window_of(w)).overridden);
	assert_int_equal(spending_of(w, window_of(w)).limit, 3);
	set_limit(w, BUDGET, "0", true);
	assert_int_equal(take(&a, 10), 0);
	set_limit(w, BUDGET, "none", true);
	a.ask.lines[0].limit = 0;
	assert_int_equal(take(&a, 100000), 100000);
	assert_int_equal(a.side->heard.lease.lines[0].limit, FR_LIMIT_NONE);
	set_limit(w, "tenant:acme/day", "1", true);
	set_limit(w, BUDGET, NULL, true);
	set_limit(w, BUDGET, NULL, true);
	assert_int_equal(take(&b, 10), 0);
	assert_int_equal(b.side->heard.lease.lines[0].limit, ASKER_LIMIT);
	assert_false(spending_of(w, window_of(w)).overridden);
}

static void what_is_no_limit_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "-1", "many", "1e3", "9007199254740992", " 5", "NONE" };
	struct world *w = *state;
	struct asker a = asker_of(w, 0);

	set_limit(w, BUDGET, "3", true);
	for (size_t i = 0; i < COUNT(texts); i++) {
		set_limit(w, BUDGET, texts[i], false);
		assert_int_equal(ask_for(&a, 0).limit, 3);
	}
}

/* The largest counts, once, and beside the records: whoever says it, and whenever. */
static void what_no_journal_has_any_more_counts_as_far_as_anybody_was_told(void **state)
{
	static const struct {
		size_t side;
		int64_t lost, spent;
	} rows[] = { { 0, 7, 7 }, { 0, 7, 7 }, { 1, 5, 7 }, { 1, 9, 9 }, { 0, 7, 9 }, { 0, 0, 9 } };
	struct asker a[] = { asker_of(*state, 0), asker_of(*state, 1) };
	struct fr_ledger_batch batch = batch_of(&a[0], 1, 3, 0, 3);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct asker *who = &a[rows[i].side];

		who->ask.lines[0].lost = rows[i].lost;
		assert_int_equal(ask_for(who, 0).spent, rows[i].spent);
	}
	assert_int_equal(apply(a[0].side, a[0].identity, &batch), 3);
	a[0].ask.lines[0].lost = 10;
	a[0].ask.lines[0].limit = 14;
	assert_int_equal(take(&a[0], 5), 1);
	assert_int_equal(a[0].side->heard.lease.lines[0].spent, 13);
	a[0].ask.number -= 2; /* one that was long on its way */
	a[0].ask.lines[0].lost = 100;
	assert_int_equal(ask_for(&a[0], 0).spent, 13);
	assert_int_equal(spending_of(*state, window_of(*state)).spent, 13);
}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		BOTH(records_move_credits_from_outstanding_to_spent_in_one_step),
		BOTH(a_batch_sent_twice_counts_once_for_budgets_too),
		BOTH(records_lower_what_is_outstanding_to_nothing_and_not_further),
		BOTH(spent_credits_are_not_granted_again),
		BOTH(one_batch_may_move_many_counters),
		BOTH(how_fast_is_spent_is_remembered_by_five_minutes_and_by_the_hour),
		BOTH(old_windows_are_forgotten),
		BOTH(a_clock_that_is_wrong_takes_no_window_with_it),
		BOTH(an_override_goes_before_the_configuration),
		BOTH(what_is_no_limit_changes_nothing),
		BOTH(what_no_journal_has_any_more_counts_as_far_as_anybody_was_told),
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
