#include "base/str.h"

#include <string.h>

#include "base/assert.h"

struct fr_str fr_str_of(const char *terminated)
{
	return (struct fr_str){ terminated, strlen(terminated) };
}

bool fr_str_is(struct fr_str a, const char *terminated)
{
	return fr_str_eq(a, fr_str_of(terminated));
}

char fr_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool fr_str_letters_eq(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fr_lower(a[i]) != fr_lower(b[i]))
			return false;
	return true;
}

bool fr_str_starts(struct fr_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && fr_str_eq((struct fr_str){ s.p, n }, (struct fr_str){ prefix, n });
}

bool fr_str_starts_nocase(struct fr_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && fr_str_eq_nocase((struct fr_str){ s.p, n }, (struct fr_str){ prefix, n });
}

bool fr_str_ends(struct fr_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && fr_str_eq(fr_str_skip(s, s.n - n), (struct fr_str){ suffix, n });
}

int fr_str_cmp(struct fr_str a, struct fr_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

struct fr_str fr_str_skip(struct fr_str s, size_t n)
{
	FR_ASSERT(n <= s.n);
	if (n == 0) /* p may be NULL */
		return s;
	return (struct fr_str){ s.p + n, s.n - n };
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct fr_str fr_str_trim(struct fr_str s)
{
	while (s.n > 0 && blank(s.p[0]))
		s = fr_str_skip(s, 1);
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct fr_str fr_str_cut(struct fr_str *rest, char sep)
{
	struct fr_str all = *rest;
	size_t at = fr_str_find(all, sep);

	if (at == all.n) {
		*rest = (struct fr_str){ NULL, 0 };
		return all;
	}
	*rest = fr_str_skip(all, at + 1);
	return (struct fr_str){ all.p, at };
}

size_t fr_str_find(struct fr_str s, char c)
{
	const char *found = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return found == NULL ? s.n : (size_t)(found - s.p);
}

size_t fr_str_find_nocase(struct fr_str s, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= s.n; i++)
		if (fr_str_starts_nocase(fr_str_skip(s, i), needle))
			return i;
	return s.n;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool fr_str_all_digits(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!digit(s.p[i]))
			return false;
	return s.n > 0;
}

bool fr_str_to_u64(struct fr_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!fr_str_all_digits(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t d = (uint64_t)(s.p[i] - '0');

		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*ret = v;
	return true;
}

bool fr_str_to_i64(struct fr_str s, int64_t *ret)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v, most = (uint64_t)INT64_MAX + (negative ? 1 : 0);

	if (!fr_str_to_u64(fr_str_skip(s, negative ? 1 : 0), &v) || v > most)
		return false;
	if (!negative)
		*ret = (int64_t)v;
	else
		*ret = v == 0 ? 0 : -(int64_t)(v - 1) - 1; /* the most negative number has no positive twin */
	return true;
}

static int hex_digit(char c)
{
	c = fr_lower(c);
	if (digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fr_str_hex_to_u64(struct fr_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit(s.p[i]);

		if (d < 0)
			return false;
		v = v << 4 | (uint64_t)d;
	}
	*ret = v;
	return true;
}

bool fr_str_decode(struct fr_str s, char *ret, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		uint64_t byte = (unsigned char)s.p[i];

		if (s.p[i] == '%') {
			if (i + 2 >= s.n || !fr_str_hex_to_u64((struct fr_str){ s.p + i + 1, 2 }, &byte) || byte == 0)
				return false;
			i += 2;
		}
		if (n + 1 >= size)
			return false;
		ret[n++] = (char)(unsigned char)byte;
	}
	ret[n] = '\0';
	return true;
}

bool fr_str_copy(char *dst, size_t size, struct fr_str s)
{
	size_t n;

	FR_ASSERT(size >= 1);
	n = s.n < size ? s.n : size - 1;
	if (n > 0)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return n == s.n;
}

size_t fr_str_utf8(struct fr_str text)
{
	const unsigned char *s = (const unsigned char *)text.p;
	unsigned char low = 0x80, high = 0xBF;
	size_t length;

	if (text.n == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	length = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (text.n < length)
		return 0;
	if (s[0] == 0xE0)
		low = 0xA0; /* overlong */
	else if (s[0] == 0xED)
		high = 0x9F; /* surrogates */
	else if (s[0] == 0xF0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xF4)
		high = 0x8F; /* past U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (s[i] < 0x80 || s[i] > 0xBF)
			return 0;
	return length;
}
