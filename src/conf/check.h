/* check.h — rules between settings, once each is right by itself. */
#ifndef FRUGAL_CONF_CHECK_H
#define FRUGAL_CONF_CHECK_H

#include "conf/settings.h"
#include "core/roster.h"

/* FR_INVALID with a message at the setting that was written, if a rule is broken. */
enum fr_err fr_check(const struct fr_source *s, const struct fr_settings *set, const struct fr_settings_marks *marks);

/* The first of these addresses that other machines can reach; NULL: there is none. */
const char *fr_check_open(const struct fr_addrs *addrs);

/* What other machines can reach is for clients with keys only, and never for the operator. FR_INVALID with a message where it was written. */
enum fr_err fr_check_reach(const struct fr_source *s, const struct fr_node *root, const struct fr_settings *set,
			   const struct fr_roster *r);

#endif
