/* roster.h — who may ask, and on which terms: clients, the tenants who pay for them, and their tiers.
 *
 * `conf` fills it from `clients:` and `tiers:`. Without clients there is one, "default", without a key. Tenants and tiers have
 * numbers, by which credits are counted and times are chosen; over a reload a name keeps its number. Number 0 of both is always
 * there: tenant "default" also stands for who cannot be told (unknown keys) and, in reports, for tenants of former times; tier
 * "default" has the catalogue's own times. */
#ifndef FRUGAL_CORE_ROSTER_H
#define FRUGAL_CORE_ROSTER_H

#include "core/priority.h"
#include "frugal/limits.h"
#include "frugal/types.h"

enum { FR_SHA256_BYTES = 32 };

struct fr_tier {
	char name[FR_NAME_MAX];
	int64_t weight;                /* of its tenants, where calls queue; >= 1 */
	fr_ms fresh[FR_ENDPOINTS_MAX]; /* instead of the row's; v < 0: the row's */
};

struct fr_tenant {
	char name[FR_NAME_MAX];
	int64_t weight; /* the largest of its clients' tiers */
};

/* The terms of a client, small enough to be copied for each request. */
struct fr_standing {
	uint16_t tenant, tier;
	uint8_t priority; /* enum fr_priority; the client may lower it, not raise it */
	bool may_refresh;
};

struct fr_client {
	char name[FR_NAME_MAX];
	bool has_key;
	unsigned char key_sha256[FR_SHA256_BYTES];
	struct fr_standing standing;
};

struct fr_roster {
	size_t n_clients, n_tenants, n_tiers;
	struct fr_client clients[FR_CLIENTS_MAX]; /* those with a key first, by its hash; at most one without */
	struct fr_tenant tenants[FR_TENANTS_MAX];
	struct fr_tier tiers[FR_TIERS_MAX];
};

/* The roster of a configuration that names no clients. `may_refresh`: what the setting of that name says. */
void fr_roster_init(struct fr_roster *r, bool may_refresh);
bool fr_roster_has_keys(const struct fr_roster *r);
/* The client whose key has this hash; with NULL the one without a key. NULL: there is none. The comparison takes the same time
 * wherever the hashes differ. */
const struct fr_client *fr_roster_find(const struct fr_roster *r, const unsigned char key_sha256[FR_SHA256_BYTES]);
/* The number of a tenant; 0 for a name that is not in it. */
size_t fr_roster_tenant(const struct fr_roster *r, struct fr_str name);
/* Gives the names in `fresh` the numbers they have in `old`, and keeps the names that are only in `old`, so that numbers in use go on
 * meaning the same. False, and `fresh` is as it was, if there is no room for both. */
bool fr_roster_renumber(struct fr_roster *fresh, const struct fr_roster *old);

#endif
