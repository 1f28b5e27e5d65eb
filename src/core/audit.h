/* audit.h — do the books agree? The journal, the reservations of budgets and the counters in Redis, compared.
 *
 * Only what must be equal is compared, and it is said what that is: this instance cannot know what the others have not told Redis yet. A figure that
 * nobody can compare now has no drift, which is not the same as 0. */
#ifndef FRUGAL_CORE_AUDIT_H
#define FRUGAL_CORE_AUDIT_H

#include "base/buf.h"
#include "core/metrics.h"
#include "core/spending.h"

/* A budget as Redis told it, and as this instance believed it at that moment. */
struct fr_audit_budget {
	struct fr_budget_figures here;
	bool told;
	int64_t spent, outstanding; /* Redis' */
};

struct fr_audit {
	const struct fr_metrics_facts *facts;
	struct fr_ledger_figures ledger;
	bool told;                     /* Redis told the totals of these days */
	int64_t first;                 /* the first of the days */
	size_t n_days;                 /* ... by day, up to today */
	const struct fr_totals *days;  /* all instances', in Redis */
	const struct fr_totals *owing; /* what this instance has counted on them and Redis has not acknowledged */
	size_t n_budgets;
	const struct fr_audit_budget *budgets;
};

/* { whole, pending, instances, journal, redis, checks: [{ name, compares, a, b, drift }], budgets, drift }. `drift` at the end adds up all others, in
 * credits, records or calls; null if Redis told too little. FR_TOOBIG leaves the buffer as it was. */
enum fr_err fr_audit_json(struct fr_buf *b, const struct fr_audit *a);

#endif
