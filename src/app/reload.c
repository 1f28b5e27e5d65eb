#include "app/daemon.h"
#include "app/notify.h"
#include "base/str.h"

#include <string.h>

enum when { START, RELOAD };

/* Rows may change their values, not their places: tallies and totals are counted by them. */
static bool same_rows(const struct fr_catalogue *a, const struct fr_catalogue *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = fr_str_eq(a->rows[i].path, b->rows[i].path);
	return same;
}

/* Takes over the settings that may change while running, and says which others would need a restart. */
static void take_settings(struct fr_daemon *d, const struct fr_settings *from)
{
	struct fr_settings *to = &d->conf->settings;

#define SETTING(field, path, type, dflt, min, max, when, help) \
	if (memcmp(&to->field, &from->field, sizeof to->field) != 0) { \
		if (when == RELOAD) \
			to->field = from->field; \
		else \
			fr_log_linef(&d->log, FR_LOG_WARNING, "%s has changed: it takes effect with a restart", path); \
	}
#include "frugal/tbl/settings.def"
#undef SETTING
}

void fr_reload(struct fr_daemon *d)
{
	struct fr_conf *fresh = NULL;
	struct fr_errmsg why = { "" };
	struct fr_catalogue old;

	fr_notify_reloading();
	if (fr_conf_load(d->file, &fresh, &why) != FR_OK) {
		fr_log_linef(&d->log, FR_LOG_ERROR, "reload refused, the old configuration stays: %s", why.s);
	} else if (!same_rows(&d->conf->catalogue, &fresh->catalogue)) {
		fr_log_line(&d->log, FR_LOG_ERROR,
			    "reload refused, the old configuration stays: the catalogue has other paths, which needs a restart");
	} else {
		take_settings(d, &fresh->settings);
		old = d->conf->catalogue;
		d->conf->catalogue = fresh->catalogue;
		fresh->catalogue = old;
		d->conf->roster = fresh->roster;
		d->log.level = d->conf->settings.log_level;
		fr_log_line(&d->log, FR_LOG_INFO, "configuration reloaded");
	}
	fr_conf_free(fresh);
	fr_notify("READY=1");
}
