/* section.h — the sections of a configuration that hold things of the operator's own: `tiers:`, `clients:`, `budgets:`, `bundles:`,
 * and the three of `alerts:`.
 *
 * Each has a table of keys, as the settings have rows. The text is read against it; the effective configuration, the example file and
 * the manual are written from it. */
#ifndef FRUGAL_CONF_SECTION_H
#define FRUGAL_CONF_SECTION_H

#include "base/buf.h"
#include "conf/tree.h"

struct fr_conf;

struct fr_section_key {
	const char *name;
	const char *values; /* what may be written, for people */
	const char *dflt;   /* what holds where nothing is written, for people; NULL: it must be written */
	const char *help;
	/* Reads the value into what the section collects; `name` is its full name. FR_INVALID with a message. */
	enum fr_err (*read)(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into);
	/* Writes the value of a thing of the section as YAML. NULL: it is written in another way. */
	enum fr_err (*write)(struct fr_buf *b, const struct fr_conf *c, const void *thing);
	bool (*has)(const void *thing); /* whether there is anything to write; NULL: always */
};

struct fr_section {
	const char *name;   /* "clients" */
	const char *within; /* the section's name that it stands under, indented, as "channels" does under "alerts"; else NULL */
	const char *what;   /* one of its things: "a client" */
	const char *help;   /* what the section is for */
	const char *
		example; /* lines of it as they stand below the outermost name, each ended; '@' stands for a path of the catalogue; NULL: none */
	const struct fr_section_key *keys;
	size_t n_keys;
	bool named; /* a map, in which each thing has its name as its key; else a list. Named things begin with their name, terminated */
	bool bare;   /* named things that are the value of the only key, which stands for their names */
	bool single; /* a map that is the thing itself; without one nothing is written */
	size_t (*count)(const struct fr_conf *c);
	const void *(*at)(const struct fr_conf *c, size_t i);
};

enum { FR_SECTIONS = 7, FR_SECTION_KEYS_MAX = 12 };
extern const struct fr_section *const fr_sections[FR_SECTIONS]; /* in the order in which they are read */

/* Reads the keys of `map`, in the table's order. `of` names the map in messages. FR_INVALID with a message. */
enum fr_err fr_section_keys(const struct fr_source *s, const struct fr_node *map, const char *of,
			    const struct fr_section_key *keys, size_t n_keys, struct fr_conf *c, void *into);

/* Fails unless `n` is a list; "name:" with nothing behind it is an empty one. */
enum fr_err fr_section_list(const struct fr_source *s, const struct fr_node *n, const char *name);

/* The section as YAML that loads again. FR_TOOBIG past the ceiling. */
enum fr_err fr_section_write(struct fr_buf *b, const struct fr_section *section, const struct fr_conf *c);

#endif
