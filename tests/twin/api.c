/* api.c — the way of one call: arrive, wait, be answered, be booked. */
#include "mem.h"
#include "reply.h"
#include "twin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *headers_of(struct MHD_Connection *conn)
{
	static const struct {
		const char *name;
		bool secret;
	} rows[] = { { "accept", false },       { "accept-encoding", false }, { "user-agent", false },
		     { "host", false },         { "x-api-key", true },        { "authorization", true },
		     { "cookie", true },        { "cache-control", false },   { "if-none-match", false },
		     { "x-request-id", false }, { "x-forwarded-for", false }, { "via", false },
		     { "connection", false },   { "frugal-fields", false },   { "traceparent", false } };
	json_t *j = mem_json(json_object());

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *value = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, rows[i].name);

		if (value != NULL)
			json_object_set_new(j, rows[i].name, mem_json_text(rows[i].secret ? "(present)" : value));
	}
	return j;
}

static enum refusal check_key(const struct twin *t, struct MHD_Connection *conn)
{
	const char *key = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "X-Api-Key");

	if (t->key[0] == '\0')
		return REFUSED_NOT;
	if (key == NULL || *key == '\0')
		return REFUSED_NO_KEY;
	return strcmp(key, t->key) == 0 ? REFUSED_NOT : REFUSED_UNKNOWN_KEY;
}

/* A fault goes before everything else, so that a test gets what it ordered. */
static void arrive(struct call *c)
{
	struct twin *t = c->twin;
	int64_t now = twin_mono_ms();
	enum refusal key = check_key(t, c->berth.conn);
	char *path = mem_copy(c->target, strcspn(c->target, "?"));

	c->epoch = t->epoch;
	c->seq = ledger_open(&t->ledger, c->path, path, c->query, headers_of(c->berth.conn), key == REFUSED_NOT, twin_wall_ms(),
			     now);
	free(path);
	if (c->refusal == REFUSED_NOT)
		c->refusal = key;
	if (c->refusal == REFUSED_NOT && t->rate > 0 && window_count(&t->accepted, now) >= (size_t)t->rate)
		c->refusal = REFUSED_TOO_FAST;
	if (c->refusal == REFUSED_NOT)
		window_add(&t->accepted, now);
	faults_take(&t->faults, c->path, c->query, &c->fault);
}

void api_settle(struct call *c, const struct outcome *o)
{
	if (!c->settled && c->epoch == c->twin->epoch)
		ledger_settle(&c->twin->ledger, c->seq, c->path, o);
	c->settled = true;
}

static void settle_reply(struct call *c, const struct reply *r)
{
	size_t len = r->how == DELIVER_HALF      ? r->len / 2
		     : r->how == DELIVER_HUGE    ? HUGE_BYTES
		     : r->how == DELIVER_NOTHING ? 0
						 : r->len;
	struct outcome o = { .status = r->how == DELIVER_NOTHING ? 0 : r->status,
			     .kind = r->kind,
			     .body = r->body,
			     .body_bytes = len,
			     .keep_body = r->how != DELIVER_HUGE };

	o.billed = o.status == 200 && !r->account;
	api_settle(c, &o);
}

void api_abandon(struct call *c)
{
	struct reply r;

	reply_make(c, c->berth.conn, &r);
	settle_reply(c, &r);
	free(r.body);
}

static ssize_t read_half(void *cls, uint64_t pos, char *buf, size_t max)
{
	const struct call *c = cls;
	size_t left = c->body_len / 2 - (size_t)pos;

	if (left == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left < max)
		max = left;
	memcpy(buf, c->body + pos, max);
	return (ssize_t)max;
}

static ssize_t read_huge(void *cls, uint64_t pos, char *buf, size_t max)
{
	(void)cls;
	return (ssize_t)reply_huge(pos, buf, max);
}

