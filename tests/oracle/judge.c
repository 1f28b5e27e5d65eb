#include "tests/oracle/judge.h"

#include "base/alloc.h"
#include "base/blob.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/reply.h"
#include "tests/oracle/judge_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 10 };

static void show(const struct hearing *h, const char *what, const char *where, int64_t a, int64_t b)
{
	const struct judge_counts *c = &h->j->counts;

	if (c->wrong + c->old + c->dead > SHOWN_MAX)
		return;
	fprintf(stderr, "seed %" PRIu64 ", at %" PRId64 ": %s: %s (%" PRId64 ", %" PRId64 ")\n  %s [%s]\n  %s, %s\n  %.500s\n",
		h->j->seed, h->now_ms, what, where, a, b, h->r->target, h->r->needs, h->status, h->learnt, h->body);
}

void found_wrong(const struct hearing *h, const char *what, const char *where, int64_t a, int64_t b)
{
	h->j->counts.wrong++;
	show(h, what, where, a, b);
}

void found_old(const struct hearing *h, const char *where, int64_t age_ms, int64_t agreed_ms)
{
	h->j->counts.old++;
	show(h, "older than agreed", where, age_ms, agreed_ms);
}

void found_dead(const struct hearing *h, const char *where, int64_t dies)
{
	h->j->counts.dead++;
	show(h, "a dead link", where, dies, h->now_ms / 1000);
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	static const char noise[] = "{\"req_id\":\"";

	if (strcmp(a, b) == 0)
		return true;
	if (strncmp(a, noise, sizeof noise - 1) == 0)
		return strncmp(b, noise, sizeof noise - 1) == 0 && strlen(a) == strlen(b);
	return link_is(a) && link_is(b) && link_same(a, b);
}

/* In whatever order. */
static bool same_map(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)a, key, value)
		if (json_object_get(b, key) == NULL || !same_value(value, json_object_get(b, key)))
			return false;
	return json_object_size(a) == json_object_size(b);
}

bool same_value(const json_t *a, const json_t *b)
{
	if (json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a)) {
	case JSON_STRING: return same_text(json_string_value(a), json_string_value(b));
	case JSON_OBJECT: return same_map(a, b);
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(a); i++)
			if (i >= json_array_size(b) || !same_value(json_array_get(a, i), json_array_get(b, i)))
				return false;
		return json_array_size(a) == json_array_size(b);
	default: return json_equal(a, b) != 0;
	}
}

void check_links(const struct hearing *h, const char *where, const json_t *value)
{
	const char *key, *text = json_string_value(value);
	json_t *inner;
	size_t i;

	if (text != NULL && link_is(text) && link_dies(text, strlen(text)) * 1000 <= h->now_ms)
		found_dead(h, where, link_dies(text, strlen(text)));
	json_object_foreach ((json_t *)(uintptr_t)value, key, inner)
		check_links(h, key, inner);
	json_array_foreach (value, i, inner)
		check_links(h, where, inner);
}

/* ---- moments -------------------------------------------------------------------------------------------------------- */

/* design.md, section 5. */
static int64_t fresh_ms(const struct asked *a, int64_t at_ms)
{
	const struct fr_endpoint *row = a->row;
	int64_t age = at_ms - (int64_t)(a->post >> 32) * 1000;
	size_t i = 0;

	if (a->cursor != 0 && row->fresh_deep.v > row->fresh.v)
		return row->fresh_deep.v;
	if (row->n_steps == 0)
		return row->fresh.v;
	while (i + 1 < row->n_steps && age >= row->steps[i].younger.v)
		i++;
	return row->steps[i].fresh.v < row->fresh.v ? row->steps[i].fresh.v : row->fresh.v;
}

bool age_tells(const struct hearing *h, int64_t at_ms)
{
	int64_t age = h->now_ms - at_ms;

	return age >= h->age_s * 1000 - 1 && age <= h->age_s * 1000 + 1000;
}

void check_age(const struct hearing *h, int64_t at_ms)
{
	int64_t agreed = fresh_ms(&h->asked, at_ms), waited = h->r->answered_at.v - h->r->asked_at.v;
	const char *ttl = strstr(h->status, "ttl=");

	if (h->rescue || h->r->max_stale_ms >= 0)
		agreed = h->asked.row->rescue.v > agreed ? h->asked.row->rescue.v : agreed;
	else if (ttl == NULL || ttl[4] == '-')
		agreed += h->asked.row->stale.v;
	if (h->now_ms - at_ms > agreed + waited)
		found_old(h, "the answer", h->now_ms - at_ms, agreed);
}

