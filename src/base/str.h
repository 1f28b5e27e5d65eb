/* str.h — borrowed stretches of bytes: comparing, cutting, reading numbers. Nothing here allocates. */
#ifndef FRUGAL_BASE_STR_H
#define FRUGAL_BASE_STR_H

#include <string.h>

#include "frugal/types.h"

#define FR_STR(literal) ((struct fr_str){ (literal), sizeof(literal) - 1 })
/* For printf's "%.*s". */
#define FR_STR_ARG(s) (int)(s).n, (s).p

struct fr_str fr_str_of(const char *terminated);
static inline bool fr_str_eq(struct fr_str a, struct fr_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool fr_str_is(struct fr_str a, const char *terminated);
bool fr_str_letters_eq(const char *a, const char *b, size_t n); /* the case of ASCII letters ignored */
static inline bool fr_str_eq_nocase(struct fr_str a, struct fr_str b)
{
	return a.n == b.n && fr_str_letters_eq(a.p, b.p, a.n);
}
bool fr_str_starts(struct fr_str s, const char *prefix);
bool fr_str_starts_nocase(struct fr_str s, const char *prefix);
bool fr_str_ends(struct fr_str s, const char *suffix);
int fr_str_cmp(struct fr_str a, struct fr_str b);     /* by bytes, shorter first */
struct fr_str fr_str_skip(struct fr_str s, size_t n); /* n <= s.n */
struct fr_str fr_str_trim(struct fr_str s);           /* without spaces and tabs at both ends */

/* Cuts `*rest` at the first `sep`: returns what is before it and leaves what is behind it. Without a `sep` returns all
 * and leaves { NULL, 0 }; callers loop while rest->p != NULL. */
struct fr_str fr_str_cut(struct fr_str *rest, char sep);

/* Position of `c`, or of `needle` (case folded in the second), or s.n if it does not occur. */
size_t fr_str_find(struct fr_str s, char c);
size_t fr_str_find_nocase(struct fr_str s, const char *needle);

bool fr_str_all_digits(struct fr_str s);                /* at least one, decimal */
bool fr_str_to_u64(struct fr_str s, uint64_t *ret);     /* the whole of s, decimal, no sign, no overflow */
bool fr_str_to_i64(struct fr_str s, int64_t *ret);      /* the whole of s, decimal, '-' allowed, no overflow */
bool fr_str_hex_to_u64(struct fr_str s, uint64_t *ret); /* 1 to 16 hex digits */
char fr_lower(char c);                                  /* ASCII, no locale */

/* Length of the well-formed UTF-8 sequence at the start of s (Unicode 15, table 3-7), 0 if there is none. */
size_t fr_str_utf8(struct fr_str s);

/* Undoes percent-encoding, terminated. False: an escape is broken, is a NUL, which would end the text for some of its readers and not for others, or it
 * does not fit. */
bool fr_str_decode(struct fr_str s, char *ret, size_t size);

/* Copies as much as fits into dst (size >= 1), always terminated. Returns false if it was cut. */
bool fr_str_copy(char *dst, size_t size, struct fr_str s);

#endif
