#include "conf/clients.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/budgets.h"
#include "conf/endpoints.h"
#include "conf/max_pages.h"
#include "conf/suggest.h"
#include "conf/value.h"

/* What an entry says. */
struct draft {
	struct fr_client client;
	struct fr_str tenant; /* p == NULL: not said */
	const struct fr_node *budget;
};

static enum fr_err read_word(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str *ret)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e == FR_OK)
		e = fr_value_word(s, n->at, name, text);
	if (e == FR_OK)
		*ret = text;
	return e;
}

static enum fr_err read_name(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct draft *d = into;
	struct fr_str text = FR_STR("");
	enum fr_err e = read_word(s, n, name, &text);

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < c->roster.n_clients; i++)
		if (fr_str_is(text, c->roster.clients[i].name))
			return fr_complain(s, n->at, "%s: there is a client '%s' already", name, c->roster.clients[i].name);
	FR_ASSERT(fr_str_copy(d->client.name, sizeof(d->client.name), text));
	return FR_OK;
}

static enum fr_err write_name(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_value_write(b, fr_str_of(((const struct fr_client *)thing)->name));
}

/* What stands here may be the key itself, by mistake: it is not shown. */
static enum fr_err read_key(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct fr_client *client = &((struct draft *)into)->client;
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);
	bool ok = text.n == (size_t)2 * FR_SHA256_BYTES;

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < FR_SHA256_BYTES && ok; i++) {
		uint64_t byte = 0;

		ok = fr_str_hex_to_u64((struct fr_str){ text.p + 2 * i, 2 }, &byte);
		client->key_sha256[i] = (unsigned char)byte;
	}
	if (!ok)
		return fr_complain(s, n->at,
				   "%s: %d hex digits are expected, the SHA-256 of the key (frugalctl key new NAME makes one)",
				   name, 2 * FR_SHA256_BYTES);
	for (size_t i = 0; i < c->roster.n_clients; i++)
		if (c->roster.clients[i].has_key &&
		    memcmp(c->roster.clients[i].key_sha256, client->key_sha256, FR_SHA256_BYTES) == 0)
			return fr_complain(s, n->at, "%s: client '%s' has the same key", name, c->roster.clients[i].name);
	client->has_key = true;
	return FR_OK;
}

static enum fr_err write_key(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	enum fr_err e = FR_OK;

	(void)c;
	/* In quotes: 64 digits without a letter would be a number to other readers of YAML. */
	e = fr_buf_add_char(b, '"');
	for (size_t i = 0; i < FR_SHA256_BYTES && e == FR_OK; i++)
		e = fr_buf_addf(b, "%02x", ((const struct fr_client *)thing)->key_sha256[i]);
	return e == FR_OK ? fr_buf_add_char(b, '"') : e;
}

static bool has_key(const void *thing)
{
	return ((const struct fr_client *)thing)->has_key;
}

static enum fr_err read_tenant(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			       void *into)
{
	(void)c;
	return read_word(s, n, name, &((struct draft *)into)->tenant);
}

static enum fr_err write_tenant(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return fr_value_write(b, fr_str_of(c->roster.tenants[((const struct fr_client *)thing)->standing.tenant].name));
}

static enum fr_err read_tier(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	const struct fr_roster *r = &c->roster;
	struct fr_suggest near;
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	fr_suggest_init(&near, text);
	for (size_t i = 0; i < r->n_tiers; i++) {
		if (fr_str_is(text, r->tiers[i].name)) {
			((struct draft *)into)->client.standing.tier = (uint16_t)i;
			return FR_OK;
		}
		fr_suggest_offer(&near, fr_str_of(r->tiers[i].name));
	}
	return fr_complain(s, n->at, "%s: there is no tier '%s' under tiers:%s", name, fr_complain_excerpt(text).s,
			   fr_suggest_hint(&near).s);
}

