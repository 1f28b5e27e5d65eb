/* The ledger against a Redis of a few lines: whatever is lost on the way, every record counts once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "core/ledger.h"

enum { DAY = 20416 };

static const struct fr_budgets no_budgets = { .n = 0 };

/* What Redis does with a batch. */
struct counters {
	uint64_t watermark;
	int64_t calls, demand, background, uncertain;
};

static bool apply(struct counters *c, const struct fr_ledger_batch *b)
{
	if (b->to < b->from || c->watermark >= b->from || (c->watermark + 1 < b->from && !b->base))
		return false;
	c->watermark = b->to;
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++) {
		c->calls += b->delta.v[i][FR_TOTAL_calls];
		c->demand += b->delta.v[i][FR_TOTAL_demand];
		c->background += b->delta.v[i][FR_TOTAL_background];
		c->uncertain += b->delta.v[i][FR_TOTAL_uncertain];
	}
	return true;
}

static struct fr_ledger_entry opened(int64_t at)
{
	return (struct fr_ledger_entry){
		.kind = FR_JOURNAL_OPEN, .at = { at }, .since = { at }, .day = DAY, .row = 3, .credits = 1
	};
}

static struct fr_ledger_entry closed(uint64_t call, int64_t at, enum fr_reason reason, int64_t credits)
{
	return (struct fr_ledger_entry){ .kind = FR_JOURNAL_CLOSE,
					 .at = { at },
					 .since = { at },
					 .day = DAY,
					 .row = 3,
					 .call = call,
					 .reason = (uint8_t)reason,
					 .credits = credits };
}

static uint64_t put(struct fr_ledger *l, struct fr_ledger_entry e)
{
	uint64_t seq = fr_ledger_add(l, &e);

	fr_ledger_wrote(l, seq);
	return seq;
}

static void call(struct fr_ledger *l, int64_t at, enum fr_reason reason)
{
	put(l, closed(put(l, opened(at)), at, reason, 1));
}

static struct fr_ledger *fresh(void)
{
	struct fr_ledger *l = fr_ledger_new();

	fr_ledger_restored(l);
	return l;
}

/* Sends until nothing is left. */
static void send_all(struct fr_ledger *l, struct counters *c)
{
	uint64_t lost;

	for (int i = 0; i < 100; i++) {
		struct fr_ledger_batch b;

		fr_ledger_batch(l, &no_budgets, &b);
		apply(c, &b);
		fr_ledger_watermark(l, c->watermark, FR_MS(0), &lost);
		if (fr_ledger_lag(l) == 0)
			return;
	}
	fail();
}

static void nothing_is_sent_before_the_watermark_is_known(void **state)
{
	struct fr_ledger *l = fresh();
	struct fr_ledger_batch b;
	uint64_t lost;

	(void)state;
	call(l, 1, FR_REASON_MISS);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_true(b.to < b.from);
	assert_int_equal(fr_ledger_watermark(l, 0, FR_MS(0), &lost), 0);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_int_equal(b.from, 1);
	assert_int_equal(b.to, 2);
	assert_int_equal(b.delta.day, DAY);
	assert_int_equal(b.delta.v[3][FR_TOTAL_calls], 1);
	assert_int_equal(b.delta.v[3][FR_TOTAL_demand], 1);
	fr_ledger_free(l);
}

static void a_batch_has_one_day(void **state)
{
	struct fr_ledger *l = fresh();
	struct fr_ledger_entry e = closed(1, 5, FR_REASON_REFRESH, 2);
	struct fr_ledger_batch b;
	uint64_t lost;

	(void)state;
	put(l, opened(1));
	put(l, e);
	e.day++;
	e.uncertain = true;
	put(l, e);
	fr_ledger_watermark(l, 0, FR_MS(0), &lost);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_int_equal(b.to, 2);
	assert_int_equal(b.delta.v[3][FR_TOTAL_background], 2);
	assert_int_equal(b.delta.v[3][FR_TOTAL_uncertain], 0);
	fr_ledger_watermark(l, 2, FR_MS(0), &lost);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_int_equal(b.from, 3);
	assert_int_equal(b.delta.day, DAY + 1);
	assert_int_equal(b.delta.v[3][FR_TOTAL_uncertain], 2);
	fr_ledger_free(l);
}

