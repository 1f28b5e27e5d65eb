#include "conf/lesson.h"

#include "base/assert.h"
#include "base/str.h"
#include "conf/value.h"

static const char *const keys[] = { "from", "as", "ask", "body", "thing", "owner", "id", "name", "names" };
enum { PLACE_MAX_BYTES = 256 };

struct reading {
	const struct fr_source *s;
	struct fr_catalogue *c;
	struct fr_endpoint *row; /* whose answers teach */
	struct fr_value_name name;
};

static enum fr_err full(const struct reading *r, const struct fr_node *n)
{
	return fr_complain(r->s, n->at, "the catalogue is too large");
}

static enum fr_err keep(const struct reading *r, const struct fr_node *n, struct fr_str text, struct fr_str *ret)
{
	*ret = fr_arena_str(&r->c->mem, text);
	return ret->p == NULL ? full(r, n) : FR_OK;
}

/* One step: "name", or "name[]" where lists are allowed. */
static enum fr_err read_step(const struct reading *r, const struct fr_node *n, const char *of, struct fr_str step, bool lists,
			     struct fr_place *ret)
{
	bool each = fr_str_ends(step, "[]");

	step.n -= each ? 2 : 0;
	if (step.n == 0 || step.n >= FR_NAME_MAX || (each && !lists) || fr_str_find(step, '[') < step.n)
		return fr_complain(r->s, n->at, "%s: '%s' is no place in a body, as %s", of, fr_complain_excerpt(n->text).s,
				   lists ? "items[].owner" : "owner.id");
	if (ret->n == FR_PLACE_STEPS_MAX)
		return fr_complain(r->s, n->at, "%s: more than %d steps", of, FR_PLACE_STEPS_MAX);
	ret->at[ret->n].each = each;
	return keep(r, n, step, &ret->at[ret->n++].name);
}

static enum fr_err read_place(const struct reading *r, const struct fr_node *n, const char *of, bool lists, struct fr_place *ret)
{
	struct fr_str rest = FR_STR("");
	enum fr_err e = fr_value_text(r->s, n, of, &rest);

	if (e == FR_OK && rest.n > PLACE_MAX_BYTES)
		return fr_complain(r->s, n->at, "%s: longer than %d bytes", of, PLACE_MAX_BYTES);
	while (e == FR_OK && rest.p != NULL && n->text.n > 0)
		e = read_step(r, n, of, fr_str_cut(&rest, '.'), lists, ret);
	return e;
}

/* A field's place, or "?name" for a parameter of the row's own question. */
static enum fr_err read_pick(const struct reading *r, const struct fr_node *n, const char *of, struct fr_pick *ret)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(r->s, n, of, &text);

	if (e != FR_OK)
		return e;
	if (!fr_str_starts(text, "?")) {
		e = read_place(r, n, of, false, &ret->from);
		return e == FR_OK && ret->from.n == 0 ? fr_complain(r->s, n->at, "%s: a field is expected here", of) : e;
	}
	text = fr_str_skip(text, 1);
	if (fr_catalogue_param(r->row, text) == NULL)
		return fr_complain(r->s, n->at, "%s: '%s' is no parameter of %.*s", of, fr_complain_excerpt(text).s,
				   FR_STR_ARG(r->row->path));
	ret->asked = true;
	ret->from.n = 1;
	return keep(r, n, text, &ret->from.at[0].name);
}

static enum fr_err read_picks(const struct reading *r, const struct fr_node *n, const char *of, struct fr_picks *ret)
{
	enum fr_err e = FR_OK;

	if (n->kind != FR_NODE_MAP || n->n == 0)
		return fr_complain(r->s, n->at, "%s: names and fields are expected here, as { id: owner.id }", of);
	if (n->n > FR_PICKS_MAX)
		return fr_complain(r->s, n->at, "%s: more than %d entries", of, FR_PICKS_MAX);
	for (const struct fr_node *child = n->first; child != NULL && e == FR_OK; child = child->next) {
		struct fr_value_name name = fr_value_name(of, child->key);
		struct fr_pick *pick = &ret->at[ret->n++];

		if (child->key.n == 0 || child->key.n >= FR_NAME_MAX)
			return fr_complain(r->s, child->key_at, "%s: a name of 1 to %d bytes is expected", of, FR_NAME_MAX - 1);
		e = read_pick(r, child, name.s, pick);
		if (e == FR_OK)
			e = keep(r, child, child->key, &pick->as);
	}
	return e;
}

