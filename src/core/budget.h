/* budget.h — what may be spent: budgets as the operator wrote them, and which of them a call falls under.
 *
 * A call falls under every budget that covers it, and is made only if all of them have a credit left: the first that is exhausted decides.
 * No budget is a state of its own: a call that none covers is never refused for credits. */
#ifndef FRUGAL_CORE_BUDGET_H
#define FRUGAL_CORE_BUDGET_H

#include "core/priority.h"
#include "core/window.h"

enum fr_scope { FR_SCOPE_ALL, FR_SCOPE_TENANT, FR_SCOPE_ENDPOINT, FR_SCOPE_CLASS };
enum { FR_BUDGET_NAME_MAX = 160 };

struct fr_budget {
	char name[FR_BUDGET_NAME_MAX]; /* scope and window: "all/month", "tenant:acme/day"; its name in Redis, too, and unique */
	enum fr_scope scope;
	size_t subject; /* the tenant's number, the row's index, the class */
	enum fr_window_kind window;
	int start_day;
	size_t zone; /* in `zones` */
	int64_t credits;
};

struct fr_budgets {
	size_t n, n_zones;
	struct fr_budget at[FR_BUDGETS_MAX]; /* in the order of the configuration */
	struct fr_zone zones[FR_ZONES_MAX];
};

/* Who spends: everything that a budget can be about. */
struct fr_spender {
	size_t tenant, endpoint;
	enum fr_priority priority;
};

bool fr_budget_covers(const struct fr_budget *b, const struct fr_spender *s);
/* How long its past windows are remembered. */
fr_ms fr_budget_kept(const struct fr_budget *b);
/* Its window at that moment. Windows are named by the second in which they begin, and none begins before 1970, where a clock without a battery does. */
struct fr_window fr_budget_window(const struct fr_budgets *all, const struct fr_budget *b, fr_wall at);

#endif
