/* The front against a stub engine and raw clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/digest.h"
#include "adapt/front.h"
#include "adapt/listen.h"
#include "base/str.h"
#include "contract/wire.h"
#include "core/bundle.h"
#include "core/reply.h"
#include "frugal/engine_jobs.h"

enum { ASKED_MAX = 64, NOW_S = 1795381200 /* Sun, 22 Nov 2026 21:00:00 GMT */ };

struct asked {
	uint64_t number;
	int problem; /* 0: a question */
	char target[FR_TARGET_MAX + 64], key[FR_SECRET_MAX], etag[128], id[80];
	struct fr_wish wish;
	bool has_digest;
	char digest[FR_SHA256_HEX];
	enum fr_priority priority;
};

struct fr_engine {
	struct fr_front *front;
	bool now; /* answer from inside the call */
	size_t n;
	struct asked asked[ASKED_MAX];
	struct fr_blob *body;
	uint64_t random;
};

static void copy(char *to, size_t size, struct fr_str s)
{
	assert_true(fr_str_copy(to, size, s));
}

static void add_header(struct fr_reply *r, const char *name, const char *value)
{
	r->headers[r->n].name = name;
	r->headers[r->n++].at = (uint16_t)r->used;
	memcpy(r->text + r->used, value, strlen(value) + 1);
	r->used += strlen(value) + 1;
}

static void answer(struct fr_engine *e, uint64_t number, int status)
{
	struct fr_reply *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->status = status;
	r->now.v = (int64_t)NOW_S * 1000;
	r->body = fr_blob_hold(e->body);
	add_header(r, "Content-Type", "application/json");
	add_header(r, "ETag", "\"abc\"");
	if (status == 405)
		add_header(r, "Allow", "GET, HEAD");
	fr_front_answer(e->front, number, r);
	assert_null(r->body);
	free(r);
}

static void copy_digest(struct asked *a, const struct fr_ask *ask)
{
	a->has_digest = ask->key_sha256 != NULL;
	if (a->has_digest)
		fr_digest_hex(ask->key_sha256, a->digest);
}

void fr_engine_ask(struct fr_engine *e, uint64_t request, const struct fr_ask *ask)
{
	struct asked *a = &e->asked[e->n++];

	assert_true(e->n < ASKED_MAX);
	memset(a, 0, sizeof(*a));
	a->number = request;
	copy(a->target, sizeof(a->target), ask->target);
	copy(a->key, sizeof(a->key), ask->client_key);
	copy(a->etag, sizeof(a->etag), ask->if_none_match);
	copy(a->id, sizeof(a->id), ask->request_id);
	a->wish = ask->wish;
	a->priority = ask->priority;
	copy_digest(a, ask);
	if (e->now)
		answer(e, request, a->etag[0] != '\0' ? 304 : 200);
}

void fr_engine_refuse(struct fr_engine *e, uint64_t request, int problem, const char *detail, const struct fr_ask *ask)
{
	struct asked *a = &e->asked[e->n++];

	assert_true(e->n < ASKED_MAX);
	assert_non_null(detail);
	memset(a, 0, sizeof(*a));
	a->number = request;
	a->problem = problem;
	copy(a->id, sizeof(a->id), ask->request_id);
	copy_digest(a, ask);
	answer(e, request, fr_problem_status((enum fr_problem)problem));
}

enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *asked, struct fr_key *ret, struct fr_refusal *why)
{
	(void)e;
	(void)asked;
	(void)ret;
	(void)why;
	return FR_NAMED_BAD; /* only what stands for many questions asks for names */
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
	struct fr_bundles bundles;
	struct fr_front *front;
	char addr[FR_LISTEN_NAME_MAX];
	struct wire wire;
	struct wire_reply reply;
};

static uint64_t next_random(void *ctx)
{
	return ((struct fr_engine *)ctx)->random++;
}

