/* What is granted, and what is not while Redis may have lost something; one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/contract/asker.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- granting ------------------------------------------------------------------------------------------------------ */

static void what_is_granted_is_outstanding_until_it_is_given_back(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);
	struct fr_lease_told_line told;

	told = ask_for(&a, 10);
	assert_int_equal(told.granted, 10);
	assert_int_equal(told.limit, ASKER_LIMIT);
	assert_int_equal(told.spent, 0);
	assert_int_equal(told.outstanding, 10);
	a.ask.lines[0].outstanding = 10;
	assert_int_equal(take(&b, 7), 7);
	told = ask_for(&a, 5);
	assert_int_equal(told.granted, 5);
	assert_int_equal(told.outstanding, 22);
	a.ask.lines[0].outstanding = 2; /* it does not need them */
	assert_int_equal(ask_for(&a, 0).outstanding, 9);
	a.ask.lines[0].outstanding = 0;
	assert_int_equal(ask_for(&a, 0).outstanding, 7);
}

static void grants_shrink_to_one_as_the_budget_runs_out(void **state)
{
	static const struct {
		int64_t limit, want, alone, third; /* granted to the only instance, and to the third */
	} rows[] = {
		{ 1000, 1000, 250, 83 }, { 1000, 100, 100, 83 }, { 100, 100, 25, 8 }, { 24, 100, 6, 2 }, { 23, 100, 5, 1 },
		{ 7, 100, 1, 1 },        { 1, 100, 1, 1 },       { 1, 1, 1, 1 },      { 0, 100, 0, 0 },  { 5, 0, 0, 0 },
	};
	struct world *w = *state;
	struct asker a[SIDES] = { asker_of(w, 0), asker_of(w, 1), asker_of(w, 2) };

	for (int n = 0; n < SIDES; n++) {
		(void)ask_for(&a[n], 0);
		for (size_t i = 0; n != 1 && i < COUNT(rows); i++) {
			int64_t granted;

			a[n].ask.lines[0].limit = rows[i].limit;
			granted = ask_for(&a[n], rows[i].want).granted;
			if (granted != (n == 0 ? rows[i].alone : rows[i].third))
				fail_msg("limit %d, %d instances: %d", (int)rows[i].limit, n + 1, (int)granted);
		}
		(void)ask_for(&a[n], 0);
		assert_int_equal(a[n].side->heard.lease.instances, n + 1);
	}
}

static void three_instances_share_the_last_ten_credits_exactly(void **state)
{
	struct world *w = *state;
	struct asker a[SIDES] = { asker_of(w, 0), asker_of(w, 1), asker_of(w, 2) };
	int64_t all = 0;

	for (int i = 0; i < SIDES; i++)
		a[i].ask.lines[0].limit = 10;
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < SIDES; i++)
			all += take(&a[i], 10);
	assert_int_equal(all, 10);
	for (int i = 0; i < SIDES; i++)
		assert_in_range(a[i].ask.lines[0].outstanding, 1, 9);
	a[1].ask.lines[0].outstanding--; /* what one gives back another may have */
	(void)ask_for(&a[1], 0);
	assert_int_equal(take(&a[2], 10), 1);
	assert_int_equal(take(&a[0], 10), 0);
}

static void a_grant_whose_answer_was_lost_comes_back(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);

	a.ask.lines[0].limit = b.ask.lines[0].limit = 2;
	assert_int_equal(take(&a, 1), 1);
	assert_int_equal(ask_for(&a, 1).granted, 1); /* of which it never heard */
	assert_int_equal(take(&b, 1), 0);
	assert_int_equal(ask_for(&a, 0).outstanding, 1);
	assert_int_equal(take(&b, 1), 1);
}

