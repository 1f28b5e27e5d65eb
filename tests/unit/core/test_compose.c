#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/body.h"
#include "core/compose.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BODY_MAX = 8192 };
static const int64_t minute = 60 * 1000, hour = 3600 * 1000, day = 24 * INT64_C(3600) * 1000;
static const fr_wall now = { INT64_C(1764000000000) };

static int load(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	if (fr_conf_load(NULL, &c, &why) != FR_OK)
		return 1;
	*state = c;
	return 0;
}

static int unload(void **state)
{
	fr_conf_free(*state);
	return 0;
}

static struct fr_agreed terms_of(void **state)
{
	const struct fr_conf *c = *state;

	return (struct fr_agreed){ .row = fr_catalogue_find(&c->catalogue, FR_STR("/post-detail/")),
				   .links_margin = FR_MINUTES(5),
				   .fresh = FR_MS(-1) };
}

static uint64_t needs_of(const struct fr_endpoint *row, const char *names)
{
	struct fr_str rest = fr_str_of(names);
	uint64_t needs = 0;

	while (rest.n > 0) {
		size_t i = fr_shape_find(&row->shape, fr_str_cut(&rest, ' '));

		assert_true(i < row->shape.n);
		needs |= UINT64_C(1) << i;
	}
	return needs;
}

static struct fr_answer *answer(const char *body, fr_wall stored, enum fr_verdict verdict)
{
	struct fr_answer from = { .stored = stored, .verdict = verdict, .status = 200 };
	struct fr_answer *a;

