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

static void add_share(struct fr_page *p, const struct fr_report_rows *rows, const struct fr_report_row *row)
{
	fr_page_ratio(p, fr_report_part(rows->r->by, row), fr_report_part(rows->r->by, &rows->all));
}

static void csv_day(struct fr_page *p, const struct fr_report_rows *rows, int64_t day)
{
	char date[11];

	fr_units_show_day(day, date);
	for (size_t i = 0; i < rows->n; i++) {
		const struct fr_report_row *row = &rows->at[i];

		fr_page_addf(p, "%s,", date);
		csv_field(p, fr_report_row_name(row));
		for (enum fr_total c = 0; c < FR_TOTALS; c++)
			if (fr_report_has(rows->r->by, c))
				fr_page_addf(p, ",%" PRId64, row->v[c]);
		fr_page_char(p, ',');
		add_share(p, rows, row);
		fr_page_char(p, '\n');
	}
}

void fr_report_csv(struct fr_page *p, const struct fr_report *r)
{
	struct fr_report_rows *rows = fr_calloc(1, sizeof(*rows));

	fr_page_addf(p, "day,%s", fr_report_words(r->by).name);
	for (enum fr_total c = 0; c < FR_TOTALS; c++)
		if (fr_report_has(r->by, c))
			fr_page_addf(p, ",%s", fr_total_name(c));
	fr_page_text(p, ",share\n");
	for (size_t d = 0; d < r->n_days; d++) {
		fr_report_rows_of(rows, r, &r->days[d], 1);
		csv_day(p, rows, r->days[d].day);
	}
	free(rows);
}

/* The members of one row that this breakdown has, without braces. */
static void json_sums(struct fr_page *p, enum fr_report_by by, const struct fr_report_row *row)
{
	const char *comma = "";

	for (enum fr_total c = 0; c < FR_TOTALS; c++) {
		if (!fr_report_has(by, c))
			continue;
		fr_page_addf(p, "%s\"%s\":%" PRId64, comma, fr_total_name(c), row->v[c]);
		comma = ",";
	}
	if (fr_report_has(by, FR_TOTAL_demand))
		fr_page_addf(p, ",\"spent\":%" PRId64, fr_report_spent(row));
}

static void json_row(struct fr_page *p, const char *what, enum fr_report_by by, const struct fr_report_row *row)
{
	fr_page_addf(p, "{\"%s\":", what);
	fr_page_json(p, fr_report_row_name(row));
	fr_page_char(p, ',');
	json_sums(p, by, row);
}

static void json_rows(struct fr_page *p, const struct fr_report_rows *rows)
{
	enum fr_report_by by = rows->r->by;

	for (size_t i = 0; i < rows->n; i++) {
		fr_page_text(p, i == 0 ? "" : ",");
		json_row(p, fr_report_words(by).name, by, &rows->at[i]);
		fr_page_text(p, ",\"share\":");
		add_share(p, rows, &rows->at[i]);
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
		json_row(p, "day", FR_REPORT_BY_ENDPOINT, &row);
		fr_page_char(p, '}');
		comma = ",";
	}
}

void fr_report_json(struct fr_page *p, const struct fr_report_rows *rows)
{
	char from[11], to[11];

	fr_units_show_day(rows->r->from, from);
	fr_units_show_day(rows->r->to, to);
	fr_page_addf(p, "{\"from\":\"%s\",\"to\":\"%s\",\"by\":\"%s\",\"partial\":%s,\"totals\":{", from, to,
		     fr_report_words(rows->r->by).name, rows->r->partial ? "true" : "false");
	json_sums(p, FR_REPORT_BY_ENDPOINT, &rows->all);
	fr_page_addf(p, "},\"%s\":[", fr_report_words(rows->r->by).plural);
	json_rows(p, rows);
	fr_page_text(p, "],\"days\":[");
	json_days(p, rows->r);
	fr_page_text(p, "]}\n");
}
