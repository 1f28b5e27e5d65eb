/* The upstream over real libcurl, against a scripted server in a thread: each test says, step by step, what the server does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapt/listen.h"
#include "adapt/upstream.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/units.h"
#include "contract/scripted.h"
#include "contract/wire.h"

enum { ANSWERS_MAX = 64 };

static const char plain[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
		  closing[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
static const char giant[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{";
static const char key_text[] = "sk-very-secret-0123456789";

struct answer {
	uint64_t token;
	enum fr_transfer transfer;
	bool sent;
	int status;
	char body[64 * 1024], type[128];
	size_t body_n;
	int64_t retry_after;
};

struct fr_engine {
	size_t n;
	struct answer answers[ANSWERS_MAX];
	struct fr_upstream *up;
	const char *next; /* a target to fetch from inside the answer */
};

void fr_engine_fetched(struct fr_engine *e, uint64_t token, const struct fr_fetched *got)
{
	struct answer *a = &e->answers[e->n++];

	assert_true(e->n <= ANSWERS_MAX);
	a->token = token;
	a->transfer = got->answer.transfer;
	a->sent = got->answer.sent;
	a->status = got->answer.status;
	a->body_n = got->answer.body.n;
	assert_true(a->body_n < sizeof(a->body));
	if (a->body_n > 0)
		memcpy(a->body, got->answer.body.p, a->body_n);
	a->body[a->body_n] = '\0';
	assert_true(fr_str_copy(a->type, sizeof(a->type), got->type));
	a->retry_after = got->retry_after.v;
	if (e->next != NULL) {
		const struct fr_call call = { .target = fr_str_of(e->next) };

		e->next = NULL;
		fr_upstream_fetch(e->up, token + 1, &call);
	}
}

struct world {
	uv_loop_t loop;
	struct fr_settings settings;
	struct fr_engine engine;
	struct fr_upstream *up;
	struct server server;
	char noted[4096];
};

typedef void script(struct server *s);

/* ---- the test's steps ---- */

static void start_server(struct world *w, script *serve, const char *text)
{
	server_start(&w->server, serve, text);
	(void)snprintf(w->settings.upstream_url.s, sizeof(w->settings.upstream_url.s), "http://%s/", w->server.addr);
}

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct world *w = ctx;

	assert_int_equal(level, FR_LOG_WARNING);
	assert_true(strlen(w->noted) + strlen(line) < sizeof(w->noted));
	strcat(w->noted, line);
}

static void start_upstream(struct world *w, const char *key)
{
	struct fr_secret secret = { "" };
	struct fr_errmsg why;

	if (key != NULL)
		memcpy(secret.s, key, strlen(key) + 1);
	w->up = fr_upstream_new(&w->loop, &w->settings, key == NULL ? NULL : &secret, "1.2.3", &why);
	assert_non_null(w->up);
	fr_upstream_attach(w->up, &w->engine, note, w);
	w->engine.up = w->up;
}

static void start(struct world *w, script *serve, const char *text)
{
	start_server(w, serve, text);
	start_upstream(w, key_text);
}

static void fetch(struct world *w, uint64_t token, const char *target, const char *key)
{
	struct fr_secret secret = { "" };
	struct fr_call call = { .target = fr_str_of(target) };
	size_t n = w->engine.n;

	if (key != NULL) {
		memcpy(secret.s, key, strlen(key) + 1);
		call.key = &secret;
	}
	fr_upstream_fetch(w->up, token, &call);
	memset(&secret, 'x', sizeof(secret)); /* it was only borrowed */
	assert_int_equal(w->engine.n, n);
}

static bool all_are_answered(void *ctx)
{
	return fr_upstream_calls(((struct world *)ctx)->up) == 0;
}

static const struct answer *ask(struct world *w, const char *target)
{
	fetch(w, 7, target, NULL);
	wire_until(&w->loop, all_are_answered, w);
	assert_true(w->engine.n > 0);
	return &w->engine.answers[w->engine.n - 1];
}

