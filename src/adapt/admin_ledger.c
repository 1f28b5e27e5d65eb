#include <stdlib.h>

#include "adapt/admin_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/audit.h"

/* The books waiting for what Redis has of them. */
struct ledger {
	struct fr_admin_job job;
	int64_t from, to;
	bool told;
	struct fr_totals *days, *owing; /* all of from .. to */
	size_t n_budgets;
	struct asked {
		struct ledger *ledger;
		struct fr_audit_budget budget;
	} budgets[FR_BUDGETS_MAX];
};

static size_t n_days(const struct ledger *l)
{
	return (size_t)(l->to - l->from + 1);
}

static struct fr_totals *new_days(const struct ledger *l)
{
	struct fr_totals *days = fr_calloc(n_days(l), sizeof(*days));

	for (size_t i = 0; i < n_days(l); i++)
		days[i].day = l->from + (int64_t)i;
	return days;
}

/* What is owed is taken at the same moment: Redis answers in the order of the questions, so neither counts what the other does. */
static void on_totals(void *ctx, bool ok, const struct fr_totals *days, size_t n)
{
	struct ledger *l = ctx;

	l->told = ok;
	for (size_t i = 0; ok && i < n; i++)
		if (days[i].day >= l->from && days[i].day <= l->to)
			fr_totals_add(&l->days[days[i].day - l->from], &days[i]);
	if (l->job.host != NULL)
		l->job.host->admin->ports.pending(l->job.host->admin->ports.ctx, l->owing, n_days(l));
	fr_admin_job_answered(&l->job);
}

/* What is believed here is looked at in the same moment, too. A window that has given way to the next one is not told. */
static void on_budget(void *ctx, const struct fr_spending *spending)
{
	struct asked *asked = ctx;
	struct fr_audit_budget *b = &asked->budget;
	struct fr_admin_job *job = &asked->ledger->job;
	struct fr_metrics_facts facts;

	b->spent = spending->spent;
	b->outstanding = spending->outstanding;
	if (job->host != NULL) {
		fr_admin_facts(job->host->admin, &facts);
		for (size_t i = 0; i < facts.n_budgets; i++)
			if (fr_str_is(fr_str_of(facts.budgets[i].name), b->here.name)) {
				b->here = facts.budgets[i];
				b->told = spending->known && spending->start.v == b->here.window.start.v;
			}
	}
	fr_admin_job_answered(job);
}

static void write_ledger(struct fr_admin_job *job, struct fr_admin_reply *r)
{
	struct ledger *l = FR_OF(job, struct ledger, job);
	struct fr_admin *a = job->host->admin;
	struct fr_audit_budget budgets[FR_BUDGETS_MAX];
	struct fr_metrics_facts facts;
	struct fr_audit audit = {
		.facts = &facts,
		.told = l->told,
		.first = l->from,
		.n_days = n_days(l),
		.days = l->days,
		.owing = l->owing,
		.n_budgets = l->n_budgets,
		.budgets = budgets,
	};

	fr_admin_facts(a, &facts);
	a->ports.ledger(a->ports.ctx, &audit.ledger);
	for (size_t i = 0; i < l->n_budgets; i++)
		budgets[i] = l->budgets[i].budget;
	FR_ASSERT(fr_audit_json(&r->body, &audit) == FR_OK);
}

static void release(struct fr_admin_job *job)
{
	struct ledger *l = FR_OF(job, struct ledger, job);

	free(l->days);
	free(l->owing);
	free(l);
}

static void ask_all(struct ledger *l, const struct fr_metrics_facts *facts)
{
	struct fr_admin *a = l->job.host->admin;

	l->n_budgets = facts->n_budgets;
	for (size_t i = 0; i < l->n_budgets; i++) {
		l->budgets[i].ledger = l;
		l->budgets[i].budget.here = facts->budgets[i];
	}
	fr_admin_job_ask(&l->job);
	a->ports.read_totals(a->ports.ctx, l->from, l->to, on_totals, l);
	for (size_t i = 0; i < l->n_budgets; i++) {
		const struct fr_budget_figures *b = &l->budgets[i].budget.here;

		fr_admin_job_ask(&l->job);
		a->ports.read_budget(a->ports.ctx, b->name, b->window.start, on_budget, &l->budgets[i]);
	}
	fr_admin_job_answered(&l->job);
}

struct fr_admin_job *fr_admin_ledger(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct ledger *l = fr_calloc(1, sizeof(*l));
	struct fr_metrics_facts facts;

	(void)r;
	fr_admin_facts(host->admin, &facts);
	l->to = fr_units_day(facts.now);
	l->from = fr_units_day(facts.started);
	if (l->to < l->from) /* the clock has been set back */
		l->from = l->to;
	if (l->to - l->from >= FR_REPORT_DAYS_MAX)
		l->from = l->to - FR_REPORT_DAYS_MAX + 1;
	l->days = new_days(l);
	l->owing = new_days(l);
	fr_admin_job_init(&l->job, host, mhd, write_ledger);
	l->job.done = release;
	ask_all(l, &facts);
	return &l->job;
}
