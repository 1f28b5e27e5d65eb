/* What is frugald's own on the clients' side, against a stub engine and raw clients: batches and prewarming. */
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
#include "base/hash.h"
#include "base/str.h"
#include "contract/wire.h"
#include "core/bundle.h"
#include "core/reply.h"
#include "frugal/engine_jobs.h"

enum { ASKED_MAX = 2048 };

struct asked {
	uint64_t number;
	int problem;
	char target[128], id[80], key[64];
	enum fr_priority priority;
	bool of_batch, has_digest;
};

struct fr_engine {
	struct fr_front *front;
	bool now;
	size_t n, prewarmed;
	struct asked asked[ASKED_MAX];
	char source[64], targets[4][128];
	struct fr_blob *body;
	bool held;
};

static void note_down(struct fr_engine *e, uint64_t request, int problem, const struct fr_ask *ask)
{
	struct asked *a = &e->asked[e->n++];

	assert_true(e->n < ASKED_MAX);
	*a = (struct asked){ .number = request,
			     .problem = problem,
			     .priority = ask->priority,
			     .of_batch = ask->of_batch,
			     .has_digest = ask->key_sha256 != NULL };
	(void)fr_str_copy(a->target, sizeof(a->target), ask->target);
	assert_true(fr_str_copy(a->id, sizeof(a->id), ask->request_id) && fr_str_copy(a->key, sizeof(a->key), ask->client_key));
}

static void answer(struct fr_engine *e, uint64_t number, int status)
{
	struct fr_reply r = { .status = status, .body = fr_blob_hold(e->body) };

	fr_front_answer(e->front, number, &r);
	assert_null(r.body);
}

void fr_engine_ask(struct fr_engine *e, uint64_t request, const struct fr_ask *ask)
{
	note_down(e, request, 0, ask);
	if (e->now)
		answer(e, request, 200);
}

void fr_engine_refuse(struct fr_engine *e, uint64_t request, int problem, const char *detail, const struct fr_ask *ask)
{
	assert_non_null(detail);
	note_down(e, request, problem, ask);
	answer(e, request, fr_problem_status((enum fr_problem)problem));
}

/* Letters' case is all that spellings differ in here; what begins with /x is in no row, and "bad" cannot be read. */
enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *ask, struct fr_key *ret, struct fr_refusal *why)
{
	char folded[FR_TARGET_MAX];

	(void)e;
	assert_true(ask->target.n < sizeof(folded));
	for (size_t i = 0; i < ask->target.n; i++)
		folded[i] = fr_lower(ask->target.p[i]);
	*ret = fr_hash128(1, folded, ask->target.n);
	if (fr_str_starts(ask->target, "/x"))
		return FR_NAMED_UNKNOWN;
	if (fr_str_find_nocase(ask->target, "bad") == ask->target.n)
		return FR_NAMED_KEY;
	*ret = (struct fr_key){ 0, 0 };
	fr_problem_set(why, FR_PROBLEM_BAD_PARAM, "it is bad");
	return FR_NAMED_BAD;
}

bool fr_engine_prewarm(struct fr_engine *e, const struct fr_ask *ask, struct fr_str source, const struct fr_str *targets,
		       size_t n)
{
	note_down(e, 0, 0, ask);
	e->prewarmed = n;
	assert_true(fr_str_copy(e->source, sizeof(e->source), source));
	for (size_t i = 0; i < n; i++)
		assert_true(fr_str_copy(e->targets[i], sizeof(e->targets[i]), targets[i]));
	return !e->held;
}

struct world {
	uv_loop_t loop;
	struct fr_engine engine;
	struct fr_roster roster;
	struct fr_bundles bundles;
	struct fr_front *front;
	char addr[FR_LISTEN_NAME_MAX];
	struct wire wire;
	struct wire_reply reply;
	size_t wanted; /* questions that are waited for */
};

