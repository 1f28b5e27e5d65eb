/* metrics.h — the tally as Prometheus text (0.0.4) or OpenMetrics (1.0.0), and as JSON for /stats.
 *
 * Known label sets are written from the start, so that the first event shows as an increase. The exception are calls by
 * reason and verdict, of which most never occur: there each endpoint starts with its usual pair, and the others come with
 * their first call; and what a tenant spends, which starts with one pair of zero. What is not known of a budget has no sample. */
#ifndef FRUGAL_CORE_METRICS_H
#define FRUGAL_CORE_METRICS_H

#include "base/buf.h"
#include "core/catalogue.h"
#include "core/figures.h"
#include "core/prewarm.h"
#include "core/roster.h"
#include "core/tally.h"

struct fr_metrics_facts {
	const struct fr_catalogue *catalogue;
	const struct fr_tally *tally;
	struct fr_gauges gauges;
	const struct fr_roster *roster;
	size_t n_budgets;
	const struct fr_budget_figures *budgets;
	size_t n_prewarms;
	const struct fr_prewarm_figures *prewarms; /* by source */
	struct fr_line_figures line;
	bool ledger_whole;
	fr_wall started, now;
	const char *version, *commit;
	/* of the process, from /proc; negative = not known */
	double cpu_seconds;
	int64_t resident_bytes, open_fds, max_fds;
};

/* All of these: FR_TOOBIG leaves the buffer as it was. */
enum fr_err fr_metrics_text(struct fr_buf *b, const struct fr_metrics_facts *f, bool openmetrics);
/* `saved_ratio` is (avoided - background) / asked: what was saved less what saving it cost. Moments are seconds since 1970. */
enum fr_err fr_metrics_json(struct fr_buf *b, const struct fr_metrics_facts *f);
enum fr_err fr_metrics_budgets_json(struct fr_buf *b, const struct fr_metrics_facts *f); /* for /budgets */
enum fr_err fr_metrics_document(struct fr_buf *b);                                       /* docs/metrics.md */

#endif
