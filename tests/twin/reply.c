#include "reply.h"

#include "mem.h"
#include "mix.h"

#include <stdlib.h>
#include <string.h>

static const char type_json[] = "application/json";
static const char html_page[] = "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
				"<body><h1>502</h1></body></html>\n";

/* Faults whose reply does not depend on the question. */
static const struct fixed {
	enum fault_kind kind;
	unsigned status;
	const char *body;
	bool account;
} fixed[] = {
	{ FAULT_STATUS, 500, "{\"message\":\"Server Error\"}", false },
	{ FAULT_HTML, 200, html_page, false },
	{ FAULT_HTML503, 503, html_page, false },
	{ FAULT_NO_KEY, 200, "{\"message\":\"Please sign up to tikliveapi.com\"}", true },
	{ FAULT_UNKNOWN_KEY, 200, "{\"message\":\"Api-Key is not available\"}", true },
	{ FAULT_NO_CREDITS, 200, "{\"message\":\"You have exhausted your credits, please purchase more\"}", true },
	{ FAULT_THROTTLE, 429, "{\"message\":\"Too Many Requests\"}", false },
	{ FAULT_PRIVATE, 200, "{\"status\":\"error\",\"message\":\"This account is private\"}", false },
	{ FAULT_RESOURCE, 200, "{\"status\":\"error\",\"message\":\"Something went wrong\"}", false },
	{ FAULT_URL_PARSING, 200, "{\"code\":-1,\"msg\":\"Url parsing is failed! Please check url.\"}", false },
	{ FAULT_REDIRECT, 302, "{}", false },
	{ FAULT_NOT_OBJECT, 200, "[]", false },
};

static void set_text(struct reply *r, const char *body)
{
	free(r->body);
	r->body = mem_text(body);
	r->len = strlen(body);
}

/* Takes the JSON; `ep` is whose words it is, or NULL. */
static void set_json(struct reply *r, json_t *taken, const struct endpoint *ep)
{
	static const struct endpoint nobody = { .php = false };

	free(r->body);
	r->body = endpoint_text(ep != NULL ? ep : &nobody, taken);
	r->len = strlen(r->body);
	json_decref(taken);
}

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct ask *a = cls;

	(void)kind;
	if (a->n_params < PARAMS_MAX)
		a->params[a->n_params++] = (struct param){ name, value ? value : "" };
	return MHD_YES;
}

/* The world's answer. New reference. */
static json_t *ask_world(struct call *c, struct MHD_Connection *conn, const struct endpoint *ep, struct reply *r)
{
	struct twin *t = c->twin;
	struct ask a = { .w = &t->world, .ep = ep, .now_ms = twin_now_ms(t) };
	json_t *body;

	a.now = a.now_ms / 1000;
	r->made_ms = a.now_ms;
	t->nonce = mix(t->nonce, c->seq);
	a.links = (struct linker){ .nonce = t->nonce, .now = a.now };
	MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, collect, &a);
	body = endpoint_answer(&a);
	if (a.problem[0] != '\0' || a.unparsable)
		r->kind = a.unparsable ? "url_parsing" : strncmp(a.problem, "Not found", 9) == 0 ? "not_found" : "error";
	return body;
}

/* The list in an answer: its first array. */
static json_t *main_list(json_t *body)
{
	const char *key;
	json_t *value;

	json_object_foreach (body, key, value)
		if (json_is_array(value))
			return value;
	return NULL;
}

static void empty_answer(json_t *body)
{
	const char *key;
	json_t *value, *list = main_list(body);

	if (list != NULL) {
		json_array_clear(list);
		value = json_object_get(body, "hasMore");
		json_object_set_new(body, "hasMore", json_is_integer(value) ? json_integer(0) : json_false());
		return;
	}
	json_object_foreach (body, key, value)
		if (json_is_string(value))
			json_string_set(value, "");
}

static void drop_keys(json_t *body, const char *keys)
{
	char *copy = mem_text(keys), *rest, *key;

	for (key = strtok_r(copy, " ", &rest); key != NULL; key = strtok_r(NULL, " ", &rest))
		json_object_del(body, key);
	free(copy);
}

/* Faults that spoil a good answer before it is written down. */
static void spoil(enum fault_kind kind, const struct endpoint *ep, json_t *body)
{
	if (kind == FAULT_EMPTY)
		empty_answer(body);
	if (kind == FAULT_MISSING_KEY)
		drop_keys(body, ep->keys);
	if (kind == FAULT_NULL_ID) {
		json_object_set_new(body, "id", json_null());
		json_object_set_new(body, "play_count", json_null());
	}
}

static const char *not_found_text(const struct endpoint *ep)
{
	static const struct {
		const char *mark, *text;
	} rows[] = { { "challenge", "Not found challenge" },
		     { "music", "Not found music" },
		     { "playlist_id", "Not found playlist" },
		     { "collection_id", "Not found collection" },
		     { "ads", "Not found ads" },
		     { "user", "Not found user" } };

	for (size_t i = 0; ep != NULL && i < sizeof rows / sizeof rows[0]; i++)
		if (strstr(ep->path, rows[i].mark) != NULL || strcmp(ep->needs, rows[i].mark) == 0)
			return rows[i].text;
	return "Not found post";
}

