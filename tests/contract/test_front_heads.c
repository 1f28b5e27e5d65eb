/* Replies whose head was prepared for many, on the wire: a stub engine with one answer, the real front, raw clients. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/front.h"
#include "adapt/listen.h"
#include "base/str.h"
#include "contract/wire.h"
#include "core/head.h"
#include "frugal/engine_jobs.h"

enum { BODY = 20000, LARGE = 15 * 1024 * 1024 };

static const int64_t NOW_MS = INT64_C(1795381200000); /* Sun, 22 Nov 2026 21:00:00 GMT */

struct asked {
	uint64_t number;
	char id[FR_REQUEST_ID_MAX + 1];
};

struct fr_engine {
	struct fr_front *front;
	struct fr_heads heads;
	struct fr_answer *answer;
	bool later; /* answers wait for answer_all() */
	size_t n_waiting;
	struct asked waiting[8];
	int64_t passed_ms;
	size_t prepared, written;
	uint64_t random;
};

static void answer(struct fr_engine *e, uint64_t request, struct fr_str id, struct fr_str if_none_match)
{
	struct fr_reply_facts f = {
		.answer = e->answer,
		.view = { .freshness = FR_FRESH, .age = { 17300 + e->passed_ms }, .left = { 3582700 - e->passed_ms } },
		.outcome = FR_OUTCOME_HIT,
		.avoided = 1,
		.request_id = id,
		.if_none_match = if_none_match,
		.now = { NOW_MS + e->passed_ms },
	};
	struct fr_head *head = fr_heads_for(&e->heads, e->answer, &f);
	struct fr_reply r;

	if (head != NULL)
		fr_reply_prepared(&r, head, &f);
	else
		fr_reply_answer(&r, &f);
	e->prepared += head != NULL;
	e->written += head == NULL;
	fr_front_answer(e->front, request, &r);
	assert_null(r.body);
}

void fr_engine_ask(struct fr_engine *e, uint64_t request, const struct fr_ask *ask)
{
	struct asked *a = &e->waiting[e->n_waiting];

	if (!e->later) {
		answer(e, request, ask->request_id, ask->if_none_match);
		return;
	}
	assert_true(++e->n_waiting <= sizeof(e->waiting) / sizeof(e->waiting[0]));
	a->number = request;
	assert_true(fr_str_copy(a->id, sizeof(a->id), ask->request_id));
}

static void answer_all(struct fr_engine *e)
{
	for (size_t i = 0; i < e->n_waiting; i++)
		answer(e, e->waiting[i].number, fr_str_of(e->waiting[i].id), FR_STR(""));
	e->n_waiting = 0;
}

void fr_engine_refuse(struct fr_engine *e, uint64_t request, int problem, const char *detail, const struct fr_ask *ask)
{
	(void)problem;
	(void)detail;
	fr_engine_ask(e, request, ask);
}

enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *asked, struct fr_key *ret, struct fr_refusal *why)
{
	(void)e;
	(void)asked;
	(void)ret;
	(void)why;
	return FR_NAMED_BAD;
}

bool fr_engine_prewarm(struct fr_engine *e, const struct fr_ask *asked, struct fr_str source, const struct fr_str *targets,
		       size_t n)
{
	(void)e;
	(void)asked;
	(void)source;
	(void)targets;
	return n == 0;
}

struct world {
	uv_loop_t loop;
	struct fr_engine engine;
	struct fr_roster roster;
	struct fr_front *front;
	char addr[FR_LISTEN_NAME_MAX];
	struct wire wire, other;
	struct wire_reply reply;
};

static uint64_t next_random(void *engine)
{
	return ++((struct fr_engine *)engine)->random;
}

static void set_body(struct fr_engine *e, size_t n)
{
	struct fr_answer from = {
		.verdict = FR_VERDICT_DATA, .status = 200, .verbatim = true, .canon = FR_STR("q"), .type = "application/json"
	};

	fr_answer_drop(e->answer);
	from.body = fr_blob_new(n);
	for (size_t i = 0; i < n; i++)
		from.body->bytes[i] = (char)('a' + i % 26);
	e->answer = fr_answer_new(&from);
	fr_blob_drop(from.body);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct fr_settings *s = calloc(1, sizeof(*s));
	struct fr_front_ports ports = { .ctx = &w->engine, .roster = &w->roster, .random = next_random };
	struct fr_errmsg why;
	int fd;

	assert_non_null(w);
	assert_non_null(s);
	fr_roster_init(&w->roster, false);
	fr_heads_init(&w->engine.heads);
	set_body(&w->engine, BODY);
	s->front_connections = 100;
	s->front_idle = FR_SECONDS(60);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(fr_listen_open("127.0.0.1:0", &fd, &why), FR_OK);
	fr_listen_name(fd, w->addr, sizeof(w->addr));
	w->front = w->engine.front = fr_front_new(&w->loop, &w->engine, s, &ports, &fd, 1, &why);
	assert_non_null(w->front);
	free(s);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	fr_answer_drop(w->engine.answer);
	assert_int_equal(w->engine.heads.n, 0);
	free(w);
	return 0;
}

