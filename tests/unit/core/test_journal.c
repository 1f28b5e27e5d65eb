/* The journal's records: what was written is read back, and what is damaged is never taken for a record. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/journal.h"

enum { N = 4 };

static struct fr_journal_record record(int i)
{
	const struct fr_journal_record rows[N] = {
		{ .kind = FR_JOURNAL_HEAD, .seq = 7, .instance = 0xfeedfacecafebeef },
		{ .kind = FR_JOURNAL_LIFE, .seq = 6, .at = { 1764000000001 }, .opened = { 1764000000001 } },
		{ .kind = FR_JOURNAL_OPEN,
		  .seq = 7,
		  .at = { 1764000000123 },
		  .opened = { 1764000000123 },
		  .priority = FR_PRIORITY_BATCH,
		  .tenant = FR_STR("acme"),
		  .day = 20416,
		  .reason = FR_REASON_EXPIRED,
		  .credits = 2,
		  .path = FR_STR("/one/") },
		{ .kind = FR_JOURNAL_CLOSE,
		  .seq = 8,
		  .call = 7,
		  .at = { 1764000000999 },
		  .opened = { 1764000000123 },
		  .priority = FR_PRIORITY_REFRESH,
		  .day = 20416,
		  .reason = FR_REASON_ORPHAN,
		  .verdict = FR_VERDICT_TIMEOUT,
		  .credits = 2,
		  .uncertain = true,
		  .path = FR_STR("/one/") },
	};

	return rows[i];
}

static void check_same(const struct fr_journal_record *a, const struct fr_journal_record *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->call, b->call);
	assert_true(a->instance == b->instance);
	assert_int_equal(a->at.v, b->at.v);
	assert_int_equal(a->day, b->day);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->credits, b->credits);
	assert_int_equal(a->uncertain, b->uncertain);
	assert_int_equal(a->opened.v, b->opened.v);
	assert_int_equal(a->priority, b->priority);
	assert_true(fr_str_eq(a->path, b->path));
	assert_true(fr_str_eq(a->tenant, b->tenant));
}

/* All records behind each other; `ends`: where each ends. */
static size_t write_all(char *bytes, size_t ends[N])
{
	size_t n = 0;

	for (int i = 0; i < N; i++) {
		struct fr_journal_record r = record(i);

		n += fr_journal_put(&r, bytes + n);
		ends[i] = n;
	}
	return n;
}

static void what_was_written_is_read_back(void **state)
{
	char bytes[N * FR_JOURNAL_RECORD_MAX];
	size_t ends[N], n = write_all(bytes, ends);
	struct fr_journal_eye eye = { .all = { bytes, n } };
	struct fr_journal_record got;

	(void)state;
	for (int i = 0; i < N; i++) {
		struct fr_journal_record want = record(i);

		assert_true(fr_journal_next(&eye, &got));
		check_same(&got, &want);
		assert_int_equal(eye.at, ends[i]);
	}
	assert_false(fr_journal_next(&eye, &got));
	assert_int_equal(eye.damaged, 0);
	assert_int_equal(eye.at, n);
}

static void the_longest_path_has_room(void **state)
{
	char bytes[FR_JOURNAL_RECORD_MAX], path[FR_PATH_TEXT_MAX - 1];
	struct fr_journal_record r = record(2), got;
	struct fr_journal_eye eye;

	(void)state;
	memset(path, 'p', sizeof(path));
	r.path = (struct fr_str){ path, sizeof(path) };
	eye = (struct fr_journal_eye){ .all = { bytes, fr_journal_put(&r, bytes) } };
	assert_true(fr_journal_next(&eye, &got));
	check_same(&got, &r);
}

static void every_truncation_ends_the_reading_at_the_last_whole_record(void **state)
{
	char bytes[N * FR_JOURNAL_RECORD_MAX];
	size_t ends[N], n = write_all(bytes, ends);

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		struct fr_journal_eye eye = { .all = { bytes, cut } };
		struct fr_journal_record got;
		size_t whole = 0;

		while (whole < N && ends[whole] <= cut)
			whole++;
		for (size_t i = 0; i < whole; i++)
			assert_true(fr_journal_next(&eye, &got));
		assert_false(fr_journal_next(&eye, &got));
		assert_int_equal(eye.damaged, 0); /* torn is not damaged */
		assert_int_equal(eye.at, whole > 0 ? ends[whole - 1] : 0);
	}
}

static void every_flipped_bit_costs_one_record_and_no_other(void **state)
{
	char bytes[N * FR_JOURNAL_RECORD_MAX];
	size_t ends[N], n = write_all(bytes, ends);

	(void)state;
	for (size_t bit = 0; bit < 8 * n; bit++) {
		struct fr_journal_eye eye = { .all = { bytes, n } };
		struct fr_journal_record got;
		size_t hit = 0;

		while (ends[hit] <= bit / 8)
			hit++;
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		for (size_t i = 0; i < N; i++) {
			struct fr_journal_record want = record((int)i);

			if (i == hit)
				continue;
			assert_true(fr_journal_next(&eye, &got));
			check_same(&got, &want);
		}
		assert_false(fr_journal_next(&eye, &got));
		assert_int_equal(eye.damaged, hit + 1 < N); /* at the end it cannot be told from a torn one */
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
}

static void noise_is_no_journal(void **state)
{
	char noise[4096];
	struct fr_journal_eye eye = { .all = { noise, sizeof(noise) } };
	struct fr_journal_record got;
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 1664525u + 1013904223u;
		noise[i] = i % 5 == 0 ? 'F' : i % 5 == 1 ? 'J' : i % 5 == 2 ? 1 : (char)(x >> 24);
	}
	assert_false(fr_journal_next(&eye, &got));
	assert_int_equal(eye.at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(the_longest_path_has_room),
		cmocka_unit_test(every_truncation_ends_the_reading_at_the_last_whole_record),
		cmocka_unit_test(every_flipped_bit_costs_one_record_and_no_other),
		cmocka_unit_test(noise_is_no_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
