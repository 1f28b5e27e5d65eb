#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "core/tally.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct books {
	struct fr_tally t;
	struct fr_totals d;
};

/* Books are large, and the stack under a sanitizer is not. */
static struct books *open_books(void)
{
	return test_calloc(1, sizeof(struct books));
}

static void an_outcome_is_booked_where_its_row_says(void **state)
{
	static const struct {
		enum fr_outcome outcome;
		int64_t asked, avoided, refused;
	} rows[] = {
		{ FR_OUTCOME_HIT, 3, 3, 0 },          { FR_OUTCOME_PAGE, 3, 3, 0 },
		{ FR_OUTCOME_NEGATIVE_HIT, 3, 3, 0 }, { FR_OUTCOME_ENTITY, 3, 3, 0 },
		{ FR_OUTCOME_STALE, 3, 3, 0 },        { FR_OUTCOME_STALE_ASKED, 3, 3, 0 },
		{ FR_OUTCOME_RESCUE, 3, 3, 0 },       { FR_OUTCOME_COLLAPSED, 3, 3, 0 },
		{ FR_OUTCOME_MISS, 3, 0, 0 },         { FR_OUTCOME_BYPASS, 3, 0, 0 },
		{ FR_OUTCOME_UNBILLED, 0, 0, 0 },     { FR_OUTCOME_FAILED, 0, 0, 0 },
		{ FR_OUTCOME_BAD_REQUEST, 3, 0, 3 },  { FR_OUTCOME_NOT_CACHED, 3, 0, 3 },
		{ FR_OUTCOME_TIMED_OUT, 3, 0, 3 },    { FR_OUTCOME_BREAKER, 3, 0, 3 },
		{ FR_OUTCOME_OVERLOADED, 3, 0, 3 },   { FR_OUTCOME_UNRECORDED, 3, 0, 3 },
		{ FR_OUTCOME_STALE_BUDGET, 3, 3, 0 }, { FR_OUTCOME_REFUSED_BUDGET, 3, 0, 3 },
		{ FR_OUTCOME_TOO_DEEP, 3, 0, 3 },     { FR_OUTCOME_UNKNOWN_CLIENT, 0, 0, 0 },
		{ FR_OUTCOME_STALE_SELDOM, 3, 3, 0 },
	};

	(void)state;
	assert_int_equal(COUNT(rows), FR_OUTCOMES);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct books *b = open_books();

		fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 5 }, rows[i].outcome, 3);
		assert_int_equal(b->t.asked, rows[i].asked);
		assert_int_equal(b->t.avoided_all, rows[i].avoided);
		assert_int_equal(b->t.avoided[5][rows[i].outcome], rows[i].avoided);
		assert_int_equal(b->t.refused, rows[i].refused);
		assert_int_equal(b->t.demand, 0);
		assert_int_equal(b->t.requests[5][rows[i].outcome], 1);
		assert_int_equal(b->d.v[5][FR_TOTAL_requests], 1);
		assert_int_equal(b->d.v[5][FR_TOTAL_avoided], rows[i].avoided);
		assert_int_equal(b->d.v[5][FR_TOTAL_refused], rows[i].refused);
		test_free(b);
	}
}

static void a_call_is_demand_or_background_by_its_reason(void **state)
{
	(void)state;
	for (enum fr_reason r = 0; r < FR_REASONS; r++) {
		struct books *b = open_books();
		bool background = r == FR_REASON_REFRESH || r == FR_REASON_ORPHAN || r == FR_REASON_PREWARM;

		fr_tally_call(&b->t, (struct fr_account){ 0, 2 }, r, FR_VERDICT_NOT_FOUND, 4);
		fr_tally_call(&b->t, (struct fr_account){ 0, 2 }, r, FR_VERDICT_TIMEOUT, 0);
		assert_int_equal(fr_reason_background(r), background);
		assert_int_equal(b->t.demand, background ? 0 : 4);
		assert_int_equal(b->t.background, background ? 4 : 0);
		assert_int_equal(b->t.spent[2][r], 4);
		assert_int_equal(b->t.calls[2][r][FR_VERDICT_NOT_FOUND], 1);
		assert_int_equal(b->t.calls[2][r][FR_VERDICT_TIMEOUT], 1);
		assert_int_equal(b->t.asked, 0);
		test_free(b);
	}
}