static bool picked(const struct fr_picks *picks, struct fr_str name)
{
	for (size_t i = 0; i < picks->n; i++)
		if (fr_str_eq(picks->at[i].as, name))
			return true;
	return false;
}

/* What is asked must be a question of the row, with all that it demands. */
static enum fr_err check_ask(const struct reading *r, const struct fr_node *n, const struct fr_endpoint *of,
			     const struct fr_lesson *l)
{
	for (size_t i = 0; i < l->ask.n; i++)
		if (fr_catalogue_param(of, l->ask.at[i].as) == NULL)
			return fr_complain(r->s, n->at, "%s: %.*s has no parameter '%.*s'", r->name.s, FR_STR_ARG(of->path),
					   FR_STR_ARG(l->ask.at[i].as));
	for (size_t i = 0; i < of->n_params; i++)
		if (of->params[i].required && !picked(&l->ask, of->params[i].name))
			return fr_complain(r->s, n->at, "%s: ask needs '%.*s', which %.*s demands", r->name.s,
					   FR_STR_ARG(of->params[i].name), FR_STR_ARG(of->path));
	return FR_OK;
}

static enum fr_err check_body(const struct reading *r, const struct fr_node *n, const struct fr_endpoint *of,
			      const struct fr_lesson *l)
{
	bool whole = l->itself && l->from.n == 0; /* the upstream's own bytes need no shape */

	if (!whole && of->shape.n == 0)
		return fr_complain(r->s, n->at, "%s: %.*s needs `fields`, against which its answer is checked", r->name.s,
				   FR_STR_ARG(of->path));
	for (size_t i = 0; i < l->body.n; i++)
		if (fr_shape_find(&of->shape, l->body.at[i].as) == of->shape.n)
			return fr_complain(r->s, n->at, "%s: '%.*s' is no field of %.*s", r->name.s, FR_STR_ARG(l->body.at[i].as),
					   FR_STR_ARG(of->path));
	for (size_t i = 0; i < of->shape.n && !l->itself; i++)
		if (!of->shape.at[i].optional && !picked(&l->body, of->shape.at[i].name))
			return fr_complain(r->s, n->at, "%s: body needs '%.*s', which answers of %.*s have", r->name.s,
					   FR_STR_ARG(of->shape.at[i].name), FR_STR_ARG(of->path));
	return FR_OK;
}

static enum fr_err read_answer(const struct reading *r, const struct fr_node *n, struct fr_lesson *l)
{
	const struct fr_node *as = fr_tree_get(n, "as"), *ask = fr_tree_get(n, "ask"), *body = fr_tree_get(n, "body");
	const struct fr_endpoint *of;
	struct fr_str path = FR_STR("");
	enum fr_err e = fr_value_text(r->s, as, r->name.s, &path);

	if (e != FR_OK)
		return e;
	of = fr_catalogue_find(r->c, path);
	if (of->is_other)
		return fr_complain(r->s, as->at, "%s: there is no path '%s'", r->name.s, fr_complain_excerpt(path).s);
	l->kind = FR_LESSON_ANSWER;
	l->row = of->index;
	if (ask == NULL || body == NULL)
		return fr_complain(r->s, n->at, "%s: `as` needs `ask` and `body`", r->name.s);
	e = read_picks(r, ask, fr_value_name(r->name.s, ask->key).s, &l->ask);
	l->itself = body->kind == FR_NODE_TEXT && fr_str_is(body->text, "itself");
	if (e == FR_OK && !l->itself)
		e = read_picks(r, body, fr_value_name(r->name.s, body->key).s, &l->body);
	if (e == FR_OK)
		e = check_ask(r, ask, of, l);
	return e == FR_OK ? check_body(r, body, of, l) : e;
}

