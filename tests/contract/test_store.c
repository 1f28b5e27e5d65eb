/* Answers, leases, hints and totals: one body of tests for two stores. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/record.h"
#include "tests/contract/both_stores.h"

static const struct fr_key KEY = { 0x0123456789abcdef, 0xfedcba9876543210 }, NOBODY = { 0, 0 };
static const struct fr_key ALICE = { 0xa11ce, 1 }, BOB = { 0xb0b, 2 };

static void do_get(struct side *s, uint64_t token, struct fr_key key)
{
	if (s->world->real)
		fr_store_get(s->store, token, key);
	else
		fake_store_get(s->client, token, key);
}

static void do_claim(struct side *s, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	if (s->world->real)
		fr_store_claim(s->store, token, key, owner, lease);
	else
		fake_store_claim(s->client, token, key, owner, lease);
}

static void renew(struct side *s, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	if (s->world->real)
		fr_store_renew(s->store, key, owner, lease);
	else
		fake_store_renew(s->client, key, owner, lease);
}

static void put(struct side *s, struct fr_key key, struct fr_key owner, struct fr_str record, fr_ms keep)
{
	struct fr_blob *b = fr_blob_of(record.p, record.n);

	if (s->world->real)
		fr_store_put(s->store, key, owner, b, keep);
	else
		fake_store_put(s->client, key, owner, b, keep);
	fr_blob_drop(b);
}

static void end_badly(struct side *s, struct fr_key key, struct fr_key owner, struct fr_str record, fr_ms hold)
{
	struct fr_blob *b = fr_blob_of(record.p, record.n);

	if (s->world->real)
		fr_store_fail(s->store, key, owner, b, hold);
	else
		fake_store_fail(s->client, key, owner, b, hold);
	fr_blob_drop(b);
}

static bool add(struct side *s, uint64_t seq, const struct fr_totals *delta)
{
	int before = s->heard.n_added;

	if (s->world->real)
		fr_store_totals_add(s->store, seq, delta);
	else
		fake_store_totals_add(s->client, seq, delta);
	UNTIL(s->world, s->heard.n_added == before + 1);
	assert_int_equal(s->heard.token, seq);
	return s->heard.added;
}

/* Records that cost a credit each. */
static uint64_t book(struct side *s, uint64_t identity, uint64_t from, uint64_t to, bool base, int64_t day)
{
	struct fr_ledger_batch b = { .from = from, .to = to, .base = base, .delta = { .day = day } };

	b.delta.v[0][FR_TOTAL_demand] = (int64_t)(to + 1 - from);
	b.delta.v[1][FR_TOTAL_uncertain] = 1;
	return apply(s, identity, &b);
}

static enum fr_store_result get(struct side *s, struct fr_key key)
{
	int before = s->heard.n_found;

	do_get(s, 77, key);
	UNTIL(s->world, s->heard.n_found == before + 1);
	assert_int_equal(s->heard.token, 77);
	return s->heard.found;
}

static enum fr_claim_result claim(struct side *s, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	int before = s->heard.n_claimed;

	do_claim(s, 78, key, owner, lease);
	UNTIL(s->world, s->heard.n_claimed == before + 1);
	assert_int_equal(s->heard.token, 78);
	return s->heard.claimed;
}

/* What was sent without an answer is applied once something sent after it is answered. */
static void settle(struct side *s)
{
	(void)get(s, (struct fr_key){ 1, 1 });
}

/* ---- the body ------------------------------------------------------------------------------------------------------ */

static void what_was_put_is_found_by_all_and_else_nothing_is(void **state)
{
	struct world *w = *state;
	struct side *a = &w->side[0], *b = &w->side[1];

	assert_int_equal(get(a, KEY), FR_STORE_MISS);
	put(a, KEY, NOBODY, FR_STR("rec\0ord"), FR_MINUTES(1));
	settle(a);
	assert_int_equal(get(b, KEY), FR_STORE_HIT);
	assert_int_equal(b->heard.record_n, 7);
	assert_memory_equal(b->heard.record, "rec\0ord", 7);
	put(b, KEY, NOBODY, FR_STR("newer"), FR_MINUTES(1));
	settle(b);
	assert_int_equal(get(a, KEY), FR_STORE_HIT);
	assert_string_equal(a->heard.record, "newer");
}

