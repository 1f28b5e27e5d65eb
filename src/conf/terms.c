#include "conf/terms.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "conf/value.h"

enum { PRICE_MAX = 1000000, COUNT_MAX = 1000000 };

static const fr_ms longest = { INT64_C(36500) * 24 * 3600 * 1000 }; /* a century: no sum of times comes near 64 bits */
static const char *const links_names[] = { "none", "incidental", "required" };

static fr_ms *time_of(struct fr_endpoint *e, const struct fr_terms_key *key)
{
	return (fr_ms *)(void *)((char *)e + key->at);
}

static enum fr_err add_ms(struct fr_buf *b, fr_ms t)
{
	char text[32];

	fr_units_show_ms(t, text, sizeof(text));
	return fr_buf_add_text(b, text);
}

enum fr_err fr_terms_time(const struct fr_source *s, const struct fr_node *n, const char *name, fr_ms *ret)
{
	return fr_value_ms(s, n, name, FR_MS(0), longest, ret);
}

static enum fr_err read_time(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_terms_key *key,
			     struct fr_endpoint *e)
{
	return fr_terms_time(s, n, name, time_of(e, key));
}

static enum fr_err write_time(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	return add_ms(b, *(const fr_ms *)(const void *)((const char *)e + key->at));
}

static enum fr_err read_price(const struct fr_source *s, const struct fr_node *n, const char *name,
			      const struct fr_terms_key *key, struct fr_endpoint *e)
{
	(void)key;
	return fr_value_count(s, n, name, 0, PRICE_MAX, &e->price);
}

static enum fr_err write_price(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	(void)key;
	return fr_buf_addf(b, "%" PRId64, e->price);
}

static enum fr_err read_links(const struct fr_source *s, const struct fr_node *n, const char *name,
			      const struct fr_terms_key *key, struct fr_endpoint *e)
{
	size_t at;
	enum fr_err err = fr_value_choice(s, n, name, links_names, sizeof(links_names) / sizeof(links_names[0]), &at);

	(void)key;
	if (err == FR_OK)
		e->links = (enum fr_links)at;
	return err;
}

static enum fr_err write_links(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	(void)key;
	return fr_buf_add_text(b, links_names[e->links]);
}

/* One "1h: 5m" or "older: 1d". */
static enum fr_err read_step(const struct fr_source *s, const struct fr_node *n, const char *of, struct fr_endpoint *e)
{
	struct fr_value_name name = fr_value_name(of, n->key);
	struct fr_age_step *step = &e->steps[e->n_steps];

	if (e->n_steps == FR_AGE_STEPS_MAX)
		return fr_complain(s, n->key_at, "%s: more than %d steps", of, FR_AGE_STEPS_MAX);
	if (fr_str_is(n->key, "older"))
		step->younger = FR_MS(INT64_MAX);
	else if (!fr_units_ms(n->key, &step->younger) || step->younger.v > longest.v)
		return fr_complain(s, n->key_at, "%s: '%s' is neither an age (like 1h, 30d) nor older", of,
				   fr_complain_excerpt(n->key).s);
	if (step->younger.v <= (e->n_steps == 0 ? 0 : e->steps[e->n_steps - 1].younger.v))
		return fr_complain(s, n->key_at, "%s: the ages must grow, with older as the last", of);
	e->n_steps++;
	return fr_value_ms(s, n, name.s, FR_MS(0), longest, &step->fresh);
}

static enum fr_err read_steps(const struct fr_source *s, const struct fr_node *n, const char *name,
			      const struct fr_terms_key *key, struct fr_endpoint *e)
{
	enum fr_err err = FR_OK;

	(void)key;
	e->n_steps = 0;
	if (n->kind == FR_NODE_TEXT && fr_str_is(n->text, "none"))
		return FR_OK;
	if (n->kind != FR_NODE_MAP)
		return fr_complain(s, n->at, "%s: none or ages are expected, as in { 1h: 5m, 1d: 30m, older: 6h }", name);
	for (const struct fr_node *step = n->first; step != NULL && err == FR_OK; step = step->next)
		err = read_step(s, step, name, e);
	if (err != FR_OK)
		return err;
	if (e->n_steps == 0 || e->steps[e->n_steps - 1].younger.v != INT64_MAX)
		return fr_complain(s, n->at, "%s: the last step must be older, for all other ages", name);
	return FR_OK;
}

static enum fr_err write_steps(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	enum fr_err err = FR_OK;

	(void)key;
	if (e->n_steps == 0)
		return fr_buf_add_text(b, "none");
	for (size_t i = 0; i < e->n_steps && err == FR_OK; i++) {
		bool older = e->steps[i].younger.v == INT64_MAX;

		err = fr_buf_add_text(b, i == 0 ? "{ " : ", ");
		if (err == FR_OK)
			err = older ? fr_buf_add_text(b, "older") : add_ms(b, e->steps[i].younger);
		if (err == FR_OK)
			err = fr_buf_add_text(b, ": ");
		if (err == FR_OK)
			err = add_ms(b, e->steps[i].fresh);
	}
	return err == FR_OK ? fr_buf_add_text(b, " }") : err;
}

static enum fr_err read_blocks(const struct fr_source *s, const struct fr_node *n, const char *name,
			       const struct fr_terms_key *key, struct fr_endpoint *e)
{
	(void)key;
	return fr_value_bool(s, n, name, &e->blocks);
}

