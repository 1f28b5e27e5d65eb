/* figures.h — how budgets, the line of calls and the ledger stand, for headers, metrics, reports and alarms. */
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
	int64_t drift; /* credits of calls that reservations and the journal's records do not agree on; 0 if all is well */
	int64_t forecast_permille; /* of the limit, at the window's end if things go on like this; < 0: not known */
	fr_wall exhausted_at;      /* when the limit is reached then; v = 0: not in this window, or not known */
};

/* Who waits to call. */
struct fr_line_figures {
	int64_t limit; /* calls in the window; 0: none */
	fr_ms window;  /* the upstream's */
	int64_t used;  /* of it, as far as is known here */
	int64_t queue[FR_PRIORITIES];
};

/* The journal's records, and which of them Redis has. */
struct fr_ledger_figures {
	bool known;             /* Redis has said its watermark */
	uint64_t watermark;     /* the last record that is in its counters */
	uint64_t last, written; /* the last record of all, and in the journal's files */
	uint64_t pending;       /* records that Redis does not have */
	uint64_t unsettled;     /* calls without an end among the records */
	uint64_t calls;         /* calls on their way: as many, if all is well */
	size_t instances;       /* that share the budgets, as Redis said last; 1 if it has said nothing */
};

#endif
