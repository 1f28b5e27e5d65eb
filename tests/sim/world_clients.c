#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "tests/sim/world_state.h"

#include <stdlib.h>
#include <string.h>

/* A stand-in for SHA-256: nothing here depends on which digest it is. */
void client_digest(const char *key, unsigned char ret[FR_SHA256_BYTES])
{
	for (uint64_t i = 0; i < FR_SHA256_BYTES / 8; i++) {
		uint64_t part = fr_hash64(i, key, strlen(key));

		memcpy(ret + 8 * i, &part, 8);
	}
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(((const struct fr_client *)a)->key_sha256, ((const struct fr_client *)b)->key_sha256, FR_SHA256_BYTES);
}

static size_t tenant_named(struct fr_roster *r, const char *name)
{
	size_t n = fr_roster_tenant(r, fr_str_of(name));

	if (n > 0 || strcmp(name, r->tenants[0].name) == 0)
		return n;
	FR_ASSERT(r->n_tenants < FR_TENANTS_MAX);
	n = r->n_tenants++;
	(void)fr_str_copy(r->tenants[n].name, sizeof r->tenants[n].name, fr_str_of(name));
	r->tenants[n].weight = 1;
	return n;
}

static size_t tier_named(struct fr_roster *r, const char *name)
{
	size_t n = 0;

	while (n < r->n_tiers && strcmp(r->tiers[n].name, name) != 0)
		n++;
	if (n < r->n_tiers)
		return n;
	FR_ASSERT(r->n_tiers < FR_TIERS_MAX);
	r->tiers[n] = r->tiers[0];
	(void)fr_str_copy(r->tiers[n].name, sizeof r->tiers[n].name, fr_str_of(name));
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		r->tiers[n].fresh[i] = FR_MS(-1);
	return r->n_tiers++;
}

void world_clients(struct world *w, const struct world_client *clients, size_t n)
{
	struct fr_roster *r = &w->conf->roster;

	FR_ASSERT(n <= FR_CLIENTS_MAX);
	r->n_clients = n;
	for (size_t i = 0; i < n; i++) {
		struct fr_client *c = &r->clients[i];

		*c = (struct fr_client){ .has_key = true };
		(void)fr_str_copy(c->name, sizeof c->name, fr_str_of(clients[i].name));
		client_digest(clients[i].name, c->key_sha256);
		c->standing.tenant = (uint16_t)tenant_named(r, clients[i].tenant);
		c->standing.tier = (uint16_t)tier_named(r, clients[i].tier);
		c->standing.priority = (uint8_t)clients[i].priority;
		c->standing.may_refresh = clients[i].may_refresh;
	}
	qsort(r->clients, n, sizeof r->clients[0], by_digest);
}

void world_tier(struct world *w, const char *tier, const char *path, fr_ms fresh)
{
	const struct fr_endpoint *e = fr_catalogue_find(&w->conf->catalogue, fr_str_of(path));
	struct fr_roster *r = &w->conf->roster;

	FR_ASSERT(!e->is_other);
	r->tiers[tier_named(r, tier)].fresh[e->index] = fresh;
}

void world_weigh(struct world *w, const char *tenant, int64_t weight)
{
	struct fr_roster *r = &w->conf->roster;

	r->tenants[tenant_named(r, tenant)].weight = weight;
}

const struct fr_tally_tenant *world_tenant(const struct world *w, size_t instance, const char *tenant)
{
	return &world_tally(w, instance)->tenants[fr_roster_tenant(&w->conf->roster, fr_str_of(tenant))];
}

int64_t tenant_spent(const struct fr_tally *t, size_t tenant, bool background)
{
	int64_t n = 0;

	for (size_t e = 0; e < FR_ENDPOINTS_MAX; e++)
		for (enum fr_reason r = 0; r < FR_REASONS; r++)
			if (fr_reason_background(r) == background)
				n += t->tenants[tenant].spent[e][r];
	return n;
}

int64_t world_tenant_spent(const struct world *w, size_t instance, const char *tenant, bool background)
{
	return tenant_spent(world_tally(w, instance), fr_roster_tenant(&w->conf->roster, fr_str_of(tenant)), background);
}
