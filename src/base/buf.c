#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { FIRST_CAP = 64 };

void fr_buf_init(struct fr_buf *b, size_t ceiling)
{
	FR_ASSERT(ceiling < SIZE_MAX / 4);
	*b = (struct fr_buf){ .ceiling = ceiling };
}

void fr_buf_free(struct fr_buf *b)
{
	free(b->p);
	fr_buf_init(b, b->ceiling);
}

void fr_buf_clear(struct fr_buf *b)
{
	b->len = 0;
}

/* Makes room for n bytes more and for the terminator that vsnprintf insists on: cap is at most ceiling + 1. */
static enum fr_err reserve(struct fr_buf *b, size_t n)
{
	size_t need, cap;

	FR_ASSERT(b->len <= b->ceiling);
	if (n > b->ceiling - b->len)
		return FR_TOOBIG;
	need = b->len + n + 1;
	if (need <= b->cap)
		return FR_OK;
	cap = b->cap == 0 ? FIRST_CAP : b->cap * 2;
	if (cap > b->ceiling + 1)
		cap = b->ceiling + 1;
	if (cap < need)
		cap = need;
	b->p = fr_realloc(b->p, cap);
	b->cap = cap;
	return FR_OK;
}

enum fr_err fr_buf_add(struct fr_buf *b, const void *p, size_t n)
{
	enum fr_err e = reserve(b, n);

	if (e != FR_OK || n == 0)
		return e;
	memcpy(b->p + b->len, p, n);
	b->len += n;
	return FR_OK;
}

enum fr_err fr_buf_add_str(struct fr_buf *b, struct fr_str s)
{
	return fr_buf_add(b, s.p, s.n);
}

enum fr_err fr_buf_add_text(struct fr_buf *b, const char *terminated)
{
	return fr_buf_add(b, terminated, strlen(terminated));
}

enum fr_err fr_buf_add_char(struct fr_buf *b, char c)
{
	return fr_buf_add(b, &c, 1);
}

enum fr_err fr_buf_addf(struct fr_buf *b, const char *fmt, ...)
{
	enum fr_err e;
	va_list ap;

	va_start(ap, fmt);
	e = fr_buf_addv(b, fmt, ap);
	va_end(ap);
	return e;
}

enum fr_err fr_buf_addv(struct fr_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	enum fr_err e;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	FR_ASSERT(n >= 0); /* only a broken format fails */
	e = reserve(b, (size_t)n);
	if (e != FR_OK)
		return e;
	(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return FR_OK;
}

/* RFC 8259 section 7: quote, backslash and control characters must be escaped. */
static enum fr_err add_escaped(struct fr_buf *b, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char escape[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(plain, c);

	if (at != NULL)
		return fr_buf_add(b, (const char[]){ '\\', escape[at - plain] }, 2);
	return fr_buf_addf(b, "\\u%04x", (unsigned)c);
}

/* Bytes at the start of s that go through as they are. */
static size_t plain_run(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\') {
		size_t length = fr_str_utf8((struct fr_str){ (const char *)s + i, n - i });

		if (length == 0)
			break;
		i += length;
	}
	return i;
}

enum fr_err fr_buf_add_json(struct fr_buf *b, struct fr_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len_before = b->len, i = 0;
	enum fr_err e = fr_buf_add_char(b, '"');

	while (e == FR_OK && i < s.n) {
		size_t run = plain_run(p + i, s.n - i);

		if (run > 0) {
			e = fr_buf_add(b, p + i, run);
			i += run;
			continue;
		}
		e = p[i] < 0x80 ? add_escaped(b, p[i]) : fr_buf_add_text(b, "\xEF\xBF\xBD");
		i++;
	}
	if (e == FR_OK)
		e = fr_buf_add_char(b, '"');
	if (e != FR_OK)
		b->len = len_before;
	return e;
}

struct fr_str fr_buf_str(const struct fr_buf *b)
{
	return (struct fr_str){ b->p, b->len };
}