static void get(struct world *w, const char *fields, bool head_only)
{
	char request[512];

	(void)snprintf(request, sizeof(request), "%s /a HTTP/1.1\r\nHost: x\r\n%s\r\n", head_only ? "HEAD" : "GET", fields);
	wire_text(&w->wire, request);
	wire_reply(&w->wire, head_only, &w->reply);
}

/* Opens a connection whose answer has a head from now on. */
static void warm_up(struct world *w)
{
	wire_open(&w->wire, &w->loop, w->addr);
	get(w, "", false);
	get(w, "", false);
	assert_int_equal(w->engine.prepared, 1);
}

static size_t occurrences(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void a_prepared_reply_has_the_bytes_of_a_written_one(void **state)
{
	struct world *w = *state;
	struct wire_reply written;

	warm_up(w);
	fr_heads_clear(&w->engine.heads);
	w->engine.answer->hit = 0;
	get(w, "X-Request-Id: same\r\n", false);
	written = w->reply;
	get(w, "X-Request-Id: same\r\n", false);
	assert_int_equal(w->engine.prepared, 2);
	assert_string_equal(w->reply.head, written.head);
	assert_int_equal(w->reply.body_n, BODY);
	assert_memory_equal(w->reply.body, written.body, BODY);
	assert_string_equal(
		w->reply.head,
		"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 21:00:00 GMT\r\nContent-Type: application/json\r\nAge: 17\r\n"
		"ETag: \"baeffb1255ce37b7\"\r\nCache-Control: max-age=3582\r\nCache-Status: frugald; hit; ttl=3582\r\n"
		"X-Credits-Spent: 0\r\nX-Credits-Avoided: 1\r\nX-Request-Id: same\r\nContent-Length: 20000\r\n\r\n");
	wire_close(&w->wire);
}

static void each_has_its_own_id_however_long_and_whoever_else_asks(void **state)
{
	static const char *const ids[] = { "a-1", "b-2", "0123456789abcdef", "x", "c-3", "d-4" };
	struct world *w = *state;
	char request[128], line[128];

	warm_up(w);
	wire_open(&w->other, &w->loop, w->addr);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 6; i++) { /* several in one piece, on two connections */
			(void)snprintf(request, sizeof(request), "GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: %s\r\n\r\n",
				       ids[i]);
			wire_text(i % 2 == 0 ? &w->wire : &w->other, request);
		}
		for (size_t i = 0; i < 6; i++) {
			wire_reply(i % 2 == 0 ? &w->wire : &w->other, false, &w->reply);
			(void)snprintf(line, sizeof(line), "X-Request-Id: %s", ids[i]);
			assert_true(wire_head_has(&w->reply, line));
			assert_int_equal(occurrences(w->reply.head, "X-Request-Id"), 1);
			assert_int_equal(w->reply.body_n, BODY);
		}
	}
	assert_int_equal(w->engine.written, 1);
	wire_close(&w->wire);
	wire_close(&w->other);
}

static bool two_wait(void *world)
{
	return ((struct world *)world)->engine.n_waiting == 2;
}

static void those_who_have_waited_have_their_own_ids_too(void **state)
{
	struct world *w = *state;

	warm_up(w);
	wire_open(&w->other, &w->loop, w->addr);
	w->engine.later = true;
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: one\r\n\r\n");
	wire_text(&w->other, "GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: two\r\n\r\n");
	wire_until(&w->loop, two_wait, w);
	answer_all(&w->engine); /* with one head, and before either of them is sent */
	assert_int_equal(w->engine.written, 1);
	wire_reply(&w->wire, false, &w->reply);
	assert_true(wire_head_has(&w->reply, "X-Request-Id: one"));
	wire_reply(&w->other, false, &w->reply);
	assert_true(wire_head_has(&w->reply, "X-Request-Id: two"));
	wire_close(&w->wire);
	wire_close(&w->other);
}

static void a_request_without_an_id_gets_a_new_one(void **state)
{
	struct world *w = *state;

	warm_up(w);
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "X-Request-Id: 3000000000000000"));
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "X-Request-Id: 4000000000000000"));
	wire_close(&w->wire);
}

static void the_date_goes_on_with_the_second(void **state)
{
	struct world *w = *state;

	w->engine.passed_ms = -250; /* the head is of 20:59:59.75: age and time left change at other moments than the date */
	warm_up(w);
	assert_true(wire_head_has(&w->reply, "Date: Sun, 22 Nov 2026 20:59:59 GMT"));
	w->engine.passed_ms = 100;
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "Date: Sun, 22 Nov 2026 21:00:00 GMT"));
	assert_true(wire_head_has(&w->reply, "Age: 17"));
	w->engine.passed_ms = -200; /* or back, as a clock that is set does */
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "Date: Sun, 22 Nov 2026 20:59:59 GMT"));
	assert_int_equal(w->engine.heads.n, 1);
	w->engine.passed_ms = 1000;
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "Date: Sun, 22 Nov 2026 21:00:01 GMT"));
	assert_true(wire_head_has(&w->reply, "Age: 18"));
	assert_true(wire_head_has(&w->reply, "Cache-Control: max-age=3581"));
	wire_close(&w->wire);
}