static void a_large_record_comes_back_whole(void **state)
{
	struct world *w = *state;
	size_t n = 3 * 1024 * 1024 + 17;
	char *bytes = fr_alloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(unsigned char)(i * 31 + i / 251);
	put(&w->side[0], KEY, NOBODY, (struct fr_str){ bytes, n }, FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(get(&w->side[1], KEY), FR_STORE_HIT);
	assert_int_equal(w->side[1].heard.record_n, n);
	assert_int_equal(w->side[1].heard.record_hash, fr_hash64(0, bytes, n));
	free(bytes);
}

static void an_answer_ends_with_its_time(void **state)
{
	struct world *w = *state;

	put(&w->side[0], KEY, NOBODY, FR_STR("brief"), FR_MS(60));
	settle(&w->side[0]);
	UNTIL(w, get(&w->side[1], KEY) == FR_STORE_MISS);
}

static void a_claim_is_won_by_one_and_taken_for_the_others(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_int_equal(w->side[0].heard.record_n, 0);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	assert_int_equal(claim(&w->side[1], (struct fr_key){ 5, 5 }, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void a_claim_that_is_repeated_is_still_won(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void the_winner_is_given_what_was_stored_meanwhile(void **state)
{
	struct world *w = *state;

	assert_int_equal(get(&w->side[1], KEY), FR_STORE_MISS);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[0], KEY, ALICE, FR_STR("answer"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_string_equal(w->side[1].heard.record, "answer");
}

static void a_put_releases_its_own_lease_and_no_other(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[1], KEY, BOB, FR_STR("of a stranger"), FR_MINUTES(1));
	put(&w->side[1], KEY, NOBODY, FR_STR("of nobody"), FR_MINUTES(1));
	settle(&w->side[1]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	put(&w->side[0], KEY, ALICE, FR_STR("of the owner"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_string_equal(w->side[1].heard.record, "of the owner");
}

static struct fr_blob *record_of(int64_t asked_for)
{
	struct fr_answer facts = { .stored = { asked_for }, .body = fr_blob_of("{}", 2) };
	struct fr_answer *a = fr_answer_new(&facts);
	struct fr_blob *record = fr_record_write(a);

	fr_answer_drop(a);
	fr_blob_drop(facts.body);
	return record;
}

/* What one answer taught never takes the place of what was asked for later. */
static void without_a_lease_the_younger_record_stays(void **state)
{
	static const struct {
		int64_t there, put;
		bool owned, replaced;
	} rows[] = {
		{ 1764000000000, 1764000000001, false, true },
		{ 1764000000000, 1764000000000, false, true },
		{ 1764000000001, 1764000000000, false, false },
		{ 1764000000001, 1764000000000, true, true },
		{ 256, 255, false, false },
		{ -1, 1, false, true },
		{ 1, -1, false, false },
	};
	struct world *w = *state;
	struct side *a = &w->side[0], *b = &w->side[1];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct fr_key key = { 77, i };
		struct fr_blob *there = record_of(rows[i].there), *late = record_of(rows[i].put);
		const struct fr_blob *stays = rows[i].replaced ? late : there;

		put(a, key, NOBODY, fr_blob_str(there), FR_MINUTES(1));
		settle(a);
		if (rows[i].owned)
			assert_int_equal(claim(b, key, BOB, FR_SECONDS(5)), FR_CLAIM_WON);
		put(b, key, rows[i].owned ? BOB : NOBODY, fr_blob_str(late), FR_MINUTES(1));
		settle(b);
		assert_int_equal(get(a, key), FR_STORE_HIT);
		assert_int_equal(a->heard.record_n, stays->n);
		assert_true(a->heard.record_hash == fr_hash64(0, stays->bytes, stays->n));
		fr_blob_drop(there);
		fr_blob_drop(late);
	}
	put(a, KEY, NOBODY, FR_STR("FRU1, but no record"), FR_MINUTES(1));
	put(a, KEY, NOBODY, FR_STR("short"), FR_MINUTES(1));
	settle(a);
	assert_int_equal(get(b, KEY), FR_STORE_HIT);
	assert_string_equal(b->heard.record, "short");
}

static void piece_put(struct side *s, struct fr_key key, const struct fr_blob *record)
{
	if (s->world->real)
		fr_store_piece_put(s->store, key, record, FR_MINUTES(1));
	else
		fake_store_piece_put(s->client, key, record, FR_MINUTES(1));
}

static enum fr_store_result piece_get(struct side *s, struct fr_key key)
{
	int before = s->heard.n_found;

	if (s->world->real)
		fr_store_piece_get(s->store, 4711, key);
	else
		fake_store_piece_get(s->client, 4711, key);
	UNTIL(s->world, s->heard.n_found == before + 1);
	return s->heard.found;
}

static void a_piece_stands_beside_the_answer_and_the_younger_word_stays(void **state)
{
	struct world *w = *state;
	struct side *a = &w->side[0], *b = &w->side[1];
	struct fr_blob *words[] = { record_of(1000), record_of(999), record_of(1000), record_of(1001) };
	int hints;

	put(a, KEY, NOBODY, FR_STR("an answer"), FR_MINUTES(1));
	settle(a);
	assert_int_equal(piece_get(a, KEY), FR_STORE_MISS);
	hints = b->heard.n_hints;
	for (size_t i = 0; i < 4; i++) {
		piece_put(a, KEY, words[i]);
		settle(a);
		assert_int_equal(piece_get(b, KEY), FR_STORE_HIT);
		assert_true(b->heard.record_hash == fr_hash64(0, words[i == 1 ? 0 : i]->bytes, words[i]->n));
	}
	assert_int_equal(get(b, KEY), FR_STORE_HIT);
	assert_string_equal(b->heard.record, "an answer");
	assert_int_equal(b->heard.n_hints, hints); /* nobody waits for one */
	for (size_t i = 0; i < 4; i++)
		fr_blob_drop(words[i]);
}

static void a_failure_is_left_for_all_until_its_hold_ends(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], KEY, ALICE, FR_STR("it\0failed"), FR_MS(300));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_FAILED);
	assert_int_equal(w->side[1].heard.record_n, 9);
	assert_memory_equal(w->side[1].heard.record, "it\0failed", 9);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_FAILED);
	UNTIL(w, claim(&w->side[1], KEY, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
}

static void a_failure_without_hold_leaves_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], KEY, ALICE, FR_STR("failed"), FR_MS(0));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void a_strangers_failure_ends_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[1], KEY, BOB, FR_STR("failed"), FR_MINUTES(1));
	end_badly(&w->side[1], KEY, NOBODY, FR_STR("failed"), FR_MINUTES(1));
	settle(&w->side[1]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void a_lease_ends_by_itself(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MS(150)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	UNTIL(w, claim(&w->side[1], KEY, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
	/* What its old owner does now is nobody's business. */
	renew(&w->side[0], KEY, ALICE, FR_MINUTES(9));
	put(&w->side[0], KEY, ALICE, FR_STR("late"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void only_the_owner_renews_a_lease(void **state)
{
	struct world *w = *state;
	const struct fr_key other = { 6, 6 };

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MS(500)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[0], other, ALICE, FR_MS(500)), FR_CLAIM_WON);
	renew(&w->side[0], KEY, ALICE, FR_MINUTES(1));
	renew(&w->side[1], other, BOB, FR_MINUTES(1));
	settle(&w->side[0]);
	settle(&w->side[1]);
	UNTIL(w, claim(&w->side[1], other, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void the_others_are_told_of_every_end(void **state)
{
	struct world *w = *state;
	struct side *b = &w->side[1];

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[0], KEY, ALICE, FR_STR("answer"), FR_MINUTES(1));
	UNTIL(w, fr_key_eq(b->heard.hint, KEY));
	assert_int_equal(claim(&w->side[0], BOB, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], BOB, ALICE, FR_STR("failed"), FR_MINUTES(1));
	UNTIL(w, fr_key_eq(b->heard.hint, BOB));
}

/* ---- totals -------------------------------------------------------------------------------------------------------- */

enum { TODAY = 20414 };

static void totals_count_once_however_often_they_are_sent(void **state)
{
	struct world *w = *state;
	struct fr_totals delta = { .day = TODAY }, sum;

	delta.v[0][FR_TOTAL_demand] = 3;
	delta.v[1][FR_TOTAL_requests] = 40;
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[0], 2, &delta));
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[1], 1, &delta)); /* another instance counts for itself */
	delta.day = TODAY + 1;
	assert_true(add(&w->side[0], 3, &delta));
	sum = totals_of(w, TODAY);
	assert_int_equal(sum.v[0][FR_TOTAL_demand], 9);
	assert_int_equal(sum.v[1][FR_TOTAL_requests], 120);
	assert_int_equal(sum.v[0][FR_TOTAL_requests], 0);
	sum = totals_of(w, TODAY + 1);
	assert_int_equal(sum.v[0][FR_TOTAL_demand], 3);
	assert_int_equal(totals_of(w, TODAY + 2).v[0][FR_TOTAL_demand], 0);
}

static void records_of_credits_are_applied_in_order_and_once(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	const uint64_t us = 0xabcdef0123456789;

	assert_int_equal(book(s, us, 1, 0, false, TODAY), 0); /* a question */
	assert_int_equal(book(s, us, 5, 6, false, TODAY), 0); /* a gap */
	assert_int_equal(book(s, us, 1, 4, false, TODAY), 4);
	assert_int_equal(book(s, us, 1, 4, false, TODAY), 4); /* again */
	assert_int_equal(book(s, us, 3, 9, false, TODAY), 4); /* partly again: neither */
	assert_int_equal(book(s, us, 3, 9, true, TODAY), 4);
	assert_int_equal(book(&w->side[1], us, 5, 6, false, TODAY + 1), 6); /* the next process of the same journal */
	assert_int_equal(book(s, 7, 1, 1, false, TODAY), 1);                /* another journal */
	assert_int_equal(book(s, 7, 10, 12, true, TODAY), 12);              /* what is between is lost for good */
	assert_int_equal(book(s, us, 7, 6, false, TODAY), 6);
	assert_int_equal(totals_of(w, TODAY).v[0][FR_TOTAL_demand], 4 + 1 + 3);
	assert_int_equal(totals_of(w, TODAY).v[1][FR_TOTAL_uncertain], 3);
	assert_int_equal(totals_of(w, TODAY + 1).v[0][FR_TOTAL_demand], 2);
}

static void foreign_bytes_are_handed_on_for_the_engine_to_judge(void **state)
{
	struct world *w = *state;
	char hex[33];

	fr_key_hex(KEY, hex);
	if (w->real)
		redis_here_do(w->redis, "SET test:{%s}:a %s", hex, "not ours");
	else
		fake_store_plant(w->fake, KEY, FR_STR("not ours"));
	assert_int_equal(get(&w->side[0], KEY), FR_STORE_HIT);
	assert_string_equal(w->side[0].heard.record, "not ours");
}

static void totals_tell_tenants_reasons_and_outcomes_apart(void **state)
{
	struct world *w = *state;
	struct fr_totals delta = { .day = TODAY }, sum;
	struct fr_ledger_batch b = { .from = 1, .to = 1, .delta = { .day = TODAY } };

	delta.tenants[0][FR_TOTAL_requests] = 1;
	delta.tenants[2][FR_TOTAL_requests] = 2;
	delta.outcomes[FR_OUTCOME_HIT][FR_TOTAL_avoided] = 3;
	assert_true(add(&w->side[0], 1, &delta));
	b.delta.tenants[2][FR_TOTAL_demand] = 5;
	b.delta.reasons[FR_REASON_MISS][FR_TOTAL_demand] = 5;
	b.delta.reasons[FR_REASON_ORPHAN][FR_TOTAL_uncertain] = 1;
	assert_int_equal(apply(&w->side[1], 7, &b), 1);
	sum = totals_of(w, TODAY);
	assert_int_equal(sum.tenants[0][FR_TOTAL_requests], 1);
	assert_int_equal(sum.tenants[1][FR_TOTAL_requests], 0);
	assert_int_equal(sum.tenants[2][FR_TOTAL_requests], 2);
	assert_int_equal(sum.tenants[2][FR_TOTAL_demand], 5);
	assert_int_equal(sum.outcomes[FR_OUTCOME_HIT][FR_TOTAL_avoided], 3);
	assert_int_equal(sum.reasons[FR_REASON_MISS][FR_TOTAL_demand], 5);
	assert_int_equal(sum.reasons[FR_REASON_ORPHAN][FR_TOTAL_uncertain], 1);
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		assert_int_equal(sum.v[i][FR_TOTAL_requests] + sum.v[i][FR_TOTAL_demand], 0);
}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		BOTH(what_was_put_is_found_by_all_and_else_nothing_is),
		BOTH(a_large_record_comes_back_whole),
		BOTH(an_answer_ends_with_its_time),
		BOTH(a_claim_is_won_by_one_and_taken_for_the_others),
		BOTH(a_claim_that_is_repeated_is_still_won),
		BOTH(the_winner_is_given_what_was_stored_meanwhile),
		BOTH(a_put_releases_its_own_lease_and_no_other),
		BOTH(without_a_lease_the_younger_record_stays),
		BOTH(a_piece_stands_beside_the_answer_and_the_younger_word_stays),
		BOTH(a_failure_is_left_for_all_until_its_hold_ends),
		BOTH(a_failure_without_hold_leaves_nothing),
		BOTH(a_strangers_failure_ends_nothing),
		BOTH(a_lease_ends_by_itself),
		BOTH(only_the_owner_renews_a_lease),
		BOTH(the_others_are_told_of_every_end),
		BOTH(totals_count_once_however_often_they_are_sent),
		BOTH(totals_tell_tenants_reasons_and_outcomes_apart),
		BOTH(records_of_credits_are_applied_in_order_and_once),
		BOTH(foreign_bytes_are_handed_on_for_the_engine_to_judge),
	};
	int failed;

	redis_here_start(&redis, "");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
