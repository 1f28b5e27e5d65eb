#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "core/own.h"

static void what_is_below_frugal_is_its_own(void **state)
{
	static const struct {
		const char *path;
		enum fr_own own;
	} rows[] = {
		{ "/", FR_OWN_NONE },
		{ "", FR_OWN_NONE },
		{ "/userid/", FR_OWN_NONE },
		{ "/frugally/batch", FR_OWN_NONE },
		{ "/Frugal/batch", FR_OWN_NONE },
		{ "/x/frugal/batch", FR_OWN_NONE },
		{ "/frugal", FR_OWN_NOTHING },
		{ "/frugal/", FR_OWN_NOTHING },
		{ "/frugal/batches", FR_OWN_NOTHING },
		{ "/frugal/batch//", FR_OWN_NOTHING },
		{ "/frugal/batch/x", FR_OWN_NOTHING },
		{ "/frugal/batch", FR_OWN_BATCH },
		{ "/frugal/batch/", FR_OWN_BATCH },
		{ "/frugal/prewarm", FR_OWN_PREWARM },
		{ "/frugal/prewarm/", FR_OWN_PREWARM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(fr_own_of(fr_str_of(rows[i].path)), rows[i].own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_below_frugal_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
