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

enum { CONNECTIONS = 64, IDLE_SECONDS = 60, CONNECTION_MEMORY = 16 * 1024 };

static const char text_type[] = "text/plain; charset=utf-8";

void fr_admin_problem(struct fr_admin_reply *r, int status, const char *title, const char *detail)
{
	enum fr_err e;

	r->status = status;
	r->type = "application/problem+json";
	r->html = false;
	fr_buf_clear(&r->body);
	e = fr_buf_addf(&r->body, "{\"type\":\"about:blank\",\"status\":%d,\"title\":", status);
	FR_ASSERT(e == FR_OK && fr_buf_add_json(&r->body, fr_str_of(title)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"detail\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(detail)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"message\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(detail)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, "}\n") == FR_OK);
}

struct MHD_Response *fr_admin_respond(struct fr_admin_reply *r)
{
	struct MHD_Response *response = fr_mhd_loop_response(fr_blob_of(r->body.p, r->body.len));

	fr_buf_free(&r->body);
	fr_mhd_loop_header(response, "Content-Type", r->type);
	fr_mhd_loop_header(response, "Cache-Control", "no-store");
	fr_mhd_loop_header(response, "X-Content-Type-Options", "nosniff");
	if (r->allow != NULL)
		fr_mhd_loop_header(response, "Allow", r->allow);
	if (r->html) {
		fr_mhd_loop_header(
			response, "Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
		fr_mhd_loop_header(response, "Referrer-Policy", "no-referrer");
	}
	return response;
}

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

static void serve_page(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_metrics_facts f;

	(void)mhd;
	fr_admin_facts(a, &f);
	FR_ASSERT(fr_admin_page(&r->body, &f) == FR_OK);
	r->type = "text/html; charset=utf-8";
	r->html = true;
}

static void serve_metrics(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	const char *accept = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Accept");
	struct fr_str accepted = fr_str_of(accept == NULL ? "" : accept);
	bool open = fr_str_find_nocase(accepted, "application/openmetrics-text") < accepted.n;
	struct fr_metrics_facts f;

	fr_admin_facts(a, &f);
	FR_ASSERT(fr_metrics_text(&r->body, &f, open) == FR_OK);
	r->type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

static void serve_stats(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_metrics_facts f;

	(void)mhd;
	fr_admin_facts(a, &f);
	FR_ASSERT(fr_metrics_json(&r->body, &f) == FR_OK);
	r->type = "application/json";
}

static void serve_live(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	(void)a;
	(void)mhd;
	FR_ASSERT(fr_buf_add_text(&r->body, "live\n") == FR_OK);
}

static void serve_ready(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	char why[256] = "not ready";
	bool ready = a->ports.ready(a->ports.ctx, why, sizeof(why));

	(void)mhd;
	if (!ready)
		r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	FR_ASSERT(fr_buf_addf(&r->body, "%s\n", ready ? "ready" : why) == FR_OK);
}

/* The paths that are answered at once; /report waits for Redis. */
static const struct {
	const char *path;
	void (*serve)(struct fr_admin *a, struct MHD_Connection *mhd, struct fr_admin_reply *r);
} routes[] = {
	{ "/", serve_page },     { "/metrics", serve_metrics }, { "/stats", serve_stats },
	{ "/live", serve_live }, { "/ready", serve_ready },
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

/* Fills the reply with a refusal, or returns true. */
static bool allowed(const struct fr_admin_host *host, struct MHD_Connection *mhd, const char *method, struct fr_admin_reply *r)
{
	const char *name = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Host");

	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		fr_admin_problem(r, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD are served", "Send GET or HEAD.");
		r->allow = "GET, HEAD";
		return false;
	}
	if (!host->is_unix && name != NULL && !host_is_safe(name)) {
		fr_admin_problem(r, MHD_HTTP_MISDIRECTED_REQUEST, "This name is not served",
				 "The operator's pages answer only to an IP address or localhost in Host: use that in the URL.");
		return false;
	}
	return true;
}

/* Fills the reply; /report is not among the routes. */
static void serve(struct fr_admin *a, struct MHD_Connection *mhd, const char *path, struct fr_admin_reply *r)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(path, routes[i].path) == 0) {
			routes[i].serve(a, mhd, r);
			return;
		}
	}
	fr_admin_problem(r, MHD_HTTP_NOT_FOUND, "Not found", "There is / /metrics /stats /report /live /ready here.");
}

/* *con_cls is NULL at the head's call, the host at the request's end (see front_request.c for why nothing is answered before), a report's job when that
 * is resumed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *path, const char *method,
				  const char *version, const char *data, size_t *size, void **con_cls)
{
	struct fr_admin_host *host = cls;
	struct fr_admin_reply r = { .status = MHD_HTTP_OK, .type = text_type };

	(void)version;
	(void)data;
	(void)size;
	if (*con_cls == NULL) {
		*con_cls = host;
		return fr_mhd_loop_has_body(mhd) ? MHD_NO : MHD_YES; /* nothing here reads one */
	}
	if (*con_cls != host)
		return fr_admin_report_go_on(mhd, con_cls);
	*con_cls = NULL;
	fr_buf_init(&r.body, FR_ADMIN_BODY_MAX);
	if (!allowed(host, mhd, method, &r))
		return queue(mhd, &r);
	if (strcmp(path, "/report") == 0)
		return fr_admin_report(host, mhd, con_cls);
	serve(host->admin, mhd, path, &r);
	return queue(mhd, &r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code)
{
	(void)mhd;
	(void)code;
	if (*con_cls != cls) /* else there is no job yet */
		fr_admin_report_end(con_cls);
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
	fr_admin_report_cut_all(a);
	for (size_t i = 0; i < a->n_hosts; i++)
		fr_mhd_loop_free(a->hosts[i].loop);
	FR_ASSERT(fr_list_empty(&a->jobs));
	free(a);
}
