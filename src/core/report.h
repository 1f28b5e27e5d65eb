/* report.h — the article's leaderboard: endpoint, calls, share of spend, and what was avoided; and the same figures broken down
 * otherwise: by who asked, why the upstream was called, how requests ended. */
#ifndef FRUGAL_CORE_REPORT_H
#define FRUGAL_CORE_REPORT_H

#include "base/buf.h"
#include "core/catalogue.h"
#include "core/roster.h"
#include "core/tally.h"

enum fr_report_format { FR_REPORT_TEXT, FR_REPORT_CSV, FR_REPORT_JSON };
enum fr_report_by { FR_REPORT_BY_ENDPOINT, FR_REPORT_BY_TENANT, FR_REPORT_BY_REASON, FR_REPORT_BY_OUTCOME, FR_REPORT_BYS };

struct fr_report {
	enum fr_report_by by;
	const struct fr_catalogue *catalogue;
	const struct fr_roster *roster;
	size_t n_days;
	const struct fr_totals *days; /* by day, oldest first; days without requests may be missing */
	int64_t from, to;             /* first and last day asked for */
	bool partial;                 /* Redis did not answer: this instance's own counts only */
};

/* The period named in a request: today, yesterday, 7d, 30d, month (to date), YYYY-MM-DD, or two such days with ".." between, of which
 * the first is not later and which are not more than FR_REPORT_DAYS_MAX. False if it is none of these. */
bool fr_report_period(struct fr_str name, fr_wall now, int64_t *from, int64_t *to);
bool fr_report_by(struct fr_str name, enum fr_report_by *ret); /* "endpoint", "tenant", "reason" or "outcome"; else false */
/* Text: rows by spend, largest first; then a row of sums; then, with more than one day, a table by day. "Paid less" and the
 * "times fewer" compare what was spent, background included, with demand + avoided: what was refused is named, never counted
 * as saved.
 * JSON: the same as { from, to, by, partial, totals, endpoints (or tenants, reasons, outcomes), days }. CSV: one row per day and
 * endpoint (or tenant, reason, outcome), nothing summed. Rows and days without traffic are left out. A reason is one of calls, an outcome
 * one of requests: those rows have only the columns that are about either. What the totals hold beyond all rows, because a day was counted
 * by a version that did not break it down so, is a row "(not recorded)": the rows' sums are always the totals. FR_TOOBIG leaves the
 * buffer as it was. */
enum fr_err fr_report_write(struct fr_buf *b, const struct fr_report *r, enum fr_report_format format);

#endif
