#include "adapt/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"

/* The library refuses only what is not here: an unknown digest, no memory. */
void fr_digest_sha256(struct fr_str bytes, unsigned char ret[FR_SHA256_BYTES])
{
	unsigned n = 0;

	FR_ASSERT(EVP_Digest(bytes.p, bytes.n, ret, &n, EVP_sha256(), NULL) == 1 && n == FR_SHA256_BYTES);
}

void fr_digest_hmac_sha256(struct fr_str key, struct fr_str bytes, unsigned char ret[FR_SHA256_BYTES])
{
	unsigned n = 0;
	const void *secret = key.n > 0 ? key.p : "", *text = bytes.n > 0 ? bytes.p : ""; /* it takes no NULL for "nothing" */

	FR_ASSERT(key.n <= INT_MAX);
	FR_ASSERT(HMAC(EVP_sha256(), secret, (int)key.n, text, bytes.n, ret, &n) != NULL && n == FR_SHA256_BYTES);
}

void fr_digest_hex(const unsigned char digest[FR_SHA256_BYTES], char ret[FR_SHA256_HEX])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < FR_SHA256_BYTES; i++) {
		ret[2 * i] = hex[digest[i] >> 4];
		ret[2 * i + 1] = hex[digest[i] & 15];
	}
	ret[FR_SHA256_HEX - 1] = '\0';
}
