#include "core/harvest.h"

#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/body.h"
#include "core/canon.h"
#include "core/fold.h"
#include "core/json.h"
#include "core/piece.h"
#include "core/query.h"
#include "core/verdict.h"

#include "base/pure.h"

enum { MEM_MAX = 2 * FR_BODY_MAX };

struct work {
	const struct fr_catalogue *c;
	const struct fr_question *q;
	struct fr_harvest *h;
};

static void refuse(struct work *w)
{
	w->h->refused++;
}

/* Takes it in, unless this answer taught the same before: rows of a list repeat their authors. */
static void add(struct work *w, const struct fr_learnt *l)
{
	struct fr_harvest *h = w->h;
	struct fr_learnt *copy;

	for (const struct fr_learnt *old = h->first; old != NULL; old = old->next)
		if (fr_key_eq(old->key, l->key))
			return;
	copy = h->n < FR_HARVEST_MAX ? fr_arena_take(&h->mem, sizeof(*copy)) : NULL;
	if (copy == NULL) {
		h->dropped++;
		return;
	}
	*copy = *l;
	copy->next = NULL;
	if (h->last != NULL)
		h->last->next = copy;
	else
		h->first = copy;
	h->last = copy;
	h->n++;
}

/* The value of a parameter of the question, as its canonical text has it; { NULL, 0 } if it has none. */
static struct fr_str asked_value(struct work *w, struct fr_str param)
{
	struct fr_str query = fr_canon_query(w->q->canon), name, value;

	while (fr_canon_next(&query, &name, &value))
		if (fr_query_encoded_is(name, param))
			return fr_query_plain(&w->h->mem, value);
	return (struct fr_str){ NULL, 0 };
}

static struct fr_str value_at(struct fr_str map, const struct fr_place *place)
{
	for (size_t i = 0; i < place->n && map.p != NULL; i++)
		map = fr_json_get(map, place->at[i].name);
	return map;
}

/* A text's characters. { NULL, 0 } for what is no text, is empty, or cannot be read. */
static struct fr_str plain(struct work *w, struct fr_str value)
{
	struct fr_str inside = fr_json_inside(value), ret = { NULL, 0 };
	json_t *parsed;

	if (inside.n == 0 || fr_str_find(inside, '\\') == inside.n)
		return inside.n == 0 ? ret : inside;
	parsed = json_loadb(value.p, value.n, JSON_DECODE_ANY, NULL);
	if (json_is_string(parsed) && json_string_length(parsed) > 0)
		ret = fr_arena_str(&w->h->mem, (struct fr_str){ json_string_value(parsed), json_string_length(parsed) });
	json_decref(parsed);
	return ret;
}

static struct fr_str picked_text(struct work *w, struct fr_str map, const struct fr_pick *pick)
{
	if (pick->asked)
		return asked_value(w, pick->from.at[0].name);
	return plain(w, value_at(map, &pick->from));
}

static bool is_name(const struct fr_names *names, struct fr_str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (fr_str_eq(names->at[i], name))
			return true;
	return false;
}

static bool zero(struct fr_str number)
{
	for (size_t i = 0; i < number.n; i++)
		if (number.p[i] >= '1' && number.p[i] <= '9')
			return false;
	return true;
}

struct count {
	size_t n, zeros;
};

/* Counters stand at the root of a map, or one level below. */
static void count_counters(const struct fr_endpoint *row, struct fr_str map, bool inside, struct count *ret)
{
	struct fr_json_walk walk = fr_json_walk(map);
	struct fr_str name, value;

	while (walk.map && fr_json_next(&walk, &name, &value)) {
		if (fr_json_kind(value) == FR_JSON_MAP && !inside)
			count_counters(row, value, true, ret);
		else if (fr_json_kind(value) == FR_JSON_NUMBER && is_name(&row->counters, name)) {
			ret->n++;
			ret->zeros += zero(value) ? 1 : 0;
		}
	}
}

static bool hollow(const struct fr_endpoint *row, struct fr_str map)
{
	struct count count = { 0, 0 };

	count_counters(row, map, false, &count);
	return count.n > 0 && count.zeros == count.n;
}

/* ---- exact answers ---- */

bool fr_learnt_whole(const struct fr_learnt *l)
{
	return l->by->itself && l->by->from.n == 0;
}