/* A tenth of the body at a time, with a rest before each. */
static ssize_t read_slowly(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct call *c = cls;
	size_t left = c->body_len - (size_t)pos, step = c->body_len / 10 + 1;

	c->rested = !c->rested;
	if (c->rested)
		return lot_park(&c->twin->lot, &c->berth, WAIT_TIME, twin_mono_ms() + c->pause_ms)
			       ? 0
			       : MHD_CONTENT_READER_END_WITH_ERROR;
	if (step > left)
		step = left;
	if (step < max)
		max = step;
	memcpy(buf, c->body + pos, max);
	return (ssize_t)max;
}

/* Takes the reply's body. */
static struct MHD_Response *make_response(struct call *c, struct reply *r)
{
	static const MHD_ContentReaderCallback readers[] = {
		[DELIVER_HALF] = read_half, [DELIVER_HUGE] = read_huge, [DELIVER_SLOWLY] = read_slowly
	};
	char *body = r->body;
	uint64_t size = r->how == DELIVER_HUGE ? HUGE_BYTES : r->len;

	r->body = NULL;
	if (r->how == DELIVER_WHOLE)
		return MHD_create_response_from_buffer(r->len, body, MHD_RESPMEM_MUST_FREE);
	free(c->body);
	c->body = body;
	c->body_len = r->len;
	c->pause_ms = (c->fault.ms > 0 ? c->fault.ms : 1000) / 10;
	return MHD_create_response_from_callback(size, 16384, readers[r->how], c, NULL);
}

static bool add_headers(struct MHD_Response *m, const struct reply *r)
{
	char seconds[24];
	bool ok = MHD_add_response_header(m, "Content-Type", r->type) == MHD_YES;

	snprintf(seconds, sizeof seconds, "%" PRId64, r->retry_after);
	if (r->retry_after >= 0)
		ok = ok && MHD_add_response_header(m, "Retry-After", seconds) == MHD_YES;
	if (r->location != NULL)
		ok = ok && MHD_add_response_header(m, "Location", r->location) == MHD_YES;
	if (r->no_store)
		ok = ok && MHD_add_response_header(m, "Cache-Control",
						   strcmp(r->kind, "extra") == 0 ? "no-store" : "no-store, private") == MHD_YES;
	return ok;
}

static enum MHD_Result answer(struct call *c)
{
	struct reply r;
	struct MHD_Response *m;
	enum MHD_Result queued = MHD_NO;

	reply_make(c, c->berth.conn, &r);
	settle_reply(c, &r);
	c->stage = STAGE_ANSWERED;
	if (r.how == DELIVER_NOTHING) {
		free(r.body);
		return MHD_NO;
	}
	if (r.how == DELIVER_WHOLE)
		since_note(c->twin, r.made_ms, c->path, r.body, r.len);
	m = make_response(c, &r);
	if (m != NULL && add_headers(m, &r))
		queued = MHD_queue_response(c->berth.conn, r.status, m);
	if (m != NULL)
		MHD_destroy_response(m);
	return queued;
}

/* Each stage says where the call goes on after its wait. */
enum MHD_Result api_serve(struct call *c)
{
	struct twin *t = c->twin;
	const struct rule *delay;

	if (c->stage < STAGE_ARRIVED) {
		arrive(c);
		c->stage = STAGE_ARRIVED;
	}
	if (c->stage == STAGE_ARRIVED) {
		c->stage = STAGE_HELD;
		if (rules_find(&t->holds, c->path) != NULL)
			return lot_park(&t->lot, &c->berth, WAIT_HOLD, 0) ? MHD_YES : MHD_NO;
	}
	if (c->stage == STAGE_HELD) {
		c->stage = STAGE_HUNG;
		if (c->fault.kind == FAULT_HANG) {
			api_settle(c, &(struct outcome){ .status = 200, .billed = true, .kind = "hang" });
			return lot_park(&t->lot, &c->berth, WAIT_HANG, 0) ? MHD_YES : MHD_NO;
		}
	}
	if (c->stage == STAGE_HUNG) {
		c->stage = STAGE_DELAYED;
		delay = rules_find(&t->delays, c->path);
		if (delay != NULL && delay->ms > 0)
			return lot_park(&t->lot, &c->berth, WAIT_TIME, twin_mono_ms() + delay->ms) ? MHD_YES : MHD_NO;
	}
	return answer(c);
}
