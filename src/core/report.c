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

/* A day, or two with ".." between. */
static bool read_days(struct fr_str s, int64_t *from, int64_t *to)
{
	struct fr_str rest = s, first = fr_str_cut(&rest, '.');
	int64_t a, b;

	if (rest.p != NULL && (rest.n == 0 || rest.p[0] != '.'))
		return false;
	if (!read_date(first, &a) || !read_date(rest.p == NULL ? first : fr_str_skip(rest, 1), &b))
		return false;
	if (a > b || b - a >= FR_REPORT_DAYS_MAX)
		return false;
	*from = a;
	*to = b;
	return true;
}

bool fr_report_period(struct fr_str name, fr_wall now, int64_t *from, int64_t *to)
{
	int64_t today = fr_units_day(now);
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
	return read_days(name, from, to);
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

	for (; at > 0 && above(row, &rows->at[at - 1]); at--)
		rows->at[at] = rows->at[at - 1];
	rows->at[at] = *row;
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

struct fr_report_words fr_report_words(enum fr_report_by by)
{
	static const struct fr_report_words words[FR_REPORT_BYS] = {
		[FR_REPORT_BY_ENDPOINT] = { "endpoint", "endpoints", "Endpoint" },
		[FR_REPORT_BY_TENANT] = { "tenant", "tenants", "Tenant" },
		[FR_REPORT_BY_REASON] = { "reason", "reasons", "Reason" },
		[FR_REPORT_BY_OUTCOME] = { "outcome", "outcomes", "Outcome" },
	};

	FR_ASSERT(by < FR_REPORT_BYS);
	return words[by];
}

bool fr_report_by(struct fr_str name, enum fr_report_by *ret)
{
	for (enum fr_report_by by = 0; by < FR_REPORT_BYS; by++)
		if (fr_str_is(name, fr_report_words(by).name)) {
			*ret = by;
			return true;
		}
	return false;
}

bool fr_report_has(enum fr_report_by by, enum fr_total column)
{
	bool of_requests = column == FR_TOTAL_requests || column == FR_TOTAL_avoided || column == FR_TOTAL_refused;

	return by == FR_REPORT_BY_ENDPOINT || by == FR_REPORT_BY_TENANT || of_requests == (by == FR_REPORT_BY_OUTCOME);
}

int64_t fr_report_part(enum fr_report_by by, const struct fr_report_row *row)
{
	return by == FR_REPORT_BY_OUTCOME ? row->v[FR_TOTAL_requests] : fr_report_spent(row);
}

static size_t size_of(const struct fr_report *r)
{
	switch (r->by) {
	case FR_REPORT_BY_TENANT: return r->roster->n_tenants;
	case FR_REPORT_BY_REASON: return FR_REASONS;
	case FR_REPORT_BY_OUTCOME: return FR_OUTCOMES;
	default: return r->catalogue->n;
	}
}

static struct fr_str name_of(const struct fr_report *r, size_t i)
{
	switch (r->by) {
	case FR_REPORT_BY_TENANT: return fr_str_of(r->roster->tenants[i].name);
	case FR_REPORT_BY_REASON: return fr_str_of(fr_reason_name((enum fr_reason)i));
	case FR_REPORT_BY_OUTCOME: return fr_str_of(fr_outcome_name((enum fr_outcome)i));
	default: return fr_tally_label(&r->catalogue->rows[i]);
	}
}

static const int64_t *columns_of(const struct fr_report *r, const struct fr_totals *day, size_t i)
{
	switch (r->by) {
	case FR_REPORT_BY_TENANT: return day->tenants[i];
	case FR_REPORT_BY_REASON: return day->reasons[i];
	case FR_REPORT_BY_OUTCOME: return day->outcomes[i];
	default: return day->v[i];
	}
}

/* What the rows leave of the totals. */
static struct fr_report_row rest_of(const struct fr_report_rows *rows, enum fr_report_by by)
{
	struct fr_report_row rest = { .name = FR_STR("(not recorded)") };

	for (enum fr_total c = 0; c < FR_TOTALS; c++) {
		rest.v[c] = fr_report_has(by, c) ? rows->all.v[c] : 0;
		for (size_t i = 0; i < rows->n; i++)
			rest.v[c] -= rows->at[i].v[c];
	}
	return rest;
}

/* The totals are those of the endpoints, of which every version kept account. */
void fr_report_rows_of(struct fr_report_rows *ret, const struct fr_report *r, const struct fr_totals *days, size_t n)
{
	struct fr_report_row rest;

	ret->r = r;
	ret->n = 0;
	ret->all = (struct fr_report_row){ .name = FR_STR("all") };
	for (size_t d = 0; d < n; d++)
		for (size_t i = 0; i < r->catalogue->n; i++)
			add(&ret->all, days[d].v[i]);
	for (size_t i = 0; i < size_of(r); i++) {
		struct fr_report_row row = { .name = name_of(r, i) };

		for (size_t d = 0; d < n; d++)
			add(&row, columns_of(r, &days[d], i));
		if (busy(&row))
			insert(ret, &row);
	}
	rest = rest_of(ret, r->by);
	if (busy(&rest))
		ret->at[ret->n++] = rest;
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
	FR_ASSERT(r->by < FR_REPORT_BYS && FR_IMPLIES(r->by == FR_REPORT_BY_TENANT, r->roster != NULL));
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
