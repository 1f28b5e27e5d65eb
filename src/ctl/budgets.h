/* budgets.h — frugald's budgets as lines for people. */
#ifndef FRUGAL_CTL_BUDGETS_H
#define FRUGAL_CTL_BUDGETS_H

#include <jansson.h>
#include <stdio.h>

#include "ctl/look.h"

enum { FR_BUDGETS_FORECAST_MAX = 96 };

/* One budget as frugald tells it; borrowed from its JSON. */
struct fr_budgets_row {
	const char *name, *window, *level;
	bool limited; /* else it may spend without end */
	int64_t limit, spent;
	int64_t outstanding;   /* lent to all instances, and not among what was spent yet */
	int64_t held;          /* of these, in the hand of the instance that answers */
	int64_t left;          /* what nobody has */
	double used, forecast; /* shares of the limit, the second at the window's end; NAN: not known */
	char exhausted[11];    /* the day on which the forecast reaches the limit; "": it does not */
};

void fr_budgets_row(const json_t *budget, struct fr_budgets_row *ret);
/* "ends at 214 %, exhausted on 2026-11-21", "used up", or "". */
void fr_budgets_forecast(const struct fr_budgets_row *row, char ret[FR_BUDGETS_FORECAST_MAX]);

/* One line per budget of the list, which may be NULL: spent and limit, a bar, the share and the forecast. */
void fr_budgets_brief(FILE *to, const struct fr_look *look, const json_t *list);
/* A table with a title line and all figures. */
void fr_budgets_table(FILE *to, const struct fr_look *look, const json_t *list);

#endif
