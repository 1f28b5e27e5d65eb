/* endpoints.h — the operator's `endpoints:` laid over the rows of a catalogue. */
#ifndef FRUGAL_CONF_ENDPOINTS_H
#define FRUGAL_CONF_ENDPOINTS_H

#include "conf/suggest.h"
#include "conf/tree.h"
#include "core/catalogue.h"

/* `map` is the value of `endpoints:` (NULL: nothing to do). Paths may be written with or without their slashes. FR_INVALID with
 * a message; the rows may be half changed then. */
enum fr_err fr_endpoints_lay(const struct fr_source *s, const struct fr_node *map, struct fr_catalogue *c);

/* The row of a path that is written with or without its slashes; NULL for a path that has none. */
struct fr_endpoint *fr_endpoints_row(struct fr_catalogue *c, struct fr_str path);
/* ", did you mean '/path/'?", or "" if no path is near. */
/* The same, only to be read. */
const struct fr_endpoint *fr_endpoints_find(const struct fr_catalogue *c, struct fr_str path);
struct fr_hint fr_endpoints_hint(const struct fr_catalogue *c, struct fr_str path);

#endif
