#include <stdlib.h>
#include <string.h>

#include "adapt/admin_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/report.h"

/* A report waiting for its totals. Its connection is suspended meanwhile, so it cannot go; the job outlives it only when the listener is freed. */
struct job {
	struct fr_list link;        /* in fr_admin.jobs while it waits */
	struct fr_admin_host *host; /* NULL: nobody waits any more, the totals' arrival frees the job */
	struct MHD_Connection *mhd;
	enum fr_report_format format;
	int64_t from, to;
	bool asleep, arrived;
	int status;
	struct MHD_Response *response;
};

static const struct {
	const char *name, *type;
	enum fr_report_format format;
} formats[] = {
	{ "text", "text/plain; charset=utf-8", FR_REPORT_TEXT },
	{ "csv", "text/csv; charset=utf-8", FR_REPORT_CSV },
	{ "json", "application/json", FR_REPORT_JSON },
};

/* The days of the report: what Redis says, if it said something, and what this process has not sent yet. */
static struct fr_totals *gather(const struct job *j, const struct fr_totals *days, size_t n, size_t *ret_n)
{
	size_t all = (size_t)(j->to - j->from + 1);
	struct fr_totals *sum = fr_calloc(all, sizeof(*sum));

	for (size_t i = 0; i < all; i++)
		sum[i].day = j->from + (int64_t)i;
	for (size_t i = 0; i < n; i++)
		if (days[i].day >= j->from && days[i].day <= j->to)
			fr_totals_add(&sum[days[i].day - j->from], &days[i]);
	j->host->admin->ports.pending(j->host->admin->ports.ctx, sum, all);
	*ret_n = all;
	return sum;
}

static void write_report(struct job *j, bool ok, const struct fr_totals *days, size_t n)
{
	struct fr_admin_reply r = { .status = MHD_HTTP_OK, .type = formats[j->format].type };
	struct fr_report report = { .from = j->from, .to = j->to, .partial = !ok };
	struct fr_metrics_facts facts;
	struct fr_totals *sum;

	fr_buf_init(&r.body, FR_ADMIN_BODY_MAX);
	fr_admin_facts(j->host->admin, &facts);
	report.catalogue = facts.catalogue;
	report.days = sum = gather(j, days, ok ? n : 0, &report.n_days);
	if (fr_report_write(&r.body, &report, j->format) != FR_OK)
		fr_admin_problem(&r, MHD_HTTP_INTERNAL_SERVER_ERROR, "The report is too long", "Ask for a shorter period.");
	free(sum);
	j->status = r.status;
	j->response = fr_admin_respond(&r);
}

static void on_totals(void *ctx, bool ok, const struct fr_totals *days, size_t n)
{
	struct job *j = ctx;

	FR_ASSERT(!j->arrived);
	if (j->host == NULL) {
		free(j);
		return;
	}
	j->arrived = true;
	fr_list_cut(&j->link);
	write_report(j, ok, days, n);
	if (j->asleep) {
		MHD_resume_connection(j->mhd);
		fr_mhd_loop_kick(j->host->loop);
	}
}

/* Reads ?period= and &format=; false with the refusal in `r`. */
static bool read_query(struct job *j, struct MHD_Connection *mhd, fr_wall now, struct fr_admin_reply *r)
{
	const char *period = MHD_lookup_connection_value(mhd, MHD_GET_ARGUMENT_KIND, "period");
	const char *format = MHD_lookup_connection_value(mhd, MHD_GET_ARGUMENT_KIND, "format");
	size_t i = 0;

	if (!fr_report_period(fr_str_of(period == NULL ? "today" : period), now, &j->from, &j->to)) {
		fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "Unknown period",
				 "period is today, yesterday, 7d, 30d, month or YYYY-MM-DD.");
		return false;
	}
	FR_ASSERT(j->from <= j->to && j->to - j->from < FR_REPORT_DAYS_MAX);
	while (format != NULL && i < sizeof(formats) / sizeof(formats[0]) && strcmp(format, formats[i].name) != 0)
		i++;
	if (i == sizeof(formats) / sizeof(formats[0])) {
		fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "Unknown format", "format is text, csv or json.");
		return false;
	}
	j->format = formats[i].format;
	return true;
}

/* Sends what the job holds and ends it. */
static enum MHD_Result queue(struct job *j, struct MHD_Connection *mhd)
{
	enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)j->status, j->response);

	MHD_destroy_response(j->response);
	free(j);
	return queued;
}

enum MHD_Result fr_admin_report(struct fr_admin_host *host, struct MHD_Connection *mhd, void **con_cls)
{
	struct fr_admin *a = host->admin;
	struct job *j = fr_calloc(1, sizeof(*j));
	struct fr_admin_reply refusal = { .status = MHD_HTTP_OK };
	struct fr_metrics_facts facts;

	fr_list_init(&j->link);
	j->host = host;
	j->mhd = mhd;
	fr_buf_init(&refusal.body, FR_ADMIN_BODY_MAX);
	fr_admin_facts(a, &facts);
	if (!read_query(j, mhd, facts.now, &refusal)) {
		j->status = refusal.status;
		j->response = fr_admin_respond(&refusal);
		return queue(j, mhd);
	}
	fr_list_push(&a->jobs, &j->link);
	a->ports.read_totals(a->ports.ctx, j->from, j->to, on_totals, j);
	if (j->arrived)
		return queue(j, mhd);
	j->asleep = true;
	*con_cls = j;
	MHD_suspend_connection(mhd);
	return MHD_YES;
}

enum MHD_Result fr_admin_report_go_on(struct MHD_Connection *mhd, void **con_cls)
{
	struct job *j = *con_cls;

	if (!j->arrived)
		return MHD_NO; /* the listener is being freed */
	*con_cls = NULL;
	return queue(j, mhd);
}

void fr_admin_report_end(void **con_cls)
{
	struct job *j = *con_cls;

	*con_cls = NULL;
	if (j == NULL)
		return;
	j->host = NULL;
	fr_list_cut(&j->link);
	if (!j->arrived)
		return;
	MHD_destroy_response(j->response);
	free(j);
}

void fr_admin_report_cut_all(struct fr_admin *a)
{
	for (struct fr_list *l = a->jobs.next; l != &a->jobs; l = l->next)
		MHD_resume_connection(FR_OF(l, struct job, link)->mhd);
}
