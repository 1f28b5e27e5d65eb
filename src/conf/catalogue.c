#include "conf/catalogue.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "conf/bundles.h"
#include "conf/lesson.h"
#include "conf/param.h"
#include "conf/shape.h"
#include "conf/terms.h"
#include "conf/value.h"
#include "core/own.h"

enum { MEM_MAX = 4 * 1024 * 1024, PATH_MAX_BYTES = 128, PHRASE_MAX = 128, PINNED_MAX = 16 };

struct reading {
	const struct fr_source *s;
	struct fr_catalogue *c;
	const struct fr_node *shapes; /* by name */
};

static enum fr_err full(const struct reading *r, const struct fr_node *n)
{
	return fr_complain(r->s, n->at, "the catalogue is too large");
}

static bool path_char(char c)
{
	char l = fr_lower(c);

	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
}

static bool twice_slash_or_dots(struct fr_str path)
{
	struct fr_str rest = fr_str_skip(path, 1);

	while (rest.p != NULL) {
		struct fr_str segment = fr_str_cut(&rest, '/');

		if (fr_str_is(segment, ".") || fr_str_is(segment, "..") || (segment.n == 0 && rest.p != NULL))
			return true;
	}
	return false;
}

static enum fr_err check_path(const struct reading *r, const struct fr_node *n)
{
	struct fr_str path = n->key;
	struct fr_excerpt shown = fr_complain_excerpt(path);

	if (path.n < 2 || path.p[0] != '/')
		return fr_complain(r->s, n->key_at, "path '%s' must begin with '/' and name something, as in /name/", shown.s);
	if (fr_own_of(path) != FR_OWN_NONE)
		return fr_complain(r->s, n->key_at, "path '%s' is frugald's own and never goes upstream", shown.s);
	if (path.n > PATH_MAX_BYTES)
		return fr_complain(r->s, n->key_at, "path '%s' is longer than %d bytes", shown.s, PATH_MAX_BYTES);
	for (size_t i = 0; i < path.n; i++)
		if (!path_char(path.p[i]))
			return fr_complain(r->s, n->key_at, "path '%s' may hold letters, digits and / - _ . ~ only", shown.s);
	if (twice_slash_or_dots(path))
		return fr_complain(r->s, n->key_at, "path '%s' holds an empty part or dots", shown.s);
	return FR_OK;
}

static struct fr_str without_end_slash(struct fr_str path)
{
	return (struct fr_str){ path.p, path.n - (fr_str_ends(path, "/") ? 1 : 0) };
}

static enum fr_err read_path(struct reading *r, const struct fr_node *n, struct fr_str *ret)
{
	enum fr_err e = check_path(r, n);

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < r->c->n; i++)
		if (fr_str_eq(without_end_slash(r->c->rows[i].path), without_end_slash(n->key)))
			return fr_complain(r->s, n->key_at, "path '%s' has a row already", fr_complain_excerpt(n->key).s);
	*ret = fr_arena_str(&r->c->mem, n->key);
	return ret->p == NULL ? full(r, n) : FR_OK;
}

/* A word or a field's name. Without the key, `ret` stays as it is. */
static enum fr_err read_word(struct reading *r, const struct fr_node *map, const char *of, const char *key, struct fr_str *ret)
{
	const struct fr_node *n = fr_tree_get(map, key);
	struct fr_str text = FR_STR("");
	enum fr_err e;

	if (n == NULL)
		return FR_OK;
	e = fr_value_text(r->s, n, fr_value_name(of, n->key).s, &text);
	if (e != FR_OK)
		return e;
	if (text.n == 0 || text.n >= FR_NAME_MAX)
		return fr_complain(r->s, n->at, "%s.%s: a name of 1 to %d bytes is expected", of, key, FR_NAME_MAX - 1);
	*ret = fr_arena_str(&r->c->mem, text);
	return ret->p == NULL ? full(r, n) : FR_OK;
}

static enum fr_err read_names(struct reading *r, const struct fr_node *map, const char *of, const char *key, struct fr_names *ret)
{
	const struct fr_node *n = fr_tree_get(map, key);

	return n == NULL ? FR_OK : fr_value_names(r->s, n, fr_value_name(of, n->key).s, &r->c->mem, FR_NAME_MAX - 1, ret);
}

/* What time cursors are made of: needed to cut pages, not to read them. */
static enum fr_err read_time_cursor(struct reading *r, const struct fr_node *n, const char *of, struct fr_endpoint *row)
{
	static const char *const units[] = { "s", "ms" };
	const struct fr_node *unit = fr_tree_get(n, "unit"), *pinned = fr_tree_get(n, "pinned");
	size_t at = 0;
	int64_t most = 0;
	enum fr_err e = read_word(r, n, of, "at", &row->at);

