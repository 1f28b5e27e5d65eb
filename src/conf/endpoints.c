#include "conf/endpoints.h"

#include <stdbool.h>

#include "base/str.h"
#include "conf/terms.h"
#include "conf/value.h"

static struct fr_str without_slashes(struct fr_str path)
{
	if (path.n > 0 && path.p[0] == '/')
		path = fr_str_skip(path, 1);
	if (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* The place of a path; c->n if it has none. The last row is `other`, on which there is nothing to set. */
static size_t place_of(const struct fr_catalogue *c, struct fr_str path)
{
	struct fr_str bare = without_slashes(path);

	for (size_t i = 0; i + 1 < c->n; i++)
		if (fr_str_eq(without_slashes(c->rows[i].path), bare))
			return i;
	return c->n;
}

struct fr_endpoint *fr_endpoints_row(struct fr_catalogue *c, struct fr_str path)
{
	size_t at = place_of(c, path);

	return at < c->n ? &c->rows[at] : NULL;
}

const struct fr_endpoint *fr_endpoints_find(const struct fr_catalogue *c, struct fr_str path)
{
	size_t at = place_of(c, path);

	return at < c->n ? &c->rows[at] : NULL;
}

struct fr_hint fr_endpoints_hint(const struct fr_catalogue *c, struct fr_str path)
{
	struct fr_suggest near;
	struct fr_str bare = without_slashes(path);

	fr_suggest_init(&near, bare);
	for (size_t i = 0; i + 1 < c->n; i++)
		fr_suggest_offer(&near, without_slashes(c->rows[i].path));
	for (size_t i = 0; i + 1 < c->n; i++)
		if (near.best.p != NULL && fr_str_eq(without_slashes(c->rows[i].path), near.best))
			near.best = c->rows[i].path;
	return fr_suggest_hint(&near);
}

static enum fr_err lay_one(const struct fr_source *s, const struct fr_node *n, struct fr_endpoint *row)
{
	struct fr_value_name of = fr_value_name("endpoints", row->path);
	const char *keys[FR_TERMS_KEYS];
	enum fr_err e = fr_value_map(s, n, of.s);

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < FR_TERMS_KEYS; i++)
		keys[i] = fr_terms_keys[i].name;
	e = fr_value_keys(s, n, of.s, keys, FR_TERMS_KEYS);
	return e == FR_OK ? fr_terms_read(s, n, of.s, true, row) : e;
}

enum fr_err fr_endpoints_lay(const struct fr_source *s, const struct fr_node *map, struct fr_catalogue *c)
{
	bool seen[FR_ENDPOINTS_MAX] = { false };
	enum fr_err e = map == NULL ? FR_OK : fr_value_map(s, map, "endpoints");

	if (map == NULL || e != FR_OK)
		return e;
	for (const struct fr_node *n = map->first; n != NULL && e == FR_OK; n = n->next) {
		struct fr_endpoint *row = fr_endpoints_row(c, n->key);

		if (row == NULL)
			return fr_complain(s, n->key_at, "endpoints: unknown path '%s'%s", fr_complain_excerpt(n->key).s,
					   fr_endpoints_hint(c, n->key).s);
		if (seen[row->index])
			return fr_complain(s, n->key_at, "endpoints: path '%s' is given twice", fr_complain_excerpt(row->path).s);
		seen[row->index] = true;
		e = lay_one(s, n, row);
	}
	return e;
}
