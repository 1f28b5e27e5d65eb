#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "core/needs.h"

static const struct fr_shape_part parts[] = {
	{ .name = { "id", 2 }, .kind = FR_SHAPE_ID },
	{ .name = { "title", 5 }, .kind = FR_SHAPE_TEXT },
	{ .name = { "play_count", 10 }, .kind = FR_SHAPE_NUMBER },
};

static void a_list_of_names_is_a_set_of_bits(void **state)
{
	static const struct {
		const char *list;
		uint64_t bits;
		bool unknown;
	} rows[] = {
		{ "", 0, false },
		{ " , ,", 0, false },
		{ "id", 1, false },
		{ "play_count,id", 5, false },
		{ " title ,\tid,title", 3, false },
		{ "*", 0, false },
		{ "title,*", 0, false },
		{ "title,likes", 0, true },
		{ "Title", 0, true },
		{ "titl", 0, true },
		{ "*,likes", 0, true },
	};
	const struct fr_shape shape = { 3, parts }, unknown = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_needs needs = fr_needs_read(&shape, fr_str_of(rows[i].list));

		if (needs.bits != rows[i].bits || needs.unknown != rows[i].unknown)
			fail_msg("'%s'", rows[i].list);
	}
	assert_true(fr_needs_read(&unknown, FR_STR("id")).unknown);
	assert_false(fr_needs_read(&unknown, FR_STR("*")).unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_names_is_a_set_of_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
