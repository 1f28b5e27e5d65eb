#include "conf/budgets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/endpoints.h"
#include "conf/suggest.h"
#include "conf/value.h"
#include "conf/zone.h"

static const int64_t CREDITS_MAX = INT64_C(1000000000000000); /* sums and percentages of it stay far from 64 bits */

enum { SCOPE_TEXT_MAX = FR_BUDGET_NAME_MAX - 8 }; /* leaves room for the window's name */

/* What an entry says. */
struct draft {
	struct fr_budget budget;
	char scope[SCOPE_TEXT_MAX]; /* in the form that its name has it */
	bool has_zone;
};

static void set_scope(struct draft *d, enum fr_scope scope, size_t subject, const char *kind, struct fr_str name)
{
	int n = snprintf(d->scope, sizeof(d->scope), "%s%.*s", kind, FR_STR_ARG(name));

	FR_ASSERT(n > 0 && (size_t)n < sizeof(d->scope)); /* names and paths are shorter */
	d->budget.scope = scope;
	d->budget.subject = subject;
}

static enum fr_err scope_all(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str subject,
			     struct fr_conf *c, struct draft *d)
{
	(void)s;
	(void)n;
	(void)name;
	(void)subject;
	(void)c;
	set_scope(d, FR_SCOPE_ALL, 0, "all", FR_STR(""));
	return FR_OK;
}

static enum fr_err scope_tenant(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str subject,
				struct fr_conf *c, struct draft *d)
{
	const struct fr_roster *r = &c->roster;
	struct fr_suggest near;

	fr_suggest_init(&near, subject);
	for (size_t i = 0; i < r->n_clients; i++) {
		size_t tenant = r->clients[i].standing.tenant;

		if (fr_str_is(subject, r->tenants[tenant].name)) {
			set_scope(d, FR_SCOPE_TENANT, tenant, "tenant:", subject);
			return FR_OK;
		}
		fr_suggest_offer(&near, fr_str_of(r->tenants[tenant].name));
	}
	return fr_complain(s, n->at, "%s: no client has the tenant '%s'%s", name, fr_complain_excerpt(subject).s,
			   fr_suggest_hint(&near).s);
}

static enum fr_err scope_endpoint(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str subject,
				  struct fr_conf *c, struct draft *d)
{
	const struct fr_endpoint *row = fr_endpoints_row(&c->catalogue, subject), *other = &c->catalogue.rows[c->catalogue.n - 1];

	if (row == NULL && fr_str_eq(subject, other->path))
		row = other;
	if (row == NULL)
		return fr_complain(s, n->at, "%s: unknown path '%s'%s", name, fr_complain_excerpt(subject).s,
				   fr_endpoints_hint(&c->catalogue, subject).s);
	set_scope(d, FR_SCOPE_ENDPOINT, row->index, "endpoint:", row->path);
	return FR_OK;
}

static enum fr_err scope_class(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str subject,
			       struct fr_conf *c, struct draft *d)
{
	struct fr_suggest near;

	(void)c;
	fr_suggest_init(&near, subject);
	for (enum fr_priority p = 0; p < FR_PRIORITIES; p++) {
		if (fr_str_is(subject, fr_priority_name(p))) {
			set_scope(d, FR_SCOPE_CLASS, p, "class:", subject);
			return FR_OK;
		}
		fr_suggest_offer(&near, fr_str_of(fr_priority_name(p)));
	}
	return fr_complain(s, n->at, "%s: unknown class '%s'%s", name, fr_complain_excerpt(subject).s, fr_suggest_hint(&near).s);
}

