/* report_rows.h — a report added up, before it is written in one format or another. Inside of report*.c. */
#ifndef FRUGAL_CORE_REPORT_ROWS_H
#define FRUGAL_CORE_REPORT_ROWS_H

#include "core/page.h"
#include "core/report.h"

enum { FR_REPORT_NAME_MAX = 11 }; /* "2026-11-22" and the end */

/* One line: an endpoint, a day, or all of it. */
struct fr_report_row {
	struct fr_str name;           /* of an endpoint: borrowed from the catalogue */
	char day[FR_REPORT_NAME_MAX]; /* of a day; else "" */
	int64_t v[FR_TOTALS];
};

struct fr_report_rows {
	const struct fr_report *r;
	size_t n; /* endpoints with traffic, by spend */
	struct fr_report_row endpoints[FR_ENDPOINTS_MAX];
	struct fr_report_row all;
};

int64_t fr_report_spent(const struct fr_report_row *row); /* on demand and in the background */

/* The endpoints of n days, sorted, and their sums. */
void fr_report_rows_of(struct fr_report_rows *ret, const struct fr_report *r, const struct fr_totals *days, size_t n);
/* A day as one row; false if nothing happened. */
bool fr_report_day_row(const struct fr_report *r, const struct fr_totals *day, struct fr_report_row *ret);
struct fr_str fr_report_row_name(const struct fr_report_row *row);

void fr_report_text(struct fr_page *p, const struct fr_report_rows *rows);
void fr_report_csv(struct fr_page *p, const struct fr_report *r);
void fr_report_json(struct fr_page *p, const struct fr_report_rows *rows);

#endif
