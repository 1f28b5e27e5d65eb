#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/wish.h"

#define ANY INT64_MAX
#define LONGEST 2147483648000

static void directives_are_read_as_rfc_9111_has_them(void **state)
{
	static const struct {
		const char *text;
		int64_t max_age, min_fresh, max_stale;
		bool no_cache, only_if_cached;
	} rows[] = {
		{ "", -1, -1, -1, false, false },
		{ "max-age=10", 10000, -1, -1, false, false },
		{ "max-age=0", 0, -1, -1, false, false },
		{ "MAX-AGE=10", 10000, -1, -1, false, false },
		{ "max-age=\"10\"", 10000, -1, -1, false, false },
		{ "max-age=010", 10000, -1, -1, false, false },
		{ "max-age=10, max-age=20", 10000, -1, -1, false, false },
		{ "max-age=x, max-age=20", 20000, -1, -1, false, false },
		{ "max-age=-1", -1, -1, -1, false, false },
		{ "max-age=+1", -1, -1, -1, false, false },
		{ "max-age=1.5", -1, -1, -1, false, false },
		{ "max-age='10'", -1, -1, -1, false, false },
		{ "max-age = 10", -1, -1, -1, false, false },
		{ "max-age= 10", -1, -1, -1, false, false },
		{ "max-age=", -1, -1, -1, false, false },
		{ "max-age=\"", -1, -1, -1, false, false },
		{ "max-age=\"\"", -1, -1, -1, false, false },
		{ "max-age", -1, -1, -1, false, false },
		{ "max-age=10s", -1, -1, -1, false, false },
		{ "xmax-age=10", -1, -1, -1, false, false },
		{ "max-age=2147483648", LONGEST, -1, -1, false, false },
		{ "max-age=2147483649", LONGEST, -1, -1, false, false },
		{ "max-age=99999999999999999999999999", LONGEST, -1, -1, false, false },
		{ "min-fresh=5", -1, 5000, -1, false, false },
		{ "max-stale=5", -1, -1, 5000, false, false },
		{ "max-stale", -1, -1, ANY, false, false },
		{ "max-stale=", -1, -1, -1, false, false },
		{ "max-stale=x", -1, -1, -1, false, false },
		{ "max-stale, max-stale=5", -1, -1, ANY, false, false },
		{ "max-stale=5, max-stale", -1, -1, 5000, false, false },
		{ "no-cache", -1, -1, -1, true, false },
		{ "No-Cache", -1, -1, -1, true, false },
		{ "only-if-cached", -1, -1, -1, false, true },
		{ "no-store", -1, -1, -1, false, false },
		{ "no-cache-please", -1, -1, -1, false, false },
		{ "foo=\"a, no-cache, b\"", -1, -1, -1, false, false },
		{ "foo=\"a\\\", no-cache\", max-age=1", 1000, -1, -1, false, false },
		{ "foo=\"a, no-cache", -1, -1, -1, false, false },
		{ ",, ,\tmax-age=1 ,,no-cache,", 1000, -1, -1, true, false },
		{ "max-age=1,min-fresh=2,max-stale=3,no-cache,only-if-cached", 1000, 2000, 3000, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_wish w = fr_wish_none();

		fr_wish_read(&w, fr_str_of(rows[i].text));
		if (w.max_age.v != rows[i].max_age || w.min_fresh.v != rows[i].min_fresh || w.max_stale.v != rows[i].max_stale ||
		    w.no_cache != rows[i].no_cache || w.only_if_cached != rows[i].only_if_cached)
			fail_msg("\"%s\": %lld %lld %lld %d %d", rows[i].text, (long long)w.max_age.v, (long long)w.min_fresh.v,
				 (long long)w.max_stale.v, w.no_cache, w.only_if_cached);
	}
}

static void several_header_fields_add_up_and_the_first_counts(void **state)
{
	struct fr_wish w = fr_wish_none();

	(void)state;
	fr_wish_read(&w, FR_STR("max-age=1"));
	fr_wish_read(&w, FR_STR("max-age=2, min-fresh=3"));
	fr_wish_read(&w, FR_STR("no-cache"));
	assert_int_equal(w.max_age.v, 1000);
	assert_int_equal(w.min_fresh.v, 3000);
	assert_true(w.no_cache);
}

static void without_the_permission_only_what_saves_is_left(void **state)
{
	static const struct {
		const char *text, *left;
		bool buys;
	} rows[] = {
		{ "", "", false },
		{ "max-stale", "max-stale", false },
		{ "max-stale=5, only-if-cached", "max-stale=5, only-if-cached", false },
		{ "no-cache", "", true },
		{ "max-age=0", "", true },
		{ "min-fresh=0", "", true },
		{ "no-store", "", false },
		{ "no-cache, max-age=1, min-fresh=1, max-stale=7, only-if-cached", "max-stale=7, only-if-cached", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_wish w = fr_wish_none(), want = fr_wish_none(), left;

		fr_wish_read(&w, fr_str_of(rows[i].text));
		fr_wish_read(&want, fr_str_of(rows[i].left));
		assert_int_equal(fr_wish_buys(&w, &left), rows[i].buys);
		assert_int_equal(left.max_age.v, want.max_age.v);
		assert_int_equal(left.min_fresh.v, want.min_fresh.v);
		assert_int_equal(left.max_stale.v, want.max_stale.v);
		assert_int_equal(left.no_cache, want.no_cache);
		assert_int_equal(left.only_if_cached, want.only_if_cached);
	}
}

static void any_bytes_can_be_read(void **state)
{
	static const char alphabet[] = "max-age=\"\\, 019stle";
	struct fr_random r = { 3 };

	(void)state;
	for (int i = 0; i < 50000; i++) {
		size_t n = fr_random_below(&r, 40);
		char *text = malloc(n + 1);
		struct fr_wish w = fr_wish_none();

		assert_non_null(text);
		for (size_t k = 0; k < n; k++)
			text[k] = fr_random_chance(&r, 100) ? (char)fr_random_next(&r)
							    : alphabet[fr_random_below(&r, sizeof(alphabet) - 1)];
		fr_wish_read(&w, (struct fr_str){ text, n });
		assert_true(w.max_age.v >= -1 && w.max_age.v <= LONGEST);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directives_are_read_as_rfc_9111_has_them),
		cmocka_unit_test(several_header_fields_add_up_and_the_first_counts),
		cmocka_unit_test(without_the_permission_only_what_saves_is_left),
		cmocka_unit_test(any_bytes_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
