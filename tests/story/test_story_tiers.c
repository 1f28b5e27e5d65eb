#include "tests/story/story.h"

/* Clients with keys, tenants who pay and tiers with times of their own, over one cache. */

#define USER "/userinfo-by-id/?userid=7"
#define MINUTE_MS (INT64_C(60) * 1000)

/* The row's times are in between: pro is faster, free is slower. */
static struct world *world_of_tiers(uint64_t seed, size_t instances, const char *more)
{
	static const struct world_client clients[] = {
		{ "paula", "acme", "pro", FR_PRIORITY_INTERACTIVE, true },
		{ "peter", "acme", "pro", FR_PRIORITY_INTERACTIVE, false },
		{ "frida", "globex", "free", FR_PRIORITY_BATCH, false },
		{ "daisy", "default", "default", FR_PRIORITY_INTERACTIVE, false },
	};
	char yaml[1024];
	struct world *w;

	snprintf(yaml, sizeof yaml, "refresh_reads: 0\nendpoints: { /userinfo-by-id/: { fresh: 4h, stale: 1h, rescue: 1d } }\n%s",
		 more);
	w = world_new(seed, instances, yaml);
	world_clients(w, clients, sizeof clients / sizeof clients[0]);
	world_tier(w, "pro", "/userinfo-by-id/", FR_HOURS(1));
	world_tier(w, "free", "/userinfo-by-id/", FR_HOURS(12));
	return w;
}

static void one_cache_serves_each_tier_by_its_own_times(void **state)
{
	static const struct {
		int64_t after_ms; /* clear of the jitter */
		const char *who;
		bool waits, fresh;
	} rows[] = {
		{ 50 * MINUTE_MS, "paula", false, true },   { 50 * MINUTE_MS, "frida", false, true },
		{ 65 * MINUTE_MS, "paula", false, false }, /* in her stale window */
		{ 130 * MINUTE_MS, "paula", true, true },   { 130 * MINUTE_MS, "daisy", false, true },
		{ 250 * MINUTE_MS, "daisy", false, false }, { 310 * MINUTE_MS, "daisy", true, true },
		{ 310 * MINUTE_MS, "frida", false, true },  { 640 * MINUTE_MS, "frida", false, true },
		{ 780 * MINUTE_MS, "frida", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct world *w = world_of_tiers(1, 1, "");
		size_t r;

		world_get_as(w, 0, USER, "frida");
		world_run(w);
		world_pass(w, rows[i].after_ms);
		r = world_get_as(w, 0, USER, rows[i].who);
		assert_int_equal(world_reply(w, r)->answered, !rows[i].waits);
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, 200);
		assert_int_equal(world_reply(w, r)->serial, rows[i].waits ? 2 : 1);
		assert_int_equal(says(w, r, "ttl=-"), !rows[i].fresh);
		world_free(w);
	}
}

/* What is nearly over for her is new for him. */
static void a_fast_tiers_late_read_does_not_hide_those_of_a_slow_one(void **state)
{
	static const struct world_client clients[] = {
		{ "paula", "acme", "pro", FR_PRIORITY_INTERACTIVE, false },
		{ "frank", "globex", "free", FR_PRIORITY_INTERACTIVE, false },
	};
	struct world *w = world_new(1, 1, "endpoints: { /userinfo-by-id/: { fresh: 4h, stale: 1h, rescue: 1d } }");
	size_t r;

	(void)state;
	world_clients(w, clients, 2);
	world_tier(w, "pro", "/userinfo-by-id/", FR_HOURS(1));
	world_tier(w, "free", "/userinfo-by-id/", FR_HOURS(12));
	world_get_as(w, 0, USER, "frank");
	world_run(w);
	world_pass(w, 53 * MINUTE_MS);
	r = world_get_as(w, 0, USER, "paula");
	assert_true(world_reply(w, r)->answered && !says(w, r, "ttl=-"));
	for (int half = 0; half < 48; half++) {
		world_pass(w, 30 * MINUTE_MS);
		r = world_get_as(w, 0, USER, "frank");
		assert_true(world_reply(w, r)->answered);
		assert_false(says(w, r, "seldom-read"));
		world_run(w);
	}
	world_free(w);
}

static void a_slow_tier_never_causes_a_call_that_a_fast_one_has_just_paid(void **state)
{
	struct world *w = world_of_tiers(1, 2, "");
	size_t r;

	(void)state;
	for (int64_t minute = 0; minute < 24 * 60; minute += 10) { /* a day long, on both instances */
		world_get_as(w, 0, USER, "peter");
		world_run(w);
		r = world_get_as(w, (size_t)(minute / 10) % 2, USER, "frida");
		world_run(w);
		assert_int_equal(world_reply(w, r)->avoided, 1);
		world_pass(w, 10 * MINUTE_MS);
	}
	assert_in_range(world_calls(w), 20, 28); /* the fast one's hours, less jitter */
	assert_int_equal(world_tenant_spent(w, 0, "globex", false) + world_tenant_spent(w, 0, "globex", true), 0);
	assert_int_equal(world_tenant_spent(w, 1, "globex", false) + world_tenant_spent(w, 1, "globex", true), 0);
	world_free(w);
}

