/* What only a real Redis can do to the books: foreign values, no memory, its absence, eviction. */
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

enum { TODAY = 20414 };
static const uint64_t US = 0xabcdef0123456789;
static const struct fr_line_ask LINE = {
	.number = 3, .calls = 10, .window = { 60000 }, .slice = { 6000 }, .slice_calls = 4, .urgent = 1
};

static struct fr_lease_told lease(struct side *s)
{
	int before = s->heard.n_leased;
	const uint64_t number = (uint64_t)before + 1;
	const struct fr_lease_ask ask = { .life = 1,
					  .number = number,
					  .healed = s->heard.lease.run,
					  .n = 1,
					  .lines = { { .budget = "b", .limit = 100, .want = 1 } } };

	fr_store_lease(s->store, US, &ask);
	UNTIL(s->world, s->heard.n_leased == before + 1);
	assert_int_equal(s->heard.lease.number, number);
	return s->heard.lease;
}

static struct fr_line_told line_up(struct side *s)
{
	int before = s->heard.n_lined;

	fr_store_line_up(s->store, US, &LINE);
	UNTIL(s->world, s->heard.n_lined == before + 1);
	assert_int_equal(s->heard.line.number, LINE.number);
	return s->heard.line;
}

static struct fr_ledger_batch batch_of(uint64_t from, uint64_t to)
{
	struct fr_ledger_batch b = { .from = from, .to = to, .delta = { .day = TODAY }, .n_lines = 2 };
	const fr_wall start = { INT64_C(1795000000000) };

	b.delta.v[0][FR_TOTAL_demand] = 1;
	b.lines[0] = (struct fr_spend_line){ "a", start, start.v / FR_FIVE_MS, FR_DAYS(1), 0, 1 };
	b.lines[1] = (struct fr_spend_line){ "b", start, start.v / FR_FIVE_MS, FR_DAYS(1), 0, 1 };
	return b;
}

static int64_t number_of(struct world *w, const char *command, const char *key)
{
	redisReply *r = redis_here_ask(w->redis, "%s %s", command, key);
	int64_t n = r->integer;

	assert_int_equal(r->type, REDIS_REPLY_INTEGER);
	freeReplyObject(r);
	return n;
}

static void came(void *ctx, const struct fr_spending *spending)
{
	*(int *)ctx = spending->known ? 1 : -1;
}

static void limited(void *ctx, bool ok)
{
	*(int *)ctx = ok ? 1 : -1;
}

static void names_of_former_tenants_count_for_the_default(void **state)
{
	struct world *w = *state;
	struct fr_totals sum;

	redis_here_do(w->redis,
		      "HSET test:{credits}:t:20251122 tenant:default|demand 5 tenant:gone|demand 7 tenant:acme|demand 1 "
		      "reason:unheard-of|demand 2 outcome:unheard-of|requests 3 reason:miss|demand 4 tenant:a|b|demand 9 "
		      "tenant:acme|unheard-of 8 tenant:acme|refused x");
	sum = totals_of(w, TODAY);
	assert_int_equal(sum.tenants[0][FR_TOTAL_demand], 5 + 7 + 9);
	assert_int_equal(sum.tenants[1][FR_TOTAL_demand], 1);
	assert_int_equal(sum.reasons[FR_REASON_MISS][FR_TOTAL_demand], 4);
	for (size_t i = 0; i < FR_REASONS; i++)
		assert_int_equal(sum.reasons[i][FR_TOTAL_demand], i == FR_REASON_MISS ? 4 : 0);
	for (size_t i = 0; i < FR_OUTCOMES; i++)
		assert_int_equal(sum.outcomes[i][FR_TOTAL_requests], 0);
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		assert_int_equal(sum.v[i][FR_TOTAL_demand], 0);
}

static void a_foreign_budget_stops_a_batch_and_not_half_of_it(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	struct fr_ledger_batch batch = batch_of(1, 5);

	redis_here_do(w->redis, "SET test:{credits}:b:b foreign");
	fr_store_ledger_apply(s->store, US, &batch);
	UNTIL(w, s->heard.n_applied == 1);
	assert_false(s->heard.added);
	assert_int_equal(number_of(w, "EXISTS", "test:{credits}:b:a"), 0);
	assert_int_equal(number_of(w, "EXISTS", "test:{credits}:j"), 0);
	assert_int_equal(totals_of(w, TODAY).v[0][FR_TOTAL_demand], 0);
	assert_false(lease(s).known);
	redis_here_do(w->redis, "DEL test:{credits}:b:b");
	assert_int_equal(apply(s, US, &batch), 5);
	assert_true(lease(s).known);
	assert_int_equal(lease(s).lines[0].granted, 1);
}