static void a_late_question_changes_nothing(void **state)
{
	static const struct {
		uint64_t life, number;
		bool late;
	} rows[] = {
		{ 7, 5, false },
		{ 7, 5, true }, /* the same again */
		{ 7, 4, true },
		{ 6, 99, true },
		{ 7, 10, false }, /* no text comes between 9 and 10 */
		{ 7, 9, true },
		{ 8, 1, false },
		{ 7, UINT64_MAX, true },
		{ 8, 9007199254740993, false },
		{ 8, 9007199254740992, true }, /* as doubles they are the same */
		{ 8, 9007199254740994, false },
		{ UINT64_MAX, UINT64_MAX - 1, false },
		{ UINT64_MAX, UINT64_MAX, false },
		{ UINT64_MAX, UINT64_MAX - 1, true },
	};
	struct asker a = asker_of(*state, 0);
	int64_t outstanding = 0;

	meet(&a);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fr_lease_told *told;

		a.ask.life = rows[i].life;
		a.ask.number = rows[i].number;
		a.ask.lines[0].outstanding = (int64_t)i;
		a.ask.lines[0].want = 3;
		told = put_question(&a);
		outstanding = rows[i].late ? outstanding : (int64_t)i + 3;
		if (told->lines[0].granted != (rows[i].late ? 0 : 3) || told->lines[0].outstanding != outstanding)
			fail_msg("row %zu: %d granted, %d outstanding", i, (int)told->lines[0].granted,
				 (int)told->lines[0].outstanding);
		assert_int_equal(told->lines[0].limit, ASKER_LIMIT);
		assert_false(told->settling);
	}
}

static void budgets_and_their_windows_are_counted_apart(void **state)
{
	struct asker a = asker_of(*state, 0);
	const struct fr_lease_told *told;

	(void)ask_for(&a, 0);
	a.ask.n = 3;
	a.ask.lines[1] = a.ask.lines[2] = a.ask.lines[0];
	a.ask.lines[1].start.v -= 3600000;
	a.ask.lines[2].budget = "tenant:acme/day";
	for (size_t i = 0; i < 3; i++) {
		a.ask.lines[i].outstanding = 10 * (int64_t)i + 1;
		a.ask.lines[i].limit = 100 * (int64_t)i + 50;
		a.ask.lines[i].want = (int64_t)i + 1;
	}
	a.ask.number++;
	told = put_question(&a);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(told->lines[i].limit, 100 * i + 50);
		assert_int_equal(told->lines[i].granted, i + 1);
		assert_int_equal(told->lines[i].outstanding, 11 * i + 2);
	}
}

static void one_question_may_ask_for_all_budgets(void **state)
{
	struct asker a = asker_of(*state, 0);
	static char names[FR_BUDGETS_MAX][FR_BUDGET_NAME_MAX];
	const struct fr_lease_told *told;

	meet(&a);
	a.ask.n = FR_BUDGETS_MAX;
	for (size_t i = 0; i < FR_BUDGETS_MAX; i++) {
		(void)snprintf(names[i], sizeof names[i], "tenant:{%zu} of ö%0*d/hour", i, FR_BUDGET_NAME_MAX - 40, 0);
		a.ask.lines[i] = (struct fr_lease_line){ names[i], window_of(a.side->world), ASKER_LIMIT, 0, (int64_t)i, 0 };
	}
	a.ask.number++;
	told = put_question(&a);
	for (size_t i = 0; i < FR_BUDGETS_MAX; i++)
		assert_int_equal(told->lines[i].granted, i);
}

static void large_amounts_are_exact(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);
	const int64_t huge = INT64_C(4000000000000001);
	struct fr_ledger_batch batch = batch_of(&a, 1, 1, huge, huge);
	struct fr_lease_told_line told;

	(void)ask_for(&a, 0);
	a.ask.lines[0].limit = b.ask.lines[0].limit = 2 * huge + 3;
	a.ask.lines[0].outstanding = huge;
	assert_int_equal(ask_for(&a, 0).outstanding, huge);
	assert_int_equal(apply(a.side, a.identity, &batch), 1);
	told = ask_for(&a, 1);
	assert_int_equal(told.spent, huge);
	assert_int_equal(told.outstanding, huge + 1);
	assert_int_equal(told.granted, 1);
	a.ask.lines[0].outstanding = huge + 1;
	told = ask_for(&b, 5);
	assert_int_equal(told.granted, 1);
	assert_int_equal(told.outstanding, huge + 2);
	assert_int_equal(ask_for(&a, 5).granted, 1);
	assert_int_equal(spending_of(*state, a.ask.lines[0].start).spent, huge);
}

/* ---- starting again ------------------------------------------------------------------------------------------------ */

static void a_redis_that_never_knew_a_budget_grants_at_once(void **state)
{
	struct asker a = asker_of(*state, 0);

	assert_int_equal(ask_for(&a, 1).granted, 1);
	assert_false(a.side->heard.lease.settling);
}