static void the_tenant_who_caused_the_call_pays_and_nobody_else(void **state)
{
	struct world *w = world_of_tiers(1, 1, "");
	size_t paid, shared;

	(void)state;
	world_upstream(w, 1000, WORLD_DATA);
	paid = world_get_as(w, 0, USER, "frida"); /* on demand */
	shared = world_get_as(w, 0, USER, "paula");
	world_run(w);
	assert_int_equal(world_reply(w, paid)->spent, 1);
	assert_int_equal(world_reply(w, shared)->spent, 0);
	assert_int_equal(world_reply(w, shared)->avoided, 1);
	assert_int_equal(world_tenant_spent(w, 0, "globex", false), 1);
	world_pass(w, 70 * MINUTE_MS);
	world_get_as(w, 0, USER, "frida"); /* fresh for her, stale for the next */
	world_get_as(w, 0, USER, "peter"); /* a refresh */
	world_pass(w, 2000);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_tenant_spent(w, 0, "acme", true), 1);
	assert_int_equal(world_tenant_spent(w, 0, "acme", false), 0);
	assert_int_equal(world_tenant_spent(w, 0, "globex", true), 0);
	assert_int_equal(world_tenant(w, 0, "acme")->avoided, 2);
	assert_int_equal(world_tenant(w, 0, "default")->asked, 0);
	world_free(w);
}

static void who_leaves_after_the_call_has_left_pays_all_the_same(void **state)
{
	struct world *w = world_of_tiers(1, 1, "wait: { max: 5s }\nupstream: { timeout: 30s }");
	size_t left, stayed;

	(void)state;
	world_upstream(w, 7000, WORLD_DATA);
	left = world_get_as(w, 0, USER, "frida");
	world_pass(w, 4000);
	stayed = world_get_as(w, 0, USER, "paula");
	world_run(w);
	assert_int_equal(world_reply(w, left)->status, 504);
	assert_int_equal(world_reply(w, stayed)->status, 200);
	assert_int_equal(world_reply(w, stayed)->spent, 0);
	assert_true(says(w, stayed, "collapsed"));
	assert_int_equal(world_tenant_spent(w, 0, "globex", true), 1); /* an orphan */
	assert_int_equal(world_tenant_spent(w, 0, "acme", false) + world_tenant_spent(w, 0, "acme", true), 0);
	world_free(w);
}

static void a_later_request_of_the_tenant_who_caused_the_call_can_pay(void **state)
{
	struct world *w = world_of_tiers(1, 1, "wait: { max: 5s }\nupstream: { timeout: 30s }");
	size_t other, second;

	(void)state;
	world_upstream(w, 7000, WORLD_DATA);
	world_get_as(w, 0, USER, "paula");
	world_pass(w, 3000);
	other = world_get_as(w, 0, USER, "frida");
	second = world_get_as(w, 0, USER, "peter");
	world_run(w);
	assert_int_equal(world_reply(w, other)->spent, 0);
	assert_int_equal(world_reply(w, second)->spent, 1);
	assert_int_equal(world_tenant_spent(w, 0, "acme", false), 1);
	world_free(w);
}

static void who_has_gone_before_the_call_does_not_pay_for_it(void **state)
{
	struct world *w = world_of_tiers(1, 1, "wait: { max: 5s }\nupstream: { connections: 1, timeout: 30s }");
	size_t left, stayed;

	(void)state;
	world_upstream(w, 8000, WORLD_DATA);
	world_get_as(w, 0, "/userid/?username=a", "daisy"); /* takes the only place */
	world_pass(w, 10);
	world_upstream(w, 100, WORLD_DATA);
	left = world_get_as(w, 0, USER, "frida");
	world_pass(w, 4000);
	stayed = world_get_as(w, 0, USER, "paula");
	world_run(w);
	assert_int_equal(world_reply(w, left)->status, 504);
	assert_int_equal(world_reply(w, stayed)->spent, 1);
	assert_int_equal(world_tenant_spent(w, 0, "acme", false), 1);
	assert_int_equal(world_tenant_spent(w, 0, "globex", true) + world_tenant_spent(w, 0, "globex", false), 0);
	world_free(w);
}

