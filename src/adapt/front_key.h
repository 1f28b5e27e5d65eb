/* front_key.h — the digest of a connection's key: a client that asks again on its connection shows the same one, which is not digested again. */
#ifndef FRUGAL_ADAPT_FRONT_KEY_H
#define FRUGAL_ADAPT_FRONT_KEY_H

#include "core/roster.h"
#include "frugal/ports.h"

/* The key that was shown last. All zero: none. */
struct fr_front_key {
	struct fr_secret shown;
	size_t n;
	unsigned char sha256[FR_SHA256_BYTES];
};

/* The digest of `key`, of which `*last` is the one before, or NULL; valid until the next call. A key is shorter than FR_SECRET_MAX. */
const unsigned char *fr_front_key_digest(struct fr_front_key **last, struct fr_str key);

/* Wipes and frees it. NULL is harmless. */
void fr_front_key_free(struct fr_front_key **taken);

#endif
