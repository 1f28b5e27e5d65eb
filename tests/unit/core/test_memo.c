#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/memo.h"
#include "frugal/limits.h"

static struct fr_question question(uint64_t name)
{
	return (struct fr_question){ .key = { name, name + 1 },
				     .canon = FR_STR("/a/?b=1"),
				     .upstream = FR_STR("/a?b=1"),
				     .alias = { "", 0 },
				     .post_id = name };
}

static void put(struct fr_memo *m, const char *target, uint64_t partition, uint64_t name)
{
	struct fr_question q = question(name);

	q.partition = partition;
	fr_memo_put(m, fr_str_of(target), &q);
}

/* The name that was put in, 0: not there. */
static uint64_t found(struct fr_memo *m, const char *target, uint64_t partition)
{
	const struct fr_question *q = fr_memo_find(m, fr_str_of(target), partition);

	return q == NULL ? 0 : q->post_id;
}

static void a_target_is_found_byte_for_byte_and_in_its_partition_only(void **state)
{
	struct fr_memo *m = fr_memo_new(7);

	(void)state;
	put(m, "/a/?b=1", 0, 1);
	put(m, "/a/?b=1", 5, 2);
	put(m, "/a/?b=12345678", 0, 3);
	assert_int_equal(found(m, "/a/?b=1", 0), 1);
	assert_int_equal(found(m, "/a/?b=1", 5), 2);
	assert_int_equal(found(m, "/a/?b=12345678", 0), 3);
	assert_int_equal(found(m, "/a/?b=1", 6), 0);
	assert_int_equal(found(m, "/a/?b=", 0), 0);
	assert_int_equal(found(m, "/a/?b=2", 0), 0);
	assert_int_equal(found(m, "/a/?b=1&", 0), 0);
	assert_int_equal(found(m, "/A/?b=1", 0), 0);
	assert_int_equal(found(m, "/a/?b=12345679", 0), 0);
	assert_int_equal(found(m, "/a/?b=22345678", 0), 0);
	assert_int_equal(found(m, "", 0), 0);
	fr_memo_free(m);
}

/* The hash is quick rather than strong: whatever the seed is, it does not see three bits that differ in two words behind one another. */
static void targets_that_have_one_hash_are_told_apart(void **state)
{
	char other[] = "/a/?b=123456789abcdef";

	(void)state;
	other[7] = (char)(other[7] ^ 0x80);
	other[15] = (char)(other[15] ^ 0x80);
	other[12] ^= 0x04;
	for (uint64_t seed = 1; seed < 20; seed++) {
		struct fr_memo *m = fr_memo_new(seed);

		put(m, "/a/?b=123456789abcdef", 0, 1);
		assert_int_equal(found(m, other, 0), 0);
		put(m, other, 0, 2);
		assert_int_equal(found(m, "/a/?b=123456789abcdef", 0), 1);
		assert_int_equal(found(m, other, 0), 2);
		fr_memo_free(m);
	}
}

static void the_question_comes_back_whole_and_on_its_own(void **state)
{
	struct fr_memo *m = fr_memo_new(7);
	char target[] = "/a?b=1", canon[] = "/a/?b=%31", upstream[] = "/a/?b=1", alias[] = "vm/x", fields[] = "id,user";
	const struct fr_question *q;
	struct fr_question in = question(9);

	(void)state;
	in.canon = fr_str_of(canon);
	in.upstream = fr_str_of(upstream);
	in.alias = fr_str_of(alias);
	in.fields = fr_str_of(fields);
	in.deep = true;
	fr_memo_put(m, fr_str_of(target), &in);
	memset(target, 'x', strlen(target));
	memset(canon, 'x', strlen(canon));
	memset(upstream, 'x', strlen(upstream));
	memset(alias, 'x', strlen(alias));
	memset(fields, 'x', strlen(fields));
	q = fr_memo_find(m, FR_STR("/a?b=1"), 0);
	assert_non_null(q);
	assert_string_equal(q->canon.p, "/a/?b=%31"); /* terminated, as they were */
	assert_string_equal(q->upstream.p, "/a/?b=1");
	assert_true(fr_str_is(q->alias, "vm/x"));
	assert_true(fr_str_is(q->fields, "id,user"));
	assert_int_equal(q->post_id, 9);
	assert_int_equal(q->key.hi, 9);
	assert_int_equal(q->key.lo, 10);
	assert_true(q->deep);
	in.fields = (struct fr_str){ NULL, 0 };
	fr_memo_put(m, FR_STR("/other"), &in);
	assert_null(fr_memo_find(m, FR_STR("/other"), 0)->fields.p); /* not given, which is not the same as empty */
	in.fields = (struct fr_str){ "", 0 };
	fr_memo_put(m, FR_STR("/empty"), &in);
	assert_non_null(fr_memo_find(m, FR_STR("/empty"), 0)->fields.p);
	fr_memo_free(m);
}

