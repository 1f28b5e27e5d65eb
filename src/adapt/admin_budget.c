#include <stdlib.h>
#include <string.h>

#include "adapt/admin_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { LIMIT_MAX = 32, DETAIL_MAX = 64 * 1024 };

/* A limit on its way to Redis. */
struct order {
	struct fr_admin_job job;
	bool ok;
	char budget[FR_BUDGET_NAME_MAX], limit[LIMIT_MAX];
};

static void on_limited(void *ctx, bool ok)
{
	struct order *o = ctx;

	o->ok = ok;
	fr_admin_job_answered(&o->job);
}

static void write_order(struct fr_admin_job *job, struct fr_admin_reply *r)
{
	struct order *o = FR_OF(job, struct order, job);

	if (!o->ok) {
		fr_admin_problem(
			r, MHD_HTTP_SERVICE_UNAVAILABLE, "Redis did not answer",
			"The limit may or may not be in Redis: order it again when frugalctl status says that Redis is up.");
		return;
	}
	FR_ASSERT(fr_buf_add_text(&r->body, "{\"budget\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(o->budget)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"credits\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(o->limit)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"detail\":\"In force at once; other instances show it after five "
					    "seconds at the latest.\"}\n") == FR_OK);
}

/* False with the refusal, which names those that there are. */
static bool known(const struct fr_metrics_facts *f, const char *name, struct fr_admin_reply *r)
{
	struct fr_buf detail;

	for (size_t i = 0; i < f->n_budgets; i++)
		if (strcmp(f->budgets[i].name, name) == 0)
			return true;
	fr_buf_init(&detail, DETAIL_MAX);
	FR_ASSERT(fr_buf_add_text(&detail, f->n_budgets == 0 ? "There are no budgets in the configuration" : "There are") ==
		  FR_OK);
	for (size_t i = 0; i < f->n_budgets; i++)
		FR_ASSERT(fr_buf_addf(&detail, "%s %s", i == 0 ? "" : ",", f->budgets[i].name) == FR_OK);
	FR_ASSERT(fr_buf_add_char(&detail, '.') == FR_OK);
	fr_admin_problem_of(r, MHD_HTTP_NOT_FOUND, "No such budget", &detail);
	return false;
}

static bool read_limit(const char *text, struct fr_admin_reply *r)
{
	int64_t limit;

	if (strcmp(text, "config") == 0 || fr_spending_limit(fr_str_of(text), &limit))
		return true;
	fr_admin_problem(r, MHD_HTTP_BAD_REQUEST, "No such limit", "credits is a number of them in digits, none or config.");
	return false;
}

struct fr_admin_job *fr_admin_budget(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_admin *a = host->admin;
	struct order *o = fr_calloc(1, sizeof(*o));
	struct fr_metrics_facts facts;

	fr_admin_facts(a, &facts);
	if (!fr_admin_param(mhd, "name", o->budget, sizeof(o->budget), r) ||
	    !fr_admin_param(mhd, "credits", o->limit, sizeof(o->limit), r) || !known(&facts, o->budget, r) ||
	    !read_limit(o->limit, r)) {
		free(o);
		return NULL;
	}
	fr_admin_job_init(&o->job, host, mhd, write_order);
	a->ports.limit_budget(a->ports.ctx, o->budget, strcmp(o->limit, "config") == 0 ? NULL : o->limit, on_limited, o);
	return &o->job;
}
