#include <stdlib.h>
#include <string.h>

#include "adapt/front_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/gzip.h"

/* What is read of a body that will be refused anyway: a client that sends more loses its connection. */
enum { SWALLOW_MAX = 64 * 1024, FIRST_TARGET = 256, ID_SIZE = sizeof(((struct fr_front_made *)NULL)->id) };

enum MHD_Result fr_front_on_accept(void *cls, const struct sockaddr *addr, socklen_t n)
{
	const struct fr_front *f = ((struct fr_front_host *)cls)->front;

	(void)addr;
	(void)n;
	return f->open < f->n_places && !f->stopping ? MHD_YES : MHD_NO;
}

static struct fr_front_conn *open_conn(struct fr_front_host *host, struct MHD_Connection *mhd)
{
	struct fr_front *f = host->front;
	struct fr_front_conn *c = fr_calloc(1, sizeof(*c));

	FR_ASSERT(f->first_free < f->n_places); /* on_accept has counted */
	c->front = f;
	c->host = host;
	c->mhd = mhd;
	c->place = f->first_free;
	f->first_free = f->places[c->place].next_free;
	f->places[c->place].conn = c;
	f->open++;
	return c;
}

static void move(struct fr_front_conn *c, enum fr_front_phase phase)
{
	if ((c->phase == FR_FRONT_QUIET) != (phase == FR_FRONT_QUIET)) {
		FR_ASSERT(phase != FR_FRONT_QUIET || c->front->unsent > 0);
		c->front->unsent += phase == FR_FRONT_QUIET ? (size_t)-1 : 1;
	}
	c->phase = phase;
}

/* The request is over, answered or not; its number dies. */
static void finish(struct fr_front_conn *c)
{
	if (c->response != NULL) {
		FR_ASSERT(!c->shares);
		MHD_destroy_response(c->response);
	}
	c->response = NULL;
	fr_front_own_end(c);
	c->last = false;
	c->swallowed = 0;
	move(c, FR_FRONT_QUIET);
}

static void close_conn(struct fr_front_conn *c)
{
	struct fr_front *f = c->front;

	FR_ASSERT(c->phase != FR_FRONT_ASKING);
	finish(c);
	f->places[c->place].conn = NULL;
	f->places[c->place].next_free = f->first_free;
	f->first_free = c->place;
	f->open--;
	fr_front_key_free(&c->key);
	free(c->target);
	free(c);
}

void fr_front_on_connection(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*context = open_conn(cls, mhd);
	else
		close_conn(*context);
}

static struct fr_front_conn *conn_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	FR_ASSERT(info != NULL && info->socket_context != NULL);
	return info->socket_context;
}

/* Keeps the target before libmicrohttpd cuts it up in place. */
void *fr_front_on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct fr_front_conn *c = conn_of(mhd);
	size_t n = strnlen(target, FR_TARGET_MAX + 1);

	(void)cls;
	if (n + 1 > c->target_cap) {
		c->target_cap = n + 1 > FIRST_TARGET ? FR_TARGET_MAX + 2 : FIRST_TARGET;
		c->target = fr_realloc(c->target, c->target_cap);
	}
	memcpy(c->target, target, n);
	c->target[n] = '\0';
	c->target_len = n;
	return c;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(struct fr_str s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = fr_lower(c);

		if (!((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || (c != '\0' && strchr(others, c) != NULL)))
			return false;
	}
	return s.n > 0;
}

/* A key goes into a header field of another request: visible ASCII only, and short enough to be a key. */
static bool is_key(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return false;
	return s.n < FR_SECRET_MAX;
}

struct head {
	struct fr_ask *ask;
	bool cache_control, pragma_no_cache;
	bool key_shown; /* possible or not */
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
				 size_t value_n)
{
	struct head *h = cls;
	struct fr_str key = { name, name_n }, v = { value, value_n };

	(void)kind;
	if (v.p == NULL)
		return MHD_YES;
	if (fr_str_eq_nocase(key, FR_STR("Cache-Control"))) {
		h->cache_control = true;
		fr_wish_read(&h->ask->wish, v);
	} else if (fr_str_eq_nocase(key, FR_STR("X-Api-Key"))) {
		h->key_shown |= v.n > 0;
		if (h->ask->client_key.n == 0 && is_key(v))
			h->ask->client_key = v;
	} else if (fr_str_eq_nocase(key, FR_STR("X-Frugal-Priority"))) {
		(void)fr_priority_of(v, &h->ask->priority); /* words that it does not know leave it as it was */
	} else if (fr_str_eq_nocase(key, FR_STR("Frugal-Fields"))) {
		if (h->ask->fields.p == NULL)
			h->ask->fields = v;
	} else if (fr_str_eq_nocase(key, FR_STR("If-None-Match"))) {
		if (h->ask->if_none_match.n == 0)
			h->ask->if_none_match = v;
	} else if (fr_str_eq_nocase(key, FR_STR("Accept-Encoding"))) {
		h->ask->gzip |= fr_gzip_accepted(v);
	} else if (fr_str_eq_nocase(key, FR_STR("X-Request-Id"))) {
		if (h->ask->request_id.n == 0 && v.n <= FR_REQUEST_ID_MAX && is_token(v))
			h->ask->request_id = v;
	} else if (fr_str_eq_nocase(key, FR_STR("Pragma"))) {
		struct fr_wish pragma = fr_wish_none();

		fr_wish_read(&pragma, v);
		h->pragma_no_cache |= pragma.no_cache;
	}
	return MHD_YES;
}

