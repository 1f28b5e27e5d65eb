#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/str.h"

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
	enum { PIECES = 400 };
	struct fr_random random = { 3 };
	unsigned char *pieces[PIECES];
	size_t sizes[PIECES];
	struct fr_arena a;

	(void)state;
	fr_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < PIECES; i++) {
		sizes[i] = (size_t)fr_random_below(&random, i % 50 == 0 ? 9000 : 200);
		pieces[i] = fr_arena_take(&a, sizes[i]);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		memset(pieces[i], (int)(i & 0xff), sizes[i]);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], i & 0xff);
	fr_arena_free(&a);
}

static void past_the_ceiling_there_is_nothing_but_less_still_fits(void **state)
{
	struct fr_arena a;

	(void)state;
	fr_arena_init(&a, 4096);
	assert_null(fr_arena_take(&a, 4097));
	assert_null(fr_arena_take(&a, SIZE_MAX));
	assert_non_null(fr_arena_take(&a, 4000));
	assert_null(fr_arena_take(&a, 100));
	assert_null(fr_arena_str(&a, (struct fr_str){ "x", SIZE_MAX }).p);
	assert_non_null(fr_arena_take(&a, 96));
	assert_null(fr_arena_take(&a, 0));
	fr_arena_free(&a);
}

static void a_freed_arena_can_be_used_again(void **state)
{
	struct fr_arena a;

	(void)state;
	fr_arena_init(&a, 1024);
	for (int i = 0; i < 3; i++) {
		assert_non_null(fr_arena_take(&a, 1024));
		assert_null(fr_arena_take(&a, 1));
		fr_arena_free(&a);
		assert_int_equal(a.used, 0);
	}
	fr_arena_free(&a);
}

static void a_string_is_copied_and_terminated(void **state)
{
	struct fr_arena a;
	struct fr_str s;

	(void)state;
	fr_arena_init(&a, 64);
	s = fr_arena_str(&a, (struct fr_str){ "hello", 3 });
	assert_int_equal(s.n, 3);
	assert_string_equal(s.p, "hel");
	s = fr_arena_str(&a, (struct fr_str){ NULL, 0 });
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	s = fr_arena_str(&a, FR_STR("this text of more than sixty-four bytes does not find any room here"));
	assert_null(s.p);
	assert_int_equal(s.n, 0);
	fr_arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
		cmocka_unit_test(past_the_ceiling_there_is_nothing_but_less_still_fits),
		cmocka_unit_test(a_freed_arena_can_be_used_again),
		cmocka_unit_test(a_string_is_copied_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
