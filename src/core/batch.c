#include "core/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/str.h"
#include "core/json.h"
#include "core/json_text.h"
#include "core/query.h"

#include "base/pure.h"

enum { SHOWN_MAX = 64 };

static const char shape[] = "Send {\"questions\": [\"/path/?name=value\", ...]}";

/* The list of questions, of whatever elements; { NULL, 0 } with `why`. */
static struct fr_str find_list(struct fr_str body, struct fr_refusal *why)
{
	struct fr_str none = { NULL, 0 }, value = fr_json_body(body), list;

	if (value.p == NULL) {
		fr_problem_set(why, FR_PROBLEM_BAD_BATCH, "The body is not JSON. %s.", shape);
		return none;
	}
	list = fr_json_kind(value) == FR_JSON_MAP ? fr_json_get(value, FR_STR("questions")) : value;
	if (fr_json_kind(list) == FR_JSON_LIST)
		return list;
	fr_problem_set(why, FR_PROBLEM_BAD_BATCH, "The body holds no list of questions. %s.", shape);
	return none;
}

static bool read_question(struct fr_batch *b, struct fr_str value, struct fr_refusal *why)
{
	struct fr_str target;

	if (b->n == FR_BATCH_MAX) {
		fr_problem_set(why, FR_PROBLEM_BAD_BATCH, "There are more than %d questions. Send them in several batches.",
			       FR_BATCH_MAX);
		return false;
	}
	target = fr_json_text(&b->mem, value);
	if (target.n == 0 || target.p[0] != '/') {
		char shown[SHOWN_MAX];

		fr_query_show(shown, sizeof(shown), value);
		fr_problem_set(why, FR_PROBLEM_BAD_BATCH, "Question %zu is %s, which is no text that begins with a slash. %s.",
			       b->n, shown, shape);
		return false;
	}
	b->order[b->n] = b->n;
	b->first[b->n] = true;
	b->targets[b->n++] = target;
	return true;
}

struct fr_batch *fr_batch_read(struct fr_str body, struct fr_refusal *why)
{
	struct fr_str list = find_list(body, why), name, value;
	struct fr_json_walk walk = fr_json_walk(list);
	struct fr_batch *b;

	if (list.p == NULL)
		return NULL;
	b = fr_calloc(1, sizeof(*b));
	fr_arena_init(&b->mem, 2 * FR_BATCH_BODY_MAX);
	while (fr_json_next(&walk, &name, &value))
		if (!read_question(b, value, why)) {
			fr_batch_free(b);
			return NULL;
		}
	return b;
}

void fr_batch_free(struct fr_batch *b)
{
	if (b == NULL)
		return;
	fr_arena_free(&b->mem);
	free(b);
}

/* A question on its way to its place: the first of its kind knows the last one so far, each the next one. */
struct seat {
	struct fr_map_link link;
	size_t last, next; /* next == own place: there is none */
	bool follows;
};

static void sit(struct fr_map *map, struct seat *seats, size_t i, struct fr_key key)
{
	struct fr_map_link *found = fr_key_none(key) ? NULL : fr_map_find(map, key);
	struct seat *leader;

	seats[i].last = seats[i].next = i;
	if (found == NULL) {
		if (!fr_key_none(key))
			fr_map_add(map, &seats[i].link, key);
		return;
	}
	leader = FR_OF(found, struct seat, link);
	seats[leader->last].next = i;
	leader->last = i;
	seats[i].follows = true;
}

/* One that follows nobody, with all that follow it; returns how many have their place then. */
static size_t place(struct fr_batch *b, const struct seat *seats, size_t leader, size_t n)
{
	size_t at = leader, last;

	do {
		last = at;
		b->first[n] = at == leader;
		b->order[n++] = at;
		at = seats[at].next;
	} while (at != last);
	return n;
}

void fr_batch_group(struct fr_batch *b, const struct fr_key keys[], uint64_t seed)
{
	struct seat *seats = fr_calloc(FR_BATCH_MAX, sizeof(*seats));
	struct fr_map map;
	size_t n = 0;

	fr_map_init(&map, seed);
	for (size_t i = 0; i < b->n; i++)
		sit(&map, seats, i, keys[i]);
	for (size_t i = 0; i < b->n; i++)
		if (!seats[i].follows)
			n = place(b, seats, i, n);
	FR_ASSERT(n == b->n);
	fr_map_free(&map);
	free(seats);
}