static void what_is_not_in_the_journal_is_not_sent(void **state)
{
	struct fr_ledger *l = fresh();
	struct fr_ledger_entry e = opened(1);
	struct fr_ledger_batch b;
	uint64_t lost;

	(void)state;
	put(l, e);
	e = closed(1, 2, FR_REASON_MISS, 1);
	assert_int_equal(fr_ledger_add(l, &e), 2);
	assert_int_equal(fr_ledger_unwritten(l), 2);
	fr_ledger_watermark(l, 0, FR_MS(0), &lost);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_int_equal(b.to, 1);
	fr_ledger_wrote(l, 2);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_int_equal(b.to, 2);
	assert_int_equal(fr_ledger_unwritten(l), 0);
	e = opened(3);
	fr_ledger_add(l, &e);
	fr_ledger_take_back(l);
	assert_int_equal(put(l, opened(4)), 3); /* the number is used again */
	fr_ledger_free(l);
}

static void a_redis_that_went_back_is_healed(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { 0 }, before;
	uint64_t lost;

	(void)state;
	call(l, 1, FR_REASON_MISS);
	send_all(l, &c);
	before = c;
	call(l, 2, FR_REASON_MISS);
	call(l, 3, FR_REASON_REFRESH);
	send_all(l, &c);
	assert_int_equal(c.demand, 2);
	assert_int_equal(fr_ledger_watermark(l, before.watermark, FR_MS(0), &lost), 4);
	assert_int_equal(lost, 0);
	c = before;
	send_all(l, &c);
	assert_int_equal(c.calls, 3);
	assert_int_equal(c.demand, 2);
	assert_int_equal(c.background, 1);
	fr_ledger_free(l);
}

/* Redis was away for long; what it got at last it may lose again a moment later. */
static void what_redis_has_only_just_got_is_kept(void **state)
{
	struct fr_ledger *l = fresh();
	uint64_t lost;

	(void)state;
	fr_ledger_watermark(l, 0, FR_MS(1), &lost);
	call(l, 1, FR_REASON_MISS);
	assert_int_equal(fr_ledger_watermark(l, 2, FR_MS(1000), &lost), 0);
	assert_int_equal(fr_ledger_trim(l, FR_MS(900)), 0);
	assert_int_equal(fr_ledger_watermark(l, 0, FR_MS(1001), &lost), 2);
	assert_int_equal(lost, 0);
	assert_int_equal(fr_ledger_watermark(l, 2, FR_MS(1002), &lost), 0);
	assert_int_equal(fr_ledger_trim(l, FR_MS(1003)), 2);
	fr_ledger_free(l);
}

static void what_nobody_has_any_more_is_counted_as_lost_once(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { 0 };
	struct fr_ledger_batch b;
	uint64_t lost;

	(void)state;
	for (int i = 1; i <= 10; i++)
		call(l, i, FR_REASON_MISS);
	send_all(l, &c);
	assert_int_equal(fr_ledger_trim(l, (fr_ms){ 6 }), 10);
	memset(&c, 0, sizeof(c)); /* an empty Redis */
	assert_int_equal(fr_ledger_watermark(l, 0, FR_MS(0), &lost), 10);
	assert_int_equal(lost, 10);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_true(b.base);
	assert_int_equal(b.from, 11);
	assert_int_equal(fr_ledger_watermark(l, 0, FR_MS(0), &lost), 0);
	assert_int_equal(lost, 0);
	send_all(l, &c);
	assert_int_equal(c.calls, 5);
	assert_int_equal(c.watermark, 20);
	fr_ledger_batch(l, &no_budgets, &b);
	assert_false(b.base);
	fr_ledger_free(l);
}

static void a_redis_that_knows_more_is_believed(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { .watermark = 50 };
	uint64_t lost;

	(void)state;
	call(l, 1, FR_REASON_MISS); /* made before anybody knew */
	fr_ledger_watermark(l, 50, FR_MS(0), &lost);
	assert_int_equal(lost, 2);
	assert_int_equal(put(l, opened(2)), 51);
	put(l, closed(51, 3, FR_REASON_MISS, 1));
	send_all(l, &c);
	assert_int_equal(c.calls, 1);
	fr_ledger_free(l);
}

