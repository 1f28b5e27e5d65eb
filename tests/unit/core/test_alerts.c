#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "core/alerts.h"
#include "unit/core/zones.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { OPS = 1, ONCALL = 2, OWN = 4 };

static const struct fr_alerts three_channels = {
	.n_channels = 3,
	.channels = { { .name = "ops" },
		      { .name = "oncall", .kind = FR_CHANNEL_PAGERDUTY },
		      { .name = "own", .kind = FR_CHANNEL_WEBHOOK } },
};

/* Facts of a budget of 1000 credits. */
static struct fr_alert_facts facts_of(int64_t spent)
{
	static const struct fr_budget budget = { .name = "all/month", .window = FR_WINDOW_MONTH };
	struct fr_alert_facts f = {
		.budget = &budget,
		.zone = &utc,
		.window = { { 1790812800000 }, { 1793491200000 } },
		.at = { 1792000000000 },
		.limit = 1000,
		.spent = spent,
	};

	return f;
}

/* "ops percent 70 <90, oncall percent 90": the lower ones behind '<'. */
static void show(const struct fr_alerts *a, const struct fr_alert_due *due, size_t n, struct fr_buf *ret)
{
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(fr_buf_addf(ret, "%s%s %s %d", i == 0 ? "" : ", ", a->channels[due[i].channel].name,
					     fr_alert_name(due[i].kind), (int)due[i].threshold),
				 FR_OK);
		for (size_t r = 0; r < a->n_rules; r++)
			if ((due[i].lower >> r & 1) != 0)
				assert_int_equal(fr_buf_addf(ret, " <%d", (int)a->rules[r].threshold), FR_OK);
	}
}

static void expect(const struct fr_alerts *a, const struct fr_alert_due *due, size_t n, const char *text)
{
	struct fr_buf shown;

	fr_buf_init(&shown, 4096);
	show(a, due, n, &shown);
	if (!fr_str_is(fr_buf_str(&shown), text))
		fail_msg("'%.*s' instead of '%s'", FR_STR_ARG(fr_buf_str(&shown)), text);
	fr_buf_free(&shown);
}

static void each_channel_hears_of_its_highest_threshold_only(void **state)
{
	static const struct {
		int64_t spent;
		const char *due;
	} rows[] = {
		{ 0, "" },
		{ 699, "" },
		{ 700, "ops percent 70" },
		{ 899, "ops percent 70" },
		{ 900, "ops percent 90 <70, oncall percent 90" },
		{ 1000, "ops percent 100 <70 <90, oncall percent 90" },
		{ 1499, "ops percent 100 <70 <90, oncall percent 90" },
		{ 1500, "ops percent 100 <70 <90, oncall percent 150 <90" }, /* the limit was lowered */
	};
	struct fr_alerts a = three_channels;

	(void)state;
	a.n_rules = 4;
	a.rules[0] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 100, OPS };
	a.rules[1] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 70, OPS };
	a.rules[2] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 90, OPS | ONCALL };
	a.rules[3] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 150, ONCALL };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_alert_facts f = facts_of(rows[i].spent);
		struct fr_alert_due due[FR_ALERTS_DUE_MAX];
		size_t n = fr_alerts_due(&a, &f, due);

		expect(&a, due, n, rows[i].due);
		for (size_t d = 0; d < n; d++)
			assert_int_equal(due[d].window.v, f.window.start.v);
	}
}

static void a_percentage_is_reached_to_the_credit_whatever_the_limit(void **state)
{
	static const struct {
		int64_t limit, percent, spent;
		bool due;
	} rows[] = {
		{ 3000000, 70, 2099999, false },
		{ 3000000, 70, 2100000, true },
		{ 3, 70, 2, false }, /* 2.1 */
		{ 3, 70, 3, true },
		{ 1, 1, 0, false },
		{ 1, 1, 1, true },
		{ 7, 100, 6, false },
		{ 7, 100, 7, true },
		{ 10, 1000, 99, false },
		{ 10, 1000, 100, true },
		{ 0, 100, 5, false }, /* nothing is a part of nothing */
		{ FR_LIMIT_NONE, 1, INT64_C(1000000000000), false },
		{ FR_LIMIT_NONE - 1, 1000, FR_LIMIT_NONE, false },
		{ FR_LIMIT_NONE - 1, 100, FR_LIMIT_NONE, true },
	};
	struct fr_alerts a = three_channels;

	(void)state;
	a.n_rules = 1;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_alert_facts f = facts_of(rows[i].spent);
		struct fr_alert_due due[FR_ALERTS_DUE_MAX];

		f.limit = rows[i].limit;
		a.rules[0] = (struct fr_alert_rule){ FR_ALERT_PERCENT, rows[i].percent, OPS };
		if (fr_alerts_due(&a, &f, due) != rows[i].due)
			fail_msg("row %zu", i);
	}
}

