#include "app/alerts.h"
#include "app/daemon.h"
#include "app/notify.h"
#include "base/str.h"
#include "conf/check.h"
#include "frugal/engine.h"

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

/* What the new configuration as such does not forbid, but the running daemon does. The listeners stay as they were opened, whatever `listen:` says
 * now. Numbers the new clients as the old ones if all is well. */
static bool fits(const struct fr_conf *running, struct fr_conf *fresh, struct fr_errmsg *why)
{
	const char *open = fr_check_open(&running->settings.listen), *wrong = NULL;

	if (!same_rows(&running->catalogue, &fresh->catalogue))
		wrong = "the catalogue has other paths, which needs a restart";
	else if (open != NULL && fr_roster_find(&fresh->roster, NULL) != NULL)
		wrong = "other machines can reach the running listener, and a client has no key, which needs a restart with another `listen:`";
	else if (!fr_conf_renumber(fresh, &running->roster))
		wrong = "together with those of before there are more tenants or tiers than can be told apart, which needs a restart";
	(void)fr_str_copy(why->s, sizeof why->s, fr_str_of(wrong == NULL ? "" : wrong));
	return wrong == NULL;
}

/* The rest of the configuration is in force all the same: a disk that fails is no reason to go on with the old one. */
static void take_question_log(struct fr_daemon *d)
{
	const struct fr_settings *s = &d->conf->settings;
	struct fr_errmsg why;

	if (fr_question_log_set(d->questions, s->log_questions.s, s->log_questions_max, &why) != FR_OK)
		fr_log_linef(&d->log, FR_LOG_ERROR, "%s; it is tried again", why.s);
}

static void take(struct fr_daemon *d, struct fr_conf *fresh, const struct fr_webhook_target *targets)
{
	struct fr_catalogue old = d->conf->catalogue;

	take_settings(d, &fresh->settings);
	d->conf->catalogue = fresh->catalogue;
	fresh->catalogue = old;
	d->conf->roster = fresh->roster;
	d->conf->budgets = fresh->budgets;
	d->conf->alerts = fresh->alerts;
	fr_webhook_targets(d->webhook, targets, fresh->alerts.n_channels);
	d->log.level = d->conf->settings.log_level;
	take_question_log(d);
	fr_engine_reloaded(d->engine);
}

void fr_reload(struct fr_daemon *d)
{
	struct fr_webhook_target targets[FR_CHANNELS_MAX];
	struct fr_conf *fresh = NULL;
	struct fr_errmsg why = { "" };

	fr_notify_reloading();
	if (fr_conf_load(d->file, &fresh, &why) == FR_OK && fits(d->conf, fresh, &why) &&
	    fr_alerts_targets(&fresh->alerts, targets, &why) == FR_OK) {
		take(d, fresh, targets);
		fr_log_line(&d->log, FR_LOG_INFO, "configuration reloaded");
	} else {
		fr_log_linef(&d->log, FR_LOG_ERROR, "reload refused, the old configuration stays: %s", why.s);
	}
	explicit_bzero(targets, sizeof targets);
	fr_conf_free(fresh);
	fr_notify("READY=1");
}
