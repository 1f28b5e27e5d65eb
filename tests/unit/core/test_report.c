#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "base/units.h"
#include "core/report.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { DETAIL, PROFILE, IDLE, OTHER, ROWS };
enum { DAY = 20779 }; /* 2026-11-22 */

struct world {
	struct fr_catalogue c;
	struct fr_roster roster;
	struct fr_totals days[3];
	struct fr_report r;
	struct fr_buf b;
};

static struct world *world_new(size_t n_days, int64_t from)
{
	struct world *w = test_calloc(1, sizeof(*w));

	w->c.n = ROWS;
	w->c.rows[DETAIL].path = FR_STR("/detail/");
	w->c.rows[PROFILE].path = FR_STR("/profile,\"x\"/");
	w->c.rows[IDLE].path = FR_STR("/idle/");
	w->c.rows[OTHER].is_other = true;
	for (size_t d = 0; d < n_days; d++)
		w->days[d].day = from + (int64_t)d;
	fr_roster_init(&w->roster, false);
	w->r = (struct fr_report){
		.catalogue = &w->c, .roster = &w->roster, .n_days = n_days, .days = w->days, .from = from, .to = DAY
	};
	fr_buf_init(&w->b, 1 << 16);
	return w;
}

static void world_free(struct world *w)
{
	fr_buf_free(&w->b);
	test_free(w);
}

static void set(struct world *w, size_t day, size_t row, int64_t requests, int64_t calls, int64_t demand, int64_t background,
		int64_t avoided, int64_t refused)
{
	const int64_t v[FR_TOTALS] = {
		[FR_TOTAL_requests] = requests,     [FR_TOTAL_calls] = calls,     [FR_TOTAL_demand] = demand,
		[FR_TOTAL_background] = background, [FR_TOTAL_avoided] = avoided, [FR_TOTAL_refused] = refused,
	};

	memcpy(w->days[day].v[row], v, sizeof(v));
}

static const char *written(struct world *w, enum fr_report_format format)
{
	fr_buf_clear(&w->b);
	assert_int_equal(fr_report_write(&w->b, &w->r, format), FR_OK);
	assert_int_equal(fr_buf_add_char(&w->b, '\0'), FR_OK);
	return w->b.p;
}

