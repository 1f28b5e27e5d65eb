/* zone.h — time zones as this machine knows them: the files of tzdata, read by the C library, as the core's table. */
#ifndef FRUGAL_CONF_ZONE_H
#define FRUGAL_CONF_ZONE_H

#include "conf/tree.h"
#include "core/zone.h"

#define FR_ZONE_DIR "/usr/share/zoneinfo"

/* The zone named by `n`'s text, with its changes from 2020 to 2060, from the files below `dir`; "UTC" needs none. `name` is what the
 * message calls the value. FR_INVALID with a message; `ret` is untouched then. Not for several threads: TZ is another one for the moment. */
enum fr_err fr_zone_read(const struct fr_source *s, const struct fr_node *n, const char *name, const char *dir,
			 struct fr_zone *ret);

#endif
