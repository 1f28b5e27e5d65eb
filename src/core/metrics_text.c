/* The Prometheus text format 0.0.4 and OpenMetrics 1.0.0. They differ in what a family is called: OpenMetrics takes "_total"
 * and "_info" from the names of counters and infos, writes a line of its own for the unit, floats as the bounds of buckets,
 * and an end. */
#include "core/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/page.h"

#include "base/pure.h"

enum kind { KIND_counter, KIND_gauge, KIND_histogram, KIND_info };

enum metric {
#define METRIC(id, name, kind, labels, help) METRIC_##id,
#include "frugal/tbl/metrics.def"
#undef METRIC
	METRICS
};

static const struct metric_row {
	const char *name;
	enum kind kind;
	const char *help;
} metrics[METRICS] = {
#define METRIC(id, name, kind, labels, help) [METRIC_##id] = { name, KIND_##kind, help },
#include "frugal/tbl/metrics.def"
#undef METRIC
};

/* The text being written: one family, one sample after the other. */
struct sheet {
	struct fr_page page;
	const struct fr_metrics_facts *f;
	bool openmetrics;
	bool labelled; /* the sample has a label already */
};

static struct fr_str family_name(const struct sheet *s, const char *name, enum kind kind)
{
	struct fr_str all = fr_str_of(name);
	const char *suffix = kind == KIND_counter ? "_total" : kind == KIND_info ? "_info" : "";

	if (s->openmetrics && fr_str_ends(all, suffix))
		all.n -= strlen(suffix);
	return all;
}

static void family(struct sheet *s, const char *name, enum kind kind, const char *help)
{
	static const char *const types[] = {
		[KIND_counter] = "counter",
		[KIND_gauge] = "gauge",
		[KIND_histogram] = "histogram",
		[KIND_info] = "info",
	};
	const char *type = kind == KIND_info && !s->openmetrics ? "gauge" : types[kind];
	struct fr_str stem = family_name(s, name, kind);

	fr_page_addf(&s->page, "# HELP %.*s %s\n# TYPE %.*s %s\n", FR_STR_ARG(stem), help, FR_STR_ARG(stem), type);
	if (s->openmetrics && fr_str_ends(stem, "_seconds"))
		fr_page_addf(&s->page, "# UNIT %.*s seconds\n", FR_STR_ARG(stem));
	if (s->openmetrics && fr_str_ends(stem, "_bytes"))
		fr_page_addf(&s->page, "# UNIT %.*s bytes\n", FR_STR_ARG(stem));
}

static const char *row_family(struct sheet *s, enum metric m)
{
	family(s, metrics[m].name, metrics[m].kind, metrics[m].help);
	return metrics[m].name;
}

static void sample(struct sheet *s, const char *name)
{
	fr_page_text(&s->page, name);
	s->labelled = false;
}

static void label(struct sheet *s, const char *name, struct fr_str value)
{
	fr_page_addf(&s->page, "%c%s=\"", s->labelled ? ',' : '{', name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' || value.p[i] == '"')
			fr_page_char(&s->page, '\\');
		if (value.p[i] == '\n')
			fr_page_text(&s->page, "\\n");
		else
			fr_page_char(&s->page, value.p[i]);
	}
	fr_page_char(&s->page, '"');
	s->labelled = true;
}

static void begin_value(struct sheet *s)
{
	fr_page_text(&s->page, s->labelled ? "} " : " ");
}

static void value(struct sheet *s, int64_t v)
{
	begin_value(s);
	fr_page_addf(&s->page, "%" PRId64 "\n", v);
}

static void count(struct sheet *s, uint64_t v)
{
	begin_value(s);
	fr_page_addf(&s->page, "%" PRIu64 "\n", v);
}

static void seconds(struct sheet *s, int64_t ms)
{
	begin_value(s);
	fr_page_seconds(&s->page, ms);
	fr_page_char(&s->page, '\n');
}

/* A sample of one endpoint with a second label. */
static void endpoint_sample(struct sheet *s, const char *name, const struct fr_endpoint *e, const char *second, const char *word)
{
	sample(s, name);
	label(s, "endpoint", fr_tally_label(e));
	label(s, second, fr_str_of(word));
}

static void write_requests(struct sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = row_family(s, METRIC_REQUESTS);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
			endpoint_sample(s, name, &c->rows[i], "outcome", fr_outcome_name(o));
			count(s, s->f->tally->requests[i][o]);
		}
}

/* The pair that every endpoint starts with: its first call, gone well. */
static bool usual(const struct fr_endpoint *e, enum fr_reason r, enum fr_verdict v)
{
	return v == FR_VERDICT_DATA && r == (e->is_other ? FR_REASON_BYPASS : FR_REASON_MISS);
}

