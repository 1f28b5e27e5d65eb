/* The report for people: the article's leaderboard with what was avoided beside it. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/report_rows.h"

#include "base/pure.h"

enum { CELL_MAX = FR_UNITS_COUNT_MAX, COLUMNS_MAX = 8 };

/* What the cells of a table are made of, beside their row. */
struct context {
	int64_t days;            /* of the whole period */
	int64_t spent, requests; /* of all rows */
};

struct column {
	const char *title;
	void (*show)(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX]);
};

struct table {
	struct context context;
	const char *first; /* title of the column of names */
	size_t n, n_rows;
	struct column columns[COLUMNS_MAX];
	const struct fr_report_row *rows;
	const struct fr_report_row *last; /* the sums; or NULL */
	size_t widths[COLUMNS_MAX + 1];   /* of the names, then of the columns */
};

static void show_number(int64_t v, char ret[CELL_MAX])
{
	fr_units_show_count(v, ret);
}

/* Rounded to the nearest, halves away from zero. */
static int64_t divide(int64_t n, int64_t by)
{
	FR_ASSERT(by > 0);
	return n < 0 ? -((-n + by / 2) / by) : (n + by / 2) / by;
}

static void show_percent(int64_t n, int64_t of, char ret[CELL_MAX])
{
	size_t end;

	if (of <= 0) {
		(void)fr_str_copy(ret, CELL_MAX, FR_STR("-"));
		return;
	}
	show_number(divide(n * 100, of), ret);
	end = fr_str_of(ret).n;
	FR_ASSERT(end + 3 <= CELL_MAX);
	(void)fr_str_copy(ret + end, CELL_MAX - end, FR_STR(" %"));
}

/* What the requests that were answered would have cost without frugald. */
static int64_t worth(const struct fr_report_row *row)
{
	return row->v[FR_TOTAL_demand] + row->v[FR_TOTAL_avoided];
}

static void show_calls_a_day(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	show_number(divide(row->v[FR_TOTAL_calls], c->days), ret);
}

static void show_calls(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_calls], ret);
}

static void show_share(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	show_percent(fr_report_spent(row), c->spent, ret);
}

static void show_requests_share(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	show_percent(row->v[FR_TOTAL_requests], c->requests, ret);
}

static void show_refused(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_refused], ret);
}

static void show_uncertain(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_uncertain], ret);
}

static void show_spent(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(fr_report_spent(row), ret);
}

static void show_background(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_background], ret);
}

static void show_avoided(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_avoided], ret);
}

static void show_requests(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_number(row->v[FR_TOTAL_requests], ret);
}

static void show_paid_less(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX])
{
	(void)c;
	show_percent(row->v[FR_TOTAL_avoided] - row->v[FR_TOTAL_background], worth(row), ret);
}

static void add_column(struct table *t, const char *title,
		       void (*show)(const struct context *c, const struct fr_report_row *row, char ret[CELL_MAX]))
{
	FR_ASSERT(t->n < COLUMNS_MAX);
	t->columns[t->n++] = (struct column){ title, show };
}

static void widen(size_t *width, size_t n)
{
	if (n > *width)
		*width = n;
}

static void measure(struct table *t, const struct fr_report_row *row)
{
	char cell[CELL_MAX];

	widen(&t->widths[0], fr_report_row_name(row).n);
	for (size_t i = 0; i < t->n; i++) {
		t->columns[i].show(&t->context, row, cell);
		widen(&t->widths[i + 1], fr_str_of(cell).n);
	}
}

static void pad(struct fr_page *p, size_t width, size_t n)
{
	for (; n < width; n++)
		fr_page_char(p, ' ');
}

static void write_line(struct fr_page *p, const struct table *t, struct fr_str name, const struct fr_report_row *row)
{
	char cell[CELL_MAX];

	fr_page_str(p, name);
	pad(p, t->widths[0], name.n);
	for (size_t i = 0; i < t->n; i++) {
		struct fr_str text = fr_str_of(t->columns[i].title);

		if (row != NULL) {
			t->columns[i].show(&t->context, row, cell);
			text = fr_str_of(cell);
		}
		fr_page_text(p, "   ");
		pad(p, t->widths[i + 1], text.n);
		fr_page_str(p, text);
	}
	fr_page_char(p, '\n');
}

static void write_table(struct fr_page *p, struct table *t)
{
	widen(&t->widths[0], fr_str_of(t->first).n);
	for (size_t i = 0; i < t->n; i++)
		widen(&t->widths[i + 1], fr_str_of(t->columns[i].title).n);
	for (size_t i = 0; i < t->n_rows; i++)
		measure(t, &t->rows[i]);
	if (t->last != NULL)
		measure(t, t->last);

	write_line(p, t, fr_str_of(t->first), NULL);
	for (size_t i = 0; i < t->n_rows; i++)
		write_line(p, t, fr_report_row_name(&t->rows[i]), &t->rows[i]);
	if (t->last != NULL)
		write_line(p, t, fr_report_row_name(t->last), t->last);
}

