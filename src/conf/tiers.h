/* tiers.h — the operator's `tiers:`: times and shares that are sold apart. */
#ifndef FRUGAL_CONF_TIERS_H
#define FRUGAL_CONF_TIERS_H

#include "conf/load.h"
#include "conf/section.h"

extern const struct fr_section fr_tiers_section;

/* `map` is the value of `tiers:` (NULL: there are none). Adds to the roster and tells the catalogue's rows how long the tiers use what is
 * stored. FR_INVALID with a message. */
enum fr_err fr_tiers_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c);

#endif