static void a_period_has_a_name_or_is_a_date(void **state)
{
	const fr_wall now = { INT64_C(1795380000000) }; /* in the afternoon of 2026-11-22 */
	static const struct {
		const char *name;
		bool known;
		int64_t from, to;
	} rows[] = {
		{ "today", true, DAY, DAY },
		{ "yesterday", true, DAY - 1, DAY - 1 },
		{ "7d", true, DAY - 6, DAY },
		{ "30d", true, DAY - 29, DAY },
		{ "month", true, DAY - 21, DAY },
		{ "2026-11-22", true, DAY, DAY },
		{ "1970-01-01", true, 0, 0 },
		{ "1969-12-31", true, -1, -1 },
		{ "2024-02-29", true, 19782, 19782 },
		{ "2026-02-29", false, 0, 0 },
		{ "2026-11-31", false, 0, 0 },
		{ "2026-13-01", false, 0, 0 },
		{ "2026-00-10", false, 0, 0 },
		{ "2026-01-00", false, 0, 0 },
		{ "2026-1-01", false, 0, 0 },
		{ "2026-11-22 ", false, 0, 0 },
		{ "-026-11-22", false, 0, 0 },
		{ "2026-11--2", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "Today", false, 0, 0 },
		{ "8d", false, 0, 0 },
		{ "2026/11/22", false, 0, 0 },
		{ "2026-11-20..2026-11-22", true, DAY - 2, DAY },
		{ "2026-11-22..2026-11-22", true, DAY, DAY },
		{ "2025-10-19..2026-11-22", true, DAY - FR_REPORT_DAYS_MAX + 1, DAY },
		{ "2025-10-18..2026-11-22", false, 0, 0 },
		{ "2026-11-22..2026-11-20", false, 0, 0 },
		{ "2026-11-20..", false, 0, 0 },
		{ "..2026-11-20", false, 0, 0 },
		{ "2026-11-20.2026-11-22", false, 0, 0 },
		{ "2026-11-20..2026-11-22..", false, 0, 0 },
		{ "2026-11-20...2026-11-22", false, 0, 0 },
		{ "2026-11-20..today", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t from = 0, to = 0;

		if (fr_report_period(fr_str_of(rows[i].name), now, &from, &to) != rows[i].known)
			fail_msg("%s", rows[i].name);
		if (rows[i].known) {
			assert_int_equal(from, rows[i].from);
			assert_int_equal(to, rows[i].to);
		}
	}
}

static void every_day_of_four_centuries_is_read_back(void **state)
{
	(void)state;
	for (int64_t day = -60000; day < 90000; day += 1) {
		char date[11];
		int64_t from, to;

		fr_units_show_day(day, date);
		assert_true(fr_report_period(fr_str_of(date), (fr_wall){ 0 }, &from, &to));
		assert_true(from == day && to == day);
	}
}

static void a_day_is_the_leaderboard_of_the_article(void **state)
{
	struct world *w = world_new(1, DAY);

	(void)state;
	set(w, 0, PROFILE, 31200, 31200, 31200, 0, 0, 0);
	set(w, 0, DETAIL, 492400, 82400, 82400, 0, 410000, 0);
	set(w, 0, OTHER, 10, 10, 10, 0, 0, 0);
	assert_string_equal(written(w, FR_REPORT_TEXT),
			    "frugald report 2026-11-22 (UTC)\n"
			    "523,610 requests would have cost 523,610 credits; 113,610 were spent (0 in the background), 410,000 "
			    "avoided: 4.6 times fewer.\n"
			    "\n"
			    "Endpoint        Calls/day   % of spend     Spent   Avoided   Requests   Paid less\n"
			    "/detail/           82,400         73 %    82,400   410,000    492,400        83 %\n"
			    "/profile,\"x\"/      31,200         27 %    31,200         0     31,200         0 %\n"
			    "other                  10          0 %        10         0         10         0 %\n"
			    "all               113,610        100 %   113,610   410,000    523,610        78 %\n");
	world_free(w);
}

static void several_days_are_averaged_and_listed(void **state)
{
	struct world *w = world_new(3, DAY - 2);

	(void)state;
	set(w, 0, DETAIL, 10, 4, 4, 0, 6, 0);
	set(w, 2, DETAIL, 5, 4, 2, 2, 1, 2);
	w->r.partial = true;
	assert_string_equal(
		written(w, FR_REPORT_TEXT),
		"frugald report 2026-11-20 to 2026-11-22 (UTC)\n"
		"15 requests would have cost 13 credits; 8 were spent (2 in the background), 7 avoided: 1.6 times fewer.\n"
		"Refused requests, worth 2 credits, are not counted as savings.\n"
		"Partial: Redis did not answer, so these are this instance's own counts only.\n"
		"\n"
		"Endpoint   Calls/day   % of spend   Spent   Background   Avoided   Requests   Paid less\n"
		"/detail/           3        100 %       8            2         7         15        38 %\n"
		"all                3        100 %       8            2         7         15        38 %\n"
		"\n"
		"Day          Calls   Spent   Avoided   Requests   Paid less\n"
		"2026-11-20       4       4         6         10        60 %\n"
		"2026-11-22       4       4         1          5       -33 %\n");
	world_free(w);
}

static void nothing_at_all_is_a_report_too(void **state)
{
	struct world *w = world_new(0, DAY - 6);

	(void)state;
	assert_string_equal(written(w, FR_REPORT_TEXT),
			    "frugald report 2026-11-16 to 2026-11-22 (UTC)\n"
			    "0 requests would have cost 0 credits; 0 were spent (0 in the background), 0 avoided.\n"
			    "\n"
			    "Endpoint   Calls/day   % of spend   Spent   Avoided   Requests   Paid less\n"
			    "all                0            -       0         0          0           -\n");
	assert_string_equal(written(w, FR_REPORT_CSV),
			    "day,endpoint,requests,calls,demand,background,avoided,refused,uncertain,share\n");
	world_free(w);
}

static void csv_has_a_row_per_day_and_endpoint(void **state)
{
	struct world *w = world_new(2, DAY - 1);

	(void)state;
	set(w, 0, DETAIL, 10, 3, 2, 1, 6, 1);
	set(w, 0, PROFILE, 1, 1, 1, 0, 0, 0);
	set(w, 1, OTHER, 2, 2, 2, 0, 0, 0);
	assert_string_equal(written(w, FR_REPORT_CSV),
			    "day,endpoint,requests,calls,demand,background,avoided,refused,uncertain,share\n"
			    "2026-11-21,/detail/,10,3,2,1,6,1,0,0.7500\n"
			    "2026-11-21,\"/profile,\"\"x\"\"/\",1,1,1,0,0,0,0,0.2500\n"
			    "2026-11-22,other,2,2,2,0,0,0,0,1.0000\n");
	world_free(w);
}

static void json_holds_totals_endpoints_and_days(void **state)
{
	struct world *w = world_new(2, DAY - 1);
	json_t *root, *first;
	const char *text;

	(void)state;
	set(w, 0, DETAIL, 10, 3, 2, 1, 6, 1);
	set(w, 0, PROFILE, 1, 1, 1, 0, 0, 0);
	text = written(w, FR_REPORT_JSON);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "from")), "2026-11-21");
	assert_string_equal(json_string_value(json_object_get(root, "to")), "2026-11-22");
	assert_true(json_is_false(json_object_get(root, "partial")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "totals"), "spent")), 4);
	assert_int_equal(json_array_size(json_object_get(root, "endpoints")), 2);
	first = json_array_get(json_object_get(root, "endpoints"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "endpoint")), "/detail/");
	assert_int_equal(json_integer_value(json_object_get(first, "refused")), 1);
	assert_true(json_number_value(json_object_get(first, "share")) == 0.75);
	assert_int_equal(json_array_size(json_object_get(root, "days")), 1);
	first = json_array_get(json_object_get(root, "days"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "day")), "2026-11-21");
	assert_int_equal(json_integer_value(json_object_get(first, "requests")), 11);
	json_decref(root);
	world_free(w);
}

