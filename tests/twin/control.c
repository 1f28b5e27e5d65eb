/* control.c — the page that tests turn the screws with: never billed, no key needed. */
#include "mem.h"
#include "page.h"
#include "twin.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct order {
	struct twin *t;
	struct MHD_Connection *conn;
	char path[PATH_MAX_BYTES]; /* parameter path with its last slash; "" when absent */
	const char *wrong;         /* why nothing was done */
};

static const char *arg(const struct order *o, const char *name)
{
	return MHD_lookup_connection_value(o->conn, MHD_GET_ARGUMENT_KIND, name);
}

/* False when absent. A text that is no number is an error. */
static bool arg_number(struct order *o, const char *name, int64_t *ret)
{
	const char *text = arg(o, name);
	char *end;
	long long n;

	if (text == NULL || *text == '\0')
		return false;
	n = strtoll(text, &end, 10);
	if (*end != '\0') {
		o->wrong = "a parameter is not a number";
		return false;
	}
	*ret = n;
	return true;
}

static json_t *wrong(struct order *o, const char *why)
{
	o->wrong = why;
	return NULL;
}

static json_t *done(void)
{
	return mem_json(json_pack("{sb}", "ok", 1));
}

static json_t *get_ledger(struct order *o)
{
	return page_ledger(o->t);
}

static json_t *get_calls(struct order *o)
{
	int64_t since = 0;

	arg_number(o, "since", &since);
	return o->wrong ? NULL : page_calls(o->t, since < 0 ? 0 : (uint64_t)since);
}

static json_t *reset(struct order *o)
{
	int64_t all = 0;

	arg_number(o, "all", &all);
	if (o->wrong != NULL)
		return NULL;
	twin_reset(o->t, all != 0);
	return done();
}

static json_t *set_delay(struct order *o)
{
	int64_t ms;

	if (!arg_number(o, "ms", &ms) || ms < 0)
		return wrong(o, "needs ms=N");
	if (ms == 0 && o->path[0] == '\0')
		o->t->delays.n = 0;
	else if (!rules_set(&o->t->delays, o->path, ms == 0 ? -1 : ms))
		return wrong(o, "too many delays");
	return done();
}

static json_t *set_hold(struct order *o)
{
	return rules_set(&o->t->holds, o->path, 0) ? done() : wrong(o, "too many holds");
}

/* With n the hold stays and n are let go; without, the hold ends. */
static json_t *release(struct order *o)
{
	const char *path = o->path[0] != '\0' ? o->path : NULL;
	int64_t n = -1;
	size_t released;

	arg_number(o, "n", &n);
	if (o->wrong != NULL)
		return NULL;
	if (n < 0 && path == NULL)
		o->t->holds.n = 0;
	else if (n < 0)
		rules_set(&o->t->holds, path, -1);
	released = lot_release(&o->t->lot, path, n < 0 ? SIZE_MAX : (size_t)n);
	return mem_json(json_pack("{sI}", "released", (json_int_t)released));
}

static json_t *set_fault(struct order *o)
{
	struct fault f = { .times = FAULT_FOREVER, .retry_after = FAULT_UNSET };
	const char *kind = arg(o, "kind"), *match = arg(o, "match");
	int64_t status = 0;

	if (arg(o, "clear") != NULL) {
		o->t->faults.n = 0;
		return done();
	}
	if (kind == NULL || !fault_kind_of(kind, &f.kind))
		return wrong(o, "needs clear=1 or a known kind=K");
	arg_number(o, "times", &f.times);
	arg_number(o, "status", &status);
	arg_number(o, "retry_after", &f.retry_after);
	arg_number(o, "ms", &f.ms);
	if (o->wrong != NULL)
		return NULL;
	if (status != 0 && (status < 200 || status >= STATUS_MAX))
		return wrong(o, "status must be 200 to 599");
	if (f.times == 0)
		return done();
	f.status = (unsigned)status;
	memcpy(f.path, o->path, sizeof f.path);
	snprintf(f.match, sizeof f.match, "%s", match ? match : "");
	return faults_add(&o->t->faults, &f) ? done() : wrong(o, "too many faults");
}

static json_t *set_time(struct order *o)
{
	struct twin *t = o->t;
	int64_t n, offset = t->offset_ms, far = INT64_C(100) * 366 * 86400000;

	if (arg_number(o, "offset_ms", &n))
		offset = n;
	if (arg_number(o, "advance_ms", &n) && n > -far && n < far)
		offset += n;
	if (offset < -far || offset > far)
		return wrong(o, "not more than a hundred years");
	t->offset_ms = offset;
	if (arg_number(o, "freeze", &n))
		t->frozen_ms = n == 0 ? 0 : t->frozen_ms ? t->frozen_ms : twin_wall_ms();
	return o->wrong ? NULL : mem_json(json_pack("{sI}", "now_ms", (json_int_t)twin_now_ms(t)));
}

static json_t *get_made(struct order *o)
{
	const char *post = arg(o, "post");
	uint64_t id;
	int64_t n;
	json_t *j;

	if (post == NULL || !input_post(post, &id) || !arg_number(o, "play_count", &n))
		return wrong(o, "needs post=ID and play_count=N");
	j = since_when(o->t, id, n);
	return j != NULL ? j : wrong(o, "it never had so many");
}

