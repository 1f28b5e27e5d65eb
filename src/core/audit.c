#include "core/audit.h"

#include <inttypes.h>

#include "base/str.h"
#include "base/units.h"
#include "core/page.h"

#include "base/pure.h"

/* The page being written, and what was found so far. */
struct audit {
	struct fr_page page;
	const struct fr_audit *a;
	int64_t drift;
	bool incomplete;
	size_t n_checks;
};

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static void add_bool(struct fr_page *p, const char *name, bool v)
{
	fr_page_addf(p, "\"%s\":%s", name, v ? "true" : "false");
}

/* One comparison. Not `known`: there is nothing to compare with now. */
static void check(struct audit *t, const char *name, const char *compares, bool known, int64_t a, int64_t b, int64_t drift)
{
	struct fr_page *p = &t->page;

	fr_page_addf(p, "%s{\"name\":\"%s\",\"compares\":\"%s\",\"a\":%" PRId64, t->n_checks++ == 0 ? "" : ",", name, compares,
		     a);
	if (known)
		fr_page_addf(p, ",\"b\":%" PRId64 ",\"drift\":%" PRId64 "}", b, drift);
	else
		fr_page_text(p, ",\"b\":null,\"drift\":null}");
	if (known)
		t->drift += drift;
	else
		t->incomplete = true;
}

static int64_t spent_of(const int64_t v[FR_TOTALS])
{
	return v[FR_TOTAL_demand] + v[FR_TOTAL_background];
}

static int64_t sum(const int64_t (*rows)[FR_TOTALS], size_t n)
{
	int64_t spent = 0;

	for (size_t i = 0; i < n; i++)
		spent += spent_of(rows[i]);
	return spent;
}

static void check_records(struct audit *t)
{
	const struct fr_ledger_figures *l = &t->a->ledger;
	int64_t written = (int64_t)l->written, watermark = (int64_t)l->watermark;

	check(t, "calls", "calls without an end in the journal (a) and calls on their way (b)", true, (int64_t)l->unsettled,
	      (int64_t)l->calls, distance((int64_t)l->unsettled, (int64_t)l->calls));
	check(t, "records", "the last record in Redis' counters (a) is in the journal, whose last one is (b)", l->known,
	      watermark, written, watermark > written ? watermark - written : 0);
}

/* A script moves all breakdowns in one step. */
static void check_breakdowns(struct audit *t)
{
	const struct fr_totals *today = t->a->n_days > 0 ? &t->a->days[t->a->n_days - 1] : NULL;
	bool told = t->a->told && today != NULL;
	int64_t all = told ? sum(today->v, FR_ENDPOINTS_MAX) : 0;
	int64_t tenants = told ? sum(today->tenants, FR_TENANTS_MAX) : 0, reasons = told ? sum(today->reasons, FR_REASONS) : 0;

	check(t, "tenants", "credits of today in Redis, all instances, by endpoint (a) and by tenant (b)", told, all, tenants,
	      distance(all, tenants));
	check(t, "reasons", "credits of today in Redis, all instances, by endpoint (a) and by reason (b)", told, all, reasons,
	      distance(all, reasons));
}

/* Redis has this instance's part and those of the others: it may have more, never less. */
static void check_own_part(struct audit *t)
{
	const struct fr_tally *tally = t->a->facts->tally;
	int64_t own = tally->demand + tally->background, there = 0;

	if (t->a->first > fr_units_day(t->a->facts->started))
		return; /* it has run for longer than anybody reads back */
	for (size_t d = 0; t->a->told && d < t->a->n_days; d++)
		there += sum(t->a->days[d].v, FR_ENDPOINTS_MAX) + sum(t->a->owing[d].v, FR_ENDPOINTS_MAX);
	check(t, "own part",
	      "credits this instance spent since its start (a) are at the most those in Redis and on their way there (b)",
	      t->a->told, own, there, own > there ? own - there : 0);
}

