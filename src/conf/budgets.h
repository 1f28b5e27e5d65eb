/* budgets.h — the operator's `budgets:`: what may be spent, on whom or what, in which windows of which calendar. */
#ifndef FRUGAL_CONF_BUDGETS_H
#define FRUGAL_CONF_BUDGETS_H

#include "conf/load.h"
#include "conf/section.h"

extern const struct fr_section fr_budgets_section;

/* `list` is the value of `budgets:` (NULL: there are none). Adds to the budgets; clients and catalogue must have been read. FR_INVALID with a
 * message. */
enum fr_err fr_budgets_read(const struct fr_source *s, const struct fr_node *list, struct fr_conf *c);

/* Adds one for a tenant, from an entry without a scope. */
enum fr_err fr_budgets_add(const struct fr_source *s, const struct fr_node *map, const char *of, size_t tenant,
			   struct fr_conf *c);

#endif
