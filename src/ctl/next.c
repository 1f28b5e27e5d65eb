#include "ctl/next.h"

#include <math.h>
#include <stdarg.h>

#include "base/assert.h"
#include "ctl/budgets.h"
#include "ctl/facts.h"

static const double NEARLY = 0.9;

static bool say(char ret[FR_NEXT_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool say(char ret[FR_NEXT_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(ret, FR_NEXT_MAX, fmt, ap);
	va_end(ap);
	FR_ASSERT(n >= 0);
	return true;
}

static bool journal_is_down(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	if (fr_facts_number(s->stats, "gauges.journal_up", 1) != 0)
		return false;
	return say(ret, "the journal cannot be written, so no call is made: make room on the disk of state_dir");
}

static bool redis_is_away(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	if (fr_facts_number(s->stats, "gauges.store_up", 1) != 0)
		return false;
	return say(ret, "Redis is away: what is in memory is served, and budgets spend only what is lent already; "
			"journalctl -u frugald says since when");
}

static bool breaker_is_open(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	if (fr_facts_number(s->stats, "gauges.breaker_open", 0) == 0)
		return false;
	return say(ret, "the upstream keeps failing, so calls are paused: journalctl -u frugald names the failure");
}

/* The budget of which the most is used, or forecast to be. */
static bool worst_budget(const struct fr_status *s, bool by_forecast, struct fr_budgets_row *ret)
{
	bool found = false;
	double most = 0;
	const json_t *budget;
	size_t i;

	json_array_foreach (s->budgets, i, budget) {
		struct fr_budgets_row row;
		double share;

		fr_budgets_row(budget, &row);
		share = by_forecast ? row.forecast : row.used;
		if (!row.limited || isnan(share) || (found && share <= most))
			continue;
		found = true;
		most = share;
		*ret = row;
	}
	return found;
}

static bool budget_is_used_up(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	struct fr_budgets_row b;

	if (!worst_budget(s, false, &b) || b.used < 1)
		return false;
	return say(ret,
		   "budget %s is used up, so only what is stored is served: frugalctl report says who spent it, "
		   "frugalctl budget set %s CREDITS raises it",
		   b.name, b.name);
}

static bool budget_is_nearly_used(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	char percent[FR_LOOK_MAX];
	struct fr_budgets_row b;

	if (!worst_budget(s, false, &b) || b.used < NEARLY)
		return false;
	fr_look_percent(b.used, percent);
	return say(
		ret,
		"budget %s is used to %s: frugalctl report --by tenant says who spends, frugalctl budget set %s CREDITS raises it",
		b.name, percent, b.name);
}

static bool budget_will_not_last(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	char percent[FR_LOOK_MAX];
	struct fr_budgets_row b;

	if (!worst_budget(s, true, &b) || b.forecast <= 1)
		return false;
	fr_look_percent(b.forecast, percent);
	return say(ret, "at this rate budget %s ends at %s: longer fresh: times for the first rows of frugalctl report save most",
		   b.name, percent);
}

static bool calls_wait(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	int64_t limit = fr_facts_number(s->stats, "line.limit", 0), used = fr_facts_number(s->stats, "line.used", 0);

	if (limit <= 0 || used < limit || fr_facts_number(s->stats, "gauges.limiter_queue", 0) == 0)
		return false;
	return say(ret, "calls wait for upstream.rate: frugalctl report says which endpoints call most");
}

enum fr_tint fr_next(const struct fr_status *s, char ret[FR_NEXT_MAX])
{
	/* The worst first. */
	static const struct {
		bool (*holds)(const struct fr_status *s, char ret[FR_NEXT_MAX]);
		enum fr_tint tint;
	} rules[] = {
		{ journal_is_down, FR_TINT_BAD }, { budget_is_used_up, FR_TINT_BAD },      { breaker_is_open, FR_TINT_BAD },
		{ redis_is_away, FR_TINT_BAD },   { budget_is_nearly_used, FR_TINT_WARN }, { budget_will_not_last, FR_TINT_WARN },
		{ calls_wait, FR_TINT_WARN },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].holds(s, ret))
			return rules[i].tint;
	(void)say(ret, "nothing needs doing");
	return FR_TINT_GOOD;
}