static void waiters_of_one_flight_are_judged_each_by_its_own_tier(void **state)
{
	struct world *w = world_of_tiers(1, 2, "");
	size_t fast, slow;

	(void)state;
	world_get_as(w, 0, USER, "daisy");
	world_run(w);
	world_pass(w, 3 * HOUR_MS);
	slow = world_get_as(w, 1, USER, "frida"); /* memory has nothing: both look into the store */
	fast = world_get_as(w, 1, USER, "peter");
	world_run(w);
	assert_int_equal(world_reply(w, slow)->serial, 1);
	assert_true(says(w, slow, "hit; ttl="));
	assert_int_equal(world_reply(w, fast)->serial, 2);
	assert_int_equal(world_tenant_spent(w, 1, "acme", false), 1);
	assert_int_equal(world_tenant_spent(w, 1, "globex", false), 0);
	world_free(w);
}

static void a_refresh_is_judged_by_the_terms_of_who_caused_it(void **state)
{
	struct world *w = world_of_tiers(1, 1, "");
	size_t r;

	(void)state;
	world_get_as(w, 0, USER, "frida");
	world_run(w);
	world_pass(w, 70 * MINUTE_MS);
	world_get_as(w, 0, USER, "peter"); /* the store has the same answer, which is fresh for others */
	world_pass(w, 1000);
	assert_int_equal(world_calls(w), 2);
	r = world_get_as(w, 0, USER, "frida");
	assert_int_equal(world_reply(w, r)->serial, 2);
	world_free(w);
}

static void the_store_keeps_an_answer_for_the_most_patient_tier(void **state)
{
	struct world *w = world_of_tiers(1, 2, "");
	size_t r;

	(void)state;
	world_tier(w, "free", "/userinfo-by-id/", FR_DAYS(3)); /* the row itself ends after a day */
	world_get_as(w, 0, USER, "peter");
	world_run(w);
	world_pass(w, 2 * DAY_MS);
	r = world_get_as(w, 1, USER, "frida");
	world_run(w);
	assert_int_equal(world_reply(w, r)->serial, 1);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void an_unknown_key_gets_a_401_and_costs_nothing(void **state)
{
	static const struct {
		const char *target, *wish;
	} rows[] = {
		{ USER, NULL },                  /* stored */
		{ USER, "only-if-cached" },      /* stored */
		{ "/userid/?username=a", NULL }, /* not stored */
		{ "/userid/?username=a", "only-if-cached" },
		{ "/userid/?name=a", NULL }, /* to be refused */
		{ "/extra/thing", NULL },    /* not in the catalogue */
		{ "/..%2f", NULL },
	};
	static const char *const keys[] = { "", "nobody", "pau", "paulaa" };
	struct world *w = world_of_tiers(1, 1, "");
	size_t asked = 0;

	(void)state;
	world_get_as(w, 0, USER, "paula");
	world_run(w);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++, asked++) {
			size_t r = world_ask(w, 0, rows[i].target, rows[i].wish, keys[k], FR_PRIORITIES);

			assert_true(world_reply(w, r)->answered); /* at once, whatever is stored */
			assert_int_equal(world_reply(w, r)->status, 401);
			assert_string_equal(world_reply(w, r)->cache_status, "");
			assert_int_equal(world_reply(w, r)->spent + world_reply(w, r)->avoided, 0);
		}
	assert_int_equal(world_outcomes(w, FR_OUTCOME_UNKNOWN_CLIENT), asked);
	assert_int_equal(world_tenant(w, 0, "default")->requests, asked);
	assert_int_equal(world_tally(w, 0)->asked, 1);
	assert_int_equal(world_calls(w), 1);
	world_free(w);
}

static void may_refresh_is_a_permission_of_the_client(void **state)
{
	struct world *w = world_of_tiers(1, 1, "may_refresh: on"); /* the setting is for who has no key */
	size_t r;

	(void)state;
	world_get_as(w, 0, USER, "daisy");
	world_run(w);
	world_pass(w, MINUTE_MS);
	r = world_ask(w, 0, USER, "no-cache", "peter", FR_PRIORITIES);
	assert_true(says(w, r, "detail=no-cache-ignored"));
	assert_int_equal(world_calls(w), 1);
	r = world_ask(w, 0, USER, "no-cache", "paula", FR_PRIORITIES);
	world_run(w);
	assert_true(says(w, r, "fwd=request"));
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

/* From nine tenths of a budget on, batches are refused: that shows as what a request counts. */
static void a_client_lowers_its_priority_and_cannot_raise_it(void **state)
{
	static const struct {
		const char *who;
		enum fr_priority asked;
		int status;
	} rows[] = {
		{ "frida", FR_PRIORITIES, 429 }, /* batch by the configuration */
		{ "frida", FR_PRIORITY_INTERACTIVE, 429 }, { "frida", FR_PRIORITY_PREWARM, 429 },
		{ "peter", FR_PRIORITIES, 200 },           { "peter", FR_PRIORITY_BATCH, 429 },
		{ "peter", FR_PRIORITY_POLL, 429 },        { "peter", FR_PRIORITY_INTERACTIVE, 200 },
	};
	struct world *w = world_of_tiers(1, 1, "budgets: [{ scope: all, window: day, credits: 40 }]\nupstream: { rate: none }\n");
	char target[64];

	(void)state;
	for (size_t i = 0; i < 36; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%zu", i);
		world_get_as(w, 0, target, "daisy");
		world_run(w);
	}
	world_pass(w, 6000); /* how much is spent is known */
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t r;

		snprintf(target, sizeof target, "/userid/?username=v%zu", i);
		r = world_ask(w, 0, target, NULL, rows[i].who, rows[i].asked);
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, rows[i].status);
	}
	world_free(w);
}