static void kinds_are_told_beside_each_other(void **state)
{
	struct fr_alert_facts f = facts_of(800);
	struct fr_alert_due due[FR_ALERTS_DUE_MAX];
	struct fr_alerts a = three_channels;

	(void)state;
	a.n_rules = 7;
	a.rules[0] = (struct fr_alert_rule){ FR_ALERT_CREDITS, 500, OPS };
	a.rules[1] = (struct fr_alert_rule){ FR_ALERT_CREDITS, 800, OPS | OWN };
	a.rules[2] = (struct fr_alert_rule){ FR_ALERT_FORECAST, 120, OPS };
	a.rules[3] = (struct fr_alert_rule){ FR_ALERT_FORECAST, 200, OPS };
	a.rules[4] = (struct fr_alert_rule){ FR_ALERT_RUNAWAY, 5, ONCALL };
	a.rules[5] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 80, OWN };
	a.rules[6] = (struct fr_alert_rule){ FR_ALERT_REPEATS, 10, OPS };
	expect(&a, due, fr_alerts_due(&a, &f, due), "ops credits 800 <500, own percent 80, own credits 800");
	f.forecast = (struct fr_forecast){ .known = true, .credits = 1999 };
	f.pace = (struct fr_pace){ .known = true, .five_minutes = 500, .hour = 1700, .usual = 1200, .usual_hour = 1200 };
	expect(&a, due, fr_alerts_due(&a, &f, due),
	       "ops credits 800 <500, ops forecast 120, oncall runaway 5, own percent 80, own credits 800");
	assert_int_equal(due[2].window.v, 1791936000000); /* a runaway's window is the day */
	f.forecast.credits = 2000;
	f.limit = FR_LIMIT_NONE;
	f.pace.known = false;
	expect(&a, due, fr_alerts_due(&a, &f, due), "ops credits 800 <500, own credits 800");
	f.limit = 1000;
	f.spent = 0;
	expect(&a, due, fr_alerts_due(&a, &f, due), "ops forecast 200 <120");
}

static void every_rule_of_every_channel_may_be_due(void **state)
{
	struct fr_alert_facts f = facts_of(5000);
	struct fr_alert_due due[FR_ALERTS_DUE_MAX];
	struct fr_alerts a = { .n_channels = FR_CHANNELS_MAX, .n_rules = FR_ALERT_RULES_MAX };

	(void)state;
	f.forecast = (struct fr_forecast){ .known = true, .credits = 9000 };
	f.pace = (struct fr_pace){ .known = true, .five_minutes = 5000, .hour = 17000, .usual = 1, .usual_hour = 1 };
	for (size_t i = 0; i < FR_ALERT_RULES_MAX; i++)
		a.rules[i] = (struct fr_alert_rule){ (enum fr_alert_kind)(i % 4), (int64_t)(2 + i), 0xffff };
	assert_int_equal(fr_alerts_due(&a, &f, due), FR_ALERTS_DUE_MAX);
	for (size_t i = 0; i < FR_ALERTS_DUE_MAX; i++)
		assert_int_equal(due[i].threshold, 2 + 28 + due[i].kind);
}

static void a_loop_is_told_once_it_asked_more_often_than_allowed(void **state)
{
	static const struct {
		int64_t count;
		const char *due;
	} rows[] = { { 500, "" }, { 501, "ops repeats 500" }, { 2001, "ops repeats 2000 <500, own repeats 2000" } };
	struct fr_alerts a = three_channels;

	(void)state;
	assert_int_equal(fr_alerts_repeats(&a), 0);
	a.n_rules = 3;
	a.rules[0] = (struct fr_alert_rule){ FR_ALERT_REPEATS, 2000, OPS | OWN };
	a.rules[1] = (struct fr_alert_rule){ FR_ALERT_REPEATS, 500, OPS };
	a.rules[2] = (struct fr_alert_rule){ FR_ALERT_PERCENT, 10, OPS };
	assert_int_equal(fr_alerts_repeats(&a), 500);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_alert_due due[FR_ALERTS_DUE_MAX];

		expect(&a, due, fr_alerts_due_repeats(&a, rows[i].count, (fr_wall){ 1792000000000 }, due), rows[i].due);
	}
}

