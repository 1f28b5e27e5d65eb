/* One body of tests for two upstreams: libcurl in front of the twin, and the fake that the simulator believes in. What one of them hands the engine
 * for a kind of answer, the other hands it too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "adapt/upstream.h"
#include "base/alloc.h"
#include "base/str.h"
#include "conf/load.h"
#include "contract/twin_here.h"
#include "contract/wire.h"
#include "core/verdict.h"
#include "tests/sim/upstream_fake.h"

enum { TOKEN = 7, PATIENCE_MS = 20000, HANG_MS = 500, BODY_MAX = 256 * 1024, NOBODY = -1 };

/* What the engine was told last; answer.body and type point into it. */
struct fr_engine {
	size_t n;
	uint64_t token;
	struct fr_fetched got;
	char body[BODY_MAX], type[128];
};

void fr_engine_fetched(struct fr_engine *e, uint64_t token, const struct fr_fetched *got)
{
	e->n++;
	e->token = token;
	e->got = *got;
	assert_true(fr_str_copy(e->body, sizeof e->body, got->answer.body));
	assert_true(fr_str_copy(e->type, sizeof e->type, got->type));
	e->got.answer.body = (struct fr_str){ e->body, got->answer.body.n };
	e->got.type = fr_str_of(e->type);
}

struct world;

/* One side of the contract. */
struct upstream {
	void (*open)(struct world *w);
	/* A name for something that is there, by the twin's word for it ("username"). */
	void (*known)(struct world *w, const char *what, char *ret, size_t size);
	/* One call to an upstream that treats it so. */
	void (*ask)(struct world *w, enum world_answer kind, const char *target);
	/* What the upstream itself booked for that call. */
	enum fake_bill (*bill)(struct world *w, enum world_answer kind);
	void (*close)(struct world *w);
};

struct world {
	const struct upstream *up;
	struct fr_engine heard;
	struct fr_conf *conf;
	/* real */
	uv_loop_t loop;
	struct twin_here twin;
	struct fr_upstream *curl;
	int deaf; /* bound, but nobody listens; or NOBODY */
};

/* ---- the fake ------------------------------------------------------------------------------------------------------ */

static void fake_open(struct world *w)
{
	(void)w;
}

static void fake_known(struct world *w, const char *what, char *ret, size_t size)
{
	(void)w;
	assert_true(fr_str_copy(ret, size, fr_str_of(strcmp(what, "post_id") == 0 ? "7106594312292453675" : "12345")));
}

static void fake_ask(struct world *w, enum world_answer kind, const char *target)
{
	const struct fake_call call = { .kind = kind, .target = target, .serial = 1, .made_at = INT64_C(1764000000000) };
	char body[FAKE_BODY_MAX];
	struct fr_fetched got;

	fake_upstream_answer(&call, body, &got);
	fr_engine_fetched(&w->heard, TOKEN, &got);
}

static enum fake_bill fake_bill_of(struct world *w, enum world_answer kind)
{
	(void)w;
	return fake_upstream_bill(kind);
}

static const struct upstream fake = { fake_open, fake_known, fake_ask, fake_bill_of, fake_open };

/* ---- the real one -------------------------------------------------------------------------------------------------- */

/* A control call. The caller drops the answer. */
static json_t *order(struct world *w, const char *call)
{
	struct wire_reply *reply = fr_calloc(1, sizeof *reply);
	char request[256];
	json_t *said;

	(void)snprintf(request, sizeof request, "GET /_twin/%s HTTP/1.1\r\nHost: %s\r\n\r\n", call, w->twin.addr);
	wire_get(&w->loop, w->twin.addr, request, reply);
	assert_int_equal(reply->status, 200);
	said = json_loads(reply->body, 0, NULL);
	assert_non_null(said);
	free(reply);
	return said;
}

static void real_open(struct world *w)
{
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->deaf = NOBODY;
	twin_here_start(&w->twin);
}