static enum fr_err write_tier(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return fr_value_write(b, fr_str_of(c->roster.tiers[((const struct fr_client *)thing)->standing.tier].name));
}

static enum fr_err read_priority(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				 void *into)
{
	const char *names[FR_PRIORITIES];
	size_t at;
	enum fr_err e;

	(void)c;
	for (enum fr_priority p = 0; p < FR_PRIORITIES; p++)
		names[p] = fr_priority_name(p);
	e = fr_value_choice(s, n, name, names, FR_PRIORITIES, &at);
	if (e == FR_OK)
		((struct draft *)into)->client.standing.priority = (uint8_t)at;
	return e;
}

static enum fr_err write_priority(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_add_text(b, fr_priority_name(((const struct fr_client *)thing)->standing.priority));
}

static enum fr_err read_may_refresh(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				    void *into)
{
	(void)c;
	return fr_value_bool(s, n, name, &((struct draft *)into)->client.standing.may_refresh);
}

static enum fr_err write_may_refresh(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_add_text(b, ((const struct fr_client *)thing)->standing.may_refresh ? "on" : "off");
}

/* Its tenant is not known yet. */
static enum fr_err read_budget(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			       void *into)
{
	(void)c;
	((struct draft *)into)->budget = n;
	return fr_value_map(s, n, name);
}

/* Adds a name to a list that is written as it may be read again. */
static enum fr_err add_field(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_buf *list)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e == FR_OK && (text.n == 0 || text.n >= FR_NAME_MAX))
		return fr_complain(s, n->at, "%s: a field's name has 1 to %d bytes", name, FR_NAME_MAX - 1);
	for (size_t i = 0; i < text.n && e == FR_OK; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == ',')
			return fr_complain(s, n->at, "%s: '%s' is no field's name", name, fr_complain_excerpt(text).s);
	if (e == FR_OK && (fr_buf_add_text(list, list->len == 0 ? "" : ",") != FR_OK || fr_buf_add_str(list, text) != FR_OK))
		return fr_complain(s, n->at, "%s: the list is too long", name);
	return e;
}

static enum fr_err read_list(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			     const struct fr_endpoint *row, struct fr_reader *reader)
{
	enum fr_err e = FR_OK;
	struct fr_buf list;

	fr_buf_init(&list, FR_SHAPE_MAX * FR_NAME_MAX);
	if (n->kind != FR_NODE_LIST)
		e = add_field(s, n, name, &list);
	for (const struct fr_node *item = n->kind == FR_NODE_LIST ? n->first : NULL; item != NULL && e == FR_OK;
	     item = item->next)
		e = add_field(s, item, name, &list);
	if (e == FR_OK) {
		reader->said[row->index] = fr_arena_str(&c->catalogue.mem, fr_buf_str(&list));
		reader->needs[row->index] = fr_needs_read(&row->shape, fr_buf_str(&list));
		if (reader->said[row->index].p == NULL)
			e = fr_complain(s, n->at, "%s: the catalogue is too large", name);
	}
	fr_buf_free(&list);
	return e;
}

/* A name that the catalogue does not know is no mistake: the API may have it. Then everything counts as needed, and replies say so. */
static enum fr_err read_fields(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
			       void *into)
{
	struct fr_roster *r = &c->roster;
	struct fr_reader *reader = &r->readers[r->n_readers];
	enum fr_err e = fr_value_map(s, n, name);

	if (e == FR_OK && r->n_readers == FR_NEEDS_MAX)
		return fr_complain(s, n->at, "%s: more than %d clients have fields", name, FR_NEEDS_MAX - 1);
	for (const struct fr_node *path = n->first; path != NULL && e == FR_OK; path = path->next) {
		const struct fr_endpoint *row = fr_endpoints_row(&c->catalogue, path->key);

		if (row == NULL)
			return fr_complain(s, path->key_at, "%s: unknown path '%s'%s", name, fr_complain_excerpt(path->key).s,
					   fr_endpoints_hint(&c->catalogue, path->key).s);
		if (reader->said[row->index].n > 0)
			return fr_complain(s, path->key_at, "%s: path '%s' is given twice", name,
					   fr_complain_excerpt(row->path).s);
		e = read_list(s, path, fr_value_name(name, path->key).s, c, row, reader);
	}
	if (e == FR_OK)
		((struct draft *)into)->client.standing.reader = (uint8_t)r->n_readers++;
	return e;
}

