/* roster.h — who may ask, and on which terms: clients, the tenants who pay for them, and their tiers.
 *
 * `conf` fills it from `clients:` and `tiers:`. Without clients there is one, "default", without a key. Tenants and tiers have
 * numbers, by which credits are counted and times are chosen; over a reload a name keeps its number. Number 0 of both is always
 * there: tenant "default" also stands for who cannot be told (unknown keys) and, in reports, for tenants of former times; tier
 * "default" has the catalogue's own times. */
#ifndef FRUGAL_CORE_ROSTER_H
#define FRUGAL_CORE_ROSTER_H

#include "core/needs.h"
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

/* Which fields a client reads, by endpoint. */
struct fr_reader {
	struct fr_needs needs[FR_ENDPOINTS_MAX];
	struct fr_str said[FR_ENDPOINTS_MAX]; /* as the configuration has it, in whose catalogue's memory it lives; or empty */
};

/* The terms of a client, small enough to be copied for each request. */
struct fr_standing {
	uint16_t tenant, tier;
	uint8_t priority; /* enum fr_priority; the client may lower it, not raise it */
	bool may_refresh;
	uint8_t reader; /* in `readers` */
};

struct fr_client {
	char name[FR_NAME_MAX];
	bool has_key;
	unsigned char key_sha256[FR_SHA256_BYTES];
	struct fr_standing standing;
	uint16_t max_pages[FR_ENDPOINTS_MAX]; /* of a list, by endpoint; 0: all */
};

struct fr_roster {
	size_t n_clients, n_tenants, n_tiers, n_readers;
	struct fr_client clients[FR_CLIENTS_MAX]; /* those with a key first, by its hash; at most one without */
	struct fr_tenant tenants[FR_TENANTS_MAX];
	struct fr_tier tiers[FR_TIERS_MAX];
	struct fr_reader readers[FR_NEEDS_MAX]; /* the first reads everything */
};
_Static_assert(FR_NEEDS_MAX <= UINT8_MAX, "a standing holds the number of a reader");

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
