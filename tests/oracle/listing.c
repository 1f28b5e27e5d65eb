#include "tests/oracle/listing.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- links ---------------------------------------------------------------------------------------------------------- */

enum { SIGN = 32, EXPIRY = 8 };

static size_t hex_run(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && isxdigit((unsigned char)*p))
		p++;
	return (size_t)(p - from);
}

/* Media: /<32 hex digits>/<8 hex digits>/; the slashes may be escaped. */
static int64_t media_dies(const char *p, const char *end)
{
	char digits[EXPIRY + 1];

	if (hex_run(p, end) != SIGN)
		return INT64_MAX;
	p += SIGN;
	p += p < end && *p == '\\';
	if (p >= end || *p != '/' || hex_run(p + 1, end) != EXPIRY)
		return INT64_MAX;
	memcpy(digits, p + 1, EXPIRY);
	digits[EXPIRY] = '\0';
	return strtoll(digits, NULL, 16);
}

int64_t link_dies(const char *text, size_t n)
{
	static const char mark[] = "x-expires=";
	const char *end = text + n;
	int64_t first = INT64_MAX;

	for (const char *p = text; p < end; p++) {
		int64_t dies = INT64_MAX;

		if (*p == '/')
			dies = media_dies(p + 1, end);
		else if (*p == 'x' && (size_t)(end - p) > sizeof mark && memcmp(p, mark, sizeof mark - 1) == 0)
			dies = strtoll(p + sizeof mark - 1, NULL, 10);
		first = dies < first ? dies : first;
	}
	return first;
}

bool link_is(const char *text)
{
	return strncmp(text, "https://", 8) == 0;
}

/* What is the same in all links that were made of a thing in one second: path and expiry, and the second itself. */
static size_t essence(const char *link, const char **ret)
{
	const char *p = strchr(link + 8, '/'), *mark;

	*ret = p != NULL ? p + 1 : "";
	if ((mark = strstr(*ret, "x-signature=")) != NULL)
		return (size_t)(mark - *ret) + strlen("x-signature=") + 8;
	if ((mark = strstr(*ret, "&l=")) != NULL && (size_t)(mark - *ret) > SIGN) {
		*ret += SIGN;
		return (size_t)(mark - *ret) + strlen("&l=") + 14;
	}
	return strlen(*ret);
}

bool link_same(const char *a, const char *b)
{
	size_t n = essence(a, &a), m = essence(b, &b);

	return n == m && strncmp(a, b, n) == 0;
}

/* ---- pages ---------------------------------------------------------------------------------------------------------- */

/* The end of the value that begins at p. */
static const char *behind(const char *p)
{
	int depth = 0;

	if (*p != '"' && *p != '[' && *p != '{')
		return p + strcspn(p, ",]}");
	for (bool text = false; *p != '\0'; p++) {
		if (*p == '\\' && text)
			p++;
		else if (*p == '"')
			text = !text;
		else if (!text && (*p == '[' || *p == '{'))
			depth++;
		else if (!text && (*p == ']' || *p == '}'))
			depth--;
		if (!text && depth == 0)
			return p + 1;
	}
	return p;
}

static void read_row(const struct fr_endpoint *row, const char *p, size_t n, struct listing_row *ret)
{
	char mark[64];
	const char *at;

	*ret = (struct listing_row){ .bytes = fr_hash64(2, p, n), .dies = link_dies(p, n) };
	if (row->at.n == 0)
		return;
	snprintf(mark, sizeof mark, "\"%.*s\":", FR_STR_ARG(row->at));
	at = strstr(p, mark);
	if (at != NULL && at < p + n)
		ret->when = strtoull(at + strlen(mark) + (at[strlen(mark)] == '"'), NULL, 10) * (uint64_t)row->at_unit;
}

static void read_rows(const struct fr_endpoint *row, const char *p, struct listing *ret)
{
	size_t room = 64;

	ret->rows = fr_calloc(room, sizeof *ret->rows);
	for (p++; *p == '{'; p += *p == ',') {
		const char *end = behind(p);

		if (ret->n == room)
			ret->rows = fr_realloc(ret->rows, (room *= 2) * sizeof *ret->rows);
		read_row(row, p, (size_t)(end - p), &ret->rows[ret->n++]);
		p = end;
	}
}

bool listing_read(const struct fr_endpoint *row, const char *body, struct listing *ret)
{
	const char *p = body;
	size_t found = 0;

	*ret = (struct listing){ .frame = 3 };
	if (row->paging == FR_PAGING_NONE || *p++ != '{')
		return false;
	while (*p == '"') {
		const char *name = p + 1, *value = behind(p) + 1, *end = behind(value);
		struct fr_str is = { name, (size_t)(value - name) - 2 };

		ret->frame = fr_hash64(ret->frame, is.p, is.n);
		if (fr_str_eq(is, row->rows) && *value == '[') {
			read_rows(row, value, ret);
			found++;
		} else if (fr_str_eq(is, row->cursor)) {
			ret->quoted = *value == '"';
			ret->cursor = strtoull(value + ret->quoted, NULL, 10);
			found++;
		} else if (fr_str_eq(is, row->more)) {
			ret->more = *value == 't' || *value == '1';
			ret->flag = isdigit((unsigned char)*value) ? 'd' : 't';
			found++;
		} else {
			ret->frame = fr_hash64(ret->frame, value, (size_t)(end - value));
		}
		p = end + (*end == ',');
	}
	if (found == 3 && *p == '}')
		return true;
	listing_free(ret);
	return false;
}

void listing_free(struct listing *l)
{
	free(l->rows);
	*l = (struct listing){ .n = 0 };
}
