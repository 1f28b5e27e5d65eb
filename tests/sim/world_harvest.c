/* Judges replies that were not the upstream's own answer to their question, and makes names change hands. */
#include "base/assert.h"
#include "base/str.h"
#include "core/links.h"
#include "core/posturl.h"
#include "tests/sim/upstream_fake.h"
#include "tests/sim/world_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_move_name(struct world *w, unsigned name, unsigned owner)
{
	FR_ASSERT(name < FAKE_USERS && owner < FAKE_USERS && w->moves.n < FAKE_MOVES_MAX);
	w->moves.at[w->moves.n++] = (struct fake_move){ world_wall(w), name, owner };
}

void world_fields(struct world *w, const char *fields)
{
	w->fields = fields;
}

size_t world_get_fields(struct world *w, size_t instance, const char *target, const char *fields)
{
	size_t n;

	w->fields = fields;
	n = world_get(w, instance, target, NULL);
	w->fields = NULL;
	return n;
}

const char *world_last_body(const struct world *w)
{
	return w->last_body;
}

/* What the client reads of this answer, as names with commas or spaces; "" is everything. */
void note_needs(const struct world *w, struct world_reply *r, size_t reader)
{
	struct fr_str path = { r->target, fr_str_find(fr_str_of(r->target), '?') };
	const struct fr_endpoint *e = fr_catalogue_find(&w->conf->catalogue, path);
	const char *in_query = strstr(r->target, FR_NEEDS_PARAM "=");
	struct fr_str said = w->conf->roster.readers[reader].said[e->index];
	struct fr_needs needs;

	if (w->fields != NULL)
		said = fr_str_of(w->fields);
	if (in_query != NULL)
		said = fr_str_of(in_query + sizeof FR_NEEDS_PARAM);
	said.n = fr_str_find(said, '&');
	needs = fr_needs_read(&e->shape, said);
	(void)fr_str_copy(r->needs, sizeof r->needs, needs.bits != 0 ? said : FR_STR(""));
}

static int64_t number_behind(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at == NULL ? 0 : strtoll(at + strlen(mark), NULL, 10);
}

static void broken(struct world *w, const char *what, long long a, long long b, const char *body)
{
	fprintf(stderr, "  %s\n  %s\n", w->last->learnt, body);
	for (size_t i = 0; i < w->moves.n; i++)
		fprintf(stderr, "  move %lld %u %u\n", (long long)w->moves.at[i].at, w->moves.at[i].name, w->moves.at[i].owner);
	world_broken(w, what, a, b);
}

/* ---- answers that another answer taught ----------------------------------------------------------------------------- */

static void check_derived(struct world *w, const struct world_reply *r, const struct fr_endpoint *e, const char *body)
{
	uint64_t thing = upstream_thing(&w->moves, r->target, r->made_at);

	if (fr_str_is(e->path, "/userid/") && (uint64_t)number_behind(body, "\"id\":\"") != thing)
		broken(w, "an id that was never this name's", number_behind(body, "\"id\":\""), (long long)thing, body);
	if (fr_str_starts(e->path, "/userinfo") && (uint64_t)number_behind(body, "\"user\":{\"id\":\"") != thing)
		broken(w, "somebody else's profile", number_behind(body, "\"user\":{\"id\":\""), (long long)thing, body);
	if (fr_str_is(e->path, "/download-video/") && (uint64_t)number_behind(body, "\\/video\\/") != thing)
		broken(w, "the links of another post", number_behind(body, "\\/video\\/"), (long long)thing, body);
}

/* ---- answers that were put together --------------------------------------------------------------------------------- */

struct sources {
	int64_t full, piece; /* their moments, 0: not used */
	uint64_t post;
};

/* What was asked for in the moment of a purge counts as a millisecond younger. */
static bool same_moment(int64_t said, int64_t claimed)
{
	return claimed == said || claimed == said + 1;
}

static void check_moment(struct world *w, const struct sources *s, int64_t said, int64_t agreed, const char *body)
{
	int64_t age = world_wall(w) - said;

	if (w->clock_was_set) /* perhaps while the call was on its way */
		return;
	if (said == 0 || (!same_moment(said, s->full) && !same_moment(said, s->piece)))
		broken(w, "a field of no moment that the reply names", said, s->full, body);
	if (age > agreed)
		broken(w, "a field older than agreed", age, agreed, body);
}

static bool is_rescue(const struct world_reply *r)
{
	return strstr(r->cache_status, "stale-error") != NULL || strstr(r->cache_status, "stale-budget") != NULL;
}

/* How old a counter of the post may be that was said at a moment: the catalogue's steps, or the tier's own time. */
static int64_t agreed_for_counter(const struct world *w, const struct world_reply *r, const struct fr_endpoint *e, uint64_t post,
				  int64_t said)
{
	int64_t tier = w->conf->roster.tiers[r->tier].fresh[e->index].v, age = said - fr_posturl_created(post).v;
	size_t i = 0;

	if (is_rescue(r))
		return e->rescue.v;
	if (tier >= 0 || e->n_steps == 0)
		return tier >= 0 ? tier : e->fresh.v;
	while (i + 1 < e->n_steps && age >= e->steps[i].younger.v)
		i++;
	return e->steps[i].fresh.v < e->fresh.v ? e->steps[i].fresh.v : e->fresh.v;
}

