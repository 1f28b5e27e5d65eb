#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

static void a_seed_gives_the_published_numbers(void **state)
{
	/* SplitMix64 of the seed 1234567. */
	static const uint64_t expected[] = { 6457827717110365317u, 3203168211198807973u, 9817491932198370423u };
	struct fr_random r = { 1234567 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fr_random_next(&r), expected[i]);
}

static void below_stays_below_and_reaches_all(void **state)
{
	struct fr_random r = { 1 };
	int seen[10] = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t x = fr_random_below(&r, 10);

		assert_true(x < 10);
		seen[x]++;
	}
	for (size_t i = 0; i < 10; i++)
		assert_in_range((uintmax_t)seen[i], 850, 1150);
	assert_int_equal(fr_random_below(&r, 1), 0);
	assert_true(fr_random_below(&r, UINT64_MAX) < UINT64_MAX);
}

static void chances_come_true_as_often_as_they_say(void **state)
{
	struct fr_random r = { 2 };
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		n += fr_random_chance(&r, 250) ? 1 : 0;
		assert_false(fr_random_chance(&r, 0));
		assert_true(fr_random_chance(&r, 1000));
	}
	assert_in_range(n, 2300, 2700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_gives_the_published_numbers),
		cmocka_unit_test(below_stays_below_and_reaches_all),
		cmocka_unit_test(chances_come_true_as_often_as_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
