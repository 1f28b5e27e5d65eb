#include "tests/oracle/asked.h"

#include "base/hash.h"
#include "base/str.h"
#include "tests/oracle/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VALUE_MAX = 256, PARTS_MAX = 8, PART_MAX = VALUE_MAX + 32 };

static void decode(const char *from, size_t n, char ret[VALUE_MAX])
{
	size_t to = 0;

	for (size_t i = 0; i < n && to + 1 < VALUE_MAX; i++, to++) {
		char hex[3] = { 0, 0, 0 };

		ret[to] = from[i];
		if (from[i] != '%' || i + 2 >= n)
			continue;
		memcpy(hex, from + i + 1, 2);
		ret[to] = (char)strtol(hex, NULL, 16);
		i += 2;
	}
	ret[to] = '\0';
}

/* One spelling for all that are the same: of links the post, of names the small letters. */
static void fold(struct asked *a, const char *name, char value[VALUE_MAX])
{
	uint64_t post;

	if (strcmp(name, "url") == 0 && (post = truth_post_of(value)) != 0) {
		snprintf(value, VALUE_MAX, "%llu", (unsigned long long)post);
		a->post = post;
	}
	if (strcmp(name, "comment_id") == 0)
		a->post = strtoull(value, NULL, 10);
	if (strcmp(name, "username") != 0 && strcmp(name, "name") != 0)
		return;
	if (value[0] == '@' || value[0] == '#')
		memmove(value, value + 1, strlen(value));
	for (char *p = value; *p != '\0'; p++)
		*p = fr_lower(*p);
	if (strcmp(name, "username") == 0)
		snprintf(a->name, sizeof a->name, "%.*s", (int)sizeof a->name - 1, value);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Parameters with values that say something, in one order. */
static void read_query(struct asked *a, const char *p)
{
	char parts[PARTS_MAX][PART_MAX];
	size_t n = 0, len = strlen(a->text);

	while (*p != '\0' && n < PARTS_MAX) {
		size_t end = strcspn(p, "&"), eq = strcspn(p, "=&");
		char name[24], value[VALUE_MAX];

		snprintf(name, sizeof name, "%.*s", (int)(eq < 20 ? eq : 20), p);
		decode(p + eq + (eq < end), end - eq - (eq < end), value);
		fold(a, name, value);
		if (strcmp(name, "count") == 0)
			a->count = strtoull(value, NULL, 10);
		else if (strcmp(name, "cursor") == 0 || strcmp(name, "time") == 0)
			a->cursor = strtoull(value, NULL, 10);
		else if (value[0] != '\0' && strcmp(value, "0") != 0 && strcmp(name, "frugal_fields") != 0)
			snprintf(parts[n++], sizeof parts[0], "&%s=%s", name, value);
		p += end + (p[end] == '&');
	}
	qsort(parts, n, sizeof parts[0], by_text);
	for (size_t i = 0; i < n && len + 1 < sizeof a->text; i++)
		len += (size_t)snprintf(a->text + len, sizeof a->text - len, "%s", parts[i]);
}

void asked_read(const struct fr_catalogue *c, const char *target, struct asked *ret)
{
	struct fr_str path = { target, strcspn(target, "?") };
	const struct fr_param *count;

	*ret = (struct asked){ .row = fr_catalogue_find(c, path) };
	count = fr_catalogue_param(ret->row, FR_STR("count"));
	if (count != NULL)
		ret->count = strtoull(count->dflt.p, NULL, 10);
	snprintf(ret->text, sizeof ret->text, "%.*s", (int)ret->row->path.n, ret->row->path.p);
	read_query(ret, target + path.n + (target[path.n] == '?'));
	ret->thing = fr_hash64(1, ret->text, strlen(ret->text));
}

bool asked_same(const struct asked *a, const struct asked *b)
{
	return a->thing == b->thing && a->cursor == b->cursor && a->count == b->count;
}
