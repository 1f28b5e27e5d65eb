/* The operator's listener against stub ports and raw clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapt/admin.h"
#include "adapt/listen.h"
#include "base/str.h"
#include "contract/wire.h"

enum { DAY = 20000 }; /* 2024-10-04 */

struct world {
	uv_loop_t loop;
	struct fr_admin *admin;
	char addr[FR_LISTEN_NAME_MAX];
	struct wire wire;
	struct wire_reply reply;
	struct fr_catalogue catalogue;
	struct fr_tally tally;
	struct fr_roster roster;
	struct fr_budget_figures budgets[2];
	size_t n_budgets;
	bool ready, store_up;
	/* read_totals */
	bool totals_now, totals_ok;
	size_t asked;
	int64_t from, to;
	fr_admin_totals_done *done;
	void *done_ctx;
	/* orders */
	size_t n_purges, n_tests;
	struct fr_purge purges[4];
	char limit[128]; /* "budget = limit" */
	bool limit_now, limit_ok;
	fr_admin_done *limit_done;
	void *limit_ctx;
	bool budgets_told;
	int64_t budget_spent; /* in Redis, of every budget */
};

static void facts(void *ctx, struct fr_metrics_facts *ret)
{
	struct world *w = ctx;

	*ret = (struct fr_metrics_facts){ .catalogue = &w->catalogue,
					  .tally = &w->tally,
					  .roster = &w->roster,
					  .n_budgets = w->n_budgets,
					  .budgets = w->budgets,
					  .version = "9.9",
					  .commit = "abc" };
	ret->gauges.store_up = w->store_up;
	ret->started = (fr_wall){ (int64_t)DAY * 86400000 };
	ret->now = (fr_wall){ (int64_t)DAY * 86400000 + 5000 };
}

static bool ready(void *ctx, char *ret_why, size_t size)
{
	if (!((struct world *)ctx)->ready)
		(void)snprintf(ret_why, size, "stopping");
	return ((struct world *)ctx)->ready;
}

/* One day of totals: 3 credits spent on demand at the first endpoint. */
static void deliver(struct world *w)
{
	struct fr_totals *day = calloc(1, sizeof(*day));

	assert_non_null(day);
	day->day = DAY;
	day->v[0][FR_TOTAL_requests] = 10;
	day->v[0][FR_TOTAL_calls] = day->v[0][FR_TOTAL_demand] = 3;
	w->done(w->done_ctx, w->totals_ok, w->totals_ok ? day : NULL, w->totals_ok ? 1 : 0);
	free(day);
}

static void read_totals(void *ctx, int64_t from, int64_t to, fr_admin_totals_done *done, void *done_ctx)
{
	struct world *w = ctx;

	w->asked++;
	w->from = from;
	w->to = to;
	w->done = done;
	w->done_ctx = done_ctx;
	if (w->totals_now)
		deliver(w);
}

static void pending(void *ctx, struct fr_totals *days, size_t n)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++)
		if (days[i].day == DAY)
			days[i].v[0][FR_TOTAL_demand] += 4000;
}

static void ledger(void *ctx, struct fr_ledger_figures *ret)
{
	(void)ctx;
	*ret = (struct fr_ledger_figures){
		.known = true, .watermark = 40, .last = 42, .written = 42, .pending = 2, .instances = 1
	};
}

static void read_budget(void *ctx, const char *budget, fr_wall start, fr_admin_budget_done *done, void *done_ctx)
{
	struct world *w = ctx;
	struct fr_spending *s = calloc(1, sizeof(*s));

	(void)budget;
	assert_non_null(s);
	s->known = w->budgets_told;
	s->start = start;
	s->spent = w->budget_spent;
	done(done_ctx, s);
	free(s);
}

static void limit_budget(void *ctx, const char *budget, const char *limit, fr_admin_done *done, void *done_ctx)
{
	struct world *w = ctx;

	(void)snprintf(w->limit, sizeof(w->limit), "%s = %s", budget, limit == NULL ? "(configured)" : limit);
	w->limit_done = done;
	w->limit_ctx = done_ctx;
	if (w->limit_now)
		done(done_ctx, w->limit_ok);
}