static void the_books_balance_once_the_payer_is_booked(void **state)
{
	struct books *b = open_books();

	(void)state;
	fr_tally_call(&b->t, (struct fr_account){ 0, 1 }, FR_REASON_MISS, FR_VERDICT_DATA, 1);
	assert_false(fr_tally_balanced(&b->t)); /* in mid-flight */
	fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 1 }, FR_OUTCOME_MISS, 1);
	assert_true(fr_tally_balanced(&b->t));
	fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 1 }, FR_OUTCOME_COLLAPSED, 1);
	fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 1 }, FR_OUTCOME_TIMED_OUT, 1);
	fr_tally_call(&b->t, (struct fr_account){ 0, 1 }, FR_REASON_ORPHAN, FR_VERDICT_DATA, 1);
	assert_true(fr_tally_balanced(&b->t));
	assert_int_equal(b->t.asked, 3);
	test_free(b);
}

static void random_traffic_balances_and_the_totals_agree(void **state)
{
	struct books *b = open_books();
	struct fr_random random = { 7 };
	int64_t sums[FR_TOTALS] = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++) {
		size_t endpoint = (size_t)fr_random_below(&random, FR_ENDPOINTS_MAX);
		int64_t price = 1 + (int64_t)fr_random_below(&random, 3);
		enum fr_outcome o = (enum fr_outcome)fr_random_below(&random, FR_OUTCOMES);

		if (fr_outcome_booking(o) == FR_BOOKING_PAID)
			fr_tally_call(&b->t, (struct fr_account){ 0, endpoint }, FR_REASON_EXPIRED, FR_VERDICT_DATA, price);
		else if (o == FR_OUTCOME_STALE)
			fr_tally_call(&b->t, (struct fr_account){ 0, endpoint }, FR_REASON_REFRESH, FR_VERDICT_DATA, price);
		fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, endpoint }, o, price);
		assert_true(fr_tally_balanced(&b->t));
	}
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		for (size_t c = 0; c < FR_TOTALS; c++)
			sums[c] += b->d.v[i][c];
	assert_int_equal(sums[FR_TOTAL_requests], 5000);
	assert_int_equal(sums[FR_TOTAL_avoided], b->t.avoided_all);
	assert_int_equal(sums[FR_TOTAL_refused], b->t.refused);
	test_free(b);
}

static void cooked_books_do_not_balance(void **state)
{
	(void)state;
	for (int kind = 0; kind < 7; kind++) {
		struct books *b = open_books();

		fr_tally_call(&b->t, (struct fr_account){ 0, 1 }, FR_REASON_MISS, FR_VERDICT_DATA, 1);
		fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 1 }, FR_OUTCOME_MISS, 1);
		fr_tally_request(&b->t, &b->d, (struct fr_account){ 0, 1 }, FR_OUTCOME_HIT, 1);
		assert_true(fr_tally_balanced(&b->t));
		switch (kind) {
		case 0: b->t.asked++; break;
		case 1: b->t.background++; break;
		case 2:
			b->t.spent[1][FR_REASON_REFRESH]++;
			b->t.background++;
			break; /* spent without a call */
		case 3: b->t.avoided[1][FR_OUTCOME_HIT]++; break;
		case 4:
			b->t.avoided[1][FR_OUTCOME_MISS]++;
			b->t.avoided[1][FR_OUTCOME_HIT]--;
			break;
		case 5: b->t.requests[1][FR_OUTCOME_HIT] = 0; break;
		case 6:
			b->t.spent[1][FR_REASON_MISS]--;
			b->t.spent[1][FR_REASON_REFRESH]++;
			break;
		}
		assert_false(fr_tally_balanced(&b->t));
		test_free(b);
	}
}

