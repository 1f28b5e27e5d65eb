/* The digests against the published vectors: FIPS 180-2 and RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/digest.h"
#include "base/str.h"

static void sha256_is_that_of_the_standard(void **state)
{
	static const struct {
		const char *bytes, *hex;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char digest[FR_SHA256_BYTES];
		char hex[FR_SHA256_HEX];

		fr_digest_sha256(fr_str_of(rows[i].bytes), digest);
		fr_digest_hex(digest, hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void hmac_is_that_of_the_standard(void **state)
{
	static char long_key[131];
	static const struct {
		struct fr_str key, bytes;
		const char *hex;
	} rows[] = {
		{ { "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", 20 },
		  { "Hi There", 8 },
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ { "Jefe", 4 },
		  { "what do ya want for nothing?", 28 },
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ { long_key, sizeof(long_key) },
		  { "Test Using Larger Than Block-Size Key - Hash Key First", 54 },
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ { NULL, 0 }, { NULL, 0 }, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};

	(void)state;
	memset(long_key, 0xaa, sizeof(long_key));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char digest[FR_SHA256_BYTES];
		char hex[FR_SHA256_HEX];

		fr_digest_hmac_sha256(rows[i].key, rows[i].bytes, digest);
		fr_digest_hex(digest, hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_that_of_the_standard),
		cmocka_unit_test(hmac_is_that_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
