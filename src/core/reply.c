#include "core/reply.h"

#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/budget.h"
#include "core/cache_status.h"
#include "core/fields.h"
#include "core/head.h"
#include "core/links.h"

#include "base/pure.h"

enum {
	DEAD_TEXT_MAX = FR_LINKS_MAX * (FR_NAME_MAX + 2), /* "play, cover" of the longest names */
	ETAG_TEXT = 18,
	BUDGET_TEXT_MAX = FR_BUDGET_NAME_MAX + 128,
	LEARNT_TEXT_MAX = 640,
	REST_TEXT_MAX = 640 /* Cache-Control, Cache-Status, numbers, media type */
};
_Static_assert(DEAD_TEXT_MAX + FR_REQUEST_ID_MAX + ETAG_TEXT + BUDGET_TEXT_MAX + LEARNT_TEXT_MAX + REST_TEXT_MAX <
		       FR_HEADER_TEXT_MAX,
	       "all fields of a reply fit");

static void start(struct fr_reply *r, const struct fr_reply_facts *f)
{
	r->now = f->now;
	r->status = 0;
	r->body = NULL;
	r->head = NULL;
	r->n = 0;
	r->used = 0;
}

/* A structured field's item (RFC 9651): the fullest budget's name, how full it is, and which step of the ladder that is. */
static void add_budget(struct fr_reply *r, const struct fr_budget_note *b)
{
	fr_fields_add_int(r, "X-Credits-Remaining", b->left);
	if (b->step == FR_STEP_NONE)
		return;
	fr_fields_begin(r, "Frugal-Budget");
	fr_fields_put(r, "\"");
	fr_fields_put(r, b->budget);
	fr_fields_put(r, "\"; used=");
	fr_fields_put_int(r, b->permille / 10);
	fr_fields_put(r, "; step=");
	fr_fields_put(r, fr_step_name(b->step));
	fr_fields_end(r);
}

/* What every reply says, whatever its status, but for the request's id. */
static void add_account(struct fr_reply *r, const struct fr_reply_facts *f)
{
	fr_fields_add_int(r, "X-Credits-Spent", f->spent);
	fr_fields_add_int(r, "X-Credits-Avoided", f->avoided);
	if (f->budget.budget != NULL)
		add_budget(r, &f->budget);
}

/* The request's id, fit for a header and for the body of a problem; returns it as it stands in the reply. */
static struct fr_str add_id(struct fr_reply *r, struct fr_str id)
{
	char *to = r->text + r->used, *space;
	size_t n = id.n < FR_REQUEST_ID_MAX ? id.n : FR_REQUEST_ID_MAX;

	fr_fields_add(r, "X-Request-Id", (struct fr_str){ id.p, n });
	while ((space = memchr(to, ' ', n)) != NULL)
		*space = '?';
	return (struct fr_str){ to, n };
}

static bool of_uncatalogued_path(const struct fr_reply_facts *f)
{
	return f->outcome == FR_OUTCOME_BYPASS || (f->from_flight && f->reason == FR_REASON_BYPASS);
}

/* May this reply be kept by those who receive it? */
static bool keepable(const struct fr_reply_facts *f)
{
	return fr_verdict_stored(f->answer->verdict) && !of_uncatalogued_path(f);
}

static void add_cache_control(struct fr_reply *r, const struct fr_reply_facts *f)
{
	int64_t left = fr_cache_status_seconds(f->view.left);

	fr_fields_begin(r, "Cache-Control");
	if (!keepable(f)) {
		fr_fields_put(r, "no-store");
	} else {
		fr_fields_put(r, "max-age=");
		fr_fields_put_int(r, f->view.freshness == FR_FRESH && left > 0 ? left : 0);
	}
	fr_fields_end(r);
}

static bool sends_packed(const struct fr_reply_facts *f)
{
	return f->gzip && f->body == NULL && f->answer->packed != NULL;
}

