#include "core/compose.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/json.h"
#include "core/links.h"

#include "base/pure.h"

/* The full answer or the piece, taken apart. */
struct source {
	bool there;
	fr_wall said;
	struct fr_str text;             /* a map */
	struct fr_str at[FR_SHAPE_MAX]; /* the values of the row's fields, by their places in its shape */
};

struct work {
	const struct fr_compose_ask *ask;
	const struct fr_endpoint *row;
	struct source full, piece;
	struct fr_buf *to;
	struct fr_composed done;
};

/* Takes a map apart. False if one of the row's fields is there twice: which one counts? */
static bool take_apart(const struct fr_shape *shape, struct source *s)
{
	struct fr_json_walk walk = fr_json_walk(s->text);
	struct fr_str name, value;

	while (fr_json_next(&walk, &name, &value)) {
		size_t i = fr_shape_find(shape, name);

		if (i < shape->n && s->at[i].p != NULL)
			return false;
		if (i < shape->n)
			s->at[i] = value;
	}
	return true;
}

static bool gone(const struct fr_answer *full)
{
	return full != NULL && full->verdict == FR_VERDICT_NOT_FOUND;
}

/* The map that a text is; false if it is none. */
static bool open_source(struct source *s, fr_wall said, struct fr_str text)
{
	s->there = true;
	s->said = said;
	s->text = fr_json_value(text);
	return fr_json_kind(s->text) == FR_JSON_MAP;
}

/* What there is to compose from. The later word on whether the thing is there counts. */
static bool gather(struct work *w)
{
	const struct fr_answer *full = w->ask->full;
	const struct fr_piece *piece = w->ask->piece;
	bool piece_says_gone = piece != NULL && piece->text.n == 0;

	if (piece != NULL && !piece_says_gone && !(gone(full) && full->stored.v >= piece->learnt.v) &&
	    !open_source(&w->piece, piece->learnt, piece->text))
		return false;
	if (full != NULL && full->verdict == FR_VERDICT_DATA && !full->alias &&
	    !(piece_says_gone && piece->learnt.v >= full->stored.v) &&
	    !open_source(&w->full, full->stored, fr_blob_str(full->body)))
		return false;
	return take_apart(&w->row->shape, &w->full) && take_apart(&w->row->shape, &w->piece);
}

static bool is_counter(const struct fr_endpoint *row, struct fr_str name)
{
	for (size_t i = 0; i < row->counters.n; i++)
		if (fr_str_eq(row->counters.at[i], name))
			return true;
	return false;
}

/* A counter, or a map with one in it. */
static bool moves(const struct fr_endpoint *row, struct fr_str name, struct fr_str value)
{
	struct fr_json_walk walk = fr_json_walk(value);
	struct fr_str inner;

	if (is_counter(row, name))
		return true;
	while (walk.map && fr_json_next(&walk, &name, &inner))
		if (is_counter(row, name))
			return true;
	return false;
}

/* How long a value still counts: by its age, and by its links. */
static fr_ms left_of(const struct work *w, const struct source *s, struct fr_str value, bool counter)
{
	const struct fr_compose_ask *ask = w->ask;
	fr_ms left = fr_freshness_part(s->said, ask->post_id, ask->key, counter, ask->terms, ask->now);
	fr_wall until = w->row->links == FR_LINKS_NONE ? (fr_wall){ 0 } : fr_links_until(value);
	int64_t alive = until.v - ask->terms->links_margin.v - ask->now.v;

	return until.v != 0 && alive < left.v ? FR_MS(alive) : left;
}

/* Whether it comes to the answer's life; if so, the answer lives no longer than this. */
static bool lives(struct work *w, const struct source *s, fr_ms left)
{
	int64_t age = w->ask->now.v - s->said.v;

	if (left.v <= 0)
		return false;
	if (left.v < w->done.view.left.v)
		w->done.view.left = left;
	if (age > w->done.view.age.v)
		w->done.view.age = FR_MS(age);
	if (s == &w->piece)
		w->done.used_piece = true;
	else
		w->done.used_full = true;
	return true;
}

