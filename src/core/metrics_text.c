/* /metrics: all families, in their order. */
#include <inttypes.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/metrics_sheet.h"

#include "base/pure.h"

/* A sample of one endpoint with a second label. */
static void endpoint_sample(struct fr_sheet *s, const char *name, const struct fr_endpoint *e, const char *second,
			    const char *word)
{
	fr_sheet_sample(s, name);
	fr_sheet_label(s, "endpoint", fr_tally_label(e));
	fr_sheet_label(s, second, fr_str_of(word));
}

static void write_requests(struct fr_sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = fr_sheet_row(s, FR_METRIC_REQUESTS);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
			endpoint_sample(s, name, &c->rows[i], "outcome", fr_outcome_name(o));
			fr_sheet_count(s, s->f->tally->requests[i][o]);
		}
}

/* The pair that every endpoint starts with: its first call, gone well. */
static bool usual(const struct fr_endpoint *e, enum fr_reason r, enum fr_verdict v)
{
	return v == FR_VERDICT_DATA && r == (e->is_other ? FR_REASON_BYPASS : FR_REASON_MISS);
}

static void write_calls(struct fr_sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = fr_sheet_row(s, FR_METRIC_CALLS);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_reason r = 0; r < FR_REASONS; r++)
			for (enum fr_verdict v = 0; v < FR_VERDICTS; v++) {
				uint64_t n = s->f->tally->calls[i][r][v];

				if (n == 0 && !usual(&c->rows[i], r, v))
					continue;
				endpoint_sample(s, name, &c->rows[i], "reason", fr_reason_name(r));
				fr_sheet_label(s, "verdict", fr_str_of(fr_verdict_name(v)));
				fr_sheet_count(s, n);
			}
}

static void write_spent(struct fr_sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = fr_sheet_row(s, FR_METRIC_SPENT);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_reason r = 0; r < FR_REASONS; r++) {
			endpoint_sample(s, name, &c->rows[i], "reason", fr_reason_name(r));
			fr_sheet_value(s, s->f->tally->spent[i][r]);
		}
}

static void write_avoided(struct fr_sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = fr_sheet_row(s, FR_METRIC_AVOIDED);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
			if (fr_outcome_booking(o) != FR_BOOKING_AVOIDED)
				continue;
			endpoint_sample(s, name, &c->rows[i], "by", fr_outcome_name(o));
			fr_sheet_value(s, s->f->tally->avoided[i][o]);
		}
}

static void plain(struct fr_sheet *s, enum fr_metric m, int64_t v)
{
	fr_sheet_sample(s, fr_sheet_row(s, m));
	fr_sheet_value(s, v);
}

static void plain_seconds(struct fr_sheet *s, enum fr_metric m, int64_t ms)
{
	fr_sheet_sample(s, fr_sheet_row(s, m));
	fr_sheet_thousandths(s, ms);
}

/* "0.25", "60", "+Inf"; OpenMetrics wants a point in every bound but the last. */
static void bound(struct fr_sheet *s, fr_ms upper)
{
	int64_t whole = upper.v / 1000, rest = upper.v % 1000;

	if (upper.v == INT64_MAX) {
		fr_page_text(&s->page, "+Inf");
		return;
	}
	fr_page_addf(&s->page, "%" PRId64, whole);
	if (rest == 0) {
		fr_page_text(&s->page, s->openmetrics ? ".0" : "");
		return;
	}
	fr_page_char(&s->page, '.');
	for (int64_t digit = 100; rest > 0; rest %= digit, digit /= 10)
		fr_page_char(&s->page, (char)('0' + rest / digit));
}

