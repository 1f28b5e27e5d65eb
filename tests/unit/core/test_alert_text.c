#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "core/alert_body.h"
#include "unit/core/rows.h"
#include "unit/core/zones.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct fr_budget month = { .name = "all/month", .window = FR_WINDOW_MONTH };
static const struct fr_budget tenants_day = { .name = "tenant:acme/day", .scope = FR_SCOPE_TENANT, .window = FR_WINDOW_DAY };

/* The article's: 71 % of the month's credits are gone, and on the 21st all will be. */
static const struct fr_alert_facts article = {
	.budget = &month,
	.zone = &berlin,
	.window = { { INT64_C(1793487600000) }, { INT64_C(1796079600000) } },
	.at = { INT64_C(1794430000000) },
	.limit = 3000000,
	.spent = 2130004,
	.outstanding = 17,
	.forecast = { true, 6420000, { INT64_C(1795300000000) } },
	.pace = { true, 3400, 12000.4, 4200, 4100 },
};
static const struct fr_tops tops = {
	.n = 3,
	.at = { { { "/a/", 3 }, 880000 }, { { "/b/", 3 }, 420000 }, { { "/c/", 3 }, 190000 } },
	.all = 2130004,
	.of = "",
};

static struct fr_alert alert_of(enum fr_alert_kind kind, int64_t threshold, const struct fr_alert_facts *f)
{
	struct fr_alert a = { .kind = kind, .threshold = threshold, .facts = f, .tops = f != NULL ? &tops : NULL };

	(void)fr_str_copy(a.scope, sizeof(a.scope), fr_str_of(f != NULL ? f->budget->name : "ops"));
	(void)fr_str_copy(a.id, sizeof(a.id), FR_STR("the-id"));
	return a;
}

static void expect(const struct fr_alert *a, const char *text)
{
	struct fr_buf b;

	fr_buf_init(&b, FR_ALERT_TEXT_MAX);
	assert_int_equal(fr_alert_text(&b, a), FR_OK);
	if (!fr_str_is(fr_buf_str(&b), text))
		fail_msg("\n%.*sinstead of\n%s", FR_STR_ARG(fr_buf_str(&b)), text);
	fr_buf_free(&b);
}

static void the_first_sentence_says_it_all(void **state)
{
	struct fr_alert a = alert_of(FR_ALERT_PERCENT, 70, &article);

	(void)state;
	expect(&a,
	       "TikTok API spend at 71 % of all/month: 2,130,004 of 3,000,000 credits. Top endpoints: /a/ 41 %, /b/ 19 %, /c/ 8 %. "
	       "At this rate the month ends at 214 % (used up on 2026-11-21).\n"
	       "What to do: Start with /a/: `frugalctl report --by endpoint` shows what it costs and avoids; a longer `fresh` "
	       "under `endpoints:` makes it cost less.\n");
	a = alert_of(FR_ALERT_CREDITS, 2000000, &article);
	a.tops = NULL;
	expect(&a,
	       "TikTok API spend of all/month has passed 2,000,000 credits: 2,130,004 of 3,000,000 credits. At this rate the month "
	       "ends at 214 % (used up on 2026-11-21).\n"
	       "What to do: `frugalctl report --by reason` and `--by tenant` show what the credits are spent on, and for whom.\n");
	a = alert_of(FR_ALERT_FORECAST, 120, &article);
	a.tops = NULL;
	expect(&a,
	       "TikTok API spend of all/month is on its way to 214 % of the budget: 2,130,004 of 3,000,000 credits after 36 % of "
	       "the month. At this rate the month ends at 214 % (used up on 2026-11-21).\n"
	       "What to do: `frugalctl report --by reason` and `--by tenant` show what the credits are spent on, and for whom.\n");
}

static void a_runaway_is_told_with_what_is_usual(void **state)
{
	struct fr_alert a = alert_of(FR_ALERT_RUNAWAY, 5, &article);

	(void)state;
	expect(&a,
	       "TikTok API spend of all/month runs away: 3,400 credits in the last five minutes, 9.7 times what is usual now; 12,000 in "
	       "the last hour, usually 4,100. Top endpoints: /a/ 41 %, /b/ 19 %, /c/ 8 %. At this rate the month ends at 214 % (used "
	       "up on 2026-11-21).\n"
	       "What to do: `frugalctl report --by tenant` and `--by endpoint` show who asks, and for what; a budget for that tenant or "
	       "endpoint holds it until the cause is found.\n");
}

