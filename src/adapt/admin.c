#include "adapt/admin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapt/admin_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

/* The head of a request holds a target, percent-encoded once more. */
enum { CONNECTIONS = 64, IDLE_SECONDS = 60, CONNECTION_MEMORY = 64 * 1024 };
enum { SWALLOW_MAX = 64 * 1024, DETAIL_MAX = 4096 };

static const char text_type[] = "text/plain; charset=utf-8";

static enum MHD_Result queue(struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct MHD_Response *response = fr_admin_respond(r);
	enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)r->status, response);

	MHD_destroy_response(response);
	return queued;
}

void fr_admin_facts(struct fr_admin *a, struct fr_metrics_facts *ret)
{
	a->ports.facts(a->ports.ctx, ret);
	fr_admin_process(ret);
}

static struct fr_admin_job *serve_page(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_metrics_facts f;

	(void)mhd;
	fr_admin_facts(host->admin, &f);
	FR_ASSERT(fr_admin_page(&r->body, &f) == FR_OK);
	r->type = "text/html; charset=utf-8";
	r->html = true;
	return NULL;
}

static struct fr_admin_job *serve_metrics(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	const char *accept = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Accept");
	struct fr_str accepted = fr_str_of(accept == NULL ? "" : accept);
	bool open = fr_str_find_nocase(accepted, "application/openmetrics-text") < accepted.n;
	struct fr_metrics_facts f;

	fr_admin_facts(host->admin, &f);
	FR_ASSERT(fr_metrics_text(&r->body, &f, open) == FR_OK);
	r->type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
	return NULL;
}

static struct fr_admin_job *serve_stats(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_metrics_facts f;

	(void)mhd;
	fr_admin_facts(host->admin, &f);
	FR_ASSERT(fr_metrics_json(&r->body, &f) == FR_OK);
	r->type = "application/json";
	return NULL;
}

static struct fr_admin_job *serve_budgets(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_metrics_facts f;

	(void)mhd;
	fr_admin_facts(host->admin, &f);
	FR_ASSERT(fr_metrics_budgets_json(&r->body, &f) == FR_OK);
	r->type = "application/json";
	return NULL;
}

static struct fr_admin_job *serve_live(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	(void)host;
	(void)mhd;
	FR_ASSERT(fr_buf_add_text(&r->body, "live\n") == FR_OK);
	return NULL;
}

static struct fr_admin_job *serve_ready(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	char why[256] = "not ready";
	bool ready = host->admin->ports.ready(host->admin->ports.ctx, why, sizeof(why));

	(void)mhd;
	if (!ready)
		r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	FR_ASSERT(fr_buf_addf(&r->body, "%s\n", ready ? "ready" : why) == FR_OK);
	return NULL;
}

/* LOOK is GET or HEAD and changes nothing; ORDER is POST. */
enum method { LOOK, ORDER };

static const struct route {
	const char *path;
	enum method method;
	struct fr_admin_job *(*serve)(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r);
} routes[] = {
	{ "/", LOOK, serve_page },
	{ "/metrics", LOOK, serve_metrics },
	{ "/stats", LOOK, serve_stats },
	{ "/budgets", LOOK, serve_budgets },
	{ "/report", LOOK, fr_admin_report },
	{ "/explain", LOOK, fr_admin_explain },
	{ "/ledger", LOOK, fr_admin_ledger },
	{ "/live", LOOK, serve_live },
	{ "/ready", LOOK, serve_ready },
	{ "/purge", ORDER, fr_admin_purge },
	{ "/budget", ORDER, fr_admin_budget },
	{ "/alert/test", ORDER, fr_admin_alert_test },
};

/* A name in Host may be any that an attacker's DNS points here; an address or localhost cannot be. */
static bool host_is_safe(const char *value)
{
	struct fr_str h = fr_str_of(value);
	unsigned char address[sizeof(struct in6_addr)];
	char host[64];
	bool v6 = h.n > 0 && h.p[0] == '[';

	if (v6) {
		size_t end = fr_str_find(h, ']');

		return end < h.n && fr_str_copy(host, sizeof(host), (struct fr_str){ h.p + 1, end - 1 }) &&
		       inet_pton(AF_INET6, host, address) == 1;
	}
	h.n = fr_str_find(h, ':');
	return fr_str_copy(host, sizeof(host), h) &&
	       (fr_str_eq_nocase(h, FR_STR("localhost")) || inet_pton(AF_INET, host, address) == 1);
}

static bool host_allowed(const struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	const char *name = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Host");

	if (host->is_unix || name == NULL || host_is_safe(name))
		return true;
	fr_admin_problem(r, MHD_HTTP_MISDIRECTED_REQUEST, "This name is not served",
			 "The operator's pages answer only to an IP address or localhost in Host: use that in the URL.");
	return false;
}

static void refuse_path(struct fr_admin_reply *r)
{
	struct fr_buf detail;

	fr_buf_init(&detail, DETAIL_MAX);
	FR_ASSERT(fr_buf_add_text(&detail, "There is") == FR_OK);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		FR_ASSERT(fr_buf_addf(&detail, " %s", routes[i].path) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&detail, " here.") == FR_OK);
	fr_admin_problem_of(r, MHD_HTTP_NOT_FOUND, "Not found", &detail);
}