static void purge(void *ctx, const struct fr_purge *purge)
{
	struct world *w = ctx;

	assert_true(w->n_purges < sizeof(w->purges) / sizeof(w->purges[0]));
	w->purges[w->n_purges++] = *purge;
}

static bool alert_test(void *ctx, struct fr_str channel)
{
	((struct world *)ctx)->n_tests += fr_str_is(channel, "ops");
	return fr_str_is(channel, "ops");
}

/* "/short…" stands for a short link whose post is known. */
static size_t keys_of(void *ctx, struct fr_str target, struct fr_key *ret, struct fr_refusal *why)
{
	(void)ctx;
	if (!fr_str_starts(target, "/short") && !fr_str_starts(target, "/a")) {
		fr_problem_set(why, FR_PROBLEM_BAD_PARAM, "that is nothing");
		return 0;
	}
	ret[0] = (struct fr_key){ 1, 2 };
	ret[1] = (struct fr_key){ 3, 4 };
	return fr_str_starts(target, "/short") ? 2 : 1;
}

static enum fr_err explain(void *ctx, struct fr_str target, struct fr_buf *b)
{
	(void)ctx;
	assert_int_equal(fr_buf_addf(b, "target:  \"%.*s\"\n", FR_STR_ARG(target)), FR_OK);
	return fr_str_starts(target, "/bad") ? FR_INVALID : FR_OK;
}

static void start_on(struct world *w, const char *addr)
{
	const struct fr_admin_ports ports = {
		.ctx = w,
		.facts = facts,
		.ledger = ledger,
		.ready = ready,
		.read_totals = read_totals,
		.pending = pending,
		.read_budget = read_budget,
		.limit_budget = limit_budget,
		.purge = purge,
		.alert_test = alert_test,
		.keys_of = keys_of,
		.explain = explain,
	};
	struct fr_errmsg why;
	int fd;

	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(fr_listen_open(addr, &fd, &why), FR_OK);
	fr_listen_name(fd, w->addr, sizeof(w->addr));
	w->admin = fr_admin_new(&w->loop, &ports, &fd, 1, &why);
	assert_non_null(w->admin);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	*state = w;
	w->ready = w->totals_now = w->totals_ok = w->limit_now = w->limit_ok = w->store_up = w->budgets_told = true;
	fr_roster_init(&w->roster, false);
	(void)fr_str_copy(w->roster.tenants[1].name, sizeof(w->roster.tenants[1].name), FR_STR("t<1>"));
	w->roster.n_tenants = 2;
	w->budgets[0] = (struct fr_budget_figures){ .name = "all/month",
						    .kind = FR_WINDOW_MONTH,
						    .window = { { 1000 }, { 2000 } },
						    .shown = "2024-10",
						    .known = true,
						    .limit = 100,
						    .spent = 72,
						    .permille = 725,
						    .step = FR_STEP_STRETCH,
						    .forecast_permille = -1 };
	w->budgets[1] = (struct fr_budget_figures){
		.name = "tenant:t<1>/day", .kind = FR_WINDOW_DAY, .shown = "2024-10-04", .limit = 5
	};
	w->n_budgets = 2;
	w->budget_spent = 72;
	w->catalogue.n = 2;
	w->catalogue.rows[0].path = FR_STR("/a<b>&/");
	w->catalogue.rows[1].path = FR_STR("other");
	w->catalogue.rows[1].is_other = true;
	w->catalogue.rows[1].index = 1;
	start_on(w, "127.0.0.1:0");
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fr_admin_free(w->admin);
	wire_loop_end(&w->loop);
	free(w);
	return 0;
}

static void get(struct world *w, const char *path)
{
	char request[256];

	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, w->addr);
	wire_get(&w->loop, w->addr, request, &w->reply);
	assert_true(wire_head_has(&w->reply, "Cache-Control: no-store"));
}

/* An order as frugalctl sends it. */
static void post(struct world *w, const char *target)
{
	char request[1024];

	w->n_purges = 0;
	(void)snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\nHost: %s\r\nX-Frugal-Admin: 1\r\n\r\n", target, w->addr);
	wire_get(&w->loop, w->addr, request, &w->reply);
	assert_true(wire_head_has(&w->reply, "Cache-Control: no-store"));
}