	from.body = fr_blob_of(body, strlen(body));
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

/* A post that was made so long ago. */
static uint64_t post_aged(int64_t ms)
{
	return (uint64_t)((now.v - ms) / 1000) << 32 | 5;
}

/* A link that lives so long from now. */
static const char *link_for(char text[96], int64_t ms)
{
	snprintf(text, 96, "\"https:\\/\\/v16\\/0123456789abcdef0123456789abcdef\\/%08" PRIx64 "\\/video\\/x\"",
		 (uint64_t)((now.v + ms) / 1000));
	return text;
}

/* ---- one rule after the other ---- */

#define FULL(play, tail) \
	"{\"id\":\"7\",\"title\":\"old\",\"play\":" play ",\"play_count\":1,\"digg_count\":2,\"is_ad\":false" tail "}"

static const struct {
	const char *full;  /* NULL: there is none; "gone": a not-found */
	int64_t full_age;  /* minutes */
	const char *piece; /* NULL: there is none */
	int64_t piece_age; /* minutes */
	int64_t post_age;  /* hours */
	const char *needs; /* "" is everything */
	const char *body;  /* NULL: ask the upstream */
	int64_t age;       /* minutes */
} rules[] = {
	/* everything: counters of the younger, all else of the full answer, in its order */
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"title\":\"new\",\"digg_count\":5,\"play_count\":4}", 1, 10, "",
	  "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"play_count\":4,\"digg_count\":5,\"is_ad\":false}", 300 },
	/* the counters of the full answer are younger */
	{ FULL("\"\"", ""), 3, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 4, 10, "",
	  "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"play_count\":1,\"digg_count\":2,\"is_ad\":false}", 3 },
	/* one counter is nowhere young enough */
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"digg_count\":5}", 1, 10, "", NULL, 0 },
	/* a post under an hour old: five minutes; under a day: thirty */
	{ FULL("\"\"", ""), 20, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 6, 0, "", NULL, 0 },
	{ FULL("\"\"", ""), 20, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 31, 10, "", FULL("\"\"", ""), 20 },
	{ FULL("\"\"", ""), 40, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 31, 10, "", NULL, 0 },
	/* what does not change all the time: a day */
	{ FULL("\"\"", ""), 1439, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 1, 10, "",
	  "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"play_count\":4,\"digg_count\":5,\"is_ad\":false}", 1439 },
	{ FULL("\"\"", ""), 1441, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 1, 10, "", NULL, 0 },
	/* a piece of another kind is none; a field that only the piece has is not added */
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"digg_count\":\"5\",\"play_count\":4}", 1, 10, "", NULL, 0 },
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"digg_count\":null,\"play_count\":4}", 1, 10, "", NULL, 0 },
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4,\"size\":9}", 1, 10, "",
	  "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"play_count\":4,\"digg_count\":5,\"is_ad\":false}", 300 },
	/* a number that the upstream spells in its own way comes out as it was */
	{ "{\"id\":\"7\",\"play_count\":1}", 300, "{\"id\":\"7\",\"play_count\":75264379409123456789.50e0}", 1, 10, "",
	  "{\"id\":\"7\",\"play_count\":75264379409123456789.50e0}", 300 },
	/* nothing to compose from, or no telling what it says */
	{ NULL, 0, NULL, 0, 10, "", NULL, 0 },
	{ NULL, 0, "{\"id\":\"7\",\"digg_count\":5,\"play_count\":4}", 1, 10, "", NULL, 0 },
	{ "{\"id\":\"7\",\"id\":\"8\"}", 300, "{\"id\":\"7\"}", 1, 10, "", NULL, 0 },
	{ "[]", 300, "{\"id\":\"7\"}", 1, 10, "", NULL, 0 },
	{ "<html>", 300, "{\"id\":\"7\"}", 1, 10, "title", NULL, 0 },
	{ "{}", 300, "{\"id\":\"7\"}", 1, 10, "", NULL, 0 },
	/* needs: from the piece alone, as much as is known of it */
	{ NULL, 0, "{\"id\":\"7\",\"title\":null,\"play_count\":4}", 1, 10, "title play_count",
	  "{\"id\":\"7\",\"title\":null,\"play_count\":4}", 1 },
	{ NULL, 0, "{\"id\":\"7\",\"play_count\":4}", 1, 10, "title play_count", NULL, 0 },
	{ NULL, 0, "{\"id\":\"7\",\"play_count\":4,\"title\":\"t\"}", 31, 10, "title", "{\"id\":\"7\",\"title\":\"t\"}", 31 },
	{ NULL, 0, "{\"id\":\"7\",\"play_count\":4,\"title\":\"t\"}", 31, 10, "title play_count", NULL, 0 },
	{ NULL, 0, "{\"title\":\"t\"}", 1, 10, "title", NULL, 0 }, /* without what any answer must have */
	/* needs: from the full answer alone, when its counters are too old for anybody else */
	{ FULL("\"\"", ""), 300, NULL, 0, 10, "title", "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"is_ad\":false}", 300 },
	{ FULL("\"\"", ""), 300, NULL, 0, 10, "title digg_count", NULL, 0 },
	{ FULL("\"\"", ""), 1441, "{\"id\":\"7\",\"title\":\"new\"}", 1, 10, "title", "{\"id\":\"7\",\"title\":\"new\"}", 1 },
	/* needs: that there is no such field is known from a full answer */
	{ FULL("\"\"", ""), 300, "{\"id\":\"7\",\"play_count\":4}", 1, 10, "images play_count",
	  "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"play_count\":4,\"is_ad\":false}", 300 },
	{ FULL("\"\"", ""), 1441, "{\"id\":\"7\",\"play_count\":4}", 1, 10, "images play_count", NULL, 0 },
	{ NULL, 0, "{\"id\":\"7\",\"play_count\":4}", 1, 10, "images play_count", NULL, 0 },
	{ FULL("\"\"", ""), 1, "{\"id\":\"7\",\"play_count\":4}", 1, 10, "share_count", NULL, 0 }, /* there must be one */
	/* the later word on whether it is there */
	{ "gone", 10, "{\"id\":\"7\",\"title\":\"t\"}", 11, 10, "title", NULL, 0 },
	{ "gone", 11, "{\"id\":\"7\",\"title\":\"t\"}", 10, 10, "title", "{\"id\":\"7\",\"title\":\"t\"}", 10 },
	{ FULL("\"\"", ""), 300, "", 1, 10, "title", NULL, 0 },
	{ FULL("\"\"", ""), 300, "", 301, 10, "title", "{\"id\":\"7\",\"title\":\"old\",\"play\":\"\",\"is_ad\":false}", 300 },
	/* from ahead of the clock: how old it is cannot be told */
	{ NULL, 0, "{\"id\":\"7\",\"title\":\"t\"}", -6, 10, "title", NULL, 0 },
	{ NULL, 0, "{\"id\":\"7\",\"title\":\"t\"}", -4, 10, "title", "{\"id\":\"7\",\"title\":\"t\"}", 0 },
};

