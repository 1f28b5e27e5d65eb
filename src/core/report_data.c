/* The report for programs: CSV and JSON. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/units.h"
#include "core/report_rows.h"

#include "base/pure.h"

/* A field of RFC 4180: quoted if it must be. */
static void csv_field(struct fr_page *p, struct fr_str s)
{
	bool plain = true;

	for (size_t i = 0; i < s.n; i++)
		plain = plain && s.p[i] != ',' && s.p[i] != '"' && s.p[i] != '\n' && s.p[i] != '\r';
	if (plain) {
		fr_page_str(p, s);
		return;
	}
	fr_page_char(p, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			fr_page_char(p, '"');
		fr_page_char(p, s.p[i]);
	}
	fr_page_char(p, '"');
}

static void csv_day(struct fr_page *p, const struct fr_report_rows *rows, int64_t day)
{
	char date[11];

	fr_units_show_day(day, date);
	for (size_t i = 0; i < rows->n; i++) {
		const struct fr_report_row *row = &rows->endpoints[i];

		fr_page_addf(p, "%s,", date);
		csv_field(p, fr_report_row_name(row));
		for (size_t c = 0; c < FR_TOTALS; c++)
			fr_page_addf(p, ",%" PRId64, row->v[c]);
		fr_page_char(p, ',');
		fr_page_ratio(p, fr_report_spent(row), fr_report_spent(&rows->all));
		fr_page_char(p, '\n');
	}
}

void fr_report_csv(struct fr_page *p, const struct fr_report *r)
{
	struct fr_report_rows *rows = fr_calloc(1, sizeof(*rows));

	fr_page_text(p, "day,endpoint");
	for (enum fr_total c = 0; c < FR_TOTALS; c++)
		fr_page_addf(p, ",%s", fr_total_name(c));
	fr_page_text(p, ",share\n");
	for (size_t d = 0; d < r->n_days; d++) {
		fr_report_rows_of(rows, r, &r->days[d], 1);
		csv_day(p, rows, r->days[d].day);
	}
	free(rows);
}

/* The members of one row, without braces. */
static void json_sums(struct fr_page *p, const struct fr_report_row *row)
{
	for (enum fr_total c = 0; c < FR_TOTALS; c++)
		fr_page_addf(p, "%s\"%s\":%" PRId64, c == 0 ? "" : ",", fr_total_name(c), row->v[c]);
	fr_page_addf(p, ",\"spent\":%" PRId64, fr_report_spent(row));
}

static void json_row(struct fr_page *p, const char *what, const struct fr_report_row *row)
{
	fr_page_addf(p, "{\"%s\":", what);
	fr_page_json(p, fr_report_row_name(row));
	fr_page_char(p, ',');
	json_sums(p, row);
}

static void json_endpoints(struct fr_page *p, const struct fr_report_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		fr_page_text(p, i == 0 ? "" : ",");
		json_row(p, "endpoint", &rows->endpoints[i]);
		fr_page_text(p, ",\"share\":");
		fr_page_ratio(p, fr_report_spent(&rows->endpoints[i]), fr_report_spent(&rows->all));
		fr_page_char(p, '}');
	}
}

static void json_days(struct fr_page *p, const struct fr_report *r)
{
	const char *comma = "";

	for (size_t d = 0; d < r->n_days; d++) {
		struct fr_report_row row;

		if (!fr_report_day_row(r, &r->days[d], &row))
			continue;
		fr_page_text(p, comma);
		json_row(p, "day", &row);
		fr_page_char(p, '}');
		comma = ",";
	}
}

void fr_report_json(struct fr_page *p, const struct fr_report_rows *rows)
{
	char from[11], to[11];

	fr_units_show_day(rows->r->from, from);
	fr_units_show_day(rows->r->to, to);
	fr_page_addf(p, "{\"from\":\"%s\",\"to\":\"%s\",\"partial\":%s,\"totals\":{", from, to,
		     rows->r->partial ? "true" : "false");
	json_sums(p, &rows->all);
	fr_page_text(p, "},\"endpoints\":[");
	json_endpoints(p, rows);
	fr_page_text(p, "],\"days\":[");
	json_days(p, rows->r);
	fr_page_text(p, "]}\n");
}