static enum fr_err read_scope(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	static const struct {
		const char *word;
		enum fr_err (*read)(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str subject,
				    struct fr_conf *c, struct draft *d);
	} scopes[] = {
		{ "all", scope_all }, { "tenant", scope_tenant }, { "endpoint", scope_endpoint }, { "class", scope_class }
	};
	struct fr_str subject = FR_STR(""), word;
	struct fr_suggest near;
	enum fr_err e = fr_value_text(s, n, name, &subject);

	if (e != FR_OK)
		return e;
	word = fr_str_cut(&subject, ':');
	fr_suggest_init(&near, word);
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (!fr_str_is(word, scopes[i].word))
			fr_suggest_offer(&near, fr_str_of(scopes[i].word));
		else if ((scopes[i].read == scope_all) == (subject.p == NULL))
			return scopes[i].read(s, n, name, subject, c, into);
	}
	return fr_complain(s, n->at, "%s: '%s' is not all, tenant:NAME, endpoint:/path/ or class:NAME%s", name,
			   fr_complain_excerpt(n->text).s, fr_suggest_hint(&near).s);
}

/* Its name without the window's. */
static enum fr_err write_scope(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	const struct fr_budget *budget = thing;
	struct fr_str name = fr_str_of(budget->name);

	(void)c;
	name.n -= strlen(fr_window_kind_name(budget->window)) + 1;
	return fr_value_write(b, name);
}

static enum fr_err read_window(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			       void *into)
{
	const char *names[FR_WINDOW_KINDS];
	size_t at;
	enum fr_err e;

	(void)c;
	for (enum fr_window_kind k = 0; k < FR_WINDOW_KINDS; k++)
		names[k] = fr_window_kind_name(k);
	e = fr_value_choice(s, n, name, names, FR_WINDOW_KINDS, &at);
	if (e == FR_OK)
		((struct draft *)into)->budget.window = (enum fr_window_kind)at;
	return e;
}

static enum fr_err write_window(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_add_text(b, fr_window_kind_name(((const struct fr_budget *)thing)->window));
}

static enum fr_err read_credits(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				void *into)
{
	(void)c;
	return fr_value_count(s, n, name, 0, CREDITS_MAX, &((struct draft *)into)->budget.credits);
}

static enum fr_err write_credits(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_addf(b, "%" PRId64, ((const struct fr_budget *)thing)->credits);
}

/* Each zone is read once. */
static enum fr_err add_zone(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_budgets *all,
			    struct draft *d)
{
	enum fr_err e;

	d->has_zone = true;
	for (d->budget.zone = 0; d->budget.zone < all->n_zones; d->budget.zone++)
		if (fr_str_is(n->text, all->zones[d->budget.zone].name))
			return FR_OK;
	if (all->n_zones == FR_ZONES_MAX)
		return fr_complain(s, n->at, "%s: more than %d time zones", name, FR_ZONES_MAX);
	e = fr_zone_read(s, n, name, FR_ZONE_DIR, &all->zones[all->n_zones]);
	if (e == FR_OK)
		all->n_zones++;
	return e;
}

static enum fr_err read_zone(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	return e == FR_OK ? add_zone(s, n, name, &c->budgets, into) : e;
}

static enum fr_err write_zone(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return fr_value_write(b, fr_str_of(c->budgets.zones[((const struct fr_budget *)thing)->zone].name));
}

static enum fr_err read_start_day(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				  void *into)
{
	struct fr_budget *budget = &((struct draft *)into)->budget;
	int64_t day = 1;
	enum fr_err e = fr_value_count(s, n, name, 1, 31, &day);

	(void)c;
	if (e == FR_OK && budget->window != FR_WINDOW_MONTH)
		e = fr_complain(s, n->key_at, "%s: only a window of a month has one", name);
	if (e == FR_OK)
		budget->start_day = (int)day;
	return e;
}

static enum fr_err write_start_day(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_addf(b, "%d", ((const struct fr_budget *)thing)->start_day);
}

static bool has_start_day(const void *thing)
{
	return ((const struct fr_budget *)thing)->window == FR_WINDOW_MONTH;
}