static json_t *json_of(const struct world *w)
{
	json_t *j = json_loads(w->reply.body, JSON_REJECT_DUPLICATES, NULL);

	if (j == NULL)
		fail_msg("no JSON: %s", w->reply.body);
	return j;
}

static void every_path_answers(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *type, *says;
	} rows[] = {
		{ "/live", 200, "text/plain; charset=utf-8", "live\n" },
		{ "/ready", 200, "text/plain; charset=utf-8", "ready\n" },
		{ "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "process_resident_memory_bytes " },
		{ "/stats", 200, "application/json", "\"version\"" },
		{ "/", 200, "text/html; charset=utf-8", "<h1>frugald</h1>" },
		{ "/report", 200, "text/plain; charset=utf-8", "4,003" },
		{ "/report?format=csv", 200, "text/csv; charset=utf-8", "4003" },
		{ "/report?period=month&format=json", 200, "application/json", "4003" },
		{ "/report?period=2024-10-04", 200, "text/plain; charset=utf-8", "2024-10-04" },
		{ "/report?by=tenant", 200, "text/plain; charset=utf-8", "by tenant" },
		{ "/report?by=reason&format=csv", 200, "text/csv; charset=utf-8", "day,reason," },
		{ "/report?by=outcome&format=json", 200, "application/json", "\"outcomes\":[" },
		{ "/report?by=endpoint&format=json", 200, "application/json", "\"endpoints\":[" },
		{ "/report?period=2024-10-01..2024-10-04", 200, "text/plain; charset=utf-8", "2024-10-01 to 2024-10-04" },
		{ "/report?period=2024%2D10%2D04", 200, "text/plain; charset=utf-8", "2024-10-04" },
		{ "/report?by=weather", 400, "application/problem+json",
		  "\"message\":\"by is endpoint, tenant, reason or outcome." },
		{ "/report?period=%00", 400, "application/problem+json", "\"message\":\"period is too long" },
		{ "/report?period=%4", 400, "application/problem+json", "percent-encoding is broken" },
		{ "/budgets", 200, "application/json", "\"name\":\"all/month\"" },
		{ "/ledger", 200, "application/json", "\"drift\":" },
		{ "/explain?target=%2Fa%3Fb%3Dc+d", 200, "text/plain; charset=utf-8", "\"/a?b=c d\"" },
		{ "/explain?target=/bad&format=json", 200, "application/json", "\"refused\":true" },
		{ "/explain?target=/a&format=json", 200, "application/json", "\"refused\":false" },
		{ "/explain", 400, "application/problem+json", "\"message\":\"Name it" },
		{ "/explain?target=/a&format=xml", 400, "application/problem+json", "text or json" },
		{ "/report?period=soon", 400, "application/problem+json", "\"message\":\"period is" },
		{ "/report?format=pdf", 400, "application/problem+json", "\"message\":\"format is" },
		{ "/nothing", 404, "application/problem+json", "\"message\":" },
		{ "/live/", 404, "application/problem+json",
		  "/metrics /stats /budgets /report /explain /ledger /live /ready /purge /budget /alert/test" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char type[128];

		get(w, rows[i].path);
		assert_int_equal(w->reply.status, rows[i].status);
		assert_non_null(wire_head_value(&w->reply, "Content-Type", type, sizeof(type)));
		assert_string_equal(type, rows[i].type);
		if (strstr(w->reply.body, rows[i].says) == NULL)
			fail_msg("%s says: %s", rows[i].path, w->reply.body);
		if (strstr(type, "json") != NULL) {
			json_t *j = json_loads(w->reply.body, 0, NULL);

			assert_non_null(j);
			json_decref(j);
		}
	}
}

static void a_test_goes_to_the_channel_that_is_named(void **state)
{
	struct world *w = *state;

	post(w, "/alert/test?channel=ops");
	assert_int_equal(w->reply.status, 200);
	json_decref(json_of(w));
	post(w, "/alert/test?channel=opps");
	assert_int_equal(w->reply.status, 404);
	assert_non_null(strstr(w->reply.body, "alerts.channels"));
	get(w, "/alert/test?channel=ops");
	assert_int_equal(w->reply.status, 405);
	assert_int_equal(w->n_tests, 1);
}

static void not_ready_says_why(void **state)
{
	struct world *w = *state;

	w->ready = false;
	get(w, "/ready");
	assert_int_equal(w->reply.status, 503);
	assert_string_equal(w->reply.body, "stopping\n");
}

static void openmetrics_is_for_those_who_accept_it(void **state)
{
	struct world *w = *state;

	wire_get(
		&w->loop, w->addr,
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
		&w->reply);
	assert_true(wire_head_has(&w->reply, "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"));
	assert_non_null(strstr(w->reply.body, "# EOF\n"));
}

static void the_page_tells_the_figures_and_nothing_foreign(void **state)
{
	struct world *w = *state;
	char policy[256];

	w->tally.demand = 20;
	w->tally.background = 5;
	w->tally.avoided_all = 80;
	w->tally.requests[0][FR_OUTCOME_MISS] = 20;
	w->tally.spent[0][FR_REASON_MISS] = 25;
	get(w, "/");
	assert_non_null(strstr(w->reply.body, "<dt>Credits spent</dt><dd>25</dd>"));
	assert_non_null(strstr(w->reply.body, "<dt>Credits avoided</dt><dd>80</dd>"));
	assert_non_null(strstr(w->reply.body, "<dt>Times fewer</dt><dd>4.0</dd>"));
	assert_non_null(strstr(w->reply.body, "<td>/a&lt;b&gt;&amp;/</td><td>20</td>"));
	assert_null(strstr(w->reply.body, "<td>other</td>")); /* no traffic */
	assert_non_null(strstr(w->reply.body,
			       "<td>all/month</td><td>2024-10</td><td>72</td><td>100</td><td><div class=\"bar\"><div "
			       "class=\"warn\" style=\"width:72.5%\"></div></div></td>"));
	assert_non_null(strstr(w->reply.body, "<td>tenant:t&lt;1&gt;/day</td>"));
	assert_non_null(strstr(w->reply.body, "<td>t&lt;1&gt;</td>"));
	assert_non_null(strstr(w->reply.body, "href=\"/report?period=month&amp;by=tenant\""));
	assert_null(strstr(w->reply.body, "<script"));
	assert_null(strstr(w->reply.body, "http://"));
	assert_null(strstr(w->reply.body, "https://"));
	assert_non_null(wire_head_value(&w->reply, "Content-Security-Policy", policy, sizeof(policy)));
	assert_memory_equal(policy, "default-src 'none';", 19);
}

static void an_order_that_a_web_page_could_send_is_refused(void **state)
{
	static const char *const requests[] = {
		"POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 0\r\n\r\n",
		"POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 11\r\n\r\n",
		"POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
		"POST /budget?name=all/month&credits=none HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		wire_get(&w->loop, w->addr, requests[i], &w->reply);
		assert_int_equal(w->reply.status, 403);
		assert_non_null(strstr(w->reply.body, "X-Frugal-Admin"));
	}
	wire_get(&w->loop, w->addr, "POST /purge?all=1 HTTP/1.1\r\nHost: evil.example\r\nX-Frugal-Admin: 1\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 421);
	assert_int_equal(w->n_purges, 0);
	assert_string_equal(w->limit, "");
}

static void an_order_is_not_given_by_looking_and_a_look_is_no_order(void **state)
{
	struct world *w = *state;

	get(w, "/purge?all=1");
	assert_int_equal(w->reply.status, 405);
	assert_true(wire_head_has(&w->reply, "Allow: POST"));
	post(w, "/stats");
	assert_int_equal(w->reply.status, 405);
	assert_true(wire_head_has(&w->reply, "Allow: GET, HEAD"));
	post(w, "/nothing");
	assert_int_equal(w->reply.status, 404);
	wire_get(&w->loop, w->addr, "PUT /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 1\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 405);
	assert_int_equal(w->n_purges, 0);
}

static void a_body_is_refused_in_words_if_it_is_short(void **state)
{
	struct world *w = *state;
	static const char chunked[] = "POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 1\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n5\r\nall=1\r\n0\r\n\r\n";

	wire_get(&w->loop, w->addr,
		 "POST /purge?all=1 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 1\r\nContent-Length: 5\r\n\r\nall=1",
		 &w->reply);
	assert_int_equal(w->reply.status, 400);
	assert_non_null(strstr(w->reply.body, "query string"));
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, chunked);
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	assert_int_equal(w->n_purges, 0);
	post(w, "/purge?all=1");
	assert_int_equal(w->reply.status, 200);
}

static void a_purge_names_one_thing(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *says;
		size_t n;
		struct fr_purge first;
	} rows[] = {
		{ "/purge?all=1", 200, "{\"purged\":\"all\",\"soft\":false}\n", 1, { .scope = FR_PURGE_ALL } },
		{ "/purge?all=1&soft=1",
		  200,
		  "{\"purged\":\"all\",\"soft\":true}\n",
		  1,
		  { .scope = FR_PURGE_ALL, .soft = true } },
		{ "/purge?all=1&soft=0", 200, "\"soft\":false", 1, { .scope = FR_PURGE_ALL } },
		{ "/purge?endpoint=%2Fa%3Cb%3E%26%2F", 200, "\"purged\":\"/a<b>&/\"", 1, { .scope = FR_PURGE_ROW, .row = 0 } },
		{ "/purge?key=0000000000000001000000000000000F",
		  200,
		  "\"purged\":\"0000000000000001000000000000000F\"",
		  1,
		  { .scope = FR_PURGE_KEY, .key = { 1, 15 } } },
		{ "/purge?target=%2Fa%3Fx%3D%2525",
		  200,
		  "\"purged\":\"/a?x=%25\"",
		  1,
		  { .scope = FR_PURGE_KEY, .key = { 1, 2 } } },
		{ "/purge?target=/short&soft=1",
		  200,
		  "\"keys\":[\"00000000000000010000000000000002\",\"00000000000000030000000000000004\"]",
		  2,
		  { .scope = FR_PURGE_KEY, .key = { 1, 2 }, .soft = true } },
		{ "/purge", 400, "Name one thing", 0, { 0 } },
		{ "/purge?all=2", 400, "Name one thing", 0, { 0 } },
		{ "/purge?all=1&key=00000000000000010000000000000002", 400, "Name one thing", 0, { 0 } },
		{ "/purge?all=1&soft=maybe", 400, "soft is 0 or 1.", 0, { 0 } },
		{ "/purge?key=12", 400, "32 hex digits", 0, { 0 } },
		{ "/purge?endpoint=/nine/", 404, "The catalogue has /a<b>&/.", 0, { 0 } },
		{ "/purge?endpoint=other", 404, "The catalogue has", 0, { 0 } },
		{ "/purge?target=/none", 400, "that is nothing", 0, { 0 } },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fr_purge *p = w->purges;

		post(w, rows[i].target);
		if (w->reply.status != rows[i].status || strstr(w->reply.body, rows[i].says) == NULL || w->n_purges != rows[i].n)
			fail_msg("%s: %d, %zu, %s", rows[i].target, w->reply.status, w->n_purges, w->reply.body);
		json_decref(json_of(w));
		if (rows[i].n == 0)
			continue;
		assert_int_equal(p->scope, rows[i].first.scope);
		assert_int_equal(p->row, rows[i].first.row);
		assert_int_equal(p->soft, rows[i].first.soft);
		assert_true(p->key.hi == rows[i].first.key.hi && p->key.lo == rows[i].first.key.lo);
	}
}

static void a_purge_without_redis_says_who_does_not_know_yet(void **state)
{
	struct world *w = *state;

	w->store_up = false;
	post(w, "/purge?all=1");
	assert_int_equal(w->reply.status, 200);
	assert_int_equal(w->n_purges, 1);
	assert_non_null(strstr(w->reply.body, "\"detail\":\"Redis is away"));
}

static void a_limit_is_for_a_budget_that_there_is(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *says, *limit;
	} rows[] = {
		{ "/budget?name=all/month&credits=5000", 200, "\"budget\":\"all/month\",\"credits\":\"5000\"",
		  "all/month = 5000" },
		{ "/budget?name=all%2Fmonth&credits=none", 200, "\"credits\":\"none\"", "all/month = none" },
		{ "/budget?name=tenant:t%3C1%3E/day&credits=config", 200, "\"credits\":\"config\"",
		  "tenant:t<1>/day = (configured)" },
		{ "/budget?name=all/year&credits=1", 404, "There are all/month, tenant:t<1>/day.", "" },
		{ "/budget?credits=1", 404, "There are all/month", "" },
		{ "/budget?name=all/month", 400, "credits is a number", "" },
		{ "/budget?name=all/month&credits=-1", 400, "credits is a number", "" },
		{ "/budget?name=all/month&credits=1e3", 400, "credits is a number", "" },
		{ "/budget?name=all/month&credits=99999999999999999999", 400, "credits is a number", "" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->limit[0] = '\0';
		post(w, rows[i].target);
		if (w->reply.status != rows[i].status || strstr(w->reply.body, rows[i].says) == NULL)
			fail_msg("%s: %d %s", rows[i].target, w->reply.status, w->reply.body);
		assert_string_equal(w->limit, rows[i].limit);
		json_decref(json_of(w));
	}
	w->n_budgets = 0;
	post(w, "/budget?name=all/month&credits=1");
	assert_int_equal(w->reply.status, 404);
	assert_non_null(strstr(w->reply.body, "no budgets in the configuration"));
}

static bool limit_is_asked(void *ctx)
{
	return ((struct world *)ctx)->limit[0] != '\0';
}

static void begin_limit(struct world *w)
{
	w->limit_now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "POST /budget?name=all/month&credits=7 HTTP/1.1\r\nHost: localhost\r\nX-Frugal-Admin: 1\r\n\r\n");
	wire_until(&w->loop, limit_is_asked, w);
}

