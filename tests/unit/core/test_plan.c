#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/plan.h"

/* Every fact in a few values each. The rules below are the contract, written as claims that each hold for all combinations. */
static const int64_t ages[] = { 0, 5, 10, 100 };
static const int64_t wishes[] = { -1, 0, 5, 50, 100, INT64_MAX };

struct counts {
	size_t all, plan[FR_PLAN_REFUSE + 1];
};

typedef void claim(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx);

#define EACH(var, array) for (size_t i_##var = 0; i_##var < sizeof(array) / sizeof((array)[0]); i_##var++)

static void with_wishes(struct fr_plan_facts f, claim *check, void *ctx)
{
	EACH(age, wishes) EACH(min, wishes) EACH(stale, wishes) for (unsigned bits = 0; bits < 64; bits++)
	{
		f.wish.max_age = FR_MS(wishes[i_age]);
		f.wish.min_fresh = FR_MS(wishes[i_min]);
		f.wish.max_stale = FR_MS(wishes[i_stale]);
		f.wish.no_cache = bits & 1;
		f.wish.only_if_cached = bits & 2;
		f.refreshing = bits & 4;
		f.stored_looked = bits & 8;
		f.may_blank = bits & 16;
		f.have = bits & 32;
		check(&f, fr_plan_ask(&f), fr_plan_failed(&f), ctx);
	}
}

static void every_combination(claim *check, void *ctx)
{
	static const enum fr_freshness lives[] = { FR_FRESH, FR_STALE, FR_RESCUE, FR_DEAD };

	EACH(life, lives)
	EACH(age, ages)
	for (int flag = 0; flag < (lives[i_life] == FR_RESCUE ? 2 : lives[i_life] == FR_STALE ? 4 : 1); flag++)
		EACH(left, ages)
		{
			int64_t left = lives[i_life] == FR_FRESH ? ages[i_left] + 1 : -ages[i_left];
			struct fr_plan_facts f = { .refresh_min = FR_MS(10) };

			f.view = (struct fr_view){ .freshness = lives[i_life],
						   .blank = flag && lives[i_life] == FR_RESCUE,
						   .spared = (flag & 1) && lives[i_life] == FR_STALE,
						   .seldom = (flag & 2) && lives[i_life] == FR_STALE,
						   .age = FR_MS(ages[i_age]),
						   .left = FR_MS(left),
						   .over = FR_MS(left < 0 ? -left : 0) };
			with_wishes(f, check, ctx);
		}
}

static bool lives(const struct fr_plan_facts *f, enum fr_freshness life)
{
	return f->have && f->view.freshness == life;
}

static bool takes_stale(const struct fr_plan_facts *f)
{
	return f->wish.max_stale.v >= f->view.over.v && f->wish.max_stale.v != -1 && !f->wish.no_cache;
}

static bool wants_younger(const struct fr_plan_facts *f)
{
	bool says = f->wish.no_cache;

	if (f->wish.max_age.v != -1 && f->wish.max_age.v < f->view.age.v)
		says = true;
	if (f->wish.min_fresh.v != -1 && f->wish.min_fresh.v > f->view.left.v)
		says = true;
	return says && f->view.age.v >= 10;
}

/* The whole contract again, as one list of rows in order. */
static enum fr_plan expected(const struct fr_plan_facts *f)
{
	const bool cached = f->wish.only_if_cached;
	const struct {
		bool when;
		enum fr_plan then;
	} rows[] = {
		{ lives(f, FR_FRESH) && cached, FR_PLAN_SERVE },
		{ lives(f, FR_FRESH) && !wants_younger(f), FR_PLAN_SERVE },
		{ lives(f, FR_FRESH), FR_PLAN_FLY_FORCED },
		{ lives(f, FR_STALE) && cached, FR_PLAN_SERVE_STALE },
		{ lives(f, FR_STALE) && takes_stale(f), FR_PLAN_SERVE_ASKED },
		{ lives(f, FR_STALE) && wants_younger(f), FR_PLAN_FLY_FORCED },
		{ lives(f, FR_STALE) && f->refreshing, FR_PLAN_SERVE_STALE },
		{ lives(f, FR_STALE) && f->view.spared, FR_PLAN_SERVE_SPARED },
		{ lives(f, FR_STALE) && f->view.seldom, FR_PLAN_SERVE_SELDOM },
		{ lives(f, FR_STALE), FR_PLAN_SERVE_AND_REFRESH },
		{ lives(f, FR_RESCUE) && takes_stale(f) && !f->view.blank, FR_PLAN_SERVE_ASKED },
		{ cached && !f->stored_looked, FR_PLAN_LOOK },
		{ cached, FR_PLAN_REFUSE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].when)
			return rows[i].then;
	return FR_PLAN_FLY;
}

