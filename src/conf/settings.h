/* settings.h — the settings as rows: name, type, default, bounds, help, and the field they fill.
 *
 * The rows grow from tbl/settings.def. The text of a configuration is read against them, and what a person wants to know about
 * them (example file, manual, effective configuration) is written from them. */
#ifndef FRUGAL_CONF_SETTINGS_H
#define FRUGAL_CONF_SETTINGS_H

#include "base/buf.h"
#include "conf/tree.h"
#include "frugal/settings.h"

/* The place of each row: fr_settings_rows[FR_ROW_listen]. */
enum fr_row {
#define SETTING(field, path, type, dflt, min, max, when, help) FR_ROW_##field,
#include "frugal/tbl/settings.def"
#undef SETTING
	FR_ROWS
};

enum fr_setting_when { FR_WHEN_START, FR_WHEN_RELOAD };

struct fr_setting;

/* How values of one type are read and written. */
struct fr_setting_type {
	const char *name;
	/* Reads a value into its field. FR_INVALID with a message; the field is untouched then. */
	enum fr_err (*read)(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field);
	/* Writes the field as YAML, secrets masked. FR_TOOBIG past the ceiling. */
	enum fr_err (*write)(struct fr_buf *b, const void *field);
};

struct fr_setting {
	const char *path; /* "upstream.url" */
	const struct fr_setting_type *type;
	const char *dflt;
	int64_t min, max;
	enum fr_setting_when when;
	const char *help;
	size_t at; /* of the field in struct fr_settings */
};

extern const struct fr_setting fr_settings_rows[FR_ROWS];

/* Where each setting was written; line 0 where the default is in force. */
struct fr_settings_marks {
	struct fr_mark at[FR_ROWS];
};

/* Defaults first, then everything the tree says but what has a section of its own (`endpoints:`, section.h). FR_INVALID with a message for the first thing that is
 * wrong; ret and marks are untouched then. */
enum fr_err fr_settings_read(const struct fr_source *s, const struct fr_node *root, struct fr_settings *ret,
			     struct fr_settings_marks *marks);

/* The effective value of one row as YAML, secrets masked. */
enum fr_err fr_settings_write(struct fr_buf *b, const struct fr_setting *row, const struct fr_settings *s);

/* What may be written, for people: "100ms to 5m", "on or off". */
enum fr_err fr_settings_range(struct fr_buf *b, const struct fr_setting *row);

/* Adds the names of settings that differ and need a restart to take effect, with ", " between them, and counts them in ret.
 * FR_TOOBIG past the ceiling. */
enum fr_err fr_settings_restart(struct fr_buf *b, const struct fr_settings *old, const struct fr_settings *new, size_t *ret);

#endif