static void fields_come_from_where_they_count(void **state)
{
	const struct fr_agreed terms = terms_of(state);

	for (size_t i = 0; i < COUNT(rules); i++) {
		bool is_gone = rules[i].full != NULL && strcmp(rules[i].full, "gone") == 0;
		struct fr_answer *full = rules[i].full == NULL
						 ? NULL
						 : answer(rules[i].full, (fr_wall){ now.v - rules[i].full_age * minute },
							  is_gone ? FR_VERDICT_NOT_FOUND : FR_VERDICT_DATA);
		const struct fr_piece piece = { .learnt = { now.v - rules[i].piece_age * minute },
						.text = fr_str_of(rules[i].piece == NULL ? "" : rules[i].piece) };
		struct fr_compose_ask ask = { .post_id = post_aged(rules[i].post_age * hour + 2 * day * (rules[i].post_age > 24)),
					      .needs = needs_of(terms.row, rules[i].needs),
					      .full = full,
					      .piece = rules[i].piece == NULL ? NULL : &piece,
					      .terms = &terms,
					      .now = now };
		struct fr_composed done;
		struct fr_buf b;
		bool composed;

		fr_buf_init(&b, BODY_MAX);
		composed = fr_compose(&ask, &b, &done);
		if (composed != (rules[i].body != NULL) || (composed && !fr_str_is(fr_buf_str(&b), rules[i].body)))
			fail_msg("row %zu: %.*s", i, composed ? (int)b.len : 0, b.p);
		if (composed) {
			assert_int_equal(done.view.age.v, rules[i].age * minute);
			assert_int_equal(done.view.freshness, FR_FRESH);
			assert_true(done.view.left.v > 0);
		}
		fr_buf_free(&b);
		fr_answer_drop(full);
	}
}

static void links_count_as_long_as_they_live(void **state)
{
	static const struct {
		int64_t full, piece; /* minutes that the links live, -1: the piece has none */
		const char *needs;
		int from; /* 0: nothing is composed; 1: the full answer's link; 2: the piece's; 3: without the link */
	} rows[] = {
		{ 60, 120, "", 1 },    { 4, 120, "", 2 },   { 4, 4, "", 0 },      { 4, -1, "", 0 },      { 60, -1, "", 1 },
		{ 4, 120, "play", 2 }, { 4, 4, "play", 0 }, { 4, 4, "title", 3 }, { 60, 4, "title", 1 },
	};
	const struct fr_agreed terms = terms_of(state);

	for (size_t i = 0; i < COUNT(rows); i++) {
		char full_link[96], piece_link[96], full_text[512], piece_text[512];
		const char *link = rows[i].from == 2 ? piece_link : full_link;
		struct fr_piece piece = { .learnt = { now.v - minute } };
		struct fr_compose_ask ask = { .post_id = post_aged(10 * hour), .piece = &piece, .terms = &terms, .now = now };
		struct fr_answer *full;
		struct fr_composed done;
		struct fr_buf b;

		snprintf(full_text, sizeof(full_text), "{\"id\":\"7\",\"play\":%s,\"title\":\"t\"}",
			 link_for(full_link, rows[i].full * minute));
		snprintf(piece_text, sizeof(piece_text), "{\"id\":\"7\"%s%s}", rows[i].piece < 0 ? "" : ",\"play\":",
			 rows[i].piece < 0 ? "" : link_for(piece_link, rows[i].piece * minute));
		ask.full = full = answer(full_text, (fr_wall){ now.v - 2 * hour }, FR_VERDICT_DATA);
		piece.text = fr_str_of(piece_text);
		ask.needs = needs_of(terms.row, rows[i].needs);
		fr_buf_init(&b, BODY_MAX);
		if (fr_compose(&ask, &b, &done) != (rows[i].from != 0))
			fail_msg("row %zu", i);
		assert_true(fr_buf_add_char(&b, '\0') == FR_OK);
		if (rows[i].from == 1 || rows[i].from == 2) {
			assert_non_null(strstr(b.p, link));
			assert_true(done.view.left.v <= (rows[i].from == 1 ? rows[i].full : rows[i].piece) * minute - 5 * minute);
		} else if (rows[i].from == 3) {
			assert_string_equal(b.p, "{\"id\":\"7\",\"title\":\"t\"}");
		}
		fr_buf_free(&b);
		fr_answer_drop(full);
	}
}

