#include "core/report.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/report_rows.h"

#include "base/pure.h"

/* Days since 1970 of a date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"); year >= 0. */
static int64_t day_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year + 400 - (month <= 2 ? 1 : 0), era = y / 400, yoe = y % 400; /* one era is counted back below */
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (era - 1) * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool read_date(struct fr_str s, int64_t *ret)
{
	struct fr_str rest = s, year = fr_str_cut(&rest, '-'), month = fr_str_cut(&rest, '-');
	int64_t y, m, d;
	char again[11];

	if (s.n != 10 || year.n != 4 || month.n != 2 || rest.n != 2)
		return false;
	if (!fr_str_to_i64(year, &y) || !fr_str_to_i64(month, &m) || !fr_str_to_i64(rest, &d) || y < 0 || m < 1 || m > 12)
		return false;
	*ret = day_of(y, m, d);
	fr_units_show_day(*ret, again); /* days that a month does not have come back as others */
	return fr_str_is(s, again);
}

bool fr_report_period(struct fr_str name, fr_wall now, int64_t *from, int64_t *to)
{
	int64_t today = fr_units_day(now), date;
	const struct {
		const char *name;
		int64_t from, to;
	} periods[] = {
		{ "today", today, today },
		{ "yesterday", today - 1, today - 1 },
		{ "7d", today - 6, today },
		{ "30d", today - 29, today },
		{ "month", today - fr_units_yyyymmdd(today) % 100 + 1, today },
	};

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		if (fr_str_is(name, periods[i].name)) {
			*from = periods[i].from;
			*to = periods[i].to;
			return true;
		}
	if (!read_date(name, &date))
		return false;
	*from = *to = date;
	return true;
}

int64_t fr_report_spent(const struct fr_report_row *row)
{
	return row->v[FR_TOTAL_demand] + row->v[FR_TOTAL_background];
}

struct fr_str fr_report_row_name(const struct fr_report_row *row)
{
	return row->day[0] != '\0' ? fr_str_of(row->day) : row->name;
}

/* Does `a` stand above `b`? By spend, then by requests, then by name. */
static bool above(const struct fr_report_row *a, const struct fr_report_row *b)
{
	int64_t spent_a = fr_report_spent(a), spent_b = fr_report_spent(b);
	int64_t requests_a = a->v[FR_TOTAL_requests], requests_b = b->v[FR_TOTAL_requests];

	if (spent_a != spent_b)
		return spent_a > spent_b;
	if (requests_a != requests_b)
		return requests_a > requests_b;
	return fr_str_cmp(a->name, b->name) < 0;
}

static void insert(struct fr_report_rows *rows, const struct fr_report_row *row)
{
	size_t at = rows->n++;

	for (; at > 0 && above(row, &rows->endpoints[at - 1]); at--)
		rows->endpoints[at] = rows->endpoints[at - 1];
	rows->endpoints[at] = *row;
}

static bool busy(const struct fr_report_row *row)
{
	for (size_t c = 0; c < FR_TOTALS; c++)
		if (row->v[c] != 0)
			return true;
	return false;
}

static void add(struct fr_report_row *row, const int64_t v[FR_TOTALS])
{
	for (size_t c = 0; c < FR_TOTALS; c++)
		row->v[c] += v[c];
}

void fr_report_rows_of(struct fr_report_rows *ret, const struct fr_report *r, const struct fr_totals *days, size_t n)
{
	ret->r = r;
	ret->n = 0;
	ret->all = (struct fr_report_row){ .name = FR_STR("all") };
	for (size_t i = 0; i < r->catalogue->n; i++) {
		struct fr_report_row row = { .name = fr_tally_label(&r->catalogue->rows[i]) };

		for (size_t d = 0; d < n; d++)
			add(&row, days[d].v[i]);
		add(&ret->all, row.v);
		if (busy(&row))
			insert(ret, &row);
	}
}

bool fr_report_day_row(const struct fr_report *r, const struct fr_totals *day, struct fr_report_row *ret)
{
	*ret = (struct fr_report_row){ .name = { NULL, 0 } };
	fr_units_show_day(day->day, ret->day);
	for (size_t i = 0; i < r->catalogue->n; i++)
		add(ret, day->v[i]);
	return busy(ret);
}

enum fr_err fr_report_write(struct fr_buf *b, const struct fr_report *r, enum fr_report_format format)
{
	struct fr_report_rows *rows = fr_calloc(1, sizeof(*rows));
	struct fr_page p;

	FR_ASSERT(r->from <= r->to && r->n_days <= FR_REPORT_DAYS_MAX && r->catalogue->n <= FR_ENDPOINTS_MAX);
	fr_page_begin(&p, b);
	fr_report_rows_of(rows, r, r->days, r->n_days);
	switch (format) {
	case FR_REPORT_TEXT: fr_report_text(&p, rows); break;
	case FR_REPORT_CSV: fr_report_csv(&p, r); break;
	case FR_REPORT_JSON: fr_report_json(&p, rows); break;
	}
	free(rows);
	return fr_page_end(&p);
}