static void stop_upstream(struct world *w)
{
	fr_upstream_free(w->up);
	w->up = NULL;
	while (uv_run(&w->loop, UV_RUN_NOWAIT) != 0)
		;
}

/* Ends both sides, so that the counts are final. */
static void finish(struct world *w)
{
	stop_upstream(w);
	server_end(&w->server);
	assert_null(strstr(w->noted, "secret"));
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	*state = w;
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->settings.upstream_timeout = FR_SECONDS(20);
	w->settings.upstream_connect = FR_SECONDS(5);
	w->settings.upstream_idle = FR_SECONDS(15);
	w->settings.upstream_connections = 16;
	w->settings.upstream_body_max = 32 * 1024;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	if (w->up != NULL)
		finish(w);
	wire_loop_end(&w->loop);
	free(w);
	return 0;
}

/* ---- requests ---- */

static void serve_two_on_one(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
	(void)server_hear(s, fd);
	server_say(fd, "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
	(void)server_hear(s, fd); /* false: the test is over */
	server_close(fd);
}

static void a_connection_is_kept_and_used_again(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	start(w, serve_two_on_one, NULL);
	a = ask(w, "/userid/?username=x");
	assert_int_equal(a->transfer, FR_TRANSFER_DONE);
	assert_int_equal(a->token, 7);
	assert_true(a->sent);
	assert_int_equal(a->status, 200);
	assert_string_equal(a->body, "{}");
	assert_string_equal(a->type, "application/json");
	assert_int_equal(a->retry_after, -1);
	a = ask(w, "/b");
	assert_int_equal(a->transfer, FR_TRANSFER_DONE);
	assert_int_equal(a->status, 404);
	assert_string_equal(a->body, "no");
	assert_string_equal(a->type, "");
	finish(w);
	assert_int_equal(w->server.requests, 2);
	assert_string_equal(w->noted, "");
}

static void a_request_says_what_it_must_and_no_more(void **state)
{
	struct world *w = *state;
	char expected[512];

	start_server(w, server_text, closing);
	strcat(w->settings.upstream_url.s, "base/");
	start_upstream(w, key_text);
	fetch(w, 1, "/user-posts/?userid=%37&q=a%2Fb/../c&k=%C3%A9\xC3\xA9[]\"| \x01", "client-key");
	wire_until(&w->loop, all_are_answered, w);
	finish(w);
	(void)snprintf(
		expected, sizeof(expected),
		"GET /base/user-posts/?userid=%%37&q=a%%2Fb/../c&k=%%C3%%A9\xC3\xA9[]\"|%%20%%01 HTTP/1.1\r\nHost: 127.0.0.1%s\r\n"
		"User-Agent: frugald/1.2.3\r\nAccept: */*\r\nAccept-Encoding: ",
		strrchr(w->server.addr, ':'));
	assert_memory_equal(w->server.request, expected, strlen(expected));
	(void)snprintf(expected, sizeof(expected), "\r\nX-Api-Key: %s\r\n\r\n", key_text);
	assert_non_null(strstr(w->server.request, expected));
	assert_null(strstr(w->server.request, "client-key"));
}

static void serve_client_keys(struct server *s)
{
	int fd = server_take(s);
	bool right = server_hear(s, fd) && strstr(s->request, "\r\nX-Api-Key: one\r\n") != NULL;

	server_say(fd, right ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
	right = server_hear(s, fd) && strstr(s->request, "X-Api-Key") == NULL;
	server_say(fd, right ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
	(void)server_hear(s, fd);
	server_close(fd);
}

static void without_an_operators_key_the_clients_own_is_sent_and_forgotten(void **state)
{
	struct world *w = *state;

	start_server(w, serve_client_keys, NULL);
	start_upstream(w, NULL);
	fetch(w, 1, "/a", "one");
	wire_until(&w->loop, all_are_answered, w);
	fetch(w, 2, "/a", NULL);
	wire_until(&w->loop, all_are_answered, w);
	assert_int_equal(w->engine.answers[0].status, 200);
	assert_int_equal(w->engine.answers[1].status, 200);
	assert_int_equal(w->engine.answers[1].body_n, 0);
}

static void a_call_may_start_from_inside_an_answer(void **state)
{
	struct world *w = *state;

	start(w, serve_two_on_one, NULL);
	w->engine.next = "/next";
	(void)ask(w, "/a");
	assert_int_equal(w->engine.n, 2);
	assert_int_equal(w->engine.answers[1].status, 404);
}

/* ---- never twice ---- */

static void a_connection_closed_while_idle_is_replaced(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	start(w, server_text, plain);
	(void)ask(w, "/a");
	a = ask(w, "/b"); /* the drain answers it */
	assert_int_equal(a->transfer, FR_TRANSFER_DONE);
	assert_string_equal(a->body, "again");
	finish(w);
	assert_int_equal(w->server.requests, 2);
}

static void serve_one_then_hear_and_close(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
	(void)server_hear(s, fd);
	server_close(fd);
}

static void serve_one_then_hear_and_reset(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
	(void)server_hear(s, fd);
	server_reset(fd);
}

static void a_request_lost_on_a_kept_connection_is_never_sent_twice(void **state)
{
	script *scripts[] = { serve_one_then_hear_and_close, serve_one_then_hear_and_reset };
	struct world *w = *state;

	for (size_t i = 0; i < 2; i++) {
		const struct answer *a;

		w->server.requests = 0;
		start(w, scripts[i], plain);
		(void)ask(w, "/a");
		a = ask(w, "/b");
		assert_int_equal(a->transfer, FR_TRANSFER_NETWORK);
		assert_true(a->sent);
		assert_int_equal(a->status, 0);
		assert_int_equal(a->body_n, 0);
		finish(w);
		assert_int_equal(w->server.requests, 2);
		assert_non_null(strstr(w->noted, "it is not sent again"));
	}
}

static void no_connection_is_kept_if_the_operator_says_so(void **state)
{
	struct world *w = *state;

	w->settings.upstream_idle = FR_MS(0);
	start(w, server_drain, NULL);
	for (int i = 0; i < 3; i++)
		assert_string_equal(ask(w, "/a")->body, "again"); /* each hears to its end before the next is taken */
	finish(w);
	assert_int_equal(w->server.requests, 3);
}

static void many_calls_at_once_are_each_answered_once(void **state)
{
	struct world *w = *state;
	bool seen[ANSWERS_MAX] = { false };
	char url[64];

	w->settings.upstream_idle = FR_MS(0);
	start_server(w, server_drain, NULL);
	(void)snprintf(url, sizeof(url), "http://localhost:%s",
		       strrchr(w->server.addr, ':') + 1); /* a name, so the resolver's thread takes part */
	memcpy(w->settings.upstream_url.s, url, sizeof(url));
	start_upstream(w, key_text);
	for (int round = 0; round < 2; round++) {
		w->engine.n = 0;
		memset(seen, 0, sizeof(seen));
		for (uint64_t i = 0; i < ANSWERS_MAX; i++)
			fetch(w, i, "/a", NULL);
		assert_int_equal(fr_upstream_calls(w->up), ANSWERS_MAX);
		wire_until(&w->loop, all_are_answered, w);
		assert_int_equal(w->engine.n, ANSWERS_MAX);
		for (size_t i = 0; i < ANSWERS_MAX; i++) {
			assert_string_equal(w->engine.answers[i].body, "again");
			assert_false(seen[w->engine.answers[i].token]);
			seen[w->engine.answers[i].token] = true;
		}
	}
	finish(w);
	assert_int_equal(w->server.requests, 2 * ANSWERS_MAX);
}

/* ---- failures ---- */

static void serve_reset(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_reset(fd);
}

static void serve_streamed_giant(struct server *s)
{
	static char chunk[4096 + 16];
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + 6 + 4096, "\r\n", 2);
	for (int i = 0; i < 100; i++)
		server_say_bytes(fd, chunk, 6 + 4096 + 2);
	server_close(fd);
}

static void serve_full_measure(struct server *s)
{
	static char body[32 * 1024];
	int fd = server_take(s);

	(void)server_hear(s, fd);
	memset(body, 'y', sizeof(body));
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 32768\r\n\r\n");
	server_say_bytes(fd, body, sizeof(body));
	server_close(fd);
}

/* {"id":"1"} through gzip. */
static const char zipped[] =
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52\x32\x54\xaa\x05\x00\xf3\xc8\x18\xf6\x0a\x00\x00\x00";

static void serve_gzip(struct server *s)
{
	int fd = server_take(s);
	bool offered = server_hear(s, fd) && strstr(s->request, "gzip") != NULL;

	server_say(fd, offered ? "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\n"
			       : "HTTP/1.1 500 X\r\n\r\n");
	server_say_bytes(fd, zipped, sizeof(zipped) - 1);
	server_close(fd);
}

static void every_end_has_its_name(void **state)
{
	static const struct {
		script *serve;
		const char *text;
		enum fr_transfer transfer;
		int status;
		int64_t body_n;
	} rows[] = {
		{ server_text, "", FR_TRANSFER_NETWORK, 0, 0 },
		{ serve_reset, NULL, FR_TRANSFER_NETWORK, 0, 0 },
		{ server_text, "SSH-2.0-OpenSSH_9.2\r\n", FR_TRANSFER_NETWORK, 0, 0 },
		{ server_text, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", FR_TRANSFER_NETWORK, 0, 0 },
		{ server_text, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":", FR_TRANSFER_TRUNCATED, 200, 6 },
		{ server_text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"id\":\r\n", FR_TRANSFER_TRUNCATED,
		  200, 6 },
		{ server_text, "HTTP/1.1 200 OK\r\nContent-Le", FR_TRANSFER_TRUNCATED, 200, 0 },
		{ server_text, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
		  FR_TRANSFER_TRUNCATED, 200, 0 },
		{ server_text_and_wait, giant, FR_TRANSFER_TOO_BIG, 200, 0 },
		{ serve_streamed_giant, NULL, FR_TRANSFER_TOO_BIG, 200, -1 },
		{ serve_full_measure, NULL, FR_TRANSFER_DONE, 200, 32 * 1024 },
		{ server_text_and_wait, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
		  FR_TRANSFER_DONE, 302, 0 },
		{ serve_gzip, NULL, FR_TRANSFER_DONE, 200, 10 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer *a;

		w->server.requests = 0;
		w->engine.n = 0;
		start(w, rows[i].serve, rows[i].text);
		a = ask(w, "/a");
		if (a->transfer != rows[i].transfer || a->status != rows[i].status)
			fail_msg("row %zu: transfer %d, status %d", i, (int)a->transfer, a->status);
		assert_true(a->sent);
		if (rows[i].body_n >= 0)
			assert_int_equal(a->body_n, rows[i].body_n);
		finish(w);
		assert_int_equal(w->server.requests, 1);
	}
	assert_string_equal(w->engine.answers[0].body, "{\"id\":\"1\"}");
}

static void a_slow_answer_ends_in_a_timeout(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	w->settings.upstream_timeout = FR_MS(100);
	start(w, server_text_and_wait, giant); /* any that waits for the end after the request */
	w->settings.upstream_body_max = 32 * 1024;
	a = ask(w, "/a");
	assert_int_equal(a->transfer, FR_TRANSFER_TOO_BIG);
	finish(w);
	w->settings.upstream_body_max = 2 * 1000 * 1000;
	start(w, server_text_and_wait, giant);
	a = ask(w, "/a");
	assert_int_equal(a->transfer, FR_TRANSFER_TIMEOUT);
	assert_true(a->sent);
	assert_int_equal(a->status, 200);
}

static void a_silent_upstream_ends_in_a_timeout(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	w->settings.upstream_timeout = FR_MS(100);
	start(w, server_text_and_wait, "");
	a = ask(w, "/a");
	assert_int_equal(a->transfer, FR_TRANSFER_TIMEOUT);
	assert_true(a->sent);
	assert_int_equal(a->status, 0);
	finish(w);
	assert_int_equal(w->server.requests, 1);
}

static void a_refused_connection_was_not_sent(void **state)
{
	struct world *w = *state;
	const struct answer *a;
	struct fr_errmsg why;
	int fd;

	assert_int_equal(fr_listen_open("127.0.0.1:0", &fd, &why), FR_OK);
	fr_listen_name(fd, w->server.addr, sizeof(w->server.addr));
	(void)close(fd); /* now nobody listens there */
	(void)snprintf(w->settings.upstream_url.s, sizeof(w->settings.upstream_url.s), "http://%s", w->server.addr);
	start_upstream(w, key_text);
	a = ask(w, "/a");
	assert_int_equal(a->transfer, FR_TRANSFER_NETWORK);
	assert_false(a->sent);
	assert_string_equal(w->noted, "upstream: Couldn't connect to server");
}

static void a_proxy_of_the_environment_is_ignored(void **state)
{
	struct world *w = *state;

	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("all_proxy", "http://127.0.0.1:1", 1), 0);
	start(w, server_text, closing);
	assert_int_equal(ask(w, "/a")->status, 200);
	assert_int_equal(unsetenv("http_proxy"), 0);
	assert_int_equal(unsetenv("all_proxy"), 0);
}

static void calls_under_way_end_unheard_when_all_ends(void **state)
{
	struct world *w = *state;

	start(w, server_text_and_wait, "");
	fetch(w, 1, "/a", NULL);
	for (int i = 0; i < 3; i++)
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	fetch(w, 2, "/b", NULL);
	finish(w);
	assert_int_equal(w->engine.n, 0);
}

/* ---- Retry-After ---- */

static void retry_after_is_read_as_seconds_or_date(void **state)
{
	static char in_an_hour[64] = "Retry-After: ";
	struct {
		const char *field;
		int64_t low, high;
	} rows[] = {
		{ "Retry-After: 5\r\n", 5000, 5000 },
		{ "retry-after:  0 \r\n", 0, 0 },
		{ in_an_hour, 3590000, 3601000 },
		{ "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0, 0 },
		{ "Retry-After: 99999999999999999999999\r\n", 7 * 86400000, 7 * 86400000 },
		{ "Retry-After: soon\r\n", -1, -1 },
		{ "Retry-After: -5\r\n", -1, -1 },
		{ "", -1, -1 },
	};
	struct world *w = *state;
	char date[30];

	fr_units_show_http_date((fr_wall){ ((int64_t)time(NULL) + 3600) * 1000 }, date);
	(void)snprintf(in_an_hour, sizeof(in_an_hour), "Retry-After: %s\r\n", date);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer *a;
		char text[256];

		(void)snprintf(text, sizeof(text), "HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n",
			       rows[i].field);
		w->engine.n = 0;
		start(w, server_text, text);
		a = ask(w, "/a");
		assert_int_equal(a->status, 429);
		if (a->retry_after < rows[i].low || a->retry_after > rows[i].high)
			fail_msg("'%s' is %lld", rows[i].field, (long long)a->retry_after);
		finish(w);
	}
}

/* ---- TLS and settings ---- */

/* Runs `argv` with its output in a pipe. */
static pid_t spawn(char *const argv[], int *ret_out)
{
	int out[2];
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive a failed test */
		(void)dup2(out[1], 1);
		(void)dup2(open("/dev/null", O_RDWR), 0);
		(void)dup2(0, 2);
		(void)close(out[0]);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	(void)close(out[1]);
	*ret_out = out[0];
	return pid;
}

/* Starts a TLS server whose certificate nobody vouches for; false if there is no openssl. */
static bool start_tls(const char *dir, pid_t *ret_pid, int *ret_out, int *ret_port)
{
	char cert[64], key[64], text[1024] = "";
	char *make[] = { "openssl", "req",   "-x509",         "-newkey", "rsa:2048",
			 "-nodes",  "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
			 "-days",   "1",     "-keyout",       key,       "-out",
			 cert,      NULL };
	char *run[] = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key, "-www", NULL };
	int status, out;
	size_t n = 0;
	pid_t pid;

	(void)snprintf(cert, sizeof(cert), "%s/c.pem", dir);
	(void)snprintf(key, sizeof(key), "%s/k.pem", dir);
	pid = spawn(make, &out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(out);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return false;
	*ret_pid = spawn(run, ret_out);
	while (strstr(text, "ACCEPT ") == NULL || strchr(strstr(text, "ACCEPT "), '\n') == NULL) {
		ssize_t got = read(*ret_out, text + n, sizeof(text) - 1 - n);

		assert_true(got > 0);
		n += (size_t)got;
		text[n] = '\0';
	}
	*ret_port = atoi(strrchr(strtok(strstr(text, "ACCEPT "), "\n"), ':') + 1);
	return true;
}

static void a_certificate_that_nobody_vouches_for_gets_no_request(void **state)
{
	struct world *w = *state;
	char dir[] = "/tmp/frugal-tls-XXXXXX", path[64];
	const struct answer *a;
	int out, port, status;
	pid_t pid;

	assert_non_null(mkdtemp(dir));
	if (!start_tls(dir, &pid, &out, &port))
		skip();
	(void)snprintf(w->settings.upstream_url.s, sizeof(w->settings.upstream_url.s), "https://127.0.0.1:%d", port);
	start_upstream(w, key_text);
	a = ask(w, "/a");
	assert_int_equal(a->transfer, FR_TRANSFER_NETWORK);
	assert_false(a->sent);
	assert_non_null(strstr(w->noted, "certificate"));
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(out);
	(void)snprintf(path, sizeof(path), "%s/c.pem", dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/k.pem", dir);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void what_cannot_work_is_refused_at_the_start(void **state)
{
	static const struct {
		const char *url, *key, *says;
	} rows[] = {
		{ "ftp://x", "k", "upstream.url" },    { "https://", "k", "upstream.url" },
		{ "https:///a", "k", "upstream.url" }, { "https://x?a=b", "k", "upstream.url" },
		{ "https://x", "", "API key" },        { "https://x", "a\r\nEvil: 1", "API key" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_secret key = { "" };
		struct fr_errmsg why;

		memcpy(key.s, rows[i].key, strlen(rows[i].key));
		(void)snprintf(w->settings.upstream_url.s, sizeof(w->settings.upstream_url.s), "%s", rows[i].url);
		assert_null(fr_upstream_new(&w->loop, &w->settings, &key, "1", &why));
		assert_non_null(strstr(why.s, rows[i].says));
		assert_null(strstr(why.s, "Evil"));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_connection_is_kept_and_used_again),
		TEST(a_request_says_what_it_must_and_no_more),
		TEST(without_an_operators_key_the_clients_own_is_sent_and_forgotten),
		TEST(a_call_may_start_from_inside_an_answer),
		TEST(a_connection_closed_while_idle_is_replaced),
		TEST(a_request_lost_on_a_kept_connection_is_never_sent_twice),
		TEST(no_connection_is_kept_if_the_operator_says_so),
		TEST(many_calls_at_once_are_each_answered_once),
		TEST(every_end_has_its_name),
		TEST(a_slow_answer_ends_in_a_timeout),
		TEST(a_silent_upstream_ends_in_a_timeout),
		TEST(a_refused_connection_was_not_sent),
		TEST(a_proxy_of_the_environment_is_ignored),
		TEST(calls_under_way_end_unheard_when_all_ends),
		TEST(retry_after_is_read_as_seconds_or_date),
		TEST(a_certificate_that_nobody_vouches_for_gets_no_request),
		TEST(what_cannot_work_is_refused_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
