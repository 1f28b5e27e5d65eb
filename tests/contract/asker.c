#include "tests/contract/asker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t US[SIDES] = { 0xaaaaaaaaaaaaaaaa, 0xbbbbbbbbbbbbbbbb, 0x0c }; /* the journals' identities */

const struct fr_lease_told *put_question(struct asker *a)
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

fr_wall window_of(const struct world *w)
{
	return (fr_wall){ store_clock(w) / 86400000 * 86400000 };
}

struct asker asker_of(struct world *w, int i)
{
	return (struct asker){ .side = &w->side[i],
			       .identity = US[i],
			       .ask = { .life = 1, .n = 1, .lines = { { BUDGET, window_of(w), ASKER_LIMIT, 0, 0, 0 } } } };
}

struct fr_lease_told_line ask_for(struct asker *a, int64_t want)
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

void meet(struct asker *a)
{
	int64_t want = a->ask.lines[0].want;
	uint64_t life = a->ask.life;

	a->ask.life = 0;
	a->ask.lines[0].want = 0;
	a->ask.healed = put_question(a)->run;
	a->ask.life = life;
	a->ask.lines[0].want = want;
}

int64_t take(struct asker *a, int64_t want)
{
	int64_t granted = ask_for(a, want).granted;

	a->ask.lines[0].outstanding += granted;
	return granted;
}

struct fr_ledger_batch batch_of(const struct asker *a, uint64_t from, uint64_t to, int64_t closed, int64_t spent)
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

void pass(struct world *w, int64_t ms)
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

void set_limit(struct world *w, const char *budget, const char *limit, bool is_one)
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

struct fr_spending spending_of(struct world *w, fr_wall start)
{
	struct fr_spending s = { .known = false };

	if (!w->real)
		return fake_store_spending(w->fake, BUDGET, start, (fr_wall){ store_clock(w) });
	fr_store_budget_read(w->side[2].store, BUDGET, start, (fr_wall){ store_clock(w) }, came, &s);
	UNTIL(w, s.known);
	return s;
}
