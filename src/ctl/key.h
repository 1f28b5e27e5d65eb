/* key.h — keys of clients: made here, shown once, and known to frugald by their SHA-256 only.
 *
 * frugald is not asked: the line that is printed goes into `clients:` of its configuration, by the operator's hand. */
#ifndef FRUGAL_CTL_KEY_H
#define FRUGAL_CTL_KEY_H

#include "ctl/session.h"
#include "frugal/types.h"

/* "fk_" and 32 random bytes in base64url (RFC 4648, section 5) without padding. */
enum { FR_KEY_RANDOM_BYTES = 32, FR_KEY_TEXT_MAX = 3 + (FR_KEY_RANDOM_BYTES * 4 + 2) / 3 + 1, FR_KEY_HASH_MAX = 65 };

void fr_key_text(const unsigned char random[FR_KEY_RANDOM_BYTES], char ret[FR_KEY_TEXT_MAX]);
/* The SHA-256 of a key's text in lower-case hex. */
void fr_key_hash(struct fr_str key, char ret[FR_KEY_HASH_MAX]);
/* A client's, tenant's or tier's name: 1 to 63 letters, digits and - _ . */
bool fr_key_name_good(const char *name);

int fr_key_new_run(struct fr_session *s);
int fr_key_hash_run(struct fr_session *s);

#endif
