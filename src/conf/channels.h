/* channels.h — the operator's `alerts.channels`: by which ways people are told. Files are only named here: what is in them is a secret. */
#ifndef FRUGAL_CONF_CHANNELS_H
#define FRUGAL_CONF_CHANNELS_H

#include "conf/load.h"
#include "conf/section.h"

extern const struct fr_section fr_channels_section;

/* `map` is the value of `channels:` (NULL: there are none). FR_INVALID with a message. */
enum fr_err fr_channels_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c);

#endif