/* RFC 9112 section 3.2.2: a request in absolute form, as if it were sent to a proxy, must be understood too. */
static struct fr_str origin_form(const struct fr_front_conn *c)
{
	struct fr_str all = { c->target, c->target_len }, rest;

	if (c->target[0] == '/')
		return all;
	if (fr_str_starts_nocase(all, "http://"))
		rest = fr_str_skip(all, strlen("http://"));
	else if (fr_str_starts_nocase(all, "https://"))
		rest = fr_str_skip(all, strlen("https://"));
	else
		return all;
	rest = fr_str_skip(rest, fr_str_find(rest, '/'));
	if (rest.n == 0) /* no path: "http://host" is "/"; "http://host?…" stays, to be refused */
		return fr_str_find(all, '?') < all.n ? all : FR_STR("/");
	return fr_str_find(all, '?') < (size_t)(rest.p - all.p) ? all : rest;
}

/* Eight hex digits, one in each byte. */
static uint64_t hex_of(uint32_t n)
{
	uint64_t digits = n, letters;

	digits = (digits << 16 | digits) & 0x0000ffff0000ffff;
	digits = (digits << 8 | digits) & 0x00ff00ff00ff00ff;
	digits = (digits << 4 | digits) & 0x0f0f0f0f0f0f0f0f;
	letters = (digits + 0x0606060606060606) >> 4 & 0x0101010101010101; /* 10 .. 15 */
	return digits + 0x3030303030303030 + letters * ('a' - '0' - 10);
}

static struct fr_str fresh_id(const struct fr_front *f, char ret[ID_SIZE])
{
	uint64_t random = f->ports.random(f->ports.ctx);
	const uint64_t digits[2] = { hex_of((uint32_t)random), hex_of((uint32_t)(random >> 32)) };

	memcpy(ret, digits, ID_SIZE);
	return (struct fr_str){ ret, ID_SIZE };
}

/* One that is no possible key stands for a byte that no field can hold: nobody has such a key. */
static void digest_key(struct fr_front_conn *c, struct fr_ask *ask)
{
	static const char impossible[1] = "";

	ask->key_sha256 = fr_front_key_digest(&c->key,
					      ask->client_key.n > 0 ? ask->client_key : (struct fr_str){ impossible, 1 });
}

/* A request without an id gets one. */
void fr_front_read_head(struct fr_front_conn *c, struct fr_ask *ask, struct fr_front_made *made)
{
	struct head h = { .ask = ask };

	*ask = (struct fr_ask){ .target = origin_form(c), .priority = FR_PRIORITIES, .wish = fr_wish_none() };
	(void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, on_header, &h);
	if (h.pragma_no_cache && !h.cache_control) /* RFC 9111 section 5.4 */
		ask->wish.no_cache = true;
	if (ask->request_id.n == 0)
		ask->request_id = fresh_id(c->front, made->id);
	if (h.key_shown && fr_roster_has_keys(c->front->ports.roster))
		digest_key(c, ask);
}

static enum fr_own own_of(const struct fr_front_conn *c)
{
	struct fr_str target = origin_form(c);

	return fr_own_of((struct fr_str){ target.p, fr_str_find(target, '?') });
}

struct refusal {
	int problem;
	const char *detail;
};

/* What the front refuses by itself: problem 0 if nothing. */
static struct refusal refusal_of(const struct fr_front_conn *c, const char *method)
{
	bool looks = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	enum fr_own own = own_of(c);