static uint64_t next_random(void *ctx)
{
	(void)ctx;
	return 0x1234;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct fr_settings *s = calloc(1, sizeof(*s));
	struct fr_front_ports ports = { .random = next_random };
	struct fr_errmsg why;
	int fd;

	assert_true(w != NULL && s != NULL);
	fr_roster_init(&w->roster, false);
	ports.roster = &w->roster;
	ports.bundles = &w->bundles;
	w->bundles = (struct fr_bundles){
		.n = 1, .at = { { .name = "page", .n = 2, .questions = { FR_STR("/a/?x={id}"), FR_STR("/b/?y=1&z={id}") } } }
	};
	s->front_connections = 200;
	s->front_idle = FR_SECONDS(60);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(fr_listen_open("127.0.0.1:0", &fd, &why), FR_OK);
	fr_listen_name(fd, w->addr, sizeof(w->addr));
	w->front = fr_front_new(&w->loop, &w->engine, s, &ports, &fd, 1, &why);
	assert_non_null(w->front);
	free(s);
	w->engine.front = w->front;
	w->engine.now = true;
	w->engine.body = fr_blob_of("{\"id\":\"7\"}", 10);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	assert_int_equal(w->engine.body->refs, 1); /* every line has let go of it */
	fr_blob_drop(w->engine.body);
	free(w);
	return 0;
}

/* HTTP/1.0, so that the body is not cut into chunks and its end is the connection's. */
static void send_to(struct world *w, struct wire *wire, const char *path, const char *fields, const char *body, size_t n)
{
	char head[512];

	wire_open(wire, &w->loop, w->addr);
	(void)snprintf(head, sizeof(head), "POST %s HTTP/1.0\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n", path, fields, n);
	wire_text(wire, head);
	wire_send(wire, body, n);
}

static const char *body_of(const struct wire *wire)
{
	const char *gap = strstr(wire->in, "\r\n\r\n");

	assert_non_null(gap);
	return gap + 4;
}

static void post(struct world *w, const char *path, const char *fields, const char *body)
{
	send_to(w, &w->wire, path, fields, body, strlen(body));
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
}

static int status_of(const struct wire *wire)
{
	return atoi(wire->in + strlen("HTTP/1.1 "));
}

static bool asked_enough(void *ctx)
{
	const struct world *w = ctx;

	return w->engine.n >= w->wanted;
}

static void until_asked(struct world *w, size_t n)
{
	w->wanted = n;
	wire_until(&w->loop, asked_enough, w);
}

static bool nobody_is_connected(void *ctx)
{
	return fr_front_connections(((struct world *)ctx)->front) == 0;
}

static const char *numbers(size_t n, char *text, size_t size)
{
	size_t at = (size_t)snprintf(text, size, "[");

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at, "%s\"/a/?x=%zu\"", i > 0 ? "," : "", i);
	(void)snprintf(text + at, size - at, "]");
	return text;
}

static void each_question_is_asked_by_itself_and_answered_in_a_line(void **state)
{
	struct world *w = *state;

	post(w, "/frugal/batch", "X-Request-Id: r7\r\nX-Api-Key: hush\r\n", "{\"questions\":[\"/a/?x=1\",\"/b/?bad=1\"]}");
	assert_int_equal(status_of(&w->wire), 200);
	assert_non_null(strstr(w->wire.in, "Content-Type: application/x-ndjson\r\n"));
	assert_non_null(strstr(w->wire.in, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(w->wire.in, "X-Request-Id: r7\r\n"));
	assert_string_equal(
		body_of(&w->wire),
		"{\"index\":0,\"status\":200,\"cache_status\":\"\",\"credits_spent\":0,\"credits_avoided\":0,\"body\":{\"id\":\"7\"}}\n"
		"{\"index\":1,\"status\":200,\"cache_status\":\"\",\"credits_spent\":0,\"credits_avoided\":0,\"body\":{\"id\":\"7\"}}\n");
	assert_int_equal(w->engine.n, 2);
	assert_string_equal(w->engine.asked[1].target, "/b/?bad=1");
	assert_string_equal(w->engine.asked[1].id, "r7.1");
	assert_string_equal(w->engine.asked[1].key, "hush");
	assert_true(w->engine.asked[0].of_batch && w->engine.asked[0].priority == FR_PRIORITY_BATCH);
}

static void a_batch_is_no_more_urgent_than_a_batch(void **state)
{
	static const struct {
		const char *field;
		enum fr_priority asked;
	} rows[] = { { "", FR_PRIORITY_BATCH },
		     { "X-Frugal-Priority: interactive\r\n", FR_PRIORITY_BATCH },
		     { "X-Frugal-Priority: poll\r\n", FR_PRIORITY_BATCH },
		     { "X-Frugal-Priority: prewarm\r\n", FR_PRIORITY_PREWARM } };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(w, "/frugal/batch", rows[i].field, "[\"/a/\"]");
		assert_int_equal(w->engine.asked[i].priority, rows[i].asked);
	}
}