static void check_contract(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx)
{
	struct counts *n = ctx;

	(void)failed;
	n->all++;
	n->plan[asked]++;
	if (asked != expected(f))
		fail_msg("have %d freshness %d age %lld left %lld: %d, not %d", f->have, f->view.freshness,
			 (long long)f->view.age.v, (long long)f->view.left.v, asked, expected(f));
}

static void every_plan_is_as_the_contract_says(void **state)
{
	struct counts n = { .all = 0 };

	(void)state;
	every_combination(check_contract, &n);
	assert_int_equal(n.all, (2 + 2 + 4) * 4 * 4 * 6 * 6 * 6 * 64);
	for (int p = 0; p <= FR_PLAN_REFUSE; p++)
		assert_int_equal(n.plan[p] > 0, p != FR_PLAN_SERVE_RESCUE);
}

static void check_free(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx)
{
	(void)failed;
	(void)ctx;
	if (f->wish.only_if_cached)
		assert_true(asked == FR_PLAN_SERVE || asked == FR_PLAN_SERVE_STALE || asked == FR_PLAN_SERVE_ASKED ||
			    asked == FR_PLAN_LOOK || asked == FR_PLAN_REFUSE);
	else
		assert_true(asked != FR_PLAN_LOOK && asked != FR_PLAN_REFUSE);
	if (f->wish.only_if_cached && f->stored_looked)
		assert_int_not_equal(asked, FR_PLAN_LOOK);
}

static void only_if_cached_never_calls_and_looks_once(void **state)
{
	(void)state;
	every_combination(check_free, NULL);
}

static void check_bought(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx)
{
	(void)failed;
	(void)ctx;
	if (asked != FR_PLAN_FLY_FORCED)
		return;
	assert_true(f->wish.no_cache || f->wish.max_age.v >= 0 || f->wish.min_fresh.v >= 0);
	assert_true(f->have && f->view.age.v >= f->refresh_min.v);
}

static void only_a_wish_forces_a_call_and_no_finer_than_refresh_min(void **state)
{
	(void)state;
	every_combination(check_bought, NULL);
}

static void check_served(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 2; i++) {
		enum fr_plan p = i == 0 ? asked : failed;

		if (p == FR_PLAN_SERVE)
			assert_true(lives(f, FR_FRESH));
		else if (p == FR_PLAN_SERVE_STALE || p == FR_PLAN_SERVE_SPARED || p == FR_PLAN_SERVE_SELDOM ||
			 p == FR_PLAN_SERVE_AND_REFRESH)
			assert_true(lives(f, FR_STALE));
		else if (p == FR_PLAN_SERVE_ASKED)
			assert_true((lives(f, FR_STALE) || (lives(f, FR_RESCUE) && !f->view.blank)) &&
				    f->wish.max_stale.v >= f->view.over.v);
		else if (p == FR_PLAN_SERVE_RESCUE)
			assert_true(lives(f, FR_RESCUE));
	}
}

static void nothing_is_served_outside_of_its_window(void **state)
{
	(void)state;
	every_combination(check_served, NULL);
}

static void check_failed(const struct fr_plan_facts *f, enum fr_plan asked, enum fr_plan failed, void *ctx)
{
	enum fr_plan want = FR_PLAN_REFUSE;

	(void)asked;
	(void)ctx;
	if (lives(f, FR_FRESH))
		want = FR_PLAN_SERVE;
	if (lives(f, FR_STALE))
		want = FR_PLAN_SERVE_STALE;
	if (lives(f, FR_RESCUE) && (f->may_blank || !f->view.blank))
		want = FR_PLAN_SERVE_RESCUE;
	assert_int_equal(failed, want);
}

static void after_a_failure_what_is_alive_is_served(void **state)
{
	(void)state;
	every_combination(check_failed, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_plan_is_as_the_contract_says),
		cmocka_unit_test(only_if_cached_never_calls_and_looks_once),
		cmocka_unit_test(only_a_wish_forces_a_call_and_no_finer_than_refresh_min),
		cmocka_unit_test(nothing_is_served_outside_of_its_window),
		cmocka_unit_test(after_a_failure_what_is_alive_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
