/* Budgets: what instances and Redis say to each other about credits; one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tests/contract/both_stores.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { LIMIT = 1000 };
static const char BUDGET[] = "all/month", OTHER[] = "tenant:acme/day";
static const uint64_t US[SIDES] = { 0xaaaaaaaaaaaaaaaa, 0xbbbbbbbbbbbbbbbb, 0x0c }; /* the journals' identities */

/* An instance's end of the conversation: counts its questions, and believes what it is told. */
struct asker {
	struct side *side;
	uint64_t identity;
	struct fr_lease_ask ask;
	bool unconfirmed; /* does not have its records confirmed when it meets another run of Redis */
};

static const struct fr_lease_told *put_question(struct asker *a)
{
	int before = a->side->heard.n_leased;

	if (a->side->world->real)
		fr_store_lease(a->side->store, a->identity, &a->ask);
	else
		fake_store_lease(a->side->client, a->identity, &a->ask);
	UNTIL(a->side->world, a->side->heard.n_leased == before + 1);
	assert_int_equal(a->side->heard.lease.number, a->ask.number);
	assert_true(a->side->heard.lease.known);
	assert_int_equal(a->side->heard.lease.n, a->ask.n);
	return &a->side->heard.lease;
}

static fr_wall window_of(const struct world *w)
{
	return (fr_wall){ store_clock(w) / 86400000 * 86400000 };
}

static struct asker asker_of(struct world *w, int i)
{
	return (struct asker){ .side = &w->side[i],
			       .identity = US[i],
			       .ask = { .life = 1, .n = 1, .lines = { { BUDGET, window_of(w), LIMIT, 0, 0 } } } };
}

static struct fr_lease_told_line ask_for(struct asker *a, int64_t want)
{
	const struct fr_lease_told *told;

	a->ask.number++;
	a->ask.lines[0].want = want;
	told = put_question(a);
	if (told->run == a->ask.healed || a->unconfirmed)
		return told->lines[0];
	a->ask.healed = told->run;
	a->ask.number++;
	return put_question(a)->lines[0];
}

/* It has met this run of Redis, and its records are confirmed. */
static void meet(struct asker *a)
{
	int64_t want = a->ask.lines[0].want;
	uint64_t life = a->ask.life;

	a->ask.life = 0;
	a->ask.lines[0].want = 0;
	a->ask.healed = put_question(a)->run;
	a->ask.life = life;
	a->ask.lines[0].want = want;
}

/* ... and keeps what it is granted. */
static int64_t take(struct asker *a, int64_t want)
{
	int64_t granted = ask_for(a, want).granted;

	a->ask.lines[0].outstanding += granted;
	return granted;
}

static struct fr_ledger_batch batch_of(const struct asker *a, uint64_t from, uint64_t to, int64_t closed, int64_t spent)
{
	struct fr_ledger_batch b = { .from = from, .to = to, .n_lines = 1 };

	b.delta.day = store_clock(a->side->world) / 86400000;
	b.delta.v[0][FR_TOTAL_demand] = spent;
	b.lines[0] = (struct fr_spend_line){ .budget = BUDGET,
					     .start = a->ask.lines[0].start,
					     .five = store_clock(a->side->world) / FR_FIVE_MS,
					     .kept = FR_DAYS(100),
					     .closed = closed,
					     .spent = spent };
	return b;
}

static void shift_instance(struct world *w, const char *field, const char *value, int64_t ms)
{
	char number[41], run[64], shifted[160];
	int64_t seen;
	int healed;

	assert_int_equal(sscanf(value, "%40s %63s %" SCNd64 " %d", number, run, &seen, &healed), 4);
	(void)snprintf(shifted, sizeof shifted, "%s %s %" PRId64 " %d", number, run, seen - ms / 1000, healed);
	redis_here_do(w->redis, "HSET test:{credits}:i %s %s", field, shifted);
}

/* Time passes for the books: what they know about moments is older than it was. */
static void pass(struct world *w, int64_t ms)
{
	redisReply *r;

	if (!w->real) {
		w->now += ms;
		return;
	}
	r = redis_here_ask(w->redis, "HGETALL test:{credits}:i");
	for (size_t i = 0; i < r->elements; i += 2) {
		if (strcmp(r->element[i]->str, "since") == 0)
			redis_here_do(w->redis, "HINCRBY test:{credits}:i since %lld", (long long)-ms);
		else if (strcmp(r->element[i]->str, "run") != 0 && strcmp(r->element[i]->str, "pause") != 0)
			shift_instance(w, r->element[i]->str, r->element[i + 1]->str, ms);
	}
	freeReplyObject(r);
}

static void limited(void *ctx, bool ok)
{
	*(int *)ctx = ok ? 1 : -1;
}

static void set_limit(struct world *w, const char *budget, const char *limit, bool is_one)
{
	int done = 0;

	if (!w->real) {
		fake_store_limit(w->fake, budget, limit);
		return;
	}
	fr_store_budget_limit(w->side[2].store, budget, limit, limited, &done);
	UNTIL(w, done != 0);
	assert_int_equal(done, is_one ? 1 : -1);
}

static void came(void *ctx, const struct fr_spending *spending)
{
	*(struct fr_spending *)ctx = *spending;
}

static struct fr_spending spending_of(struct world *w, fr_wall start)
{
	struct fr_spending s = { .known = false };

	if (!w->real)
		return fake_store_spending(w->fake, BUDGET, start, (fr_wall){ store_clock(w) });
	fr_store_budget_read(w->side[2].store, BUDGET, start, (fr_wall){ store_clock(w) }, came, &s);
	UNTIL(w, s.known);
	return s;
}

/* ---- granting ------------------------------------------------------------------------------------------------------ */

static void what_is_granted_is_outstanding_until_it_is_given_back(void **state)
{
	struct asker a = asker_of(*state, 0), b = asker_of(*state, 1);
	struct fr_lease_told_line told;

	told = ask_for(&a, 10);
	assert_int_equal(told.granted, 10);
	assert_int_equal(told.limit, LIMIT);
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
		assert_int_equal(told->lines[0].limit, LIMIT);
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
	a.ask.lines[2].budget = OTHER;
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
		a.ask.lines[i] = (struct fr_lease_line){ names[i], window_of(a.side->world), LIMIT, 0, (int64_t)i };
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
	set_limit(w, OTHER, "1", true);
	set_limit(w, BUDGET, NULL, true);
	set_limit(w, BUDGET, NULL, true);
	assert_int_equal(take(&b, 10), 0);
	assert_int_equal(b.side->heard.lease.lines[0].limit, LIMIT);
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
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