/* "{ /path/: [a, b] }" */
static enum fr_err write_fields(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	const struct fr_reader *reader = &c->roster.readers[((const struct fr_client *)thing)->standing.reader];
	const char *lead = "{ ";
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < c->catalogue.n && e == FR_OK; i++) {
		struct fr_str rest = reader->said[i];

		if (rest.n == 0)
			continue;
		e = fr_buf_addf(b, "%s%.*s: [", lead, FR_STR_ARG(c->catalogue.rows[i].path));
		lead = ", ";
		while (rest.p != NULL && e == FR_OK) {
			e = fr_value_write(b, fr_str_cut(&rest, ','));
			if (e == FR_OK)
				e = fr_buf_add_text(b, rest.p != NULL ? ", " : "]");
		}
	}
	if (e == FR_OK)
		e = fr_buf_add_text(b, lead[0] == '{' ? "{}" : " }");
	return e;
}

static bool has_fields(const void *thing)
{
	return ((const struct fr_client *)thing)->standing.reader != 0;
}

static enum fr_err read_max_pages(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				  void *into)
{
	return fr_max_pages_read(s, n, name, &c->catalogue, ((struct draft *)into)->client.max_pages);
}

static enum fr_err write_max_pages(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return fr_max_pages_write(b, &c->catalogue, ((const struct fr_client *)thing)->max_pages);
}

static bool has_max_pages(const void *thing)
{
	const struct fr_client *client = thing;

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		if (client->max_pages[i] != 0)
			return true;
	return false;
}

static const char priorities[] = "one of"
#define PRIORITY(id, name, paced, help) " " name
#include "frugal/tbl/priorities.def"
#undef PRIORITY
	;

static const struct fr_section_key keys[] = {
	{ "name", "word", NULL, "Its name in reports and metrics; no other client has it", read_name, write_name, NULL },
	{ "key_sha256", "64 hex digits", "none",
	  "SHA-256 of the key that it sends as X-Api-Key (`frugalctl key new NAME` makes one); whoever sends no key is the one client that "
	  "has none here",
	  read_key, write_key, has_key },
	{ "tenant", "word", "the client's name; `default` without a key",
	  "Who pays: credits are counted, and budgets kept, by tenant; clients may share one", read_tenant, write_tenant, NULL },
	{ "tier", "a name under `tiers:`", "default", "On which terms it is served; `default`: the catalogue's", read_tier,
	  write_tier, NULL },
	{ "priority", priorities, "interactive",
	  "Class of its work: who comes first where calls queue, and stops last when credits run out. It may lower it itself",
	  read_priority, write_priority, NULL },
	{ "may_refresh", "on or off", "the setting `may_refresh`", "It may buy freshness with Cache-Control", read_may_refresh,
	  write_may_refresh, NULL },
	{ "fields", "{ /path/: [names] }", "everything",
	  "The fields that it reads of these paths' answers: it may get an answer made of what lists told, with at least these. The header "
	  "Frugal-Fields and the parameter frugal_fields say the same for one request; * is everything",
	  read_fields, write_fields, has_fields },
	{ "max_pages", "{ /path/: 3 }", "none", "How deep it may read into these lists; further pages are refused free of charge",
	  read_max_pages, write_max_pages, has_max_pages },
	{ "budget", "{ window: day, credits: 1000 }", "none", "What its tenant may spend; short for an entry under `budgets:`",
	  read_budget, NULL, NULL },
};

static size_t count(const struct fr_conf *c)
{
	return c->roster.n_clients;
}

