#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/load.h"
#include "conf/section.h"
#include "conf/terms.h"

enum { TEXT_MAX = 256 * 1024 };

static void page(struct fr_buf *b)
{
	fr_buf_init(b, TEXT_MAX);
	assert_int_equal(fr_conf_page(b), FR_OK);
	assert_int_equal(fr_buf_add_char(b, '\0'), FR_OK);
}

static void assert_names(const struct fr_buf *b, const char *name)
{
	char entry[128];

	snprintf(entry, sizeof(entry), "\n.TP\n\\fB%s\\fR: ", name);
	if (strstr(b->p, entry) == NULL)
		fail_msg("'%s' is not told", name);
}

static void the_page_names_every_setting_and_every_key(void **state)
{
	struct fr_buf b;

	(void)state;
	page(&b);
	for (size_t i = 0; i < FR_ROWS; i++)
		assert_names(&b, fr_settings_rows[i].path);
	for (size_t i = 0; i < FR_TERMS_KEYS; i++)
		assert_names(&b, fr_terms_keys[i].name);
	for (size_t i = 0; i < FR_SECTIONS; i++)
		for (size_t k = 0; k < fr_sections[i]->n_keys; k++)
			assert_names(&b, fr_sections[i]->keys[k].name);
	assert_non_null(strstr(b.p, "\n\\fBupstream.timeout\\fR: 100ms to 5m; default: 30s\n"));
	fr_buf_free(&b);
}

/* A line that begins with a point is a request: only those that were meant may be there. */
static void no_text_is_taken_for_a_request_or_for_another_sign(void **state)
{
	struct fr_str rest;
	struct fr_buf b;

	(void)state;
	page(&b);
	rest = fr_str_of(b.p);
	while (rest.p != NULL) {
		struct fr_str line = fr_str_cut(&rest, '\n');

		if (line.n > 0 && (line.p[0] == '.' || line.p[0] == '\''))
			assert_true(fr_str_is(line, ".TP") || fr_str_starts(line, ".SH "));
		for (size_t i = 0; i < line.n; i++)
			if (line.p[i] == '-' || line.p[i] == '`')
				assert_true(i > 0 && line.p[i] == '-' && line.p[i - 1] == '\\');
	}
	fr_buf_free(&b);
}

static void a_full_buffer_is_an_error_not_a_shorter_page(void **state)
{
	(void)state;
	for (size_t ceiling = 0; ceiling < 3000; ceiling += 97) {
		struct fr_buf b;

		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_conf_page(&b), FR_TOOBIG);
		fr_buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_names_every_setting_and_every_key),
		cmocka_unit_test(no_text_is_taken_for_a_request_or_for_another_sign),
		cmocka_unit_test(a_full_buffer_is_an_error_not_a_shorter_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