/* The route of a request that may take it; NULL with the refusal in `r`. */
static const struct route *route_of(struct MHD_Connection *mhd, const char *path, const char *method, struct fr_admin_reply *r)
{
	bool looks = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	bool orders = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	const char *intent = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "X-Frugal-Admin");
	size_t i = 0;

	while (i < sizeof(routes) / sizeof(routes[0]) && strcmp(path, routes[i].path) != 0)
		i++;
	if (i == sizeof(routes) / sizeof(routes[0])) {
		refuse_path(r);
	} else if (routes[i].method == LOOK && !looks) {
		fr_admin_problem(r, MHD_HTTP_METHOD_NOT_ALLOWED, "This is only to look at", "Send GET or HEAD.");
		r->allow = "GET, HEAD";
	} else if (routes[i].method == ORDER && !orders) {
		fr_admin_problem(r, MHD_HTTP_METHOD_NOT_ALLOWED, "This is an order",
				 "Send POST, without a body, with the header X-Frugal-Admin: 1.");
		r->allow = "POST";
	} else if (routes[i].method == ORDER && (intent == NULL || strcmp(intent, "1") != 0)) {
		fr_admin_problem(r, MHD_HTTP_FORBIDDEN, "The order does not come from an operator",
				 "Send it with the header X-Frugal-Admin: 1, which no form on a web page can.");
	} else {
		return &routes[i];
	}
	return NULL;
}

/* A body is read to its end, so that the refusal arrives, unless it is too long or does not say how long it is. */
static bool short_body(struct MHD_Connection *mhd, const char *method)
{
	const char *length = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t n;

	return strcmp(method, MHD_HTTP_METHOD_POST) == 0 && length != NULL && fr_str_to_i64(fr_str_of(length), &n) &&
	       n <= SWALLOW_MAX;
}

/* The head of a request: *con_cls becomes the host, or its `with_body`. See front_request.c for why nothing is answered here. */
static enum MHD_Result begin(struct fr_admin_host *host, struct MHD_Connection *mhd, const char *method, void **con_cls)
{
	bool body = fr_mhd_loop_has_body(mhd);

	*con_cls = host;
	if (body)
		*con_cls = &host->with_body;
	return !body || short_body(mhd, method) ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_body(struct MHD_Connection *mhd, size_t *size, void **con_cls)
{
	struct fr_admin_reply r = { .status = MHD_HTTP_OK };

	if (*size > 0) {
		*size = 0;
		return MHD_YES;
	}
	*con_cls = NULL;
	fr_buf_init(&r.body, FR_ADMIN_BODY_MAX);
	fr_admin_problem(&r, MHD_HTTP_BAD_REQUEST, "A body is not read here", "Put all parameters into the query string.");
	return queue(mhd, &r);
}

/* The whole request is here. */
static enum MHD_Result serve(struct fr_admin_host *host, struct MHD_Connection *mhd, const char *path, const char *method,
			     void **con_cls)
{
	struct fr_admin_reply r = { .status = MHD_HTTP_OK, .type = text_type };
	struct fr_admin_job *job = NULL;
	const struct route *route;

	*con_cls = NULL;
	fr_buf_init(&r.body, FR_ADMIN_BODY_MAX);
	if (host_allowed(host, mhd, &r) && (route = route_of(mhd, path, method, &r)) != NULL)
		job = route->serve(host, mhd, &r);
	if (job == NULL)
		return queue(mhd, &r);
	fr_buf_free(&r.body);
	return fr_admin_job_wait(job, con_cls);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *path, const char *method,
				  const char *version, const char *data, size_t *size, void **con_cls)
{
	struct fr_admin_host *host = cls;

	(void)version;
	(void)data;
	if (*con_cls == NULL)
		return begin(host, mhd, method, con_cls);
	if (*con_cls == &host->with_body)
		return on_body(mhd, size, con_cls);
	if (*con_cls == host)
		return serve(host, mhd, path, method, con_cls);
	return fr_admin_job_go_on(con_cls);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct fr_admin_host *host = cls;

	(void)mhd;
	(void)code;
	if (*con_cls != host && *con_cls != &host->with_body) /* else there is no job yet */
		fr_admin_job_end(con_cls);
}

static bool is_unix(int fd)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(at);

	return getsockname(fd, (struct sockaddr *)&at, &n) == 0 && at.ss_family == AF_UNIX;
}

struct fr_admin *fr_admin_new(uv_loop_t *loop, const struct fr_admin_ports *ports, const int *fds, size_t n,
			      struct fr_errmsg *why)
{
	struct fr_admin *a = fr_calloc(1, sizeof(*a));
	struct fr_mhd_setup setup = {
		.handler = on_request,
		.completed = on_completed,
		.connections = CONNECTIONS,
		.idle_seconds = IDLE_SECONDS,
		.memory = CONNECTION_MEMORY,
		.note_ctx = ports->ctx,
		.note = ports->note,
	};

	FR_ASSERT(n >= 1 && n <= FR_ADDRS_MAX);
	a->ports = *ports;
	fr_list_init(&a->jobs);
	for (; a->n_hosts < n; a->n_hosts++) {
		struct fr_admin_host *host = &a->hosts[a->n_hosts];

		host->admin = a;
		host->is_unix = is_unix(fds[a->n_hosts]);
		setup.cls = host;
		host->loop = fr_mhd_loop_new(loop, &setup, fds[a->n_hosts], why);
		if (host->loop == NULL) {
			fr_admin_free(a);
			return NULL;
		}
	}
	return a;
}

void fr_admin_free(struct fr_admin *a)
{
	if (a == NULL)
		return;
	fr_admin_job_cut_all(a);
	for (size_t i = 0; i < a->n_hosts; i++)
		fr_mhd_loop_free(a->hosts[i].loop);
	FR_ASSERT(fr_list_empty(&a->jobs));
	free(a);
}
