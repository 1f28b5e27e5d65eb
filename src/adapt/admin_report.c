#include <stdlib.h>

#include "adapt/admin_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/report.h"

/* A report waiting for its totals. */
struct report {
	struct fr_admin_job job;
	enum fr_report_by by;
	enum fr_report_format format;
	int64_t from, to;
	bool ok;
	struct fr_totals *days; /* by day, all of from .. to */
};

static const char *const formats[] = { "text", "csv", "json" }; /* in the order of enum fr_report_format */
static const char *const types[] = { "text/plain; charset=utf-8", "text/csv; charset=utf-8", "application/json" };
static const char *const bys[] = { "endpoint", "tenant", "reason", "outcome" };

static size_t n_days(const struct report *p)
{
	return (size_t)(p->to - p->from + 1);
}

/* What Redis says, if it said something, and what this process has not sent yet. */
static void on_totals(void *ctx, bool ok, const struct fr_totals *days, size_t n)
{
	struct report *p = ctx;

	p->ok = ok;
	for (size_t i = 0; ok && i < n; i++)
		if (days[i].day >= p->from && days[i].day <= p->to)
			fr_totals_add(&p->days[days[i].day - p->from], &days[i]);
	if (p->job.host != NULL)
		p->job.host->admin->ports.pending(p->job.host->admin->ports.ctx, p->days, n_days(p));
	fr_admin_job_answered(&p->job);
}

static void write_report(struct fr_admin_job *job, struct fr_admin_reply *r)
{
	struct report *p = FR_OF(job, struct report, job);
	struct fr_report report = {
		.by = p->by, .days = p->days, .n_days = n_days(p), .from = p->from, .to = p->to, .partial = !p->ok
	};
	struct fr_metrics_facts facts;

	fr_admin_facts(job->host->admin, &facts);
	report.catalogue = facts.catalogue;
	report.roster = facts.roster;
	r->type = types[p->format];
	if (fr_report_write(&r->body, &report, p->format) != FR_OK)
		fr_admin_problem(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "The report is too long", "Ask for a shorter period.");
}

static void release(struct fr_admin_job *job)
{
	struct report *p = FR_OF(job, struct report, job);

	free(p->days);
	free(p);
}

/* Reads the query; false with the refusal in `r`. */
static bool read_query(struct report *p, struct MHD_Connection *mhd, fr_wall now, struct fr_admin_reply *r)
{
	char period[64];
	size_t format, by;

	if (!fr_admin_param(mhd, "period", period, sizeof(period), r) ||
	    !fr_admin_choice(mhd, "format", formats, sizeof(formats) / sizeof(formats[0]), &format, r) ||
	    !fr_admin_choice(mhd, "by", bys, sizeof(bys) / sizeof(bys[0]), &by, r))
		return false;
	if (!fr_report_period(fr_str_of(period[0] == '\0' ? "today" : period), now, &p->from, &p->to)) {
		fr_admin_problem(
			r, MHD_HTTP_BAD_REQUEST, "Unknown period",
			"period is today, yesterday, 7d, 30d, month, YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD, 400 days at the most.");
		return false;
	}
	FR_ASSERT(p->from <= p->to && p->to - p->from < FR_REPORT_DAYS_MAX);
	FR_ASSERT(fr_report_by(fr_str_of(bys[by]), &p->by));
	p->format = (enum fr_report_format)format;
	return true;
}

struct fr_admin_job *fr_admin_report(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_admin *a = host->admin;
	struct report *p = fr_calloc(1, sizeof(*p));
	struct fr_metrics_facts facts;

	fr_admin_facts(a, &facts);
	if (!read_query(p, mhd, facts.now, r)) {
		free(p);
		return NULL;
	}
	p->days = fr_calloc(n_days(p), sizeof(*p->days));
	for (size_t i = 0; i < n_days(p); i++)
		p->days[i].day = p->from + (int64_t)i;
	fr_admin_job_init(&p->job, host, mhd, write_report);
	p->job.done = release;
	a->ports.read_totals(a->ports.ctx, p->from, p->to, on_totals, p); /* its answer is the one that the job began with */
	return &p->job;
}
