#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/freshness.h"
#include "core/purge.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MINUTE INT64_C(60000)

enum { ROW = 3, OTHER_ROW = 4 };
static const struct fr_key KEY = { 1, 2 }, OTHER_KEY = { 1, 3 };
static const int64_t NOON = INT64_C(1795348800000);

static struct fr_purge all(int64_t at, bool soft)
{
	return (struct fr_purge){ .scope = FR_PURGE_ALL, .soft = soft, .at = { at } };
}

static struct fr_purge row(size_t r, int64_t at, bool soft)
{
	return (struct fr_purge){ .scope = FR_PURGE_ROW, .row = r, .soft = soft, .at = { at } };
}

static struct fr_purge key(struct fr_key k, int64_t at, bool soft)
{
	return (struct fr_purge){ .scope = FR_PURGE_KEY, .key = k, .soft = soft, .at = { at } };
}

static bool add(struct fr_purges *p, struct fr_purge what)
{
	return fr_purges_add(p, &what, (fr_wall){ NOON });
}

static enum fr_purge_state look(struct fr_purges *p, size_t r, struct fr_key k, int64_t stored)
{
	return fr_purges_look(p, r, k, (fr_wall){ stored }, (fr_wall){ NOON }).state;
}

static void without_a_purge_everything_counts(void **state)
{
	struct fr_purges *p = fr_purges_new(1);

	(void)state;
	assert_int_equal(look(p, ROW, KEY, INT64_MIN), FR_PURGED_NOT);
	assert_int_equal(look(p, ROW, KEY, NOON), FR_PURGED_NOT);
	assert_true(fr_purges_after(p, ROW, KEY, (fr_wall){ 7 }).v == 7);
	fr_purges_free(p);
}