static void rows_of_equal_spend_are_ordered_by_requests_then_name(void **state)
{
	struct world *w = world_new(1, DAY);
	const char *text;

	(void)state;
	set(w, 0, DETAIL, 1, 0, 0, 0, 1, 0);
	set(w, 0, PROFILE, 2, 0, 0, 0, 2, 0);
	set(w, 0, IDLE, 1, 0, 0, 0, 1, 0);
	set(w, 0, OTHER, 1, 1, 1, 0, 0, 0);
	text = written(w, FR_REPORT_TEXT);
	assert_true(strstr(text, "\nother") < strstr(text, "\n/profile") &&
		    strstr(text, "\n/profile") < strstr(text, "\n/detail") &&
		    strstr(text, "\n/detail") < strstr(text, "\n/idle"));
	world_free(w);
}

/* Two tenants, two reasons, four outcomes, on the last day; counted as the engine counts. */
static void some_traffic(struct world *w)
{
	struct fr_tally *t = test_calloc(1, sizeof(*t));
	struct fr_totals *d = &w->days[w->r.n_days - 1];
	const struct fr_account acme = { 1, DETAIL }, other = { 0, PROFILE };

	(void)fr_str_copy(w->roster.tenants[1].name, sizeof(w->roster.tenants[1].name), FR_STR("acme, Inc"));
	w->roster.n_tenants = 3;
	fr_totals_call(d, acme, FR_REASON_MISS, 1, false);
	fr_tally_request(t, d, acme, FR_OUTCOME_MISS, 1);
	for (int i = 0; i < 6; i++)
		fr_tally_request(t, d, acme, FR_OUTCOME_HIT, 1);
	fr_totals_call(d, acme, FR_REASON_REFRESH, 1, true);
	fr_totals_call(d, other, FR_REASON_MISS, 2, false);
	fr_tally_request(t, d, other, FR_OUTCOME_MISS, 2);
	fr_tally_request(t, d, other, FR_OUTCOME_COLLAPSED, 2);
	fr_tally_request(t, d, other, FR_OUTCOME_BREAKER, 2);
	test_free(t);
}

