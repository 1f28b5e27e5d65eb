/* report.h — the article's leaderboard: endpoint, calls, share of spend, and what was avoided. */
#ifndef FRUGAL_CORE_REPORT_H
#define FRUGAL_CORE_REPORT_H

#include "base/buf.h"
#include "core/catalogue.h"
#include "core/tally.h"

enum fr_report_format { FR_REPORT_TEXT, FR_REPORT_CSV, FR_REPORT_JSON };

struct fr_report {
	const struct fr_catalogue *catalogue;
	size_t n_days;
	const struct fr_totals *days; /* by day, oldest first; days without requests may be missing */
	int64_t from, to;             /* first and last day asked for */
	bool partial;                 /* Redis did not answer: this instance's own counts only */
};

/* The period named in a request: today, yesterday, 7d, 30d, month (to date), or YYYY-MM-DD. False if it is none of these. */
bool fr_report_period(struct fr_str name, fr_wall now, int64_t *from, int64_t *to);
/* Text: rows by spend, largest first; then a row of sums; then, with more than one day, a table by day. "Paid less" and the
 * "times fewer" compare what was spent, background included, with demand + avoided: what was refused is named, never counted
 * as saved.
 * JSON: the same as { from, to, partial, totals, endpoints, days }. CSV: one row per day and endpoint, nothing summed.
 * Endpoints and days without traffic are left out. FR_TOOBIG leaves the buffer as it was. */
enum fr_err fr_report_write(struct fr_buf *b, const struct fr_report *r, enum fr_report_format format);

#endif