static void start_on(struct world *w, const char *addr, int64_t connections, fr_ms idle)
{
	struct fr_settings *s = calloc(1, sizeof(*s));
	struct fr_front_ports ports = { .ctx = &w->engine, .roster = &w->roster, .bundles = &w->bundles, .random = next_random };
	struct fr_errmsg why;
	int fd;

	assert_non_null(s);
	fr_roster_init(&w->roster, false);
	s->front_connections = connections;
	s->front_idle = idle;
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(fr_listen_open(addr, &fd, &why), FR_OK);
	fr_listen_name(fd, w->addr, sizeof(w->addr));
	w->front = fr_front_new(&w->loop, &w->engine, s, &ports, &fd, 1, &why);
	assert_non_null(w->front);
	free(s); /* read once */
	w->engine.front = w->front;
	w->engine.now = true;
	w->engine.body = fr_blob_of("{\"id\":\"7\"}", 10);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	*state = w;
	start_on(w, "127.0.0.1:0", 100, FR_SECONDS(60));
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	assert_int_equal(w->engine.body->refs, 1); /* every reply has let go of it */
	fr_blob_drop(w->engine.body);
	free(w);
	return 0;
}

static bool asked_some(void *ctx)
{
	return ((struct world *)ctx)->engine.n > 0;
}

static bool nobody_is_connected(void *ctx)
{
	return fr_front_connections(((struct world *)ctx)->front) == 0;
}

