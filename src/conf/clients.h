/* clients.h — the operator's `clients:`: who may ask, by which key, and who pays for it. */
#ifndef FRUGAL_CONF_CLIENTS_H
#define FRUGAL_CONF_CLIENTS_H

#include "conf/load.h"
#include "conf/section.h"

extern const struct fr_section fr_clients_section;

/* `list` is the value of `clients:` (NULL or empty: the roster stays as fr_roster_init() made it). Adds clients and tenants to the roster,
 * behind the tiers, and what a client's `budget:` says to the budgets. FR_INVALID with a message. */
enum fr_err fr_clients_read(const struct fr_source *s, const struct fr_node *list, struct fr_conf *c);

#endif
