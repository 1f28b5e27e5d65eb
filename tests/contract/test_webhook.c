/* Alerts on their way to real sockets: what is sent to each kind of channel, and which answers mean that it was accepted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/digest.h"
#include "adapt/webhook.h"
#include "base/str.h"
#include "tests/contract/scripted.h"
#include "tests/contract/wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
enum { TIMEOUT_MS = 1500 };
#define HOOK_PATH "/services/T000/B000/secret-slack-path"
#define ROUTING_KEY "secret\"routing\\key"
#define SIGNING_KEY "secret-signing-key"

struct fr_engine {
	size_t n, n_accepted;
	uint64_t token;
	bool accepted;
};

void fr_engine_delivered(struct fr_engine *e, uint64_t token, bool accepted)
{
	e->n++;
	e->n_accepted += accepted;
	e->token = token;
	e->accepted = accepted;
}

struct world {
	uv_loop_t loop;
	struct fr_engine engine;
	struct fr_webhook *webhook;
	struct server server;
	char noted[4096];
	size_t expected;
};

/* ---- the server's side ---- */

/* The whole of one POST into s->request: its head, and the body that Content-Length announces. */
static void hear_post(struct server *s, int fd)
{
	char *text = s->request;
	const char *end, *length;
	size_t n = 0, all = sizeof(s->request) - 1;

	while (n < all) {
		ssize_t got = recv(fd, text + n, all - n, 0);

		if (got <= 0)
			return;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "content-length:");
		if (end != NULL && length != NULL)
			all = (size_t)(end + 4 - text) + (size_t)atoi(length + strlen("content-length:"));
	}
	s->requests++;
}

static void serve_text(struct server *s)
{
	int fd = server_take(s);

	hear_post(s, fd);
	server_say(fd, s->text);
	server_close(fd);
}

static void serve_reset(struct server *s)
{
	int fd = server_take(s);

	hear_post(s, fd);
	server_reset(fd);
}

/* Hears and says nothing until the other side gives up. */
static void serve_silence(struct server *s)
{
	int fd = server_take(s);
	char byte;

	hear_post(s, fd);
	while (recv(fd, &byte, 1, 0) > 0)
		;
	server_close(fd);
}

/* An answer without an end. */
static void serve_flood(struct server *s)
{
	static const char piece[1024];
	int fd = server_take(s);

	hear_post(s, fd);
	server_say(fd, s->text);
	while (send(fd, piece, sizeof(piece), MSG_NOSIGNAL) > 0)
		;
	server_close(fd);
}

/* ---- the test's steps ---- */

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct world *w = ctx;

	assert_int_equal(level, FR_LOG_WARNING);
	assert_true(strlen(w->noted) + strlen(line) < sizeof(w->noted));
	strcat(w->noted, line);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct fr_errmsg why;

	assert_non_null(w);
	*state = w;
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->webhook = fr_webhook_new(&w->loop, "1.2.3", FR_MS(TIMEOUT_MS), &why);
	assert_non_null(w->webhook);
	fr_webhook_attach(w->webhook, &w->engine, note, w);
	return 0;
}

static void finish(struct world *w)
{
	fr_webhook_free(w->webhook);
	w->webhook = NULL;
	while (uv_run(&w->loop, UV_RUN_NOWAIT) != 0)
		;
	server_end(&w->server);
	assert_null(strstr(w->noted, "secret"));
	assert_null(strstr(w->noted, "http"));
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->webhook != NULL)
		finish(w);
	wire_loop_end(&w->loop);
	free(w);
	return 0;
}

static void set_target(struct world *w, enum fr_channel_kind kind, const char *secret)
{
	struct fr_webhook_target t = { .name = "ops", .kind = kind };

	(void)snprintf(t.url, sizeof(t.url), "http://%s%s", w->server.addr, HOOK_PATH);
	(void)fr_str_copy(t.secret.s, sizeof(t.secret.s), fr_str_of(secret));
	fr_webhook_targets(w->webhook, &t, 1);
	memset(&t, 'x', sizeof(t)); /* it was only borrowed */
}

static void start(struct world *w, void (*serve)(struct server *s), const char *text, enum fr_channel_kind kind,
		  const char *secret)
{
	server_start(&w->server, serve, text);
	set_target(w, kind, secret);
}

static void send_off(struct world *w, enum fr_channel_kind kind, const char *body)
{
	static uint64_t token;
	const struct fr_delivery d = { .channel = "ops", .id = "the-id", .kind = kind, .body = fr_str_of(body) };

	w->expected++;
	fr_webhook_deliver(w->webhook, ++token, &d);
}

static bool all_are_heard(void *ctx)
{
	struct world *w = ctx;

	return w->engine.n == w->expected;
}

