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
	w->r = (struct fr_report){ .catalogue = &w->c, .n_days = n_days, .days = w->days, .from = from, .to = DAY };
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
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