static enum fr_err read_id(const struct reading *r, const struct fr_node *n, const char *key, struct fr_pick *ret)
{
	const struct fr_node *pick = fr_tree_get(n, key);

	if (pick == NULL)
		return fr_complain(r->s, n->at, "%s: %s is missing", r->name.s, key);
	return read_pick(r, pick, fr_value_name(r->name.s, pick->key).s, ret);
}

static enum fr_err read_piece(const struct reading *r, const struct fr_node *n, struct fr_lesson *l)
{
	const struct fr_node *thing = fr_tree_get(n, "thing"), *names = fr_tree_get(n, "names");
	const struct fr_endpoint *of;
	struct fr_str kind = FR_STR("");
	enum fr_err e = fr_value_text(r->s, thing, r->name.s, &kind);

	if (e != FR_OK)
		return e;
	of = fr_catalogue_of_thing(r->c, kind);
	if (of == NULL)
		return fr_complain(r->s, thing->at, "%s: no row answers all of a '%s' (`thing:`)", r->name.s,
				   fr_complain_excerpt(kind).s);
	l->kind = FR_LESSON_PIECE;
	l->row = of->index;
	l->thing = of->thing;
	e = read_id(r, n, "id", &l->id);
	if (e == FR_OK && names != NULL)
		e = read_picks(r, names, fr_value_name(r->name.s, names->key).s, &l->names);
	for (size_t i = 0; names != NULL && i < l->names.n && e == FR_OK; i++)
		if (fr_shape_find(&of->shape, l->names.at[i].as) == of->shape.n || l->names.at[i].from.n != 1 ||
		    l->names.at[i].asked)
			e = fr_complain(r->s, names->at, "%s: names: fields of %.*s are expected, and how they are called here",
					r->name.s, FR_STR_ARG(of->path));
	return e;
}

static bool anybody_names(const struct fr_catalogue *c, struct fr_str kind)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t p = 0; p < c->rows[i].n_params; p++)
			if (fr_str_eq(c->rows[i].params[p].names, kind))
				return true;
	return false;
}

static enum fr_err read_owner(const struct reading *r, const struct fr_node *n, struct fr_lesson *l)
{
	const struct fr_node *owner = fr_tree_get(n, "owner");
	struct fr_str kind = FR_STR("");
	enum fr_err e = fr_value_text(r->s, owner, r->name.s, &kind);

	if (e != FR_OK)
		return e;
	if (kind.n == 0 || !anybody_names(r->c, kind))
		return fr_complain(r->s, owner->at, "%s: no parameter names a '%s' (`names:`)", r->name.s,
				   fr_complain_excerpt(kind).s);
	l->kind = FR_LESSON_OWNER;
	e = keep(r, owner, kind, &l->thing);
	if (e == FR_OK)
		e = read_id(r, n, "id", &l->id);
	return e == FR_OK ? read_id(r, n, "name", &l->name) : e;
}

static enum fr_err read_lesson(const struct reading *r, const struct fr_node *n, struct fr_lesson *l)
{
	const struct fr_node *from = fr_tree_get(n, "from");
	bool answer = fr_tree_get(n, "as") != NULL, piece = fr_tree_get(n, "thing") != NULL;
	bool owner = fr_tree_get(n, "owner") != NULL;
	enum fr_err e;

	if (n->kind != FR_NODE_MAP)
		return fr_complain(r->s, n->at, "%s: a lesson is expected, as { from: items[], thing: kind, id: id }", r->name.s);
	e = fr_value_keys(r->s, n, r->name.s, keys, sizeof(keys) / sizeof(keys[0]));
	if (e == FR_OK && from != NULL)
		e = read_place(r, from, fr_value_name(r->name.s, from->key).s, true, &l->from);
	if (e != FR_OK)
		return e;
	if ((int)answer + (int)piece + (int)owner != 1)
		return fr_complain(r->s, n->at, "%s: a lesson has one of as, thing, owner", r->name.s);
	if (answer)
		return read_answer(r, n, l);
	return piece ? read_piece(r, n, l) : read_owner(r, n, l);
}

