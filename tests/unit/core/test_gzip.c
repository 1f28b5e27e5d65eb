#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/gzip.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char text[] = "{\"videos\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},{\"id\":\"4\"},{\"id\":\"5\"}]}";

/* What a copy of the exact size unpacks to, so that a sanitizer sees what is read past the end. */
static struct fr_blob *unpack(const char *p, size_t n, size_t most)
{
	char *copy = malloc(n + 1);
	struct fr_blob *b;

	assert_non_null(copy);
	memcpy(copy + 1, p, n);
	b = fr_gzip_unpack((struct fr_str){ copy + 1, n }, most);
	free(copy);
	return b;
}

static void what_was_packed_is_smaller_and_comes_out_as_it_was(void **state)
{
	struct fr_random r = { 1 };

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t n = 200 + (size_t)fr_random_below(&r, 100000);
		struct fr_blob *plain = fr_blob_new(n), *packed, *back;

		for (size_t i = 0; i < n; i++)
			plain->bytes[i] = (char)('a' + fr_random_below(&r, 1 + (uint64_t)round % 20));
		packed = fr_gzip_pack(fr_blob_str(plain));
		assert_non_null(packed);
		assert_true(packed->n < n);
		back = unpack(packed->bytes, packed->n, n);
		assert_non_null(back);
		assert_true(fr_str_eq(fr_blob_str(back), fr_blob_str(plain)));
		assert_null(unpack(packed->bytes, packed->n, n - 1));
		fr_blob_drop(back);
		fr_blob_drop(packed);
		fr_blob_drop(plain);
	}
}

static void what_does_not_get_smaller_is_not_packed(void **state)
{
	struct fr_random r = { 1 };
	char noise[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)fr_random_below(&r, 256);
	for (size_t n = 0; n <= sizeof(noise); n = n * 2 + 1)
		assert_null(fr_gzip_pack((struct fr_str){ noise, n }));
	assert_null(fr_gzip_pack(FR_STR("{\"id\":\"7\"}")));
}

static void what_is_no_whole_member_is_refused(void **state)
{
	struct fr_blob *packed = fr_gzip_pack(fr_str_of(text)), *got;
	char longer[256];

	(void)state;
	assert_non_null(packed);
	for (size_t n = 0; n < packed->n; n++)
		assert_null(unpack(packed->bytes, n, 1 << 20));
	assert_true(packed->n < sizeof(longer));
	memcpy(longer, packed->bytes, packed->n);
	longer[packed->n] = '\0';
	assert_null(unpack(longer, packed->n + 1, 1 << 20));
	for (size_t i = 0; i < packed->n; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(longer, packed->bytes, packed->n);
			longer[i] = (char)(longer[i] ^ 1 << bit);
			got = unpack(longer, packed->n, 1 << 20); /* the head has bytes that say nothing of the body */
			assert_true(got == NULL || fr_str_eq(fr_blob_str(got), fr_str_of(text)));
			fr_blob_drop(got);
		}
	fr_blob_drop(packed);
}

static void a_client_takes_gzip_if_it_says_so(void **state)
{
	static const struct {
		const char *said;
		bool expected;
	} rows[] = {
		{ "gzip", true },
		{ "GZip", true },
		{ "x-gzip", true },
		{ "deflate, gzip;q=1.0, *;q=0.5", true },
		{ "gzip, deflate, br, zstd", true },
		{ "br;q=1.0,gzip;q=0.001", true },
		{ " gzip ; q=0.8 ", true },
		{ "*", true },
		{ "*;q=0.1", true },
		{ "identity;q=0, *", true },
		{ "gzip;q=0.5, identity;q=0.5", true },
		{ "", false },
		{ "identity", false },
		{ "deflate, br", false },
		{ "gzip;q=0", false },
		{ "gzip;q=0.000", false },
		{ "gzip;q=0, *", false },
		{ "*;q=0", false },
		{ "gzip;q=0.4, identity;q=0.5", false },
		{ "gzip;q=", false },
		{ "gzip;q", false },
		{ "gzip;q=1.5", false },
		{ "gzip;q=0.1234", false },
		{ "gzip;q=-1", false },
		{ "gzip;q=x", false },
		{ "gzip gzip", false },
		{ "notgzip", false },
		{ ",,;,=,;q=1,", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (fr_gzip_accepted(fr_str_of(rows[i].said)) != rows[i].expected)
			fail_msg("'%s'", rows[i].said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_smaller_and_comes_out_as_it_was),
		cmocka_unit_test(what_does_not_get_smaller_is_not_packed),
		cmocka_unit_test(what_is_no_whole_member_is_refused),
		cmocka_unit_test(a_client_takes_gzip_if_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