/* The target of the question that is answered, as a client would write it. */
static bool write_target(struct work *w, struct fr_str map, const struct fr_lesson *by, struct fr_str *ret)
{
	struct fr_str values[FR_PICKS_MAX], path = w->c->rows[by->row].path;
	size_t size = path.n;
	char *p, *to;

	for (size_t i = 0; i < by->ask.n; i++) {
		values[i] = picked_text(w, map, &by->ask.at[i]);
		if (values[i].p == NULL || values[i].n > FR_PARAM_VALUE_MAX)
			return false;
		size += 2 + fr_query_encoded_size(by->ask.at[i].as) + fr_query_encoded_size(values[i]);
	}
	p = to = fr_arena_take(&w->h->mem, size);
	if (p == NULL)
		return false;
	memcpy(to, path.p, path.n);
	to += path.n;
	for (size_t i = 0; i < by->ask.n; i++) {
		*to++ = i == 0 ? '?' : '&';
		to = fr_query_encode(to, by->ask.at[i].as);
		*to++ = '=';
		to = fr_query_encode(to, values[i]);
	}
	*ret = (struct fr_str){ p, (size_t)(to - p) };
	return true;
}

/* Copies what was written into the arena. */
static bool kept(struct work *w, struct fr_buf *b, enum fr_err e, struct fr_str *ret)
{
	*ret = e == FR_OK ? fr_arena_str(&w->h->mem, fr_buf_str(b)) : (struct fr_str){ NULL, 0 };
	fr_buf_free(b);
	return ret->p != NULL;
}

static enum fr_err add_member(struct fr_buf *b, struct fr_str name, struct fr_str value)
{
	enum fr_err e = fr_buf_add_text(b, b->len == 0 ? "{\"" : ",\"");

	if (e == FR_OK)
		e = fr_buf_add_str(b, name);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "\":");
	return e == FR_OK ? fr_buf_add_str(b, value) : e;
}

static bool write_body(struct work *w, struct fr_str map, const struct fr_lesson *by, struct fr_str *ret)
{
	enum fr_err e = FR_OK;
	struct fr_buf b;

	fr_buf_init(&b, FR_BODY_MAX);
	for (size_t i = 0; i < by->body.n && e == FR_OK; i++) {
		struct fr_str value = value_at(map, &by->body.at[i].from);

		e = value.p == NULL || by->body.at[i].asked ? FR_INVALID : add_member(&b, by->body.at[i].as, value);
	}
	if (e == FR_OK)
		e = fr_buf_add_char(&b, '}');
	return kept(w, &b, e, ret);
}

/* Would the upstream's own answer have been taken like this one? */
static bool would_do(struct work *w, const struct fr_learnt *l)
{
	const struct fr_endpoint *row = l->question.endpoint;
	const struct fr_upstream_answer a = { .transfer = FR_TRANSFER_DONE, .sent = true, .status = 200, .body = l->text };

	if (!fr_learnt_whole(l) && (!fr_shape_whole(&row->shape, l->text) || hollow(row, l->text)))
		return false;
	return fr_verdict_judge(w->c, row, &a).verdict == FR_VERDICT_DATA;
}

static void teach_answer(struct work *w, struct fr_str map, const struct fr_lesson *by)
{
	struct fr_learnt l = { .by = by, .text = map };
	struct fr_refusal why;
	struct fr_str target;

	if (!write_target(w, map, by, &target) || (!by->itself && !write_body(w, map, by, &l.text)) ||
	    fr_question_read(&w->h->mem, w->c, target, w->q->partition, true, &l.question, &why) != FR_OK || !would_do(w, &l)) {
		refuse(w);
		return;
	}
	l.canon = l.question.canon;
	l.key = l.question.key;
	if (!fr_key_eq(l.key, w->q->key) && l.question.alias.n == 0)
		add(w, &l);
}

/* ---- pieces ---- */

/* What the answer calls the field that this list calls `name`; shape.n: it has none. */
static size_t called(const struct fr_lesson *by, const struct fr_shape *shape, struct fr_str name)
{
	for (size_t i = 0; i < by->names.n; i++) {
		if (fr_str_eq(by->names.at[i].from.at[0].name, name))
			return fr_shape_find(shape, by->names.at[i].as);
		if (fr_str_eq(by->names.at[i].as, name))
			return shape->n; /* something else is called so here */
	}
	return fr_shape_find(shape, name);
}