static bool add(struct work *w, struct fr_str name, struct fr_str value)
{
	struct fr_buf *b = w->to;

	return fr_buf_add_text(b, b->len == 0 ? "{\"" : ",\"") == FR_OK && fr_buf_add_str(b, name) == FR_OK &&
	       fr_buf_add_text(b, "\":") == FR_OK && fr_buf_add_str(b, value) == FR_OK;
}

/* Adds the value of one of the sources, the preferred one if it still counts. `i`: the place in the shape, or shape.n. */
static bool add_best(struct work *w, struct fr_str name, size_t i, struct fr_str of_full, struct fr_str of_piece)
{
	bool counter = moves(w->row, name, of_full.p != NULL ? of_full : of_piece);
	bool piece_first = counter && w->piece.said.v >= w->full.said.v;

	for (int turn = 0; turn < 2; turn++) {
		bool piece = piece_first == (turn == 0);
		const struct source *s = piece ? &w->piece : &w->full;
		struct fr_str value = piece ? of_piece : of_full;

		if (value.p == NULL || !lives(w, s, left_of(w, s, value, counter)))
			continue;
		if (piece)
			w->done.from_piece |= UINT64_C(1) << i;
		return add(w, name, value);
	}
	return false;
}

static struct fr_str fitting(const struct work *w, size_t i, struct fr_str value)
{
	return value.p != NULL && fr_shape_holds(&w->row->shape.at[i], value) ? value : (struct fr_str){ NULL, 0 };
}

/* Every member of the full answer, in its order and of its kind. */
static bool compose_all(struct work *w)
{
	struct fr_json_walk walk = fr_json_walk(w->full.text);
	const struct fr_shape *shape = &w->row->shape;
	struct fr_str name, value;

	if (!w->full.there)
		return false;
	while (fr_json_next(&walk, &name, &value)) {
		size_t i = fr_shape_find(shape, name);
		struct fr_str of_piece = i < shape->n ? fitting(w, i, w->piece.at[i]) : (struct fr_str){ NULL, 0 };

		if (of_piece.p != NULL && !fr_json_alike(value, of_piece))
			of_piece = (struct fr_str){ NULL, 0 };
		if (!add_best(w, name, i, value, of_piece))
			return false;
	}
	return true;
}

/* Whether the last full answer, while it counts, says by its silence that there is no such field. */
static bool known_to_be_absent(struct work *w, size_t i)
{
	const struct fr_shape_part *part = &w->row->shape.at[i];
	struct fr_str nothing = { NULL, 0 };

	return part->optional && w->full.there && w->full.at[i].p == NULL && w->piece.at[i].p == NULL &&
	       lives(w, &w->full, left_of(w, &w->full, nothing, is_counter(w->row, part->name)));
}

static bool is_mandatory(const struct fr_endpoint *row, struct fr_str name)
{
	for (size_t i = 0; i < row->mandatory.n; i++)
		if (fr_str_eq(row->mandatory.at[i], name))
			return true;
	return false;
}

/* What is known and still counts; at least what is needed. */
static bool compose_needs(struct work *w)
{
	const struct fr_shape *shape = &w->row->shape;

	for (size_t i = 0; i < shape->n; i++) {
		struct fr_str name = shape->at[i].name;
		bool needed = (w->ask->needs & UINT64_C(1) << i) != 0 || is_mandatory(w->row, name);
		size_t len = w->to->len;

		if (add_best(w, name, i, fitting(w, i, w->full.at[i]), fitting(w, i, w->piece.at[i])))
			continue;
		if (w->to->len != len || (needed && !known_to_be_absent(w, i)))
			return false;
	}
	return true;
}

bool fr_compose(const struct fr_compose_ask *ask, struct fr_buf *b, struct fr_composed *ret)
{
	struct work w = { .ask = ask, .row = ask->terms->row, .to = b };

	FR_ASSERT(b->len == 0 && w.row->shape.n <= FR_SHAPE_MAX);
	w.done.view = (struct fr_view){ .freshness = FR_FRESH, .left = FR_MS(INT64_MAX) };
	if (w.row->shape.n == 0 || !gather(&w))
		return false;
	if (!(ask->needs == 0 ? compose_all(&w) : compose_needs(&w)))
		return false;
	if (b->len == 0 || fr_buf_add_char(b, '}') != FR_OK)
		return false;
	*ret = w.done;
	return true;
}