static void head_and_304_send_the_same_fields_and_no_body(void **state)
{
	struct world *w = *state;
	char etag[64], field[128];

	warm_up(w);
	assert_non_null(wire_head_value(&w->reply, "ETag", etag, sizeof(etag)));
	(void)snprintf(field, sizeof(field), "If-None-Match: %s\r\n", etag);
	for (int i = 0; i < 2; i++) {
		get(w, i == 0 ? "" : field, i == 0);
		assert_int_equal(w->reply.status, i == 0 ? 200 : 304);
		assert_int_equal(w->reply.body_n, 0);
		assert_true(wire_head_has(&w->reply, "Content-Length: 20000"));
		assert_true(wire_head_has(&w->reply, "Cache-Status: frugald; hit; ttl=3582"));
		get(w, "", false);
		assert_int_equal(w->reply.status, 200);
		assert_int_equal(w->reply.body_n, BODY);
	}
	assert_int_equal(w->engine.written, 1);
	wire_close(&w->wire);
}

static void an_old_client_is_told_what_becomes_of_its_connection_and_the_next_one_is_not(void **state)
{
	struct world *w = *state;
	char value[64];

	warm_up(w);
	wire_open(&w->other, &w->loop, w->addr);
	wire_text(&w->other, "GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
	wire_reply(&w->other, false, &w->reply);
	assert_true(wire_head_has(&w->reply, "Connection: Keep-Alive"));
	wire_text(&w->other, "GET /a HTTP/1.0\r\nHost: x\r\n\r\n");
	wire_reply(&w->other, false, &w->reply);
	assert_true(wire_head_has(&w->reply, "Connection: close"));
	wire_until_closed(&w->other);
	wire_close(&w->other);
	get(w, "Content-Length: 0\r\n", false);
	assert_null(wire_head_value(&w->reply, "Connection", value, sizeof(value)));
	fr_front_stop_accepting(w->front);
	get(w, "", false);
	assert_true(wire_head_has(&w->reply, "Connection: close"));
	assert_int_equal(occurrences(w->reply.head, "Date: "), 1);
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
}

static bool has_prepared_one(void *world)
{
	return ((struct world *)world)->engine.prepared == 1;
}

static void a_head_may_go_while_its_reply_is_on_its_way(void **state)
{
	static const char request[] = "GET /a HTTP/1.0\r\nHost: x\r\n\r\n";
	struct world *w = *state;
	size_t sent[2];

	set_body(&w->engine, LARGE);
	wire_open(&w->other, &w->loop, w->addr);
	wire_text(&w->other, request);
	sent[0] = wire_drain(&w->other);
	wire_close(&w->other);
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, request);
	wire_until(&w->loop, has_prepared_one, w); /* more is on its way than sockets hold */
	assert_true(fr_front_unsent(w->front) > 0);
	set_body(&w->engine, BODY);
	assert_int_equal(w->engine.heads.n, 0);
	sent[1] = wire_drain(&w->wire);
	assert_true(sent[0] > LARGE);
	assert_int_equal(sent[0], sent[1]);
	wire_close(&w->wire);
}

/* A hit on a connection, then a batch, which ends it. */
static void hit_and_batch(struct world *w)
{
	static const char batch[] = "POST /frugal/batch HTTP/1.0\r\nHost: x\r\nContent-Length: 6\r\n\r\n[\"/a\"]";

	wire_open(&w->wire, &w->loop, w->addr);
	get(w, "", false);
	wire_text(&w->wire, batch);
	assert_true(wire_drain(&w->wire) > BODY);
	wire_close(&w->wire);
}

static void a_response_of_its_own_behind_one_that_is_shared_goes_with_its_request(void **state)
{
	enum { ROUNDS = 64, ROUND_MAX = 4096 }; /* a batch's response alone has 16 KiB */
	struct world *w = *state;
	size_t before;

	warm_up(w);
	wire_close(&w->wire);
	hit_and_batch(w);
	before = mallinfo2().uordblks; /* 0 where a sanitizer has the memory, which then finds it itself */
	for (int i = 0; i < ROUNDS; i++)
		hit_and_batch(w);
	assert_true(mallinfo2().uordblks <= before + ROUNDS * ROUND_MAX);
	assert_int_equal(w->engine.written, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_prepared_reply_has_the_bytes_of_a_written_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_has_its_own_id_however_long_and_whoever_else_asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(those_who_have_waited_have_their_own_ids_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_without_an_id_gets_a_new_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_date_goes_on_with_the_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(head_and_304_send_the_same_fields_and_no_body, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_client_is_told_what_becomes_of_its_connection_and_the_next_one_is_not,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_head_may_go_while_its_reply_is_on_its_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_response_of_its_own_behind_one_that_is_shared_goes_with_its_request, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