/* The fields of a map that the row knows, by their places in its shape. One of another kind is left out if an answer may lack it. False if it
 * may not, or one is there twice. */
static bool read_fields(struct work *w, const struct fr_endpoint *row, const struct fr_lesson *by, struct fr_str map,
			struct fr_str *ret)
{
	struct fr_json_walk walk = fr_json_walk(map);
	struct fr_str name, value;

	memset(ret, 0, FR_SHAPE_MAX * sizeof(*ret));
	while (fr_json_next(&walk, &name, &value)) {
		size_t i = called(by, &row->shape, name);

		if (i == row->shape.n)
			continue;
		if (ret[i].p != NULL)
			return false;
		if (fr_shape_holds(&row->shape.at[i], value))
			ret[i] = value;
		else if (row->shape.at[i].optional)
			refuse(w);
		else
			return false;
	}
	return true;
}

static bool write_fields(struct work *w, const struct fr_endpoint *row, const struct fr_str *values, bool counters,
			 struct fr_str *ret)
{
	enum fr_err e = FR_OK;
	struct fr_buf b;

	fr_buf_init(&b, FR_BODY_MAX);
	for (size_t i = 0; i < row->shape.n && e == FR_OK; i++)
		if (values[i].p != NULL && (counters || !is_name(&row->counters, row->shape.at[i].name)))
			e = add_member(&b, row->shape.at[i].name, values[i]);
	if (e == FR_OK)
		e = b.len == 0 ? FR_INVALID : fr_buf_add_char(&b, '}');
	return kept(w, &b, e, ret);
}

static void teach_piece(struct work *w, struct fr_str map, const struct fr_lesson *by)
{
	const struct fr_endpoint *row = &w->c->rows[by->row];
	struct fr_learnt l = { .by = by };
	struct fr_str values[FR_SHAPE_MAX];

	l.id = picked_text(w, map, &by->id);
	if (!fr_str_all_digits(l.id) || l.id.n > FR_NAME_MAX || !read_fields(w, row, by, map, values) ||
	    !write_fields(w, row, values, !hollow(row, map), &l.text)) {
		refuse(w);
		return;
	}
	l.canon = fr_piece_canon(&w->h->mem, "fields", by->thing, l.id, w->q->partition);
	if (l.canon.p == NULL) {
		w->h->dropped++;
		return;
	}
	l.key = fr_piece_key(l.canon);
	add(w, &l);
}

/* ---- owners of names ---- */

/* A name as the questions about this kind of thing fold it. */
static struct fr_str folded_name(struct work *w, struct fr_str thing, struct fr_str name)
{
	struct fr_folded folded;

	for (size_t i = 0; i < w->c->n; i++)
		for (size_t p = 0; p < w->c->rows[i].n_params; p++) {
			const struct fr_param *param = &w->c->rows[i].params[p];

			if (!fr_str_eq(param->names, thing))
				continue;
			return fr_fold_value(&w->h->mem, param, name, &folded) == FR_FOLDING_OK ? folded.value
												: (struct fr_str){ NULL, 0 };
		}
	return (struct fr_str){ NULL, 0 };
}

static void teach_owner(struct work *w, struct fr_str map, const struct fr_lesson *by)
{
	struct fr_learnt l = { .by = by };
	struct fr_str name = picked_text(w, map, &by->name);

	l.id = picked_text(w, map, &by->id);
	l.name = name.p == NULL ? name : folded_name(w, by->thing, name);
	if (!fr_str_all_digits(l.id) || l.id.n > FR_NAME_MAX || l.name.p == NULL || l.name.n > FR_PARAM_VALUE_MAX) {
		refuse(w);
		return;
	}
	l.canon = fr_piece_canon(&w->h->mem, "owner", by->thing, l.name, w->q->partition);
	if (l.canon.p == NULL) {
		w->h->dropped++;
		return;
	}
	l.key = fr_piece_key(l.canon);
	add(w, &l);
}

/* ---- all lessons of a body ---- */

static void teach(struct work *w, struct fr_str map, const struct fr_lesson *by)
{
	switch (by->kind) {
	case FR_LESSON_ANSWER: teach_answer(w, map, by); break;
	case FR_LESSON_PIECE: teach_piece(w, map, by); break;
	case FR_LESSON_OWNER: teach_owner(w, map, by); break;
	}
}

