#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "core/lease.h"
#include "core/metrics.h"

enum { A, ODD, OTHER, ROWS };

struct world {
	struct fr_catalogue c;
	struct fr_tally t;
	struct fr_totals d;
	struct fr_roster roster;
	struct fr_metrics_facts f;
	struct fr_buf b;
};

static struct world *world_new(void)
{
	struct world *w = test_calloc(1, sizeof(*w));

	w->c.n = ROWS;
	fr_roster_init(&w->roster, false);
	w->c.rows[A].path = FR_STR("/a/");
	w->c.rows[ODD].path = FR_STR("/o\"d\\d\n/");
	w->c.rows[OTHER] = (struct fr_endpoint){ .path = FR_STR("/"), .is_other = true, .index = OTHER };
	w->f = (struct fr_metrics_facts){
		.catalogue = &w->c,
		.roster = &w->roster,
		.tally = &w->t,
		.started = { 1795380000250 },
		.now = { 1795380060000 },
		.version = "1.0",
		.commit = "abc\"",
		.cpu_seconds = 1.25,
		.resident_bytes = 4096,
		.open_fds = 12,
		.max_fds = 1024,
	};
	fr_buf_init(&w->b, 1 << 20);
	return w;
}

static void world_free(struct world *w)
{
	fr_buf_free(&w->b);
	test_free(w);
}

static void some_traffic(struct world *w)
{
	fr_tally_call(&w->t, (struct fr_account){ 0, A }, FR_REASON_MISS, FR_VERDICT_DATA, 2);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 0, A }, FR_OUTCOME_MISS, 2);
	for (int i = 0; i < 4; i++)
		fr_tally_request(&w->t, &w->d, (struct fr_account){ 0, A }, FR_OUTCOME_HIT, 2);
	fr_tally_call(&w->t, (struct fr_account){ 0, A }, FR_REASON_REFRESH, FR_VERDICT_TRANSIENT, 0);
	fr_tally_call(&w->t, (struct fr_account){ 0, OTHER }, FR_REASON_ORPHAN, FR_VERDICT_DATA, 1);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 0, OTHER }, FR_OUTCOME_TIMED_OUT, 1);
	fr_hist_add(&w->t.request_ms, FR_MS(2));
	fr_hist_add(&w->t.request_ms, FR_MS(2400));
	fr_ages_add(&w->t.age_ms, FR_HOURS(2));
	w->t.counters.lease_won = 3;
	w->f.gauges.memory_bytes = 77;
}

static const char *text_of(struct world *w, bool openmetrics)
{
	fr_buf_clear(&w->b);
	assert_int_equal(fr_metrics_text(&w->b, &w->f, openmetrics), FR_OK);
	assert_int_equal(fr_buf_add_char(&w->b, '\0'), FR_OK);
	assert_int_equal(strlen(w->b.p), w->b.len - 1);
	return w->b.p;
}

/* Is `line` a whole line of the text, exactly once? */
static void assert_line(const char *all, const char *line)
{
	size_t n = strlen(line), times = 0;

	for (const char *at = all; (at = strstr(at, line)) != NULL; at += n)
		times += (at == all || at[-1] == '\n') && at[n] == '\n';
	if (times != 1)
		fail_msg("%zu times: %s", times, line);
}

