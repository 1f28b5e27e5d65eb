/* admin_state.h — what the admin listener's files share: admin.c (life, routes), admin_reply.c (replies, parameters), admin_job.c (requests
 * that wait), admin_report.c, admin_ledger.c, admin_purge.c, admin_budget.c (one path or two each), admin_page.c (the page for people),
 * admin_process.c (figures of the process). */
#ifndef FRUGAL_ADAPT_ADMIN_STATE_H
#define FRUGAL_ADAPT_ADMIN_STATE_H

#include "adapt/admin.h"
#include "adapt/mhd_loop.h"
#include "base/buf.h"
#include "base/list.h"
#include "frugal/limits.h"

enum { FR_ADMIN_BODY_MAX = 16 * 1024 * 1024 };

/* One listening socket; the `cls` of libmicrohttpd's callbacks. */
struct fr_admin_host {
	struct fr_admin *admin;
	struct fr_mhd_loop *loop;
	bool is_unix;
	char with_body; /* its address marks a request that has a body */
};

struct fr_admin {
	struct fr_admin_ports ports;
	struct fr_list jobs; /* requests that wait */
	size_t n_hosts;
	struct fr_admin_host hosts[FR_ADDRS_MAX];
};

/* One reply on its way: status, type, body. */
struct fr_admin_reply {
	int status;
	const char *type;  /* static */
	const char *allow; /* or NULL */
	bool html;
	struct fr_buf body;
};

/* admin_reply.c */
/* A refusal as application/problem+json with a `message`; replaces what the reply holds. */
void fr_admin_problem(struct fr_admin_reply *r, int status, const char *title, const char *detail);
/* The same with a detail that is written: the buffer is emptied and freed. */
void fr_admin_problem_of(struct fr_admin_reply *r, int status, const char *title, struct fr_buf *detail);
/* The response of a reply; empties its body. */
struct MHD_Response *fr_admin_respond(struct fr_admin_reply *r);
/* A parameter of the query string, decoded. False with the refusal in `r` if it is longer than `size` - 1 or no text; "" if it is not there. */
bool fr_admin_param(struct MHD_Connection *mhd, const char *name, char *ret, size_t size, struct fr_admin_reply *r);
/* The same for one of a few words: its place among them, 0 if it is not there. */
bool fr_admin_choice(struct MHD_Connection *mhd, const char *name, const char *const *words, size_t n, size_t *ret,
		     struct fr_admin_reply *r);

/* The facts with the figures of the process filled in. */
void fr_admin_facts(struct fr_admin *a, struct fr_metrics_facts *ret);
void fr_admin_process(struct fr_metrics_facts *ret);
enum fr_err fr_admin_page(struct fr_buf *b, const struct fr_metrics_facts *f);

/* A request that waits for answers of the ports. Its connection is suspended meanwhile, so it cannot go; the job outlives it only when the
 * listener is freed, until the last answer has come. It is the first member of what belongs to the path. */
struct fr_admin_job {
	struct fr_list link;        /* in fr_admin.jobs while it waits */
	struct fr_admin_host *host; /* NULL: nobody waits any more */
	struct MHD_Connection *mhd;
	size_t asked; /* answers that are still to come */
	bool asleep, arrived;
	int status;
	struct MHD_Response *response;
	void (*write)(struct fr_admin_job *job, struct fr_admin_reply *r); /* when all answers are there */
	void (*done)(struct fr_admin_job *job); /* releases what the path added, and the job; or NULL: free() */
};

/* With one answer asked for already. */
void fr_admin_job_init(struct fr_admin_job *job, struct fr_admin_host *host, struct MHD_Connection *mhd,
		       void (*write)(struct fr_admin_job *job, struct fr_admin_reply *r));
void fr_admin_job_ask(struct fr_admin_job *job); /* one more answer will come */
/* One came; the job may be gone after it. */
void fr_admin_job_answered(struct fr_admin_job *job);
/* The handler's end for a job: sends its reply, or lets the connection sleep, with the job in *con_cls. */
enum MHD_Result fr_admin_job_wait(struct fr_admin_job *job, void **con_cls);
/* The handler's call after the reply was written. */
enum MHD_Result fr_admin_job_go_on(void **con_cls);
void fr_admin_job_end(void **con_cls); /* the request is over, answered or not */
/* Wakes all connections that wait, so that their daemon can be stopped. */
void fr_admin_job_cut_all(struct fr_admin *a);

/* The paths: each fills the reply and returns NULL, or returns a job that waits. */
struct fr_admin_job *fr_admin_report(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
struct fr_admin_job *fr_admin_ledger(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
struct fr_admin_job *fr_admin_budget(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
struct fr_admin_job *fr_admin_alert_test(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
struct fr_admin_job *fr_admin_purge(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
struct fr_admin_job *fr_admin_explain(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);

#endif