static void a_redis_that_has_forgotten_a_veteran_does_not_know_for_whom_to_wait(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);

	assert_int_equal(take(&b, 5), 5); /* who is new believes that Redis is, too */
	a.ask.veteran = true;
	a.ask.lines[0].outstanding = 5;
	assert_int_equal(ask_for(&a, 1).granted, 0);
	assert_true(a.side->heard.lease.settling);
	assert_int_equal(a.side->heard.lease.lines[0].outstanding, 10);
	assert_int_equal(take(&b, 5), 0);
	pass(*state, 7000);
	assert_int_equal(take(&b, 5), 0);
	pass(*state, 1000);
	assert_int_equal(ask_for(&a, 1).granted, 1);
	assert_int_equal(take(&b, 5), 5);
}

static void each_veteran_that_was_forgotten_is_waited_for_anew(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	a.ask.veteran = b.ask.veteran = true;
	assert_int_equal(take(&a, 5), 0);
	pass(w, 7000);
	assert_int_equal(take(&b, 5), 0);
	pass(w, 7000);
	assert_int_equal(take(&a, 5), 0);
	pass(w, 1000);
	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
}

static void once_it_grants_a_redis_does_not_stop_for_newcomers(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	b.unconfirmed = true;
	assert_int_equal(take(&b, 5), 0);
	assert_int_equal(take(&a, 5), 5);
}

static void nothing_is_granted_to_whom_has_not_had_its_records_confirmed(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0);

	a.unconfirmed = true;
	assert_int_equal(take(&a, 5), 0);
	assert_true(a.side->heard.lease.settling);
	a.ask.alone = true;
	assert_int_equal(take(&a, 5), 0);
	a.unconfirmed = false;
	assert_int_equal(take(&a, 5), 5);
	a.unconfirmed = true;
	restart(w);
	assert_int_equal(take(&a, 5), 0);
}

static void one_whose_records_are_not_confirmed_keeps_all_waiting(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
	restart(w);
	b.unconfirmed = true;
	assert_int_equal(take(&a, 5), 0);
	assert_int_equal(take(&b, 5), 0);
	pass(w, 10000);
	assert_int_equal(take(&a, 5), 0);
	b.unconfirmed = false;
	(void)ask_for(&b, 0);
	assert_int_equal(take(&a, 5), 5);
}

static void a_restarted_redis_grants_nothing_until_all_have_spoken(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
	restart(w);
	assert_int_equal(take(&a, 5), 0);
	assert_true(a.side->heard.lease.settling);
	assert_int_equal(a.side->heard.lease.lines[0].outstanding, 10);
	pass(w, 5000);
	assert_int_equal(take(&a, 5), 0);
	assert_int_equal(take(&b, 5), 5); /* the last to speak is not kept waiting */
	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(ask_for(&a, 0).outstanding, 20);
}

static void a_restarted_redis_grants_nothing_for_three_seconds(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
	restart(w);
	assert_int_equal(take(&a, 5), 0);
	assert_int_equal(take(&b, 5), 0);
	a.ask.lines[0].outstanding += 7; /* taken over all the same */
	assert_int_equal(ask_for(&a, 5).outstanding, 17);
	pass(w, 1500);
	assert_int_equal(take(&a, 5), 0);
	UNTIL(w, take(&a, 5) == 5);
	restart(w);
	assert_int_equal(take(&a, 5), 0); /* and again */
}

static void who_is_away_is_waited_for_for_thirty_seconds(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
	restart(w);
	assert_int_equal(take(&a, 5), 0);
	pass(w, 25000);
	assert_int_equal(take(&a, 5), 0);
	pass(w, 5000);
	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(ask_for(&a, 0).outstanding, 15);
}

static void who_is_alone_waits_for_nobody(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&a, 5), 5);
	assert_int_equal(take(&b, 5), 5);
	restart(w);
	a.ask.alone = true;
	assert_int_equal(take(&a, 5), 5);
	assert_false(a.side->heard.lease.settling);
}

