/* dump.h — settings written as nested YAML, section by section: for the effective configuration and for the example file. */
#ifndef FRUGAL_CONF_DUMP_H
#define FRUGAL_CONF_DUMP_H

#include "base/buf.h"
#include "conf/settings.h"

/* Writes one setting: `key` is the last word of its path, `indent` what stands before it on its line. */
typedef enum fr_err (*fr_dump_line)(struct fr_buf *b, const struct fr_setting *row, const char *indent, const char *key,
				    const struct fr_settings *s);

/* Calls `line` for every row, sections together under their names; `gap` goes before each section and each row that stands alone.
 * FR_TOOBIG past the ceiling. */
enum fr_err fr_dump_nested(struct fr_buf *b, const struct fr_settings *s, const char *gap, fr_dump_line line);

#endif
