#include "conf/alerts.h"

#include <inttypes.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/channels.h"
#include "conf/suggest.h"
#include "conf/value.h"
#include "conf/zone.h"

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

static const struct fr_node *first_or_self(const struct fr_node *n)
{
	return n->kind == FR_NODE_LIST ? n->first : n;
}

/* One name of a channel, or a list of them. */
static enum fr_err read_channels(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_alerts *a,
				 uint32_t *ret)
{
	uint32_t to = 0;

	for (const struct fr_node *i = first_or_self(n); i != NULL; i = n->kind == FR_NODE_LIST ? i->next : NULL) {
		struct fr_str text = FR_STR("");
		enum fr_err e = fr_value_text(s, i, name, &text);
		const struct fr_channel *c = e == FR_OK ? fr_alerts_channel(a, text) : NULL;
		struct fr_suggest near;

		if (e != FR_OK)
			return e;
		fr_suggest_init(&near, text);
		for (size_t k = 0; k < a->n_channels; k++)
			fr_suggest_offer(&near, fr_str_of(a->channels[k].name));
		if (c == NULL)
			return fr_complain(s, i->at, "%s: there is no channel '%s'%s", name, fr_complain_excerpt(text).s,
					   fr_suggest_hint(&near).s);
		to |= (uint32_t)1 << (c - a->channels);
	}
	if (to == 0)
		return fr_complain(s, n->at, "%s: the name of a channel is missing", name);
	*ret = to;
	return FR_OK;
}

static enum fr_err write_channels(struct fr_buf *b, const struct fr_alerts *a, uint32_t to)
{
	enum fr_err e = FR_OK;
	const char *lead = "[";

	for (size_t i = 0; i < a->n_channels && e == FR_OK; i++) {
		if ((to >> i & 1) == 0)
			continue;
		e = fr_buf_add_text(b, lead);
		if (e == FR_OK)
			e = fr_value_write(b, fr_str_of(a->channels[i].name));
		lead = ", ";
	}
	return e == FR_OK ? fr_buf_add_char(b, ']') : e;
}

static uint32_t all_channels(const struct fr_alerts *a)
{
	return ((uint32_t)1 << a->n_channels) - 1;
}

static enum fr_err read_threshold(const struct fr_source *s, const struct fr_node *n, const char *name,
				  struct fr_alert_rule *rule, enum fr_alert_kind kind, int64_t min, int64_t max)
{
	if (rule->kind != FR_ALERTS)
		return fr_complain(s, n->key_at, "%s: a rule has one threshold", name);
	rule->kind = kind;
	return fr_value_count(s, n, name, min, max, &rule->threshold);
}

