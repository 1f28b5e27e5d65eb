#include "core/metrics.h"

#include "core/page.h"

#include "base/pure.h"

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
	fr_page_text(p, "\n## Values of `class`\n\n| Value | Meaning |\n|---|---|\n");
#define PRIORITY(id, name, paced, help) fr_page_addf(p, "| `%s` | %s |\n", name, help);
#include "frugal/tbl/priorities.def"
#undef PRIORITY
}

enum fr_err fr_metrics_document(struct fr_buf *b)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	fr_page_text(
		&p,
		"# Metrics\n\nThis page is generated from include/frugal/tbl/*.def.\n\n"
		"`/metrics` answers with these, as Prometheus text or as OpenMetrics. `endpoint` is a path of the catalogue, or `other`; "
		"`budget` is its name, `window` its kind: `hour`, `day` or `month`. `config/prometheus-rules.yml` has alerts made of them.\n\n"
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