/* A list of lessons, or the name of one under `lessons:`. */
static enum fr_err read_lessons(const struct reading *r, const struct fr_node *n, const struct fr_node *named)
{
	const struct fr_node *list = n->kind == FR_NODE_TEXT && !n->missing ? fr_tree_get(named, n->text.p) : n;
	struct fr_lesson *lessons;
	enum fr_err e = FR_OK;

	if (list == NULL)
		return fr_complain(r->s, n->at, "%s: there are no lessons '%s'", r->name.s, fr_complain_excerpt(n->text).s);
	if (list->kind != FR_NODE_LIST || list->n == 0 || list->n > FR_LESSONS_MAX)
		return fr_complain(r->s, list->at, "%s: a list of 1 to %d lessons is expected", r->name.s, FR_LESSONS_MAX);
	lessons = fr_arena_take(&r->c->mem, list->n * sizeof(*lessons));
	if (lessons == NULL)
		return full(r, list);
	r->row->lessons = lessons;
	for (const struct fr_node *child = list->first; child != NULL && e == FR_OK; child = child->next) {
		lessons[r->row->n_lessons] = (struct fr_lesson){ .kind = FR_LESSON_ANSWER };
		e = read_lesson(r, child, &lessons[r->row->n_lessons++]);
	}
	return e;
}

static enum fr_err read_thing(const struct reading *r, const struct fr_node *n)
{
	static const char *const thing_keys[] = { "kind", "by" };
	const struct fr_node *kind = fr_tree_get(n, "kind"), *by = fr_tree_get(n, "by");
	struct fr_str name = FR_STR(""), param = FR_STR("");
	const struct fr_param *p;
	enum fr_err e;

	if (kind == NULL || by == NULL)
		return fr_complain(r->s, n->at, "%s: { kind: item, by: id } is expected, with a parameter's name", r->name.s);
	e = fr_value_keys(r->s, n, r->name.s, thing_keys, sizeof(thing_keys) / sizeof(thing_keys[0]));
	if (e == FR_OK)
		e = fr_value_text(r->s, kind, r->name.s, &name);
	if (e == FR_OK)
		e = fr_value_text(r->s, by, r->name.s, &param);
	if (e != FR_OK)
		return e;
	p = fr_catalogue_param(r->row, param);
	if (p == NULL)
		return fr_complain(r->s, by->at, "%s: '%s' is no parameter of %.*s", r->name.s, fr_complain_excerpt(param).s,
				   FR_STR_ARG(r->row->path));
	if (name.n == 0 || name.n >= FR_NAME_MAX || fr_catalogue_of_thing(r->c, name) != NULL)
		return fr_complain(r->s, kind->at, "%s: a kind of thing has a name, and one row that answers all of it",
				   r->name.s);
	if (r->row->shape.n == 0)
		return fr_complain(r->s, n->at, "%s: %.*s needs `fields`", r->name.s, FR_STR_ARG(r->row->path));
	r->row->thing_by = (size_t)(p - r->row->params);
	return keep(r, kind, name, &r->row->thing);
}

enum fr_err fr_lessons_read(const struct fr_source *s, const struct fr_node *root, struct fr_catalogue *c)
{
	const struct fr_node *rows = fr_tree_get(root, "endpoints"), *named = fr_tree_get(root, "lessons"), *n;
	enum fr_err e = FR_OK;
	size_t i = 0;

	for (n = rows->first; n != NULL && e == FR_OK; n = n->next, i++) {
		const struct fr_node *thing = fr_tree_get(n, "thing");
		const struct reading r = { s, c, &c->rows[i], fr_value_name(fr_complain_excerpt(n->key).s, FR_STR("thing")) };

		if (thing != NULL)
			e = read_thing(&r, thing);
	}
	for (n = rows->first, i = 0; n != NULL && e == FR_OK; n = n->next, i++) {
		const struct fr_node *teaches = fr_tree_get(n, "teaches");
		const struct reading r = { s, c, &c->rows[i], fr_value_name(fr_complain_excerpt(n->key).s, FR_STR("teaches")) };

		if (teaches != NULL)
			e = read_lessons(&r, teaches, named);
	}
	return e;
}