static void a_budget_that_is_used_up_says_what_happens_now(void **state)
{
	struct fr_alert_facts f = article;
	struct fr_tops others = tops;
	struct fr_alert a;

	(void)state;
	f.budget = &tenants_day;
	f.limit = f.spent = 500;
	others.of = "of all tenants";
	others.at[0].credits = 1000;
	a = alert_of(FR_ALERT_PERCENT, 100, &f);
	a.tops = &others;
	expect(&a,
	       "TikTok API spend at 100 % of tenant:acme/day: 500 of 500 credits. Top endpoints of all tenants: /a/ 0 %, /b/ 19 %, /c/ 8 "
	       "%.\n"
	       "What to do: The budget is used up: what costs nothing is served until the day ends, the rest is refused. `frugalctl budget set "
	       "tenant:acme/day CREDITS` raises it. `frugalctl report` shows what the credits are spent on.\n");
	f.limit = FR_LIMIT_NONE;
	a = alert_of(FR_ALERT_CREDITS, 100, &f);
	a.tops = NULL;
	expect(&a, "TikTok API spend of tenant:acme/day has passed 100 credits: 500 credits.\n"
		   "What to do: `frugalctl report` shows what the credits are spent on.\n");
}

static void within_a_day_the_hour_is_told(void **state)
{
	struct fr_alert_facts f = article;
	struct fr_alert a;

	(void)state;
	f.budget = &tenants_day;
	f.forecast.exhausted.v = 1794434700000;
	a = alert_of(FR_ALERT_PERCENT, 70, &f);
	a.tops = NULL;
	expect(&a,
	       "TikTok API spend at 71 % of tenant:acme/day: 2,130,004 of 3,000,000 credits. At this rate the day ends at 214 % (used up "
	       "at 23:05 Europe/Berlin).\n"
	       "What to do: `frugalctl report` shows what the credits are spent on.\n");
	f.forecast.exhausted.v = 0;
	f.forecast.credits = 2999999;
	expect(&a,
	       "TikTok API spend at 71 % of tenant:acme/day: 2,130,004 of 3,000,000 credits. At this rate the day ends at 99 %.\n"
	       "What to do: `frugalctl report` shows what the credits are spent on.\n");
}

static void clients_loops_and_tests_have_their_words(void **state)
{
	const struct fr_repeat loop = { "dashboard", "/a/?x=1", 1234 };
	struct fr_alert a = alert_of(FR_ALERT_REPEATS, 500, NULL);

	(void)state;
	a.repeat = &loop;
	expect(&a,
	       "Client dashboard has asked the same question 1,234 times within five minutes: /a/?x=1\n"
	       "What to do: look for a loop, or a pause that is too short, in that client. `frugalctl explain` shows how long an answer "
	       "stays fresh: asking more often brings nothing new.\n");
	a = alert_of(FR_ALERT_TEST, 0, NULL);
	expect(&a, "This is a test of channel ops by frugald.\nWhat to do: nothing. The channel works.\n");
}

static void the_top_three_are_those_that_cost_the_most(void **state)
{
	struct fr_catalogue *c = rows_new();
	struct fr_totals *days = fr_calloc(2, sizeof(*days));
	int64_t spent[FR_ENDPOINTS_MAX] = { 0 };
	struct fr_tops t;

	(void)state;
	fr_tops_of(&t, c, spent, "");
	assert_int_equal(t.n, 0);
	days[0].v[0][FR_TOTAL_demand] = 5;
	days[1].v[0][FR_TOTAL_background] = 2;
	days[1].v[2][FR_TOTAL_demand] = 50;
	fr_tops_add(spent, days, 2);
	fr_tops_of(&t, c, spent, "");
	assert_int_equal(t.n, 2);
	assert_true(fr_str_eq(t.at[0].label, c->rows[2].path));
	assert_int_equal(t.at[1].credits, 7);
	spent[1] = 60;
	spent[3] = 6;
	spent[c->n - 1] = 55;
	fr_tops_of(&t, c, spent, "");
	assert_int_equal(t.n, 3);
	assert_int_equal(t.all, 60 + 55 + 50 + 7 + 6);
	assert_int_equal(t.at[0].credits, 60);
	assert_true(fr_str_is(t.at[1].label, "other"));
	assert_int_equal(t.at[2].credits, 50);
	free(days);
	rows_free(c);
}