static void lines_come_in_the_order_of_the_answers(void **state)
{
	struct world *w = *state;
	const char *second, *first;

	w->engine.now = false;
	send_to(w, &w->wire, "/frugal/batch", "", "[\"/a/\",\"/b/\",\"/c/\"]", 19);
	until_asked(w, 3);
	answer(&w->engine, w->engine.asked[2].number, 200);
	answer(&w->engine, w->engine.asked[2].number + 1, 200); /* a number that means nothing */
	answer(&w->engine, w->engine.asked[0].number, 504);
	answer(&w->engine, w->engine.asked[1].number, 200);
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	first = strstr(w->wire.in, "{\"index\":2,\"status\":200");
	second = strstr(w->wire.in, "{\"index\":0,\"status\":504");
	assert_true(first != NULL && second != NULL && first < second && strstr(second, "{\"index\":1") != NULL);
}

static void a_line_comes_while_others_are_waited_for(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "POST /frugal/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n[\"/a/\",\"/b/\"]");
	until_asked(w, 2);
	answer(&w->engine, w->engine.asked[1].number, 200);
	wire_reply(&w->wire, false, &w->reply); /* the head; it says nothing of a length */
	assert_true(wire_head_has(&w->reply, "Transfer-Encoding: chunked"));
	while (strstr(w->wire.in, "\"index\":1") == NULL)
		wire_more(&w->wire);
	assert_null(strstr(w->wire.in, "\r\n0\r\n"));
	answer(&w->engine, w->engine.asked[0].number, 200);
	while (strstr(w->wire.in, "\r\n0\r\n\r\n") == NULL)
		wire_more(&w->wire);
	w->wire.n = 0;
	w->engine.now = true;
	wire_text(&w->wire, "GET /c/ HTTP/1.1\r\nHost: x\r\n\r\n"); /* the connection goes on */
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 200);
	wire_close(&w->wire);
}

static void spellings_of_one_question_are_asked_behind_one_another(void **state)
{
	struct world *w = *state;
	static const char *const order[] = { "/a/?x=q", "/A/?x=Q", "/a/?X=q", "/b/", "/a/?bad", "/B/?bad", "/a/?bad" };

	post(w, "/frugal/batch", "", "[\"/a/?x=q\",\"/b/\",\"/A/?x=Q\",\"/a/?bad\",\"/B/?bad\",\"/a/?X=q\",\"/a/?bad\"]");
	assert_int_equal(w->engine.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(w->engine.asked[i].target, order[i]);
	assert_string_equal(w->engine.asked[1].id + strlen(w->engine.asked[1].id) - 2, ".2");
}

static void only_so_much_is_asked_ahead(void **state)
{
	struct world *w = *state;
	static char body[32 * 1024];

	w->engine.now = false;
	(void)numbers(FR_BATCH_MAX, body, sizeof(body));
	send_to(w, &w->wire, "/frugal/batch", "", body, strlen(body));
	until_asked(w, FR_BATCH_AHEAD);
	for (int i = 0; i < 100; i++)
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	assert_int_equal(w->engine.n, FR_BATCH_AHEAD);
	for (size_t i = 0; i < FR_BATCH_MAX; i++) { /* the client takes what comes, and so more is asked */
		if (i == w->engine.n)
			until_asked(w, i + 1);
		assert_true(w->engine.n <= i + FR_BATCH_AHEAD);
		answer(&w->engine, w->engine.asked[i].number, 200);
	}
	while (!w->wire.ended) {
		w->wire.n = 0;
		wire_more(&w->wire);
	}
	wire_close(&w->wire);
	assert_int_equal(w->engine.n, FR_BATCH_MAX);
}

static void who_leaves_gets_nothing_more_and_asks_nothing_more(void **state)
{
	struct world *w = *state;
	static char body[32 * 1024];
	size_t asked;

	w->engine.now = false;
	(void)numbers(500, body, sizeof(body));
	send_to(w, &w->wire, "/frugal/batch", "", body, strlen(body));
	until_asked(w, FR_BATCH_AHEAD);
	wire_close(&w->wire);
	for (size_t i = 0; i < 10; i++)
		answer(&w->engine, w->engine.asked[i].number, 200);
	wire_until(&w->loop, nobody_is_connected, w);
	asked = w->engine.n;
	assert_true(asked < 200);
	for (size_t i = 10; i < asked; i++)
		answer(&w->engine, w->engine.asked[i].number, 200); /* they meet nothing */
	assert_int_equal(fr_front_unsent(w->front), 0);
}

static void freeing_cuts_off_a_batch(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	send_to(w, &w->wire, "/frugal/batch", "", "[\"/a/\",\"/b/\"]", 13);
	until_asked(w, 2);
	answer(&w->engine, w->engine.asked[0].number, 200);
	for (int i = 0; i < 10; i++)
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	fr_front_free(w->front);
	w->front = NULL;
	wire_close(&w->wire);
}

static void what_cannot_be_asked_is_refused_before_anything_is(void **state)
{
	static const struct {
		const char *body;
		int problem;
	} rows[] = { { "", FR_PROBLEM_BAD_BATCH },
		     { "[\"/a/\"", FR_PROBLEM_BAD_BATCH },
		     { "[\"/a/\",1]", FR_PROBLEM_BAD_BATCH },
		     { "[\"/a/\",\"/x/\"]", FR_PROBLEM_UNKNOWN_PATH } };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(w, "/frugal/batch/", "", rows[i].body);
		assert_int_equal(status_of(&w->wire), 400);
		assert_int_equal(w->engine.n, i + 1);
		assert_int_equal(w->engine.asked[i].problem, rows[i].problem);
		assert_string_equal(w->engine.asked[i].target, "/frugal/batch/");
	}
}

