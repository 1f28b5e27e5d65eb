/* metrics_sheet.h — a text of metrics under construction: one family, one sample after the other. Inside of metrics*.c.
 *
 * The Prometheus text format 0.0.4 and OpenMetrics 1.0.0 differ in what a family is called: OpenMetrics takes "_total" and "_info" from the
 * names of counters and infos, writes a line of its own for the unit, floats as the bounds of buckets, and an end. */
#ifndef FRUGAL_CORE_METRICS_SHEET_H
#define FRUGAL_CORE_METRICS_SHEET_H

#include "core/metrics.h"
#include "core/page.h"

enum fr_metric_kind { FR_METRIC_KIND_counter, FR_METRIC_KIND_gauge, FR_METRIC_KIND_histogram, FR_METRIC_KIND_info };

enum fr_metric {
#define METRIC(id, name, kind, labels, help) FR_METRIC_##id,
#include "frugal/tbl/metrics.def"
#undef METRIC
	FR_METRICS
};

struct fr_sheet {
	struct fr_page page;
	const struct fr_metrics_facts *f;
	bool openmetrics;
	bool labelled; /* the sample has a label already */
};

void fr_sheet_family(struct fr_sheet *s, const char *name, enum fr_metric_kind kind, const char *help);
const char *fr_sheet_row(struct fr_sheet *s, enum fr_metric m); /* the family of a row of metrics.def; returns its name */

/* A sample: its name, its labels, its value. */
void fr_sheet_sample(struct fr_sheet *s, const char *name);
void fr_sheet_label(struct fr_sheet *s, const char *name, struct fr_str value);
void fr_sheet_value(struct fr_sheet *s, int64_t v);
void fr_sheet_count(struct fr_sheet *s, uint64_t v);
void fr_sheet_thousandths(struct fr_sheet *s, int64_t v);

/* metrics_books.c: tenants, budgets, the line of calls */
void fr_sheet_tenants(struct fr_sheet *s);
void fr_sheet_budgets(struct fr_sheet *s);
void fr_sheet_queue(struct fr_sheet *s);

#endif
