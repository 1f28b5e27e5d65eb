/* field.h — the types of settings: how each is read from a value, and written back. One row of the table per type of
 * tbl/settings.def, in the order of its comment. */
#ifndef FRUGAL_CONF_FIELD_H
#define FRUGAL_CONF_FIELD_H

#include "conf/settings.h"

enum fr_field_type {
	FR_FIELD_BOOL,
	FR_FIELD_TEXT,
	FR_FIELD_PATH,
	FR_FIELD_URL,
	FR_FIELD_ADDRS,
	FR_FIELD_REDIS,
	FR_FIELD_RATE,
	FR_FIELD_MS,
	FR_FIELD_BYTES,
	FR_FIELD_COUNT,
	FR_FIELD_LEVEL,
	FR_FIELD_STATUS,
	FR_FIELD_SYNC,
	FR_FIELD_TYPES
};

extern const struct fr_setting_type fr_field_types[FR_FIELD_TYPES];

#endif