	if (e == FR_OK && unit != NULL)
		e = fr_value_choice(r->s, unit, fr_value_name(of, unit->key).s, units, sizeof(units) / sizeof(units[0]), &at);
	if (e == FR_OK && pinned != NULL)
		e = fr_value_count(r->s, pinned, fr_value_name(of, pinned->key).s, 0, PINNED_MAX, &most);
	row->at_unit = at == 0 ? 1 : 1000;
	row->pinned = (size_t)most;
	if (e == FR_OK && (row->at.n > 0 || unit != NULL || pinned != NULL) && row->paging != FR_PAGING_TIME)
		return fr_complain(r->s, n->at, "%s: at, unit and pinned are for paging by time", of);
	return e;
}

static enum fr_err read_paging(struct reading *r, const struct fr_node *n, const char *of, struct fr_endpoint *row)
{
	static const char *const keys[] = { "by", "rows", "cursor", "more", "at", "unit", "pinned" };
	static const char *const kinds[] = { "none", "offset", "time" };
	struct fr_value_name name = fr_value_name(of, n->key);
	const struct fr_node *by = fr_tree_get(n, "by");
	size_t kind = 0;
	enum fr_err e;

	if (n->kind != FR_NODE_MAP || by == NULL)
		return fr_complain(r->s, n->at,
				   "%s: a map is expected, as in { by: offset, rows: items, cursor: next, more: has_more }",
				   name.s);
	e = fr_value_keys(r->s, n, name.s, keys, sizeof(keys) / sizeof(keys[0]));
	if (e == FR_OK)
		e = fr_value_choice(r->s, by, fr_value_name(name.s, by->key).s, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind);
	if (e == FR_OK)
		e = read_word(r, n, name.s, "rows", &row->rows);
	if (e == FR_OK)
		e = read_word(r, n, name.s, "cursor", &row->cursor);
	if (e == FR_OK)
		e = read_word(r, n, name.s, "more", &row->more);
	row->paging = (enum fr_paging)kind;
	return e == FR_OK ? read_time_cursor(r, n, name.s, row) : e;
}

static enum fr_err check_row_keys(const struct reading *r, const struct fr_node *n, const char *of)
{
	static const char *const own[] = { "group",  "params",  "mandatory", "gone_if_empty", "counters", "signed",
					   "paging", "post_id", "fields",    "thing",         "teaches" };
	enum { OWN = sizeof(own) / sizeof(own[0]) };
	const char *keys[OWN + FR_TERMS_ROW_KEYS];

	for (size_t i = 0; i < FR_TERMS_ROW_KEYS; i++)
		keys[i] = fr_terms_keys[i].name;
	for (size_t i = 0; i < OWN; i++)
		keys[FR_TERMS_ROW_KEYS + i] = own[i];
	return fr_value_keys(r->s, n, of, keys, OWN + FR_TERMS_ROW_KEYS);
}

static enum fr_err read_fields(struct reading *r, const struct fr_node *n, const char *of, struct fr_endpoint *row)
{
	const struct fr_node *fields = fr_tree_get(n, "fields");
	enum fr_err e = read_word(r, n, of, "group", &row->group);

	if (e == FR_OK)
		e = read_names(r, n, of, "mandatory", &row->mandatory);
	if (e == FR_OK)
		e = read_names(r, n, of, "gone_if_empty", &row->gone_if_empty);
	if (e == FR_OK)
		e = read_names(r, n, of, "counters", &row->counters);
	if (e == FR_OK)
		e = read_names(r, n, of, "signed", &row->signed_fields);
	if (e == FR_OK)
		e = read_word(r, n, of, "post_id", &row->post_id);
	if (e == FR_OK && fields != NULL)
		e = fr_shape_read(r->s, fields, fr_value_name(of, fields->key).s, r->shapes, &r->c->mem, &row->shape);
	return e;
}

/* What a row is before its keys are read; the top of config/catalogue.yaml tells operators the same. */
static struct fr_endpoint blank_row(struct fr_str path, size_t index)
{
	const struct fr_str none = FR_STR("");

	return (struct fr_endpoint){ .path = path,
				     .group = FR_STR("other"),
				     .price = 1,
				     .negative = FR_MINUTES(10),
				     .negative_max = FR_DAYS(1),
				     .rows = none,
				     .cursor = none,
				     .more = none,
				     .at = none,
				     .at_unit = 1,
				     .blocks = true,
				     .post_id = none,
				     .thing = none,
				     .index = index };
}

