#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/blob.h"

static void a_blob_lives_until_the_last_reference_is_dropped(void **state)
{
	struct fr_blob *b = fr_blob_of("body", 4);

	(void)state;
	assert_ptr_equal(fr_blob_hold(b), b);
	assert_int_equal(b->refs, 2);
	fr_blob_drop(b);
	assert_int_equal(b->refs, 1);
	assert_int_equal(fr_blob_str(b).n, 4);
	assert_memory_equal(fr_blob_str(b).p, "body", 4);
	fr_blob_drop(b);
	fr_blob_drop(NULL);
}

static void a_blob_may_be_empty(void **state)
{
	struct fr_blob *b = fr_blob_of(NULL, 0);

	(void)state;
	assert_int_equal(fr_blob_str(b).n, 0);
	fr_blob_drop(b);
}

static void a_new_blob_is_writable_to_its_end(void **state)
{
	struct fr_blob *b = fr_blob_new(1000);

	(void)state;
	memset(b->bytes, 'x', 1000);
	assert_int_equal(b->n, 1000);
	assert_int_equal(b->refs, 1);
	fr_blob_drop(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blob_lives_until_the_last_reference_is_dropped),
		cmocka_unit_test(a_blob_may_be_empty),
		cmocka_unit_test(a_new_blob_is_writable_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
