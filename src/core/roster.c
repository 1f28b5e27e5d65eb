#include "core/roster.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

void fr_roster_init(struct fr_roster *r, bool may_refresh)
{
	struct fr_str name = FR_STR("default");

	memset(r, 0, sizeof(*r));
	r->n_clients = r->n_tenants = r->n_tiers = 1;
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

/* Which bytes differ must not show in how long it takes. */
static int compare(const unsigned char *a, const unsigned char *b)
{
	int result = 0;

	for (size_t i = FR_SHA256_BYTES; i-- > 0;) {
		int differ = (int)a[i] - (int)b[i], mask = -(differ != 0);

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
