#include <string.h>

#include "adapt/admin_state.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"

enum { TARGET_SIZE = FR_TARGET_MAX + 1, DETAIL_MAX = 64 * 1024, KEYS_MAX = 2 };

/* What is to be thrown away: one of four. */
struct order {
	char target[TARGET_SIZE], key[64], endpoint[FR_PATH_TEXT_MAX], all[8];
	size_t n; /* purges, one for each key */
	struct fr_purge purges[KEYS_MAX];
};

static void refuse_endpoint(const struct fr_catalogue *c, struct fr_admin_reply *r)
{
	struct fr_buf detail;

	fr_buf_init(&detail, DETAIL_MAX);
	FR_ASSERT(fr_buf_add_text(&detail, "The catalogue has") == FR_OK);
	for (size_t i = 0; i + 1 < c->n; i++)
		FR_ASSERT(fr_buf_addf(&detail, "%s %.*s", i == 0 ? "" : ",", FR_STR_ARG(c->rows[i].path)) == FR_OK);
	FR_ASSERT(fr_buf_add_char(&detail, '.') == FR_OK);
	fr_admin_problem_of(r, MHD_HTTP_NOT_FOUND, "No such endpoint", &detail);
}

static bool of_endpoint(struct fr_admin *a, struct order *o, struct fr_admin_reply *r)
{
	struct fr_metrics_facts facts;
	const struct fr_endpoint *row;

	fr_admin_facts(a, &facts);
	row = fr_catalogue_find(facts.catalogue, fr_str_of(o->endpoint));
	if (row->is_other) {
		refuse_endpoint(facts.catalogue, r);
		return false;
	}
	o->purges[0] = (struct fr_purge){ .scope = FR_PURGE_ROW, .row = row->index };
	o->n = 1;
	return true;
}

static bool of_target(struct fr_admin *a, struct order *o, struct fr_admin_reply *r)
{
	struct fr_refusal why = { .problem = FR_PROBLEM_NONE };
	struct fr_key keys[KEYS_MAX];

	o->n = a->ports.keys_of(a->ports.ctx, fr_str_of(o->target), keys, &why);
	FR_ASSERT(o->n <= KEYS_MAX);
	for (size_t i = 0; i < o->n; i++)
		o->purges[i] = (struct fr_purge){ .scope = FR_PURGE_KEY, .key = keys[i] };
	if (o->n == 0)
		fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "The target names nothing that is stored", why.detail);
	return o->n > 0;
}

static bool of_key(struct order *o, struct fr_admin_reply *r)
{
	o->purges[0].scope = FR_PURGE_KEY;
	o->n = 1;
	if (fr_key_of_hex(fr_str_of(o->key), &o->purges[0].key))
		return true;
	fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "No such key", "key has 32 hex digits, as /explain shows it.");
	return false;
}

/* Reads which of the four it is; false with the refusal in `r`. */
static bool read_order(struct fr_admin *a, struct MHD_Connection *mhd, struct order *o, struct fr_admin_reply *r)
{
	int given;

	if (!fr_admin_param(mhd, "target", o->target, sizeof(o->target), r) ||
	    !fr_admin_param(mhd, "key", o->key, sizeof(o->key), r) ||
	    !fr_admin_param(mhd, "endpoint", o->endpoint, sizeof(o->endpoint), r) ||
	    !fr_admin_param(mhd, "all", o->all, sizeof(o->all), r))
		return false;
	given = (o->target[0] != '\0') + (o->key[0] != '\0') + (o->endpoint[0] != '\0') + (o->all[0] != '\0');
	if (given != 1 || (o->all[0] != '\0' && strcmp(o->all, "1") != 0)) {
		fr_admin_problem(
			r, MHD_HTTP_BAD_REQUEST, "What is to be purged?",
			"Name one thing: target=/path/?query (percent-encoded), key=32 hex digits, endpoint=/path/ or all=1.");
		return false;
	}
	if (o->target[0] != '\0')
		return of_target(a, o, r);
	if (o->key[0] != '\0')
		return of_key(o, r);
	if (o->endpoint[0] != '\0')
		return of_endpoint(a, o, r);
	o->purges[0] = (struct fr_purge){ .scope = FR_PURGE_ALL };
	o->n = 1;
	return true;
}

