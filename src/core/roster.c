#include "core/roster.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

void fr_roster_init(struct fr_roster *r, bool may_refresh)
{
	struct fr_str name = FR_STR("default");

	memset(r, 0, sizeof(*r));
	r->n_clients = r->n_tenants = r->n_tiers = r->n_readers = 1;
	(void)fr_str_copy(r->clients[0].name, sizeof(r->clients[0].name), name);
	(void)fr_str_copy(r->tenants[0].name, sizeof(r->tenants[0].name), name);
	(void)fr_str_copy(r->tiers[0].name, sizeof(r->tiers[0].name), name);
	r->clients[0].standing.may_refresh = may_refresh;
	r->tenants[0].weight = r->tiers[0].weight = 1;
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		r->tiers[0].fresh[i] = FR_MS(-1);
}

bool fr_roster_has_keys(const struct fr_roster *r)
{
	return r->n_clients > 0 && r->clients[0].has_key;
}

/* Eight bytes, the first the highest; written so that compilers make one instruction of it. */
static uint64_t word_at(const unsigned char *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 |
	       (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* Which bytes differ must not show in how long it takes. */
static int compare(const unsigned char *a, const unsigned char *b)
{
	int result = 0;

	for (size_t i = FR_SHA256_BYTES; i > 0; i -= sizeof(uint64_t)) {
		uint64_t x = word_at(a + i - sizeof(x)), y = word_at(b + i - sizeof(y));
		int differ = (x > y) - (x < y), mask = -(differ != 0);

		result = (result & ~mask) | (differ & mask);
	}
	return result;
}

const struct fr_client *fr_roster_find(const struct fr_roster *r, const unsigned char key_sha256[FR_SHA256_BYTES])
{
	const struct fr_client *last = r->n_clients > 0 ? &r->clients[r->n_clients - 1] : NULL;
	size_t from = 0, to = r->n_clients - (last != NULL && !last->has_key ? 1 : 0);

	if (key_sha256 == NULL)
		return last != NULL && !last->has_key ? last : NULL;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = compare(key_sha256, r->clients[middle].key_sha256);

		if (order == 0)
			return &r->clients[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

size_t fr_roster_tenant(const struct fr_roster *r, struct fr_str name)
{
	for (size_t i = 0; i < r->n_tenants; i++)
		if (fr_str_is(name, r->tenants[i].name))
			return i;
	return 0;
}

/* Names at the beginning of `n` things of `size` bytes each. */
struct named {
	const char *first;
	size_t n, size;
};

static const char *name_at(const struct named *list, size_t i)
{
	return list->first + i * list->size;
}

/* The place of a name, or `n`. */
static size_t place_of(const struct named *list, const char *name)
{
	size_t i = 0;

	while (i < list->n && strcmp(name_at(list, i), name) != 0)
		i++;
	return i;
}

/* For each in `fresh` its place in `old`, or behind all of them; returns how many there are together. */
static size_t places(const struct named *fresh, const struct named *old, size_t *ret_at)
{
	size_t n = old->n;

	for (size_t i = 0; i < fresh->n; i++) {
		size_t at = place_of(old, name_at(fresh, i));

		ret_at[i] = at < old->n ? at : n++;
	}
	return n;
}

static struct named tenants_of(const struct fr_roster *r)
{
	return (struct named){ r->tenants[0].name, r->n_tenants, sizeof(r->tenants[0]) };
}

static struct named tiers_of(const struct fr_roster *r)
{
	return (struct named){ r->tiers[0].name, r->n_tiers, sizeof(r->tiers[0]) };
}

bool fr_roster_renumber(struct fr_roster *fresh, const struct fr_roster *old)
{
	const struct named now[] = { tenants_of(fresh), tiers_of(fresh) }, before[] = { tenants_of(old), tiers_of(old) };
	struct fr_tenant tenants[FR_TENANTS_MAX];
	struct fr_tier tiers[FR_TIERS_MAX];
	size_t tenant_at[FR_TENANTS_MAX] = { 0 }, tier_at[FR_TIERS_MAX] = { 0 };
	size_t n_tenants = places(&now[0], &before[0], tenant_at), n_tiers = places(&now[1], &before[1], tier_at);

	if (n_tenants > FR_TENANTS_MAX || n_tiers > FR_TIERS_MAX)
		return false;
	memcpy(tenants, old->tenants, old->n_tenants * sizeof(tenants[0]));
	for (size_t i = 0; i < fresh->n_tenants; i++)
		tenants[tenant_at[i]] = fresh->tenants[i];
	memcpy(tiers, old->tiers, old->n_tiers * sizeof(tiers[0]));
	for (size_t i = 0; i < fresh->n_tiers; i++)
		tiers[tier_at[i]] = fresh->tiers[i];
	memcpy(fresh->tenants, tenants, n_tenants * sizeof(tenants[0]));
	memcpy(fresh->tiers, tiers, n_tiers * sizeof(tiers[0]));
	fresh->n_tenants = n_tenants;
	fresh->n_tiers = n_tiers;
	for (size_t i = 0; i < fresh->n_clients; i++) {
		struct fr_standing *s = &fresh->clients[i].standing;

		s->tenant = (uint16_t)tenant_at[s->tenant];
		s->tier = (uint16_t)tier_at[s->tier];
	}
	return true;
}