static void write_calls(struct sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = row_family(s, METRIC_CALLS);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_reason r = 0; r < FR_REASONS; r++)
			for (enum fr_verdict v = 0; v < FR_VERDICTS; v++) {
				uint64_t n = s->f->tally->calls[i][r][v];

				if (n == 0 && !usual(&c->rows[i], r, v))
					continue;
				endpoint_sample(s, name, &c->rows[i], "reason", fr_reason_name(r));
				label(s, "verdict", fr_str_of(fr_verdict_name(v)));
				count(s, n);
			}
}

static void write_spent(struct sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = row_family(s, METRIC_SPENT);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_reason r = 0; r < FR_REASONS; r++) {
			endpoint_sample(s, name, &c->rows[i], "reason", fr_reason_name(r));
			value(s, s->f->tally->spent[i][r]);
		}
}

static void write_avoided(struct sheet *s)
{
	const struct fr_catalogue *c = s->f->catalogue;
	const char *name = row_family(s, METRIC_AVOIDED);

	for (size_t i = 0; i < c->n; i++)
		for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
			if (fr_outcome_booking(o) != FR_BOOKING_AVOIDED)
				continue;
			endpoint_sample(s, name, &c->rows[i], "by", fr_outcome_name(o));
			value(s, s->f->tally->avoided[i][o]);
		}
}

static void plain(struct sheet *s, enum metric m, int64_t v)
{
	sample(s, row_family(s, m));
	value(s, v);
}

static void plain_seconds(struct sheet *s, enum metric m, int64_t ms)
{
	sample(s, row_family(s, m));
	seconds(s, ms);
}

/* "0.25", "60", "+Inf"; OpenMetrics wants a point in every bound but the last. */
static void bound(struct sheet *s, fr_ms upper)
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

static void histogram(struct sheet *s, enum metric m, const struct fr_hist *h, fr_ms (*upper)(size_t bucket))
{
	const char *name = row_family(s, m);
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

static void write_tables(struct sheet *s)
{
	const struct fr_counters *counters = &s->f->tally->counters;
	const struct fr_gauges *gauges = &s->f->gauges;

#define COUNTER(field, name, help) \
	family(s, "frugald_" name "_total", KIND_counter, help); \
	sample(s, "frugald_" name "_total"); \
	count(s, counters->field);
#include "frugal/tbl/counters.def"
#undef COUNTER
#define GAUGE(field, name, help) \
	family(s, "frugald_" name, KIND_gauge, help); \
	sample(s, "frugald_" name); \
	value(s, gauges->field);
#include "frugal/tbl/gauges.def"
#undef GAUGE
}

static void write_credits(struct sheet *s)
{
	const struct fr_tally *t = s->f->tally;

	plain(s, METRIC_ASKED, t->asked);
	plain(s, METRIC_DEMAND, t->demand);
	plain(s, METRIC_BACKGROUND, t->background);
	plain(s, METRIC_REFUSED, t->refused);
}

static void write_histograms(struct sheet *s)
{
	const struct fr_tally *t = s->f->tally;

	histogram(s, METRIC_REQUEST_TIME, &t->request_ms, fr_hist_bound);
	histogram(s, METRIC_CALL_TIME, &t->call_ms, fr_hist_bound);
	histogram(s, METRIC_WAIT_TIME, &t->wait_ms, fr_hist_bound);
	histogram(s, METRIC_AGE, &t->age_ms.h, fr_ages_bound);
}

static void write_process(struct sheet *s)
{
	const struct fr_metrics_facts *f = s->f;

	sample(s, row_family(s, METRIC_BUILD));
	label(s, "version", fr_str_of(f->version));
	label(s, "commit", fr_str_of(f->commit));
	value(s, 1);
	plain_seconds(s, METRIC_START, f->started.v);
	if (f->cpu_seconds >= 0)
		plain_seconds(s, METRIC_CPU, (int64_t)(f->cpu_seconds * 1000));
	if (f->resident_bytes >= 0)
		plain(s, METRIC_RESIDENT, f->resident_bytes);
	if (f->open_fds >= 0)
		plain(s, METRIC_OPEN_FDS, f->open_fds);
	if (f->max_fds >= 0)
		plain(s, METRIC_MAX_FDS, f->max_fds);
}

enum fr_err fr_metrics_text(struct fr_buf *b, const struct fr_metrics_facts *f, bool openmetrics)
{
	struct sheet s = { .f = f, .openmetrics = openmetrics };

	fr_page_begin(&s.page, b);
	write_requests(&s);
	write_calls(&s);
	write_spent(&s);
	write_avoided(&s);
	write_credits(&s);
	write_histograms(&s);
	write_tables(&s);
	write_process(&s);
	if (openmetrics)
		fr_page_text(&s.page, "# EOF\n");
	return fr_page_end(&s.page);
}