static enum fr_err write_blocks(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	(void)key;
	return fr_buf_add_text(b, e->blocks ? "on" : "off");
}

/* The row's parameter that says how many are asked for, or NULL. */
static struct fr_param *count_param(struct fr_endpoint *e)
{
	for (size_t i = 0; i < e->n_params; i++)
		if (e->params[i].fold == FR_FOLD_COUNT)
			return &e->params[i];
	return NULL;
}

static const struct fr_param *const_count_param(const struct fr_endpoint *e)
{
	for (size_t i = 0; i < e->n_params; i++)
		if (e->params[i].fold == FR_FOLD_COUNT)
			return &e->params[i];
	return NULL;
}

static enum fr_err read_max(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_terms_key *key,
			    struct fr_endpoint *e)
{
	struct fr_param *count = count_param(e);
	int64_t dflt = 1, max = 0;
	enum fr_err err = FR_OK;

	(void)key;
	if (count == NULL)
		return fr_complain(s, n->at, "%s: this path has no count", name);
	if (!(n->kind == FR_NODE_TEXT && fr_str_is(n->text, "none")))
		err = fr_value_count(s, n, name, 1, COUNT_MAX, &max);
	if (err != FR_OK)
		return err;
	if (count->has_default)
		FR_ASSERT(fr_str_to_i64(count->dflt, &dflt));
	if (max != 0 && max < dflt)
		return fr_complain(s, n->at, "%s: %" PRId64 " is below the default of '%s', which is %" PRId64, name, max,
				   fr_complain_excerpt(count->name).s, dflt);
	count->max = max;
	return FR_OK;
}

static enum fr_err write_max(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	const struct fr_param *count = const_count_param(e);

	(void)key;
	FR_ASSERT(count != NULL);
	return count->max == 0 ? fr_buf_add_text(b, "none") : fr_buf_addf(b, "%" PRId64, count->max);
}

#define TIME(field) read_time, write_time, offsetof(struct fr_endpoint, field)

const struct fr_terms_key fr_terms_keys[FR_TERMS_KEYS] = {
	{ "price", "number", "Credits that one billed call costs", read_price, write_price, 0 },
	{ "fresh", "duration", "Served from what is stored, without a call, for so long", TIME(fresh) },
	{ "stale", "duration",
	  "After that still served at once for so long, and refreshed behind if it is read often enough (refresh_reads)",
	  TIME(stale) },
	{ "rescue", "duration", "Since it was stored: served when the upstream or Redis fails", TIME(rescue) },
	{ "fresh_deep", "duration", "`fresh` of pages behind the first; 0: as `fresh`", TIME(fresh_deep) },
	{ "fresh_by_age", "none or { 1h: 5m, 1d: 30m, older: 6h }",
	  "Fresh for 5m where the post was younger than 1h when it was fetched, and so on; `fresh` is the most", read_steps,
	  write_steps, 0 },
	{ "negative", "duration", "A not-found is remembered for so long at first; doubles while it stays not found",
	  TIME(negative) },
	{ "negative_max", "duration", "The longest that a not-found is remembered; never less than `negative`",
	  TIME(negative_max) },
	{ "links", "none, incidental or required",
	  "Expired signed links in a body: not looked for, reported in a header, or the end of the body's life", read_links,
	  write_links, 0 },
	{ "blocks", "on or off",
	  "Pages of a list are cut from the largest one, which costs the same; off: each is asked for as it is", read_blocks,
	  write_blocks, 0 },
	{ "max", "number or none", "Largest count that is handed on; more is refused free of charge", read_max, write_max, 0 },
};

bool fr_terms_has(const struct fr_terms_key *key, const struct fr_endpoint *e)
{
	if (key->read == read_blocks)
		return e->paging != FR_PAGING_NONE;
	return key->read != read_max || const_count_param(e) != NULL;
}

/* Steps that are longer than `fresh`: a slip where they were written here, else cut, since `fresh` is the most. */
static enum fr_err settle_steps(const struct fr_source *s, const struct fr_node *map, const char *of, struct fr_endpoint *e)
{
	const struct fr_node *written = fr_tree_get(map, "fresh_by_age");

	for (size_t i = 0; i < e->n_steps; i++) {
		if (e->steps[i].fresh.v <= e->fresh.v)
			continue;
		if (written != NULL)
			return fr_complain(s, written->at,
					   "%s.fresh_by_age: a step is longer than fresh, which is the most: raise fresh too",
					   of);
		e->steps[i].fresh = e->fresh;
	}
	return FR_OK;
}

enum fr_err fr_terms_read(const struct fr_source *s, const struct fr_node *map, const char *of, bool with_max,
			  struct fr_endpoint *e)
{
	for (size_t i = 0; i < (with_max ? FR_TERMS_KEYS : FR_TERMS_ROW_KEYS); i++) {
		const struct fr_terms_key *key = &fr_terms_keys[i];
		const struct fr_node *n = fr_tree_get(map, key->name);
		enum fr_err err;

		if (n == NULL)
			continue;
		err = key->read(s, n, fr_value_name(of, n->key).s, key, e);
		if (err != FR_OK)
			return err;
	}
	if (e->negative_max.v < e->negative.v)
		e->negative_max = e->negative;
	return settle_steps(s, map, of, e);
}
