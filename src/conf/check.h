/* check.h — rules between settings, once each is right by itself. */
#ifndef FRUGAL_CONF_CHECK_H
#define FRUGAL_CONF_CHECK_H

#include "conf/settings.h"

/* FR_INVALID with a message at the setting that was written, if a rule is broken. */
enum fr_err fr_check(const struct fr_source *s, const struct fr_settings *set, const struct fr_settings_marks *marks);

#endif
