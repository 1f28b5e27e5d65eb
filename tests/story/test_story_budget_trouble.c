#include "tests/story/story.h"

/* Budgets while the world is unkind: the judges (world_budget.c) watch that none is passed and that no credit is lost. */

static size_t ask_as(struct world *w, size_t instance, const char *name, size_t n, const char *key)
{
	size_t first = world_requests(w);
	char target[128];

	for (size_t i = 0; i < n; i++) {
		snprintf(target, sizeof target, "/userid/?username=%s%zu", name, i);
		world_get_as(w, instance, target, key);
	}
	return first;
}

static size_t ask(struct world *w, size_t instance, const char *name, size_t n)
{
	return ask_as(w, instance, name, n, "");
}

static size_t count_status(const struct world *w, size_t first, size_t n, int status)
{
	size_t found = 0;

	for (size_t i = first; i < first + n; i++)
		found += world_reply(w, i)->status == status;
	return found;
}

static int64_t outstanding(const struct world *w, size_t budget)
{
	int64_t spent, out;

	world_budget(w, budget, &spent, &out);
	return out;
}

static const struct world_client anna = { "anna", "acme", "default", FR_PRIORITY_INTERACTIVE, false },
				 bert = { "bert", "default", "default", FR_PRIORITY_INTERACTIVE, false };

#define ACME \
	"clients: [{ name: a, tenant: acme, key_sha256: aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }]\n"

static void who_waits_for_one_budget_keeps_nothing_of_another(void **state)
{
	const struct world_client clients[] = { anna, bert };
	struct world *w = world_new(1, 2,
				    ACME "budgets: [{ scope: all, window: day, credits: 400 }, { scope: 'tenant:acme', window: "
					 "day, credits: 5 }]\nupstream: { rate: none, timeout: 60s }\nwait: { max: 60s }\n");
	size_t first;

	(void)state;
	world_clients(w, clients, 2);
	world_upstream(w, 50 * 1000, WORLD_DATA);
	ask_as(w, 0, "slow", 5, "anna"); /* the last of acme's credits are on their way for a while */
	world_pass(w, 1000);
	world_upstream(w, 100, WORLD_DATA);
	ask_as(w, 0, "burst", 150, "bert");
	world_pass(w, 500);
	for (int i = 0; i < 10; i++) { /* somebody always waits for one of them */
		char name[16];

		snprintf(name, sizeof name, "w%d-", i);
		ask_as(w, 0, name, 1, "anna");
		world_pass(w, 500);
	}
	first = ask_as(w, 1, "other", 230, "bert");
	for (int i = 10; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof name, "w%d-", i);
		ask_as(w, 0, name, 1, "anna");
		world_pass(w, 500);
	}
	world_run(w);
	assert_int_equal(count_status(w, first, 230, 200), 230);
	world_free(w);
}

static void what_goes_back_is_said_also_when_redis_is_busy_with_the_ledger(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct world *w = world_new(seed, 2,
					    "budgets: [{ scope: all, window: day, credits: 400 }]\nupstream: { rate: none }");

		world_store(w, 90);
		ask(w, 0, "one", 200);
		world_pass(w, 300 + (int64_t)fr_random_below(world_random(w), 900));
		ask(w, 0, "more", 100);
		world_run(w);
		world_pass(w, 1700);
		assert_int_equal(outstanding(w, 0), 0);
		world_free(w);
	}
}

static void what_was_not_billed_is_there_for_others_within_a_second(void **state)
{
	(void)state;
	for (int64_t took = 8000; took < 14000; took += 500) {
		struct world *w = world_new(
			1, 2, "budgets: [{ scope: all, window: day, credits: 1 }]\nupstream: { rate: none, timeout: 60s }");
		size_t first;

		world_upstream(w, took, WORLD_503);
		ask(w, 0, "slow", 1);
		world_pass(w, took - 500); /* Redis is not asked often about what nobody waits for */
		world_upstream(w, 100, WORLD_DATA);
		first = ask(w, 1, "u", 1);
		world_run(w);
		assert_int_equal(world_reply(w, first)->status, 200);
		assert_in_range(world_reply(w, first)->answered_at.v - world_reply(w, first)->asked_at.v, 500, 1900);
		world_free(w);
	}
}

static void who_stops_leaves_no_credit_behind(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct world *w = world_new(seed, 2,
					    "budgets: [{ scope: all, window: day, credits: 4000 }]\nupstream: { rate: none }");

		world_store(w, 90);
		for (int i = 0; i < 8; i++) {
			char name[16];

			snprintf(name, sizeof name, "n%d-", i);
			ask(w, 0, name, 20);
			world_pass(w, 200);
		}
		world_pass(w, (int64_t)fr_random_below(world_random(w), 1000));
		world_stop(w, 0);
		while (!world_idle(w, 0))
			world_pass(w, 1);
		assert_int_equal(outstanding(w, 0), 0);
		world_free(w);
	}
}

static void who_can_ask_for_no_credits_need_not_wait_for_its_deadline(void **state)
{
	static const struct {
		bool store_away, disk_full;
	} rows[] = { { true, false }, { false, true } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 10 }]\nwait: { max: 28s }");
		const struct world_reply *r;

		world_store_away(w, rows[i].store_away); /* from the start on */
		world_disk_full(w, rows[i].disk_full);
		world_kill(w, 0);
		world_pass(w, 1000);
		r = world_reply(w, ask(w, 0, "u", 1));
		world_run(w);
		assert_int_equal(r->status, 503);
		assert_in_range(r->answered_at.v - r->asked_at.v, 0, 3000);
		world_free(w);
	}
}