static void check_fields(struct world *w, const struct world_reply *r, const struct fr_endpoint *e, const struct sources *s,
			 const char *body)
{
	int64_t tier = w->conf->roster.tiers[r->tier].fresh[e->index].v;
	int64_t agreed = is_rescue(r) ? e->rescue.v : tier >= 0 ? tier : e->fresh.v;
	const char *title = strstr(body, "\"title\":\"");
	struct fr_links_facts links = fr_links_scan(fr_str_of(body));

	for (size_t i = 0; i < e->counters.n; i++) {
		char mark[FR_NAME_MAX + 8];
		int64_t said;

		snprintf(mark, sizeof mark, "\"%.*s\":", FR_STR_ARG(e->counters.at[i]));
		said = number_behind(body, mark);
		if (strstr(body, mark) != NULL)
			check_moment(w, s, said, agreed_for_counter(w, r, e, s->post, said), body);
	}
	if (title != NULL && (uint64_t)strtoull(title + 9, NULL, 10) != s->post)
		broken(w, "the title of another thing", 0, (long long)s->post, body);
	if (title != NULL)
		check_moment(w, s, number_behind(title, " at "), agreed, body);
	if (strstr(body, "\\/video\\/") != NULL && (uint64_t)number_behind(body, "\\/video\\/") != s->post)
		broken(w, "the links of another post", number_behind(body, "\\/video\\/"), (long long)s->post, body);
	if (!w->clock_was_set && links.first.v != 0 && links.first.v <= world_wall(w) + w->conf->settings.links_margin.v)
		broken(w, "a dead link was put into an answer", links.first.v, world_wall(w), body);
}

/* The upstream's own keys in their own order. */
static void check_whole(struct world *w, const char *body)
{
	static const char *const keys[] = {
		"id",         "title",      "create_time",   "play",        "size",          "music_info",
		"play_count", "digg_count", "comment_count", "share_count", "collect_count", "author",
		"hdplay",     "hd_size",    "thing",         "at",          "serial"
	};
	const char *from = body;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char mark[64];

		snprintf(mark, sizeof mark, "\"%s\":", keys[i]);
		from = strstr(from, mark);
		if (from == NULL)
			broken(w, "an answer for everybody with a hole", (long long)i, 0, body);
	}
}

static void check_needs(struct world *w, const struct world_reply *r, const struct fr_endpoint *e, const char *body)
{
	uint64_t bits = fr_needs_read(&e->shape, fr_str_of(r->needs)).bits;

	for (size_t i = 0; i < e->shape.n; i++) {
		char mark[FR_NAME_MAX + 8];

		snprintf(mark, sizeof mark, "\"%.*s\":", FR_STR_ARG(e->shape.at[i].name));
		if ((bits & UINT64_C(1) << i) != 0 && strstr(body, mark) == NULL)
			broken(w, "a field that the client reads is missing", (long long)i, 0, body);
	}
}

static void check_composed(struct world *w, const struct world_reply *r, const struct fr_endpoint *e, const char *body)
{
	const struct sources s = { number_behind(r->learnt, "full;at="), number_behind(r->learnt, "piece;at="),
				   upstream_thing(&w->moves, r->target, r->made_at) };

	if ((uint64_t)number_behind(body, "\"id\":\"") != s.post)
		broken(w, "another thing", number_behind(body, "\"id\":\""), (long long)s.post, body);
	check_fields(w, r, e, &s, body);
	if (r->needs[0] == '\0' && fr_str_is(e->path, "/post-detail/"))
		check_whole(w, body);
	else
		check_needs(w, r, e, body);
}

/* The earliest moment that the reply names. */
static int64_t earliest(const char *learnt)
{
	int64_t first = number_behind(learnt, ";at=");
	const char *second = strchr(learnt, ',');
	int64_t other = second == NULL ? 0 : number_behind(second, ";at=");

	return other != 0 && other < first ? other : first;
}

bool check_learnt(struct world *w, struct world_reply *r, const struct fr_endpoint *e, const char *body)
{
	bool composed = strstr(r->cache_status, "entity") != NULL, derived = strstr(r->cache_status, "derived-alias") != NULL;

	if ((composed || derived) != (r->learnt[0] != '\0') || (composed && derived))
		broken(w, "a reply that does not say where its body comes from", composed, derived, body);
	if (r->learnt[0] == '\0')
		return false;
	if (r->spent != 0 && strstr(r->cache_status, "fwd=") == NULL) /* else it was a call that failed */
		broken(w, "an answer that another one taught cost a credit", r->spent, 0, body);
	r->made_at = earliest(r->learnt);
	if (composed)
		check_composed(w, r, e, body);
	else
		check_derived(w, r, e, body);
	return true;
}
