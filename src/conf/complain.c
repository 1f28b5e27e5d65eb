#include "conf/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"

enum { SHOWN_MAX = 48 };

enum fr_err fr_complain(const struct fr_source *s, struct fr_mark at, const char *fmt, ...)
{
	size_t size = sizeof(s->why->s), used;
	va_list ap;
	int n;

	if (at.line == 0)
		n = snprintf(s->why->s, size, "%s: ", s->name);
	else
		n = snprintf(s->why->s, size, "%s:%zu:%zu: ", s->name, at.line, at.column);
	FR_ASSERT(n >= 0);
	used = (size_t)n < size ? (size_t)n : size - 1;
	va_start(ap, fmt);
	n = vsnprintf(s->why->s + used, size - used, fmt, ap);
	va_end(ap);
	FR_ASSERT(n >= 0);
	return FR_INVALID;
}

/* Whether the byte goes on with a character that began before it (UTF-8). */
static bool goes_on(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

struct fr_excerpt fr_complain_excerpt(struct fr_str text)
{
	struct fr_excerpt e;
	size_t n = text.n;

	if (n > SHOWN_MAX) {
		n = SHOWN_MAX;
		while (n > 0 && goes_on(text.p[n]))
			n--;
	}
	fr_str_copy(e.s, sizeof(e.s), (struct fr_str){ text.p, n });
	if (n < text.n)
		memcpy(e.s + n, "...", sizeof("..."));
	return e;
}