static void who_lost_the_end_of_its_journal_gets_credits_all_the_same(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 400 }]\nupstream: { rate: none }");
	size_t first;

	char name[16];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "n%d-", i);
		ask(w, 0, name, 1);
		world_run(w);
	}
	world_pass(w, 5000);
	world_kill(w, 0);
	world_pass(w, 10 * 1000);
	ask(w, 0, "v", 1);
	world_run(w);
	world_pass(w, 5000);
	world_journal_lose(w, 0, 10);
	world_kill(w, 0);
	world_pass(w, 10 * 1000);
	first = ask(w, 0, "w", 20);
	world_run(w);
	assert_int_equal(count_status(w, first, 20, 200), 20);
	world_free(w);
}

/* Its numbers are taken by somebody else while its calls are on their way. */
static void a_copied_journal_ends_no_daemon(void **state)
{
	struct world *w = world_new(
		1, 2, "budgets: [{ scope: 'endpoint:/userid/', window: day, credits: 400 }]\nupstream: { rate: none }");
	char text[64];

	(void)state;
	ask(w, 0, "u", 20);
	world_run(w);
	world_pass(w, 5000);
	world_journal_copy(w, 1, 0);
	world_upstream(w, 15 * 1000, WORLD_503);
	ask(w, 0, "slow", 10);
	world_pass(w, 5000);
	world_upstream(w, 10, WORLD_DATA);
	world_kill(w, 1);
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof text, "n%d-", i);
		ask(w, 1, text, 3);
		snprintf(text, sizeof text, "/music-info/?music_id=%d", 1000 + i);
		world_get(w, 0, text, NULL);
		world_pass(w, 700);
	}
	world_run(w);
	assert_int_equal(world_calls(w), 20 + 10 + 4 * 40);
	world_free(w);
}

static void who_could_not_write_its_life_down_gets_credits_in_the_next_one(void **state)
{
	struct world *w = world_new(1, 1, "budgets: [{ scope: all, window: day, credits: 400 }]\nupstream: { rate: none }");
	size_t first;

	(void)state;
	ask(w, 0, "u", 5);
	world_run(w);
	world_disk_full(w, true);
	world_kill(w, 0);
	world_pass(w, 60 * 1000);
	world_disk_full(w, false);
	world_set_clock(w, -HOUR_MS);
	world_kill(w, 0);
	world_pass(w, 10 * 1000);
	first = ask(w, 0, "v", 20);
	world_run(w);
	assert_int_equal(count_status(w, first, 20, 200), 20);
	world_free(w);
}

static void a_redis_that_has_lost_everything_gives_no_credit_twice(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		size_t instances = 1 + seed % 3;
		struct world *w = world_new(seed, instances,
					    "budgets: [{ scope: all, window: day, credits: 30 }]\nupstream: { rate: none }");

		for (size_t i = 0; i < instances; i++)
			ask(w, i, "early", 20 / instances);
		world_run(w);
		world_pass(w, 20 * 60 * 1000); /* longer than the journals remember */
		for (size_t i = 0; i < instances; i++)
			ask(w, i, "late", 1);
		world_pass(w, (int64_t)fr_random_below(world_random(w), 3000));
		world_store_wipe(w);
		for (int round = 0; round < 30; round++) {
			char name[32];

			snprintf(name, sizeof name, "r%d-", round);
			ask(w, fr_random_below(world_random(w), instances), name, 5);
			world_pass(w, 2000);
		}
		world_run(w);
		assert_in_range(world_billed(w), 25, 30);
		world_free(w);
	}
}

static void a_new_window_is_seen_at_once(void **state)
{
	struct world *w = world_new(1, 1,
				    "refresh_reads: 0\nbudgets: [{ scope: all, window: hour, credits: 3 }]\n"
				    "endpoints: { /userid/: { fresh: 1m, stale: 2h, rescue: 3h } }");
	size_t r;

	(void)state;
	world_pass(w, HOUR_MS / 2);
	ask(w, 0, "u", 3);
	world_run(w);
	world_pass(w, HOUR_MS - world_now(w).v - 1); /* the world's clock begins at a full hour */
	r = ask(w, 0, "u", 1);
	assert_true(says(w, r, "detail=stale-budget"));
	world_pass(w, 1);
	r = ask(w, 0, "u", 1);
	assert_false(says(w, r, "detail=stale-budget"));
	world_pass(w, 1000);
	assert_int_equal(world_billed(w), 4); /* it is refreshed again */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_one_budget_keeps_nothing_of_another),
		cmocka_unit_test(what_goes_back_is_said_also_when_redis_is_busy_with_the_ledger),
		cmocka_unit_test(what_was_not_billed_is_there_for_others_within_a_second),
		cmocka_unit_test(who_stops_leaves_no_credit_behind),
		cmocka_unit_test(who_can_ask_for_no_credits_need_not_wait_for_its_deadline),
		cmocka_unit_test(who_lost_the_end_of_its_journal_gets_credits_all_the_same),
		cmocka_unit_test(who_could_not_write_its_life_down_gets_credits_in_the_next_one),
		cmocka_unit_test(a_redis_that_has_lost_everything_gives_no_credit_twice),
		cmocka_unit_test(a_new_window_is_seen_at_once),
		cmocka_unit_test(a_copied_journal_ends_no_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