static void numbers_that_redis_has_seen_already_are_void(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { .watermark = 3 };
	uint64_t lost;

	(void)state;
	for (int i = 1; i <= 3; i++)
		call(l, i, FR_REASON_MISS);
	fr_ledger_watermark(l, 3, FR_MS(0), &lost);
	assert_int_equal(lost, 3);
	send_all(l, &c);
	assert_int_equal(c.watermark, 6);
	assert_int_equal(c.calls, 2);
	fr_ledger_free(l);
}

static void a_restart_finds_calls_without_an_outcome(void **state)
{
	struct fr_ledger *l = fr_ledger_new();
	const struct fr_ledger_entry head = { .kind = FR_JOURNAL_HEAD },
				     rows[] = { opened(1), opened(2), closed(7, 3, FR_REASON_MISS, 1) };

	(void)state;
	fr_ledger_restore(l, 7, &head);
	for (uint64_t i = 0; i < 3; i++)
		fr_ledger_restore(l, 7 + i, &rows[i]);
	fr_ledger_restore(l, 8, &rows[2]); /* known already */
	fr_ledger_restored(l);
	assert_int_equal(fr_ledger_unsettled(l, 1), 8);
	assert_int_equal(fr_ledger_unsettled(l, 9), 0);
	assert_int_equal(fr_ledger_lag(l), 0);
	put(l, closed(8, 4, FR_REASON_ORPHAN, 1));
	assert_int_equal(fr_ledger_unsettled(l, 1), 0);
	assert_int_equal(fr_ledger_lag(l), 1);
	fr_ledger_free(l);
}

static void a_file_without_records_still_tells_the_next_number(void **state)
{
	struct fr_ledger *l = fr_ledger_new();
	const struct fr_ledger_entry head = { .kind = FR_JOURNAL_HEAD };

	(void)state;
	fr_ledger_restore(l, 700, &head);
	fr_ledger_restored(l);
	assert_int_equal(put(l, opened(1)), 700);
	fr_ledger_free(l);
}

static void damage_in_the_middle_leaves_a_hole_and_the_rest_counts(void **state)
{
	struct fr_ledger *l = fr_ledger_new();
	const struct fr_ledger_entry rows[] = { opened(1), closed(1, 2, FR_REASON_MISS, 1), opened(3),
						closed(5, 4, FR_REASON_MISS, 1) };
	struct counters c = { 0 };

	(void)state;
	fr_ledger_restore(l, 1, &rows[0]);
	fr_ledger_restore(l, 2, &rows[1]);
	fr_ledger_restore(l, 5, &rows[2]); /* 3 and 4 do not check */
	fr_ledger_restore(l, 6, &rows[3]);
	fr_ledger_restored(l);
	assert_int_equal(fr_ledger_lag(l), 0); /* taken to be applied, until Redis says otherwise */
	send_all(l, &c);
	assert_int_equal(c.watermark, 6);
	assert_int_equal(c.calls, 2);
	fr_ledger_free(l);
}

static void a_call_without_an_outcome_in_the_journal_is_never_forgotten(void **state)
{
	struct fr_ledger *l = fresh();
	struct fr_ledger_entry e;
	struct counters c = { 0 };
	uint64_t first;

	(void)state;
	call(l, 1, FR_REASON_MISS);
	first = put(l, opened(2));
	call(l, 3, FR_REASON_MISS);
	send_all(l, &c);
	assert_int_equal(fr_ledger_trim(l, (fr_ms){ 1000 }), first - 1);
	e = closed(first, 4, FR_REASON_MISS, 1);
	fr_ledger_add(l, &e);
	assert_int_equal(fr_ledger_trim(l, (fr_ms){ 1000 }), first - 1);
	fr_ledger_wrote(l, fr_ledger_unwritten(l));
	send_all(l, &c);
	assert_int_equal(fr_ledger_trim(l, (fr_ms){ 1000 }), c.watermark);
	fr_ledger_free(l);
}

static void what_redis_does_not_have_is_added_to_a_report(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { 0 };
	struct fr_totals days[2] = { { .day = DAY - 1 }, { .day = DAY } };

	(void)state;
	call(l, 1, FR_REASON_MISS);
	send_all(l, &c);
	send_all(l, &c);
	call(l, 2, FR_REASON_REFRESH);
	fr_ledger_pending(l, days, 2);
	assert_int_equal(days[0].v[3][FR_TOTAL_calls], 0);
	assert_int_equal(days[1].v[3][FR_TOTAL_calls] + c.calls, 2);
	assert_int_equal(days[1].v[3][FR_TOTAL_background], 1);
	fr_ledger_free(l);
}

