#include "tests/oracle/spoil.h"

#include "base/alloc.h"
#include "tests/oracle/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *rows_of(json_t *said)
{
	const char *key;
	json_t *value;

	json_object_foreach (said, key, value)
		if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
			return value;
	return NULL;
}

/* The name of one of the row's fields; lives as long as the row is not changed. */
static const char *any_field(struct fr_random *r, json_t *row)
{
	void *i = json_object_iter(row);

	for (uint64_t n = fr_random_below(r, json_object_size(row)); n > 0; n--)
		i = json_object_iter_next(row, i);
	return json_object_iter_key(i);
}

static void drop(struct fr_random *r, json_t *row)
{
	json_object_del(row, any_field(r, row));
}

static json_t *of_another_kind(const json_t *value)
{
	char digits[32];

	switch (json_typeof(value)) {
	case JSON_INTEGER:
		snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
		return json_string(digits);
	case JSON_STRING: return json_integer(7);
	case JSON_OBJECT: return json_array();
	case JSON_ARRAY: return json_object();
	default: return json_string("true");
	}
}

static void retype(struct fr_random *r, json_t *row)
{
	char name[64];

	snprintf(name, sizeof name, "%s", any_field(r, row));
	if (!json_is_null(json_object_get(row, name)))
		json_object_set_new(row, name, of_another_kind(json_object_get(row, name)));
}

/* As some lists of the API have them: no counter is told. */
static void hollow(struct fr_random *r, json_t *row)
{
	const char *key;
	json_t *value;

	(void)r;
	json_object_foreach (row, key, value)
		if (strstr(key, "_count") != NULL)
			json_integer_set(value, 0);
}

/* Something else is called as an answer calls what is called otherwise here. */
static void mislead(struct fr_random *r, json_t *row)
{
	if (json_object_get(row, "id") == NULL)
		json_object_set_new(row, "id", json_sprintf("%llu", (unsigned long long)fr_random_below(r, UINT64_C(1) << 60)));
}

/* Each goes to the end once, in a random order. */
static void reorder(struct fr_random *r, json_t *row)
{
	for (size_t n = 2 * json_object_size(row); n > 0; n--) {
		char name[64];
		json_t *value;

		snprintf(name, sizeof name, "%s", any_field(r, row));
		value = json_incref(json_object_get(row, name));
		json_object_del(row, name);
		json_object_set_new(row, name, value);
	}
}

static void shuffle(struct fr_random *r, json_t *rows)
{
	for (size_t n = json_array_size(rows); n > 1; n--) {
		json_t *row = json_incref(json_array_get(rows, fr_random_below(r, n)));

		for (size_t i = 0; i < json_array_size(rows); i++)
			if (json_array_get(rows, i) == row) {
				json_array_remove(rows, i);
				break;
			}
		json_array_append_new(rows, row);
	}
}

/* A counter of some row is there twice, and says something else the first time. */
static char *twice(struct fr_random *r, char *text)
{
	static const char mark[] = "\"play_count\":", more[] = "\"play_count\":1,";
	size_t n = strlen(text);
	char *at = strstr(text + fr_random_below(r, n), mark), *longer;

	if (at == NULL)
		return text;
	longer = fr_calloc(1, n + sizeof more);
	memcpy(longer, text, (size_t)(at - text));
	strcpy(longer + (at - text), more);
	strcat(longer, at);
	free(text);
	return longer;
}

char *spoil(struct fr_random *r, const char *target, json_t *said, bool *ret_cut)
{
	static void (*const ways[])(struct fr_random * r,
				    json_t * row) = { drop, drop, retype, retype, hollow, mislead, reorder };
	enum { WAYS = sizeof ways / sizeof ways[0], SHUFFLED = WAYS, TWICE, CUT, ALL };
	json_t *rows = rows_of(said), *row;
	uint64_t way = fr_random_below(r, ALL);
	char *text;
	size_t i;

	*ret_cut = false;
	if (rows == NULL)
		return NULL;
	json_array_foreach (rows, i, row)
		if (way < WAYS && fr_random_chance(r, 500))
			ways[way](r, row);
	if (way == SHUFFLED)
		shuffle(r, rows);
	text = truth_spelled(target, said);
	if (way == TWICE)
		text = twice(r, text);
	if (way == CUT) {
		text[fr_random_below(r, strlen(text))] = '\0';
		*ret_cut = true;
	}
	return text;
}
