/* alerts.h — when somebody has to be told, who, and how to tell whether that was done before.
 *
 * A rule is a threshold and the channels that want to know. What is measured belongs to a scope (a budget) and a window; an alert's id is made of
 * channel, kind, scope, threshold and the window's beginning, so that each is raised once, whoever notices it and however often it is looked at, and
 * again in the next window. Of several thresholds of one kind that are passed at the same time a channel hears only of the highest; the lower ones are done
 * with it. A percentage, an amount and a forecast stand for the rest of the budget's window. A runaway and a client's loop are told once in a UTC
 * day: they can be over and come back. Pure: the figures come from Redis, the ids go there. */
#ifndef FRUGAL_CORE_ALERTS_H
#define FRUGAL_CORE_ALERTS_H

#include "core/budget.h"
#include "core/forecast.h"
#include "core/pace.h"

enum fr_alert_kind {
#define ALERT_RULE(id, name, key, min, max, help) FR_ALERT_##id,
#define ALERT_NEWS(id, name, help) FR_ALERT_##id,
#include "frugal/tbl/alerts.def"
#undef ALERT_RULE
	FR_ALERTS
};

enum fr_channel_kind { FR_CHANNEL_SLACK, FR_CHANNEL_PAGERDUTY, FR_CHANNEL_WEBHOOK, FR_CHANNEL_KINDS };

/* A place where alerts go. Its secret is only named here. */
struct fr_channel {
	char name[FR_CHANNEL_NAME_MAX];
	enum fr_channel_kind kind;
	char url[FR_PATH_TEXT_MAX]; /* "": the service's own (PagerDuty), or it is the secret (Slack) */
	char file
		[FR_PATH_TEXT_MAX]; /* of Slack's URL, PagerDuty's routing key, the key that signs a webhook; "": nothing is signed */
};

struct fr_alert_rule {
	enum fr_alert_kind kind;
	int64_t threshold;
	uint32_t to; /* channels, a bit each */
};

struct fr_report_time {
	bool on;
	int hour, minute;
	uint32_t to;
	struct fr_zone zone;
};

struct fr_alerts {
	size_t n_channels, n_rules;
	struct fr_channel channels[FR_CHANNELS_MAX];
	struct fr_alert_rule rules[FR_ALERT_RULES_MAX];
	struct fr_report_time report;
};

/* A budget at one moment. */
struct fr_alert_facts {
	const struct fr_budget *budget;
	const struct fr_zone *zone;
	struct fr_window window;
	fr_wall at;
	int64_t limit; /* in force; FR_LIMIT_NONE: none */
	int64_t spent, outstanding;
	struct fr_forecast forecast;
	struct fr_pace pace;
};
/* `spending` is known; the facts keep nothing of it. */
void fr_alert_facts(struct fr_alert_facts *ret, const struct fr_budgets *all, const struct fr_budget *b,
		    const struct fr_spending *spending);

/* What a channel has to be told. */
struct fr_alert_due {
	size_t channel;
	enum fr_alert_kind kind;
	int64_t threshold;
	uint32_t lower; /* rules whose thresholds are passed with it, a bit each */
	fr_wall window; /* the beginning of what the id is about */
};

enum { FR_ALERTS_DUE_MAX = FR_CHANNELS_MAX * 4 };

/* Returns how many are due, at the most FR_ALERTS_DUE_MAX. */
size_t fr_alerts_due(const struct fr_alerts *a, const struct fr_alert_facts *f, struct fr_alert_due ret[FR_ALERTS_DUE_MAX]);
/* The same for one client that has asked one question `count` times within five minutes. */
size_t fr_alerts_due_repeats(const struct fr_alerts *a, int64_t count, fr_wall now, struct fr_alert_due ret[FR_ALERTS_DUE_MAX]);
/* The smallest count that any rule is about; 0: there is no such rule. */
int64_t fr_alerts_repeats(const struct fr_alerts *a);

/* "ops|percent|all/month|70|1790809200". The scope is cut if there is no room for it. */
void fr_alert_id(char ret[FR_ALERT_ID_MAX], const struct fr_channel *c, enum fr_alert_kind kind, const char *scope,
		 int64_t threshold, fr_wall window);

/* The moment at which a day's report is due, for the day in which `now` lies there; yesterday's is what it is about. */
fr_wall fr_report_due(const struct fr_report_time *r, fr_wall now);

const struct fr_channel *fr_alerts_channel(const struct fr_alerts *a, struct fr_str name); /* or NULL */
const char *fr_alert_name(enum fr_alert_kind kind);
const char *fr_channel_kind_name(enum fr_channel_kind kind); /* "slack", "pagerduty", "webhook" */

#endif