static void other_methods_and_paths_are_refused(void **state)
{
	static const struct {
		const char *line;
		int problem; /* 0: the engine is asked, and refuses */
	} rows[] = { { "GET /frugal/batch", FR_PROBLEM_POST_ONLY },
		     { "HEAD /frugal/prewarm?bundle=page", FR_PROBLEM_POST_ONLY },
		     { "PUT /frugal/batch", FR_PROBLEM_POST_ONLY },
		     { "GET http://h/frugal/batch", FR_PROBLEM_POST_ONLY },
		     { "POST /frugal/nothing", FR_PROBLEM_METHOD },
		     { "POST /a/", FR_PROBLEM_METHOD },
		     { "GET /frugal/nothing", 0 } };
	struct world *w = *state;
	char text[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s HTTP/1.0\r\nHost: x\r\n\r\n", rows[i].line);
		wire_open(&w->wire, &w->loop, w->addr);
		wire_text(&w->wire, text);
		wire_until_closed(&w->wire);
		wire_close(&w->wire);
		assert_int_equal(w->engine.n, i + 1);
		assert_int_equal(w->engine.asked[i].problem, rows[i].problem);
	}
}

static void a_body_has_at_most_a_mebibyte(void **state)
{
	struct world *w = *state;
	size_t n = FR_BATCH_BODY_MAX + 1;
	char *body = malloc(n);

	assert_non_null(body);
	memset(body, ' ', n);
	memcpy(body, "[\"/a/\"]", 7);
	for (size_t i = 0; i < 2; i++) {
		send_to(w, &w->wire, "/frugal/batch", "", body, FR_BATCH_BODY_MAX + i);
		wire_until_closed(&w->wire);
		wire_close(&w->wire);
		assert_int_equal(status_of(&w->wire), i == 0 ? 200 : 413);
	}
	assert_int_equal(w->engine.asked[1].problem, FR_PROBLEM_BODY_TOO_LARGE);
	free(body);
}

static void a_body_may_come_in_pieces_of_unknown_length(void **state)
{
	static const char *const pieces[] = { "POST /frugal/ba",
					      "tch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n",
					      "Connection: close\r\n\r\n",
					      "3\r\n[\"/\r\n",
					      "1\r\na\r\n",
					      "4\r\n/\"] \r\n0\r\n\r\n" };
	struct world *w = *state;

	wire_open(&w->wire, &w->loop, w->addr);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		wire_text(&w->wire, pieces[i]);
		for (int k = 0; k < 5; k++)
			(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	}
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	assert_int_equal(status_of(&w->wire), 200);
	assert_string_equal(w->engine.asked[0].target, "/a/");
}