static void real_known(struct world *w, const char *what, char *ret, size_t size)
{
	json_t *sample = order(w, "world?n=0");
	const char *name = json_string_value(json_object_get(sample, what));

	assert_non_null(name);
	assert_true(fr_str_copy(ret, size, fr_str_of(name)));
	json_decref(sample);
}

/* How the twin is told to treat the next call. */
static const char *fault_of(enum world_answer kind)
{
	switch (kind) {
	case WORLD_NOT_FOUND: return "not_found";
	case WORLD_RESOURCE_ERROR: return "resource_error";
	case WORLD_ACCOUNT_ERROR: return "account_unknown_key";
	case WORLD_THROTTLE: return "throttle&retry_after=2";
	case WORLD_503: return "html503";
	case WORLD_HTML: return "html";
	case WORLD_NO_KEY: return "missing_key";
	case WORLD_TRUNCATED: return "truncated";
	case WORLD_TIMEOUT: return "hang";
	default: return NULL;
	}
}

/* An address that refuses for as long as the test holds it. */
static void take_deaf_port(struct world *w, char *ret, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	w->deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(w->deaf >= 0);
	assert_int_equal(bind(w->deaf, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(w->deaf, (struct sockaddr *)&a, &n), 0);
	(void)snprintf(ret, size, "http://127.0.0.1:%d", ntohs(a.sin_port));
}

static void start_curl(struct world *w, enum world_answer kind)
{
	struct fr_settings *s = &w->conf->settings;
	struct fr_errmsg why;

	s->upstream_timeout = FR_MS(kind == WORLD_TIMEOUT ? HANG_MS : PATIENCE_MS);
	s->upstream_body_max = BODY_MAX - 1;
	if (kind == WORLD_REFUSED)
		take_deaf_port(w, s->upstream_url.s, sizeof s->upstream_url.s);
	else
		(void)snprintf(s->upstream_url.s, sizeof s->upstream_url.s, "http://%s", w->twin.addr);
	w->curl = fr_upstream_new(&w->loop, s, NULL, "1.2.3", &why);
	assert_non_null(w->curl);
	fr_upstream_attach(w->curl, &w->heard, NULL, NULL);
}

static void stop_curl(struct world *w)
{
	fr_upstream_free(w->curl);
	w->curl = NULL;
	if (w->deaf != NOBODY)
		(void)close(w->deaf);
	w->deaf = NOBODY;
}

static bool all_are_answered(void *ctx)
{
	return fr_upstream_calls(((struct world *)ctx)->curl) == 0;
}

static void real_ask(struct world *w, enum world_answer kind, const char *target)
{
	const struct fr_call call = { .target = fr_str_of(target) };
	char fault[64];

	json_decref(order(w, "reset"));
	if (fault_of(kind) != NULL) {
		(void)snprintf(fault, sizeof fault, "fault?times=1&kind=%s", fault_of(kind));
		json_decref(order(w, fault));
	}
	start_curl(w, kind);
	fr_upstream_fetch(w->curl, TOKEN, &call);
	wire_until(&w->loop, all_are_answered, w);
	stop_curl(w);
}

static enum fake_bill real_bill(struct world *w, enum world_answer kind)
{
	json_t *ledger = order(w, "ledger");
	json_int_t calls = json_integer_value(json_object_get(ledger, "calls"));
	json_int_t billed = json_integer_value(json_object_get(ledger, "billed"));

	json_decref(ledger);
	assert_int_equal(calls, kind == WORLD_REFUSED ? 0 : 1);
	assert_in_range(billed, 0, 1);
	return billed == 0 ? FAKE_BILL_NEVER : FAKE_BILL_ALWAYS;
}

static void real_close(struct world *w)
{
	if (w->curl != NULL)
		stop_curl(w);
	wire_loop_end(&w->loop);
	twin_here_stop(&w->twin);
}

static const struct upstream real = { real_open, real_known, real_ask, real_bill, real_close };

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

static int with(void **state, const struct upstream *up)
{
	struct world *w = fr_calloc(1, sizeof *w);
	struct fr_errmsg why;

	w->up = up;
	assert_int_equal(fr_conf_parse(FR_STR(""), "none", &w->conf, &why), FR_OK);
	up->open(w);
	*state = w;
	return 0;
}

static int with_real(void **state)
{
	return with(state, &real);
}

static int with_fake(void **state)
{
	return with(state, &fake);
}

static int without(void **state)
{
	struct world *w = *state;

	w->up->close(w);
	fr_conf_free(w->conf);
	free(w);
	return 0;
}

/* ---- the body ------------------------------------------------------------------------------------------------------ */

/* What the engine must be told of each kind, and what its verdict must be. */
struct row {
	const char *name;
	enum fr_transfer transfer;
	bool sent;
	int status;
	int64_t retry_after_ms;
	enum fr_verdict verdict;
	bool billed, uncertain, verbatim;
	const char *text; /* NULL: each side may use words of its own */
};

#define ANSWERED FR_TRANSFER_DONE, true

static const struct row rows[] = {
	[WORLD_DATA] = { "data", ANSWERED, 200, -1, FR_VERDICT_DATA, true, false, true, "" },
	[WORLD_NOT_FOUND] = { "not found", ANSWERED, 200, -1, FR_VERDICT_NOT_FOUND, true, false, true, "Not found post" },
	[WORLD_RESOURCE_ERROR] = { "resource error", ANSWERED, 200, -1, FR_VERDICT_RESOURCE_ERROR, true, false, true,
				   "Something went wrong" },
	[WORLD_ACCOUNT_ERROR] = { "account error", ANSWERED, 200, -1, FR_VERDICT_ACCOUNT_ERROR, false, false, false,
				  "Api-Key is not available" },
	[WORLD_THROTTLE] = { "throttle", ANSWERED, 429, 2000, FR_VERDICT_THROTTLED, false, false, false, NULL },
	[WORLD_503] = { "503", ANSWERED, 503, -1, FR_VERDICT_TRANSIENT, false, false, false, NULL },
	[WORLD_HTML] = { "HTML with 200", ANSWERED, 200, -1, FR_VERDICT_MALFORMED, true, false, false, "" },
	[WORLD_NO_KEY] = { "JSON without key", ANSWERED, 200, -1, FR_VERDICT_MALFORMED, true, false, true, "" },
	[WORLD_TRUNCATED] = { "truncated", FR_TRANSFER_TRUNCATED, true, 200, -1, FR_VERDICT_MALFORMED, true, false, false, "" },
	[WORLD_TIMEOUT] = { "time-out", FR_TRANSFER_TIMEOUT, true, 0, -1, FR_VERDICT_TIMEOUT, true, true, false, "" },
	[WORLD_REFUSED] = { "refused", FR_TRANSFER_NETWORK, false, 0, -1, FR_VERDICT_NETWORK, false, false, false, "" },
};

_Static_assert(sizeof rows / sizeof rows[0] == WORLD_ANSWERS, "every kind of answer has a row");

/* Asks for a post that is there; its id is in `ret_post`. */
static const struct fr_fetched *ask(struct world *w, enum world_answer kind, char ret_post[32])
{
	char target[128];

	w->up->known(w, "post_id", ret_post, 32);
	(void)snprintf(target, sizeof target, "/post-detail/?url=%s", ret_post);
	w->heard.n = 0;
	w->up->ask(w, kind, target);
	assert_int_equal(w->heard.n, 1);
	assert_int_equal(w->heard.token, TOKEN);
	return &w->heard.got;
}

static struct fr_judgement judge(struct world *w, const char *path)
{
	const struct fr_catalogue *c = &w->conf->catalogue;

	return fr_verdict_judge(c, fr_catalogue_find(c, fr_str_of(path)), &w->heard.got.answer);
}

static void the_engine_is_told_of_each_kind_what_was_agreed(void **state)
{
	struct world *w = *state;
	char post[32];

	for (size_t i = 0; i < WORLD_ANSWERS; i++) {
		const struct row *r = &rows[i];
		const struct fr_fetched *got = ask(w, (enum world_answer)i, post);
		const struct fr_upstream_answer *a = &got->answer;

		if (a->transfer != r->transfer || a->sent != r->sent || a->status != r->status ||
		    got->retry_after.v != r->retry_after_ms)
			fail_msg("%s: transfer %d, sent %d, status %d, retry after %lld ms", r->name, (int)a->transfer, a->sent,
				 a->status, (long long)got->retry_after.v);
		if ((a->body.n > 0) != (r->status != 0))
			fail_msg("%s: %zu bytes of body with status %d", r->name, a->body.n, a->status);
	}
}

static void each_kind_is_judged_as_agreed(void **state)
{
	struct world *w = *state;
	char post[32];

	for (size_t i = 0; i < WORLD_ANSWERS; i++) {
		const struct row *r = &rows[i];
		const struct fr_fetched *got = ask(w, (enum world_answer)i, post);
		struct fr_judgement j = judge(w, "/post-detail/");

		if (j.verdict != r->verdict || j.billed != r->billed || j.uncertain != r->uncertain || j.verbatim != r->verbatim)
			fail_msg("%s: %s, billed %d, uncertain %d, verbatim %d", r->name, fr_verdict_name(j.verdict), j.billed,
				 j.uncertain, j.verbatim);
		if (r->text != NULL && strcmp(j.text, r->text) != 0)
			fail_msg("%s: it says '%s'", r->name, j.text);
		assert_int_equal(j.post_id, r->verdict == FR_VERDICT_DATA ? strtoull(post, NULL, 10) : 0);
		if (j.verbatim) /* the type is handed on, too */
			assert_true(fr_str_is(got->type, "application/json"));
	}
}

/* What cannot be known is booked as spent; everything else is booked as the upstream does. */
static void what_the_upstream_bills_is_judged_billed(void **state)
{
	struct world *w = *state;
	char post[32];

	for (size_t i = 0; i < WORLD_ANSWERS; i++) {
		struct fr_judgement j;
		enum fake_bill bill;

		(void)ask(w, (enum world_answer)i, post);
		j = judge(w, "/post-detail/");
		bill = w->up->bill(w, (enum world_answer)i);
		if (j.uncertain ? !j.billed : bill == FAKE_BILL_PERHAPS || j.billed != (bill == FAKE_BILL_ALWAYS))
			fail_msg("%s: judged billed %d, uncertain %d; the upstream's books say %d", rows[i].name, j.billed,
				 j.uncertain, (int)bill);
	}
}

/* The endpoints of stories and simulation whose data the fake can make. */
static void data_is_data_wherever_it_is_asked_for(void **state)
{
	static const struct {
		const char *path, *parameter, *known;
	} asked[] = {
		{ "/userid/", "username", "username" },     { "/userinfo-by-id/", "userid", "userid" },
		{ "/user-posts/", "userid", "userid" },     { "/post-detail/", "url", "post_url" },
		{ "/post-comments/", "url", "post_url" },   { "/download-video/", "url", "post_url" },
		{ "/music-info/", "music_id", "music_id" }, { "/challenge-posts/", "challenge_id", "challenge_id" },
		{ "/extra/thing/", "n", "userid" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		char known[128], target[256];
		struct fr_judgement j;

		w->up->known(w, asked[i].known, known, sizeof known);
		(void)snprintf(target, sizeof target, "%s?%s=%s", asked[i].path, asked[i].parameter, known);
		w->up->ask(w, WORLD_DATA, target);
		j = judge(w, asked[i].path);
		if (j.verdict != FR_VERDICT_DATA || !j.billed)
			fail_msg("%s: %s: %s", asked[i].path, fr_verdict_name(j.verdict), w->heard.body);
	}
}

#define BOTH(test) \
	{ #test " (twin)", test, with_real, without, NULL }, \
	{ \
#test " (fake)", test, with_fake, without, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(the_engine_is_told_of_each_kind_what_was_agreed),
		BOTH(each_kind_is_judged_as_agreed),
		BOTH(what_the_upstream_bills_is_judged_billed),
		BOTH(data_is_data_wherever_it_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