static const void *at(const struct fr_conf *c, size_t i)
{
	return &c->roster.clients[i];
}

const struct fr_section fr_clients_section = {
	.name = "clients",
	.what = "a client",
	.help = "Who may ask. Without any, whoever reaches the listener is the client `default`, and only this machine can reach it",
	/* Nobody has the key of this hash. */
	.example =
		"  - { name: dashboard, key_sha256: 0000000000000000000000000000000000000000000000000000000000000000, tenant: acme, tier: pro }\n"
		"  - { name: default, priority: batch, budget: { window: day, credits: 1000 } }\n",
	.keys = keys,
	.n_keys = sizeof(keys) / sizeof(keys[0]),
	.count = count,
	.at = at,
};

static enum fr_err settle_tenant(const struct fr_source *s, const struct fr_node *n, struct fr_roster *r, struct draft *d)
{
	bool nameless = !d->client.has_key || strcmp(d->client.name, r->tenants[0].name) == 0;
	struct fr_str name = d->tenant.p != NULL ? d->tenant : fr_str_of(nameless ? r->tenants[0].name : d->client.name);
	int64_t weight = r->tiers[d->client.standing.tier].weight;
	size_t i = 0;

	while (i < r->n_tenants && !fr_str_is(name, r->tenants[i].name))
		i++;
	if (i == FR_TENANTS_MAX)
		return fr_complain(s, n->at, "clients: more than %d tenants: let clients share one (tenant: NAME)",
				   FR_TENANTS_MAX - 1);
	if (i == r->n_tenants) {
		r->tenants[i].weight = 1;
		FR_ASSERT(fr_str_copy(r->tenants[i].name, sizeof(r->tenants[i].name), name));
		r->n_tenants++;
	}
	if (r->tenants[i].weight < weight)
		r->tenants[i].weight = weight;
	d->client.standing.tenant = (uint16_t)i;
	return FR_OK;
}

static enum fr_err read_one(const struct fr_source *s, const struct fr_node *n, struct fr_conf *c)
{
	struct fr_roster *r = &c->roster;
	struct draft d = { .client.standing.may_refresh = c->settings.may_refresh };
	enum fr_err e = fr_section_keys(s, n, "clients", keys, sizeof(keys) / sizeof(keys[0]), c, &d);

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < r->n_clients; i++)
		if (!d.client.has_key && !r->clients[i].has_key)
			return fr_complain(
				s, n->at,
				"clients: neither '%s' nor '%s' has a key_sha256; one client at the most may be without",
				r->clients[i].name, d.client.name);
	if (r->n_clients == FR_CLIENTS_MAX)
		return fr_complain(s, n->at, "clients: more than %d", FR_CLIENTS_MAX);
	e = settle_tenant(s, n, r, &d);
	if (e == FR_OK && d.budget != NULL)
		e = fr_budgets_add(s, d.budget, "clients.budget", d.client.standing.tenant, c);
	if (e == FR_OK)
		r->clients[r->n_clients++] = d.client;
	return e;
}

static int by_key(const void *left, const void *right)
{
	const struct fr_client *a = left, *b = right;

	if (a->has_key != b->has_key)
		return a->has_key ? -1 : 1;
	return memcmp(a->key_sha256, b->key_sha256, FR_SHA256_BYTES);
}

enum fr_err fr_clients_read(const struct fr_source *s, const struct fr_node *list, struct fr_conf *c)
{
	enum fr_err e = list == NULL ? FR_OK : fr_section_list(s, list, "clients");

	if (list == NULL || list->first == NULL || e != FR_OK)
		return e;
	c->roster.n_clients = 0;
	for (const struct fr_node *n = list->first; n != NULL && e == FR_OK; n = n->next)
		e = read_one(s, n, c);
	if (e == FR_OK)
		qsort(c->roster.clients, c->roster.n_clients, sizeof(c->roster.clients[0]), by_key);
	return e;
}