static enum fr_err read_row(struct reading *r, const struct fr_node *n)
{
	struct fr_excerpt of = fr_complain_excerpt(n->key);
	struct fr_endpoint *row = &r->c->rows[r->c->n];
	const struct fr_node *params = fr_tree_get(n, "params"), *paging = fr_tree_get(n, "paging");
	struct fr_str path;
	enum fr_err e;

	if (r->c->n == FR_ENDPOINTS_MAX - 1)
		return fr_complain(r->s, n->key_at, "more than %d paths", FR_ENDPOINTS_MAX - 1);
	e = read_path(r, n, &path);
	if (e != FR_OK)
		return e;
	*row = blank_row(path, r->c->n);
	if (n->kind != FR_NODE_MAP || fr_tree_get(n, "fresh") == NULL)
		return fr_complain(r->s, n->key_at, "%s: fresh is missing", of.s);
	e = check_row_keys(r, n, of.s);
	if (e == FR_OK && params != NULL)
		e = fr_param_read(r->s, params, of.s, &r->c->mem, row);
	if (e == FR_OK)
		e = fr_terms_read(r->s, n, of.s, false, row);
	if (e == FR_OK && paging != NULL)
		e = read_paging(r, paging, of.s, row);
	if (e == FR_OK)
		e = read_fields(r, n, of.s, row);
	if (e == FR_OK)
		r->c->n++;
	return e;
}

static enum fr_err read_rows(struct reading *r, const struct fr_node *map)
{
	enum fr_err e;

	if (map == NULL)
		return fr_complain(r->s, (struct fr_mark){ 1, 1 }, "endpoints: is missing");
	if (map->kind != FR_NODE_MAP || map->n == 0)
		return fr_complain(r->s, map->at, "endpoints: paths and their rows are expected here");
	e = FR_OK;
	for (const struct fr_node *n = map->first; n != NULL && e == FR_OK; n = n->next)
		e = read_row(r, n);
	return e;
}

/* Phrases are looked for in lower-cased messages. */
static enum fr_err read_phrases(struct reading *r, const struct fr_node *root, const char *key, struct fr_names *ret)
{
	const struct fr_node *n = fr_tree_get(root, key);
	enum fr_err e;

	if (n == NULL)
		return FR_OK;
	e = fr_value_names(r->s, n, key, &r->c->mem, PHRASE_MAX, ret);
	for (size_t i = 0; i < ret->n && e == FR_OK; i++) {
		char *lower = fr_arena_take(&r->c->mem, ret->at[i].n + 1);

		if (lower == NULL)
			return full(r, n);
		for (size_t j = 0; j <= ret->at[i].n; j++)
			lower[j] = fr_lower(ret->at[i].p[j]);
		ret->at[i].p = lower;
	}
	return e;
}

static enum fr_err read_all(struct reading *r, const struct fr_node *root)
{
	static const char *const keys[] = {
		"not_found", "account", "bill_not_found", "shapes", "lessons", "endpoints", "bundles"
	};
	const struct fr_node *bill = fr_tree_get(root, "bill_not_found");
	enum fr_err e = fr_value_keys(r->s, root, "catalogue", keys, sizeof(keys) / sizeof(keys[0]));

	if (e == FR_OK)
		e = read_phrases(r, root, "not_found", &r->c->not_found);
	if (e == FR_OK)
		e = read_phrases(r, root, "account", &r->c->account);
	if (e == FR_OK && bill != NULL)
		e = fr_value_bool(r->s, bill, "bill_not_found", &r->c->bill_not_found);
	return e == FR_OK ? read_rows(r, fr_tree_get(root, "endpoints")) : e;
}

static void add_other(struct fr_catalogue *c)
{
	FR_ASSERT(c->n < FR_ENDPOINTS_MAX);
	c->rows[c->n] = blank_row(FR_STR("other"), c->n);
	c->rows[c->n].is_other = true;
	c->rows[c->n].negative = c->rows[c->n].negative_max = FR_MS(0);
	c->n++;
}

enum fr_err fr_catalogue_read(const struct fr_source *s, const struct fr_node *root, struct fr_catalogue *ret)
{
	struct fr_catalogue *c = fr_calloc(1, sizeof(*c));
	struct reading r = { s, c, fr_tree_get(root, "shapes") };
	enum fr_err e;

	fr_arena_init(&c->mem, MEM_MAX);
	c->bill_not_found = true;
	e = read_all(&r, root);
	if (e == FR_OK) {
		add_other(c);
		e = fr_lessons_read(s, root, c);
	}
	if (e == FR_OK)
		e = fr_bundles_lay(s, fr_tree_get(root, "bundles"), c);
	if (e == FR_OK) {
	}
	if (e == FR_OK) {
		*ret = *c;
	} else {
		fr_arena_free(&c->mem);
	}
	free(c);
	return e;
}
