/* query.h — a request target taken apart: its path, its parameters, and text percent-encoded in one way.
 *
 * A target arrives as bytes that anybody may have written. Here it is brought to origin form, refused if no two readers would
 * agree on what it means (bad escapes, control characters, dot segments), and split. Nothing here knows of endpoints.
 * Escapes and '+' are decoded exactly once (WHATWG URL, application/x-www-form-urlencoded); what was encoded twice stays text. */
#ifndef FRUGAL_CORE_QUERY_H
#define FRUGAL_CORE_QUERY_H

#include "base/arena.h"
#include "core/problem.h"
#include "frugal/err.h"
#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_query {
	struct fr_str target; /* origin form: starts with '/' */
	struct fr_str
		path; /* decoded, but as it came if it holds an encoded slash: "%2f" is no separator (RFC 3986, section 2.2) */
	struct fr_str raw; /* what is behind the '?', as it came */
	bool marked;       /* there is a '?' */
};

struct fr_pair {
	struct fr_str name, value; /* decoded; the name is never empty */
	struct fr_str raw;         /* "name=value" as it came */
};

struct fr_pairs {
	size_t n;
	struct fr_pair at[FR_PARAMS_MAX];
};

/* `target` is in origin form ("/path?query") or absolute form (RFC 9112, section 3.2.2), whose scheme and host are dropped.
 * Results borrow from `target` or live in the arena. FR_OK; FR_INVALID or FR_TOOBIG with `why` filled and `*ret` untouched. */
enum fr_err fr_query_split(struct fr_arena *mem, struct fr_str target, struct fr_query *ret, struct fr_refusal *why);

/* The parameters in the order in which they came, repeated ones too; those without a name are left out. Fails as above, then
 * `*ret` is undefined. */
enum fr_err fr_query_pairs(struct fr_arena *mem, const struct fr_query *q, struct fr_pairs *ret, struct fr_refusal *why);

/* The one way to write a text: A-Z a-z 0-9 - . _ ~ as they are (RFC 3986, section 2.3), all else as "%XX". */
size_t fr_query_encoded_size(struct fr_str s);
char *fr_query_encode(char *to, struct fr_str s); /* room for that size; returns the end, not terminated */

bool fr_query_encoded_is(struct fr_str encoded, struct fr_str s); /* whether fr_query_encode() makes the one of the other */
/* The other way, for a text that was encoded like that. Borrows from it or lives in the arena; { NULL, 0 } past the ceiling. */
struct fr_str fr_query_plain(struct fr_arena *mem, struct fr_str encoded);

/* Text from outside, made fit for a sentence: printable ASCII, cut with "..." at size - 1 (size >= 8); always terminated. */
void fr_query_show(char *ret, size_t size, struct fr_str s);

/* Fills `why` for an arena that is full. Returns FR_TOOBIG. */
enum fr_err fr_query_full(struct fr_refusal *why);

#endif
