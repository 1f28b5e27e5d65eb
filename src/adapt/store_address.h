/* store_address.h — where Redis is: the setting redis.url, read and resolved.
 *
 * hiredis 0.14 resolves names with a blocking getaddrinfo(), also for its asynchronous connections: so a name becomes a number
 * here, once, before the loop runs. Where a name has both kinds of addresses the IPv4 one is taken, since that is what Redis
 * listens on by default. */
#ifndef FRUGAL_ADAPT_STORE_ADDRESS_H
#define FRUGAL_ADAPT_STORE_ADDRESS_H

#include "frugal/err.h"
#include "frugal/ports.h"

enum { FR_UNIX_PATH_MAX = 107 }; /* sun_path without its end */

struct fr_store_address {
	bool is_unix;
	char path[FR_UNIX_PATH_MAX + 1];
	char host[64]; /* numeric */
	int port, db;
	struct fr_secret password;    /* out of the URL; empty: none */
	char shown[FR_PATH_TEXT_MAX]; /* for messages: as written, without the password */
};

/* A socket's path. FR_TOOBIG: longer than the kernel takes. `*ret` only on FR_OK. */
enum fr_err fr_store_address_unix(const char *path, struct fr_store_address *ret, struct fr_errmsg *why);

/* "unix:///path" or "redis://[:password@]host[:port][/db]"; blocks to resolve a name. FR_INVALID: not such a URL; FR_IO: no
 * such host. The password may be percent-encoded. `*ret` only on FR_OK; no message holds the password. */
enum fr_err fr_store_address_read(const char *url, struct fr_store_address *ret, struct fr_errmsg *why);

#endif