void check_owner(const struct hearing *h, int64_t at_ms)
{
	const char *id;
	json_t *body;

	if (h->asked.name[0] == '\0' || h->rescue || (body = json_loads(h->body, 0, NULL)) == NULL)
		return;
	id = json_string_value(json_object_get(body, "id"));
	if (id == NULL)
		id = json_string_value(json_object_get(json_object_get(body, "user"), "id"));
	if (id != NULL && calls_told_otherwise(h->j->calls, h->asked.name, id, at_ms, h->now_ms - GRACE_MS))
		found_wrong(h, "the name is known to belong to somebody else, or to nobody", h->asked.name, at_ms, 0);
	json_decref(body);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

/* All links of a body that is served as it came, in a row whose answers are useless without them. */
static void check_body_links(const struct hearing *h)
{
	int64_t dies = link_dies(h->body, strlen(h->body));

	if (h->asked.row->links != FR_LINKS_NONE && dies != INT64_MAX && dies * 1000 <= h->now_ms &&
	    (h->asked.row->links == FR_LINKS_REQUIRED || fr_reply_header(h->reply, "Frugal-Expired-Fields") == NULL))
		found_dead(h, "the body", dies);
}

/* What is wrong with a list is the same for all its pages. */
static bool could_be(const struct hearing *h, const struct call *c)
{
	return asked_same(&c->asked, &h->asked) || c->error ||
	       (c->paged && c->asked.cursor == h->asked.cursor && c->listing.n <= h->asked.count);
}

/* Somebody must have sent just that, at the moment that its age says. */
static void judge_verbatim(const struct hearing *h)
{
	uint64_t bytes = fr_hash64(4, h->body, strlen(h->body));

	h->j->counts.verbatim++;
	for (const struct call *c = calls_about(h->j->calls, h->asked.thing); c != NULL; c = c->before) {
		int64_t age = h->now_ms - c->at_ms;

		if (c->bytes != bytes || !could_be(h, c) || age / 1000 > h->age_s + 1)
			continue;
		if (c->error)
			return;
		check_age(h, c->at_ms);
		check_owner(h, c->at_ms);
		check_body_links(h);
		return;
	}
	found_wrong(h, "a body that the API never sent at that age", "the body", h->age_s, 0);
}

static bool marked(const struct hearing *h, const char *word)
{
	return strstr(h->status, word) != NULL;
}

static void judge_body(const struct hearing *h)
{
	bool entity = marked(h, "entity"), derived = marked(h, "derived-alias"), page = marked(h, "page-slice");

	if (entity + derived + page > 1)
		found_wrong(h, "more than one origin", h->status, 0, 0);
	if (h->rescue && entity + derived + page > 0)
		h->j->counts.rescued++;
	if (entity)
		judge_entity(h);
	else if (derived)
		judge_derived(h);
	else if (page && h->blanked)
		judge_blanked(h);
	else if (page)
		judge_page(h);
	else if (h->blanked)
		judge_blanked(h);
	else
		judge_verbatim(h);
}

static const char *header(const struct fr_reply *reply, const char *name)
{
	const char *value = fr_reply_header(reply, name);

	return value != NULL ? value : "";
}

void judge_reply(struct judge *j, size_t request, const struct fr_reply *reply)
{
	struct hearing h = { .j = j,
			     .r = world_reply(j->world, request),
			     .reply = reply,
			     .status = header(reply, "Cache-Status"),
			     .learnt = header(reply, "Frugal-Learnt"),
			     .now_ms = world_wall(j->world),
			     .age_s = strtoll(header(reply, "Age"), NULL, 10) };

	j->counts.answers++;
	free(j->last_body);
	listing_free(&j->last);
	h.body = j->last_body = fr_strndup(reply->body != NULL ? reply->body->bytes : "",
					   reply->body != NULL ? reply->body->n : 0);
	if (reply->status != 200 || h.status[0] == '\0') {
		j->counts.failed++;
		return;
	}
	asked_read(j->catalogue, h.r->target, &h.asked);
	h.blanked = h.asked.row->links == FR_LINKS_REQUIRED && header(reply, "Frugal-Expired-Fields")[0] != '\0';
	h.rescue = marked(&h, "stale-error") || marked(&h, "stale-budget");
	(void)listing_read(h.asked.row, h.body, &j->last);
	judge_body(&h);
}

uint64_t judge_composed(const struct judge_counts *c)
{
	return c->entity_whole + c->entity_needs + c->derived + c->page + c->stitched;
}