static void who_is_gone_for_ten_minutes_is_not_waited_for_but_his_credits_stay_used(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	assert_int_equal(take(&b, 100), 100);
	(void)ask_for(&a, 0);
	assert_int_equal(a.side->heard.lease.instances, 2);
	pass(w, 590 * 1000);
	(void)ask_for(&a, 0);
	assert_int_equal(a.side->heard.lease.instances, 2);
	pass(w, 12 * 1000);
	restart(w);
	assert_int_equal(take(&a, 5), 0);
	assert_int_equal(a.side->heard.lease.instances, 1);
	pass(w, 3000);
	assert_int_equal(take(&a, 5), 5);
	pass(w, INT64_C(20) * 86400 * 1000);
	assert_int_equal(ask_for(&a, 0).outstanding, 105);
}

static void after_a_day_an_instance_is_forgotten(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);

	b.ask.number = 10;
	assert_int_equal(ask_for(&b, 5).granted, 5);
	pass(w, 86000 * 1000);
	(void)ask_for(&a, 0);
	b.ask.number = 5;
	assert_int_equal(ask_for(&b, 5).granted, 0); /* late */
	pass(w, 86402 * 1000);
	(void)ask_for(&a, 0);
	b.ask.number = 5;
	assert_int_equal(ask_for(&b, 5).granted, 5);
}

static void what_a_cut_redis_has_lost_is_given_to_it_again(void **state)
{
	struct world *w = *state;
	struct asker a = asker_of(w, 0), b = asker_of(w, 1);
	struct fr_ledger_batch first = batch_of(&a, 1, 4, 4, 4), second = batch_of(&a, 5, 9, 5, 5);
	struct fr_lease_told_line told;

	assert_int_equal(take(&a, 20), 20);
	assert_int_equal(take(&b, 20), 20);
	assert_int_equal(apply(a.side, a.identity, &first), 4);
	a.ask.lines[0].outstanding = 16;
	assert_int_equal(ask_for(&a, 0).outstanding, 36);
	remember(w);
	assert_int_equal(take(&b, 30), 30);
	assert_int_equal(apply(a.side, a.identity, &second), 9);
	a.ask.lines[0].outstanding = 11;
	told = ask_for(&a, 0);
	assert_int_equal(told.spent, 9);
	assert_int_equal(told.outstanding, 61);
	cut_back(w);
	a.ask.lines[0].outstanding = 16;
	told = ask_for(&a, 5);
	assert_true(a.side->heard.lease.settling);
	assert_int_equal(told.granted, 0);
	assert_int_equal(told.spent, 4);
	assert_int_equal(told.outstanding, 36);
	assert_int_equal(apply(a.side, a.identity, &second), 9);
	a.ask.lines[0].outstanding = 11;
	assert_int_equal(ask_for(&b, 0).outstanding, 61);
	UNTIL(w, !(told = ask_for(&a, 0), a.side->heard.lease.settling));
	assert_int_equal(told.spent, 9);
	assert_int_equal(told.outstanding, 61);
}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		BOTH(what_is_granted_is_outstanding_until_it_is_given_back),
		BOTH(grants_shrink_to_one_as_the_budget_runs_out),
		BOTH(three_instances_share_the_last_ten_credits_exactly),
		BOTH(a_grant_whose_answer_was_lost_comes_back),
		BOTH(a_late_question_changes_nothing),
		BOTH(budgets_and_their_windows_are_counted_apart),
		BOTH(one_question_may_ask_for_all_budgets),
		BOTH(large_amounts_are_exact),
		BOTH(a_redis_that_never_knew_a_budget_grants_at_once),
		BOTH(a_redis_that_has_forgotten_a_veteran_does_not_know_for_whom_to_wait),
		BOTH(each_veteran_that_was_forgotten_is_waited_for_anew),
		BOTH(once_it_grants_a_redis_does_not_stop_for_newcomers),
		BOTH(nothing_is_granted_to_whom_has_not_had_its_records_confirmed),
		BOTH(one_whose_records_are_not_confirmed_keeps_all_waiting),
		BOTH(a_restarted_redis_grants_nothing_until_all_have_spoken),
		BOTH(a_restarted_redis_grants_nothing_for_three_seconds),
		BOTH(who_is_away_is_waited_for_for_thirty_seconds),
		BOTH(who_is_alone_waits_for_nobody),
		BOTH(who_is_gone_for_ten_minutes_is_not_waited_for_but_his_credits_stay_used),
		BOTH(after_a_day_an_instance_is_forgotten),
		BOTH(what_a_cut_redis_has_lost_is_given_to_it_again),
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