	if (c->own == FR_OWN_NONE && (own == FR_OWN_BATCH || own == FR_OWN_PREWARM))
		return (struct refusal){ FR_PROBLEM_POST_ONLY, "Send POST with a body of JSON." };
	if (c->own == FR_OWN_NONE && !looks)
		return (struct refusal){ FR_PROBLEM_METHOD, "Send GET or HEAD, with all parameters in the query string." };
	if (c->target_len > FR_TARGET_MAX)
		return (struct refusal){ FR_PROBLEM_TARGET_TOO_LONG, "Shorten the query string." };
	if (c->cut_target)
		return (struct refusal){ FR_PROBLEM_BAD_TARGET, "The target holds a NUL byte." };
	if (c->last)
		return (struct refusal){ FR_PROBLEM_BODY_ON_GET, "Put all parameters into the query string and send no body." };
	return (struct refusal){ FR_PROBLEM_NONE, NULL };
}

static enum MHD_Result queue(struct fr_front_conn *c)
{
	enum MHD_Result queued = MHD_queue_response(c->mhd, (unsigned)c->status, c->response);

	if (!c->shares)
		MHD_destroy_response(c->response);
	c->response = NULL;
	c->shares = false;
	move(c, FR_FRONT_SENDING);
	return queued;
}

/* The whole request is here. Its answer comes from inside the engine's call, or the connection sleeps until it comes. */
static enum MHD_Result ask(struct fr_front_conn *c, const char *method)
{
	uint64_t number = fr_front_number(c);
	struct refusal no = refusal_of(c, method);
	struct fr_ask what;
	struct fr_front_made made;

	move(c, FR_FRONT_ASKING);
	fr_front_read_head(c, &what, &made);
	if (no.problem != FR_PROBLEM_NONE)
		fr_engine_refuse(c->front->engine, number, no.problem, no.detail, &what);
	else if (c->own != FR_OWN_NONE)
		fr_front_own_serve(c, number, &what);
	else
		fr_engine_ask(c->front->engine, number, &what);
	if (c->phase == FR_FRONT_ANSWERED)
		return queue(c);
	move(c, FR_FRONT_WAITING);
	MHD_suspend_connection(c->mhd);
	return MHD_YES;
}

/* The end of the request, or a piece of its body. One that must not be is read to its end, so that the refusal arrives, unless it is too long. */
static enum MHD_Result read_on(struct fr_front_conn *c, const char *method, const char *data, size_t *size)
{
	bool goes_on;

	if (*size == 0)
		return ask(c, method);
	c->swallowed += *size;
	goes_on = c->own != FR_OWN_NONE ? fr_front_own_body(c, data, *size) : c->swallowed <= SWALLOW_MAX;
	*size = 0;
	return goes_on ? MHD_YES : MHD_NO;
}

static void begin(struct fr_front_conn *c, bool is_post)
{
	move(c, FR_FRONT_READING);
	if (!is_post || c->cut_target || c->target_len > FR_TARGET_MAX)
		return;
	c->own = own_of(c);
	if (c->own == FR_OWN_NOTHING)
		c->own = FR_OWN_NONE;
	if (c->own == FR_OWN_NONE)
		return;
	c->last = false;
	fr_front_own_begin(c);
}

/* libmicrohttpd hands the target on as a C string. A NUL inside of it would make another question of it; that there was one shows in where the
 * version begins, which stands behind the target in the same line. */
static bool is_cut(const struct fr_front_conn *c, const char *url, const char *version)
{
	return c->target_len <= FR_TARGET_MAX && version[0] != '\0' && (size_t)(version - url) != c->target_len + 1;
}

/* Called with the head, then with each piece of a body, then at the request's end; and again when a suspended connection is resumed. Nothing is answered
 * at the first call: libmicrohttpd 0.9.75 would then give up the connection if another request is waiting behind this one, and hang if a GET has a body. */
enum MHD_Result fr_front_on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
				    const char *version, const char *data, size_t *size, void **con_cls)
{
	struct fr_front_conn *c = *con_cls; /* from fr_front_on_target() */

	FR_ASSERT(c != NULL && c->mhd == mhd);
	(void)cls;
	switch (c->phase) {
	case FR_FRONT_QUIET:
		c->last = fr_mhd_loop_has_body(mhd);
		c->cut_target = is_cut(c, url, version);
		begin(c, strcmp(method, MHD_HTTP_METHOD_POST) == 0);
		return MHD_YES;
	case FR_FRONT_READING: return read_on(c, method, data, size);
	case FR_FRONT_ANSWERED: return queue(c);
	default: /* FR_FRONT_CUT */ return MHD_NO;
	}
}

void fr_front_on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct fr_front_conn *c = *con_cls;

	FR_ASSERT(c != NULL && c->mhd == mhd);
	(void)cls;
	(void)code;
	finish(c);
	*con_cls = NULL;
}
