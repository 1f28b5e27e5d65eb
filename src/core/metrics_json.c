#include "core/metrics.h"

#include <inttypes.h>

#include "base/str.h"
#include "core/lease.h"
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
	fr_page_char(p, '}');
}

static void write_tenants(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_text(p, ",\"tenants\":{");
	for (size_t t = 0; t < f->roster->n_tenants; t++) {
		const struct fr_tally_tenant *whose = &f->tally->tenants[t];
		int64_t spent = 0;

		for (size_t i = 0; i < f->catalogue->n; i++)
			for (enum fr_reason r = 0; r < FR_REASONS; r++)
				spent += whose->spent[i][r];
		fr_page_text(p, t == 0 ? "" : ",");
		fr_page_json(p, fr_str_of(f->roster->tenants[t].name));
		fr_page_addf(p, ":{\"requests\":%" PRIu64 ",\"asked\":%" PRId64 ",\"spent\":%" PRId64, whose->requests,
			     whose->asked, spent);
		fr_page_addf(p, ",\"avoided\":%" PRId64 ",\"refused\":%" PRId64 "}", whose->avoided, whose->refused);
	}
	fr_page_char(p, '}');
}

/* `used_ratio` is of those by which the source is judged. */
static void write_prewarms(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_text(p, ",\"prewarm\":{");
	for (size_t i = 0; i < f->n_prewarms; i++) {
		const struct fr_prewarm_figures *s = &f->prewarms[i];

		fr_page_text(p, i == 0 ? "" : ",");
		fr_page_json(p, fr_str_of(s->name));
		fr_page_addf(p, ":{\"asked\":%" PRIu64 ",\"used\":%" PRIu64 ",\"wasted\":%" PRIu64 ",\"pending\":%" PRIu64,
			     s->asked, s->used, s->wasted, s->pending);
		fr_page_addf(p, ",\"held\":%" PRIu64 ",\"judged\":%" PRId64 ",\"used_ratio\":", s->held, s->judged);
		fr_page_ratio(p, s->judged_used, s->judged);
		fr_page_char(p, '}');
	}
	fr_page_char(p, '}');
}

static void write_line(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_addf(p, ",\"line\":{\"limit\":%" PRId64 ",\"window\":", f->line.limit);
	fr_page_seconds(p, f->line.window.v);
	fr_page_addf(p, ",\"used\":%" PRId64 ",\"queue\":{", f->line.used);
	for (enum fr_priority c = 0; c < FR_PRIORITIES; c++)
		fr_page_addf(p, "%s\"%s\":%" PRId64, c == 0 ? "" : ",", fr_priority_name(c), f->line.queue[c]);
	fr_page_text(p, "}}");
}

static void write_state(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_addf(p, ",\"breaker\":{\"open\":%s,\"groups_open\":%" PRId64 "}", f->gauges.breaker_open != 0 ? "true" : "false",
		     f->gauges.breaker_groups_open);
	fr_page_addf(p, ",\"ledger\":{\"pending\":%" PRId64 ",\"lost\":%" PRIu64 ",\"again\":%" PRIu64 ",\"whole\":%s}",
		     f->gauges.ledger_pending, f->tally->counters.ledger_lost, f->tally->counters.ledger_again,
		     f->ledger_whole ? "true" : "false");
}

/* A moment in seconds, or null if it is none. */
static void add_moment(struct fr_page *p, const char *name, fr_wall at)
{
	fr_page_addf(p, ",\"%s\":", name);
	if (at.v == 0)
		fr_page_text(p, "null");
	else
		fr_page_seconds(p, at.v);
}

static void add_share(struct fr_page *p, const char *name, int64_t permille, bool known)
{
	fr_page_addf(p, ",\"%s\":", name);
	if (known)
		fr_page_seconds(p, permille); /* thousandths */
	else
		fr_page_text(p, "null");
}

static void write_budget(struct fr_page *p, const struct fr_budget_figures *b)
{
	bool limited = b->limit < FR_LIMIT_NONE;

	fr_page_text(p, "{\"name\":");
	fr_page_json(p, fr_str_of(b->name));
	fr_page_addf(p, ",\"kind\":\"%s\",\"window\":", fr_window_kind_name(b->kind));
	fr_page_json(p, fr_str_of(b->shown));
	add_moment(p, "start", b->window.start);
	add_moment(p, "end", b->window.end);
	if (limited)
		fr_page_addf(p, ",\"limit\":%" PRId64, b->limit);
	else
		fr_page_text(p, ",\"limit\":null");
	fr_page_addf(p, ",\"known\":%s,\"spent\":%" PRId64 ",\"outstanding\":%" PRId64 ",\"held\":%" PRId64,
		     b->known ? "true" : "false", b->spent, b->outstanding, b->held);
	add_share(p, "used_ratio", b->permille, b->known && limited);
	fr_page_addf(p, ",\"level\":\"%s\"", fr_step_name(b->step));
	add_share(p, "forecast_ratio", b->forecast_permille, b->forecast_permille >= 0 && limited);
	add_moment(p, "exhausted_at", b->exhausted_at);
	fr_page_addf(p, ",\"drift\":%" PRId64 "}", b->drift);
}

static void write_budgets(struct fr_page *p, const struct fr_metrics_facts *f)
{
	fr_page_text(p, "\"budgets\":[");
	for (size_t i = 0; i < f->n_budgets; i++) {
		fr_page_text(p, i == 0 ? "" : ",");
		write_budget(p, &f->budgets[i]);
	}
	fr_page_char(p, ']');
}

enum fr_err fr_metrics_budgets_json(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	fr_page_char(&p, '{');
	write_budgets(&p, f);
	fr_page_text(&p, "}\n");
	return fr_page_end(&p);
}

enum fr_err fr_metrics_json(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	write_head(&p, f);
	write_credits(&p, f->tally);
	write_outcomes(&p, f);
	write_endpoints(&p, f);
	write_tenants(&p, f);
	fr_page_char(&p, ',');
	write_budgets(&p, f);
	write_prewarms(&p, f);
	write_line(&p, f);
	write_state(&p, f);
	write_tables(&p, f);
	fr_page_text(&p, "}\n");
	return fr_page_end(&p);
}