static void a_limit_waits_for_redis_and_says_if_it_did_not_answer(void **state)
{
	struct world *w = *state;

	begin_limit(w);
	get(w, "/live"); /* nobody else waits */
	w->limit_done(w->limit_ctx, false);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 503);
	assert_non_null(strstr(w->reply.body, "may or may not"));
	wire_close(&w->wire);
}

static void redis_word_on_a_limit_after_the_end_meets_nothing(void **state)
{
	struct world *w = *state;

	begin_limit(w);
	fr_admin_free(w->admin);
	w->admin = NULL;
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	w->limit_done(w->limit_ctx, true);
}

/* Redis has three credits in today's totals, this instance 4000 more on their way (see above). */
static void the_ledger_compares_what_it_can(void **state)
{
	struct world *w = *state;
	json_t *j;

	w->n_budgets = 1;
	get(w, "/ledger");
	j = json_of(w);
	assert_true(json_is_false(json_object_get(j, "whole")));
	assert_int_equal(json_integer_value(json_object_get(j, "pending")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "journal"), "last")), 42);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "redis"), "watermark")), 40);
	assert_int_equal(json_array_size(json_object_get(j, "budgets")), 1);
	/* by tenant and by reason the totals say nothing, which is a drift of 3 each */
	assert_int_equal(json_integer_value(json_object_get(j, "drift")), 6);
	json_decref(j);
	w->budget_spent = 70;
	get(w, "/ledger");
	j = json_of(w);
	assert_int_equal(json_integer_value(json_object_get(j, "drift")), 8);
	json_decref(j);
}