static void the_daily_report_has_leaders_mechanisms_and_budgets(void **state)
{
	struct fr_catalogue *c = rows_new();
	struct fr_totals *day = fr_calloc(1, sizeof(*day));
	struct fr_alert_facts budgets[2] = { article, article };
	struct fr_buf b;

	(void)state;
	day->day = 20782;
	day->v[1][FR_TOTAL_demand] = 8000;
	day->v[1][FR_TOTAL_background] = 1500;
	day->v[0][FR_TOTAL_demand] = 500;
	day->v[0][FR_TOTAL_avoided] = 40000;
	day->v[0][FR_TOTAL_refused] = 12;
	day->v[0][FR_TOTAL_requests] = 60000;
	day->outcomes[FR_OUTCOME_HIT][FR_TOTAL_avoided] = 30000;
	day->outcomes[FR_OUTCOME_COLLAPSED][FR_TOTAL_avoided] = 10000;
	budgets[1].limit = FR_LIMIT_NONE;
	fr_buf_init(&b, FR_ALERT_TEXT_MAX);
	assert_int_equal(fr_alert_report(&b, c, day, budgets, 2), FR_OK);
	if (!fr_str_is(fr_buf_str(&b),
		       "frugald on 2026-11-25 (UTC): 10,000 credits spent (1,500 in the background), 40,000 avoided, 12 refused, "
		       "by 60,000 requests.\n"
		       "\nSpent, by endpoint\n"
		       "  /user-posts/  9,500  (95 %)\n"
		       "  /userid/  500  (5 %)\n"
		       "\nAvoided, by how the request ended\n"
		       "  hit  30,000  (75 %)\n"
		       "  collapsed  10,000  (25 %)\n"
		       "\nBudgets now\n"
		       "  all/month  2,130,004 of 3,000,000 credits (71 %). At this rate the month ends at 214 % (used up on "
		       "2026-11-21).\n"
		       "  all/month  2,130,004 credits, no limit.\n"))
		fail_msg("%.*s", FR_STR_ARG(fr_buf_str(&b)));
	fr_buf_clear(&b);
	memset(day->v, 0, sizeof(day->v));
	memset(day->outcomes, 0, sizeof(day->outcomes));
	assert_int_equal(fr_alert_report(&b, c, day, NULL, 0), FR_OK);
	assert_true(fr_str_is(fr_buf_str(&b),
			      "frugald on 2026-11-25 (UTC): 0 credits spent (0 in the background), 0 avoided, 0 refused, "
			      "by 0 requests.\n"));
	fr_buf_free(&b);
	free(day);
	rows_free(c);
}

static void the_longest_report_fits(void **state)
{
	struct fr_catalogue *c = rows_new();
	struct fr_totals *day = fr_calloc(1, sizeof(*day));
	struct fr_alert_facts *budgets = fr_calloc(FR_BUDGETS_MAX, sizeof(*budgets));
	struct fr_budget long_name = month;
	struct fr_alert a = alert_of(FR_ALERT_REPORT, 0, NULL);
	struct fr_buf b, body;

	(void)state;
	memset(long_name.name, '<', sizeof(long_name.name) - 1);
	for (size_t i = 0; i < FR_BUDGETS_MAX; i++) {
		budgets[i] = article;
		budgets[i].budget = &long_name;
	}
	for (size_t o = 0; o < FR_OUTCOMES; o++)
		day->outcomes[o][FR_TOTAL_avoided] = INT64_MAX / 100;
	for (size_t i = 0; i < c->n; i++)
		day->v[i][FR_TOTAL_demand] = INT64_MAX / 100;
	fr_buf_init(&b, FR_ALERT_TEXT_MAX);
	assert_int_equal(fr_alert_report(&b, c, day, budgets, FR_BUDGETS_MAX), FR_OK);
	a.text = fr_buf_str(&b);
	assert_true(fr_str_ends(a.text, "and 44 more: `frugalctl budget show` has them all\n"));
	for (enum fr_channel_kind kind = 0; kind < FR_CHANNEL_KINDS; kind++) {
		fr_buf_init(&body, FR_ALERT_BODY_MAX);
		assert_int_equal(fr_alert_body(&body, kind, &a), FR_OK);
		fr_buf_free(&body);
	}
	fr_buf_free(&b);
	free(budgets);
	free(day);
	rows_free(c);
}

static json_t *body_of(enum fr_channel_kind kind, struct fr_alert *a)
{
	struct fr_buf b;
	json_t *j;

	fr_buf_init(&b, FR_ALERT_BODY_MAX);
	assert_int_equal(fr_alert_body(&b, kind, a), FR_OK);
	j = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	fr_buf_free(&b);
	return j;
}

