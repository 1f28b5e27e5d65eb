#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "core/shape.h"

static const struct fr_shape_part author[] = {
	{ .name = { "id", 2 }, .kind = FR_SHAPE_ID },
	{ .name = { "nick", 4 }, .kind = FR_SHAPE_TEXT, .optional = true },
};

static const struct fr_shape_part parts[] = {
	{ .name = { "id", 2 }, .kind = FR_SHAPE_ID },
	{ .name = { "title", 5 }, .kind = FR_SHAPE_TEXT, .optional = true },
	{ .name = { "n", 1 }, .kind = FR_SHAPE_NUMBER },
	{ .name = { "ad", 2 }, .kind = FR_SHAPE_FLAG, .optional = true },
	{ .name = { "images", 6 }, .kind = FR_SHAPE_LIST, .optional = true },
	{ .name = { "author", 6 }, .kind = FR_SHAPE_MAP, .inner = { 2, author } },
	{ .name = { "extra", 5 }, .kind = FR_SHAPE_MAP, .optional = true },
};

static const struct fr_shape shape = { sizeof(parts) / sizeof(parts[0]), parts };

static void a_map_is_whole_if_all_is_there_and_nothing_of_another_kind(void **state)
{
	static const struct {
		const char *map;
		bool whole;
	} rows[] = {
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"}}", true },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"},\"unknown\":[]}", true },
		{ "{\"author\":{\"nick\":null,\"id\":\"8\"},\"n\":-1.5,\"id\":\"7\",\"title\":null,\"ad\":false,\"images\":[1],\"extra\":{}}",
		  true },
		{ "{\"id\":\"7\",\"n\":1}", false },
		{ "{\"n\":1,\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":7,\"n\":1,\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":\"x\",\"n\":1,\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":\"\",\"n\":1,\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":\"7\",\"n\":\"1\",\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":\"7\",\"n\":null,\"author\":{\"id\":\"8\"}}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":8}}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":[]}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"},\"title\":1}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"},\"ad\":0}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"},\"images\":{}}", false },
		{ "{\"id\":\"7\",\"n\":1,\"author\":{\"id\":\"8\"},\"id\":\"7\"}", false },
		{ "[]", false },
		{ "\"x\"", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fr_shape_whole(&shape, fr_str_of(rows[i].map)) != rows[i].whole)
			fail_msg("%s", rows[i].map);
}

static void a_part_is_found_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(fr_shape_find(&shape, FR_STR("author")), 5);
	assert_int_equal(fr_shape_find(&shape, FR_STR("autho")), shape.n);
	assert_int_equal(fr_shape_find(&(struct fr_shape){ .n = 0 }, FR_STR("id")), 0);
	assert_true(fr_shape_holds(&parts[1], FR_STR("null")));
	assert_false(fr_shape_holds(&parts[0], FR_STR("null")));
	assert_false(fr_shape_holds(&parts[1], FR_STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_whole_if_all_is_there_and_nothing_of_another_kind),
		cmocka_unit_test(a_part_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
