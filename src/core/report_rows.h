/* report_rows.h — a report added up, before it is written in one format or another. Inside of report*.c. */
#ifndef FRUGAL_CORE_REPORT_ROWS_H
#define FRUGAL_CORE_REPORT_ROWS_H

#include "core/page.h"
#include "core/report.h"

enum { FR_REPORT_NAME_MAX = 11 };                 /* "2026-11-22" and the end */
enum { FR_REPORT_ROWS_MAX = FR_TENANTS_MAX + 1 }; /* and what is not broken down */
_Static_assert((int)FR_ENDPOINTS_MAX < FR_REPORT_ROWS_MAX, "endpoints fit");
_Static_assert((int)FR_REASONS < FR_REPORT_ROWS_MAX && (int)FR_OUTCOMES < FR_REPORT_ROWS_MAX, "reasons and outcomes fit");

/* One line: an endpoint (or tenant, reason, outcome), a day, or all of it. */
struct fr_report_row {
	struct fr_str name;           /* borrowed from the catalogue or the roster */
	char day[FR_REPORT_NAME_MAX]; /* of a day; else "" */
	int64_t v[FR_TOTALS];
};

struct fr_report_rows {
	const struct fr_report *r;
	size_t n; /* rows with traffic, by spend */
	struct fr_report_row at[FR_REPORT_ROWS_MAX];
	struct fr_report_row all;
};

int64_t fr_report_spent(const struct fr_report_row *row); /* on demand and in the background */

/* Words for a breakdown. */
struct fr_report_words {
	const char *name, *plural, *title;
};
struct fr_report_words fr_report_words(enum fr_report_by by);
bool fr_report_has(enum fr_report_by by, enum fr_total column); /* a row of this breakdown can have something there */
/* A row's part of all: of what was spent; of outcomes, which spend nothing, of the requests. */
int64_t fr_report_part(enum fr_report_by by, const struct fr_report_row *row);

/* The rows of n days, sorted, and their sums. */
void fr_report_rows_of(struct fr_report_rows *ret, const struct fr_report *r, const struct fr_totals *days, size_t n);
/* A day as one row; false if nothing happened. */
bool fr_report_day_row(const struct fr_report *r, const struct fr_totals *day, struct fr_report_row *ret);
struct fr_str fr_report_row_name(const struct fr_report_row *row);

void fr_report_text(struct fr_page *p, const struct fr_report_rows *rows);
void fr_report_csv(struct fr_page *p, const struct fr_report *r);
void fr_report_json(struct fr_page *p, const struct fr_report_rows *rows);

#endif