static json_t *set_rate(struct order *o)
{
	int64_t n;

	if (!arg_number(o, "per_minute", &n) || n < 0)
		return wrong(o, "needs per_minute=N");
	o->t->rate = n;
	return done();
}

static json_t *set_key(struct order *o)
{
	const char *value = arg(o, "value");

	if (value != NULL && strlen(value) >= KEY_MAX)
		return wrong(o, "the key is too long");
	snprintf(o->t->key, sizeof o->t->key, "%s", value ? value : "");
	return done();
}

static json_t *get_world(struct order *o)
{
	int64_t n = 0;

	arg_number(o, "n", &n);
	if (o->wrong != NULL || n < 0 || n > 900000)
		return wrong(o, "n must be 0 to 900000");
	return sample_make(o->t, n);
}

static json_t *remove_or_restore(struct order *o, bool gone)
{
	const char *post = arg(o, "post"), *user = arg(o, "user");
	uint64_t id;
	uint32_t no;

	if (post != NULL && input_post(post, &id)) {
		world_remove_post(&o->t->world, id, gone);
		return done();
	}
	if (user == NULL)
		return wrong(o, "needs post=ID or user=HANDLE");
	/* A removed user is found by nobody, so the search looks into a world where all are present. */
	struct world present = o->t->world;

	present.n_gone_users = 0;
	if (!user_by_handle(&present, user, &no))
		return wrong(o, "no such user");
	world_remove_user(&o->t->world, no, gone);
	return done();
}

static json_t *do_remove(struct order *o)
{
	return remove_or_restore(o, true);
}

static json_t *do_restore(struct order *o)
{
	return remove_or_restore(o, false);
}

static json_t *rename_user(struct order *o)
{
	const char *to = arg(o, "to");
	int64_t id;
	uint32_t no;
	json_t *text;

	if (!arg_number(o, "userid", &id) || !user_by_id(&o->t->world, (uint64_t)id, &no))
		return wrong(o, "needs the userid of an existing user");
	if (to == NULL || *to == '\0' || strlen(to) >= HANDLE_MAX)
		return wrong(o, "needs to=NEWNAME, at most 31 letters");
	text = json_string(to);
	if (text == NULL)
		return wrong(o, "to=NEWNAME is no UTF-8");
	json_decref(text);
	world_rename(&o->t->world, no, to);
	return done();
}

static const struct {
	const char *name;
	json_t *(*run)(struct order *o);
} orders[] = {
	{ "ledger", get_ledger },  { "calls", get_calls },    { "reset", reset },     { "delay", set_delay },
	{ "hold", set_hold },      { "release", release },    { "fault", set_fault }, { "time", set_time },
	{ "rate", set_rate },      { "key", set_key },        { "world", get_world }, { "remove", do_remove },
	{ "restore", do_restore }, { "handle", rename_user }, { "made", get_made },
};

/* Takes the bytes. */
static enum MHD_Result send_bytes(struct MHD_Connection *conn, unsigned status, const char *type, char *bytes, size_t len)
{
	struct MHD_Response *m = MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued = MHD_NO;

	if (m == NULL) {
		free(bytes);
		return MHD_NO;
	}
	if (MHD_add_response_header(m, "Content-Type", type) == MHD_YES &&
	    MHD_add_response_header(m, "Cache-Control", "no-store") == MHD_YES)
		queued = MHD_queue_response(conn, status, m);
	MHD_destroy_response(m);
	return queued;
}

/* Takes the JSON. */
static enum MHD_Result send_json(struct MHD_Connection *conn, unsigned status, json_t *taken)
{
	char *text = json_dumps(taken, JSON_COMPACT);

	json_decref(taken);
	if (text == NULL)
		return MHD_NO;
	return send_bytes(conn, status, "application/json", text, strlen(text));
}

static enum MHD_Result send_body(struct order *o)
{
	const struct kept_body *b;
	int64_t seq = 0;

	arg_number(o, "seq", &seq);
	b = seq > 0 ? ledger_body(&o->t->ledger, (uint64_t)seq) : NULL;
	if (b == NULL)
		return send_json(o->conn, 404, mem_json(json_pack("{ss}", "error", "no body is kept for this seq")));
	return send_bytes(o->conn, 200, "application/octet-stream", mem_copy(b->bytes, b->len), b->len);
}

enum MHD_Result control_serve(struct twin *t, struct MHD_Connection *conn, const char *url)
{
	struct order o = { .t = t, .conn = conn };
	const char *name = url + strlen("/_twin"), *path = arg(&o, "path");
	char *text;

	name += strspn(name, "/");
	twin_path(path ? path : "", o.path, sizeof o.path);
	if (*name == '\0') {
		text = page_text(t);
		return send_bytes(conn, 200, "text/plain; charset=utf-8", text, strlen(text));
	}
	if (strcmp(name, "body") == 0)
		return send_body(&o);
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		json_t *j = strcmp(orders[i].name, name) == 0 ? orders[i].run(&o) : NULL;

		if (j != NULL)
			return send_json(conn, 200, j);
		if (o.wrong != NULL)
			return send_json(conn, 400, mem_json(json_pack("{ss}", "error", o.wrong)));
	}
	return send_json(conn, 404, mem_json(json_pack("{ss}", "error", "no such control call; see /_twin/")));
}
