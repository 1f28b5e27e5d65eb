#include <stdlib.h>

#include "adapt/admin_state.h"
#include "base/assert.h"

void fr_admin_job_init(struct fr_admin_job *job, struct fr_admin_host *host, struct MHD_Connection *mhd,
		       void (*write)(struct fr_admin_job *job, struct fr_admin_reply *r))
{
	job->host = host;
	job->mhd = mhd;
	job->write = write;
	job->asked = 1;
	fr_list_init(&job->link);
	fr_list_push(&host->admin->jobs, &job->link);
}

void fr_admin_job_ask(struct fr_admin_job *job)
{
	FR_ASSERT(job->asked > 0 && !job->arrived);
	job->asked++;
}

static void destroy(struct fr_admin_job *job)
{
	fr_list_cut(&job->link);
	if (job->response != NULL)
		MHD_destroy_response(job->response);
	if (job->done != NULL)
		job->done(job);
	else
		free(job);
}

static void write_reply(struct fr_admin_job *job)
{
	struct fr_admin_reply r = { .status = MHD_HTTP_OK, .type = "application/json" };

	fr_buf_init(&r.body, FR_ADMIN_BODY_MAX);
	job->write(job, &r);
	job->arrived = true;
	job->status = r.status;
	job->response = fr_admin_respond(&r);
	fr_list_cut(&job->link);
	if (job->asleep) {
		MHD_resume_connection(job->mhd);
		fr_mhd_loop_kick(job->host->loop);
	}
}

void fr_admin_job_answered(struct fr_admin_job *job)
{
	FR_ASSERT(job->asked > 0 && !job->arrived);
	if (--job->asked > 0)
		return;
	if (job->host == NULL)
		destroy(job);
	else
		write_reply(job);
}

static enum MHD_Result queue(struct fr_admin_job *job, struct MHD_Connection *mhd)
{
	enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)job->status, job->response);

	destroy(job);
	return queued;
}

enum MHD_Result fr_admin_job_wait(struct fr_admin_job *job, void **con_cls)
{
	if (job->arrived)
		return queue(job, job->mhd);
	job->asleep = true;
	*con_cls = job;
	MHD_suspend_connection(job->mhd);
	return MHD_YES;
}

enum MHD_Result fr_admin_job_go_on(void **con_cls)
{
	struct fr_admin_job *job = *con_cls;

	if (!job->arrived)
		return MHD_NO; /* the listener is being freed */
	*con_cls = NULL;
	return queue(job, job->mhd);
}

void fr_admin_job_end(void **con_cls)
{
	struct fr_admin_job *job = *con_cls;

	*con_cls = NULL;
	if (job == NULL)
		return;
	job->host = NULL;
	fr_list_cut(&job->link);
	if (job->asked == 0)
		destroy(job);
}

void fr_admin_job_cut_all(struct fr_admin *a)
{
	for (struct fr_list *l = a->jobs.next; l != &a->jobs; l = l->next)
		MHD_resume_connection(FR_OF(l, struct fr_admin_job, link)->mhd);
}
