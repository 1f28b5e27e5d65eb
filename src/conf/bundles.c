#include "conf/bundles.h"

#include "base/assert.h"
#include "base/str.h"
#include "conf/endpoints.h"
#include "conf/load.h"
#include "conf/value.h"
#include "core/query.h"

enum { QUESTION_MAX = 512, MEM_MAX = 64 * 1024 };

static enum fr_err check_places(const struct fr_source *s, const struct fr_node *n, const char *name)
{
	struct fr_str rest = n->text, text, place;

	while (rest.p != NULL)
		if (!fr_bundle_cut(&rest, &text, &place))
			return fr_complain(s, n->at,
					   "%s: a place is written {word}, with letters, digits, - and _, where a value goes",
					   name);
	return FR_OK;
}

static bool gives(const struct fr_pairs *pairs, struct fr_str name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (fr_str_eq(pairs->at[i].name, name))
			return true;
	return false;
}

/* A question that could never be asked would show as a refusal of every request. */
static enum fr_err check_params(const struct fr_source *s, const struct fr_node *n, const char *name,
				const struct fr_endpoint *row)
{
	struct fr_pairs pairs;
	struct fr_query query;
	struct fr_refusal why;
	struct fr_arena mem;
	enum fr_err e;

	fr_arena_init(&mem, MEM_MAX);
	e = fr_query_split(&mem, n->text, &query, &why);
	if (e == FR_OK)
		e = fr_query_pairs(&mem, &query, &pairs, &why);
	if (e != FR_OK)
		e = fr_complain(s, n->at, "%s: %s", name, why.detail);
	for (size_t i = 0; i < row->n_params && e == FR_OK; i++)
		if (row->params[i].required && !gives(&pairs, row->params[i].name))
			e = fr_complain(s, n->at, "%s: %s needs the parameter %s", name, fr_complain_excerpt(row->path).s,
					fr_complain_excerpt(row->params[i].name).s);
	fr_arena_free(&mem);
	return e;
}

static enum fr_err read_question(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_catalogue *c,
				 struct fr_bundle *into)
{
	struct fr_str text = FR_STR(""), path;
	const struct fr_endpoint *row;
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	if (into->n == FR_BUNDLE_QUESTIONS_MAX)
		return fr_complain(s, n->at, "%s: more than %d questions", name, FR_BUNDLE_QUESTIONS_MAX);
	if (text.n == 0 || text.p[0] != '/' || text.n > QUESTION_MAX)
		return fr_complain(s, n->at, "%s: '%s' is no question of at most %d bytes, as in /path/?name={name}", name,
				   fr_complain_excerpt(text).s, QUESTION_MAX);
	path = (struct fr_str){ text.p, fr_str_find(text, '?') };
	row = fr_endpoints_row(c, path);
	if (row == NULL)
		return fr_complain(s, n->at, "%s: unknown path '%s'%s", name, fr_complain_excerpt(path).s,
				   fr_endpoints_hint(c, path).s);
	e = check_places(s, n, name);
	if (e == FR_OK)
		e = check_params(s, n, name, row);
	if (e != FR_OK)
		return e;
	into->questions[into->n] = fr_arena_str(&c->mem, text);
	return into->questions[into->n++].p == NULL ? fr_complain(s, n->at, "%s: the catalogue is too large", name) : FR_OK;
}

static enum fr_err read_questions(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_catalogue *c,
				  struct fr_bundle *into)
{
	enum fr_err e = fr_section_list(s, n, name);

	for (const struct fr_node *item = n->first; item != NULL && e == FR_OK; item = item->next)
		e = read_question(s, item, name, c, into);
	return e;
}

static void remove_bundle(struct fr_bundles *all, size_t at)
{
	for (all->n--; at < all->n; at++)
		all->at[at] = all->at[at + 1];
}

static enum fr_err read_one(const struct fr_source *s, const struct fr_node *n, struct fr_catalogue *c)
{
	struct fr_bundles *all = &c->bundles;
	const struct fr_bundle *old = fr_bundle_find(all, n->key);
	size_t at = old != NULL ? (size_t)(old - all->at) : all->n;
	struct fr_bundle fresh = { .n = 0 };
	enum fr_err e = fr_value_word(s, n->key_at, "bundles", n->key);

	if (e == FR_OK)
		e = read_questions(s, n, fr_value_name("bundles", n->key).s, c, &fresh);
	if (e != FR_OK)
		return e;
	FR_ASSERT(fr_str_copy(fresh.name, sizeof(fresh.name), n->key));
	if (fresh.n == 0) {
		if (old != NULL)
			remove_bundle(all, at);
		return FR_OK;
	}
	if (at == FR_BUNDLES_MAX)
		return fr_complain(s, n->key_at, "bundles: more than %d", FR_BUNDLES_MAX);
	all->at[at] = fresh;
	all->n += old == NULL;
	return FR_OK;
}

enum fr_err fr_bundles_lay(const struct fr_source *s, const struct fr_node *map, struct fr_catalogue *c)
{
	enum fr_err e = map == NULL ? FR_OK : fr_value_map(s, map, "bundles");

	for (const struct fr_node *n = map == NULL ? NULL : map->first; n != NULL && e == FR_OK; n = n->next)
		e = read_one(s, n, c);
	return e;
}

/* "[ \"/path/?name={name}\" ]" */
static enum fr_err write_questions(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	const struct fr_bundle *bundle = thing;
	enum fr_err e = fr_buf_add_text(b, "[");

	(void)c;
	for (size_t i = 0; i < bundle->n && e == FR_OK; i++) {
		e = fr_buf_add_text(b, i == 0 ? " " : ", ");
		if (e == FR_OK)
			e = fr_buf_add_json(b, bundle->questions[i]); /* in double quotes, as YAML has them too */
	}
	return e == FR_OK ? fr_buf_add_text(b, " ]") : e;
}

static const struct fr_section_key keys[] = {
	{ "NAME", "[questions]", NULL,
	  "Its questions; {word} stands for a value that the request to prewarm gives. An empty list takes a bundle of the catalogue away",
	  NULL, write_questions, NULL },
};

static size_t count(const struct fr_conf *c)
{
	return c->catalogue.bundles.n;
}

static const void *at(const struct fr_conf *c, size_t i)
{
	return &c->catalogue.bundles.at[i];
}

const struct fr_section fr_bundles_section = {
	.name = "bundles",
	.what = "a bundle",
	.help = "What a client most likely asks next, asked beforehand with POST /frugal/prewarm and {\"bundle\": \"profile\", "
		"\"params\": {\"name\": \"somebody\"}}; the catalogue has some, too",
	.example = "  profile: [ \"@?username={name}\" ]\n",
	.keys = keys,
	.n_keys = sizeof(keys) / sizeof(keys[0]),
	.named = true,
	.bare = true,
	.count = count,
	.at = at,
};
