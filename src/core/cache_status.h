/* cache_status.h — the Cache-Status field (RFC 9211): how the cache came to its answer, in words that other tools
 * understand.
 *
 * `hit` and `fwd` exclude each other. The words of `fwd`: uri-miss (nothing stored), stale (stored, but too old), request (a
 * client asked for a fresh answer), bypass (a path that is not in the catalogue). */
#ifndef FRUGAL_CORE_CACHE_STATUS_H
#define FRUGAL_CORE_CACHE_STATUS_H

#include "core/reply.h"

/* Appends the field to `r`. */
void fr_cache_status_add(struct fr_reply *r, const struct fr_reply_facts *f);

/* A length in whole seconds, rounded down: what is over by half a second has a ttl of -1, not of 0. */
int64_t fr_cache_status_seconds(fr_ms t);

#endif