/* An answer about records that was lost on its way is made up for by the next one. */
static bool told(const struct audit *t, const struct fr_audit_budget *b)
{
	return b->told && b->here.known && (t->a->ledger.pending == 0 || t->a->facts->gauges.store_up != 0);
}

/* Only one that shares the budget with nobody knows what Redis must say. */
static void check_budget(struct audit *t, const struct fr_audit_budget *b)
{
	t->drift += distance(b->here.drift, 0);
	if (!told(t, b))
		t->incomplete = true;
	else if (t->a->ledger.instances <= 1)
		t->drift += distance(b->spent, b->here.spent);
}

static void write_budget(struct audit *t, const struct fr_audit_budget *b)
{
	struct fr_page *p = &t->page;

	fr_page_text(p, "{\"name\":");
	fr_page_json(p, fr_str_of(b->here.name));
	fr_page_text(p, ",\"window\":");
	fr_page_json(p, fr_str_of(b->here.shown));
	fr_page_addf(p, ",\"here\":{\"spent\":%" PRId64 ",\"outstanding\":%" PRId64 ",\"held\":%" PRId64 "},\"redis\":",
		     b->here.spent, b->here.outstanding, b->here.held);
	if (b->told)
		fr_page_addf(p, "{\"spent\":%" PRId64 ",\"outstanding\":%" PRId64 "}", b->spent, b->outstanding);
	else
		fr_page_text(p, "null");
	fr_page_addf(p, ",\"reservations_drift\":%" PRId64 ",\"spent_drift\":", b->here.drift);
	if (told(t, b) && t->a->ledger.instances <= 1)
		fr_page_addf(p, "%" PRId64 "}", distance(b->spent, b->here.spent));
	else
		fr_page_text(p, "null}"); /* the others' calls come between */
}

static void write_head(struct audit *t)
{
	const struct fr_ledger_figures *l = &t->a->ledger;
	const struct fr_metrics_facts *f = t->a->facts;
	const struct fr_counters *c = &f->tally->counters;
	struct fr_page *p = &t->page;

	fr_page_char(p, '{');
	add_bool(p, "whole", l->known && l->pending == 0);
	fr_page_addf(p, ",\"pending\":%" PRIu64 ",\"instances\":%zu,\"journal\":{", l->pending, l->instances);
	add_bool(p, "up", f->gauges.journal_up != 0);
	fr_page_addf(p, ",\"last\":%" PRIu64 ",\"written\":%" PRIu64 ",\"unsettled\":%" PRIu64, l->last, l->written,
		     l->unsettled);
	fr_page_addf(p, ",\"recovered\":%" PRIu64 ",\"damaged\":%" PRIu64 "},\"redis\":{", c->ledger_recovered,
		     c->journal_damaged);
	add_bool(p, "up", f->gauges.store_up != 0);
	fr_page_text(p, ",\"watermark\":");
	if (l->known)
		fr_page_addf(p, "%" PRIu64, l->watermark);
	else
		fr_page_text(p, "null");
	fr_page_addf(p, ",\"again\":%" PRIu64 ",\"lost\":%" PRIu64 "}", c->ledger_again, c->ledger_lost);
}

enum fr_err fr_audit_json(struct fr_buf *b, const struct fr_audit *a)
{
	struct audit t = { .a = a };

	fr_page_begin(&t.page, b);
	write_head(&t);
	fr_page_text(&t.page, ",\"checks\":[");
	check_records(&t);
	check_breakdowns(&t);
	check_own_part(&t);
	fr_page_text(&t.page, "],\"budgets\":[");
	for (size_t i = 0; i < a->n_budgets; i++) {
		fr_page_text(&t.page, i == 0 ? "" : ",");
		check_budget(&t, &a->budgets[i]);
		write_budget(&t, &a->budgets[i]);
	}
	fr_page_text(&t.page, "],\"drift\":");
	if (t.incomplete)
		fr_page_text(&t.page, "null}\n");
	else
		fr_page_addf(&t.page, "%" PRId64 "}\n", t.drift);
	return fr_page_end(&t.page);
}
