/* admin_state.h — what the admin listener's files share: admin.c (life, routes), admin_report.c (/report, which waits for Redis), admin_page.c (the
 * page for people), admin_process.c (figures of the process). */
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
};

struct fr_admin {
	struct fr_admin_ports ports;
	struct fr_list jobs; /* reports that wait for their totals */
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

/* A refusal as application/problem+json with a `message`; replaces what the reply holds. */
void fr_admin_problem(struct fr_admin_reply *r, int status, const char *title, const char *detail);
/* The response of a reply; empties its body. */
struct MHD_Response *fr_admin_respond(struct fr_admin_reply *r);

/* The facts with the figures of the process filled in. */
void fr_admin_facts(struct fr_admin *a, struct fr_metrics_facts *ret);
void fr_admin_process(struct fr_metrics_facts *ret);
enum fr_err fr_admin_page(struct fr_buf *b, const struct fr_metrics_facts *f);

/* /report. Begins one; returns MHD_YES when it was answered or sleeps, its job then in *con_cls. */
enum MHD_Result fr_admin_report(struct fr_admin_host *host, struct MHD_Connection *mhd, void **con_cls);
/* The handler's call after the totals came. */
enum MHD_Result fr_admin_report_go_on(struct MHD_Connection *mhd, void **con_cls);
/* The request is over, answered or not. */
void fr_admin_report_end(void **con_cls);
/* Wakes all connections that wait for totals, so that their daemon can be stopped. */
void fr_admin_report_cut_all(struct fr_admin *a);

#endif
