#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "core/explain_stored.h"

static void what_memory_holds_is_told_in_words(void **state)
{
	static const struct {
		struct fr_stored stored;
		const char *text;
	} rows[] = {
		{ { .key = { 1, 2 } },
		  "found under:   00000000000000010000000000000002\n"
		  "stored:        nothing in the memory of this instance; Redis may have it\n" },
		{ { .key = { 1, 2 },
		    .have = true,
		    .verdict = FR_VERDICT_DATA,
		    .stored = { 1795380000000 },
		    .bytes = 120,
		    .read_parts = 3,
		    .view = { .freshness = FR_FRESH, .age = { 90500 }, .left = { 557254000 } } },
		  "found under:   00000000000000010000000000000002\n"
		  "stored:        ok, 120 bytes, asked for 90s ago (Sun, 22 Nov 2026 20:40:00 GMT)\n"
		  "state:         fresh, 154h left\n"
		  "read:          in 3 of 8 parts of its fresh time\n" },
		{ { .key = { 1, 2 },
		    .have = true,
		    .verdict = FR_VERDICT_DATA,
		    .stored = { 1795380000000 },
		    .bytes = 9,
		    .read_parts = 1,
		    .view = { .freshness = FR_STALE, .seldom = true, .age = { 90500 }, .left = { -500 } } },
		  "found under:   00000000000000010000000000000002\n"
		  "stored:        ok, 9 bytes, asked for 90s ago (Sun, 22 Nov 2026 20:40:00 GMT)\n"
		  "state:         stale, 0 over\n"
		  "read:          in 1 of 8 parts of its fresh time, too seldom to be refreshed behind\n" },
		{ { .key = { 1, 2 },
		    .have = true,
		    .flight = "FETCH",
		    .verdict = FR_VERDICT_NOT_FOUND,
		    .stored = { 1795380000000 },
		    .view = { .freshness = FR_RESCUE, .blank = true, .age = { 60000 }, .left = { -5000 } },
		    .purged = { FR_PURGED_SOFT, { 1795380060000 } } },
		  "found under:   00000000000000010000000000000002\n"
		  "stored:        not_found, 0 bytes, asked for 1m ago (Sun, 22 Nov 2026 20:40:00 GMT)\n"
		  "state:         good for a rescue with its dead links blanked, 5s over\n"
		  "read:          in 0 of 8 parts of its fresh time\n"
		  "purged:        softly: served only while it is renewed\n"
		  "purged at:     Sun, 22 Nov 2026 20:41:00 GMT\n"
		  "being asked:   FETCH\n" },
		{ { .key = { 1, 2 },
		    .have = true,
		    .stored = { 1795380000000 },
		    .view = { .freshness = FR_DEAD },
		    .purged = { FR_PURGED_HARD, { 1795380060000 } } },
		  "found under:   00000000000000010000000000000002\n"
		  "stored:        ok, 0 bytes, asked for 0 ago (Sun, 22 Nov 2026 20:40:00 GMT)\n"
		  "state:         dead, 0 over\n"
		  "read:          in 0 of 8 parts of its fresh time\n"
		  "purged:        it does not count any more\n"
		  "purged at:     Sun, 22 Nov 2026 20:41:00 GMT\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_buf b;

		fr_buf_init(&b, 4096);
		assert_int_equal(fr_explain_stored(&b, &rows[i].stored), FR_OK);
		assert_int_equal(fr_buf_add_char(&b, '\0'), FR_OK);
		assert_string_equal(b.p, rows[i].text);
		fr_buf_free(&b);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_memory_holds_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