static void events_show_in_their_samples(void **state)
{
	static const char *const lines[] = {
		"# TYPE frugald_requests_total counter",
		"frugald_requests_total{endpoint=\"/a/\",outcome=\"hit\"} 4",
		"frugald_requests_total{endpoint=\"/a/\",outcome=\"stale\"} 0",
		"frugald_requests_total{endpoint=\"other\",outcome=\"timed_out\"} 1",
		"frugald_upstream_requests_total{endpoint=\"/a/\",reason=\"miss\",verdict=\"ok\"} 1",
		"frugald_upstream_requests_total{endpoint=\"/a/\",reason=\"refresh\",verdict=\"server_error\"} 1",
		"frugald_upstream_requests_total{endpoint=\"other\",reason=\"orphan\",verdict=\"ok\"} 1",
		"frugald_credits_spent_total{endpoint=\"/a/\",reason=\"miss\"} 2",
		"frugald_credits_spent_total{endpoint=\"/a/\",reason=\"expired\"} 0",
		"frugald_credits_avoided_total{endpoint=\"/a/\",by=\"hit\"} 8",
		"frugald_credits_asked_total 11",
		"frugald_credits_demand_total 2",
		"frugald_credits_background_total 1",
		"frugald_credits_refused_total 1",
		"frugald_lease_won_total 3",
		"# TYPE frugald_memory_bytes gauge",
		"frugald_memory_bytes 77",
		"frugald_build_info{version=\"1.0\",commit=\"abc\\\"\"} 1",
		"process_start_time_seconds 1795380000.250",
		"process_cpu_seconds_total 1.250",
		"process_resident_memory_bytes 4096",
		"process_open_fds 12",
		"process_max_fds 1024",
	};
	struct world *w = world_new();
	const char *all;

	(void)state;
	some_traffic(w);
	all = text_of(w, false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(all, lines[i]);
	assert_null(strstr(all, "by=\"miss\"")); /* a miss avoids nothing */
	assert_null(strstr(all, "# EOF"));
	assert_null(strstr(all, "# UNIT"));
	world_free(w);
}

static void known_label_sets_are_there_before_the_first_event(void **state)
{
	struct world *w = world_new();
	const char *all = text_of(w, false);

	(void)state;
	for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
		char line[128] = "frugald_requests_total{endpoint=\"/a/\",outcome=\"";

		strcat(strcat(line, fr_outcome_name(o)), "\"} 0");
		assert_line(all, line);
	}
	assert_line(all, "frugald_upstream_requests_total{endpoint=\"/a/\",reason=\"miss\",verdict=\"ok\"} 0");
	assert_line(all, "frugald_upstream_requests_total{endpoint=\"other\",reason=\"bypass\",verdict=\"ok\"} 0");
	assert_line(all, "frugald_credits_spent_total{endpoint=\"other\",reason=\"refresh\"} 0");
	assert_line(all, "frugald_credits_avoided_total{endpoint=\"/a/\",by=\"collapsed\"} 0");
	assert_line(all, "frugald_request_duration_seconds_bucket{le=\"+Inf\"} 0");
	assert_null(strstr(all, "verdict=\"timeout\""));
	world_free(w);
}

static void add_tenant(struct world *w, const char *name)
{
	struct fr_tenant *t = &w->roster.tenants[w->roster.n_tenants++];

	assert_true(fr_str_copy(t->name, sizeof(t->name), fr_str_of(name)));
	t->weight = 1;
}

static void what_tenants_asked_for_and_spent_is_told_apart(void **state)
{
	static const char *const lines[] = {
		"# TYPE frugald_tenant_requests_total counter",
		"frugald_tenant_requests_total{tenant=\"default\"} 0",
		"frugald_tenant_requests_total{tenant=\"acme\"} 3",
		"frugald_tenant_credits_spent_total{tenant=\"default\",endpoint=\"/a/\",reason=\"miss\"} 0",
		"frugald_tenant_credits_spent_total{tenant=\"acme\",endpoint=\"/a/\",reason=\"miss\"} 2",
		"frugald_tenant_credits_spent_total{tenant=\"acme\",endpoint=\"other\",reason=\"bypass\"} 1",
		"frugald_tenant_credits_avoided_total{tenant=\"acme\"} 2",
		"frugald_tenant_credits_avoided_total{tenant=\"default\"} 0",
		"frugald_tenant_credits_refused_total{tenant=\"acme\"} 4",
	};
	struct world *w = world_new();
	const char *all;

	(void)state;
	add_tenant(w, "acme");
	fr_tally_call(&w->t, (struct fr_account){ 1, A }, FR_REASON_MISS, FR_VERDICT_DATA, 2);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 1, A }, FR_OUTCOME_MISS, 2);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 1, A }, FR_OUTCOME_HIT, 2);
	fr_tally_call(&w->t, (struct fr_account){ 1, OTHER }, FR_REASON_BYPASS, FR_VERDICT_DATA, 1);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 1, A }, FR_OUTCOME_BREAKER, 4);
	all = text_of(w, false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(all, lines[i]);
	assert_null(
		strstr(all, "tenant=\"acme\",endpoint=\"/a/\",reason=\"expired\"")); /* of the cells most are empty for good */
	world_free(w);
}

