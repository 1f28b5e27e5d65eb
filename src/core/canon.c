#include "core/canon.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/query.h"
#include "base/pure.h"

enum { PARTITION_SIZE = 1 + 16 };

static size_t canon_size(struct fr_str path, const struct fr_canon_item *items, size_t n, uint64_t partition)
{
	size_t size = path.n + (partition != 0 ? PARTITION_SIZE : 0);

	for (size_t i = 0; i < n; i++) /* '?' or '&', and '=' */
		size += 2 + fr_query_encoded_size(items[i].name) + fr_query_encoded_size(items[i].value);
	return size;
}

static char *append_partition(char *to, uint64_t partition)
{
	*to++ = '#';
	for (int shift = 60; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[partition >> shift & 0xf];
	return to;
}

enum fr_err fr_canon_write(struct fr_arena *mem, struct fr_str path, const struct fr_canon_item *items, size_t n,
			   uint64_t partition, struct fr_str *ret, struct fr_refusal *why)
{
	size_t size = canon_size(path, items, n, partition);
	char *p, *to;

	if (size > FR_CANON_MAX) {
		fr_problem_set(why, FR_PROBLEM_TARGET_TOO_LONG, "the canonical target has %zu bytes, at most %d are kept", size,
			       FR_CANON_MAX);
		return FR_TOOBIG;
	}
	p = fr_arena_take(mem, size + 1);
	if (p == NULL)
		return fr_query_full(why);
	memcpy(p, path.p, path.n);
	to = p + path.n;
	for (size_t i = 0; i < n; i++) {
		*to++ = i == 0 ? '?' : '&';
		to = fr_query_encode(to, items[i].name);
		*to++ = '=';
		to = fr_query_encode(to, items[i].value);
	}
	if (partition != 0)
		to = append_partition(to, partition);
	FR_ASSERT(to == p + size);
	*to = '\0';
	*ret = (struct fr_str){ p, size };
	return FR_OK;
}

struct fr_str fr_canon_query(struct fr_str canon)
{
	struct fr_str rest = canon;

	rest = fr_str_cut(&rest, '#');
	(void)fr_str_cut(&rest, '?');
	return rest;
}

bool fr_canon_next(struct fr_str *query, struct fr_str *name, struct fr_str *value)
{
	if (query->n == 0)
		return false;
	*value = fr_str_cut(query, '&');
	*name = fr_str_cut(value, '=');
	FR_ASSERT(value->p != NULL);
	return true;
}