static void without_redis_there_is_an_end(void **state)
{
	struct fr_ledger *l = fresh();
	struct counters c = { 0 };

	(void)state;
	for (uint64_t i = 0; !fr_ledger_full(l); i++) {
		assert_true(i < FR_LEDGER_RECORDS_MAX);
		call(l, 1, FR_REASON_MISS);
	}
	assert_in_range(fr_ledger_lag(l), FR_LEDGER_RECORDS_MAX / 2, FR_LEDGER_RECORDS_MAX - FR_CALLS_MAX);
	for (int i = 0; i < 4; i++) /* a hundred batches each */
		for (int n = 0; n < 100 && fr_ledger_lag(l) > 0; n++) {
			struct fr_ledger_batch b;
			uint64_t lost;

			fr_ledger_batch(l, &no_budgets, &b);
			apply(&c, &b);
			fr_ledger_watermark(l, c.watermark, FR_MS(0), &lost);
			assert_int_equal(lost, 0);
		}
	assert_int_equal(fr_ledger_lag(l), 0);
	assert_false(fr_ledger_full(l));
	assert_int_equal(2 * c.calls, (int64_t)c.watermark);
	fr_ledger_free(l);
}

/* Answers are lost, batches come twice and late, Redis goes back to any of its earlier states: in the end all counts once. */
static void chaos_counts_every_record_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct fr_random r = { seed };
		struct fr_ledger *l = fresh();
		struct counters c = { 0 }, saved = c;
		struct fr_ledger_batch b = { .from = 1, .to = 0 };
		int64_t calls = 0;
		uint64_t lost;

		for (int i = 0; i < 300; i++) {
			if (fr_random_chance(&r, 500)) {
				call(l, i, FR_REASON_MISS);
				calls++;
			}
			if (fr_random_chance(&r, 700))
				fr_ledger_batch(l, &no_budgets, &b); /* else the last one once more */
			if (fr_random_chance(&r, 700))
				apply(&c, &b);
			if (fr_random_chance(&r, 600))
				fr_ledger_watermark(l, c.watermark, FR_MS(0), &lost);
			if (fr_random_chance(&r, 50))
				saved = c;
			if (fr_random_chance(&r, 30))
				c = saved;
		}
		fr_ledger_watermark(l, c.watermark, FR_MS(0), &lost);
		send_all(l, &c);
		assert_int_equal(c.calls, calls);
		assert_int_equal(c.demand, calls);
		fr_ledger_free(l);
	}
}

/* Two budgets: all of them by the day, and one tenant's by the hour, in UTC. */
static struct fr_budgets two_budgets(void)
{
	struct fr_budgets b = { .n = 2, .n_zones = 1 };

	b.at[0] = (struct fr_budget){ .name = "all/day", .scope = FR_SCOPE_ALL, .window = FR_WINDOW_DAY };
	b.at[1] = (struct fr_budget){
		.name = "tenant:acme/hour", .scope = FR_SCOPE_TENANT, .subject = 4, .window = FR_WINDOW_HOUR
	};
	return b;
}

enum { HOUR_MS = 3600 * 1000 };
static const int64_t NOON_MS = INT64_C(24 * 3600 * 1000) * DAY + INT64_C(12) * HOUR_MS;

static void spend(struct fr_ledger *l, uint16_t tenant, int64_t opened_ms, int64_t credits)
{
	struct fr_ledger_entry open = opened(1), close;
	uint64_t call;

	open.tenant = tenant;
	open.opened.v = opened_ms;
	call = put(l, open);
	close = closed(call, 1, FR_REASON_MISS, credits);
	close.tenant = tenant;
	close.opened.v = opened_ms;
	put(l, close);
}