static void tenants_are_told_apart_as_endpoints_are(void **state)
{
	struct world *w = world_new(1, DAY);

	(void)state;
	some_traffic(w);
	w->r.by = FR_REPORT_BY_TENANT;
	assert_string_equal(
		written(w, FR_REPORT_TEXT),
		"frugald report by tenant, 2026-11-22 (UTC)\n"
		"10 requests would have cost 11 credits; 4 were spent (1 in the background), 8 avoided: 2.8 times fewer.\n"
		"Of those spent, 1 are uncertain: nobody heard how their calls ended.\n"
		"Refused requests, worth 2 credits, are not counted as savings.\n"
		"\n"
		"Tenant      Calls/day   % of spend   Spent   Background   Avoided   Requests   Paid less\n"
		"acme, Inc           2         50 %       2            1         6          7        71 %\n"
		"default             1         50 %       2            0         2          3        50 %\n"
		"all                 3        100 %       4            1         8         10        64 %\n");
	assert_string_equal(written(w, FR_REPORT_CSV),
			    "day,tenant,requests,calls,demand,background,avoided,refused,uncertain,share\n"
			    "2026-11-22,\"acme, Inc\",7,2,1,1,6,0,1,0.5000\n"
			    "2026-11-22,default,3,1,2,0,2,2,0,0.5000\n");
	world_free(w);
}

static void reasons_are_those_of_calls(void **state)
{
	struct world *w = world_new(1, DAY);

	(void)state;
	some_traffic(w);
	w->r.by = FR_REPORT_BY_REASON;
	assert_non_null(strstr(written(w, FR_REPORT_TEXT),
			       "\n\nReason    Calls/day   % of spend   Spent   Background   Uncertain\n"
			       "miss              2         75 %       3            0           0\n"
			       "refresh           1         25 %       1            1           1\n"
			       "all               3        100 %       4            1           1\n"));
	assert_string_equal(written(w, FR_REPORT_CSV), "day,reason,calls,demand,background,uncertain,share\n"
						       "2026-11-22,miss,2,3,0,0,0.7500\n"
						       "2026-11-22,refresh,1,0,1,1,0.2500\n");
	world_free(w);
}

static void outcomes_are_those_of_requests_and_say_what_each_avoided(void **state)
{
	struct world *w = world_new(1, DAY);

	(void)state;
	some_traffic(w);
	w->r.by = FR_REPORT_BY_OUTCOME;
	assert_non_null(strstr(written(w, FR_REPORT_TEXT), "\n\nOutcome     Requests   % of requests   Avoided   Refused\n"
							   "hit                6            60 %         6         0\n"
							   "miss               2            20 %         0         0\n"
							   "breaker            1            10 %         0         2\n"
							   "collapsed          1            10 %         2         0\n"
							   "all               10           100 %         8         2\n"));
	assert_string_equal(written(w, FR_REPORT_CSV), "day,outcome,requests,avoided,refused,share\n"
						       "2026-11-22,hit,6,6,0,0.6000\n"
						       "2026-11-22,miss,2,0,0,0.2000\n"
						       "2026-11-22,breaker,1,0,2,0.1000\n"
						       "2026-11-22,collapsed,1,2,0,0.1000\n");
	world_free(w);
}

