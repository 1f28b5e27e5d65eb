#include "conf/tiers.h"

#include <inttypes.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "conf/endpoints.h"
#include "conf/terms.h"
#include "conf/value.h"

enum { WEIGHT_MAX = 1000 };

static enum fr_err read_weight(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			       void *into)
{
	(void)c;
	return fr_value_count(s, n, name, 1, WEIGHT_MAX, &((struct fr_tier *)into)->weight);
}

static enum fr_err write_weight(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_addf(b, "%" PRId64, ((const struct fr_tier *)thing)->weight);
}

static enum fr_err read_fresh(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct fr_tier *tier = into;
	enum fr_err e = fr_value_map(s, n, name);

	for (const struct fr_node *path = n->first; path != NULL && e == FR_OK; path = path->next) {
		const struct fr_endpoint *row = fr_endpoints_row(&c->catalogue, path->key);

		if (row == NULL)
			return fr_complain(s, path->key_at, "%s: unknown path '%s'%s", name, fr_complain_excerpt(path->key).s,
					   fr_endpoints_hint(&c->catalogue, path->key).s);
		if (tier->fresh[row->index].v >= 0)
			return fr_complain(s, path->key_at, "%s: path '%s' is given twice", name,
					   fr_complain_excerpt(row->path).s);
		e = fr_terms_time(s, path, fr_value_name(name, path->key).s, &tier->fresh[row->index]);
	}
	return e;
}

/* "{ /path/: 1h }" */
static enum fr_err write_fresh(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	const struct fr_tier *tier = thing;
	const char *lead = "{ ";
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < c->catalogue.n && e == FR_OK; i++) {
		char time[32];

		if (tier->fresh[i].v < 0)
			continue;
		fr_units_show_ms(tier->fresh[i], time, sizeof(time));
		e = fr_buf_addf(b, "%s%.*s: %s", lead, FR_STR_ARG(c->catalogue.rows[i].path), time);
		lead = ", ";
	}
	if (e == FR_OK)
		e = fr_buf_add_text(b, lead[0] == '{' ? "{}" : " }");
	return e;
}

static const struct fr_section_key keys[] = {
	{ "weight", "1 to 1000", "1", "Share of the calls that its tenants get where calls queue", read_weight, write_weight,
	  NULL },
	{ "fresh", "{ /path/: duration }", "the catalogue's times", "`fresh` of these paths, instead of the catalogue's",
	  read_fresh, write_fresh, NULL },
};

/* The first, `default`, is not the operator's. */
static size_t count(const struct fr_conf *c)
{
	return c->roster.n_tiers - 1;
}

static const void *at(const struct fr_conf *c, size_t i)
{
	return &c->roster.tiers[i + 1];
}

const struct fr_section fr_tiers_section = {
	.name = "tiers",
	.what = "a tier",
	.help = "Clients that are served on other terms; all share one cache, and what is fresh enough for one may not be for another",
	.example = "  pro: { weight: 3, fresh: { @: 1h } }\n",
	.keys = keys,
	.n_keys = sizeof(keys) / sizeof(keys[0]),
	.named = true,
	.count = count,
	.at = at,
};

static enum fr_err read_one(const struct fr_source *s, const struct fr_node *n, struct fr_conf *c)
{
	struct fr_roster *r = &c->roster;
	struct fr_tier *tier = &r->tiers[r->n_tiers];
	enum fr_err e = fr_value_word(s, n->key_at, "tiers", n->key);

	if (e != FR_OK)
		return e;
	if (fr_str_is(n->key, r->tiers[0].name))
		return fr_complain(s, n->key_at,
				   "tiers: '%s' is the tier of those who have no other: its times are set under endpoints:",
				   r->tiers[0].name);
	if (r->n_tiers == FR_TIERS_MAX)
		return fr_complain(s, n->key_at, "tiers: more than %d", FR_TIERS_MAX - 1);
	*tier = r->tiers[0];
	FR_ASSERT(fr_str_copy(tier->name, sizeof(tier->name), n->key));
	r->n_tiers++;
	return fr_section_keys(s, n, fr_value_name("tiers", n->key).s, keys, sizeof(keys) / sizeof(keys[0]), c, tier);
}

enum fr_err fr_tiers_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c)
{
	enum fr_err e = map == NULL ? FR_OK : fr_value_map(s, map, "tiers");

	for (const struct fr_node *n = map == NULL ? NULL : map->first; n != NULL && e == FR_OK; n = n->next)
		e = read_one(s, n, c);
	return e;
}
