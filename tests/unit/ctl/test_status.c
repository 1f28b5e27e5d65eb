#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/next.h"
#include "unit/ctl/page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *facts(const char *text)
{
	json_t *o = text == NULL ? NULL : json_loads(text, 0, NULL);

	assert_true(text == NULL || o != NULL);
	return o;
}

static void the_worst_is_said_first_and_how_to_mend_it(void **state)
{
	static const char up[] = "{\"gauges\":{\"journal_up\":1,\"store_up\":1,\"breaker_open\":0,\"limiter_queue\":0}}";
	static const char used_up[] = "[{\"name\":\"a/day\",\"limit\":10,\"spent\":2,\"used_ratio\":0.2},"
				      "{\"name\":\"b/day\",\"limit\":10,\"spent\":10,\"used_ratio\":1.0}]";
	static const struct {
		const char *stats, *budgets, *says;
		enum fr_tint tint;
	} rows[] = {
		{ "{}", NULL, "nothing needs doing", FR_TINT_GOOD },
		{ up, "[]", "nothing needs doing", FR_TINT_GOOD },
		{ "{\"gauges\":{\"journal_up\":0,\"store_up\":0,\"breaker_open\":1}}", used_up, "disk of state_dir",
		  FR_TINT_BAD },
		{ "{\"gauges\":{\"store_up\":0,\"breaker_open\":1}}", used_up, "frugalctl budget set b/day", FR_TINT_BAD },
		{ "{\"gauges\":{\"store_up\":0,\"breaker_open\":1}}", NULL, "the upstream keeps failing", FR_TINT_BAD },
		{ "{\"gauges\":{\"store_up\":0}}", NULL, "Redis is away", FR_TINT_BAD },
		{ up, "[{\"name\":\"a\",\"limit\":100,\"used_ratio\":0.93,\"forecast_ratio\":3}]", "budget a is used to 93 %",
		  FR_TINT_WARN },
		{ up, "[{\"name\":\"a\",\"limit\":100,\"used_ratio\":0.5,\"forecast_ratio\":2.14}]", "budget a ends at 214 %",
		  FR_TINT_WARN },
		{ up, "[{\"name\":\"a\",\"limit\":100,\"used_ratio\":0.5,\"forecast_ratio\":1.0}]", "nothing needs doing",
		  FR_TINT_GOOD },
		{ up, "[{\"name\":\"a\",\"limit\":null,\"spent\":5,\"forecast_ratio\":7}]", "nothing needs doing", FR_TINT_GOOD },
		{ "{\"gauges\":{\"limiter_queue\":3},\"line\":{\"limit\":200,\"used\":200}}", NULL,
		  "calls wait for upstream.rate", FR_TINT_WARN },
		{ "{\"gauges\":{\"limiter_queue\":3},\"line\":{\"limit\":200,\"used\":20}}", NULL, "nothing needs doing",
		  FR_TINT_GOOD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *stats = facts(rows[i].stats), *budgets = facts(rows[i].budgets);
		struct fr_status s = { .place = "x:1", .stats = stats, .budgets = budgets };
		char says[FR_NEXT_MAX];

		assert_int_equal(fr_next(&s, says), rows[i].tint);
		if (strstr(says, rows[i].says) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].says, says);
		json_decref(stats);
		json_decref(budgets);
	}
}

static void write_status(struct page *p, const char *stats, const char *budgets, const char *today)
{
	const struct fr_look plain = { .bars = false };
	struct fr_status s = { .place = "127.0.0.1:8788" };
	json_t *of_stats = facts(stats), *of_budgets = facts(budgets), *of_today = facts(today);

	s.stats = of_stats;
	s.budgets = of_budgets;
	s.today = of_today;
	page_open(p);
	fr_status_write(p->to, &plain, &s);
	json_decref(of_stats);
	json_decref(of_budgets);
	json_decref(of_today);
}

static void one_screen_says_how_it_is(void **state)
{
	static const char screen[] = "frugald 0.1.0 (abc) on 127.0.0.1:8788, up 3 d 4 h since 2026-11-22 08:00 UTC\n"
				     "\n"
				     "Redis     up\n"
				     "Journal   up, 1,200 records that Redis does not have yet\n"
				     "Breaker   closed\n"
				     "Line      37 of 200 calls in the window; 5 wait (interactive 1, batch 4)\n"
				     "Today     1,234 credits spent, 8,321 avoided: 7.7 times fewer\n"
				     "Budgets\n"
				     "  all/month   70 of 100     70 %   ends at 90 %\n"
				     "\n"
				     "Next      nothing needs doing\n";
	struct page p;

	(void)state;
	write_status(
		&p,
		"{\"version\":\"0.1.0\",\"commit\":\"abc\",\"started\":1795334400.5,\"now\":1795608000.7,"
		"\"gauges\":{\"store_up\":1,\"journal_up\":1,\"breaker_open\":0,\"ledger_pending\":1200,\"limiter_queue\":5},"
		"\"line\":{\"limit\":200,\"used\":37,\"queue\":{\"interactive\":1,\"refresh\":0,\"batch\":4}}}",
		"[{\"name\":\"all/month\",\"limit\":100,\"spent\":70,\"used_ratio\":0.7,\"forecast_ratio\":0.9}]",
		"{\"partial\":false,\"totals\":{\"spent\":1234,\"demand\":1200,\"avoided\":8321}}");
	assert_string_equal(page_text(&p), screen);
	page_close(&p);
}

static void what_is_not_told_is_not_made_up(void **state)
{
	static const char screen[] = "frugald of an unknown version on 127.0.0.1:8788\n"
				     "\n"
				     "Redis     not known\n"
				     "Journal   not known\n"
				     "Breaker   not known\n"
				     "Line      limit not known\n"
				     "Credits   1 credit spent, 0 avoided, by this instance since its start\n"
				     "Budgets   none\n"
				     "\n"
				     "Next      nothing needs doing\n";
	struct page p;

	(void)state;
	write_status(&p, "{\"credits\":{\"spent\":1,\"demand\":1,\"avoided\":0}}", NULL, NULL);
	assert_string_equal(page_text(&p), screen);
	page_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_is_said_first_and_how_to_mend_it),
		cmocka_unit_test(one_screen_says_how_it_is),
		cmocka_unit_test(what_is_not_told_is_not_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
