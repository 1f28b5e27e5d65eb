/* mhd_server.c — libmicrohttpd alone, in the way that is fastest: what a front built on it can reach.
 *
 * One thread runs the daemon in its own epoll, one response object per size is shared by all requests and made anew once a second. The fields are those that
 * frugald sends. GET /b<bytes>/… has a body of so many bytes. */
#include "bench/replies.h"

#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum { CONNECTION_MEMORY = 4096 };

/* What hangs on a reply. */
struct made {
	time_t at;
	struct MHD_Response *response; /* or NULL */
	char body[];
};

static void add_fields(struct MHD_Response *r)
{
	char fields[] = REPLY_FIELDS, *rest = fields, *line;

	while ((line = strsep(&rest, "\r")) != NULL && rest != NULL) {
		char *value = strstr(line, ": ");

		rest++; /* the line feed */
		*value = '\0';
		if (MHD_add_response_header(r, line, value + 2) != MHD_YES)
			abort();
	}
}

static struct MHD_Response *response_of(const struct reply *r, time_t now)
{
	struct made *m = r->made;

	if (m->response != NULL && m->at == now)
		return m->response;
	if (m->response != NULL)
		MHD_destroy_response(m->response);
	m->response = MHD_create_response_from_buffer(r->body, m->body, MHD_RESPMEM_PERSISTENT);
	if (m->response == NULL)
		abort();
	add_fields(m->response);
	m->at = now;
	return m->response;
}

static struct reply *reply_of(struct replies *all, const char *target)
{
	struct reply *r = reply_find(all, target);

	if (r == NULL || r->made != NULL)
		return r;
	r->made = calloc(1, sizeof(struct made) + r->body);
	if (r->made == NULL)
		abort();
	reply_body(((struct made *)r->made)->body, r->body);
	return r;
}

/* Before libmicrohttpd cuts the target up: what it asks for. The lowest bit says that the handler was not called yet. */
static void *on_target(void *replies, const char *target, struct MHD_Connection *c)
{
	(void)c;
	return (void *)((uintptr_t)reply_of(replies, target) | 1);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				  const char *data, size_t *size, void **reply)
{
	struct timespec now;

	(void)cls;
	(void)url;
	(void)method;
	(void)version;
	(void)data;
	(void)size;
	if (((uintptr_t)*reply & 1) !=
	    0) { /* answered at the second call, as frugald does: at the first it would end the connection */
		*reply = (void *)((uintptr_t)*reply & ~(uintptr_t)1);
		return MHD_YES;
	}
	if (*reply == NULL)
		return MHD_NO;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return MHD_queue_response(c, MHD_HTTP_OK, response_of(*reply, now.tv_sec));
}

int main(int argc, char **argv)
{
	static struct replies replies;
	struct MHD_Daemon *d;
	size_t memory = argc == 3 ? strtoul(argv[2], NULL, 10) : CONNECTION_MEMORY;
	int fd;

	if (argc < 2 || argc > 3) {
		fputs("usage: mhd_server PORT [MEMORY-OF-A-CONNECTION]\n", stderr);
		return 2;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	d = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO, (uint16_t)atoi(argv[1]), NULL, NULL, on_request, NULL,
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
			     MHD_OPTION_URI_LOG_CALLBACK, on_target, &replies, MHD_OPTION_END);
	if (d == NULL) {
		fputs("mhd_server: cannot listen\n", stderr);
		return 1;
	}
	fd = MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	for (;;) {
		MHD_UNSIGNED_LONG_LONG ms;
		bool more = MHD_run(d) == MHD_YES && MHD_get_timeout(d, &ms) == MHD_YES && ms == 0;

		if (!more)
			(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 1000);
	}
}
