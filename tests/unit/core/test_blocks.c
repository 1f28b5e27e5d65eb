#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/alloc.h"
#include "base/str.h"
#include "core/blocks.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct fr_key LIST = { 1, 1 };
static const fr_wall EVER = { INT64_MIN };

static struct fr_block *block(enum fr_paging by, uint64_t start, uint64_t end)
{
	struct fr_block *b = fr_calloc(1, sizeof *b + sizeof b->row[0]);

	b->refs = 1;
	b->by = by;
	b->start = start;
	b->end = end;
	b->more = true;
	b->n = 1;
	b->row[0].when = by == FR_PAGING_TIME && start == 0 ? end + 50 : end;
	return b;
}

static struct fr_known_block *put(struct fr_blocks *b, struct fr_key list, uint64_t key, int64_t stored, struct fr_block *block)
{
	const struct fr_answer a = { .key = { 7, key }, .stored = { stored }, .etag = key };

	return fr_blocks_put(b, list, &a, block);
}

static void the_youngest_block_that_holds_the_cursor_is_found(void **state)
{
	static const struct {
		uint64_t start, end;
		int64_t stored;
	} known[] = { { 0, 35, 10 }, { 35, 70, 11 }, { 20, 55, 12 }, { 70, 105, 13 }, { 35, 70, 14 } };
	static const struct {
		uint64_t cursor;
		int64_t since;
		size_t found; /* 0: none, else its number */
	} rows[] = {
		{ 0, 0, 1 },   { 19, 0, 1 },  { 20, 0, 3 },  { 34, 0, 3 },  { 35, 0, 5 },  { 54, 0, 5 },  { 69, 0, 5 },
		{ 70, 13, 4 }, { 70, 14, 0 }, { 105, 0, 0 }, { 10, 10, 1 }, { 10, 11, 1 }, { 20, 13, 1 },
	};
	static const struct {
		uint64_t cursor;
		int64_t now, since;
	} ends[] = { { 70, 99, 14 }, { 70, 13, 11 },        { 70, 10, INT64_MIN },
		     { 35, 99, 10 }, { 20, 99, INT64_MIN }, { 0, 99, INT64_MIN } };
	struct fr_blocks *b = fr_blocks_new(1);

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		put(b, LIST, i + 1, known[i].stored, block(FR_PAGING_OFFSET, known[i].start, known[i].end));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_known_block *k = fr_blocks_holding(b, LIST, rows[i].cursor, (fr_wall){ rows[i].since });

		if ((k == NULL ? 0 : k->key.lo) != rows[i].found)
			fail_msg("row %zu: %zu", i, k == NULL ? (size_t)0 : (size_t)k->key.lo);
	}
	for (size_t i = 0; i < COUNT(ends); i++)
		assert_int_equal(fr_blocks_since(b, LIST, ends[i].cursor, (fr_wall){ ends[i].now }).v, ends[i].since);
	assert_int_equal(fr_blocks_at(b, LIST, 35)->key.lo, 5);
	assert_null(fr_blocks_at(b, LIST, 36));
	assert_null(fr_blocks_holding(b, (struct fr_key){ 1, 2 }, 0, EVER));
	fr_blocks_free(b);
}

static void by_time_an_older_block_goes_on_where_a_younger_one_ends(void **state)
{
	struct fr_blocks *b = fr_blocks_new(1);

	(void)state;
	put(b, LIST, 1, 10, block(FR_PAGING_TIME, 500, 300));
	put(b, LIST, 2, 20, block(FR_PAGING_TIME, 0, 500));
	assert_int_equal(fr_blocks_holding(b, LIST, 500, EVER)->key.lo, 1);
	assert_int_equal(fr_blocks_holding(b, LIST, 501, EVER)->key.lo, 2);
	assert_int_equal(fr_blocks_holding(b, LIST, 550, EVER)->key.lo, 2);
	assert_null(fr_blocks_holding(b, LIST, 551, EVER)); /* newer than all it has */
	assert_int_equal(fr_blocks_since(b, LIST, 500, (fr_wall){ 99 }).v, INT64_MIN);
	assert_true(fr_blocks_lead_to(b, LIST, 300) && fr_blocks_lead_to(b, LIST, 500) && !fr_blocks_lead_to(b, LIST, 400));
	assert_int_equal(fr_blocks_before(b, LIST, 299), 300);
	assert_int_equal(fr_blocks_before(b, LIST, 300), 500);
	assert_int_equal(fr_blocks_before(b, LIST, 500), 0);
	fr_blocks_free(b);
}

static void an_answer_is_known_as_long_as_it_is_the_last_of_its_key(void **state)
{
	const struct fr_answer a = { .key = { 7, 1 }, .stored = { 10 }, .etag = 1 };
	struct fr_answer later = a;
	struct fr_blocks *b = fr_blocks_new(1);

	(void)state;
	assert_null(fr_blocks_of(b, LIST, &a));
	put(b, LIST, 1, 10, NULL); /* it cannot be cut */
	assert_non_null(fr_blocks_of(b, LIST, &a));
	assert_null(fr_blocks_holding(b, LIST, 0, EVER));
	assert_true(fr_blocks_flawed(b, LIST, (fr_wall){ 10 }) && !fr_blocks_flawed(b, LIST, (fr_wall){ 11 }));
	later.stored.v = 11;
	assert_null(fr_blocks_of(b, LIST, &later));
	fr_blocks_put(b, LIST, &later, block(FR_PAGING_OFFSET, 0, 35));
	assert_null(fr_blocks_of(b, LIST, &a));
	assert_int_equal(fr_blocks_holding(b, LIST, 0, EVER)->stored.v, 11);
	assert_false(fr_blocks_flawed(b, LIST, EVER));
	fr_blocks_free(b);
}

static void only_so_many_are_kept_and_the_oldest_go(void **state)
{
	struct fr_blocks *b = fr_blocks_new(1);
	struct fr_answer first = { .key = { 7, 0 }, .stored = { 0 } };

	(void)state;
	for (uint64_t i = 0; i <= FR_BLOCKS_OF_LIST_MAX; i++) /* of one list */
		put(b, LIST, i, (int64_t)i, block(FR_PAGING_OFFSET, i * 35, i * 35 + 35));
	assert_null(fr_blocks_of(b, LIST, &first));
	assert_null(fr_blocks_holding(b, LIST, 0, EVER));
	assert_non_null(fr_blocks_holding(b, LIST, 36, EVER));
	for (uint64_t i = 0; i < FR_BLOCKS_MAX; i++) /* of all lists */
		put(b, (struct fr_key){ 2, i }, i, 1, block(FR_PAGING_OFFSET, 0, 35));
	assert_null(fr_blocks_holding(b, LIST, 36, EVER));
	assert_non_null(fr_blocks_holding(b, (struct fr_key){ 2, 0 }, 0, EVER));
	put(b, LIST, 1, 1, block(FR_PAGING_OFFSET, 0, 35));
	assert_null(fr_blocks_holding(b, (struct fr_key){ 2, 0 }, 0, EVER));
	fr_blocks_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_youngest_block_that_holds_the_cursor_is_found),
		cmocka_unit_test(by_time_an_older_block_goes_on_where_a_younger_one_ends),
		cmocka_unit_test(an_answer_is_known_as_long_as_it_is_the_last_of_its_key),
		cmocka_unit_test(only_so_many_are_kept_and_the_oldest_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
