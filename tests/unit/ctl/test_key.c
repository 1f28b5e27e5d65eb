#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "ctl/key.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_key_is_its_random_bytes_in_base64url(void **state)
{
	static const struct {
		unsigned char first, step;
		const char *text;
	} rows[] = {
		{ 0x00, 0, "fk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
		{ 0xff, 0,
		  "fk_"
		  "__________________________________________"
		  "8" },
		{ 0x00, 1, "fk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" },
		{ 0xfb, 0, "fk_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char random[FR_KEY_RANDOM_BYTES];
		char text[FR_KEY_TEXT_MAX];

		for (size_t j = 0; j < sizeof(random); j++)
			random[j] = (unsigned char)(rows[i].first + rows[i].step * j);
		fr_key_text(random, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* FIPS 180-2, appendix B */
static void the_hash_is_sha_256(void **state)
{
	char hash[FR_KEY_HASH_MAX];

	(void)state;
	fr_key_hash(FR_STR("abc"), hash);
	assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	fr_key_hash(FR_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hash);
	assert_string_equal(hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_name_needs_no_quotes_in_yaml(void **state)
{
	static const char *const good[] = { "a", "dash-board_2.eu", "ACME" };
	static const char *const bad[] = { "", "a b", "a:", "{a", "a,b", "a/b", "\xc3\xa9", "a\n" };
	char name[FR_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(fr_key_name_good(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(fr_key_name_good(bad[i]));
	memset(name, 'a', sizeof(name));
	name[FR_NAME_MAX] = '\0';
	assert_false(fr_key_name_good(name));
	name[FR_NAME_MAX - 1] = '\0';
	assert_true(fr_key_name_good(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_its_random_bytes_in_base64url),
		cmocka_unit_test(the_hash_is_sha_256),
		cmocka_unit_test(a_name_needs_no_quotes_in_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