static void a_tiers_own_time_is_for_all_fields(void **state)
{
	struct fr_agreed terms = terms_of(state);
	struct fr_piece piece = { .learnt = { now.v - 50 * minute },
				  .text = FR_STR("{\"id\":\"7\",\"title\":\"t\",\"play_count\":4}") };
	struct fr_compose_ask ask = { .post_id = post_aged(10 * hour), .piece = &piece, .terms = &terms, .now = now };
	struct fr_composed done;
	struct fr_buf b;

	ask.needs = needs_of(terms.row, "title play_count");
	fr_buf_init(&b, BODY_MAX);
	assert_false(fr_compose(&ask, &b, &done));
	fr_buf_clear(&b);
	terms.fresh = FR_HOURS(1);
	assert_true(fr_compose(&ask, &b, &done));
	fr_buf_clear(&b);
	terms.fresh = FR_MINUTES(30);
	ask.needs = needs_of(terms.row, "title");
	assert_false(fr_compose(&ask, &b, &done));
	fr_buf_free(&b);
}

/* ---- random sources, judged by rules of the test's own ---- */

struct random_source {
	char text[BODY_MAX];
	json_t *root; /* NULL if it is no map */
	int64_t age;
};

static int64_t some(struct fr_random *r, int64_t most)
{
	return (int64_t)fr_random_below(r, (uint64_t)most);
}

/* A value for a field: as it should be, nearly always. */
static void scribble_value(struct fr_random *r, const struct fr_shape_part *part, char *to, size_t size)
{
	static const char *const wrong[] = { "1", "\"x\"", "null", "true", "[]", "{}", "{\"id\":1}", "\"7\"" };
	char link[96];

	if (fr_random_chance(r, 15)) {
		snprintf(to, size, "%s", wrong[fr_random_below(r, COUNT(wrong))]);
		return;
	}
	switch (part->kind) {
	case FR_SHAPE_ID: snprintf(to, size, "\"7%d\"", (int)some(r, 3)); break;
	case FR_SHAPE_NUMBER: snprintf(to, size, "%d", (int)some(r, 1000)); break;
	case FR_SHAPE_FLAG: snprintf(to, size, "%s", fr_random_chance(r, 500) ? "true" : "false"); break;
	case FR_SHAPE_LIST: snprintf(to, size, "[%d]", (int)some(r, 9)); break;
	case FR_SHAPE_MAP:
		snprintf(to, size, "{\"id\":\"%d\",\"unique_id\":\"u%d\"%s%s}", (int)some(r, 9), (int)some(r, 9),
			 fr_random_chance(r, 500) ? ",\"avatar\":" : "", "");
		if (strstr(to, "avatar") != NULL)
			snprintf(to + strlen(to) - 1, size - strlen(to), "%s}", link_for(link, some(r, 20 * hour)));
		break;
	case FR_SHAPE_TEXT:
		if (fr_random_chance(r, 300))
			snprintf(to, size, "%s", link_for(link, some(r, 20 * hour) - hour));
		else
			snprintf(to, size, "\"t%d\"", (int)some(r, 1000));
		break;
	}
}

