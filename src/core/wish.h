/* wish.h — what a client's Cache-Control asks for (RFC 9111, section 5.2.1).
 *
 * What saves credits is always granted: max-stale, only-if-cached. What buys freshness (max-age, min-fresh, no-cache) needs the
 * permission; without it the directive is ignored and the answer says so. no-store is not a wish about freshness and is ignored. */
#ifndef FRUGAL_CORE_WISH_H
#define FRUGAL_CORE_WISH_H

#include "frugal/types.h"

struct fr_wish {
	fr_ms max_age;   /* v < 0: not said */
	fr_ms min_fresh; /* v < 0: not said */
	fr_ms max_stale; /* v < 0: not said; INT64_MAX: any */
	bool no_cache;   /* also "Pragma: no-cache" without Cache-Control */
	bool only_if_cached;
};

/* Reads one header field's value into `w` (start with fr_wish_none()). Unknown and malformed directives are ignored; numbers
 * too large count as 2^31 seconds. */
struct fr_wish fr_wish_none(void);
void fr_wish_read(struct fr_wish *w, struct fr_str cache_control);

/* True if the wish would cost a credit: what is left of it without the permission is returned in `*left`. */
bool fr_wish_buys(const struct fr_wish *w, struct fr_wish *left);

#endif