static void histogram(struct fr_sheet *s, enum fr_metric m, const struct fr_hist *h, fr_ms (*upper)(size_t bucket))
{
	const char *name = fr_sheet_row(s, m);
	uint64_t below = 0;

	for (size_t i = 0; i < FR_HIST_BUCKETS; i++) {
		below += h->buckets[i];
		fr_page_addf(&s->page, "%s_bucket{le=\"", name);
		bound(s, upper(i));
		fr_page_addf(&s->page, "\"} %" PRIu64 "\n", below);
	}
	FR_ASSERT(below == h->n);
	fr_page_addf(&s->page, "%s_sum ", name);
	fr_page_seconds(&s->page, h->sum_ms);
	fr_page_addf(&s->page, "\n%s_count %" PRIu64 "\n", name, h->n);
}

static void write_tables(struct fr_sheet *s)
{
	const struct fr_counters *counters = &s->f->tally->counters;
	const struct fr_gauges *gauges = &s->f->gauges;

#define COUNTER(field, name, help) \
	fr_sheet_family(s, "frugald_" name "_total", FR_METRIC_KIND_counter, help); \
	fr_sheet_sample(s, "frugald_" name "_total"); \
	fr_sheet_count(s, counters->field);
#include "frugal/tbl/counters.def"
#undef COUNTER
#define GAUGE(field, name, help) \
	fr_sheet_family(s, "frugald_" name, FR_METRIC_KIND_gauge, help); \
	fr_sheet_sample(s, "frugald_" name); \
	fr_sheet_value(s, gauges->field);
#include "frugal/tbl/gauges.def"
#undef GAUGE
}

static void write_credits(struct fr_sheet *s)
{
	const struct fr_tally *t = s->f->tally;

	plain(s, FR_METRIC_ASKED, t->asked);
	plain(s, FR_METRIC_DEMAND, t->demand);
	plain(s, FR_METRIC_BACKGROUND, t->background);
	plain(s, FR_METRIC_REFUSED, t->refused);
}

static void write_histograms(struct fr_sheet *s)
{
	const struct fr_tally *t = s->f->tally;

	histogram(s, FR_METRIC_REQUEST_TIME, &t->request_ms, fr_hist_bound);
	histogram(s, FR_METRIC_CALL_TIME, &t->call_ms, fr_hist_bound);
	histogram(s, FR_METRIC_WAIT_TIME, &t->wait_ms, fr_hist_bound);
	histogram(s, FR_METRIC_AGE, &t->age_ms.h, fr_ages_bound);
}

static void write_process(struct fr_sheet *s)
{
	const struct fr_metrics_facts *f = s->f;

	fr_sheet_sample(s, fr_sheet_row(s, FR_METRIC_BUILD));
	fr_sheet_label(s, "version", fr_str_of(f->version));
	fr_sheet_label(s, "commit", fr_str_of(f->commit));
	fr_sheet_value(s, 1);
	plain_seconds(s, FR_METRIC_START, f->started.v);
	if (f->cpu_seconds >= 0)
		plain_seconds(s, FR_METRIC_CPU, (int64_t)(f->cpu_seconds * 1000));
	if (f->resident_bytes >= 0)
		plain(s, FR_METRIC_RESIDENT, f->resident_bytes);
	if (f->open_fds >= 0)
		plain(s, FR_METRIC_OPEN_FDS, f->open_fds);
	if (f->max_fds >= 0)
		plain(s, FR_METRIC_MAX_FDS, f->max_fds);
}

enum fr_err fr_metrics_text(struct fr_buf *b, const struct fr_metrics_facts *f, bool openmetrics)
{
	struct fr_sheet s = { .f = f, .openmetrics = openmetrics };

	fr_page_begin(&s.page, b);
	write_requests(&s);
	write_calls(&s);
	write_spent(&s);
	write_avoided(&s);
	write_credits(&s);
	fr_sheet_tenants(&s);
	fr_sheet_budgets(&s);
	fr_sheet_queue(&s);
	write_histograms(&s);
	write_tables(&s);
	write_process(&s);
	if (openmetrics)
		fr_page_text(&s.page, "# EOF\n");
	return fr_page_end(&s.page);
}
