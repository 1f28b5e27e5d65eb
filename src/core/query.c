#include "core/query.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/pure.h"

static const char hex_digits[] = "0123456789ABCDEF";

static bool control(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x20 || u == 0x7f;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = fr_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One bit for each of the first 128 bytes; the rest are never written as they are. */
static bool unreserved(char c)
{
	static const uint64_t set[4] = { UINT64_C(0x03ff600000000000), UINT64_C(0x47fffffe87fffffe) };
	unsigned char u = (unsigned char)c;

	return (set[u >> 6] >> (u & 63) & 1) != 0;
}

size_t fr_query_encoded_size(struct fr_str s)
{
	size_t size = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (!unreserved(s.p[i]))
			size += 2;
	return size;
}

char *fr_query_encode(char *to, struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char u = (unsigned char)s.p[i];

		if (unreserved(s.p[i])) {
			*to++ = s.p[i];
			continue;
		}
		*to++ = '%';
		*to++ = hex_digits[u >> 4];
		*to++ = hex_digits[u & 0xf];
	}
	return to;
}

bool fr_query_encoded_is(struct fr_str encoded, struct fr_str s)
{
	size_t at = 0;

	if (encoded.n < s.n || encoded.n > 3 * s.n || (encoded.n == s.n && !fr_str_eq(encoded, s)))
		return false; /* most are other names */
	for (size_t i = 0; i < s.n; i++) {
		char one[3], *end = fr_query_encode(one, (struct fr_str){ s.p + i, 1 });
		size_t n = (size_t)(end - one);

		if (n > encoded.n - at || memcmp(encoded.p + at, one, n) != 0)
			return false;
		at += n;
	}
	return at == encoded.n;
}

void fr_query_show(char *ret, size_t size, struct fr_str s)
{
	size_t n = s.n < size ? s.n : size - 1;

	FR_ASSERT(size >= 8);
	for (size_t i = 0; i < n; i++)
		ret[i] = s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '?';
	if (n < s.n)
		memset(ret + n - 3, '.', 3);
	ret[n] = '\0';
}

enum fr_err fr_query_full(struct fr_refusal *why)
{
	fr_problem_set(why, FR_PROBLEM_TARGET_TOO_LONG, "the request takes more memory than one request may have");
	return FR_TOOBIG;
}

static enum fr_err bad(struct fr_refusal *why, const char *what, struct fr_str where)
{
	char shown[64];

	fr_query_show(shown, sizeof(shown), where);
	fr_problem_set(why, FR_PROBLEM_BAD_TARGET, "%s: '%s'", what, shown);
	return FR_INVALID;
}