/* The scope comes first, so that the keys behind it are those of an entry without one; the window comes before its start day. */
static const struct fr_section_key keys[] = {
	{ "scope", "all, tenant:NAME, endpoint:/path/ or class:NAME", NULL,
	  "Whose calls it is about: everybody's, those of a tenant, of a path (`endpoint:other`: of all paths without a row), of a class of work",
	  read_scope, write_scope, NULL },
	{ "window", "hour, day or month", NULL, "The credits are for each of these, by the calendar", read_window, write_window,
	  NULL },
	{ "credits", "number", NULL, "What may be spent in a window; 0 is a budget of nothing, no budget is no entry",
	  read_credits, write_credits, NULL },
	{ "timezone", "a name like Europe/Berlin", "UTC", "Where midnight is", read_zone, write_zone, NULL },
	{ "start_day", "1 to 31", "1", "Day on which a month begins; in a month that is too short, its last day", read_start_day,
	  write_start_day, has_start_day },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static size_t count(const struct fr_conf *c)
{
	return c->budgets.n;
}

static const void *at(const struct fr_conf *c, size_t i)
{
	return &c->budgets.at[i];
}

const struct fr_section fr_budgets_section = {
	.name = "budgets",
	.what = "a budget",
	.help = "What may be spent. A call falls under every budget that covers it, and is made only if all of them have credits left",
	.example = "  - { scope: all, window: month, credits: 3000000, timezone: Europe/Berlin, start_day: 1 }\n"
		   "  - { scope: \"tenant:acme\", window: day, credits: 20000 }\n"
		   "  - { scope: \"endpoint:@\", window: hour, credits: 500 }\n"
		   "  - { scope: \"class:batch\", window: day, credits: 5000 }\n",
	.keys = keys,
	.n_keys = KEYS,
	.count = count,
	.at = at,
};

static enum fr_err add(const struct fr_source *s, const struct fr_node *n, const char *of, struct draft *d,
		       struct fr_budgets *all)
{
	const struct fr_node utc = { .kind = FR_NODE_TEXT, .at = n->at, .text = FR_STR("UTC") };
	enum fr_err e = d->has_zone ? FR_OK : add_zone(s, &utc, of, all, d);
	int len = snprintf(d->budget.name, sizeof(d->budget.name), "%s/%s", d->scope, fr_window_kind_name(d->budget.window));

	FR_ASSERT(len > 0 && (size_t)len < sizeof(d->budget.name));
	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].name, d->budget.name) == 0)
			return fr_complain(s, n->at, "%s: '%s' has a budget for each %s already", of, d->scope,
					   fr_window_kind_name(d->budget.window));
	if (all->n == FR_BUDGETS_MAX)
		return fr_complain(s, n->at, "%s: more than %d budgets", of, FR_BUDGETS_MAX);
	all->at[all->n++] = d->budget;
	return FR_OK;
}

enum fr_err fr_budgets_add(const struct fr_source *s, const struct fr_node *map, const char *of, size_t tenant, struct fr_conf *c)
{
	struct draft d = { .budget.start_day = 1 };
	enum fr_err e = fr_section_keys(s, map, of, keys + 1, KEYS - 1, c, &d);

	if (e != FR_OK)
		return e;
	set_scope(&d, FR_SCOPE_TENANT, tenant, "tenant:", fr_str_of(c->roster.tenants[tenant].name));
	return add(s, map, of, &d, &c->budgets);
}

enum fr_err fr_budgets_read(const struct fr_source *s, const struct fr_node *list, struct fr_conf *c)
{
	enum fr_err e = list == NULL ? FR_OK : fr_section_list(s, list, "budgets");

	for (const struct fr_node *n = list == NULL ? NULL : list->first; n != NULL && e == FR_OK; n = n->next) {
		struct draft d = { .budget.start_day = 1 };

		e = fr_section_keys(s, n, "budgets", keys, KEYS, c, &d);
		if (e == FR_OK)
			e = add(s, n, "budgets", &d, &c->budgets);
	}
	return e;
}