static void history_is_kept_for_eight_days_and_two_hours(void **state)
{
	static const struct {
		char kind;
		int64_t from_now;
		bool kept;
	} rows[] = { { 'h', -191, true }, { 'h', -200, false }, { 'h', 1, true },  { 'h', 9, false },
		     { 'm', -23, true },  { 'm', -30, false },  { 'm', 23, true }, { 'm', 30, false } };
	struct world *w = *state;
	const int64_t five = store_clock(w) / FR_FIVE_MS, hour = five / FR_FIVES_AN_HOUR;
	struct fr_ledger_batch batch = batch_of(1, 5);
	char fields[sizeof rows / sizeof rows[0]][32];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(fields[i], sizeof fields[i], "%c:%" PRId64, rows[i].kind,
			       (rows[i].kind == 'h' ? hour : five) + rows[i].from_now);
		redis_here_do(w->redis, "HSET test:{credits}:b:a %s 1", fields[i]);
	}
	batch.lines[0].five = five;
	batch.lines[1].five = five - 9 * 24 * FR_FIVES_AN_HOUR; /* too old when it comes */
	assert_int_equal(apply(&w->side[0], US, &batch), 5);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		redisReply *r = redis_here_ask(w->redis, "HEXISTS test:{credits}:b:a %s", fields[i]);

		if (r->integer != (rows[i].kept ? 1 : 0))
			fail_msg("%s: %d", fields[i], (int)r->integer);
		freeReplyObject(r);
	}
	assert_int_equal(number_of(w, "HLEN", "test:{credits}:b:b"), 1); /* only what was spent */
}

static void a_foreign_limit_is_none(void **state)
{
	static const char *const texts[] = { "many", "1e9", "-5", "0x10", "" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		redis_here_do(w->redis, "HSET test:{credits}:b:b limit %s", texts[i]);
		assert_int_equal(lease(&w->side[0]).lines[0].limit, 100);
	}
}

static void budgets_are_not_evicted_and_only_the_line_may_be(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	struct fr_ledger_batch batch = batch_of(1, 5);

	assert_int_equal(apply(s, US, &batch), 5);
	assert_true(lease(s).known);
	assert_int_equal(lease(s).lines[0].granted, 1);
	assert_int_equal(line_up(s).urgent, 1);
	assert_int_equal(number_of(w, "TTL", "test:{credits}:b:a"), -1);
	assert_int_equal(number_of(w, "TTL", "test:{credits}:b:b"), -1);
	assert_int_equal(number_of(w, "TTL", "test:{credits}:i"), -1);
	assert_int_equal(number_of(w, "TTL", "test:{credits}:j"), -1);
	assert_in_range(number_of(w, "PTTL", "test:{line}:c"), 60001, 120000);
	assert_in_range(number_of(w, "PTTL", "test:{line}:i"), 60001, 120000);
	redis_here_do(w->redis, "DEL test:{line}:c");
	assert_int_equal(line_up(s).used, 1);
}

static void a_full_redis_grants_nothing(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];

	assert_true(lease(s).known);
	redis_here_do(w->redis, "CONFIG SET maxmemory 1");
	assert_false(lease(s).known);
	assert_false(line_up(s).known);
	redis_here_do(w->redis, "CONFIG SET maxmemory 0");
	assert_true(lease(s).known); /* which is another's question now */
	assert_int_equal(lease(s).lines[0].granted, 1);
	assert_int_equal(line_up(s).used, 1);
}

static void without_redis_nothing_is_known(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	int read = 0, limit = 0;

	redis_here_kill(w->redis);
	UNTIL(w, !fr_store_up(s->store));
	assert_false(lease(s).known);
	assert_false(line_up(s).known);
	fr_store_budget_read(s->store, "b", (fr_wall){ 0 }, (fr_wall){ 0 }, came, &read);
	fr_store_budget_limit(s->store, "b", "5", limited, &limit);
	assert_int_equal(read, -1);
	assert_int_equal(limit, -1);
	redis_here_restart(w->redis, PERSISTENT);
	UNTIL(w, fr_store_up(s->store));
	assert_true(lease(s).known);
}

static void a_forgotten_script_is_sent_again(void **state)
{
	struct world *w = *state;

	redis_here_do(w->redis, "SCRIPT FLUSH");
	assert_true(lease(&w->side[0]).known);
	assert_true(line_up(&w->side[0]).known);
}

static void what_is_under_way_at_the_end_is_unknown(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	const struct fr_lease_ask ask = { .life = 1, .number = 7 };
	int read = 0, limit = 0;

	fr_store_budget_read(s->store, "b", (fr_wall){ 0 }, (fr_wall){ 0 }, came, &read);
	fr_store_budget_limit(s->store, "b", "5", limited, &limit);
	fr_store_lease(s->store, US, &ask);
	fr_store_line_up(s->store, US, &LINE);
	fr_store_free(&s->store);
	assert_int_equal(read, -1);
	assert_int_equal(limit, -1);
	assert_int_equal(s->heard.n_leased, 1);
	assert_false(s->heard.lease.known);
	assert_int_equal(s->heard.lease.number, 7);
	assert_int_equal(s->heard.n_lined, 1);
	assert_false(s->heard.line.known);
}

#define REAL(test) \
	{ \
#test, test, with_redis, without, &redis \
	}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		REAL(names_of_former_tenants_count_for_the_default),
		REAL(a_foreign_budget_stops_a_batch_and_not_half_of_it),
		REAL(history_is_kept_for_eight_days_and_two_hours),
		REAL(a_foreign_limit_is_none),
		REAL(budgets_are_not_evicted_and_only_the_line_may_be),
		REAL(a_full_redis_grants_nothing),
		REAL(without_redis_nothing_is_known),
		REAL(a_forgotten_script_is_sent_again),
		REAL(what_is_under_way_at_the_end_is_unknown),
	};
	int failed;

	redis_here_start(&redis, PERSISTENT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