/* The byte of the escape at the start of `s`, or -1. */
static int escaped(struct fr_str s)
{
	int high, low;

	if (s.n < 3)
		return -1;
	high = hex_value(s.p[1]);
	low = hex_value(s.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Decodes the whole of `s`. What needs no decoding is the result as it is; else it is written to `*to`, which has room for as
 * many bytes as `s` has and moves behind them. */
static enum fr_err decode(char **to, struct fr_str s, bool plus_is_space, struct fr_str *ret, struct fr_refusal *why)
{
	char *out = *to;

	if (fr_str_find(s, '%') == s.n && (!plus_is_space || fr_str_find(s, '+') == s.n)) {
		*ret = s;
		return FR_OK;
	}
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			c = escaped(fr_str_skip(s, i));
			if (c < 0)
				return bad(why, "'%' must be followed by two hex digits, write '%25' for the sign itself", s);
			if (control((char)c))
				return bad(why, "an encoded control character", s);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		*out++ = (char)c;
	}
	*ret = (struct fr_str){ *to, (size_t)(out - *to) };
	*to = out;
	return FR_OK;
}

static bool has_dot_segment(struct fr_str path)
{
	while (path.p != NULL) {
		struct fr_str segment = fr_str_cut(&path, '/');

		if (fr_str_is(segment, ".") || fr_str_is(segment, ".."))
			return true;
	}
	return false;
}

static size_t count_of(struct fr_str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

/* "http://host/path" to "/path". The host is not looked at: whoever reached this listener meant this program. */
static enum fr_err origin_form(struct fr_arena *mem, struct fr_str target, struct fr_str *ret, struct fr_refusal *why)
{
	struct fr_str rest;
	size_t host = 0;
	char *with_slash;

	if (fr_str_starts(target, "/")) {
		*ret = target;
		return FR_OK;
	}
	if (!fr_str_starts_nocase(target, "http://") && !fr_str_starts_nocase(target, "https://"))
		return bad(why, "a target starts with '/'", target);
	rest = fr_str_skip(target, fr_str_find(target, '/') + 2);
	while (host < rest.n && rest.p[host] != '/' && rest.p[host] != '?')
		host++;
	if (host == 0)
		return bad(why, "a URL without a host", target);
	rest = fr_str_skip(rest, host);
	if (fr_str_starts(rest, "/")) {
		*ret = rest;
		return FR_OK;
	}
	with_slash = fr_arena_take(mem, rest.n + 1);
	if (with_slash == NULL)
		return fr_query_full(why);
	with_slash[0] = '/';
	if (rest.n > 0)
		memcpy(with_slash + 1, rest.p, rest.n);
	*ret = (struct fr_str){ with_slash, rest.n + 1 };
	return FR_OK;
}

/* Bytes that have no business in a target (RFC 9112, section 3.2). A '#' would be cut off by whoever reads the URL next, so that
 * the key and the call would mean different things. */
static enum fr_err check_bytes(struct fr_str target, struct fr_refusal *why)
{
	for (size_t i = 0; i < target.n; i++) {
		if (target.p[i] == ' ' || control(target.p[i]))
			return bad(why, "a space or control character, write '%20' for a space", target);
		if (target.p[i] == '#')
			return bad(why, "a fragment, write '%23' for the sign '#' itself", target);
	}
	return FR_OK;
}

static enum fr_err decode_path(struct fr_arena *mem, struct fr_str coded, struct fr_str *ret, struct fr_refusal *why)
{
	struct fr_str path = coded;
	enum fr_err e = FR_OK;

	if (fr_str_find(coded, '%') < coded.n) {
		char *to = fr_arena_take(mem, coded.n);

		if (to == NULL)
			return fr_query_full(why);
		e = decode(&to, coded, false, &path, why);
	}
	if (e != FR_OK)
		return e;
	if (has_dot_segment(path))
		return bad(why, "'.' and '..' are not followed in a path", coded);
	*ret = count_of(path, '/') == count_of(coded, '/') ? path : coded;
	return FR_OK;
}

enum fr_err fr_query_split(struct fr_arena *mem, struct fr_str target, struct fr_query *ret, struct fr_refusal *why)
{
	struct fr_query q = { .raw = { NULL, 0 } };
	enum fr_err e;
	size_t mark;

	if (target.n > FR_TARGET_MAX) {
		fr_problem_set(why, FR_PROBLEM_TARGET_TOO_LONG, "the target has %zu bytes, at most %d are read", target.n,
			       FR_TARGET_MAX);
		return FR_TOOBIG;
	}
	e = check_bytes(target, why);
	if (e == FR_OK)
		e = origin_form(mem, target, &q.target, why);
	if (e != FR_OK)
		return e;
	mark = fr_str_find(q.target, '?');
	q.marked = mark < q.target.n;
	if (q.marked)
		q.raw = fr_str_skip(q.target, mark + 1);
	e = decode_path(mem, (struct fr_str){ q.target.p, mark }, &q.path, why);
	if (e == FR_OK)
		*ret = q;
	return e;
}

/* One "name=value", "name" or "=value". */
static enum fr_err decode_piece(char **to, struct fr_str piece, struct fr_pair *ret, struct fr_refusal *why)
{
	size_t equals = fr_str_find(piece, '=');
	struct fr_str name = { piece.p, equals };
	struct fr_str value = equals < piece.n ? fr_str_skip(piece, equals + 1) : (struct fr_str){ "", 0 };
	enum fr_err e;

	ret->raw = piece;
	e = decode(to, name, true, &ret->name, why);
	if (e == FR_OK)
		e = decode(to, value, true, &ret->value, why);
	return e;
}

enum fr_err fr_query_pairs(struct fr_arena *mem, const struct fr_query *q, struct fr_pairs *ret, struct fr_refusal *why)
{
	struct fr_str rest = q->raw;
	char *to = NULL;

	ret->n = 0;
	if (fr_str_find(rest, '%') < rest.n || fr_str_find(rest, '+') < rest.n) {
		to = fr_arena_take(mem, rest.n);
		if (to == NULL)
			return fr_query_full(why);
	}
	while (rest.p != NULL) {
		struct fr_pair pair;
		enum fr_err e = decode_piece(&to, fr_str_cut(&rest, '&'), &pair, why);

		if (e != FR_OK)
			return e;
		if (pair.name.n == 0)
			continue;
		if (ret->n == FR_PARAMS_MAX) {
			fr_problem_set(why, FR_PROBLEM_BAD_TARGET, "more than %d parameters", FR_PARAMS_MAX);
			return FR_INVALID;
		}
		ret->at[ret->n++] = pair;
	}
	return FR_OK;
}

struct fr_str fr_query_plain(struct fr_arena *mem, struct fr_str encoded)
{
	struct fr_str plain = { NULL, 0 };
	struct fr_refusal why;
	char *to = fr_arena_take(mem, encoded.n);
	enum fr_err e;

	if (to == NULL)
		return plain;
	e = decode(&to, encoded, false, &plain, &why);
	FR_ASSERT(e == FR_OK); /* what we encoded is well formed */
	return plain;
}