static bool deliver(struct world *w, enum fr_channel_kind kind, const char *body)
{
	send_off(w, kind, body);
	wire_until(&w->loop, all_are_heard, w);
	return w->engine.accepted;
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void slack_is_posted_the_body_and_nothing_else(void **state)
{
	struct world *w = *state;

	start(w, serve_text, OK, FR_CHANNEL_SLACK, "");
	assert_true(deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"hello\"}"));
	finish(w);
	assert_int_equal(w->server.requests, 1);
	assert_ptr_equal(strstr(w->server.request, "POST " HOOK_PATH " HTTP/1.1\r\n"), w->server.request);
	assert_non_null(strstr(w->server.request, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(w->server.request, "\r\nUser-Agent: frugald/1.2.3\r\n"));
	assert_null(strcasestr(w->server.request, "expect:"));
	assert_null(strstr(w->server.request, "X-Frugal"));
	assert_non_null(strstr(w->server.request, "\r\n\r\n{\"text\":\"hello\"}"));
	assert_string_equal(w->noted, "");
}

static void pagerduty_gets_its_routing_key_as_the_first_member(void **state)
{
	struct world *w = *state;

	start(w, serve_text, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", FR_CHANNEL_PAGERDUTY, ROUTING_KEY);
	assert_true(deliver(w, FR_CHANNEL_PAGERDUTY, "{\"event_action\":\"trigger\"}"));
	finish(w);
	assert_non_null(
		strstr(w->server.request, "\r\n\r\n{\"routing_key\":\"secret\\\"routing\\\\key\",\"event_action\":\"trigger\"}"));
}

static void field(const struct server *s, const char *name, char *ret, size_t size)
{
	const char *at = strstr(s->request, name);
	struct fr_str text;

	assert_non_null(at);
	text = (struct fr_str){ at + strlen(name), strcspn(at + strlen(name), "\r") };
	assert_true(fr_str_copy(ret, size, text));
}

static void a_webhook_is_signed_over_time_and_body(void **state)
{
	struct world *w = *state;
	unsigned char mac[FR_SHA256_BYTES];
	char at[32], got[128], expected[FR_SHA256_HEX], text[256];
	int n;

	start(w, serve_text, OK, FR_CHANNEL_WEBHOOK, SIGNING_KEY);
	assert_true(deliver(w, FR_CHANNEL_WEBHOOK, "{\"id\":\"a\"}"));
	finish(w);
	field(&w->server, "\r\nX-Frugal-Timestamp: ", at, sizeof(at));
	field(&w->server, "\r\nX-Frugal-Signature: sha256=", got, sizeof(got));
	assert_true(llabs(atoll(at) - (long long)time(NULL)) < 60);
	n = snprintf(text, sizeof(text), "%s.%s", at, "{\"id\":\"a\"}");
	fr_digest_hmac_sha256(FR_STR(SIGNING_KEY), (struct fr_str){ text, (size_t)n }, mac);
	fr_digest_hex(mac, expected);
	assert_string_equal(got, expected);
	assert_null(strstr(w->server.request, SIGNING_KEY));
}

static void without_a_key_a_webhook_is_not_signed(void **state)
{
	struct world *w = *state;

	start(w, serve_text, OK, FR_CHANNEL_WEBHOOK, "");
	assert_true(deliver(w, FR_CHANNEL_WEBHOOK, "{\"id\":\"a\"}"));
	finish(w);
	assert_null(strstr(w->server.request, "X-Frugal"));
}

static void only_2xx_is_accepted(void **state)
{
	static const struct {
		const char *status;
		bool accepted;
	} rows[] = {
		{ "200 OK", true },           { "201 Created", true },      { "204 No Content", true },
		{ "299 Odd", true },          { "301 Moved", false },       { "302 Found", false },
		{ "307 Temporary", false },   { "400 Bad Request", false }, { "403 Forbidden", false },
		{ "404 no_service", false },  { "429 Too Many", false },    { "500 Error", false },
		{ "503 Unavailable", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256], said[64];

		(void)snprintf(text, sizeof(text),
			       "HTTP/1.1 %s\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/elsewhere\r\n\r\n",
			       rows[i].status);
		start(w, serve_text, text, FR_CHANNEL_SLACK, "");
		w->noted[0] = '\0';
		if (deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}") != rows[i].accepted)
			fail_msg("%s", rows[i].status);
		server_end(&w->server);
		assert_int_equal(w->server.requests, 1); /* redirects are not followed, nothing is sent twice */
		(void)snprintf(said, sizeof(said), "channel ops did not accept an alert: HTTP %.3s", rows[i].status);
		if (i == 4) /* the first failure; the others came within the second */
			assert_non_null(strstr(w->noted, said));
	}
}

static void a_connection_that_breaks_is_a_failure_and_not_repeated(void **state)
{
	struct world *w = *state;

	start(w, serve_reset, "", FR_CHANNEL_SLACK, "");
	assert_false(deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}"));
	finish(w);
	assert_int_equal(w->server.requests, 1);
	assert_non_null(strstr(w->noted, "channel ops cannot be reached: "));
}

static void nobody_listening_is_a_failure(void **state)
{
	struct world *w = *state;

	start(w, serve_text, OK, FR_CHANNEL_SLACK, "");
	server_end(&w->server);
	assert_false(deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}"));
}

static void an_answer_that_does_not_end_is_not_waited_for(void **state)
{
	struct world *w = *state;
	uint64_t begun = uv_hrtime();

	start(w, serve_flood, "HTTP/1.1 200 OK\r\n\r\n", FR_CHANNEL_WEBHOOK, "");
	assert_true(deliver(w, FR_CHANNEL_WEBHOOK, "{\"id\":\"a\"}"));
	assert_true(uv_hrtime() - begun < (uint64_t)TIMEOUT_MS * 1000000);
}

static void who_says_nothing_is_given_up_and_holds_nobody_up(void **state)
{
	struct world *w = *state;
	struct fr_webhook_target t[2] = { { .name = "ops", .kind = FR_CHANNEL_SLACK },
					  { .name = "own", .kind = FR_CHANNEL_SLACK } };
	struct fr_delivery d = { .channel = "own", .id = "id", .kind = FR_CHANNEL_SLACK, .body = FR_STR("{\"text\":\"y\"}") };
	struct server other;

	server_start(&w->server, serve_silence, "");
	server_start(&other, serve_text, OK);
	(void)snprintf(t[0].url, sizeof(t[0].url), "http://%s/", w->server.addr);
	(void)snprintf(t[1].url, sizeof(t[1].url), "http://%s/", other.addr);
	fr_webhook_targets(w->webhook, t, 2);
	send_off(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}");
	fr_webhook_deliver(w->webhook, 99, &d);
	wire_until(&w->loop, all_are_heard, w);
	assert_int_equal(w->engine.token, 99); /* who went second is heard first */
	assert_true(w->engine.accepted);
	w->expected = 2;
	wire_until(&w->loop, all_are_heard, w);
	assert_false(w->engine.accepted);
	server_end(&other);
}

static void several_are_on_their_way_at_the_same_time(void **state)
{
	struct world *w = *state;

	start(w, server_drain, "", FR_CHANNEL_SLACK, "");
	for (size_t i = 0; i < FR_DELIVERIES_MAX; i++)
		send_off(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}");
	wire_until(&w->loop, all_are_heard, w);
	assert_int_equal(w->engine.n_accepted, FR_DELIVERIES_MAX);
}

static void what_has_no_channel_or_is_of_another_kind_is_not_sent(void **state)
{
	struct world *w = *state;
	struct fr_delivery d = { .channel = "nobody", .id = "id", .kind = FR_CHANNEL_SLACK, .body = FR_STR("{\"text\":\"x\"}") };

	start(w, serve_text, OK, FR_CHANNEL_PAGERDUTY, ROUTING_KEY);
	fr_webhook_deliver(w->webhook, 9, &d);
	assert_int_equal(w->engine.n, 1);
	assert_int_equal(w->engine.token, 9);
	assert_false(w->engine.accepted);
	w->expected = 1;
	assert_false(deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}"));
	assert_false(deliver(w, FR_CHANNEL_PAGERDUTY, "no JSON"));
	finish(w);
	assert_int_equal(w->server.requests, 0);
}

static void other_targets_hold_from_the_next_delivery_on(void **state)
{
	struct world *w = *state;

	start(w, serve_text, OK, FR_CHANNEL_SLACK, "");
	assert_true(deliver(w, FR_CHANNEL_SLACK, "{\"text\":\"x\"}"));
	server_end(&w->server);
	start(w, serve_text, OK, FR_CHANNEL_WEBHOOK, SIGNING_KEY);
	assert_true(deliver(w, FR_CHANNEL_WEBHOOK, "{\"id\":\"x\"}"));
	finish(w);
	assert_int_equal(w->server.requests, 1);
}

static void the_end_takes_what_is_on_its_way_along(void **state)
{
	struct world *w = *state;

	start(w, serve_silence, "", FR_CHANNEL_PAGERDUTY, ROUTING_KEY);
	send_off(w, FR_CHANNEL_PAGERDUTY, "{\"event_action\":\"trigger\"}");
	(void)uv_run(&w->loop, UV_RUN_ONCE);
	finish(w);
	assert_int_equal(w->engine.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slack_is_posted_the_body_and_nothing_else),
		TEST(pagerduty_gets_its_routing_key_as_the_first_member),
		TEST(a_webhook_is_signed_over_time_and_body),
		TEST(without_a_key_a_webhook_is_not_signed),
		TEST(only_2xx_is_accepted),
		TEST(a_connection_that_breaks_is_a_failure_and_not_repeated),
		TEST(nobody_listening_is_a_failure),
		TEST(an_answer_that_does_not_end_is_not_waited_for),
		TEST(who_says_nothing_is_given_up_and_holds_nobody_up),
		TEST(several_are_on_their_way_at_the_same_time),
		TEST(what_has_no_channel_or_is_of_another_kind_is_not_sent),
		TEST(other_targets_hold_from_the_next_delivery_on),
		TEST(the_end_takes_what_is_on_its_way_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