static void a_ledger_that_redis_says_nothing_of_has_no_drift(void **state)
{
	struct world *w = *state;
	json_t *j;

	w->n_budgets = 1;
	for (int i = 0; i < 2; i++) {
		w->totals_ok = i == 1;
		w->budgets_told = i == 0;
		get(w, "/ledger");
		assert_int_equal(w->reply.status, 200);
		j = json_of(w);
		assert_true(json_is_null(json_object_get(j, "drift")));
		json_decref(j);
	}
}

static void only_get_and_head_are_served(void **state)
{
	struct world *w = *state;

	wire_get(&w->loop, w->addr, "DELETE /live HTTP/1.1\r\nHost: localhost\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 405);
	assert_true(wire_head_has(&w->reply, "Allow: GET, HEAD"));
	wire_get(&w->loop, w->addr, "HEAD /live HTTP/1.1\r\nHost: localhost\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_true(wire_head_has(&w->reply, "Content-Length: 5"));
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
}

static void foreign_names_are_not_served(void **state)
{
	static const struct {
		const char *host;
		int status;
	} rows[] = {
		{ "127.0.0.1", 200 },
		{ "127.0.0.1:8788", 200 },
		{ "localhost", 200 },
		{ "LocalHost:1", 200 },
		{ "[::1]:8788", 200 },
		{ "10.1.2.3", 200 },
		{ "evil.example", 421 },
		{ "evil.example:8788", 421 },
		{ "127.0.0.1.evil", 421 },
		{ "[::1", 421 },
		{ "localhost.evil", 421 },
		{ "[evil]", 421 },
		{ "", 421 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char request[128];

		(void)snprintf(request, sizeof(request), "GET /live HTTP/1.1\r\nHost: %s\r\n\r\n", rows[i].host);
		wire_get(&w->loop, w->addr, request, &w->reply);
		if (w->reply.status != rows[i].status)
			fail_msg("Host '%s': %d", rows[i].host, w->reply.status);
	}
}

static void a_unix_socket_takes_any_name(void **state)
{
	struct world *w = *state;
	char dir[] = "/tmp/frugal-admin-XXXXXX", addr[64];

	assert_non_null(mkdtemp(dir));
	(void)snprintf(addr, sizeof(addr), "unix:%s/s", dir);
	fr_admin_free(w->admin);
	wire_loop_end(&w->loop);
	start_on(w, addr);
	wire_get(&w->loop, addr, "GET /live HTTP/1.1\r\nHost: any\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_int_equal(unlink(addr + 5), 0);
	assert_int_equal(rmdir(dir), 0);
}

static bool totals_are_asked(void *ctx)
{
	return ((struct world *)ctx)->asked > 0;
}

static void begin_report(struct world *w)
{
	w->totals_now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /report?period=7d&format=json HTTP/1.1\r\nHost: localhost\r\n\r\n");
	wire_until(&w->loop, totals_are_asked, w);
}

static void a_report_waits_for_its_totals(void **state)
{
	struct world *w = *state;

	begin_report(w);
	assert_int_equal(w->to, DAY);
	assert_int_equal(w->from, DAY - 6);
	get(w, "/live"); /* nobody else waits */
	deliver(w);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_non_null(strstr(w->reply.body, "4003"));
	assert_null(strstr(w->reply.body, "\"partial\":true"));
	wire_close(&w->wire);
}

static void a_report_without_redis_is_partial(void **state)
{
	struct world *w = *state;

	begin_report(w);
	w->totals_ok = false;
	deliver(w);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_non_null(strstr(w->reply.body, "4000"));
	assert_non_null(strstr(w->reply.body, "\"partial\":true"));
	wire_close(&w->wire);
}

static void totals_that_come_after_the_end_meet_nothing(void **state)
{
	struct world *w = *state;

	begin_report(w);
	fr_admin_free(w->admin);
	w->admin = NULL;
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	deliver(w);
}

static void a_client_that_left_does_not_hurt_a_report(void **state)
{
	struct world *w = *state;

	begin_report(w);
	wire_close(&w->wire);
	deliver(w);
	get(w, "/live");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_path_answers),
		TEST(a_test_goes_to_the_channel_that_is_named),
		TEST(not_ready_says_why),
		TEST(openmetrics_is_for_those_who_accept_it),
		TEST(the_page_tells_the_figures_and_nothing_foreign),
		TEST(an_order_that_a_web_page_could_send_is_refused),
		TEST(an_order_is_not_given_by_looking_and_a_look_is_no_order),
		TEST(a_body_is_refused_in_words_if_it_is_short),
		TEST(a_purge_names_one_thing),
		TEST(a_purge_without_redis_says_who_does_not_know_yet),
		TEST(a_limit_is_for_a_budget_that_there_is),
		TEST(a_limit_waits_for_redis_and_says_if_it_did_not_answer),
		TEST(redis_word_on_a_limit_after_the_end_meets_nothing),
		TEST(the_ledger_compares_what_it_can),
		TEST(a_ledger_that_redis_says_nothing_of_has_no_drift),
		TEST(only_get_and_head_are_served),
		TEST(foreign_names_are_not_served),
		TEST(a_unix_socket_takes_any_name),
		TEST(a_report_waits_for_its_totals),
		TEST(a_report_without_redis_is_partial),
		TEST(totals_that_come_after_the_end_meet_nothing),
		TEST(a_client_that_left_does_not_hurt_a_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