static void an_id_names_channel_kind_scope_threshold_and_window(void **state)
{
	const struct fr_channel longest = { .name = "0123456789012345678901234567890" };
	char id[FR_ALERT_ID_MAX], scope[FR_BUDGET_NAME_MAX + 100];

	(void)state;
	fr_alert_id(id, &three_channels.channels[0], FR_ALERT_PERCENT, "all/month", 70, (fr_wall){ 1790809200000 });
	assert_string_equal(id, "ops|percent|all/month|70|1790809200");
	fr_alert_id(id, &three_channels.channels[1], FR_ALERT_REPEATS, "client:dashboard", 500, (fr_wall){ 0 });
	assert_string_equal(id, "oncall|repeats|client:dashboard|500|0");
	memset(scope, 'x', sizeof(scope));
	scope[sizeof(scope) - 1] = '\0';
	fr_alert_id(id, &longest, FR_ALERT_FORECAST, scope, INT64_MAX, (fr_wall){ INT64_MAX });
	assert_true(fr_str_ends(fr_str_of(id), "|9223372036854775807|9223372036854775"));
	assert_true(strlen(id) <= 255); /* what PagerDuty takes */
}

static void facts_know_an_operators_limit_and_the_windows_end(void **state)
{
	struct fr_budgets *all = fr_calloc(1, sizeof(*all));
	struct fr_budget b = { .name = "all/month", .window = FR_WINDOW_MONTH, .start_day = 1, .credits = 100, .zone = 0 };
	struct fr_spending s;
	struct fr_alert_facts f;

	(void)state;
	all->n_zones = 1;
	all->zones[0] = berlin;
	fr_spending_init(&s, (fr_wall){ INT64_C(1790805600) * 1000 }, (fr_wall){ INT64_C(1792000000) * 1000 });
	s.known = true;
	s.spent = 50;
	s.outstanding = 3;
	fr_alert_facts(&f, all, &b, &s);
	assert_int_equal(f.window.start.v, INT64_C(1790805600) * 1000); /* 2026-10-01 in Berlin's summer */
	assert_int_equal(f.window.end.v, INT64_C(1793487600) * 1000);   /* 2026-11-01 in its winter */
	assert_int_equal(f.limit, 100);
	assert_int_equal(f.spent, 50);
	assert_int_equal(f.outstanding, 3);
	assert_true(f.forecast.known);
	s.overridden = true;
	s.limit = FR_LIMIT_NONE;
	fr_alert_facts(&f, all, &b, &s);
	assert_true(f.limit == FR_LIMIT_NONE);
	free(all);
}

static void a_report_is_due_at_its_local_time(void **state)
{
	static const struct {
		int64_t now, due; /* seconds */
	} rows[] = {
		{ 1774652400, 1774677600 }, /* 2026-03-28 00:00 in Berlin: 07:00 is eight hours after */
		{ 1774738799, 1774677600 }, /* 23:59:59 */
		{ 1774738800, 1774760400 }, /* the next midnight: the clock will have been put forward at two */
		{ 1792965600, 1792908000 }, /* 2026-10-25, 23:00: a day of 25 hours */
		{ 1792969200, 1792994400 },
	};
	struct fr_report_time r = { .on = true, .hour = 7, .minute = 0 };

	(void)state;
	r.zone = berlin;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t due = fr_report_due(&r, (fr_wall){ rows[i].now * 1000 }).v / 1000;

		if (due != rows[i].due)
			fail_msg("row %zu: %lld", i, (long long)due);
	}
}

static void channels_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(fr_alerts_channel(&three_channels, FR_STR("own")), &three_channels.channels[2]);
	assert_null(fr_alerts_channel(&three_channels, FR_STR("ow")));
	assert_null(fr_alerts_channel(&three_channels, FR_STR("")));
	assert_string_equal(fr_channel_kind_name(FR_CHANNEL_PAGERDUTY), "pagerduty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_channel_hears_of_its_highest_threshold_only),
		cmocka_unit_test(a_percentage_is_reached_to_the_credit_whatever_the_limit),
		cmocka_unit_test(kinds_are_told_beside_each_other),
		cmocka_unit_test(every_rule_of_every_channel_may_be_due),
		cmocka_unit_test(a_loop_is_told_once_it_asked_more_often_than_allowed),
		cmocka_unit_test(an_id_names_channel_kind_scope_threshold_and_window),
		cmocka_unit_test(facts_know_an_operators_limit_and_the_windows_end),
		cmocka_unit_test(a_report_is_due_at_its_local_time),
		cmocka_unit_test(channels_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
