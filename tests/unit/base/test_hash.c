#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/str.h"

enum { LONGEST = 64 };
static const uint64_t reference_key = 0x0706050403020100; /* with its other half the bytes 00 01 .. 0f */

/* The vectors of the SipHash paper's reference: the message of n bytes is 00 01 .. n-1. */
static void siphash_gives_the_vectors_of_its_paper(void **state)
{
	static const struct {
		size_t n;
		uint64_t h;
		struct fr_key k;
	} rows[] = {
		{ 0, 0x726fdb47dd0e0e31, { 0xe6a825ba047f81a3, 0x930255c71472f66d } },
		{ 1, 0x74f839c593dc67fd, { 0x44af996bd8c187da, 0x45fc229b11597634 } },
		{ 7, 0xab0200f58b01d137, { 0x53c1dbd8beebf1a1, 0x3982f01fa64ab8c0 } },
		{ 8, 0x93f5f5799a932462, { 0x61f55862baa9623b, 0xb49714f364e2830f } },
		{ 9, 0x9e0082df0ba9e4b0, { 0xabbad90a06994426, 0xed716dbb028b7fc4 } },
		{ 15, 0xa129ca6149be45e5, { 0x11a8b03399e99354, 0xd9c3cf970fec087e } },
		{ 16, 0x3f2acc7f57c29bdb, { 0xbb54b067caa4e26e, 0x77052385bf1533fd } },
		{ 17, 0x699ae9f52cbe4794, { 0x98b88d73e8063d47, 0x4077e47ac466c054 } },
		{ 31, 0x32d892fad841c342, { 0xfcfa233218b03929, 0x353dc4524fde2317 } },
		{ 32, 0x7127512f72f27cce, { 0x3efcea5eca56397c, 0x68eb4665559d3e36 } },
		{ 63, 0x958a324ceb064572, { 0x4a83502f77d15051, 0x7cbd3f979a063e50 } },
	};
	unsigned char message[LONGEST];

	(void)state;
	for (size_t i = 0; i < LONGEST; i++)
		message[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fr_hash64(reference_key, message, rows[i].n), rows[i].h);
		assert_true(fr_key_eq(fr_hash128(reference_key, message, rows[i].n), rows[i].k));
	}
}

static void another_seed_gives_another_hash(void **state)
{
	(void)state;
	assert_true(fr_hash64(1, "a", 1) != fr_hash64(2, "a", 1));
	assert_false(fr_key_eq(fr_hash128(1, "a", 1), fr_hash128(2, "a", 1)));
}

static void a_message_is_told_from_itself_with_a_zero_behind(void **state)
{
	(void)state;
	assert_true(fr_hash64(7, "ab", 2) != fr_hash64(7, "ab\0", 3));
	assert_true(fr_hash64(7, NULL, 0) != fr_hash64(7, "\0", 1));
}

static void a_key_survives_hex_and_back(void **state)
{
	const struct fr_key key = { 0x00000000deadbeef, 0xfedcba9876543210 };
	struct fr_key back = { 0, 0 };
	char hex[33];

	(void)state;
	fr_key_hex(key, hex);
	assert_string_equal(hex, "00000000deadbeeffedcba9876543210");
	assert_true(fr_key_of_hex(fr_str_of(hex), &back));
	assert_true(fr_key_eq(back, key));
	assert_true(fr_key_of_hex(FR_STR("00000000DEADBEEFFEDCBA9876543210"), &back));
	assert_true(fr_key_eq(back, key));
}

static void what_is_no_key_is_refused_and_leaves_the_output_alone(void **state)
{
	static const char *const rows[] = { "",
					    "00",
					    "00000000deadbeeffedcba987654321",
					    "00000000deadbeeffedcba98765432100",
					    "00000000deadbeeffedcba987654321g",
					    "-0000000deadbeeffedcba9876543210" };
	struct fr_key k = { 5, 6 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(fr_key_of_hex(fr_str_of(rows[i]), &k));
	assert_true(k.hi == 5 && k.lo == 6);
}

static void only_all_zero_is_no_key(void **state)
{
	(void)state;
	assert_true(fr_key_none((struct fr_key){ 0, 0 }));
	assert_false(fr_key_none((struct fr_key){ 0, 1 }));
	assert_false(fr_key_none((struct fr_key){ 1, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_gives_the_vectors_of_its_paper),
		cmocka_unit_test(another_seed_gives_another_hash),
		cmocka_unit_test(a_message_is_told_from_itself_with_a_zero_behind),
		cmocka_unit_test(a_key_survives_hex_and_back),
		cmocka_unit_test(what_is_no_key_is_refused_and_leaves_the_output_alone),
		cmocka_unit_test(only_all_zero_is_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
