/* param.h — the `params:` of one row of a catalogue. */
#ifndef FRUGAL_CONF_PARAM_H
#define FRUGAL_CONF_PARAM_H

#include "conf/tree.h"
#include "core/catalogue.h"

/* Adds the map's parameters to the row, in their order; text goes to the arena. `of` names the row in messages. FR_INVALID with a
 * message; the row may be half changed then. */
enum fr_err fr_param_read(const struct fr_source *s, const struct fr_node *map, const char *of, struct fr_arena *mem,
			  struct fr_endpoint *e);

#endif