static void a_question_is_answered_inside_the_call(void **state)
{
	struct world *w = *state;
	char date[64];

	wire_get(&w->loop, w->addr, "GET /userid/?username=%40Mr+B%2fx&&y HTTP/1.1\r\nHost: x\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_string_equal(w->reply.body, "{\"id\":\"7\"}");
	assert_true(wire_head_has(&w->reply, "Content-Length: 10"));
	assert_true(wire_head_has(&w->reply, "ETag: \"abc\""));
	assert_non_null(wire_head_value(&w->reply, "Date", date, sizeof(date)));
	assert_null(wire_head_value(&w->reply, "Server", date, sizeof(date)));
	assert_string_equal(w->engine.asked[0].target, "/userid/?username=%40Mr+B%2fx&&y");
	assert_string_equal(w->engine.asked[0].id, "0000000000000000");
	assert_int_equal(w->engine.asked[0].wish.max_age.v, -1);
}

static void a_question_is_answered_later(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_until(&w->loop, asked_some, w);
	assert_int_equal(fr_front_unsent(w->front), 1);
	answer(&w->engine, w->engine.asked[0].number, 200);
	answer(&w->engine, w->engine.asked[0].number, 200); /* a second answer meets nothing */
	wire_reply(&w->wire, false, &w->reply);
	assert_string_equal(w->reply.body, "{\"id\":\"7\"}");
	answer(&w->engine, w->engine.asked[0].number, 200);
	wire_close(&w->wire);
	wire_until(&w->loop, nobody_is_connected, w);
	assert_int_equal(fr_front_unsent(w->front), 0);
}

static void a_client_that_left_costs_nothing(void **state)
{
	struct world *w = *state;
	uint64_t old;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_until(&w->loop, asked_some, w);
	wire_close(&w->wire);
	old = w->engine.asked[0].number;
	answer(&w->engine, old, 200);
	wire_until(&w->loop, nobody_is_connected, w);
	answer(&w->engine, old, 200);
	w->engine.now = true;
	wire_get(&w->loop, w->addr, "GET /b HTTP/1.1\r\nHost: x\r\n\r\n", &w->reply); /* the place is used again */
	assert_true(w->engine.asked[1].number != old);
	assert_int_equal((uint32_t)w->engine.asked[1].number, (uint32_t)old);
}

static void freeing_cuts_off_who_still_waits(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_until(&w->loop, asked_some, w);
	fr_front_free(w->front);
	w->front = NULL;
	wire_until_closed(&w->wire);
	assert_int_equal(w->wire.n, 0);
	wire_close(&w->wire);
}

static void header_fields_reach_the_engine(void **state)
{
	static const struct {
		const char *fields, *key, *etag, *id;
		int64_t max_age, max_stale;
		bool no_cache, only_if_cached;
	} rows[] = {
		{ "X-Api-Key: k1\r\nIF-NONE-MATCH: \"q\"\r\nx-request-id: a.B-1\r\n", "k1", "\"q\"", "a.B-1", -1, -1, false,
		  false },
		{ "Cache-Control: max-age=5\r\nCache-Control: max-stale=7, only-if-cached\r\n", "", "", "", 5000, 7000, false,
		  true },
		{ "Pragma: no-cache\r\n", "", "", "", -1, -1, true, false },
		{ "Pragma: no-cache\r\nCache-Control: max-age=1\r\n", "", "", "", 1000, -1, false, false },
		{ "Pragma: max-age=3\r\n", "", "", "", -1, -1, false, false },
		{ "X-Request-Id: with space\r\n", "", "", "", -1, -1, false, false },
		{ "X-Request-Id: 0123456789012345678901234567890123456789012345678901234567890123x\r\n", "", "", "", -1, -1,
		  false, false },
		{ "X-Api-Key: a b\r\n", "", "", "", -1, -1, false, false },
		{ "X-Api-Key: first\r\nX-Api-Key: second\r\n", "first", "", "", -1, -1, false, false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asked *a = &w->engine.asked[i];
		char request[512];

		(void)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].fields);
		wire_get(&w->loop, w->addr, request, &w->reply);
		assert_string_equal(a->key, rows[i].key);
		assert_string_equal(a->etag, rows[i].etag);
		if (rows[i].id[0] != '\0')
			assert_string_equal(a->id, rows[i].id);
		else
			assert_int_equal(strlen(a->id), 16);
		assert_int_equal(a->wish.max_age.v, rows[i].max_age);
		assert_int_equal(a->wish.max_stale.v, rows[i].max_stale);
		assert_int_equal(a->wish.no_cache, rows[i].no_cache);
		assert_int_equal(a->wish.only_if_cached, rows[i].only_if_cached);
	}
	wire_get(&w->loop, w->addr, "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"abc\"\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 304);
	assert_int_equal(w->reply.body_n, 0);
}

static struct asked *asked_with(struct world *w, const char *method, const char *fields)
{
	char request[1024];

	(void)snprintf(request, sizeof(request), "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n", method, fields);
	wire_get(&w->loop, w->addr, request, &w->reply);
	return &w->engine.asked[w->engine.n - 1];
}

#define SHA256_OF_AB "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"
#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256_OF_ABD "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"
#define SHA256_OF_NUL "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define LONG_KEY \
	"01234567890123456789012345678901234567890123456789012345678901230123456789012345678901234567890123456789012345678901" \
	"01234567890123456789012345678901234567890123456789012345678901230123456789012345678901234567890123456789012345678901" \
	"0123456789012345678901234567890123"

static void each_request_of_a_connection_is_judged_by_its_own_key(void **state)
{
	static const struct {
		const char *fields, *digest;
	} rows[] = {
		{ "X-Api-Key: abc\r\n", SHA256_OF_ABC },
		{ "X-Api-Key: abc\r\n", SHA256_OF_ABC },
		{ "X-Api-Key: ab\r\n", SHA256_OF_AB },
		{ "X-Api-Key: abc\r\n", SHA256_OF_ABC },
		{ "X-Api-Key: abd\r\n", SHA256_OF_ABD }, /* as long as the one before it */
		{ "", "" },
		{ "X-Api-Key: a bc\r\n", SHA256_OF_NUL },
		{ "X-Api-Key: abc\r\n", SHA256_OF_ABC },
	};
	struct world *w = *state;
	char request[256];

	w->roster.clients[0].has_key = true;
	wire_open(&w->wire, &w->loop, w->addr);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(request, sizeof(request), "GET /a HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].fields);
		wire_text(&w->wire, request);
		wire_reply(&w->wire, false, &w->reply);
		assert_string_equal(w->engine.asked[i].digest, rows[i].digest);
	}
	wire_close(&w->wire);
}

static void where_clients_have_keys_their_digest_reaches_the_engine(void **state)
{
	static const struct {
		const char *fields, *digest;
	} rows[] = {
		{ "", NULL },
		{ "X-Api-Key:\r\n", NULL },
		{ "X-Api-Key: abc\r\n", SHA256_OF_ABC },
		{ "x-api-key: abc\r\nX-Api-Key: def\r\n", SHA256_OF_ABC },
		{ "X-Api-Key: a bc\r\n", SHA256_OF_NUL }, /* shown, and nobody's */
		{ "X-Api-Key: a\xc3\xa4\r\n", SHA256_OF_NUL },
		{ "X-Api-Key: " LONG_KEY "\r\n", SHA256_OF_NUL },
		{ "X-Api-Key: a b\r\nX-Api-Key: abc\r\n", SHA256_OF_ABC },
	};
	struct world *w = *state;

	assert_false(asked_with(w, "GET", "X-Api-Key: abc\r\n")->has_digest);
	w->roster.clients[0].has_key = true; /* as a reload does */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct asked *a = asked_with(w, "GET", rows[i].fields);

		assert_int_equal(a->has_digest, rows[i].digest != NULL);
		assert_string_equal(a->digest, rows[i].digest != NULL ? rows[i].digest : "");
		assert_string_equal(asked_with(w, "PUT", rows[i].fields)->digest, a->digest); /* refused ones, too */
	}
}