/* Most of the fields in a random order, then perhaps damaged. */
static void scribble(struct fr_random *r, const struct fr_shape *shape, struct random_source *s)
{
	size_t from = fr_random_below(r, shape->n), n = 0, count = 0;
	unsigned missing = (unsigned)fr_random_below(r, 200);
	char value[512];

	n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "{");
	for (size_t k = 0; k < shape->n; k++) {
		const struct fr_shape_part *part = &shape->at[(from + k) % shape->n];

		if (fr_random_chance(r, missing))
			continue;
		scribble_value(r, part, value, sizeof(value));
		n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "%s\"%.*s\":%s", count++ == 0 ? "" : ",",
				      FR_STR_ARG(part->name), value);
		if (fr_random_chance(r, 2)) /* twice */
			n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, ",\"%.*s\":%s", FR_STR_ARG(part->name), value);
	}
	n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "%s}", fr_random_chance(r, 500) ? ",\"unknown\":1" : "");
	if (count == 0)
		snprintf(s->text, sizeof(s->text), "{}");
	else if (fr_random_chance(r, 20))
		s->text[fr_random_below(r, n)] = '\0'; /* cut */
	s->root = json_loads(s->text, 0, NULL);
	s->age = some(r, fr_random_chance(r, 500) ? 40 * minute : 25 * hour);
}

static bool named(const struct fr_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (fr_str_is(names->at[i], name))
			return true;
	return false;
}

/* design.md, section 5: how old a counter may be, by the age of the post when it was counted. */
static int64_t agreed_ms(const struct fr_endpoint *row, const char *name, int64_t post_age_then)
{
	if (!named(&row->counters, name))
		return day;
	return post_age_then < hour ? 5 * minute : post_age_then < day ? 30 * minute : post_age_then < 30 * day ? 6 * hour : day;
}

/* Whether no link in the value dies within five minutes. */
static bool links_live(json_t *value)
{
	const char *key;
	json_t *inner;

	if (json_is_string(value)) {
		const char *at = strstr(json_string_value(value), "/0123456789abcdef0123456789abcdef/");

		return at == NULL || (int64_t)strtoll(at + 34, NULL, 16) * 1000 > now.v + 5 * minute;
	}
	json_object_foreach (value, key, inner) {
		if (!links_live(inner))
			return false;
	}
	return true;
}

struct judged {
	const struct fr_endpoint *row;
	struct random_source full, piece;
	bool have_full, have_piece;
	uint64_t needs;
	int64_t post_age;
};

static bool may_come_from(const struct judged *j, const struct random_source *s, const char *name, json_t *value)
{
	return s->root != NULL && json_equal(json_object_get(s->root, name), value) &&
	       s->age < agreed_ms(j->row, name, j->post_age - s->age) && links_live(value);
}

static bool kinds_match(json_t *a, json_t *b)
{
	return json_typeof(a) == json_typeof(b) || (json_is_boolean(a) && json_is_boolean(b));
}

/* Everything in the body was said by one of the sources, and counts; nothing is missing. */
static void judge(const struct judged *j, json_t *body)
{
	const char *name;
	json_t *value;

	assert_true(json_is_object(body));
	json_object_foreach (body, name, value) {
		bool full = j->have_full && may_come_from(j, &j->full, name, value);
		bool piece = j->have_piece && may_come_from(j, &j->piece, name, value);

		if (!full && !piece)
			fail_msg("%s: full %lld min, piece %lld min, post %lld min, needs %llx, %d %d\n%s\nand %s", name,
				 (long long)(j->full.age / minute), (long long)(j->piece.age / minute),
				 (long long)(j->post_age / minute), (unsigned long long)j->needs, j->have_full, j->have_piece,
				 j->full.text, j->piece.text);
	}
	if (j->needs == 0) {
		void *a = json_object_iter(body), *b = json_object_iter(j->full.root);

		assert_true(j->have_full);
		for (; a != NULL && b != NULL; a = json_object_iter_next(body, a), b = json_object_iter_next(j->full.root, b)) {
			assert_string_equal(json_object_iter_key(a), json_object_iter_key(b));
			assert_true(kinds_match(json_object_iter_value(a), json_object_iter_value(b)));
		}
		assert_true(a == NULL && b == NULL);
		return;
	}
	assert_non_null(json_object_get(body, "id"));
	for (size_t i = 0; i < j->row->shape.n; i++) {
		char key[FR_NAME_MAX];

		fr_str_copy(key, sizeof(key), j->row->shape.at[i].name);
		if ((j->needs & UINT64_C(1) << i) != 0 && json_object_get(body, key) == NULL)
			assert_true(j->have_full && j->full.root != NULL && json_object_get(j->full.root, key) == NULL &&
				    j->full.age < day);
	}
}