/* Requests by how they ended: what each way avoided. */
static void add_outcome_columns(struct table *t)
{
	add_column(t, "Requests", show_requests);
	add_column(t, "% of requests", show_requests_share);
	add_column(t, "Avoided", show_avoided);
	add_column(t, "Refused", show_refused);
}

static void add_call_columns(struct table *t, const struct fr_report_row *all)
{
	add_column(t, "Calls/day", show_calls_a_day);
	add_column(t, "% of spend", show_share);
	add_column(t, "Spent", show_spent);
	if (all->v[FR_TOTAL_background] != 0)
		add_column(t, "Background", show_background);
}

static void add_request_columns(struct table *t)
{
	add_column(t, "Avoided", show_avoided);
	add_column(t, "Requests", show_requests);
	add_column(t, "Paid less", show_paid_less);
}

static void write_rows(struct fr_page *p, const struct fr_report_rows *rows)
{
	struct table t = {
		.context = { rows->r->to - rows->r->from + 1, fr_report_spent(&rows->all), rows->all.v[FR_TOTAL_requests] },
		.first = fr_report_words(rows->r->by).title,
		.n_rows = rows->n,
		.rows = rows->at,
		.last = &rows->all,
	};

	if (rows->r->by == FR_REPORT_BY_OUTCOME) {
		add_outcome_columns(&t);
	} else {
		add_call_columns(&t, &rows->all);
		if (rows->r->by != FR_REPORT_BY_REASON)
			add_request_columns(&t);
		else if (rows->all.v[FR_TOTAL_uncertain] != 0)
			add_column(&t, "Uncertain", show_uncertain);
	}
	write_table(p, &t);
}

static void write_days(struct fr_page *p, const struct fr_report *r)
{
	struct fr_report_row *days = fr_calloc(r->n_days, sizeof(*days));
	struct table t = { .context = { 1, 0, 0 }, .first = "Day", .rows = days };

	for (size_t d = 0; d < r->n_days; d++)
		if (fr_report_day_row(r, &r->days[d], &days[t.n_rows]))
			t.n_rows++;
	add_column(&t, "Calls", show_calls);
	add_column(&t, "Spent", show_spent);
	add_column(&t, "Avoided", show_avoided);
	add_column(&t, "Requests", show_requests);
	add_column(&t, "Paid less", show_paid_less);
	if (t.n_rows > 0) {
		fr_page_char(p, '\n');
		write_table(p, &t);
	}
	free(days);
}

static void write_title(struct fr_page *p, const struct fr_report *r)
{
	char from[11], to[11];

	fr_units_show_day(r->from, from);
	fr_units_show_day(r->to, to);
	fr_page_text(p, "frugald report ");
	if (r->by != FR_REPORT_BY_ENDPOINT)
		fr_page_addf(p, "by %s, ", fr_report_words(r->by).name);
	fr_page_addf(p, "%s%s%s (UTC)\n", from, r->from == r->to ? "" : " to ", r->from == r->to ? "" : to);
}

/* "6.0 times fewer", if it is fewer. */
static void write_factor(struct fr_page *p, const struct fr_report_row *all)
{
	int64_t spent = fr_report_spent(all), tenths;
	char whole[CELL_MAX];

	if (spent == 0 || worth(all) <= spent)
		return;
	tenths = divide(worth(all) * 10, spent);
	show_number(tenths / 10, whole);
	fr_page_addf(p, ": %s.%d times fewer", whole, (int)(tenths % 10));
}

static void write_summary(struct fr_page *p, const struct fr_report_row *all)
{
	char requests[CELL_MAX], cost[CELL_MAX], spent[CELL_MAX], background[CELL_MAX], avoided[CELL_MAX], refused[CELL_MAX];
	char uncertain[CELL_MAX];

	show_number(all->v[FR_TOTAL_requests], requests);
	show_number(worth(all), cost);
	show_number(fr_report_spent(all), spent);
	show_number(all->v[FR_TOTAL_background], background);
	show_number(all->v[FR_TOTAL_avoided], avoided);
	show_number(all->v[FR_TOTAL_refused], refused);
	show_number(all->v[FR_TOTAL_uncertain], uncertain);
	fr_page_addf(p, "%s requests would have cost %s credits; %s were spent (%s in the background), %s avoided", requests,
		     cost, spent, background, avoided);
	write_factor(p, all);
	fr_page_text(p, ".\n");
	if (all->v[FR_TOTAL_uncertain] != 0)
		fr_page_addf(p, "Of those spent, %s are uncertain: nobody heard how their calls ended.\n", uncertain);
	if (all->v[FR_TOTAL_refused] != 0)
		fr_page_addf(p, "Refused requests, worth %s credits, are not counted as savings.\n", refused);
}

void fr_report_text(struct fr_page *p, const struct fr_report_rows *rows)
{
	write_title(p, rows->r);
	write_summary(p, &rows->all);
	if (rows->r->partial)
		fr_page_text(p, "Partial: Redis did not answer, so these are this instance's own counts only.\n");
	fr_page_char(p, '\n');
	write_rows(p, rows);
	if (rows->r->from < rows->r->to)
		write_days(p, rows->r);
}