static void make_deep(struct reply *r)
{
	enum { DEPTH = 10000 };
	char *p = mem_new(2 * DEPTH + 32);

	memcpy(p, "{\"deep\":", 8);
	memset(p + 8, '[', DEPTH);
	memset(p + 8 + DEPTH, ']', DEPTH);
	p[8 + 2 * DEPTH] = '}';
	free(r->body);
	r->body = p;
	r->len = 9 + 2 * DEPTH;
}

/* The answer that would be given without any fault, spoiled where the fault says so. */
static void good_reply(struct call *c, struct MHD_Connection *conn, struct reply *r)
{
	const struct endpoint *ep = endpoint_find(c->path);
	json_t *body;

	if (ep != NULL) {
		body = ask_world(c, conn, ep, r);
		spoil(c->fault.kind, ep, body);
		set_json(r, body, ep);
	} else if (strncmp(c->path, "/extra/", 7) == 0) {
		r->no_store = true;
		r->kind = "extra";
		set_json(r,
			 mem_json(json_pack("{sb so sI}", "extra", 1, "path", mem_json_text(c->path), "n", (json_int_t)c->seq)),
			 NULL);
	} else {
		r->status = 404;
		r->kind = "unknown_path";
		set_text(r, "{\"message\":\"Endpoint not found\"}");
	}
}

static bool fixed_reply(const struct fault *f, struct reply *r)
{
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		if (fixed[i].kind != f->kind)
			continue;
		r->status = f->status ? f->status : fixed[i].status;
		r->account = fixed[i].account;
		r->retry_after = f->retry_after;
		if (fixed[i].body == html_page)
			r->type = "text/html; charset=utf-8";
		if (f->kind == FAULT_REDIRECT)
			r->location = "/elsewhere";
		set_text(r, fixed[i].body);
		return true;
	}
	return false;
}

static void faulty_reply(struct call *c, struct MHD_Connection *conn, struct reply *r)
{
	enum fault_kind kind = c->fault.kind;

	if (!fixed_reply(&c->fault, r)) {
		good_reply(c, conn, r);
		if (c->fault.status != 0)
			r->status = c->fault.status;
	}
	if (kind == FAULT_NOT_FOUND)
		set_json(r, endpoint_error(not_found_text(endpoint_find(c->path))), NULL);
	if (kind == FAULT_DEEP)
		make_deep(r);
	if (kind == FAULT_NO_STORE)
		r->no_store = true;
	if (kind == FAULT_BAD_JSON)
		r->len = r->len * 2 / 3;
	r->how = kind == FAULT_TRUNCATED   ? DELIVER_HALF
		 : kind == FAULT_OVERSIZED ? DELIVER_HUGE
		 : kind == FAULT_SLOW      ? DELIVER_SLOWLY
		 : kind == FAULT_RESET     ? DELIVER_NOTHING
					   : DELIVER_WHOLE;
	r->kind = fault_name(kind);
}

static void refuse(enum refusal why, struct reply *r)
{
	static const struct fault texts[] = { [REFUSED_NO_KEY] = { .kind = FAULT_NO_KEY, .retry_after = FAULT_UNSET },
					      [REFUSED_UNKNOWN_KEY] = { .kind = FAULT_UNKNOWN_KEY, .retry_after = FAULT_UNSET },
					      [REFUSED_TOO_FAST] = { .kind = FAULT_THROTTLE, .retry_after = 5 } };

	if (why == REFUSED_METHOD) {
		r->status = 405;
		r->kind = "method";
		set_text(r, "{\"message\":\"Method not allowed\"}");
		return;
	}
	fixed_reply(&texts[why], r);
	r->kind = fault_name(texts[why].kind);
}

void reply_make(struct call *c, struct MHD_Connection *conn, struct reply *ret)
{
	*ret = (struct reply){ .status = 200, .type = type_json, .kind = "ok", .retry_after = FAULT_UNSET };
	if (c->fault.kind != FAULT_NONE)
		faulty_reply(c, conn, ret);
	else if (c->refusal != REFUSED_NOT)
		refuse(c->refusal, ret);
	else
		good_reply(c, conn, ret);
}

size_t reply_huge(uint64_t pos, char *buf, size_t max)
{
	static const char head[] = "{\"id\":\"1\",\"pad\":\"", tail[] = "\"}";
	size_t n = 0;

	for (; n < max && pos < HUGE_BYTES; n++, pos++)
		buf[n] = pos < sizeof head - 1                   ? head[pos]
			 : pos >= HUGE_BYTES - (sizeof tail - 1) ? tail[pos - (HUGE_BYTES - (sizeof tail - 1))]
								 : 'x';
	return n;
}
