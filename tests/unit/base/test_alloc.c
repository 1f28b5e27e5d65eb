#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"

static void memory_is_cleared_grown_and_copied(void **state)
{
	unsigned char *p = fr_calloc(3, 5), *none;
	char *copy;

	(void)state;
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	p[14] = 9;
	p = fr_realloc(p, 4000);
	assert_int_equal(p[14], 9);
	free(p);
	none = fr_calloc(0, 8);
	assert_non_null(none);
	free(none);
	copy = fr_strndup("hello", 4);
	assert_string_equal(copy, "hell");
	free(copy);
	copy = fr_strndup(NULL, 0);
	assert_string_equal(copy, "");
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_cleared_grown_and_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
