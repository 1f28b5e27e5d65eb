/* load.h — a configuration as a whole: the settings, the catalogue, the operator's endpoints laid over it, clients and budgets.
 *
 * The text is read at start and again at SIGHUP, and either all of it is right or none of it is used: the first thing that is
 * wrong ends the reading with one line, "file:line:column: message". Key and password files are only named here; nobody in this
 * room reads a secret. Relative paths are relative to the working directory. */
#ifndef FRUGAL_CONF_LOAD_H
#define FRUGAL_CONF_LOAD_H

#include "base/buf.h"
#include "conf/settings.h"
#include "core/alerts.h"
#include "core/budget.h"
#include "core/catalogue.h"
#include "core/roster.h"
#include "frugal/err.h"
#include "frugal/settings.h"

struct fr_conf {
	struct fr_settings settings;
	struct fr_catalogue catalogue;
	struct fr_roster roster;
	struct fr_budgets budgets;
	struct fr_alerts alerts;
	struct fr_settings_marks marks; /* where each setting was written, by fr_row; line 0: its default is in force */
};

/* Reads the file; NULL means all defaults. FR_INVALID if it says something wrong, FR_IO if it or the file named by `catalogue:`
 * cannot be read; the message is in `why` and `ret` untouched. The caller frees `*ret`. */
enum fr_err fr_conf_load(const char *file, struct fr_conf **ret, struct fr_errmsg *why);

/* The same from memory; `name` stands for the file in messages. A `catalogue:` is read from its file here too. */
enum fr_err fr_conf_parse(struct fr_str text, const char *name, struct fr_conf **ret, struct fr_errmsg *why);

void fr_conf_free(struct fr_conf *c); /* NULL is harmless */

/* Gives the tenants and tiers of `fresh` the numbers that they have in `old`, wherever they stand (see fr_roster_renumber). False, and `fresh` is
 * as it was, if there is no room for both. */
bool fr_conf_renumber(struct fr_conf *fresh, const struct fr_roster *old);

/* The four texts that are written from the rows. All return FR_TOOBIG past the buffer's ceiling; 1 MiB suffices.
 * The effective configuration, with every endpoint's effective terms, as YAML that loads again. A password in redis.url is
 * masked. */
enum fr_err fr_conf_dump(struct fr_buf *b, const struct fr_conf *c);
/* config/frugald.yaml: every setting, commented out, with its help and default. */
enum fr_err fr_conf_example(struct fr_buf *b);
/* docs/settings.md: all settings, all keys of the sections, and the built-in catalogue's terms, as tables. */
enum fr_err fr_conf_document(struct fr_buf *b);
/* The sections of docs/frugald.yaml.5 that tell all settings and keys. */
enum fr_err fr_conf_page(struct fr_buf *b);

#endif