#define ALERT_RULE(id, name_, key, min, max, help) \
	static enum fr_err read_##id(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, \
				     void *into) \
	{ \
		(void)c; \
		return read_threshold(s, n, name, into, FR_ALERT_##id, min, max); \
	} \
	static bool is_##id(const void *thing) \
	{ \
		return ((const struct fr_alert_rule *)thing)->kind == FR_ALERT_##id; \
	}
#include "frugal/tbl/alerts.def"
#undef ALERT_RULE

static enum fr_err write_threshold(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_buf_addf(b, "%" PRId64, ((const struct fr_alert_rule *)thing)->threshold);
}

static enum fr_err read_to(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	return read_channels(s, n, name, &c->alerts, &((struct fr_alert_rule *)into)->to);
}

static enum fr_err write_to(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return write_channels(b, &c->alerts, ((const struct fr_alert_rule *)thing)->to);
}

static const struct fr_section_key rule_keys[] = {
#define ALERT_RULE(id, name, key, min, max, help) \
	{ key, #min " to " #max, "another threshold", help, read_##id, write_threshold, is_##id },
#include "frugal/tbl/alerts.def"
#undef ALERT_RULE
	{ "to", "list of channels", "all", "Who is told", read_to, write_to, NULL },
};

/* ---- the report ------------------------------------------------------------------------------------------------------ */

/* "08:00" */
static enum fr_err read_daily(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct fr_report_time *r = into;
	struct fr_str text = FR_STR(""), minute, hour;
	uint64_t h, m;
	enum fr_err e = fr_value_text(s, n, name, &text);

	(void)c;
	if (e != FR_OK)
		return e;
	minute = text;
	hour = fr_str_cut(&minute, ':');
	if (hour.n != 2 || minute.n != 2 || !fr_str_to_u64(hour, &h) || !fr_str_to_u64(minute, &m) || h > 23 || m > 59)
		return fr_complain(s, n->at, "%s: '%s' is not a time of day (like \"08:00\")", name, fr_complain_excerpt(text).s);
	r->on = true;
	r->hour = (int)h;
	r->minute = (int)m;
	return FR_OK;
}

static enum fr_err write_daily(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	const struct fr_report_time *r = thing;

	(void)c;
	return fr_buf_addf(b, "\"%02d:%02d\"", r->hour, r->minute);
}

static enum fr_err read_report_to(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				  void *into)
{
	return read_channels(s, n, name, &c->alerts, &((struct fr_report_time *)into)->to);
}

static enum fr_err write_report_to(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	return write_channels(b, &c->alerts, ((const struct fr_report_time *)thing)->to);
}

static enum fr_err read_zone(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	(void)c;
	return fr_zone_read(s, n, name, FR_ZONE_DIR, &((struct fr_report_time *)into)->zone);
}

static enum fr_err write_zone(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_value_write(b, fr_str_of(((const struct fr_report_time *)thing)->zone.name));
}

static const struct fr_section_key report_keys[] = {
	{ "daily", "\"HH:MM\"", NULL, "When; it is about the day before, by UTC", read_daily, write_daily, NULL },
	{ "to", "list of channels", "all", "Who gets it", read_report_to, write_report_to, NULL },
	{ "timezone", "a name like Europe/Berlin", "UTC", "Where it is that time", read_zone, write_zone, NULL },
};

/* ---- the sections ---------------------------------------------------------------------------------------------------- */

static size_t count_rules(const struct fr_conf *c)
{
	return c->alerts.n_rules;
}

static const void *rule_at(const struct fr_conf *c, size_t i)
{
	return &c->alerts.rules[i];
}

static size_t count_reports(const struct fr_conf *c)
{
	return c->alerts.report.on ? 1 : 0;
}

static const void *report_at(const struct fr_conf *c, size_t i)
{
	(void)i;
	return &c->alerts.report;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct fr_section fr_rules_section = {
	.name = "at",
	.within = "alerts",
	.what = "a rule",
	.help = "When they are told, a list under `alerts:`. Once for each budget, kind, threshold and window (of a runaway and of a loop once a day), and of "
		"several thresholds passed at once only the highest. Without a list it is at 70, 90 and 100 percent",
	.keys = rule_keys,
	.n_keys = COUNT(rule_keys),
	.count = count_rules,
	.at = rule_at,
};

const struct fr_section fr_report_section = {
	.name = "report",
	.within = "alerts",
	.what = "the report",
	.help = "A daily report of what was spent, of what was avoided and how, and of how each budget stands, under `alerts:`",
	.example = "  channels:\n"
		   "    ops: { slack: /etc/frugald/slack_url }\n"
		   "    oncall: { pagerduty: /etc/frugald/pagerduty_key }\n"
		   "    own: { webhook: \"https://example.org/frugald\", secret_file: /etc/frugald/webhook_key }\n"
		   "  at:\n"
		   "    - { percent: 70, to: [ops] }\n"
		   "    - { percent: 90, to: [ops, oncall] }\n"
		   "    - { forecast_percent: 120, to: [ops] }\n"
		   "    - { runaway: 5, to: [oncall] }\n"
		   "    - { repeats: 500, to: [ops] }\n"
		   "  report: { daily: \"08:00\", to: [ops], timezone: Europe/Berlin }\n",
	.keys = report_keys,
	.n_keys = COUNT(report_keys),
	.single = true,
	.count = count_reports,
	.at = report_at,
};

static enum fr_err read_rule(const struct fr_source *s, const struct fr_node *n, struct fr_conf *c)
{
	struct fr_alert_rule rule = { .kind = FR_ALERTS, .to = all_channels(&c->alerts) };
	enum fr_err e = fr_section_keys(s, n, "alerts.at", rule_keys, COUNT(rule_keys), c, &rule);

	if (e == FR_OK && rule.kind == FR_ALERTS)
		e = fr_complain(s, n->at, "alerts.at: a threshold is missing, like `percent: 70`");
	if (e == FR_OK && c->alerts.n_rules == FR_ALERT_RULES_MAX)
		e = fr_complain(s, n->at, "alerts.at: more than %d rules", FR_ALERT_RULES_MAX);
	if (e == FR_OK)
		c->alerts.rules[c->alerts.n_rules++] = rule;
	return e;
}

static void set_default_rules(struct fr_alerts *a)
{
	static const int64_t percents[] = { 70, 90, 100 };

	for (size_t i = 0; i < COUNT(percents) && a->n_channels > 0; i++)
		a->rules[a->n_rules++] = (struct fr_alert_rule){ FR_ALERT_PERCENT, percents[i], all_channels(a) };
}

static enum fr_err read_rules(const struct fr_source *s, const struct fr_node *list, struct fr_conf *c)
{
	enum fr_err e = fr_section_list(s, list, "alerts.at");

	if (e == FR_OK && list->n > 0 && c->alerts.n_channels == 0)
		return fr_complain(s, list->at, "alerts.at: there is no channel that could be told (alerts.channels)");
	for (const struct fr_node *n = list->first; n != NULL && e == FR_OK; n = n->next)
		e = read_rule(s, n, c);
	return e;
}

static enum fr_err read_report(const struct fr_source *s, const struct fr_node *n, struct fr_conf *c)
{
	struct fr_report_time *r = &c->alerts.report;

	if (c->alerts.n_channels == 0)
		return fr_complain(s, n->at, "alerts.report: there is no channel that could get it (alerts.channels)");
	r->to = all_channels(&c->alerts);
	(void)fr_str_copy(r->zone.name, sizeof(r->zone.name), FR_STR("UTC"));
	return fr_section_keys(s, n, "alerts.report", report_keys, COUNT(report_keys), c, r);
}

enum fr_err fr_alerts_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c)
{
	static const char *const names[] = { "channels", "at", "report" };
	const struct fr_node *channels = fr_tree_get(map, "channels"), *rules = fr_tree_get(map, "at"),
			     *report = fr_tree_get(map, "report");
	enum fr_err e = map == NULL ? FR_OK : fr_value_map(s, map, "alerts");

	if (e == FR_OK && map != NULL)
		e = fr_value_keys(s, map, "alerts", names, COUNT(names));
	if (e == FR_OK)
		e = fr_channels_read(s, channels, c);
	if (e == FR_OK && rules != NULL)
		e = read_rules(s, rules, c);
	if (rules == NULL)
		set_default_rules(&c->alerts);
	return e == FR_OK && report != NULL ? read_report(s, report, c) : e;
}
