/* digest.h — SHA-256 of what must not be kept or sent itself: clients' keys, and the bodies of signed webhooks (libcrypto). */
#ifndef FRUGAL_ADAPT_DIGEST_H
#define FRUGAL_ADAPT_DIGEST_H

#include "core/roster.h"
#include "frugal/types.h"

enum { FR_SHA256_HEX = 2 * FR_SHA256_BYTES + 1 };

void fr_digest_sha256(struct fr_str bytes, unsigned char ret[FR_SHA256_BYTES]);
/* RFC 2104 over SHA-256. The key may be of any length. */
void fr_digest_hmac_sha256(struct fr_str key, struct fr_str bytes, unsigned char ret[FR_SHA256_BYTES]);
/* In small letters, terminated. */
void fr_digest_hex(const unsigned char digest[FR_SHA256_BYTES], char ret[FR_SHA256_HEX]);

#endif
