#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "core/repeats.h"

static struct fr_key question(uint64_t n)
{
	return fr_hash128(7, &n, sizeof(n));
}

static void a_loop_is_counted_within_five_minutes(void **state)
{
	struct fr_repeats *r = fr_repeats_new(1);

	(void)state;
	for (int64_t i = 1; i <= 300; i++) /* one a second, to the end of the fifth minute */
		assert_int_equal(fr_repeats_saw(r, 3, question(1), FR_MS(600000 + (i - 1) * 1000)), i);
	assert_int_equal(fr_repeats_saw(r, 3, question(1), FR_MS(900000)), 241); /* the first minute is over */
	assert_int_equal(fr_repeats_saw(r, 3, question(1), FR_MS(900001 + 60000)), 182);
	assert_int_equal(fr_repeats_saw(r, 3, question(1), FR_MS(90000000)), 1);
	fr_repeats_free(r);
}

static void clients_and_questions_are_told_apart(void **state)
{
	struct fr_repeats *r = fr_repeats_new(1);

	(void)state;
	for (int64_t i = 1; i <= 10; i++)
		for (size_t client = 0; client < 20; client++)
			for (uint64_t q = 0; q < 20; q++)
				assert_int_equal(fr_repeats_saw(r, client, question(q), FR_MS(1000)), i);
	fr_repeats_free(r);
}

static void a_flood_of_single_questions_does_not_hide_a_loop(void **state)
{
	struct fr_repeats *r = fr_repeats_new(2);
	int64_t count = 0;
	uint64_t single = 0;

	(void)state;
	for (int64_t s = 0; s < 300; s++) {
		for (int i = 0; i < 1000; i++)
			(void)fr_repeats_saw(r, 1, question(1000 + single++), FR_MS(s * 1000));
		for (int i = 0; i < 5; i++)
			count = fr_repeats_saw(r, 1, question(1), FR_MS(s * 1000));
	}
	assert_in_range((uintmax_t)count, 1400, 1500);
	fr_repeats_free(r);
}

static void what_was_counted_was_asked(void **state)
{
	struct fr_repeats *r = fr_repeats_new(3);
	static int64_t asked[50000];

	(void)state;
	for (int round = 0; round < 4; round++)
		for (uint64_t q = 0; q < 50000; q++)
			assert_true(fr_repeats_saw(r, 0, question(q), FR_MS(5)) <= ++asked[q]);
	fr_repeats_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_is_counted_within_five_minutes),
		cmocka_unit_test(clients_and_questions_are_told_apart),
		cmocka_unit_test(a_flood_of_single_questions_does_not_hide_a_loop),
		cmocka_unit_test(what_was_counted_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
