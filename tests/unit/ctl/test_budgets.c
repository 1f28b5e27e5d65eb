#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/budgets.h"
#include "unit/ctl/page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *facts(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);

	assert_non_null(o);
	return o;
}

static void the_forecast_says_where_it_ends_and_when_it_runs_out(void **state)
{
	static const struct {
		const char *budget, *says;
	} rows[] = {
		{ "{\"limit\":100,\"spent\":50,\"used_ratio\":0.5,\"forecast_ratio\":2.14,\"exhausted_at\":\"2026-11-21T00:00:00Z\"}",
		  "ends at 214 %, exhausted on 2026-11-21" },
		{ "{\"limit\":100,\"spent\":50,\"used_ratio\":0.5,\"forecast_ratio\":0.8,\"exhausted_at\":null}",
		  "ends at 80 %" },
		{ "{\"limit\":100,\"spent\":100,\"used_ratio\":1.0,\"forecast_ratio\":2.14}", "used up" },
		{ "{\"limit\":100,\"spent\":100}", "used up" },
		{ "{\"limit\":0,\"spent\":0}", "used up" },
		{ "{\"limit\":100,\"spent\":50}", "" },
		{ "{\"limit\":null,\"spent\":50,\"forecast_ratio\":2.14}", "" },
		{ "{\"limit\":9007199254740991,\"spent\":50,\"forecast_ratio\":0.1}", "" },
		{ "{}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *o = facts(rows[i].budget);
		char says[FR_BUDGETS_FORECAST_MAX];
		struct fr_budgets_row row;

		fr_budgets_row(o, &row);
		fr_budgets_forecast(&row, says);
		assert_string_equal(says, rows[i].says);
		json_decref(o);
	}
}

static void what_is_lent_is_not_left(void **state)
{
	json_t *o = facts("{\"name\":\"all/month\",\"limit\":100,\"spent\":50,\"outstanding\":30,\"held\":4}");
	json_t *over = facts("{\"limit\":100,\"spent\":90,\"outstanding\":30}");
	struct fr_budgets_row row;

	(void)state;
	fr_budgets_row(o, &row);
	assert_int_equal(row.left, 20);
	assert_true(row.used == 0.5);
	fr_budgets_row(over, &row);
	assert_int_equal(row.left, 0); /* the limit was lowered */
	json_decref(o);
	json_decref(over);
}

static const char list[] =
	"[{\"name\":\"all/month\",\"window\":\"2026-11\",\"limit\":3000000,\"spent\":2120331,\"outstanding\":200,"
	"\"held\":20,\"used_ratio\":0.706,\"level\":\"stretch\",\"forecast_ratio\":2.14,\"exhausted_at\":1795334400},"
	"{\"name\":\"tenant:acme/day\",\"window\":\"2026-11-22\",\"limit\":null,\"spent\":7}]";

static void budgets_are_columns_that_line_up(void **state)
{
	static const char brief[] =
		"  all/month         2,120,331 of 3,000,000     70 %   ends at 214 %, exhausted on 2026-11-22\n"
		"  tenant:acme/day           7 of      none        -\n";
	static const char table[] =
		"Budget            Window           Spent       Limit   Lent   Held here      Left   State       Used\n"
		"all/month         2026-11      2,120,331   3,000,000    200          20   879,469   stretch     70 %   "
		"ends at 214 %, exhausted on 2026-11-22\n"
		"tenant:acme/day   2026-11-22           7        none      0           0         -                  -\n";
	const struct fr_look plain = { .bars = false };
	json_t *o = facts(list);
	struct page p;

	(void)state;
	page_open(&p);
	fr_budgets_brief(p.to, &plain, o);
	assert_string_equal(page_text(&p), brief);
	page_close(&p);
	page_open(&p);
	fr_budgets_table(p.to, &plain, o);
	assert_string_equal(page_text(&p), table);
	page_close(&p);
	json_decref(o);
}

static void a_terminal_gets_a_bar_in_the_colour_of_danger(void **state)
{
	const struct fr_look look = { .bars = true, .colour = true };
	json_t *o = facts(list);
	struct page p;

	(void)state;
	page_open(&p);
	fr_budgets_brief(p.to, &look, o);
	assert_non_null(strstr(page_text(&p), "\033[33m[##############......]   70 %\033[0m"));
	page_close(&p);
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_forecast_says_where_it_ends_and_when_it_runs_out),
		cmocka_unit_test(what_is_lent_is_not_left),
		cmocka_unit_test(budgets_are_columns_that_line_up),
		cmocka_unit_test(a_terminal_gets_a_bar_in_the_colour_of_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
