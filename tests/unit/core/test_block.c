#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/block.h"
#include "core/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OFFSET "/search-video/"
#define TIME "/user-posts/"

enum { TEXT_MAX = 64 * 1024 };

static int load(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	if (fr_conf_load(NULL, &c, &why) != FR_OK)
		return 1;
	*state = c;
	return 0;
}

static int unload(void **state)
{
	fr_conf_free(*state);
	return 0;
}

static const struct fr_endpoint *row_of(void **state, const char *path)
{
	const struct fr_conf *c = *state;
	const struct fr_endpoint *row = fr_catalogue_find(&c->catalogue, fr_str_of(path));

	assert_false(row->is_other);
	return row;
}

/* A body without an end, so that a sanitizer sees what is read behind it. */
static struct fr_str exactly(const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n > 0 ? n : 1);

	assert_non_null(copy);
	memcpy(copy, text, n);
	return (struct fr_str){ copy, n };
}

static struct fr_block *read_block(void **state, const char *path, uint64_t start, struct fr_str body, enum fr_block_flaw *why)
{
	return fr_block_read(row_of(state, path), start, 35, body, why);
}

#define ROWS3 "{\"create_time\":30},{\"create_time\":20},{\"create_time\":10}"

static const struct {
	const char *path;
	uint64_t start;
	const char *body;
	enum fr_block_flaw flaw;
} bodies[] = {
	/* by offset: as many places as rows, or as were asked for */
	{ OFFSET, 0, "{\"videos\":[1,2,3],\"cursor\":3,\"hasMore\":true}", FR_BLOCK_SOUND },
	{ OFFSET, 0, "{\"videos\":[1,2,3],\"cursor\":\"3\",\"hasMore\":1}", FR_BLOCK_SOUND },
	{ OFFSET, 70, " { \"hasMore\" : \"1\" , \"cursor\" : 73 , \"videos\" : [ 1 , 2 , 3 ] } ", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":105,\"hasMore\":true}", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[],\"cursor\":105,\"hasMore\":true}", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":90,\"hasMore\":false}", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[],\"cursor\":70,\"hasMore\":0}", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":90,\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":72,\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":106,\"hasMore\":false}", FR_BLOCK_CURSOR },
	{ OFFSET, 70, "{\"videos\":[1,2,3],\"cursor\":0,\"hasMore\":false}", FR_BLOCK_CURSOR },
	{ OFFSET, 70, "{\"videos\":[],\"cursor\":70,\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ OFFSET, 0, "{\"videos\":[1,2,3],\"cursor\":1639312724000,\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ OFFSET, 70, "{\"videos\":[]}", FR_BLOCK_SOUND },
	{ OFFSET, 70, "{\"videos\":[ ],\"hasMore\":null}", FR_BLOCK_SOUND },
	{ TIME, 0, "{\"videos\":[],\"cursor\":\"\"}", FR_BLOCK_SOUND },
	/* by time: the last row's */
	{ TIME, 0, "{\"videos\":[" ROWS3 "],\"cursor\":\"10000\",\"hasMore\":true}", FR_BLOCK_SOUND },
	{ TIME, 0, "{\"videos\":[" ROWS3 "],\"cursor\":10000,\"hasMore\":false}", FR_BLOCK_SOUND },
	{ TIME, 40000, "{\"videos\":[" ROWS3 "],\"cursor\":10000,\"hasMore\":false}", FR_BLOCK_SOUND },
	{ TIME, 30000, "{\"videos\":[" ROWS3 "],\"cursor\":10000,\"hasMore\":false}", FR_BLOCK_SOUND },
	{ TIME, 0, "{\"videos\":[{\"create_time\":5}," ROWS3 "],\"cursor\":\"10000\",\"hasMore\":true}", FR_BLOCK_SOUND },
	{ TIME, 40000, "{\"videos\":[],\"cursor\":\"9000\",\"hasMore\":true}", FR_BLOCK_SOUND },
	{ TIME, 40000, "{\"videos\":[],\"cursor\":\"40000\",\"hasMore\":false}", FR_BLOCK_SOUND },
	{ TIME, 0, "{\"videos\":[{\"create_time\":\"30\"}],\"cursor\":\"30000\",\"hasMore\":true}", FR_BLOCK_SOUND },
	{ TIME, 0, "{\"videos\":[" ROWS3 "],\"cursor\":\"10\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ TIME, 0, "{\"videos\":[" ROWS3 "],\"cursor\":\"9000\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ TIME, 0, "{\"videos\":[" ROWS3 "],\"cursor\":\"3\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ TIME, 20000, "{\"videos\":[" ROWS3 "],\"cursor\":\"10000\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	/* pinned rows lead the first page only, and they are few */
	{ TIME, 40000, "{\"videos\":[{\"create_time\":5}," ROWS3 "],\"cursor\":\"10000\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ TIME, 0,
	  "{\"videos\":[{\"create_time\":1},{\"create_time\":2},{\"create_time\":3},{\"create_time\":4}," ROWS3
	  "],\"cursor\":\"10000\",\"hasMore\":true}",
	  FR_BLOCK_CURSOR },
	{ TIME, 40000, "{\"videos\":[],\"cursor\":\"40000\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	{ TIME, 0, "{\"videos\":[],\"cursor\":\"0\",\"hasMore\":true}", FR_BLOCK_CURSOR },
	/* other types than paging has */
	{ TIME, 0, "{\"videos\":[{\"create_time\":null}],\"cursor\":\"30000\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ TIME, 0, "{\"videos\":[{\"create_time\":-3}],\"cursor\":\"30000\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ TIME, 0, "{\"videos\":[{\"create_time\":3.5}],\"cursor\":\"3500\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ TIME, 0, "{\"videos\":[{\"create_time\":18446744073709551615}],\"cursor\":\"3500\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ TIME, 0, "{\"videos\":[7],\"cursor\":\"30000\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":{\"a\":1},\"cursor\":1,\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":null,\"cursor\":0,\"hasMore\":false}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":null,\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":\"\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":\"abc\",\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1.0,\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1,\"hasMore\":null}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1,\"hasMore\":2}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1,\"cursor\":1,\"hasMore\":true}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"data\":{\"videos\":[1],\"cursor\":1,\"hasMore\":true}}", FR_BLOCK_TYPES },
	{ OFFSET, 0, "{\"videos\":[1],\"cursor\":1,\"hasMore\":true", FR_BLOCK_TYPES },
	{ OFFSET, 0, "[]", FR_BLOCK_TYPES },
	{ OFFSET, 0, "", FR_BLOCK_TYPES },
};

static void a_block_is_trusted_only_if_its_cursor_is_what_its_rows_make(void **state)
{
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct fr_str body = exactly(bodies[i].body);
		enum fr_block_flaw why;
		struct fr_block *b = read_block(state, bodies[i].path, bodies[i].start, body, &why);

		if (why != bodies[i].flaw || (b != NULL) != (why == FR_BLOCK_SOUND))
			fail_msg("row %zu: %s: flaw %d", i, bodies[i].body, why);
		fr_block_drop(b);
		free((void *)(uintptr_t)body.p);
	}
}

static void more_rows_than_a_block_may_have_are_not_cut(void **state)
{
	char *body = malloc(TEXT_MAX), *to = body;
	enum fr_block_flaw why;

	assert_non_null(body);
	to += sprintf(to, "{\"videos\":[0");
	for (size_t i = 1; i <= FR_BLOCK_ROWS_MAX; i++)
		to += sprintf(to, ",0");
	sprintf(to, "],\"cursor\":%d,\"hasMore\":true}", FR_BLOCK_ROWS_MAX + 1);
	assert_null(fr_block_read(row_of(state, OFFSET), 0, FR_BLOCK_ROWS_MAX + 1, fr_str_of(body), &why));
	assert_int_equal(why, FR_BLOCK_TYPES);
	free(body);
}

/* ---- pages -------------------------------------------------------------------------------------------------------- */

struct block_case {
	const char *path;
	uint64_t start;
	const char *body;
	uint64_t cursor, count;
	const char *page; /* NULL: it cannot be cut */
	uint64_t behind;
};

static void check_page(void **state, const struct block_case *c, size_t i)
{
	struct fr_block_part part = { .body = exactly(c->body) };
	enum fr_block_flaw why;
	struct fr_block *b = read_block(state, c->path, c->start, part.body, &why);
	bool can;

	assert_non_null(b);
	part.block = b;
	can = fr_block_holds(b, c->cursor) && fr_block_cut(b, c->cursor, c->count, &part.cut);
	if (can != (c->page != NULL))
		fail_msg("case %zu: cursor %" PRIu64 ", count %" PRIu64 ": %d", i, c->cursor, c->count, can);
	if (can) {
		struct fr_blob *page = fr_block_page(NULL, &part);

		if (!fr_str_is(fr_blob_str(page), c->page) || part.cut.behind != c->behind)
			fail_msg("case %zu: %.*s, behind %" PRIu64, i, (int)page->n, page->bytes, part.cut.behind);
		fr_blob_drop(page);
	}
	fr_block_drop(b);
	free((void *)(uintptr_t)part.body.p);
}

#define T(n) "{\"create_time\":" #n "}"

static void pages_are_cut_byte_for_byte_in_the_types_of_the_block(void **state)
{
	static const char dense[] =
		"{\"videos\":[{\"a\":\"\\u00e9\\/\"}, 2.50 ,[3],{}],\"cursor\":4,\"hasMore\":true,\"x\":[1, 2]}";
	static const char spaced[] =
		"{ \"hasMore\" : 0,\n\"cursor\" : \"4\", \"n\": 1e3, \"videos\" : [ 1 ,\n 2 ,\n 3 ,\n 4 ] }\n";
	static const char gaps[] = "{\"videos\":[1,2,3],\"cursor\":35,\"hasMore\":1}";
	static const char ended[] = "{\"videos\":[1,2,3],\"cursor\":9,\"hasMore\":false}";
	static const char none[] = "{\"videos\":[ ],\"cursor\":35,\"hasMore\":true}";
	static const char nothing[] = "{\"videos\":[],\"cursor\":null}";
	static const char times[] = "{\"videos\":[" T(90) "," T(80) "," T(
		70) "],\"cursor\":\"70000\",\"hasMore\":false,\"total\":3}";
	static const char pinned[] = "{\"videos\":[" T(5) "," T(6) "," T(90) "," T(80) "],\"cursor\":80000,\"hasMore\":true}";
	static const char same[] = "{\"videos\":[" T(90) "," T(80) "," T(80) "," T(70) "],\"cursor\":70000,\"hasMore\":true}";
	static const struct block_case cases[] = {
		{ OFFSET, 0, dense, 0, 2,
		  "{\"videos\":[{\"a\":\"\\u00e9\\/\"}, 2.50],\"cursor\":2,\"hasMore\":true,\"x\":[1, 2]}", 0 },
		{ OFFSET, 0, dense, 1, 2, "{\"videos\":[2.50 ,[3]],\"cursor\":3,\"hasMore\":true,\"x\":[1, 2]}", 0 },
		{ OFFSET, 0, dense, 3, 1, "{\"videos\":[{}],\"cursor\":4,\"hasMore\":true,\"x\":[1, 2]}", 0 },
		{ OFFSET, 0, dense, 3, 7, "{\"videos\":[{}],\"cursor\":4,\"hasMore\":true,\"x\":[1, 2]}", 6 },
		{ OFFSET, 0, dense, 0, 4, dense, 0 },
		{ OFFSET, 0, dense, 0, 35, dense, 0 }, /* the upstream itself had no more */
		{ OFFSET, 0, dense, 4, 1, NULL, 0 },
		/* whatever order, and the end of a list */
		{ OFFSET, 0, spaced, 0, 2, "{ \"hasMore\" : 1,\n\"cursor\" : \"2\", \"n\": 1e3, \"videos\" : [ 1 ,\n 2 ] }\n",
		  0 },
		{ OFFSET, 0, spaced, 2, 2, "{ \"hasMore\" : 0,\n\"cursor\" : \"4\", \"n\": 1e3, \"videos\" : [ 3 ,\n 4 ] }\n",
		  0 },
		{ OFFSET, 0, spaced, 2, 9, "{ \"hasMore\" : 0,\n\"cursor\" : \"4\", \"n\": 1e3, \"videos\" : [ 3 ,\n 4 ] }\n",
		  0 },
		/* empty places count as the last ones */
		{ OFFSET, 0, gaps, 0, 2, "{\"videos\":[1,2],\"cursor\":2,\"hasMore\":1}", 0 },
		{ OFFSET, 0, gaps, 0, 10, "{\"videos\":[1,2,3],\"cursor\":10,\"hasMore\":1}", 0 },
		{ OFFSET, 0, gaps, 2, 10, "{\"videos\":[3],\"cursor\":12,\"hasMore\":1}", 0 },
		{ OFFSET, 0, gaps, 12, 10, "{\"videos\":[],\"cursor\":22,\"hasMore\":1}", 0 },
		{ OFFSET, 0, gaps, 22, 20, "{\"videos\":[],\"cursor\":35,\"hasMore\":1}", 7 },
		{ OFFSET, 0, ended, 0, 3, ended, 0 },
		{ OFFSET, 0, ended, 0, 2, "{\"videos\":[1,2],\"cursor\":2,\"hasMore\":true}", 0 },
		{ OFFSET, 0, none, 0, 10, "{\"videos\":[ ],\"cursor\":10,\"hasMore\":true}", 0 },
		{ OFFSET, 0, none, 0, 35, none, 0 },
		{ OFFSET, 35, nothing, 35, 10, nothing, 0 },
		{ TIME, 0, nothing, 0, 1, nothing, 0 },
		/* by time */
		{ TIME, 0, times, 0, 1, "{\"videos\":[" T(90) "],\"cursor\":\"90000\",\"hasMore\":true,\"total\":3}", 0 },
		{ TIME, 0, times, 90000, 1, "{\"videos\":[" T(80) "],\"cursor\":\"80000\",\"hasMore\":true,\"total\":3}", 0 },
		{ TIME, 0, times, 89999, 1, "{\"videos\":[" T(80) "],\"cursor\":\"80000\",\"hasMore\":true,\"total\":3}", 0 },
		{ TIME, 0, times, 80001, 2,
		  "{\"videos\":[" T(80) "," T(70) "],\"cursor\":\"70000\",\"hasMore\":false,\"total\":3}", 0 },
		{ TIME, 0, times, 80000, 9, "{\"videos\":[" T(70) "],\"cursor\":\"70000\",\"hasMore\":false,\"total\":3}", 0 },
		{ TIME, 0, times, 70000, 1, NULL, 0 },
		{ TIME, 0, times, 69999, 1, NULL, 0 },
		{ TIME, 0, times, 90001, 1, NULL, 0 }, /* there may be something newer by now */
		{ TIME, 95000, times, 94000, 1, "{\"videos\":[" T(90) "],\"cursor\":\"90000\",\"hasMore\":true,\"total\":3}", 0 },
		{ TIME, 95000, times, 96000, 1, NULL, 0 },
		/* among the pinned rows nobody knows where a page ends */
		{ TIME, 0, pinned, 0, 1, NULL, 0 },
		{ TIME, 0, pinned, 0, 2, NULL, 0 },
		{ TIME, 0, pinned, 0, 3, "{\"videos\":[" T(5) "," T(6) "," T(90) "],\"cursor\":90000,\"hasMore\":true}", 0 },
		{ TIME, 0, pinned, 90000, 3, "{\"videos\":[" T(80) "],\"cursor\":80000,\"hasMore\":true}", 2 },
		{ TIME, 0, pinned, 6000, 3, NULL, 0 },
		/* nor between rows of one moment */
		{ TIME, 0, same, 0, 2, NULL, 0 },
		{ TIME, 0, same, 0, 3, "{\"videos\":[" T(90) "," T(80) "," T(80) "],\"cursor\":80000,\"hasMore\":true}", 0 },
		{ TIME, 0, same, 80000, 1, "{\"videos\":[" T(70) "],\"cursor\":70000,\"hasMore\":true}", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_page(state, &cases[i], i);
}

static void a_page_of_two_blocks_has_the_rows_of_both_and_says_what_the_second_says(void **state)
{
	static const struct {
		const char *first, *second;
		uint64_t cursor, count, rest;
		const char *page;
	} rows[] = {
		{ "{\"videos\":[1, 2, 3],\"cursor\":3,\"hasMore\":true,\"of\":1}",
		  "{\"videos\":[4,5],\"cursor\":5,\"hasMore\":false,\"of\":2}", 2, 2, 1,
		  "{\"videos\":[3, 4],\"cursor\":4,\"hasMore\":true,\"of\":2}" },
		{ "{\"videos\":[1, 2, 3],\"cursor\":3,\"hasMore\":true,\"of\":1}",
		  "{\"videos\":[4,5],\"cursor\":5,\"hasMore\":false,\"of\":2}", 1, 5, 3,
		  "{\"videos\":[2, 3, 4,5],\"cursor\":5,\"hasMore\":false,\"of\":2}" },
		{ "{\"videos\":[1],\"cursor\":1,\"hasMore\":true}", "{\"videos\":[],\"cursor\":1,\"hasMore\":false}", 0, 5, 4,
		  "{\"videos\":[1],\"cursor\":1,\"hasMore\":false}" },
		{ "{\"videos\":[1],\"cursor\":1,\"hasMore\":true}", "{\"videos\":[ 2 ],\"cursor\":2,\"hasMore\":false}", 0, 2, 1,
		  "{\"videos\":[1,2],\"cursor\":2,\"hasMore\":false}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_block_part head = { .body = exactly(rows[i].first) }, rest = { .body = exactly(rows[i].second) };
		enum fr_block_flaw why;
		struct fr_block *a = read_block(state, OFFSET, 0, head.body, &why), *b;
		struct fr_blob *page;

		assert_non_null(a);
		b = read_block(state, OFFSET, a->end, rest.body, &why);
		assert_non_null(b);
		head.block = a;
		rest.block = b;
		assert_true(fr_block_cut(a, rows[i].cursor, rows[i].count, &head.cut));
		assert_true(fr_block_cut(b, b->start, rows[i].rest, &rest.cut));
		page = fr_block_page(&head, &rest);
		if (!fr_str_is(fr_blob_str(page), rows[i].page))
			fail_msg("row %zu: %.*s", i, (int)page->n, page->bytes);
		fr_blob_drop(page);
		fr_block_drop(a);
		fr_block_drop(b);
		free((void *)(uintptr_t)head.body.p);
		free((void *)(uintptr_t)rest.body.p);
	}
}

/* ---- crawls ------------------------------------------------------------------------------------------------------- */

enum { LIST_MAX = 400, PINNED_MAX = 3, MOST = 35, SEEN_MAX = 2 * LIST_MAX, BLOCKS_MAX = 64 };

/* A list as an upstream has it: rows are numbers, by time the newest first. Some places show nothing. */
struct list {
	bool by_time;
	size_t n, pinned;
	uint64_t row[LIST_MAX];
	bool hidden[LIST_MAX];
};

static char *put_row(const struct list *l, char *to, size_t i, size_t nth)
{
	return to + sprintf(to, "%s{\"create_time\":%" PRIu64 "}", nth == 0 ? "" : ",", l->row[i]);
}

/* What it answers. The oldest rows are the pinned ones. */
static void answer(const struct list *l, uint64_t cursor, uint64_t count, char *body)
{
	uint64_t places = 0, end = cursor;
	size_t i = 0, rows = 0, led;
	char *to = body + sprintf(body, "{\"videos\":[");

	for (; l->by_time && cursor == 0 && places < l->pinned && places + 1 < count; places++)
		to = put_row(l, to, l->n - 1 - places, rows++);
	led = rows;
	while (i < l->n && (l->by_time ? cursor != 0 && l->row[i] * 1000 >= cursor : i < cursor))
		i++;
	for (; i < l->n && places < count; i++, places++) {
		if (!l->hidden[i])
			to = put_row(l, to, i, rows++);
		if (!l->by_time)
			end = i + 1;
		else if (!l->hidden[i] || rows == led)
			end = l->row[i] * 1000;
	}
	sprintf(to, l->by_time ? "],\"cursor\":\"%" PRIu64 "\",\"hasMore\":%d}" : "],\"cursor\":%" PRIu64 ",\"hasMore\":%d}", end,
		i < l->n);
}

static void make_list(struct list *l, struct fr_random *r)
{
	bool holes = fr_random_chance(r, 500);
	uint64_t at = 1000000;

	*l = (struct list){ .by_time = fr_random_chance(r, 500), .n = fr_random_below(r, 250) };
	l->pinned = l->by_time && l->n > 20 ? fr_random_below(r, PINNED_MAX + 1) : 0;
	for (size_t i = 0; i < l->n; i++) {
		l->hidden[i] = holes && i + PINNED_MAX < l->n && fr_random_chance(r, 150);
		l->row[i] = at -= 1 + fr_random_below(r, 1000);
	}
}

/* Something new comes; everything else moves by a place. */
static void grow_list(struct list *l)
{
	if (l->n == LIST_MAX)
		return;
	memmove(&l->row[1], &l->row[0], l->n * sizeof l->row[0]);
	memmove(&l->hidden[1], &l->hidden[0], l->n * sizeof l->hidden[0]);
	l->row[0] = l->n == 0 ? 1000000 : l->row[1] + 1;
	l->hidden[0] = false;
	l->n++;
}

/* Whoever reads a list sees rows and a cursor. */
struct reader {
	size_t n, calls;
	uint64_t row[SEEN_MAX], cursor;
	bool more;
};

static void take_page(struct reader *r, const char *body)
{
	struct fr_str root = fr_json_value(fr_str_of(body)), none, row, cursor = fr_json_get(root, FR_STR("cursor"));
	struct fr_json_walk w = fr_json_walk(fr_json_get(root, FR_STR("videos")));

	assert_non_null(root.p);
	while (fr_json_next(&w, &none, &row)) {
		assert_true(r->n < SEEN_MAX);
		assert_true(fr_str_to_u64(fr_json_get(row, FR_STR("create_time")), &r->row[r->n++]));
	}
	assert_true(fr_str_to_u64(fr_json_kind(cursor) == FR_JSON_TEXT ? fr_json_inside(cursor) : cursor, &r->cursor));
	r->more = fr_str_is(fr_json_get(root, FR_STR("hasMore")), "1");
}

/* How many rows of the first page are asked for decides which of the pinned ones are on it. */
static void read_directly(const struct list *l, uint64_t first, struct reader *r)
{
	static char body[TEXT_MAX];

	*r = (struct reader){ .more = true };
	while (r->more) {
		answer(l, r->cursor, r->calls++ == 0 ? first : MOST, body);
		take_page(r, body);
	}
}

/* The blocks that a crawl has paid for, and what it costs otherwise. */
struct crawl {
	void **state;
	struct list *list;
	struct fr_random *random;
	bool churn;
	size_t n, exact;
	uint64_t first; /* count of the first page */
	struct fr_block *block[BLOCKS_MAX];
	char *body[BLOCKS_MAX];
	struct reader fetched; /* all rows of all blocks, as they came */
};

static size_t block_holding(struct crawl *c, uint64_t cursor)
{
	enum fr_block_flaw why;

	for (size_t i = c->n; i-- > 0;)
		if (fr_block_holds(c->block[i], cursor))
			return i;
	assert_true(c->n < BLOCKS_MAX);
	while (c->churn && fr_random_chance(c->random, 700))
		grow_list(c->list);
	c->body[c->n] = malloc(TEXT_MAX);
	assert_non_null(c->body[c->n]);
	answer(c->list, cursor, MOST, c->body[c->n]);
	take_page(&c->fetched, c->body[c->n]);
	c->block[c->n] = fr_block_read(row_of(c->state, c->list->by_time ? TIME : OFFSET), cursor, MOST, fr_str_of(c->body[c->n]),
				       &why);
	if (c->block[c->n] == NULL)
		fail_msg("not trusted: %s", c->body[c->n]);
	return c->n++;
}

static struct fr_block_part part_of(struct crawl *c, size_t i, struct fr_cut cut)
{
	return (struct fr_block_part){ c->block[i], fr_str_of(c->body[i]), cut };
}

/* A page as it is cut for a client. */
static void cut_page(struct crawl *c, uint64_t cursor, uint64_t count, char *body)
{
	size_t i = block_holding(c, cursor), k = i;
	struct fr_block_part head, rest;
	struct fr_blob *page;
	struct fr_cut cut, cut_rest;

	if (!fr_block_cut(c->block[i], cursor, count, &cut)) {
		answer(c->list, cursor, count, body);
		c->exact++;
		return;
	}
	head = part_of(c, i, cut);
	if (cut.behind > 0) {
		k = block_holding(c, c->block[i]->end);
		assert_true(fr_block_cut(c->block[k], c->block[i]->end, cut.behind, &cut_rest));
		rest = part_of(c, k, cut_rest);
	}
	page = fr_block_page(cut.behind > 0 ? &head : NULL, cut.behind > 0 ? &rest : &head);
	memcpy(body, page->bytes, page->n);
	body[page->n] = '\0';
	fr_blob_drop(page);
}

static void crawl(struct crawl *c, struct reader *r)
{
	static char body[TEXT_MAX];
	uint64_t count = c->first;

	*r = (struct reader){ .more = true };
	while (r->more) {
		cut_page(c, r->cursor, count, body);
		take_page(r, body);
		count = 1 + fr_random_below(c->random, MOST);
	}
	for (size_t i = 0; i < c->n; i++) {
		fr_block_drop(c->block[i]);
		free(c->body[i]);
	}
}

static void same_rows(const struct reader *a, const struct reader *b, uint64_t seed)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (a->row[i] != b->row[i])
			fail_msg("seed %" PRIu64 ", row %zu: %" PRIu64 ", %" PRIu64, seed, i, a->row[i], b->row[i]);
	if (a->n != b->n)
		fail_msg("seed %" PRIu64 ": %zu rows, %zu", seed, a->n, b->n);
}

static void a_crawl_with_any_counts_equals_a_direct_one_and_costs_the_fewest_pages(void **state)
{
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct fr_random random = { seed };
		static struct reader cut, direct, fewest;
		struct list l;
		struct crawl c = { .state = state, .list = &l, .random = &random };

		make_list(&l, &random);
		c.first = 1 + fr_random_below(&random, MOST);
		crawl(&c, &cut);
		read_directly(&l, c.first, &direct);
		same_rows(&cut, &direct, seed);
		read_directly(&l, MOST, &fewest);
		/* such a page may be told a time at which the upstream shows nothing, newer than all that the block has */
		assert_in_range(c.n, fewest.calls, fewest.calls + (c.exact > 0 && l.hidden[0]));
		assert_true(c.exact <= (c.first <= l.pinned)); /* a first page that ends among the pinned rows */
	}
}

static void what_comes_between_two_calls_makes_no_gap_and_no_duplicate_that_was_not_sent(void **state)
{
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct fr_random random = { seed };
		static struct reader cut, before;
		struct list l;
		struct crawl c = { .state = state, .list = &l, .random = &random };

		make_list(&l, &random);
		c.first = 1 + l.pinned + fr_random_below(&random, MOST - l.pinned);
		read_directly(&l, MOST, &before);
		(void)block_holding(&c, 0); /* what comes later by time comes before this */
		c.churn = true;
		crawl(&c, &cut);
		same_rows(&cut, l.by_time ? &before : &c.fetched, seed);
	}
}

/* Bytes change, go and come; whatever can still be read is cut into sound pages of no more rows than were asked for. */
static void of_a_damaged_body_nothing_is_made_that_is_not_sound(void **state)
{
	static char body[TEXT_MAX];

	for (uint64_t seed = 1; seed <= 30000; seed++) {
		struct fr_random random = { seed };
		struct fr_block_part part;
		enum fr_block_flaw why;
		struct list l;
		uint64_t at;

		make_list(&l, &random);
		answer(&l, 0, 1 + fr_random_below(&random, 8), body);
		for (uint64_t n = 1 + fr_random_below(&random, 3); n > 0; n--)
			body[fr_random_below(&random, strlen(body))] = "0129\"{}[],:.- tnvs"[fr_random_below(&random, 18)];
		body[strlen(body) - (fr_random_chance(&random, 100) ? fr_random_below(&random, strlen(body)) : 0)] = '\0';
		part.body = exactly(body);
		part.block = read_block(state, l.by_time ? TIME : OFFSET, 0, part.body, &why);
		for (size_t i = 0; i < 8 && part.block != NULL; i++) {
			uint64_t count = 1 + fr_random_below(&random, MOST);
			struct fr_blob *page;

			at = i == 0 || part.block->n == 0 ? 0
							  : part.block->row[fr_random_below(&random, part.block->n)].when + i % 2;
			at = l.by_time ? at : fr_random_below(&random, MOST);
			if (!fr_block_holds(part.block, at) || !fr_block_cut(part.block, at, count, &part.cut))
				continue;
			assert_true(part.cut.from <= part.cut.to && part.cut.to - part.cut.from <= count);
			page = fr_block_page(NULL, &part);
			if (!fr_json_sound(fr_blob_str(page)))
				fail_msg("seed %" PRIu64 ": %.*s", seed, (int)page->n, page->bytes);
			fr_blob_drop(page);
		}
		fr_block_drop(part.block);
		free((void *)(uintptr_t)part.body.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_trusted_only_if_its_cursor_is_what_its_rows_make),
		cmocka_unit_test(more_rows_than_a_block_may_have_are_not_cut),
		cmocka_unit_test(pages_are_cut_byte_for_byte_in_the_types_of_the_block),
		cmocka_unit_test(a_page_of_two_blocks_has_the_rows_of_both_and_says_what_the_second_says),
		cmocka_unit_test(a_crawl_with_any_counts_equals_a_direct_one_and_costs_the_fewest_pages),
		cmocka_unit_test(of_a_damaged_body_nothing_is_made_that_is_not_sound),
		cmocka_unit_test(what_comes_between_two_calls_makes_no_gap_and_no_duplicate_that_was_not_sent),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
