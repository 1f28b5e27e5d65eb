/* figures.h — how a budget stands, for headers, metrics, reports and alarms. */
#ifndef FRUGAL_CORE_FIGURES_H
#define FRUGAL_CORE_FIGURES_H

#include "core/budget.h"
#include "core/ladder.h"

struct fr_budget_figures {
	const char *name; /* the budget's; borrowed until the next reload */
	enum fr_window_kind kind;
	struct fr_window window;
	char shown[FR_WINDOW_NAME_MAX]; /* the window, for people */
	bool known; /* Redis has spoken about this window; else the following is the configuration's word only */
	int64_t limit;
	int64_t spent;       /* in Redis' counter */
	int64_t outstanding; /* leased, on their way, or not yet counted; of all instances */
	int64_t held;        /* of those, here and for nothing yet */
	int64_t permille;    /* used of the limit, without what is only held here */
	enum fr_step step;
};

#endif
