/* What stops first while a budget runs out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/ladder.h"

static const struct fr_settings usual = { .stretch_percent = 70, .prewarm_percent = 70, .batch_percent = 90 };
static const struct fr_settings never = { .stretch_percent = 101, .prewarm_percent = 101, .batch_percent = 200 };

static void each_step_begins_at_its_percentage(void **state)
{
	static const struct {
		int64_t permille;
		enum fr_step usual, never;
		bool prewarm, batch;
	} rows[] = {
		{ 0, FR_STEP_NONE, FR_STEP_NONE, false, false },     { 699, FR_STEP_NONE, FR_STEP_NONE, false, false },
		{ 700, FR_STEP_STRETCH, FR_STEP_NONE, true, false }, { 899, FR_STEP_STRETCH, FR_STEP_NONE, true, false },
		{ 900, FR_STEP_BATCH, FR_STEP_NONE, true, true },    { 999, FR_STEP_BATCH, FR_STEP_NONE, true, true },
		{ 1000, FR_STEP_EMPTY, FR_STEP_EMPTY, true, true },  { 5000, FR_STEP_EMPTY, FR_STEP_EMPTY, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fr_ladder_step(&usual, rows[i].permille), rows[i].usual);
		assert_int_equal(fr_ladder_step(&never, rows[i].permille), rows[i].never);
		assert_int_equal(fr_ladder_stops(&usual, FR_PRIORITY_PREWARM, rows[i].permille), rows[i].prewarm);
		assert_int_equal(fr_ladder_stops(&usual, FR_PRIORITY_BATCH, rows[i].permille), rows[i].batch);
		assert_int_equal(fr_ladder_stops(&usual, FR_PRIORITY_POLL, rows[i].permille), rows[i].batch);
		assert_false(fr_ladder_stops(&usual, FR_PRIORITY_INTERACTIVE, rows[i].permille));
		assert_false(fr_ladder_stops(&usual, FR_PRIORITY_REFRESH, rows[i].permille));
		assert_false(fr_ladder_stops(&never, FR_PRIORITY_BATCH, rows[i].permille));
	}
}

static void times_stretch_evenly_up_to_the_whole_window(void **state)
{
	static const struct fr_settings at_the_end = { .stretch_percent = 100 };

	(void)state;
	assert_int_equal(fr_ladder_stretch(&usual, 699), 0);
	assert_int_equal(fr_ladder_stretch(&usual, 700), 0);
	assert_int_equal(fr_ladder_stretch(&usual, 850), 500);
	assert_int_equal(fr_ladder_stretch(&usual, 999), 996);
	assert_int_equal(fr_ladder_stretch(&usual, 1000), 1000);
	assert_int_equal(fr_ladder_stretch(&usual, 3000), 1000);
	assert_int_equal(fr_ladder_stretch(&never, 3000), 0);
	assert_int_equal(fr_ladder_stretch(&at_the_end, 999), 0);
	assert_int_equal(fr_ladder_stretch(&at_the_end, 1000), 1000);
}

static void steps_have_names(void **state)
{
	(void)state;
	assert_string_equal(fr_step_name(FR_STEP_NONE), "none");
	assert_string_equal(fr_step_name(FR_STEP_EMPTY), "empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_begins_at_its_percentage),
		cmocka_unit_test(times_stretch_evenly_up_to_the_whole_window),
		cmocka_unit_test(steps_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
