#include "core/metrics_sheet.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

#include "base/pure.h"

static const struct {
	const char *name;
	enum fr_metric_kind kind;
	const char *help;
} metrics[FR_METRICS] = {
#define METRIC(id, name, kind, labels, help) [FR_METRIC_##id] = { name, FR_METRIC_KIND_##kind, help },
#include "frugal/tbl/metrics.def"
#undef METRIC
};

static struct fr_str family_name(const struct fr_sheet *s, const char *name, enum fr_metric_kind kind)
{
	struct fr_str all = fr_str_of(name);
	const char *suffix = kind == FR_METRIC_KIND_counter ? "_total" : kind == FR_METRIC_KIND_info ? "_info" : "";

	if (s->openmetrics && fr_str_ends(all, suffix))
		all.n -= strlen(suffix);
	return all;
}

void fr_sheet_family(struct fr_sheet *s, const char *name, enum fr_metric_kind kind, const char *help)
{
	static const char *const types[] = {
		[FR_METRIC_KIND_counter] = "counter",
		[FR_METRIC_KIND_gauge] = "gauge",
		[FR_METRIC_KIND_histogram] = "histogram",
		[FR_METRIC_KIND_info] = "info",
	};
	const char *type = kind == FR_METRIC_KIND_info && !s->openmetrics ? "gauge" : types[kind];
	struct fr_str stem = family_name(s, name, kind);

	fr_page_addf(&s->page, "# HELP %.*s %s\n# TYPE %.*s %s\n", FR_STR_ARG(stem), help, FR_STR_ARG(stem), type);
	if (s->openmetrics && fr_str_ends(stem, "_seconds"))
		fr_page_addf(&s->page, "# UNIT %.*s seconds\n", FR_STR_ARG(stem));
	if (s->openmetrics && fr_str_ends(stem, "_bytes"))
		fr_page_addf(&s->page, "# UNIT %.*s bytes\n", FR_STR_ARG(stem));
}

const char *fr_sheet_row(struct fr_sheet *s, enum fr_metric m)
{
	fr_sheet_family(s, metrics[m].name, metrics[m].kind, metrics[m].help);
	return metrics[m].name;
}

void fr_sheet_sample(struct fr_sheet *s, const char *name)
{
	fr_page_text(&s->page, name);
	s->labelled = false;
}

void fr_sheet_label(struct fr_sheet *s, const char *name, struct fr_str value)
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

static void begin_value(struct fr_sheet *s)
{
	fr_page_text(&s->page, s->labelled ? "} " : " ");
}

void fr_sheet_value(struct fr_sheet *s, int64_t v)
{
	begin_value(s);
	fr_page_addf(&s->page, "%" PRId64 "\n", v);
}

void fr_sheet_count(struct fr_sheet *s, uint64_t v)
{
	begin_value(s);
	fr_page_addf(&s->page, "%" PRIu64 "\n", v);
}

void fr_sheet_thousandths(struct fr_sheet *s, int64_t v)
{
	begin_value(s);
	fr_page_seconds(&s->page, v); /* n thousandths */
	fr_page_char(&s->page, '\n');
}