static void compose_random(const struct judged *j, const struct fr_agreed *terms, size_t *n_composed)
{
	struct fr_answer *full = answer(j->full.text, (fr_wall){ now.v - j->full.age }, FR_VERDICT_DATA);
	const struct fr_piece piece = { .learnt = { now.v - j->piece.age }, .text = fr_str_of(j->piece.text) };
	const struct fr_compose_ask ask = { .post_id = post_aged(j->post_age),
					    .needs = j->needs,
					    .full = j->have_full ? full : NULL,
					    .piece = j->have_piece ? &piece : NULL,
					    .terms = terms,
					    .now = now };
	struct fr_composed done;
	struct fr_buf b;

	fr_buf_init(&b, 2 * BODY_MAX);
	if (fr_compose(&ask, &b, &done)) {
		json_t *body = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);

		judge(j, body);
		assert_true(done.view.left.v > 0 && done.view.left.v <= day);
		assert_true(!done.used_full || (j->have_full && done.view.age.v >= j->full.age));
		assert_true(!done.used_piece || (j->have_piece && done.view.age.v >= j->piece.age));
		assert_true(done.used_full || done.used_piece);
		json_decref(body);
		(*n_composed)++;
	}
	fr_buf_free(&b);
	fr_answer_drop(full);
}

static void whatever_the_sources_are_nothing_wrong_is_composed(void **state)
{
	const struct fr_agreed terms = terms_of(state);
	struct fr_random r = { 23 };
	size_t composed[2] = { 0, 0 };
	static struct judged j;

	j.row = terms.row;
	for (int round = 0; round < 40000; round++) {
		scribble(&r, &terms.row->shape, &j.full);
		scribble(&r, &terms.row->shape, &j.piece);
		j.have_full = fr_random_chance(&r, 800);
		j.have_piece = fr_random_chance(&r, 800);
		j.post_age = some(&r, fr_random_chance(&r, 500) ? 60 * day : 2 * day) + 26 * hour;
		j.needs = fr_random_chance(&r, 500) ? 0 : fr_random_next(&r) & fr_random_next(&r) & fr_random_next(&r);
		j.needs &= (UINT64_C(1) << terms.row->shape.n) - 1;
		compose_random(&j, &terms, &composed[j.needs != 0]);
		json_decref(j.full.root);
		json_decref(j.piece.root);
	}
	assert_true(composed[0] > 200);
	assert_true(composed[1] > 1000);
}

/* From sources that make a whole answer, any one needed field is taken away: nothing is composed. */
static void without_any_one_of_the_fields_the_upstream_is_asked(void **state)
{
	const struct fr_agreed terms = terms_of(state);
	const struct fr_shape *shape = &terms.row->shape;
	char text[BODY_MAX];

	for (size_t without = 0; without <= shape->n; without++) {
		struct fr_piece piece = { .learnt = { now.v - minute } };
		struct fr_compose_ask ask = { .post_id = post_aged(10 * hour),
					      .piece = &piece,
					      .terms = &terms,
					      .now = now,
					      .needs = UINT64_MAX >> (64 - shape->n) };
		struct fr_composed done;
		struct fr_buf b;
		size_t n = 1;

		text[0] = '{';
		for (size_t i = 0; i < shape->n; i++) {
			const struct fr_shape_part *part = &shape->at[i];
			static const char *const values[] = { "\"t\"", "\"7\"", "1",
							      "true",  "[]",    "{\"id\":\"7\",\"unique_id\":\"u\"}" };

			if (i != without)
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%.*s\":%s", n == 1 ? "" : ",",
						      FR_STR_ARG(part->name), values[part->kind]);
		}
		(void)snprintf(text + n, sizeof(text) - n, "}");
		piece.text = fr_str_of(text);
		fr_buf_init(&b, BODY_MAX);
		assert_int_equal(fr_compose(&ask, &b, &done), without == shape->n);
		fr_buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_from_where_they_count),
		cmocka_unit_test(links_count_as_long_as_they_live),
		cmocka_unit_test(a_tiers_own_time_is_for_all_fields),
		cmocka_unit_test(whatever_the_sources_are_nothing_wrong_is_composed),
		cmocka_unit_test(without_any_one_of_the_fields_the_upstream_is_asked),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