static void write_done(struct fr_admin *a, const struct order *o, bool soft, struct fr_admin_reply *r)
{
	const char *what = o->target[0] != '\0'     ? o->target
			   : o->key[0] != '\0'      ? o->key
			   : o->endpoint[0] != '\0' ? o->endpoint
						    : "all";
	struct fr_metrics_facts facts;
	char hex[33];

	fr_admin_facts(a, &facts);
	FR_ASSERT(fr_buf_add_text(&r->body, "{\"purged\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(what)) == FR_OK);
	FR_ASSERT(fr_buf_addf(&r->body, ",\"soft\":%s", soft ? "true" : "false") == FR_OK);
	for (size_t i = 0; i < o->n && o->purges[i].scope == FR_PURGE_KEY; i++) {
		fr_key_hex(o->purges[i].key, hex);
		FR_ASSERT(fr_buf_addf(&r->body, "%s\"%s\"", i == 0 ? ",\"keys\":[" : ",", hex) == FR_OK);
	}
	if (o->purges[0].scope == FR_PURGE_KEY)
		FR_ASSERT(fr_buf_add_char(&r->body, ']') == FR_OK);
	if (facts.gauges.store_up == 0)
		FR_ASSERT(fr_buf_add_text(&r->body,
					  ",\"detail\":\"Redis is away: so far this instance alone knows of it, and tells the "
					  "others when Redis is there again.\"") == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, "}\n") == FR_OK);
}

struct fr_admin_job *fr_admin_purge(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	static const char *const softly[] = { "0", "1" };
	struct fr_admin *a = host->admin;
	struct order o = { .n = 0 };
	size_t soft;

	r->type = "application/json";
	if (!fr_admin_choice(mhd, "soft", softly, 2, &soft, r) || !read_order(a, mhd, &o, r))
		return NULL;
	for (size_t i = 0; i < o.n; i++) {
		o.purges[i].soft = soft == 1;
		a->ports.purge(a->ports.ctx, &o.purges[i]);
	}
	write_done(a, &o, soft == 1, r);
	return NULL;
}

struct fr_admin_job *fr_admin_explain(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	static const char *const formats[] = { "text", "json" };
	struct fr_admin *a = host->admin;
	char target[TARGET_SIZE];
	struct fr_buf text;
	enum fr_err e;
	size_t format;

	if (!fr_admin_param(mhd, "target", target, sizeof(target), r) || !fr_admin_choice(mhd, "format", formats, 2, &format, r))
		return NULL;
	if (target[0] == '\0') {
		fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "What is to be explained?",
				 "Name it: target=/path/?query, percent-encoded, or a whole URL.");
		return NULL;
	}
	fr_buf_init(&text, FR_ADMIN_BODY_MAX / 8);
	e = a->ports.explain(a->ports.ctx, fr_str_of(target), &text);
	FR_ASSERT(e == FR_OK || e == FR_INVALID);
	if (format == 0) {
		FR_ASSERT(fr_buf_add_str(&r->body, fr_buf_str(&text)) == FR_OK);
	} else {
		r->type = "application/json";
		FR_ASSERT(fr_buf_addf(&r->body, "{\"refused\":%s,\"text\":", e == FR_OK ? "false" : "true") == FR_OK);
		FR_ASSERT(fr_buf_add_json(&r->body, fr_buf_str(&text)) == FR_OK && fr_buf_add_text(&r->body, "}\n") == FR_OK);
	}
	fr_buf_free(&text);
	return NULL;
}
