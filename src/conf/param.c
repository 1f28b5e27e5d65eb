#include "conf/param.h"

#include "base/assert.h"
#include "base/str.h"
#include "conf/value.h"
#include "core/fold.h"

enum { COUNT_MAX = 1000000, SCRATCH_MAX = 64 * 1024 };

/* In the order of enum fr_fold. */
static const char *const folds[] = {
	"text", "id", "count", "number", "cursor", "username", "tag", "region", "post", "media", "ad"
};
_Static_assert(sizeof(folds) / sizeof(folds[0]) == FR_FOLD_AD + 1, "a word for every fold");

static const char *const keys[] = { "type", "required", "default", "max", "page", "dates", "names" };

static enum fr_err full(const struct fr_source *s, const struct fr_node *n)
{
	return fr_complain(s, n->at, "the catalogue is too large");
}

static enum fr_err read_name(const struct fr_source *s, const struct fr_node *n, const char *of, struct fr_arena *mem,
			     struct fr_str *ret)
{
	if (n->key.n == 0 || n->key.n >= FR_NAME_MAX)
		return fr_complain(s, n->key_at, "%s: a parameter's name has 1 to %d bytes", of, FR_NAME_MAX - 1);
	for (size_t i = 0; i < n->key.n; i++)
		if (n->key.p[i] <= ' ' || n->key.p[i] > '~')
			return fr_complain(s, n->key_at, "%s: a parameter's name is printable ASCII without spaces", of);
	*ret = fr_arena_str(mem, n->key);
	return ret->p == NULL ? full(s, n) : FR_OK;
}

static enum fr_err read_fold(const struct fr_source *s, const struct fr_node *n, const char *name, enum fr_fold *ret)
{
	size_t at;
	enum fr_err e = fr_value_choice(s, n, name, folds, sizeof(folds) / sizeof(folds[0]), &at);

	if (e == FR_OK)
		*ret = (enum fr_fold)at;
	return e;
}

static enum fr_err read_max(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_param *p)
{
	if (p->fold != FR_FOLD_COUNT)
		return fr_complain(s, n->key_at, "%s: only a parameter of type count has one", name);
	return fr_value_count(s, n, name, 1, COUNT_MAX, &p->max);
}

/* Whether the parameter would accept its own default. */
static bool fits(const struct fr_param *p)
{
	struct fr_folded folded;
	struct fr_arena scratch;
	enum fr_folding f;

	fr_arena_init(&scratch, SCRATCH_MAX);
	f = fr_fold_value(&scratch, p, p->dflt, &folded);
	fr_arena_free(&scratch);
	return f == FR_FOLDING_OK || (f == FR_FOLDING_EMPTY && fr_fold_empty_is_fine(p->fold));
}

static enum fr_err read_default(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_arena *mem,
				struct fr_param *p)
{
	struct fr_str text;
	enum fr_err e = fr_value_text(s, n, name, &text);
	char accepted[128];

	if (e != FR_OK)
		return e;
	p->has_default = true;
	p->dflt = fr_arena_str(mem, text);
	if (p->dflt.p == NULL)
		return full(s, n);
	if (fits(p))
		return FR_OK;
	fr_fold_describe(p, accepted, sizeof(accepted));
	return fr_complain(s, n->at, "%s: '%s' does not fit: type %s is %s", name, fr_complain_excerpt(text).s, folds[p->fold],
			   accepted);
}

static enum fr_err read_flag(const struct fr_source *s, const struct fr_node *n, const char *of, bool *ret)
{
	return n == NULL ? FR_OK : fr_value_bool(s, n, fr_value_name(of, n->key).s, ret);
}

/* The kind of thing that the value is a name of. */
static enum fr_err read_names(const struct fr_source *s, const struct fr_node *n, const char *of, struct fr_arena *mem,
			      struct fr_str *ret)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = n == NULL ? FR_OK : fr_value_text(s, n, fr_value_name(of, n->key).s, &text);

	if (n == NULL || e != FR_OK)
		return e;
	if (text.n == 0 || text.n >= FR_NAME_MAX)
		return fr_complain(s, n->at, "%s.names: a word of 1 to %d bytes is expected", of, FR_NAME_MAX - 1);
	*ret = fr_arena_str(mem, text);
	return ret->p == NULL ? full(s, n) : FR_OK;
}

static enum fr_err contradictions(const struct fr_source *s, const struct fr_node *n, const char *of, const struct fr_param *p)
{
	if (p->required && p->has_default)
		return fr_complain(s, n->key_at, "%s: required and default exclude each other", of);
	if (p->page && !p->has_default)
		return fr_complain(s, n->key_at, "%s: page needs a default, the first page", of);
	if (p->dates && p->fold != FR_FOLD_ID)
		return fr_complain(s, n->key_at, "%s: only an id tells the age of what it names (dates)", of);
	return FR_OK;
}

static enum fr_err read_fields(const struct fr_source *s, const struct fr_node *n, const char *of, struct fr_arena *mem,
			       struct fr_param *p)
{
	const struct fr_node *type = fr_tree_get(n, "type"), *max = fr_tree_get(n, "max"), *dflt = fr_tree_get(n, "default");
	enum fr_err e = fr_value_keys(s, n, of, keys, sizeof(keys) / sizeof(keys[0]));

	if (e == FR_OK && type == NULL)
		return fr_complain(s, n->key_at, "%s: type is missing", of);
	if (e == FR_OK)
		e = read_fold(s, type, fr_value_name(of, type->key).s, &p->fold);
	if (e == FR_OK)
		e = read_flag(s, fr_tree_get(n, "required"), of, &p->required);
	if (e == FR_OK)
		e = read_flag(s, fr_tree_get(n, "page"), of, &p->page);
	if (e == FR_OK)
		e = read_flag(s, fr_tree_get(n, "dates"), of, &p->dates);
	if (e == FR_OK)
		e = read_names(s, fr_tree_get(n, "names"), of, mem, &p->names);
	if (e == FR_OK && max != NULL)
		e = read_max(s, max, fr_value_name(of, max->key).s, p);
	if (e == FR_OK && dflt != NULL)
		e = read_default(s, dflt, fr_value_name(of, dflt->key).s, mem, p);
	return e == FR_OK ? contradictions(s, n, of, p) : e;
}

static enum fr_err read_one(const struct fr_source *s, const struct fr_node *n, const char *of, struct fr_arena *mem,
			    struct fr_endpoint *row)
{
	struct fr_value_name name = fr_value_name(of, n->key);
	struct fr_param *p = &row->params[row->n_params];
	enum fr_err e;

	if (row->n_params == FR_PARAMS_MAX)
		return fr_complain(s, n->key_at, "%s: more than %d parameters", of, FR_PARAMS_MAX);
	e = read_name(s, n, of, mem, &p->name);
	if (e == FR_OK && n->kind != FR_NODE_MAP)
		return fr_complain(s, n->at, "%s: a map is expected, as in { type: id, required: yes }", name.s);
	if (e == FR_OK)
		e = read_fields(s, n, name.s, mem, p);
	if (e == FR_OK)
		row->n_params++;
	return e;
}

enum fr_err fr_param_read(const struct fr_source *s, const struct fr_node *map, const char *of, struct fr_arena *mem,
			  struct fr_endpoint *e)
{
	struct fr_value_name name = fr_value_name(of, map->key);
	enum fr_err err = fr_value_map(s, map, name.s);

	for (const struct fr_node *n = map->first; n != NULL && err == FR_OK; n = n->next)
		err = read_one(s, n, name.s, mem, e);
	return err;
}
