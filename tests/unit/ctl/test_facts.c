#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/facts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *facts(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);

	assert_non_null(o);
	return o;
}

static void what_is_missing_or_something_else_is_not_known(void **state)
{
	json_t *o = facts("{\"a\":{\"n\":7,\"r\":0.5,\"t\":\"x\",\"z\":null},\"n\":\"7\"}");

	(void)state;
	assert_int_equal(fr_facts_number(o, "a.n", -1), 7);
	assert_int_equal(fr_facts_number(o, "a.r", -1), -1);
	assert_int_equal(fr_facts_number(o, "n", -1), -1);
	assert_int_equal(fr_facts_number(o, "a.n.m", -1), -1);
	assert_int_equal(fr_facts_number(o, "b.n", -1), -1);
	assert_int_equal(fr_facts_number(NULL, "a.n", -1), -1);
	assert_true(fr_facts_real(o, "a.r") == 0.5);
	assert_true(fr_facts_real(o, "a.n") == 7);
	assert_true(isnan(fr_facts_real(o, "a.t")));
	assert_string_equal(fr_facts_text(o, "a.t", "?"), "x");
	assert_string_equal(fr_facts_text(o, "a.z", "?"), "?");
	assert_null(fr_facts_at(o, "c"));
	json_decref(o);
}

static void a_day_is_read_from_seconds_milliseconds_and_text(void **state)
{
	static const struct {
		const char *json, *day; /* NULL: not known */
	} rows[] = {
		{ "{\"t\":1795334400}", "2026-11-22" },
		{ "{\"t\":1795334400.250}", "2026-11-22" },
		{ "{\"t\":1795334400000}", "2026-11-22" },
		{ "{\"t\":\"2026-11-22\"}", "2026-11-22" },
		{ "{\"t\":\"2026-11-22T08:00:00Z\"}", "2026-11-22" },
		{ "{\"t\":\"soon\"}", NULL },
		{ "{\"t\":\"\"}", NULL },
		{ "{\"t\":0}", NULL },
		{ "{\"t\":-5}", NULL },
		{ "{\"t\":1e300}", NULL },
		{ "{\"t\":null}", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *o = facts(rows[i].json);
		char day[11] = "";

		assert_int_equal(fr_facts_day(o, "t", day), rows[i].day != NULL);
		assert_string_equal(day, rows[i].day == NULL ? "" : rows[i].day);
		json_decref(o);
	}
}

static void an_answer_that_is_no_json_is_nothing(void **state)
{
	struct fr_answer a = { .status = 200 };

	(void)state;
	fr_buf_init(&a.body, 100);
	assert_null(fr_facts_of(&a));
	assert_int_equal(fr_buf_add_text(&a.body, "<html>"), FR_OK);
	assert_null(fr_facts_of(&a));
	fr_answer_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_or_something_else_is_not_known),
		cmocka_unit_test(a_day_is_read_from_seconds_milliseconds_and_text),
		cmocka_unit_test(an_answer_that_is_no_json_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