static void a_purge_reaches_what_it_names_up_to_its_moment(void **state)
{
	const struct {
		const char *what;
		struct fr_purge purge;
		size_t row;
		struct fr_key key;
		int64_t stored;
		enum fr_purge_state is;
	} rows[] = {
		{ "all, before", all(NOON, false), ROW, KEY, NOON - 1, FR_PURGED_HARD },
		{ "all, at the moment", all(NOON, false), ROW, KEY, NOON, FR_PURGED_HARD },
		{ "all, after", all(NOON, false), ROW, KEY, NOON + 1, FR_PURGED_NOT },
		{ "all, softly", all(NOON, true), OTHER_ROW, OTHER_KEY, NOON, FR_PURGED_SOFT },
		{ "its row", row(ROW, NOON, false), ROW, KEY, NOON, FR_PURGED_HARD },
		{ "its row, after", row(ROW, NOON, false), ROW, KEY, NOON + 1, FR_PURGED_NOT },
		{ "another row", row(ROW, NOON, false), OTHER_ROW, KEY, NOON, FR_PURGED_NOT },
		{ "its key", key(KEY, NOON, false), ROW, KEY, NOON, FR_PURGED_HARD },
		{ "its key, softly", key(KEY, NOON, true), ROW, KEY, NOON, FR_PURGED_SOFT },
		{ "its key, after", key(KEY, NOON, false), ROW, KEY, NOON + 1, FR_PURGED_NOT },
		{ "another key", key(KEY, NOON, false), ROW, OTHER_KEY, NOON, FR_PURGED_NOT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_purges *p = fr_purges_new(1);

		assert_true(add(p, rows[i].purge));
		if (look(p, rows[i].row, rows[i].key, rows[i].stored) != rows[i].is)
			fail_msg("%s", rows[i].what);
		fr_purges_free(p);
	}
}

static void a_soft_purge_does_not_undo_a_hard_one(void **state)
{
	struct fr_purges *p = fr_purges_new(1);

	(void)state;
	assert_true(add(p, row(ROW, NOON - 20, false)));
	assert_true(add(p, all(NOON - 10, true)));
	assert_true(add(p, row(ROW, NOON, true)));
	assert_int_equal(look(p, ROW, KEY, NOON - 20), FR_PURGED_HARD);
	assert_int_equal(look(p, ROW, KEY, NOON - 19), FR_PURGED_SOFT);
	assert_true(fr_purges_look(p, ROW, KEY, (fr_wall){ NOON - 19 }, (fr_wall){ NOON }).at.v == NOON - 10);
	assert_true(fr_purges_look(p, ROW, KEY, (fr_wall){ NOON - 5 }, (fr_wall){ NOON }).at.v == NOON);
	fr_purges_free(p);
}

static void what_is_known_or_earlier_is_no_news(void **state)
{
	struct fr_purges *p = fr_purges_new(1);

	(void)state;
	assert_true(add(p, all(NOON, false)));
	assert_false(add(p, all(NOON, false)));
	assert_false(add(p, all(NOON - 1, false)));
	assert_true(add(p, all(NOON, true)));
	assert_true(add(p, all(NOON + 1, false)));
	assert_true(add(p, key(KEY, NOON, false)));
	assert_false(add(p, key(KEY, NOON, false)));
	fr_purges_free(p);
}

static void only_so_many_questions_are_remembered_and_the_oldest_goes(void **state)
{
	struct fr_purges *p = fr_purges_new(1);

	(void)state;
	for (uint64_t i = 0; i < FR_PURGES_MAX; i++)
		assert_true(add(p, key((struct fr_key){ 9, i + 1 }, NOON, false)));
	assert_true(add(p, key((struct fr_key){ 9, 1 }, NOON + 1, false))); /* the oldest is the youngest now */
	assert_true(add(p, key(KEY, NOON, true)));
	assert_int_equal(look(p, ROW, (struct fr_key){ 9, 1 }, NOON), FR_PURGED_HARD);
	assert_int_equal(look(p, ROW, (struct fr_key){ 9, 2 }, NOON), FR_PURGED_NOT);
	assert_int_equal(look(p, ROW, (struct fr_key){ 9, 3 }, NOON), FR_PURGED_HARD);
	assert_int_equal(look(p, ROW, KEY, NOON), FR_PURGED_SOFT);
	fr_purges_free(p);
}

static void what_is_asked_for_after_a_purge_counts_as_later_than_it(void **state)
{
	struct fr_purges *p = fr_purges_new(1);
	fr_wall stored;

	(void)state;
	(void)add(p, all(NOON - 5, false));
	(void)add(p, row(ROW, NOON, true)); /* in the same millisecond */
	(void)add(p, row(OTHER_ROW, NOON + 2 * MINUTE, false));
	(void)add(p, key(OTHER_KEY, NOON + 1, false));
	stored = fr_purges_after(p, ROW, KEY, (fr_wall){ NOON });
	assert_true(stored.v == NOON + 1);
	assert_int_equal(look(p, ROW, KEY, stored.v), FR_PURGED_NOT);
	assert_true(fr_purges_after(p, ROW, OTHER_KEY, (fr_wall){ NOON }).v == NOON + 2);
	assert_true(fr_purges_after(p, OTHER_ROW, KEY, (fr_wall){ NOON }).v == NOON + 2 * MINUTE + 1); /* a clock that is ahead */
	assert_true(fr_purges_after(p, ROW, KEY, (fr_wall){ NOON + 9 }).v == NOON + 9);
	fr_purges_free(p);
}

static void a_moment_far_ahead_ends_only_what_is_there_when_it_is_heard_of(void **state)
{
	struct fr_purges *p = fr_purges_new(1);

	(void)state;
	(void)add(p, row(ROW, NOON + 60 * MINUTE, false));
	assert_int_equal(look(p, ROW, KEY, NOON - 1), FR_PURGED_HARD);
	assert_int_equal(look(p, ROW, KEY, NOON), FR_PURGED_HARD);
	assert_int_equal(look(p, ROW, KEY, NOON + 1), FR_PURGED_HARD); /* from ahead, too: it cannot be from after it */
	assert_int_equal(fr_purges_look(p, ROW, KEY, (fr_wall){ NOON + 10 }, (fr_wall){ NOON + 20 }).state, FR_PURGED_NOT);
	assert_int_equal(fr_purges_look(p, ROW, KEY, (fr_wall){ NOON }, (fr_wall){ NOON + 20 }).state, FR_PURGED_HARD);
	assert_true(fr_purges_after(p, ROW, KEY, (fr_wall){ NOON }).v == NOON + 1);
	assert_true(fr_purges_after(p, ROW, KEY, (fr_wall){ NOON + 9 }).v == NOON + 9);
	fr_purges_free(p);
}

static void a_clock_that_is_set_back_does_not_kill_every_new_answer(void **state)
{
	struct fr_purges *p = fr_purges_new(1);
	const fr_wall back = { NOON - 60 * MINUTE }, later = { NOON - 50 * MINUTE };

	(void)state;
	(void)add(p, all(NOON, false));
	assert_int_equal(fr_purges_look(p, ROW, KEY, back, back).state, FR_PURGED_HARD);
	assert_int_equal(fr_purges_look(p, ROW, KEY, later, later).state, FR_PURGED_NOT);
	assert_int_equal(fr_purges_look(p, ROW, KEY, (fr_wall){ NOON - 70 * MINUTE }, later).state, FR_PURGED_HARD);
	(void)fr_purges_add(p, &(struct fr_purge){ .scope = FR_PURGE_ALL, .at = { NOON + 1 } }, (fr_wall){ NOON + 1 });
	assert_int_equal(fr_purges_look(p, ROW, KEY, later, (fr_wall){ NOON + 1 }).state,
			 FR_PURGED_HARD); /* the next one counts */
	fr_purges_free(p);
}

static void what_is_ordered_now_is_later_than_all_that_is_known(void **state)
{
	const struct fr_purge everything = all(0, false), mine = row(ROW, 0, false);
	struct fr_purges *p = fr_purges_new(1);
	const fr_wall now = { NOON };
	fr_wall asked;

	(void)state;
	assert_true(fr_purges_moment(p, &mine, now).v == NOON);
	(void)add(p, all(NOON - 5, false));
	assert_true(fr_purges_moment(p, &mine, now).v == NOON);
	(void)add(p, all(NOON + 2 * MINUTE, true)); /* by a clock that is ahead: what is asked for now counts as later */
	asked = fr_purges_after(p, ROW, KEY, now);
	assert_true(asked.v > NOON + 2 * MINUTE);
	assert_true(fr_purges_moment(p, &mine, now).v >= asked.v);
	(void)add(p, row(OTHER_ROW, NOON + 60 * MINUTE, false)); /* too far: nobody goes by it */
	assert_true(fr_purges_moment(p, &mine, now).v < NOON + 3 * MINUTE);
	(void)add(p, all(NOON + 60 * MINUTE, false)); /* ... but its own kind must be passed */
	assert_true(fr_purges_moment(p, &everything, now).v == NOON + 60 * MINUTE + 1);
	fr_purges_free(p);
}

static void what_is_owed_is_told_once(void **state)
{
	const struct fr_purge purges[] = { all(NOON, true), row(ROW, NOON, false), key(KEY, NOON, false), key(KEY, NOON, true) };
	struct fr_purges *p = fr_purges_new(1);
	struct fr_purge owed, later = row(ROW, NOON + 1, false);

	(void)state;
	assert_false(fr_purges_owed(p, &owed));
	for (size_t i = 0; i < COUNT(purges); i++) {
		assert_true(add(p, purges[i]));
		fr_purges_owe(p, &purges[i]);
	}
	for (size_t i = 0; i < COUNT(purges); i++) {
		assert_true(fr_purges_owed(p, &owed));
		assert_int_equal(owed.scope, purges[i].scope);
		assert_int_equal(owed.soft, purges[i].soft);
		assert_true(owed.at.v == purges[i].at.v);
		if (owed.scope == FR_PURGE_ROW) { /* a later one came meanwhile: that one is still owed */
			assert_true(add(p, later));
			fr_purges_owe(p, &later);
			fr_purges_told(p, &owed);
			assert_true(fr_purges_owed(p, &owed));
			assert_true(owed.at.v == later.at.v);
		}
		fr_purges_told(p, &owed);
		fr_purges_told(p, &owed);
	}
	assert_false(fr_purges_owed(p, &owed));
	fr_purges_free(p);
}

static void what_redis_has_lost_is_owed_again(void **state)
{
	struct fr_purges *p = fr_purges_new(1);
	struct fr_purge owed;

	(void)state;
	(void)add(p, all(NOON, false));
	(void)add(p, row(ROW, NOON, true));
	(void)add(p, key(KEY, NOON, false)); /* Redis keeps only so many of these: those it has dropped are not its loss */
	fr_purges_review(p);
	assert_false(fr_purges_owed(p, &owed));
	(void)add(p, row(ROW, NOON, true));
	(void)add(p, all(NOON - 1, false)); /* it knows of an earlier one only */
	fr_purges_review(p);
	assert_true(fr_purges_owed(p, &owed));
	assert_int_equal(owed.scope, FR_PURGE_ALL);
	assert_true(owed.at.v == NOON);
	fr_purges_told(p, &owed);
	assert_false(fr_purges_owed(p, &owed));
	fr_purges_free(p);
}

static void a_soft_purge_leaves_what_may_be_served_meanwhile(void **state)
{
	static const struct {
		enum fr_freshness was;
		enum fr_verdict verdict;
		int64_t stale, rescue, age;
		enum fr_freshness is;
	} rows[] = {
		{ FR_FRESH, FR_VERDICT_DATA, 1000, 5000, 10, FR_STALE },
		{ FR_FRESH, FR_VERDICT_DATA, 0, 5000, 10, FR_RESCUE },
		{ FR_FRESH, FR_VERDICT_DATA, 0, 10, 10, FR_DEAD },
		{ FR_FRESH, FR_VERDICT_NOT_FOUND, 1000, 5000, 10, FR_DEAD },
		{ FR_STALE, FR_VERDICT_DATA, 1000, 5000, 10, FR_STALE },
		{ FR_RESCUE, FR_VERDICT_DATA, 1000, 5000, 10, FR_RESCUE },
		{ FR_DEAD, FR_VERDICT_DATA, 1000, 5000, 10, FR_DEAD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_answer a = { .verdict = rows[i].verdict };
		struct fr_endpoint e = { .stale = { rows[i].stale }, .rescue = { rows[i].rescue } };
		struct fr_view v = { .freshness = rows[i].was, .age = { rows[i].age }, .left = { 77 }, .over = { 0 } };

		fr_purge_age(&v, &a, &e, (fr_wall){ NOON - 3 }, (fr_wall){ NOON });
		assert_int_equal(v.freshness, rows[i].is);
		assert_int_equal(v.left.v, rows[i].was == FR_FRESH ? -3 : 77);
		assert_int_equal(v.over.v, rows[i].was == FR_FRESH ? 3 : 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_purge_everything_counts),
		cmocka_unit_test(a_purge_reaches_what_it_names_up_to_its_moment),
		cmocka_unit_test(a_soft_purge_does_not_undo_a_hard_one),
		cmocka_unit_test(what_is_known_or_earlier_is_no_news),
		cmocka_unit_test(only_so_many_questions_are_remembered_and_the_oldest_goes),
		cmocka_unit_test(what_is_asked_for_after_a_purge_counts_as_later_than_it),
		cmocka_unit_test(a_moment_far_ahead_ends_only_what_is_there_when_it_is_heard_of),
		cmocka_unit_test(a_clock_that_is_set_back_does_not_kill_every_new_answer),
		cmocka_unit_test(what_is_ordered_now_is_later_than_all_that_is_known),
		cmocka_unit_test(what_is_owed_is_told_once),
		cmocka_unit_test(what_redis_has_lost_is_owed_again),
		cmocka_unit_test(a_soft_purge_leaves_what_may_be_served_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