static const char *text_at(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int64_t number_at(const json_t *j, const char *key)
{
	assert_true(json_is_integer(json_object_get(j, key)));
	return json_integer_value(json_object_get(j, key));
}

static void slack_gets_a_text_with_its_three_characters_escaped(void **state)
{
	struct fr_alert a = alert_of(FR_ALERT_PERCENT, 70, &article);
	json_t *j;

	(void)state;
	a.text = FR_STR("a < b & c > \"d\"\nnext");
	j = body_of(FR_CHANNEL_SLACK, &a);
	assert_int_equal(json_object_size(j), 1);
	assert_string_equal(text_at(j, "text"), "a &lt; b &amp; c &gt; \"d\"\nnext");
	json_decref(j);
}

static void pagerduty_gets_a_trigger_without_a_key(void **state)
{
	static const struct {
		enum fr_alert_kind kind;
		int64_t threshold;
		const char *severity;
	} rows[] = {
		{ FR_ALERT_PERCENT, 70, "warning" },   { FR_ALERT_PERCENT, 90, "error" }, { FR_ALERT_PERCENT, 100, "critical" },
		{ FR_ALERT_FORECAST, 120, "warning" }, { FR_ALERT_RUNAWAY, 5, "error" },  { FR_ALERT_CREDITS, 5, "warning" },
		{ FR_ALERT_TEST, 0, "info" },
	};
	char longest[3000];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	memcpy(longest + 1023, "\xc3\xa4", 2); /* a character across the end of what fits */
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_alert a = alert_of(rows[i].kind, rows[i].threshold, &article);
		json_t *j, *payload;

		a.text = i == 0 ? (struct fr_str){ longest, sizeof(longest) } : FR_STR("first line\nsecond line");
		j = body_of(FR_CHANNEL_PAGERDUTY, &a);
		payload = json_object_get(j, "payload");
		assert_string_equal(text_at(j, "event_action"), "trigger");
		assert_string_equal(text_at(j, "dedup_key"), "the-id");
		assert_null(json_object_get(j, "routing_key"));
		assert_string_equal(text_at(payload, "severity"), rows[i].severity);
		assert_non_null(text_at(payload, "source"));
		assert_int_equal(strlen(text_at(payload, "summary")), i == 0 ? 1023 : strlen("first line"));
		assert_int_equal(number_at(json_object_get(json_object_get(payload, "custom_details"), "figures"), "spent"),
				 2130004);
		json_decref(j);
	}
}

static void a_webhook_gets_all_figures(void **state)
{
	struct fr_alert a = alert_of(FR_ALERT_PERCENT, 70, &article);
	const struct fr_repeat loop = { "dash\"board", "/a/?x=1", 1234 };
	json_t *j, *f;

	(void)state;
	a.text = FR_STR("text");
	a.window = article.window.start;
	j = body_of(FR_CHANNEL_WEBHOOK, &a);
	f = json_object_get(j, "figures");
	assert_string_equal(text_at(j, "id"), "the-id");
	assert_string_equal(text_at(j, "kind"), "percent");
	assert_string_equal(text_at(j, "scope"), "all/month");
	assert_string_equal(text_at(j, "text"), "text");
	assert_int_equal(number_at(j, "threshold"), 70);
	assert_int_equal(number_at(j, "window"), 1793487600);
	assert_int_equal(number_at(f, "limit"), 3000000);
	assert_int_equal(number_at(f, "outstanding"), 17);
	assert_int_equal(number_at(f, "forecast"), 6420000);
	assert_int_equal(number_at(f, "used_up_at"), 1795300000);
	assert_int_equal(number_at(f, "five_minutes"), 3400);
	assert_int_equal(number_at(f, "usual_hour"), 4100);
	assert_int_equal(json_array_size(json_object_get(f, "top_endpoints")), 3);
	assert_string_equal(text_at(json_array_get(json_object_get(f, "top_endpoints"), 1), "endpoint"), "/b/");
	json_decref(j);

	a = alert_of(FR_ALERT_REPEATS, 500, NULL);
	a.repeat = &loop;
	j = body_of(FR_CHANNEL_WEBHOOK, &a);
	f = json_object_get(j, "figures");
	assert_string_equal(text_at(f, "client"), "dash\"board");
	assert_int_equal(number_at(f, "count"), 1234);
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_sentence_says_it_all),
		cmocka_unit_test(a_runaway_is_told_with_what_is_usual),
		cmocka_unit_test(a_budget_that_is_used_up_says_what_happens_now),
		cmocka_unit_test(within_a_day_the_hour_is_told),
		cmocka_unit_test(clients_loops_and_tests_have_their_words),
		cmocka_unit_test(the_top_three_are_those_that_cost_the_most),
		cmocka_unit_test(the_daily_report_has_leaders_mechanisms_and_budgets),
		cmocka_unit_test(the_longest_report_fits),
		cmocka_unit_test(slack_gets_a_text_with_its_three_characters_escaped),
		cmocka_unit_test(pagerduty_gets_a_trigger_without_a_key),
		cmocka_unit_test(a_webhook_gets_all_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