/* Goes on to the lesson's place, step by step, of which there are at most FR_PLACE_STEPS_MAX. What is missing or null teaches nothing, and is
 * nothing to wonder about. */
static void visit(struct work *w, struct fr_str value, const struct fr_lesson *by, size_t step)
{
	struct fr_json_walk walk;
	struct fr_str next, name;

	if (value.p == NULL || fr_json_kind(value) == FR_JSON_NULL)
		return;
	if (fr_json_kind(value) != FR_JSON_MAP) {
		refuse(w);
		return;
	}
	if (step == by->from.n) {
		teach(w, value, by);
		return;
	}
	next = fr_json_get(value, by->from.at[step].name);
	if (!by->from.at[step].each) {
		visit(w, next, by, step + 1);
		return;
	}
	if (next.p != NULL && fr_json_kind(next) != FR_JSON_LIST && fr_json_kind(next) != FR_JSON_NULL)
		refuse(w);
	walk = fr_json_walk(next);
	while (!walk.map && fr_json_next(&walk, &name, &next))
		visit(w, next, by, step + 1);
}

static struct fr_str without_mark(struct fr_str body)
{
	return fr_str_skip(body, fr_str_starts(body, "\xEF\xBB\xBF") ? 3 : 0);
}

void fr_harvest_begin(const struct fr_question *q, struct fr_str body, struct fr_harvest *ret)
{
	*ret = (struct fr_harvest){ .n = 0 };
	fr_arena_init(&ret->mem, MEM_MAX);
	if (q->endpoint->n_lessons == 0)
		return;
	ret->root = fr_json_value(without_mark(body));
	ret->refused = ret->root.p == NULL ? 1 : 0;
}

bool fr_harvest_step(const struct fr_catalogue *c, const struct fr_question *q, struct fr_harvest *h)
{
	struct work w = { c, q, h };
	size_t n = h->root.p != NULL ? q->endpoint->n_lessons : 0;

	while (h->turn < 2 * n) {
		const struct fr_lesson *by = &q->endpoint->lessons[h->turn % n];
		bool owners = h->turn < n;

		h->turn++;
		if ((by->kind == FR_LESSON_OWNER) == owners) {
			visit(&w, h->root, by, 0);
			return true;
		}
	}
	return false;
}

void fr_harvest(const struct fr_catalogue *c, const struct fr_question *q, struct fr_str body, struct fr_harvest *ret)
{
	fr_harvest_begin(q, body, ret);
	while (fr_harvest_step(c, q, ret))
		;
}

void fr_harvest_free(struct fr_harvest *h)
{
	fr_arena_free(&h->mem);
}

/* ---- what becomes of an answer ---- */

static bool says_the_same(const struct fr_answer *known, struct fr_str body)
{
	json_t *a, *b;
	bool same;

	if (fr_str_eq(fr_blob_str(known->body), body))
		return true;
	a = fr_body_object(fr_blob_str(known->body));
	b = fr_body_object(body);
	same = a != NULL && b != NULL && json_equal(a, b);
	json_decref(a);
	json_decref(b);
	return same;
}

static bool plain_fact(const struct fr_endpoint *row)
{
	return row->counters.n == 0 && row->signed_fields.n == 0;
}

enum fr_take fr_harvest_take(const struct fr_answer *known, bool fresh, const struct fr_learnt *l, fr_wall learnt, fr_ms worth)
{
	bool same;

	FR_ASSERT(l->by->kind == FR_LESSON_ANSWER);
	if (known == NULL)
		return FR_TAKE_NEW;
	if (known->stored.v >= learnt.v)
		return FR_TAKE_NOT;
	if (known->verdict != FR_VERDICT_DATA)
		return FR_TAKE_NEW;
	same = says_the_same(known, l->text);
	if (same)
		return learnt.v - known->stored.v < worth.v ? FR_TAKE_NOT : FR_TAKE_AGE;
	if (fresh && known->origin != FR_ORIGIN_PARTS && !fr_learnt_whole(l) && !plain_fact(l->question.endpoint))
		return FR_TAKE_NOT;
	return FR_TAKE_NEW;
}
