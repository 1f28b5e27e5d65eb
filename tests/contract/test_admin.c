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
	bool ready;
	/* read_totals */
	bool totals_now, totals_ok;
	size_t asked;
	int64_t from, to;
	fr_admin_totals_done *done;
	void *done_ctx;
};

static void facts(void *ctx, struct fr_metrics_facts *ret)
{
	struct world *w = ctx;

	*ret = (struct fr_metrics_facts){ .catalogue = &w->catalogue, .tally = &w->tally, .version = "9.9", .commit = "abc" };
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

static void start_on(struct world *w, const char *addr)
{
	const struct fr_admin_ports ports = {
		.ctx = w, .facts = facts, .ready = ready, .read_totals = read_totals, .pending = pending
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
	w->ready = w->totals_now = w->totals_ok = true;
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
		{ "/report?period=soon", 400, "application/problem+json", "\"message\":\"period is" },
		{ "/report?format=pdf", 400, "application/problem+json", "\"message\":\"format is" },
		{ "/nothing", 404, "application/problem+json", "\"message\":" },
		{ "/live/", 404, "application/problem+json", "/metrics" },
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
	assert_null(strstr(w->reply.body, "http://"));
	assert_null(strstr(w->reply.body, "https://"));
	assert_non_null(wire_head_value(&w->reply, "Content-Security-Policy", policy, sizeof(policy)));
	assert_memory_equal(policy, "default-src 'none';", 19);
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
		TEST(not_ready_says_why),
		TEST(openmetrics_is_for_those_who_accept_it),
		TEST(the_page_tells_the_figures_and_nothing_foreign),
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
