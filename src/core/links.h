/* links.h — signed links in a body: when they die, and how to serve the body when they are dead (upstream.md, section 3.15).
 *
 * The scan walks the raw bytes, string by string, so that it works on a body of any shape and changes nothing in it. JSON escapes inside
 * a link ("https:\/\/", "\u0026") are read as what they stand for. */
#ifndef FRUGAL_CORE_LINKS_H
#define FRUGAL_CORE_LINKS_H

#include "base/blob.h"
#include "frugal/limits.h"
#include "frugal/types.h"

/* One field name and the earliest expiry of any link under it. */
struct fr_link {
	char field[FR_NAME_MAX];
	fr_wall until;
};

struct fr_links_facts {
	fr_wall first; /* the earliest expiry of all, v == 0 if nothing is signed */
	size_t n;      /* fields, by first occurrence; further fields count for `first` only */
	struct fr_link at[FR_LINKS_MAX];
};

/* The expiry of one link: hex in the second path segment, x-expires=, VExpiration=, expire=; v == 0 if it is not signed. */
fr_wall fr_links_expiry(struct fr_str url);

/* Facts of a whole body. Works on anything: bytes that are not JSON have no links. */
struct fr_links_facts fr_links_scan(struct fr_str body);

/* The earliest expiry of any link in one value of JSON; v == 0 if nothing in it is signed. */
fr_wall fr_links_until(struct fr_str value);

/* A copy of the body in which every link that expires at or before `dead_by` is "" (all else byte for byte), or NULL if there is none. */
struct fr_blob *fr_links_blank(struct fr_str body, fr_wall dead_by);

/* "play, cover": the fields of `facts` that expire at or before `dead_by`, cut at size. Returns how many there are. */
size_t fr_links_dead(const struct fr_links_facts *facts, fr_wall dead_by, char *ret, size_t size);

#endif
