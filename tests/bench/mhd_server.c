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

enum { SIZES_MAX = 16, CONNECTION_MEMORY = 4096 };

struct reply {
	size_t body;
	char *bytes;
	time_t made;
	struct MHD_Response *response;
};

struct server {
	size_t n_replies;
	struct reply replies[SIZES_MAX];
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

static struct MHD_Response *response_of(struct reply *r, time_t now)
{
	if (r->response != NULL && r->made == now)
		return r->response;
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	r->response = MHD_create_response_from_buffer(r->body, r->bytes, MHD_RESPMEM_PERSISTENT);
	if (r->response == NULL)
		abort();
	add_fields(r->response);
	r->made = now;
	return r->response;
}

static struct reply *reply_of(struct server *s, size_t body)
{
	struct reply *r;

	for (size_t i = 0; i < s->n_replies; i++)
		if (s->replies[i].body == body)
			return &s->replies[i];
	if (body == 0 || s->n_replies == SIZES_MAX)
		return NULL;
	r = &s->replies[s->n_replies++];
	r->body = body;
	r->bytes = malloc(body);
	if (r->bytes == NULL)
		abort();
	reply_body(r->bytes, body);
	return r;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
				  const char *data, size_t *size, void **con_cls)
{
	struct timespec now;
	struct reply *r;

	(void)method;
	(void)version;
	(void)data;
	(void)size;
	if (*con_cls == NULL) {
		*con_cls = cls; /* answered at the second call, as frugald does */
		return MHD_YES;
	}
	r = reply_of(cls, reply_size(url));
	if (r == NULL)
		return MHD_NO;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return MHD_queue_response(c, MHD_HTTP_OK, response_of(r, now.tv_sec));
}

int main(int argc, char **argv)
{
	struct server s = { .n_replies = 0 };
	struct MHD_Daemon *d;
	size_t memory = argc == 3 ? strtoul(argv[2], NULL, 10) : CONNECTION_MEMORY;
	int fd;

	if (argc < 2 || argc > 3) {
		fputs("usage: mhd_server PORT [MEMORY-OF-A-CONNECTION]\n", stderr);
		return 2;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	d = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO, (uint16_t)atoi(argv[1]), NULL, NULL, on_request, &s,
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
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
