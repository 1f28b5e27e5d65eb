/* bundles.h — `bundles:`, of the catalogue and of the operator: questions that are prewarmed together. */
#ifndef FRUGAL_CONF_BUNDLES_H
#define FRUGAL_CONF_BUNDLES_H

#include "conf/section.h"
#include "core/catalogue.h"

extern const struct fr_section fr_bundles_section;

/* Lays `map`, the value of `bundles:` (NULL: nothing to do), over the bundles of the catalogue, whose rows must be there: a name that it has gets the
 * new questions, or goes if the list is empty. FR_INVALID with a message; the bundles may be half changed then. */
enum fr_err fr_bundles_lay(const struct fr_source *s, const struct fr_node *map, struct fr_catalogue *c);

#endif
