/* alerts.h — the operator's `alerts:`, read into core/alerts.h's words: the channels (channels.h), the rules that use them, the daily report. */
#ifndef FRUGAL_CONF_ALERTS_H
#define FRUGAL_CONF_ALERTS_H

#include "conf/load.h"
#include "conf/section.h"

extern const struct fr_section fr_rules_section, fr_report_section;

/* `map` is the value of `alerts:` (NULL: there is none, and nobody is told anything). FR_INVALID with a message. */
enum fr_err fr_alerts_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c);

#endif