/* One that Redis has spoken about, one that it has not, and one without a limit. */
static void give_budgets(struct world *w, struct fr_budget_figures b[3])
{
	b[0] = (struct fr_budget_figures){ .name = "all/month",
					   .kind = FR_WINDOW_MONTH,
					   .window = { { 1793491200000 }, { 1796083200000 } },
					   .shown = "2026-11",
					   .known = true,
					   .limit = 1000,
					   .spent = 700,
					   .outstanding = 30,
					   .held = 11,
					   .permille = 719,
					   .step = FR_STEP_STRETCH,
					   .forecast_permille = 2140,
					   .exhausted_at = { 1795700000000 } };
	b[1] = (struct fr_budget_figures){
		.name = "tenant:a\"b/day", .kind = FR_WINDOW_DAY, .shown = "2026-11-22", .limit = 5, .forecast_permille = -1
	};
	b[2] = (struct fr_budget_figures){ .name = "all/hour",
					   .kind = FR_WINDOW_HOUR,
					   .shown = "2026-11-22 20h",
					   .known = true,
					   .limit = FR_LIMIT_NONE,
					   .spent = 9,
					   .forecast_permille = 12,
					   .drift = -2 };
	w->f.n_budgets = 3;
	w->f.budgets = b;
}

static void budgets_have_their_figures_as_far_as_they_are_known(void **state)
{
	static const char *const lines[] = {
		"# TYPE frugald_budget_credits gauge",
		"frugald_budget_credits{budget=\"all/month\",window=\"month\"} 1000",
		"frugald_budget_spent_credits{budget=\"all/month\",window=\"month\"} 700",
		"frugald_budget_outstanding_credits{budget=\"all/month\",window=\"month\"} 30",
		"frugald_budget_held_credits{budget=\"all/month\",window=\"month\"} 11",
		"frugald_budget_used_ratio{budget=\"all/month\",window=\"month\"} 0.719",
		"frugald_budget_level{budget=\"all/month\",window=\"month\"} 1",
		"frugald_budget_forecast_ratio{budget=\"all/month\",window=\"month\"} 2.140",
		"frugald_budget_exhaustion_timestamp_seconds{budget=\"all/month\",window=\"month\"} 1795700000.000",
		"frugald_budget_ledger_drift_credits{budget=\"all/month\",window=\"month\"} 0",
		"frugald_budget_credits{budget=\"tenant:a\\\"b/day\",window=\"day\"} 5",
		"frugald_budget_ledger_drift_credits{budget=\"all/hour\",window=\"hour\"} -2",
		"frugald_budget_spent_credits{budget=\"all/hour\",window=\"hour\"} 9",
		"frugald_queue_length{class=\"interactive\"} 0",
		"frugald_queue_length{class=\"batch\"} 6",
	};
	static const char *const absent[] = {
		"frugald_budget_spent_credits{budget=\"tenant:",
		"frugald_budget_used_ratio{budget=\"tenant:",
		"frugald_budget_forecast_ratio{budget=\"tenant:",
		"frugald_budget_credits{budget=\"all/hour",
		"frugald_budget_used_ratio{budget=\"all/hour",
		"frugald_budget_forecast_ratio{budget=\"all/hour",
		"frugald_budget_exhaustion_timestamp_seconds{budget=\"all/hour",
	};
	struct world *w = world_new();
	struct fr_budget_figures budgets[3];
	const char *all;

	(void)state;
	give_budgets(w, budgets);
	w->f.line.queue[FR_PRIORITY_BATCH] = 6;
	all = text_of(w, false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(all, lines[i]);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (strstr(all, absent[i]) != NULL)
			fail_msg("%s", absent[i]);
	world_free(w);
}

static void label_values_are_escaped(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_line(text_of(w, false), "frugald_requests_total{endpoint=\"/o\\\"d\\\\d\\n/\",outcome=\"hit\"} 0");
	world_free(w);
}

static void buckets_are_cumulative_and_in_seconds(void **state)
{
	static const char *const plain[] = {
		"frugald_request_duration_seconds_bucket{le=\"0.001\"} 0",
		"frugald_request_duration_seconds_bucket{le=\"0.002\"} 1",
		"frugald_request_duration_seconds_bucket{le=\"0.025\"} 1",
		"frugald_request_duration_seconds_bucket{le=\"0.25\"} 1",
		"frugald_request_duration_seconds_bucket{le=\"1\"} 1",
		"frugald_request_duration_seconds_bucket{le=\"2.5\"} 2",
		"frugald_request_duration_seconds_bucket{le=\"60\"} 2",
		"frugald_request_duration_seconds_bucket{le=\"+Inf\"} 2",
		"frugald_request_duration_seconds_sum 2.402",
		"frugald_request_duration_seconds_count 2",
		"frugald_response_age_seconds_bucket{le=\"3600\"} 0",
		"frugald_response_age_seconds_bucket{le=\"10800\"} 1",
		"frugald_response_age_seconds_sum 7200.000",
	};
	struct world *w = world_new();
	const char *all;

	(void)state;
	some_traffic(w);
	all = text_of(w, false);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_line(all, plain[i]);
	world_free(w);
}

static void openmetrics_names_families_without_total_and_ends(void **state)
{
	static const char *const lines[] = {
		"# TYPE frugald_requests counter",
		"frugald_requests_total{endpoint=\"/a/\",outcome=\"hit\"} 4",
		"# TYPE frugald_lease_won counter",
		"frugald_lease_won_total 3",
		"# TYPE frugald_build info",
		"# UNIT frugald_request_duration_seconds seconds",
		"# UNIT frugald_memory_bytes bytes",
		"# UNIT process_cpu_seconds seconds",
		"frugald_request_duration_seconds_bucket{le=\"1.0\"} 1",
		"frugald_request_duration_seconds_bucket{le=\"+Inf\"} 2",
		"# EOF",
	};
	struct world *w = world_new();
	const char *all;

	(void)state;
	some_traffic(w);
	all = text_of(w, true);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_line(all, lines[i]);
	assert_string_equal(all + strlen(all) - 6, "# EOF\n");
	world_free(w);
}

static void what_the_process_does_not_know_is_not_claimed(void **state)
{
	struct world *w = world_new();
	const char *all;

	(void)state;
	w->f.cpu_seconds = -1;
	w->f.resident_bytes = w->f.open_fds = w->f.max_fds = -1;
	all = text_of(w, false);
	assert_null(strstr(all, "process_cpu"));
	assert_null(strstr(all, "process_resident"));
	assert_null(strstr(all, "_fds"));
	assert_line(all, "process_start_time_seconds 1795380000.250");
	world_free(w);
}

static int64_t number(json_t *root, const char *object, const char *name)
{
	json_t *value = json_object_get(json_object_get(root, object), name);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static json_t *json_of(struct world *w)
{
	json_t *root;

	fr_buf_clear(&w->b);
	assert_int_equal(fr_metrics_json(&w->b, &w->f), FR_OK);
	root = json_loadb(w->b.p, w->b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static void stats_are_json_with_the_same_numbers(void **state)
{
	struct world *w = world_new();
	json_t *root, *endpoints;

	(void)state;
	some_traffic(w);
	root = json_of(w);
	assert_string_equal(json_string_value(json_object_get(root, "commit")), "abc\"");
	assert_true(json_number_value(json_object_get(root, "started")) == 1795380000.25);
	assert_int_equal(number(root, "credits", "asked"), 11);
	assert_int_equal(number(root, "credits", "spent"), 3);
	assert_int_equal(number(root, "credits", "background"), 1);
	assert_int_equal(number(root, "credits", "avoided"), 8);
	assert_int_equal(number(root, "credits", "refused"), 1);
	assert_true(json_number_value(json_object_get(json_object_get(root, "credits"), "saved_ratio")) == 0.7); /* 7 of 10 */
	assert_int_equal(number(root, "outcomes", "hit"), 4);
	assert_int_equal(number(root, "outcomes", "failed"), 0);
	assert_int_equal(number(root, "counters", "lease_won"), 3);
	assert_int_equal(number(root, "gauges", "memory_bytes"), 77);
	endpoints = json_object_get(root, "endpoints");
	assert_int_equal(json_object_size(endpoints), 2); /* those with traffic */
	assert_int_equal(number(endpoints, "/a/", "requests"), 5);
	assert_int_equal(number(endpoints, "/a/", "calls"), 2);
	assert_int_equal(number(endpoints, "/a/", "spent"), 2);
	assert_int_equal(number(endpoints, "/a/", "avoided"), 8);
	assert_int_equal(number(endpoints, "other", "spent"), 1);
	json_decref(root);
	world_free(w);
}

static json_t *at(json_t *root, const char *a, const char *b)
{
	json_t *v = json_object_get(root, a);

	v = b == NULL ? v : json_object_get(v, b);
	assert_non_null(v);
	return v;
}

static void stats_tell_tenants_budgets_line_breaker_and_ledger(void **state)
{
	struct world *w = world_new();
	struct fr_budget_figures budgets[3];
	json_t *root, *b;

	(void)state;
	some_traffic(w);
	give_budgets(w, budgets);
	w->f.line = (struct fr_line_figures){ .limit = 200, .window = FR_MINUTES(1), .used = 17 };
	w->f.line.queue[FR_PRIORITY_POLL] = 2;
	w->f.gauges.breaker_groups_open = 3;
	w->f.gauges.ledger_pending = 4;
	w->f.ledger_whole = true;
	root = json_of(w);
	assert_int_equal(number(at(root, "tenants", NULL), "default", "requests"), 6);
	assert_int_equal(number(at(root, "tenants", NULL), "default", "asked"), 11);
	assert_int_equal(number(at(root, "tenants", NULL), "default", "spent"), 3);
	assert_int_equal(number(at(root, "tenants", NULL), "default", "avoided"), 8);
	assert_int_equal(number(at(root, "tenants", NULL), "default", "refused"), 1);
	assert_int_equal(number(root, "line", "limit"), 200);
	assert_int_equal(number(root, "line", "used"), 17);
	assert_int_equal(number(at(root, "line", NULL), "queue", "poll"), 2);
	assert_true(json_is_false(at(root, "breaker", "open")));
	assert_int_equal(number(root, "breaker", "groups_open"), 3);
	assert_int_equal(number(root, "ledger", "pending"), 4);
	assert_true(json_is_true(at(root, "ledger", "whole")));
	assert_int_equal(json_array_size(at(root, "budgets", NULL)), 3);
	b = json_array_get(at(root, "budgets", NULL), 0);
	assert_string_equal(json_string_value(at(b, "name", NULL)), "all/month");
	assert_string_equal(json_string_value(at(b, "window", NULL)), "2026-11");
	assert_string_equal(json_string_value(at(b, "level", NULL)), "stretch");
	assert_int_equal(json_integer_value(at(b, "limit", NULL)), 1000);
	assert_true(json_real_value(at(b, "used_ratio", NULL)) == 0.719);
	assert_true(json_real_value(at(b, "forecast_ratio", NULL)) == 2.14);
	assert_true(json_real_value(at(b, "exhausted_at", NULL)) == 1795700000.0);
	b = json_array_get(at(root, "budgets", NULL), 1);
	assert_true(json_is_null(at(b, "used_ratio", NULL)) && json_is_null(at(b, "forecast_ratio", NULL)));
	assert_true(json_is_null(at(b, "exhausted_at", NULL)) && json_is_false(at(b, "known", NULL)));
	b = json_array_get(at(root, "budgets", NULL), 2);
	assert_true(json_is_null(at(b, "limit", NULL)) && json_is_null(at(b, "used_ratio", NULL)));
	assert_int_equal(json_integer_value(at(b, "drift", NULL)), -2);
	json_decref(root);
	world_free(w);
}

static void budgets_alone_are_the_same_list(void **state)
{
	struct world *w = world_new();
	struct fr_budget_figures budgets[3];
	json_t *alone, *all;

	(void)state;
	give_budgets(w, budgets);
	all = json_of(w);
	fr_buf_clear(&w->b);
	assert_int_equal(fr_metrics_budgets_json(&w->b, &w->f), FR_OK);
	alone = json_loadb(w->b.p, w->b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_equal(at(alone, "budgets", NULL), at(all, "budgets", NULL)));
	json_decref(alone);
	json_decref(all);
	world_free(w);
}

static void refreshing_in_vain_is_a_negative_saving(void **state)
{
	struct world *w = world_new();
	json_t *root = json_of(w);

	(void)state;
	assert_true(json_number_value(json_object_get(json_object_get(root, "credits"), "saved_ratio")) == 0);
	json_decref(root);
	fr_tally_request(&w->t, &w->d, (struct fr_account){ 0, A }, FR_OUTCOME_STALE, 1);
	fr_tally_call(&w->t, (struct fr_account){ 0, A }, FR_REASON_REFRESH, FR_VERDICT_DATA, 3);
	root = json_of(w);
	assert_true(json_number_value(json_object_get(json_object_get(root, "credits"), "saved_ratio")) == -2);
	json_decref(root);
	world_free(w);
}

static void the_document_lists_every_metric(void **state)
{
	static const char *const names[] = {
#define METRIC(id, name, kind, labels, help) "| `" name "` | " #kind " | " labels " | " help " |",
#include "frugal/tbl/metrics.def"
#undef METRIC
#define COUNTER(field, name, help) "| `frugald_" name "_total` | counter |  | " help " |",
#include "frugal/tbl/counters.def"
#undef COUNTER
#define GAUGE(field, name, help) "| `frugald_" name "` | gauge |  | " help " |",
#include "frugal/tbl/gauges.def"
#undef GAUGE
	};
	struct world *w = world_new();

	(void)state;
	assert_int_equal(fr_metrics_document(&w->b), FR_OK);
	assert_int_equal(fr_buf_add_char(&w->b, '\0'), FR_OK);
	assert_int_equal(strncmp(w->b.p, "# Metrics\n", 10), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_line(w->b.p, names[i]);
	world_free(w);
}

static void too_small_a_buffer_is_left_as_it_was(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (size_t ceiling = 4; ceiling < 4000; ceiling += 97) {
		struct fr_buf b;

		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_buf_add_text(&b, "abcd"), FR_OK);
		assert_int_equal(fr_metrics_text(&b, &w->f, true), FR_TOOBIG);
		if (ceiling < 600)
			assert_int_equal(fr_metrics_json(&b, &w->f), FR_TOOBIG);
		assert_int_equal(fr_metrics_document(&b), FR_TOOBIG);
		assert_int_equal(b.len, 4);
		fr_buf_free(&b);
	}
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_show_in_their_samples),
		cmocka_unit_test(known_label_sets_are_there_before_the_first_event),
		cmocka_unit_test(what_tenants_asked_for_and_spent_is_told_apart),
		cmocka_unit_test(budgets_have_their_figures_as_far_as_they_are_known),
		cmocka_unit_test(label_values_are_escaped),
		cmocka_unit_test(buckets_are_cumulative_and_in_seconds),
		cmocka_unit_test(openmetrics_names_families_without_total_and_ends),
		cmocka_unit_test(what_the_process_does_not_know_is_not_claimed),
		cmocka_unit_test(stats_are_json_with_the_same_numbers),
		cmocka_unit_test(stats_tell_tenants_budgets_line_breaker_and_ledger),
		cmocka_unit_test(budgets_alone_are_the_same_list),
		cmocka_unit_test(refreshing_in_vain_is_a_negative_saving),
		cmocka_unit_test(the_document_lists_every_metric),
		cmocka_unit_test(too_small_a_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
