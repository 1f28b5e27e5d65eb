#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/piece.h"

static struct fr_piece piece(uint64_t name, int64_t learnt, const char *text)
{
	return (struct fr_piece){ .key = { 1, name }, .learnt = { learnt }, .text = fr_str_of(text) };
}

static void the_youngest_word_stays(void **state)
{
	struct fr_pieces *p = fr_pieces_new(1 << 20, 1);
	struct fr_piece rows[] = { piece(7, 100, "a"), piece(7, 99, "b"), piece(7, 100, "c"), piece(7, 101, "") };

	(void)state;
	assert_null(fr_pieces_find(p, rows[0].key));
	assert_true(fr_pieces_put(p, &rows[0]));
	assert_false(fr_pieces_put(p, &rows[1]));
	assert_true(fr_str_is(fr_pieces_find(p, rows[0].key)->text, "a"));
	assert_true(fr_pieces_put(p, &rows[2]));
	assert_true(fr_str_is(fr_pieces_find(p, rows[0].key)->text, "c"));
	assert_true(fr_pieces_put(p, &rows[3]));
	assert_int_equal(fr_pieces_find(p, rows[0].key)->text.n, 0);
	assert_int_equal(fr_pieces_find(p, rows[0].key)->learnt.v, 101);
	assert_int_equal(fr_pieces_entries(p), 1);
	fr_pieces_free(p);
	fr_pieces_free(NULL);
}

static void pieces_are_bounded_by_bytes(void **state)
{
	struct fr_pieces *p = fr_pieces_new(4096, 1);
	struct fr_piece row;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		row = piece(i, 1, "0123456789");
		assert_true(fr_pieces_put(p, &row));
		assert_true(fr_pieces_bytes(p) <= 4096);
	}
	assert_non_null(fr_pieces_find(p, row.key));
	assert_true(fr_pieces_entries(p) > 10 && fr_pieces_entries(p) < 100);
	fr_pieces_free(p);
}

static void every_piece_has_a_key_of_its_own(void **state)
{
	static const struct {
		const char *what, *thing, *word;
		uint64_t partition;
	} rows[] = {
		{ "fields", "post", "71", 0 }, { "fields", "sound", "71", 0 }, { "name", "post", "71", 0 },
		{ "fields", "post", "7", 1 },  { "fields", "post", "71", 1 },  { "fields", "post", "71", 16 },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct fr_key keys[N];
	struct fr_arena mem;

	(void)state;
	fr_arena_init(&mem, 4096);
	for (size_t i = 0; i < N; i++) {
		struct fr_str canon = fr_piece_canon(&mem, rows[i].what, fr_str_of(rows[i].thing), fr_str_of(rows[i].word),
						     rows[i].partition);

		assert_true(canon.n > 0 && canon.p[0] != '/');
		keys[i] = fr_piece_key(canon);
		for (size_t j = 0; j < i; j++)
			assert_false(fr_key_eq(keys[i], keys[j]));
	}
	fr_arena_free(&mem);
	fr_arena_init(&mem, 8);
	assert_null(fr_piece_canon(&mem, "fields", FR_STR("post"), FR_STR("71"), 0).p);
	fr_arena_free(&mem);
}

static void a_question_asks_about_a_thing_if_its_id_is_known(void **state)
{
	static const struct {
		const char *target, *word; /* NULL: it asks about none */
	} rows[] = {
		{ "/post-detail/?url=https://www.tiktok.com/@x/video/7106594312292453675?lang=en", "7106594312292453675" },
		{ "/post-detail/?url=7106594312292453675", "7106594312292453675" },
		{ "/post-detail/?url=https://vm.tiktok.com/ZMabc", NULL },
		{ "/post-detail/?url=some%20text", NULL },
		{ "/post-comments/?url=7106594312292453675", NULL },
		{ "/userid/?username=7", NULL },
		{ "/nothing/?url=7", NULL },
	};
	struct fr_errmsg why;
	struct fr_conf *c;
	struct fr_question q;
	struct fr_refusal refusal;
	struct fr_arena mem;

	(void)state;
	assert_int_equal(fr_conf_load(NULL, &c, &why), FR_OK);
	fr_arena_init(&mem, 1 << 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_str canon, expected;

		assert_int_equal(fr_question_read(&mem, &c->catalogue, fr_str_of(rows[i].target), 3, true, &q, &refusal), FR_OK);
		canon = fr_piece_asked(&mem, &q);
		assert_int_equal(canon.p != NULL, rows[i].word != NULL);
		if (canon.p == NULL)
			continue;
		expected = fr_piece_canon(&mem, "fields", FR_STR("post"), fr_str_of(rows[i].word), 3);
		assert_true(fr_str_eq(canon, expected));
	}
	fr_arena_free(&mem);
	fr_conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_youngest_word_stays),
		cmocka_unit_test(pieces_are_bounded_by_bytes),
		cmocka_unit_test(every_piece_has_a_key_of_its_own),
		cmocka_unit_test(a_question_asks_about_a_thing_if_its_id_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