static void a_batch_says_what_it_adds_to_each_budget_and_window(void **state)
{
	struct fr_budgets budgets = two_budgets();
	struct fr_ledger *l = fr_ledger_new();
	struct fr_ledger_batch b;
	uint64_t lost;

	(void)state;
	spend(l, 4, NOON_MS, 1);
	spend(l, 4, NOON_MS + 1000, 1);
	spend(l, 0, NOON_MS + 2000, 1);
	spend(l, 4, NOON_MS + HOUR_MS, 1);
	spend(l, 4, NOON_MS + HOUR_MS, 0); /* not billed */
	fr_ledger_watermark(l, 0, FR_MS(1), &lost);
	fr_ledger_batch(l, &budgets, &b);
	assert_int_equal(b.n_lines, 4);
	assert_string_equal(b.lines[0].budget, "all/day");
	assert_int_equal(b.lines[0].spent, 3);
	assert_int_equal(b.lines[0].start.v, NOON_MS - 12 * HOUR_MS);
	assert_string_equal(b.lines[1].budget, "tenant:acme/hour");
	assert_int_equal(b.lines[1].spent, 2);
	assert_int_equal(b.lines[1].start.v, NOON_MS);
	assert_int_equal(b.lines[1].five, NOON_MS / (5 * 60 * 1000));
	assert_int_equal(b.lines[2].spent, 1); /* the day's, in other five minutes */
	assert_int_equal(b.lines[3].start.v, NOON_MS + HOUR_MS);
	fr_ledger_free(l);
}

static void more_lines_than_a_batch_has_room_for_wait_for_the_next(void **state)
{
	struct fr_budgets budgets = two_budgets();
	struct fr_ledger *l = fr_ledger_new();
	struct fr_ledger_batch b;
	int64_t spent = 0;
	uint64_t w = 0, lost;

	(void)state;
	for (int i = 0; i < 600; i++) /* five minutes apart: lines of their own */
		spend(l, 4, NOON_MS + INT64_C(300000) * i, 1);
	fr_ledger_watermark(l, 0, FR_MS(1), &lost);
	while (w < 1200) {
		fr_ledger_batch(l, &budgets, &b);
		assert_true(b.n_lines <= FR_SPEND_LINES_MAX);
		assert_true(b.to > w);
		for (size_t i = 0; i < b.n_lines; i++)
			spent += b.lines[i].spent;
		w = b.to;
		fr_ledger_watermark(l, w, FR_MS(1), &lost);
	}
	assert_int_equal(spent, 1200);
	fr_ledger_free(l);
}

static void a_budget_owes_what_is_on_its_way_and_what_redis_does_not_have(void **state)
{
	struct fr_budgets budgets = two_budgets();
	struct fr_window noon = fr_budget_window(&budgets, &budgets.at[1], (fr_wall){ NOON_MS });
	struct fr_ledger *l = fr_ledger_new();
	struct fr_ledger_entry open = opened(1);
	uint64_t lost;

	(void)state;
	open.tenant = 4;
	open.opened.v = NOON_MS;
	put(l, open);
	spend(l, 4, NOON_MS, 1);
	spend(l, 0, NOON_MS, 1);
	spend(l, 4, NOON_MS + HOUR_MS, 1);
	assert_int_equal(fr_ledger_owed(l, &budgets.at[1], noon), 2);
	fr_ledger_watermark(l, 7, FR_MS(1), &lost);
	assert_int_equal(fr_ledger_owed(l, &budgets.at[1], noon), 1); /* the call is still on its way */
	fr_ledger_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_sent_before_the_watermark_is_known),
		cmocka_unit_test(a_batch_has_one_day),
		cmocka_unit_test(what_is_not_in_the_journal_is_not_sent),
		cmocka_unit_test(a_redis_that_went_back_is_healed),
		cmocka_unit_test(what_nobody_has_any_more_is_counted_as_lost_once),
		cmocka_unit_test(a_redis_that_knows_more_is_believed),
		cmocka_unit_test(numbers_that_redis_has_seen_already_are_void),
		cmocka_unit_test(a_restart_finds_calls_without_an_outcome),
		cmocka_unit_test(a_file_without_records_still_tells_the_next_number),
		cmocka_unit_test(damage_in_the_middle_leaves_a_hole_and_the_rest_counts),
		cmocka_unit_test(a_call_without_an_outcome_in_the_journal_is_never_forgotten),
		cmocka_unit_test(what_redis_does_not_have_is_added_to_a_report),
		cmocka_unit_test(without_redis_there_is_an_end),
		cmocka_unit_test(what_redis_has_only_just_got_is_kept),
		cmocka_unit_test(chaos_counts_every_record_once),
		cmocka_unit_test(a_batch_says_what_it_adds_to_each_budget_and_window),
		cmocka_unit_test(more_lines_than_a_batch_has_room_for_wait_for_the_next),
		cmocka_unit_test(a_budget_owes_what_is_on_its_way_and_what_redis_does_not_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