static void there_are_only_so_many_batches_at_a_time(void **state)
{
	struct world *w = *state;
	struct wire *wires = calloc(FR_BATCHES_MAX, sizeof(*wires));

	assert_non_null(wires);
	w->engine.now = false;
	for (size_t i = 0; i < FR_BATCHES_MAX; i++)
		send_to(w, &wires[i], "/frugal/batch", "", "[\"/a/\"]", 7);
	until_asked(w, FR_BATCHES_MAX);
	post(w, "/frugal/batch", "", "[\"/a/\"]");
	assert_int_equal(status_of(&w->wire), 503);
	assert_int_equal(w->engine.asked[FR_BATCHES_MAX].problem, FR_PROBLEM_OVERLOADED);
	answer(&w->engine, w->engine.asked[0].number, 200);
	for (size_t i = 0; i < FR_BATCHES_MAX; i++)
		wire_close(&wires[i]);
	for (size_t i = 1; i < FR_BATCHES_MAX; i++)
		answer(&w->engine, w->engine.asked[i].number, 200);
	wire_until(&w->loop, nobody_is_connected, w);
	w->engine.now = true;
	post(w, "/frugal/batch", "", "[\"/a/\"]");
	assert_int_equal(status_of(&w->wire), 200);
	free(wires);
}

static void an_unknown_clients_body_is_not_looked_at(void **state)
{
	struct world *w = *state;

	w->roster.clients[0].has_key = true;
	memset(w->roster.clients[0].key_sha256, 7, FR_SHA256_BYTES);
	post(w, "/frugal/batch", "", "[");
	post(w, "/frugal/prewarm", "X-Api-Key: hush\r\n", "{");
	assert_int_equal(w->engine.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(w->engine.asked[i].problem, FR_PROBLEM_UNKNOWN_CLIENT);
		assert_int_equal(w->engine.asked[i].has_digest, i == 1);
	}
}

static void a_bundle_is_filled_in_and_accepted_at_once(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	for (int held = 0; held < 2; held++) {
		w->engine.held = held == 1;
		post(w, "/frugal/prewarm", "X-Request-Id: r8\r\n", "{\"bundle\":\"page\",\"params\":{\"id\":\"7 8\"}}");
		assert_int_equal(status_of(&w->wire), 202);
		assert_non_null(strstr(w->wire.in, "Content-Type: application/json\r\n"));
		assert_non_null(strstr(w->wire.in, "X-Request-Id: r8\r\n"));
		assert_string_equal(body_of(&w->wire),
				    held ? "{\"questions\":2,\"held_back\":true}" : "{\"questions\":2,\"held_back\":false}");
		assert_string_equal(w->engine.source, "page");
		assert_int_equal(w->engine.prewarmed, 2);
		assert_string_equal(w->engine.targets[0], "/a/?x=7%208");
		assert_string_equal(w->engine.targets[1], "/b/?y=1&z=7%208");
	}
	post(w, "/frugal/prewarm?bundle=page&id=%37", "", "");
	assert_int_equal(status_of(&w->wire), 202);
	assert_string_equal(w->engine.targets[0], "/a/?x=7");
}

static void a_bundle_that_cannot_be_asked_is_refused(void **state)
{
	static const struct {
		const char *body;
		int problem;
	} rows[] = { { "{\"bundle\":\"feed\"}", FR_PROBLEM_UNKNOWN_BUNDLE },
		     { "{\"bundle\":\"page\"}", FR_PROBLEM_MISSING_PARAM },
		     { "{\"bundle\":\"page\",\"params\":{\"id\":\"bad\"}}", FR_PROBLEM_BAD_PARAM },
		     { "{\"bundle\":", FR_PROBLEM_BAD_PREWARM },
		     { "", FR_PROBLEM_BAD_PREWARM } };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(w, "/frugal/prewarm", "", rows[i].body);
		assert_int_equal(w->engine.n, i + 1);
		assert_int_equal(w->engine.asked[i].problem, rows[i].problem);
		assert_int_equal(status_of(&w->wire), fr_problem_status((enum fr_problem)rows[i].problem));
	}
	assert_int_equal(w->engine.prewarmed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_question_is_asked_by_itself_and_answered_in_a_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_batch_is_no_more_urgent_than_a_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_come_in_the_order_of_the_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_line_comes_while_others_are_waited_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spellings_of_one_question_are_asked_behind_one_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_so_much_is_asked_ahead, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_leaves_gets_nothing_more_and_asks_nothing_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(freeing_cuts_off_a_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_refused_before_anything_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_methods_and_paths_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_body_has_at_most_a_mebibyte, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_body_may_come_in_pieces_of_unknown_length, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_are_only_so_many_batches_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unknown_clients_body_is_not_looked_at, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bundle_is_filled_in_and_accepted_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bundle_that_cannot_be_asked_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