/* In every breakdown, in the columns that it has. */
static void the_rows_of_every_breakdown_add_up_to_the_totals(void **state)
{
	static const char *const plurals[FR_REPORT_BYS] = { "endpoints", "tenants", "reasons", "outcomes" };
	struct world *w = world_new(2, DAY - 1);

	(void)state;
	some_traffic(w);
	set(w, 0, DETAIL, 10, 3, 2, 1, 6, 1); /* a day that an older version counted: by endpoint only */
	for (enum fr_report_by by = 0; by < FR_REPORT_BYS; by++) {
		json_t *root, *row, *rows;
		const char *column;
		json_t *total;
		size_t i;

		w->r.by = by;
		root = json_loads(written(w, FR_REPORT_JSON), JSON_REJECT_DUPLICATES, NULL);
		rows = json_object_get(root, plurals[by]);
		assert_true(json_array_size(rows) >= 2);
		json_object_foreach (json_object_get(root, "totals"), column, total) {
			json_int_t sum = 0;
			bool has = false;

			json_array_foreach (rows, i, row) {
				has = has || json_object_get(row, column) != NULL;
				sum += json_integer_value(json_object_get(row, column));
			}
			if (has)
				assert_int_equal(sum, json_integer_value(total));
		}
		row = json_array_get(rows, json_array_size(rows) - 1);
		if (by != FR_REPORT_BY_ENDPOINT)
			assert_string_equal(json_string_value(json_object_iter_value(json_object_iter(row))), "(not recorded)");
		assert_non_null(json_object_get(json_object_get(root, "totals"), "requests"));
		json_decref(root);
	}
	world_free(w);
}

static void a_breakdown_has_a_name(void **state)
{
	static const char *const names[FR_REPORT_BYS] = { "endpoint", "tenant", "reason", "outcome" };
	enum fr_report_by by;

	(void)state;
	for (size_t i = 0; i < FR_REPORT_BYS; i++) {
		assert_true(fr_report_by(fr_str_of(names[i]), &by));
		assert_int_equal(by, i);
	}
	assert_false(fr_report_by(FR_STR("endpoints"), &by));
	assert_false(fr_report_by(FR_STR(""), &by));
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	struct world *w = world_new(2, DAY - 1);

	(void)state;
	set(w, 0, DETAIL, 10, 3, 2, 1, 6, 1);
	for (enum fr_report_format format = FR_REPORT_TEXT; format <= FR_REPORT_JSON; format++)
		for (size_t ceiling = 1; ceiling < 90; ceiling += 7) {
			struct fr_buf b;

			fr_buf_init(&b, ceiling);
			assert_int_equal(fr_buf_add_char(&b, 'x'), FR_OK);
			assert_int_equal(fr_report_write(&b, &w->r, format), FR_TOOBIG);
			assert_int_equal(b.len, 1);
			fr_buf_free(&b);
		}
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_has_a_name_or_is_a_date),
		cmocka_unit_test(every_day_of_four_centuries_is_read_back),
		cmocka_unit_test(a_day_is_the_leaderboard_of_the_article),
		cmocka_unit_test(several_days_are_averaged_and_listed),
		cmocka_unit_test(nothing_at_all_is_a_report_too),
		cmocka_unit_test(csv_has_a_row_per_day_and_endpoint),
		cmocka_unit_test(json_holds_totals_endpoints_and_days),
		cmocka_unit_test(rows_of_equal_spend_are_ordered_by_requests_then_name),
		cmocka_unit_test(tenants_are_told_apart_as_endpoints_are),
		cmocka_unit_test(reasons_are_those_of_calls),
		cmocka_unit_test(outcomes_are_those_of_requests_and_say_what_each_avoided),
		cmocka_unit_test(the_rows_of_every_breakdown_add_up_to_the_totals),
		cmocka_unit_test(a_breakdown_has_a_name),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