static void what_is_asked_for_again_and_again_outlives_a_flood(void **state)
{
	struct fr_memo *m = fr_memo_new(7);
	char target[64];
	size_t lost = 0;

	(void)state;
	put(m, "/hot", 0, 1);
	for (uint64_t i = 0; i < 20 * FR_MEMO_PLACES; i++) {
		(void)snprintf(target, sizeof(target), "/flood/%llu", (unsigned long long)i);
		put(m, target, 0, i + 2);
		if (i % 1000 == 0 && found(m, "/hot", 0) == 0) {
			lost++;
			put(m, "/hot", 0, 1);
		}
	}
	assert_int_equal(lost, 0);
	fr_memo_free(m);
}

static void it_holds_no_more_than_its_places_and_nearly_as_many(void **state)
{
	struct fr_memo *m = fr_memo_new(7);
	char target[64];
	size_t n = 0;

	(void)state;
	for (uint64_t i = 0; i < 4 * FR_MEMO_PLACES; i++) {
		(void)snprintf(target, sizeof(target), "/posts/?userid=%llu", (unsigned long long)i);
		put(m, target, 0, i + 1);
	}
	for (uint64_t i = 0; i < 4 * FR_MEMO_PLACES; i++) {
		(void)snprintf(target, sizeof(target), "/posts/?userid=%llu", (unsigned long long)i);
		n += found(m, target, 0) == i + 1;
	}
	assert_true(n <= FR_MEMO_PLACES);
	assert_true(n > FR_MEMO_PLACES * 99 / 100); /* the hash spreads targets that differ in a digit */
	fr_memo_free(m);
}

static void large_texts_are_not_kept_and_what_was_there_stays(void **state)
{
	struct fr_memo *m = fr_memo_new(7);
	char large[FR_MEMO_TEXT_MAX + 1];

	(void)state;
	memset(large, 'a', FR_MEMO_TEXT_MAX);
	large[FR_MEMO_TEXT_MAX] = '\0';
	for (size_t i = 0; i < 100; i++) { /* in whichever set: it costs nobody a place */
		large[0] = (char)('A' + i % 26);
		put(m, large, i, 1);
		assert_int_equal(found(m, large, i), 0);
	}
	put(m, "/a", 0, 2);
	assert_int_equal(found(m, "/a", 0), 2);
	fr_memo_free(m);
}

static void once_cleared_it_knows_nothing_and_learns_anew(void **state)
{
	struct fr_memo *m = fr_memo_new(7);

	(void)state;
	put(m, "/a", 0, 1);
	put(m, "/b", 0, 2);
	fr_memo_clear(m);
	assert_int_equal(found(m, "/a", 0), 0);
	assert_int_equal(found(m, "/b", 0), 0);
	put(m, "/a", 0, 3);
	assert_int_equal(found(m, "/a", 0), 3);
	fr_memo_free(m);
	fr_memo_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_found_byte_for_byte_and_in_its_partition_only),
		cmocka_unit_test(targets_that_have_one_hash_are_told_apart),
		cmocka_unit_test(the_question_comes_back_whole_and_on_its_own),
		cmocka_unit_test(what_is_asked_for_again_and_again_outlives_a_flood),
		cmocka_unit_test(it_holds_no_more_than_its_places_and_nearly_as_many),
		cmocka_unit_test(large_texts_are_not_kept_and_what_was_there_stays),
		cmocka_unit_test(once_cleared_it_knows_nothing_and_learns_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