static void a_client_says_how_urgent_it_is(void **state)
{
	static const struct {
		const char *fields;
		enum fr_priority want;
	} rows[] = {
		{ "", FR_PRIORITIES },
		{ "X-Frugal-Priority: batch\r\n", FR_PRIORITY_BATCH },
		{ "x-frugal-priority: POLL\r\n", FR_PRIORITY_POLL },
		{ "X-Frugal-Priority: interactive\r\n", FR_PRIORITY_INTERACTIVE },
		{ "X-Frugal-Priority: now, please\r\n", FR_PRIORITIES },
		{ "X-Frugal-Priority:\r\n", FR_PRIORITIES },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(asked_with(w, "GET", rows[i].fields)->priority, rows[i].want);
}

static void a_head_has_the_headers_of_a_get(void **state)
{
	struct world *w = *state;

	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_reply(&w->wire, true, &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_true(wire_head_has(&w->reply, "Content-Length: 10"));
	wire_reply(&w->wire, false, &w->reply); /* directly behind it: the HEAD had no body */
	assert_string_equal(w->reply.body, "{\"id\":\"7\"}");
	wire_close(&w->wire);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	for (int i = 0; i < 20; i++)
		wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_until(&w->loop, asked_some, w);
	assert_int_equal(w->engine.n, 1); /* the second waits for the first one's answer */
	w->engine.now = true;
	answer(&w->engine, w->engine.asked[0].number, 405);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 405);
	for (int i = 1; i < 20; i++) {
		wire_reply(&w->wire, false, &w->reply);
		assert_int_equal(w->reply.status, 200);
	}
	assert_int_equal(w->engine.n, 20);
	wire_close(&w->wire);
}

static void what_is_not_a_plain_get_is_refused(void **state)
{
	static const struct {
		const char *request;
		int problem, status;
		bool closes;
	} rows[] = {
		{ "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", FR_PROBLEM_METHOD, 405, true },
		{ "DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n", FR_PROBLEM_METHOD, 405, false },
		{ "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", FR_PROBLEM_METHOD, 405, false },
		{ "BREW /a HTTP/1.1\r\nHost: x\r\n\r\n", FR_PROBLEM_METHOD, 405, false },
		{ "get /a HTTP/1.1\r\nHost: x\r\n\r\n", FR_PROBLEM_METHOD, 405, false },
		{ "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", FR_PROBLEM_BODY_ON_GET, 400, true },
		{ "GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", FR_PROBLEM_BODY_ON_GET,
		  400, true },
		{ "HEAD /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", FR_PROBLEM_BODY_ON_GET, 400, true },
		{ "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 0, 200, false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_open(&w->wire, &w->loop, w->addr);
		wire_text(&w->wire, rows[i].request);
		wire_reply(&w->wire, strncmp(rows[i].request, "HEAD", 4) == 0, &w->reply);
		assert_int_equal(w->reply.status, rows[i].status);
		assert_int_equal(w->engine.asked[i].problem, rows[i].problem);
		if (rows[i].status == 405)
			assert_true(wire_head_has(&w->reply, "Allow: GET, HEAD"));
		if (rows[i].closes)
			wire_until_closed(&w->wire);
		wire_close(&w->wire);
	}
}

static void an_endless_body_loses_its_connection(void **state)
{
	struct world *w = *state;
	static char kilobyte[1024];

	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
	for (int i = 0; i < 100000 && !w->wire.ended; i++)
		wire_send(&w->wire, kilobyte, sizeof(kilobyte));
	assert_true(w->wire.ended);
	assert_int_equal(w->engine.n, 0);
	wire_close(&w->wire);
	wire_until(&w->loop, nobody_is_connected, w);
}

/* A request for a target of `n` bytes and a header field of `field` bytes. */
static char *long_request(size_t n, size_t field)
{
	char *r = malloc(n + field + 128), *at = r;

	assert_non_null(r);
	at += sprintf(at, "GET /");
	memset(at, 'a', n - 1);
	at += n - 1;
	at += sprintf(at, " HTTP/1.1\r\nHost: x\r\nX-Pad: ");
	memset(at, 'b', field);
	at += field;
	(void)sprintf(at, "\r\n\r\n");
	return r;
}

static void sizes_have_ceilings(void **state)
{
	static const struct {
		size_t target, field;
		int status;
		size_t asked, problem;
	} rows[] = {
		{ FR_TARGET_MAX, FR_TARGET_MAX / 2, 200, 1, 0 }, /* what fits by promise */
		{ FR_TARGET_MAX + 1, 1, 414, 1, FR_PROBLEM_TARGET_TOO_LONG },
		{ 60 * 1024, 1, 414, 0, 0 },
		{ 10, 60 * 1024, 431, 0, 0 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *request = long_request(rows[i].target, rows[i].field);

		w->engine.n = 0;
		wire_get(&w->loop, w->addr, request, &w->reply);
		assert_int_equal(w->reply.status, rows[i].status);
		assert_int_equal(w->engine.n, rows[i].asked);
		if (rows[i].asked != 0)
			assert_int_equal(w->engine.asked[0].problem, rows[i].problem);
		free(request);
	}
	assert_int_equal(strlen(w->engine.asked[0].target), 0);
}

static void unreadable_requests_do_not_reach_the_engine(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
#define ROW(text) { text, sizeof(text) - 1 }
		ROW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
		ROW("GET\r\n\r\n"),
		ROW("GET /a HTTP/1.1\r\n\r\n"), /* no Host */
		ROW("GET /a HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
		ROW("GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"),
#undef ROW
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_open(&w->wire, &w->loop, w->addr);
		wire_send(&w->wire, rows[i].bytes, rows[i].n);
		wire_until_closed(&w->wire);
		if (w->wire.n > 0)
			assert_true(strncmp(w->wire.in, "HTTP/1.1 400", 12) == 0 || strncmp(w->wire.in, "HTTP/1.0 400", 12) == 0);
		assert_int_equal(w->engine.n, 0);
		wire_close(&w->wire);
	}
}

static void targets_are_taken_in_absolute_form_too(void **state)
{
	static const struct {
		const char *sent, *asked;
	} rows[] = {
		{ "http://api.x/userid/?a=/b", "/userid/?a=/b" },
		{ "HTTPS://api.x:1/p", "/p" },
		{ "http://api.x", "/" },
		{ "http://api.x?q=/a", "http://api.x?q=/a" }, /* left to be refused */
		{ "/p?u=http://x/y", "/p?u=http://x/y" },
		{ "*", "*" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char request[128];

		(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", rows[i].sent);
		wire_get(&w->loop, w->addr, request, &w->reply);
		assert_string_equal(w->engine.asked[i].target, rows[i].asked);
	}
}

/* libmicrohttpd hands out C strings: what is before the NUL counts, for the cache and for the call alike, so nothing can be smuggled. */
static void a_nul_in_a_target_is_refused_and_ends_a_field(void **state)
{
	static const char target[] = "GET /a\0/b HTTP/1.1\r\nHost: x\r\n\r\n",
			  field[] = "GET /c HTTP/1.1\r\nHost: x\r\nX-Api-Key: k\0l\r\n\r\n";
	struct world *w = *state;

	wire_open(&w->wire, &w->loop, w->addr);
	wire_send(&w->wire, target, sizeof(target) - 1);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 400);
	wire_send(&w->wire, field, sizeof(field) - 1);
	wire_reply(&w->wire, false, &w->reply);
	assert_string_equal(w->engine.asked[1].key, "k");
	wire_close(&w->wire);
}

static void connections_have_a_ceiling(void **state)
{
	struct world *w = *state;
	struct wire *many = calloc(40, sizeof(*many));

	assert_non_null(many);
	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	fr_blob_drop(w->engine.body);
	start_on(w, "127.0.0.1:0", 16, FR_SECONDS(60));
	for (int i = 0; i < 40; i++) {
		wire_open(&many[i], &w->loop, w->addr);
		wire_text(&many[i], "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (int i = 0; i < 40; i++) { /* each that leaves lets one in */
		wire_reply(&many[i], false, &w->reply);
		assert_true(fr_front_connections(w->front) <= 16);
		wire_close(&many[i]);
	}
	free(many);
}

static void an_idle_connection_is_closed_but_not_a_waiting_one(void **state)
{
	struct world *w = *state;
	struct wire *idle = calloc(1, sizeof(*idle));

	assert_non_null(idle);
	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	fr_blob_drop(w->engine.body);
	start_on(w, "127.0.0.1:0", 16, FR_MS(1000));
	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_open(idle, &w->loop, w->addr);
	wire_text(idle, "GET /half");
	wire_until_closed(idle);
	wire_close(idle);
	free(idle);
	answer(&w->engine, w->engine.asked[0].number, 200);
	wire_reply(&w->wire, false, &w->reply);
	assert_int_equal(w->reply.status, 200);
	wire_close(&w->wire);
}

static void stopping_ends_connections_after_their_answer(void **state)
{
	struct world *w = *state;

	w->engine.now = false;
	wire_open(&w->wire, &w->loop, w->addr);
	wire_text(&w->wire, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	wire_until(&w->loop, asked_some, w);
	fr_front_stop_accepting(w->front);
	fr_front_stop_accepting(w->front);
	answer(&w->engine, w->engine.asked[0].number, 200);
	wire_reply(&w->wire, false, &w->reply);
	assert_true(wire_head_has(&w->reply, "Connection: close"));
	wire_until_closed(&w->wire);
	wire_close(&w->wire);
	wire_until(&w->loop, nobody_is_connected, w);
}

static void unix_sockets_are_served_and_stale_ones_replaced(void **state)
{
	struct world *w = *state;
	char dir[] = "/tmp/frugal-front-XXXXXX", addr[64];
	struct fr_errmsg why;
	struct stat st;
	int fd;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(addr, sizeof(addr), "unix:%s/s", dir);
	fr_front_free(w->front);
	wire_loop_end(&w->loop);
	fr_blob_drop(w->engine.body);
	start_on(w, addr, 16, FR_SECONDS(60));
	assert_string_equal(w->addr, addr);
	wire_get(&w->loop, addr, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", &w->reply);
	assert_int_equal(w->reply.status, 200);
	assert_int_equal(stat(addr + 5, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(fr_listen_open(addr, &fd, &why), FR_IO);
	assert_non_null(strstr(why.s, "is in use"));
	fr_front_free(w->front);
	w->front = NULL; /* its file is still there, nobody answers */
	assert_int_equal(fr_listen_open(addr, &fd, &why), FR_OK);
	(void)close(fd);
	assert_int_equal(unlink(addr + 5), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void an_address_that_cannot_be_had_is_named(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *addr, *says;
		enum fr_err e;
	} rows[] = {
		{ "8787", "is not an address", FR_INVALID },
		{ "127.0.0.1:99999", "is not an address", FR_INVALID },
		{ "::1:80", "is not an address", FR_INVALID },
		{ "192.0.2.1:80", "192.0.2.1:80 is not an address of this machine", FR_IO },
		{ "unix:relative", "must be absolute", FR_INVALID },
		{ "unix:/nonexistent/s", "No such file", FR_IO },
		{ "unix:/dev/null", "is not a socket", FR_IO },
		{ "unix:/tmp/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345",
		  "at most 107 bytes", FR_INVALID },
	};
	struct fr_errmsg why;
	int fd = -7;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fr_listen_open(rows[i].addr, &fd, &why), rows[i].e);
		assert_non_null(strstr(why.s, rows[i].says));
		assert_int_equal(fd, -7);
	}
	assert_int_equal(fr_listen_open(w->addr, &fd, &why), FR_IO);
	assert_non_null(strstr(why.s, w->addr));
	assert_non_null(strstr(why.s, "is in use: stop the other program or set listen:"));
	assert_int_equal(fr_listen_open("[::1]:0", &fd, &why), FR_OK);
	fr_listen_name(fd, w->addr, sizeof(w->addr));
	assert_memory_equal(w->addr, "[::1]:", 6);
	(void)close(fd);
}

static void an_address_is_shared_by_those_who_all_say_so(void **state)
{
	struct world *w = *state;
	struct fr_errmsg why = { "" };
	char addr[FR_LISTEN_NAME_MAX];
	int first, second, refused;

	assert_int_equal(fr_listen_open_shared(w->addr, &refused, &why), FR_IO); /* the front has it for itself */
	assert_non_null(strstr(why.s, "is in use"));
	assert_int_equal(fr_listen_open_shared("127.0.0.1:0", &first, &why), FR_OK);
	fr_listen_name(first, addr, sizeof(addr));
	assert_int_equal(fr_listen_open_shared(addr, &second, &why), FR_OK);
	assert_int_equal(fr_listen_open(addr, &refused, &why), FR_IO);
	assert_int_equal(fr_listen_open_shared("unix:/tmp/frugal-shared", &refused, &why), FR_INVALID);
	assert_non_null(strstr(why.s, "front.shared: off"));
	(void)close(first);
	(void)close(second);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_question_is_answered_inside_the_call),
		TEST(a_question_is_answered_later),
		TEST(a_client_that_left_costs_nothing),
		TEST(freeing_cuts_off_who_still_waits),
		TEST(header_fields_reach_the_engine),
		TEST(each_request_of_a_connection_is_judged_by_its_own_key),
		TEST(where_clients_have_keys_their_digest_reaches_the_engine),
		TEST(a_client_says_how_urgent_it_is),
		TEST(a_head_has_the_headers_of_a_get),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(what_is_not_a_plain_get_is_refused),
		TEST(an_endless_body_loses_its_connection),
		TEST(sizes_have_ceilings),
		TEST(unreadable_requests_do_not_reach_the_engine),
		TEST(targets_are_taken_in_absolute_form_too),
		TEST(a_nul_in_a_target_is_refused_and_ends_a_field),
		TEST(connections_have_a_ceiling),
		TEST(an_idle_connection_is_closed_but_not_a_waiting_one),
		TEST(stopping_ends_connections_after_their_answer),
		TEST(unix_sockets_are_served_and_stale_ones_replaced),
		TEST(an_address_is_shared_by_those_who_all_say_so),
		TEST(an_address_that_cannot_be_had_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
