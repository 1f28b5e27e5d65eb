#include "conf/shape.h"

#include "base/assert.h"
#include "base/str.h"
#include "conf/value.h"

/* In the order of enum fr_shape_kind. */
static const char *const kinds[] = { "text", "id", "number", "flag", "list", "map" };
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FR_SHAPE_MAP + 1, "a word for every kind");

struct reading {
	const struct fr_source *s;
	const char *name;
	struct fr_arena *mem;
};

static enum fr_err full(const struct reading *r, const struct fr_node *n)
{
	return fr_complain(r->s, n->at, "the catalogue is too large");
}

static enum fr_err read_map(const struct reading *r, const struct fr_node *n, bool inside, struct fr_shape *ret);

static enum fr_err read_part(const struct reading *r, const struct fr_node *n, bool inside, const struct fr_shape *before,
			     struct fr_shape_part *part)
{
	struct fr_str name = n->key;
	size_t kind = FR_SHAPE_MAP;

	part->optional = fr_str_ends(name, "?");
	name.n -= part->optional ? 1 : 0;
	if (name.n == 0 || name.n >= FR_NAME_MAX || fr_str_find(name, '\\') < name.n || fr_str_find(name, '"') < name.n)
		return fr_complain(r->s, n->key_at, "%s: a field's name has 1 to %d bytes, none of them a quote or a backslash",
				   r->name, FR_NAME_MAX - 1);
	if (fr_shape_find(before, name) < before->n)
		return fr_complain(r->s, n->key_at, "%s: '%s' is listed twice", r->name, fr_complain_excerpt(name).s);
	part->name = fr_arena_str(r->mem, name);
	if (part->name.p == NULL)
		return full(r, n);
	if (n->kind == FR_NODE_MAP && !inside) {
		part->kind = FR_SHAPE_MAP;
		return read_map(r, n, true, &part->inner);
	}
	if (n->kind != FR_NODE_TEXT)
		return fr_complain(r->s, n->at, "%s.%s: a kind is expected here, as text, id, number, flag, list, map", r->name,
				   fr_complain_excerpt(name).s);
	if (fr_value_choice(r->s, n, fr_value_name(r->name, name).s, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind) != FR_OK)
		return FR_INVALID;
	part->kind = (enum fr_shape_kind)kind;
	return FR_OK;
}

static enum fr_err read_map(const struct reading *r, const struct fr_node *n, bool inside, struct fr_shape *ret)
{
	struct fr_shape_part *parts;
	struct fr_shape shape = { .n = 0 };
	enum fr_err e = FR_OK;

	if (n->n == 0 || n->n > FR_SHAPE_MAX)
		return fr_complain(r->s, n->at, "%s: 1 to %d fields are expected here, as `name: kind`", r->name, FR_SHAPE_MAX);
	parts = fr_arena_take(r->mem, n->n * sizeof(*parts));
	if (parts == NULL)
		return full(r, n);
	shape.at = parts;
	for (const struct fr_node *child = n->first; child != NULL && e == FR_OK; child = child->next) {
		parts[shape.n] = (struct fr_shape_part){ .kind = FR_SHAPE_MAP };
		e = read_part(r, child, inside, &shape, &parts[shape.n]);
		shape.n += e == FR_OK ? 1 : 0;
	}
	if (e == FR_OK)
		*ret = shape;
	return e;
}

enum fr_err fr_shape_read(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_node *named,
			  struct fr_arena *mem, struct fr_shape *ret)
{
	const struct reading r = { s, name, mem };
	const struct fr_node *map = n;

	if (n->kind == FR_NODE_TEXT && !n->missing) {
		map = fr_tree_get(named, n->text.p);
		if (map == NULL)
			return fr_complain(s, n->at, "%s: there is no shape '%s'", name, fr_complain_excerpt(n->text).s);
	}
	if (map->kind != FR_NODE_MAP)
		return fr_complain(s, map->at, "%s: names and kinds are expected here, as { id: id, title?: text }", name);
	return read_map(&r, map, false, ret);
}
