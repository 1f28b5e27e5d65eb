#include "tests/sim/list_fake.h"

#include "base/assert.h"
#include "base/hash.h"
#include "tests/sim/upstream_fake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEGAN_S = 1764000000 }; /* WORLD_EPOCH_MS */

static uint64_t number_of(const char *target, const char *name, uint64_t otherwise)
{
	const char *at = strstr(target, name);

	return at == NULL || at[strlen(name)] == '\0' || at[strlen(name)] == '&' ? otherwise
										 : strtoull(at + strlen(name), NULL, 10);
}

bool fake_list_of(const char *target, struct fake_list *ret, uint64_t *ret_cursor, uint64_t *ret_count)
{
	static const char *const paths[] = { "/user-posts", "/search-video", "/music-posts", "/challenge-posts" };
	size_t i = 0;

	while (i < sizeof paths / sizeof paths[0] && strncmp(target, paths[i], strlen(paths[i])) != 0)
		i++;
	if (i == sizeof paths / sizeof paths[0])
		return false;
	ret->by_time = i == 0;
	ret->thing = upstream_thing(NULL, target, 0);
	*ret_cursor = number_of(target, "cursor=", 0);
	*ret_count = number_of(target, "count=", 10);
	return true;
}

static uint64_t dice(const struct fake_list *l, uint64_t k, uint64_t of)
{
	const uint64_t seed[] = { l->thing, k, of };

	return fr_hash64(11, seed, sizeof seed);
}

/* Rows that there are; the newest has the highest number. */
static int64_t rows_at(const struct fake_list *l, int64_t at_ms)
{
	int64_t since = at_ms / 1000 - BEGAN_S;

	return (int64_t)l->rows + (since > 0 ? since / l->every_s : 0);
}

static int64_t second_of(const struct fake_list *l, int64_t k)
{
	return BEGAN_S + (k + 1 - (int64_t)l->rows) * l->every_s -
	       (int64_t)(dice(l, (uint64_t)k, 1) % (uint64_t)((l->every_s + 1) / 2));
}

static bool hidden(const struct fake_list *l, int64_t k)
{
	return k >= (int64_t)l->pinned && dice(l, (uint64_t)k, 2) % 1000 < l->hidden;
}

struct page_text {
	char *to;
	size_t n, rows;
};

static void put_row(const struct fake_list *l, int64_t k, struct page_text *t)
{
	t->n += (size_t)snprintf(t->to + t->n, FAKE_LIST_MAX - t->n,
				 "%s{\"video_id\":\"%" PRIu64 "%05" PRId64 "\",\"create_time\":%" PRId64 "}",
				 t->rows++ == 0 ? "" : ",", l->thing % 100000, k, second_of(l, k));
	FR_ASSERT(t->n < FAKE_LIST_MAX - 256);
}

void fake_list_page(const struct fake_list *l, uint64_t cursor, uint64_t count, int64_t at_ms, char ret[FAKE_LIST_MAX])
{
	struct page_text t = { .to = ret };
	int64_t n = rows_at(l, at_ms), k = n - 1;
	uint64_t places = 0, end = cursor;
	size_t led;

	t.n = (size_t)snprintf(ret, FAKE_LIST_MAX, "\"videos\":[");
	for (; l->by_time && cursor == 0 && places < l->pinned && (int64_t)places < n && places + 1 < count; places++)
		put_row(l, (int64_t)places, &t);
	led = t.rows;
	if (l->by_time)
		while (cursor != 0 && k >= 0 && (uint64_t)second_of(l, k) * 1000 >= cursor)
			k--;
	else
		k = cursor >= (uint64_t)n ? -1 : k - (int64_t)cursor;
	for (; k >= 0 && places < count; k--, places++) {
		if (!hidden(l, k))
			put_row(l, k, &t);
		if (!l->by_time)
			end = (uint64_t)(n - k);
		else if (!hidden(l, k) || t.rows == led)
			end = (uint64_t)second_of(l, k) * 1000;
	}
	end += l->wrong ? 1 : 0;
	snprintf(ret + t.n, FAKE_LIST_MAX - t.n,
		 l->by_time ? "],\"cursor\":\"%" PRIu64 "\",\"hasMore\":%s" : "],\"cursor\":%" PRIu64 ",\"hasMore\":%s", end,
		 k >= 0 ? "true" : "false");
}