/* Tenants are known by the configuration: a budget is theirs by its number. */
#define TENANTS \
	"clients: [{ name: a, tenant: acme, key_sha256: aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 },\n" \
	"  { name: g, tenant: globex, key_sha256: bb00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }]\n"

static void a_tenant_whose_budget_is_spent_does_not_stop_the_others(void **state)
{
	struct world *w = world_of_tiers(1, 1, TENANTS "budgets: [{ scope: tenant:acme, window: day, credits: 0 }]\n");
	size_t spent, good, again;

	(void)state;
	spent = world_get_as(w, 0, USER, "paula"); /* hers is the flight */
	good = world_get_as(w, 0, USER, "frida");
	again = world_get_as(w, 0, USER, "peter");
	world_run(w);
	assert_int_equal(world_reply(w, spent)->status, 429);
	assert_int_equal(world_reply(w, again)->status, 429);
	assert_int_equal(world_reply(w, good)->status, 200);
	assert_int_equal(world_reply(w, good)->spent, 1);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_tenant_spent(w, 0, "globex", false), 1);
	spent = world_get_as(w, 0, USER, "paula"); /* what others have paid is for her, too */
	assert_int_equal(world_reply(w, spent)->avoided, 1);
	world_free(w);
}

static void a_refresh_that_its_tenant_cannot_pay_is_made_by_who_waits_for_it(void **state)
{
	struct world *w = world_of_tiers(
		1, 1, TENANTS "budgets: [{ scope: tenant:globex, window: month, credits: 1 }]\nladder: { stretch: 1000 }\n");
	size_t old, good;

	(void)state;
	world_get_as(w, 0, USER, "frida"); /* her only credit */
	world_run(w);
	do { /* until it is in her stale window, long past everybody else's */
		world_pass(w, 10 * MINUTE_MS);
		old = world_ask(w, 0, USER, "only-if-cached", "frida", FR_PRIORITIES);
	} while (!says(w, old, "ttl=-"));
	old = world_get_as(w, 0, USER, "frida");
	good = world_get_as(w, 0, USER, "paula");
	world_run(w);
	assert_true(says(w, old, "hit; ttl=-"));
	assert_int_equal(world_reply(w, good)->serial, 2);
	assert_int_equal(world_reply(w, good)->spent, 1);
	assert_int_equal(world_tenant_spent(w, 0, "globex", true), 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cache_serves_each_tier_by_its_own_times),
		cmocka_unit_test(a_fast_tiers_late_read_does_not_hide_those_of_a_slow_one),
		cmocka_unit_test(a_slow_tier_never_causes_a_call_that_a_fast_one_has_just_paid),
		cmocka_unit_test(the_tenant_who_caused_the_call_pays_and_nobody_else),
		cmocka_unit_test(who_leaves_after_the_call_has_left_pays_all_the_same),
		cmocka_unit_test(a_later_request_of_the_tenant_who_caused_the_call_can_pay),
		cmocka_unit_test(who_has_gone_before_the_call_does_not_pay_for_it),
		cmocka_unit_test(waiters_of_one_flight_are_judged_each_by_its_own_tier),
		cmocka_unit_test(a_refresh_is_judged_by_the_terms_of_who_caused_it),
		cmocka_unit_test(the_store_keeps_an_answer_for_the_most_patient_tier),
		cmocka_unit_test(an_unknown_key_gets_a_401_and_costs_nothing),
		cmocka_unit_test(may_refresh_is_a_permission_of_the_client),
		cmocka_unit_test(a_client_lowers_its_priority_and_cannot_raise_it),
		cmocka_unit_test(a_tenant_whose_budget_is_spent_does_not_stop_the_others),
		cmocka_unit_test(a_refresh_that_its_tenant_cannot_pay_is_made_by_who_waits_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
