#include "core/alerts.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"

#include "base/pure.h"

static const char *const kind_names[FR_ALERTS] = {
#define ALERT_RULE(id, name, key, min, max, help) [FR_ALERT_##id] = name,
#define ALERT_NEWS(id, name, help) [FR_ALERT_##id] = name,
#include "frugal/tbl/alerts.def"
#undef ALERT_RULE
};

static const char *const channel_kinds[FR_CHANNEL_KINDS] = { "slack", "pagerduty", "webhook" };

/* Both names, the words, two numbers and the bars between them. */
_Static_assert(FR_CHANNEL_NAME_MAX + FR_BUDGET_NAME_MAX + 10 + 20 + 20 + 4 <= FR_ALERT_ID_MAX,
	       "a budget's alert has its whole name");

const char *fr_alert_name(enum fr_alert_kind kind)
{
	FR_ASSERT(kind < FR_ALERTS);
	return kind_names[kind];
}

const char *fr_channel_kind_name(enum fr_channel_kind kind)
{
	FR_ASSERT(kind < FR_CHANNEL_KINDS);
	return channel_kinds[kind];
}

const struct fr_channel *fr_alerts_channel(const struct fr_alerts *a, struct fr_str name)
{
	for (size_t i = 0; i < a->n_channels; i++)
		if (fr_str_is(name, a->channels[i].name))
			return &a->channels[i];
	return NULL;
}

void fr_alert_id(char ret[FR_ALERT_ID_MAX], const struct fr_channel *c, enum fr_alert_kind kind, const char *scope,
		 int64_t threshold, fr_wall window)
{
	int n = snprintf(ret, FR_ALERT_ID_MAX, "%s|%s|%.*s|%" PRId64 "|%" PRId64, c->name, fr_alert_name(kind),
			 FR_BUDGET_NAME_MAX - 1, scope, threshold, window.v / 1000);

	FR_ASSERT(n > 0 && n < FR_ALERT_ID_MAX);
}

void fr_alert_facts(struct fr_alert_facts *ret, const struct fr_budgets *all, const struct fr_budget *b,
		    const struct fr_spending *spending)
{
	FR_ASSERT(spending->known && b->zone < all->n_zones);
	ret->budget = b;
	ret->zone = &all->zones[b->zone];
	ret->window = fr_budget_window(all, b, spending->start);
	ret->at = spending->at;
	ret->spent = spending->spent;
	ret->outstanding = spending->outstanding;
	ret->limit = spending->overridden ? spending->limit : b->credits;
	ret->forecast = fr_forecast_of(spending, ret->window, ret->limit);
	ret->pace = fr_pace_of(spending);
}

/* n is at least so many percent of `of`, without an overflow. */
static bool reaches(int64_t n, int64_t of, int64_t percent)
{
	return of != FR_LIMIT_NONE && of > 0 && n >= of / 100 * percent + (of % 100 * percent + 99) / 100;
}

static bool passed(const struct fr_alert_rule *r, const struct fr_alert_facts *f)
{
	switch (r->kind) {
	case FR_ALERT_PERCENT: return reaches(f->spent, f->limit, r->threshold);
	case FR_ALERT_CREDITS: return f->spent >= r->threshold;
	case FR_ALERT_FORECAST: return f->forecast.known && reaches(f->forecast.credits, f->limit, r->threshold);
	case FR_ALERT_RUNAWAY: return fr_pace_runs_away(&f->pace, r->threshold);
	case FR_ALERT_REPEATS:
	case FR_ALERT_REPORT:
	case FR_ALERT_TEST:
	case FR_ALERTS: break;
	}
	return false;
}

static fr_wall day_of(fr_wall at)
{
	return (fr_wall){ fr_units_day(at) * FR_DAYS(1).v };
}

/* The highest of a channel's rules that `is_passed` names, with the others below it. False: none. */
static bool highest(const struct fr_alerts *a, size_t channel, enum fr_alert_kind kind, uint32_t is_passed,
		    struct fr_alert_due *ret)
{
	size_t best = a->n_rules;

	ret->lower = 0;
	for (size_t i = 0; i < a->n_rules; i++) {
		const struct fr_alert_rule *r = &a->rules[i];

		if (r->kind != kind || (r->to >> channel & 1) == 0 || (is_passed >> i & 1) == 0)
			continue;
		ret->lower |= (uint32_t)1 << i;
		if (best == a->n_rules || r->threshold > a->rules[best].threshold)
			best = i;
	}
	if (best == a->n_rules)
		return false;
	ret->lower &= ~((uint32_t)1 << best);
	ret->channel = channel;
	ret->kind = kind;
	ret->threshold = a->rules[best].threshold;
	return true;
}

size_t fr_alerts_due(const struct fr_alerts *a, const struct fr_alert_facts *f, struct fr_alert_due ret[FR_ALERTS_DUE_MAX])
{
	static const enum fr_alert_kind kinds[] = { FR_ALERT_PERCENT, FR_ALERT_CREDITS, FR_ALERT_FORECAST, FR_ALERT_RUNAWAY };
	uint32_t is_passed = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->n_rules; i++)
		is_passed |= (uint32_t)passed(&a->rules[i], f) << i;
	for (size_t c = 0; c < a->n_channels; c++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			FR_ASSERT(n < FR_ALERTS_DUE_MAX);
			if (!highest(a, c, kinds[k], is_passed, &ret[n]))
				continue;
			ret[n++].window = kinds[k] == FR_ALERT_RUNAWAY ? day_of(f->at) : f->window.start;
		}
	return n;
}

size_t fr_alerts_due_repeats(const struct fr_alerts *a, int64_t count, fr_wall now, struct fr_alert_due ret[FR_ALERTS_DUE_MAX])
{
	uint32_t is_passed = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->n_rules; i++)
		is_passed |= (uint32_t)(count > a->rules[i].threshold) << i;
	for (size_t c = 0; c < a->n_channels; c++)
		if (highest(a, c, FR_ALERT_REPEATS, is_passed, &ret[n]))
			ret[n++].window = day_of(now);
	return n;
}

int64_t fr_alerts_repeats(const struct fr_alerts *a)
{
	int64_t least = 0;

	for (size_t i = 0; i < a->n_rules; i++)
		if (a->rules[i].kind == FR_ALERT_REPEATS && (least == 0 || a->rules[i].threshold < least))
			least = a->rules[i].threshold;
	return least;
}

fr_wall fr_report_due(const struct fr_report_time *r, fr_wall now)
{
	struct fr_civil c = fr_zone_civil(&r->zone, now);

	c.hour = r->hour;
	c.minute = r->minute;
	c.second = 0;
	return fr_zone_moment(&r->zone, &c);
}