static void a_bound_belongs_to_its_bucket(void **state)
{
	static const struct {
		int64_t ms;
		size_t bucket;
	} rows[] = {
		{ -5, 0 },  { 0, 0 },   { 1, 0 },    { 2, 1 },      { 3, 2 },      { 5, 2 },
		{ 500, 8 }, { 501, 9 }, { 1000, 9 }, { 60000, 14 }, { 60001, 15 }, { INT64_C(1) << 40, 15 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_hist h = { .n = 0 };

		fr_hist_add(&h, FR_MS(rows[i].ms));
		assert_int_equal(h.buckets[rows[i].bucket], 1);
		assert_int_equal(h.n, 1);
		assert_int_equal(h.sum_ms, rows[i].ms < 0 ? 0 : rows[i].ms);
	}
}

static void ages_have_bounds_of_their_own(void **state)
{
	static const struct {
		fr_ms age;
		size_t bucket;
	} rows[] = {
		{ { 1000 }, 0 },
		{ { 60000 }, 2 },
		{ { 60001 }, 3 },
		{ { 3600000 }, 6 },
		{ { INT64_C(86400000) }, 10 },
		{ { INT64_C(86400000) * 30 }, 14 },
		{ { INT64_C(86400000) * 31 }, 15 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_ages ages = { .h = { .n = 0 } };

		fr_ages_add(&ages, rows[i].age);
		assert_int_equal(ages.h.buckets[rows[i].bucket], 1);
	}
	for (size_t i = 1; i < FR_HIST_BUCKETS; i++) {
		assert_true(fr_hist_bound(i).v > fr_hist_bound(i - 1).v);
		assert_true(fr_ages_bound(i).v > fr_ages_bound(i - 1).v);
	}
	assert_true(fr_hist_bound(FR_HIST_BUCKETS - 1).v == INT64_MAX && fr_ages_bound(FR_HIST_BUCKETS - 1).v == INT64_MAX);
}

static void totals_add_up_and_keep_their_day(void **state)
{
	struct fr_totals *a = test_calloc(2, sizeof(*a)), *b = a + 1;

	(void)state;
	a->day = 5;
	b->day = 6;
	a->v[0][FR_TOTAL_requests] = 1;
	b->v[0][FR_TOTAL_requests] = 2;
	b->v[FR_ENDPOINTS_MAX - 1][FR_TOTALS - 1] = 9;
	fr_totals_add(a, b);
	assert_int_equal(a->day, 5);
	assert_int_equal(a->v[0][FR_TOTAL_requests], 3);
	assert_int_equal(a->v[FR_ENDPOINTS_MAX - 1][FR_TOTALS - 1], 9);
	test_free(a);
}

static void names_come_from_the_tables(void **state)
{
	struct fr_endpoint row = { .path = FR_STR("/a/") };

	(void)state;
	assert_string_equal(fr_outcome_name(FR_OUTCOME_STALE_ASKED), "stale_asked");
	assert_string_equal(fr_reason_name(FR_REASON_ORPHAN), "orphan");
	assert_string_equal(fr_total_name(FR_TOTAL_background), "background");
	assert_true(fr_str_is(fr_tally_label(&row), "/a/"));
	row.is_other = true;
	assert_true(fr_str_is(fr_tally_label(&row), "other"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outcome_is_booked_where_its_row_says),
		cmocka_unit_test(a_call_is_demand_or_background_by_its_reason),
		cmocka_unit_test(the_books_balance_once_the_payer_is_booked),
		cmocka_unit_test(random_traffic_balances_and_the_totals_agree),
		cmocka_unit_test(cooked_books_do_not_balance),
		cmocka_unit_test(a_bound_belongs_to_its_bucket),
		cmocka_unit_test(ages_have_bounds_of_their_own),
		cmocka_unit_test(totals_add_up_and_keep_their_day),
		cmocka_unit_test(names_come_from_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
