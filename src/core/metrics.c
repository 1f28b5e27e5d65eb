#include "core/metrics.h"

#include <inttypes.h>

#include "base/str.h"
#include "core/page.h"

#include "base/pure.h"

static void write_head(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_text(p, "{\"version\":");
	fr_page_json(p, fr_str_of(f->version));
	fr_page_text(p, ",\"commit\":");
	fr_page_json(p, fr_str_of(f->commit));
	fr_page_text(p, ",\"started\":");
	fr_page_seconds(p, f->started.v);
	fr_page_text(p, ",\"now\":");
	fr_page_seconds(p, f->now.v);
}

static void write_credits(struct fr_page *p, const struct fr_tally *t)
{
	fr_page_addf(p, ",\"credits\":{\"asked\":%" PRId64 ",\"demand\":%" PRId64 ",\"background\":%" PRId64, t->asked, t->demand,
		     t->background);
	fr_page_addf(p, ",\"spent\":%" PRId64 ",\"avoided\":%" PRId64 ",\"refused\":%" PRId64, t->demand + t->background,
		     t->avoided_all, t->refused);
	fr_page_text(p, ",\"saved_ratio\":");
	fr_page_ratio(p, t->avoided_all - t->background, t->demand + t->avoided_all);
	fr_page_char(p, '}');
}

static void write_outcomes(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_text(p, ",\"outcomes\":{");
	for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
		uint64_t n = 0;

		for (size_t i = 0; i < f->catalogue->n; i++)
			n += f->tally->requests[i][o];
		fr_page_addf(p, "%s\"%s\":%" PRIu64, o == 0 ? "" : ",", fr_outcome_name(o), n);
	}
	fr_page_char(p, '}');
}

static void write_endpoints(struct fr_page *p, const struct fr_metrics_facts *f)
{
	const char *comma = "";

	fr_page_text(p, ",\"endpoints\":{");
	for (size_t i = 0; i < f->catalogue->n; i++) {
		struct fr_tally_sums sums = fr_tally_sums(f->tally, i);

		if (sums.requests == 0 && sums.calls == 0)
			continue;
		fr_page_text(p, comma);
		fr_page_json(p, fr_tally_label(&f->catalogue->rows[i]));
		fr_page_addf(p, ":{\"requests\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"spent\":%" PRId64 ",\"avoided\":%" PRId64 "}",
			     sums.requests, sums.calls, sums.spent, sums.avoided);
		comma = ",";
	}
	fr_page_char(p, '}');
}

static void write_tables(struct fr_page *p, const struct fr_metrics_facts *f)
{
	const char *comma = "";

	fr_page_text(p, ",\"counters\":{");
#define COUNTER(field, name, help) \
	fr_page_addf(p, "%s\"" name "\":%" PRIu64, comma, f->tally->counters.field); \
	comma = ",";
#include "frugal/tbl/counters.def"
#undef COUNTER
	fr_page_text(p, "},\"gauges\":{");
	comma = "";
#define GAUGE(field, name, help) \
	fr_page_addf(p, "%s\"" name "\":%" PRId64, comma, f->gauges.field); \
	comma = ",";
#include "frugal/tbl/gauges.def"
#undef GAUGE
	fr_page_text(p, "}}\n");
}

enum fr_err fr_metrics_json(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	write_head(&p, f);
	write_credits(&p, f->tally);
	write_outcomes(&p, f);
	write_endpoints(&p, f);
	write_tables(&p, f);
	return fr_page_end(&p);
}

/* The words that a label may say, below the table of metrics. */
static void document_values(struct fr_page *p)
{
	fr_page_text(p, "\n## Values of `outcome` and `by`\n\n| Value | Credits are | Meaning |\n|---|---|---|\n");
#define OUTCOME(id, name, credit, help) fr_page_addf(p, "| `%s` | %s | %s |\n", name, #credit, help);
#include "frugal/tbl/outcomes.def"
#undef OUTCOME
	fr_page_text(p, "\n`by` has the values whose credits are AVOIDED.\n"
			"\n## Values of `reason`\n\n| Value | Spent | Meaning |\n|---|---|---|\n");
#define REASON(id, name, background, help) \
	fr_page_addf(p, "| `%s` | %s | %s |\n", name, background ? "in the background" : "on demand", help);
#include "frugal/tbl/reasons.def"
#undef REASON
	fr_page_text(p, "\n## Values of `verdict`\n\n| Value | Meaning |\n|---|---|\n");
#define VERDICT(id, name, stored, failure, help) fr_page_addf(p, "| `%s` | %s |\n", name, help);
#include "frugal/tbl/verdicts.def"
#undef VERDICT
}

enum fr_err fr_metrics_document(struct fr_buf *b)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	fr_page_text(
		&p,
		"# Metrics\n\nThis page is generated from include/frugal/tbl/*.def.\n\n"
		"`/metrics` answers with these, as Prometheus text or as OpenMetrics. `endpoint` is a path of the catalogue, or `other`.\n\n"
		"| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n");
#define METRIC(id, name, kind, labels, help) fr_page_addf(&p, "| `%s` | %s | %s | %s |\n", name, #kind, labels, help);
#include "frugal/tbl/metrics.def"
#undef METRIC
#define COUNTER(field, name, help) fr_page_addf(&p, "| `frugald_%s_total` | counter |  | %s |\n", name, help);
#include "frugal/tbl/counters.def"
#undef COUNTER
#define GAUGE(field, name, help) fr_page_addf(&p, "| `frugald_%s` | gauge |  | %s |\n", name, help);
#include "frugal/tbl/gauges.def"
#undef GAUGE
	document_values(&p);
	return fr_page_end(&p);
}