/* A strong tag of the bytes that are sent: 16 hex digits in quotes. A body that is not the answer's own has a tag of its own, and so has a packed one. */
static struct fr_str etag_of(const struct fr_reply_facts *f, char ret[ETAG_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	uint64_t tag = f->body == NULL ? f->answer->etag : fr_hash64(0, f->body->bytes, f->body->n);

	if (sends_packed(f))
		tag = fr_hash64(1, &tag, sizeof(tag));

	ret[0] = ret[ETAG_TEXT - 1] = '"';
	for (size_t i = 0; i < 16; i++)
		ret[1 + i] = hex[tag >> (60 - 4 * i) & 15];
	return (struct fr_str){ ret, ETAG_TEXT };
}

/* Another client may be sent other bytes. */
static void add_coding(struct fr_reply *r, const struct fr_reply_facts *f)
{
	bool either = f->body == NULL && f->answer->packed != NULL;

	if (sends_packed(f))
		fr_fields_add(r, "Content-Encoding", FR_STR("gzip"));
	if (f->partial)
		fr_fields_add(r, "Vary",
			      either ? FR_STR("Frugal-Fields, X-Api-Key, Accept-Encoding") : FR_STR("Frugal-Fields, X-Api-Key"));
	else if (either)
		fr_fields_add(r, "Vary", FR_STR("Accept-Encoding"));
}

static void add_expired_fields(struct fr_reply *r, const struct fr_reply_facts *f)
{
	fr_wall dead_by = { f->now.v + f->links_margin.v };
	struct fr_links_facts links;
	char names[DEAD_TEXT_MAX];

	if (f->answer->links_first.v == 0 || f->answer->links_first.v > dead_by.v)
		return;
	links = fr_links_scan(fr_blob_str(f->answer->body));
	if (fr_links_dead(&links, dead_by, names, sizeof(names)) > 0)
		fr_fields_add(r, "Frugal-Expired-Fields", fr_str_of(names));
}

void fr_reply_head(struct fr_reply *r, const struct fr_reply_facts *f)
{
	const struct fr_answer *a = f->answer;
	char etag[ETAG_TEXT];
	int64_t age = fr_cache_status_seconds(f->view.age);

	FR_ASSERT(a != NULL && a->body != NULL && !a->alias);
	FR_ASSERT(FR_IMPLIES(f->blanked, f->body != NULL));
	start(r, f);
	r->status = f->native_status && a->verdict == FR_VERDICT_NOT_FOUND ? 404 : a->status;
	fr_fields_add(r, "Content-Type", a->type[0] != '\0' ? fr_str_of(a->type) : FR_STR("application/json"));
	fr_fields_add_int(r, "Age", age > 0 ? age : 0);
	if (r->status == 200 && keepable(f))
		fr_fields_add(r, "ETag", etag_of(f, etag));
	add_cache_control(r, f);
	fr_cache_status_add(r, f);
	if (f->learnt != NULL)
		fr_fields_add(r, "Frugal-Learnt", fr_str_of(f->learnt));
	add_coding(r, f);
	add_expired_fields(r, f);
	add_account(r, f);
}

/* What a reply adds to its head: the request's own. */
static void finish(struct fr_reply *r, const struct fr_reply_facts *f, const char *etag)
{
	(void)add_id(r, f->request_id);
	if (etag != NULL && f->if_none_match.n > 0 && fr_fields_names_etag(f->if_none_match, fr_str_of(etag)))
		r->status = 304;
	r->body = fr_blob_hold(f->body != NULL ? f->body : sends_packed(f) ? f->answer->packed : f->answer->body);
}

void fr_reply_answer(struct fr_reply *r, const struct fr_reply_facts *f)
{
	fr_reply_head(r, f);
	finish(r, f, fr_reply_header(r, "ETag"));
}

void fr_reply_prepared(struct fr_reply *r, struct fr_head *head, const struct fr_reply_facts *f)
{
	start(r, f);
	r->status = head->status;
	r->head = head;
	finish(r, f, f->if_none_match.n > 0 ? fr_head_value(head, "ETag") : NULL);
}

void fr_reply_problem(struct fr_reply *r, const struct fr_refusal *why, fr_ms retry_after, const struct fr_reply_facts *f)
{
	int64_t seconds = retry_after.v > 0 ? (retry_after.v - 1) / 1000 + 1 : 0;
	struct fr_str id;
	struct fr_buf body;
	enum fr_err e;

	start(r, f);
	r->status = fr_problem_status(why->problem);
	fr_fields_add(r, "Content-Type", FR_STR("application/problem+json"));
	fr_fields_add(r, "Cache-Control", FR_STR("no-store"));
	if (f->from_flight)
		fr_cache_status_add(r, f);
	if (seconds > 0)
		fr_fields_add_int(r, "Retry-After", seconds);
	if (why->problem == FR_PROBLEM_METHOD)
		fr_fields_add(r, "Allow", FR_STR("GET, HEAD"));
	if (why->problem == FR_PROBLEM_POST_ONLY)
		fr_fields_add(r, "Allow", FR_STR("POST"));
	if (why->problem == FR_PROBLEM_UNKNOWN_CLIENT)
		fr_fields_add(r, "WWW-Authenticate", FR_STR("ApiKey realm=\"frugald\""));
	add_account(r, f);
	id = add_id(r, f->request_id);
	fr_buf_init(&body, FR_BODY_MAX);
	e = fr_problem_body(&body, why, id, seconds);
	FR_ASSERT(e == FR_OK); /* a detail and an id are small */
	r->body = fr_blob_of(body.p, body.len);
	fr_buf_free(&body);
}

void fr_reply_done(struct fr_reply *r)
{
	fr_blob_drop(r->body);
	r->body = NULL;
}

size_t fr_reply_fields(const struct fr_reply *r)
{
	return (r->head != NULL ? r->head->n : 0) + r->n;
}

void fr_reply_field(const struct fr_reply *r, size_t i, const char **ret_name, const char **ret_value)
{
	size_t in_head = r->head != NULL ? r->head->n : 0;
	const struct fr_reply_field *f = i < in_head ? &r->head->fields[i] : &r->headers[i - in_head];

	FR_ASSERT(i < fr_reply_fields(r));
	*ret_name = f->name;
	*ret_value = (i < in_head ? r->head->text : r->text) + f->at;
}

const char *fr_reply_header(const struct fr_reply *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (fr_str_eq_nocase(fr_str_of(r->headers[i].name), fr_str_of(name)))
			return r->text + r->headers[i].at;
	return r->head != NULL ? fr_head_value(r->head, name) : NULL;
}
