/* load.c — asks a server as fast as it answers: one thread, keep-alive connections, one request at a time on each.
 *
 * Made to cost less than what it measures: requests are written once, the head of a reply is read and checked (200, its length), the body is thrown
 * away in the kernel. A connection that ends, another status, a reply without a length, or with another one than that of the first reply to the same
 * target is an error, and the run fails. One line comes out, of name=value pairs. */
#include "bench/latency.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 20000, HEAD_MAX = 4096, EVENTS = 256, WAIT_MS = 20000, SECOND_NS = 1000000000 };

struct target {
	char *request;
	size_t n;
	size_t length; /* of the body; 0: not known yet */
};

struct conn {
	int fd;
	size_t target;
	uint64_t sent_ns;
	bool in_body;
	size_t n, left;   /* bytes of the head that are here, of the body that are not */
	size_t length_at; /* where the last head said its length */
	char head[HEAD_MAX];
};

struct load {
	struct sockaddr_in to;
	size_t n_conns, n_targets, next;
	uint64_t requests; /* 0: as many as there is time for */
	double seconds, warm_seconds;
	const char *fields; /* of each request, in addition */
	struct target *targets;
	int epoll;
	uint64_t now_ns, asked, done, bytes;
	struct latency took;
};

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "load: %s: %s\n", what, detail);
	exit(1);
}

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void ask(struct load *l, struct conn *c)
{
	const struct target *t = &l->targets[l->next];

	c->target = l->next;
	l->next = l->next + 1 < l->n_targets ? l->next + 1 : 0;
	l->asked++;
	c->n = 0;
	c->in_body = false;
	c->sent_ns = l->now_ns;
	if (send(c->fd, t->request, t->n, MSG_NOSIGNAL) != (ssize_t)t->n)
		fail("a request could not be sent", strerror(errno));
}

static void connect_one(struct load *l)
{
	struct conn *c = calloc(1, sizeof *c);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	if (c == NULL)
		fail("cannot connect", "out of memory");
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&l->to, sizeof l->to) != 0)
		fail("cannot connect", strerror(errno));
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		fail("cannot watch a connection", strerror(errno));
	l->now_ns = clock_ns();
	ask(l, c);
}

/* Replies are alike: the length stands mostly where it stood in the last one. */
static size_t length_of(struct conn *c, const char *end)
{
	static const char name[] = "content-length: ";
	const size_t n = sizeof name - 1;

	if (c->length_at == 0 || c->head + c->length_at + n >= end || strncasecmp(c->head + c->length_at, name, n) != 0) {
		const char *line = strcasestr(c->head, "\r\ncontent-length: ");

		if (line == NULL || line >= end)
			fail("a reply without Content-Length", c->head);
		c->length_at = (size_t)(line + 2 - c->head);
	}
	return strtoul(c->head + c->length_at + n, NULL, 10);
}

static void take_head(struct load *l, struct conn *c, const char *end)
{
	struct target *t = &l->targets[c->target];
	size_t length, here = c->n - (size_t)(end + 4 - c->head);

	if (strncmp(c->head, "HTTP/1.1 200", 12) != 0)
		fail("another answer than 200", c->head);
	length = length_of(c, end);
	if (length < here || (t->length != 0 && length != t->length))
		fail("another length than before", c->head);
	t->length = length;
	c->left = length - here;
	c->in_body = true;
}

/* False: there is nothing more to read now. */
static bool read_head(struct load *l, struct conn *c)
{
	ssize_t got = recv(c->fd, c->head + c->n, HEAD_MAX - 1 - c->n, 0);
	const char *end;

	if (got < 0 && errno == EAGAIN)
		return false;
	if (got <= 0)
		fail("the server has closed a connection", got < 0 ? strerror(errno) : c->head);
	c->n += (size_t)got;
	c->head[c->n] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (end != NULL)
		take_head(l, c, end);
	else if (c->n == HEAD_MAX - 1)
		fail("a head that does not end", c->head);
	return end != NULL;
}

static void finish(struct load *l, struct conn *c)
{
	latency_add(&l->took, l->now_ns - c->sent_ns);
	l->done++;
	l->bytes += l->targets[c->target].length;
	if (l->requests == 0 || l->asked < l->requests)
		ask(l, c);
}

static void on_readable(struct load *l, struct conn *c)
{
	if (!c->in_body && !read_head(l, c))
		return;
	while (c->left > 0) {
		ssize_t got = recv(c->fd, NULL, c->left, MSG_TRUNC);

		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0)
			fail("a body has ended early", got < 0 ? strerror(errno) : c->head);
		c->left -= (size_t)got;
	}
	finish(l, c);
}

/* Until so much time is over, or all requests are answered. Returns how long it took. */
static double run(struct load *l, double seconds)
{
	struct epoll_event events[EVENTS];
	uint64_t begun = l->now_ns = clock_ns(), until = begun + (uint64_t)(seconds * SECOND_NS);

	memset(&l->took, 0, sizeof l->took);
	l->done = l->bytes = 0;
	while (l->requests != 0 ? l->done < l->requests : l->now_ns < until) {
		int n = epoll_wait(l->epoll, events, EVENTS, WAIT_MS);

		if (n == 0)
			fail("no answer", "the server is silent for 20 s");
		l->now_ns = clock_ns();
		for (int i = 0; i < n; i++)
			on_readable(l, events[i].data.ptr);
	}
	return (double)(l->now_ns - begun) / SECOND_NS;
}

static void add_target(struct load *l, const char *host, const char *path)
{
	struct target *t = &l->targets[l->n_targets++];
	int n = asprintf(&t->request, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n%s\r\n", path, host, l->fields);

	if (n < 0)
		fail("cannot write a request", "out of memory");
	t->n = (size_t)n;
}

/* A target with a '#' stands for many: the sign is replaced by a number from 1 to `copies`. */
static void add_targets(struct load *l, const char *host, char **paths, size_t n, size_t copies)
{
	l->targets = calloc(n * copies, sizeof *l->targets);
	if (l->targets == NULL)
		fail("cannot write the requests", "out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *mark = strchr(paths[i], '#');
		char path[2048];

		for (size_t k = 1; k <= (mark != NULL ? copies : 1); k++) {
			if (mark != NULL)
				(void)snprintf(path, sizeof path, "%.*s%zu%s", (int)(mark - paths[i]), paths[i], k, mark + 1);
			add_target(l, host, mark != NULL ? path : paths[i]);
		}
	}
}

static void read_address(struct load *l, const char *address)
{
	char host[64];
	unsigned port;

	l->to.sin_family = AF_INET;
	if (sscanf(address, "%63[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &l->to.sin_addr) != 1)
		fail("not an address such as 127.0.0.1:8787", address);
	l->to.sin_port = htons((uint16_t)port);
}

static void usage(void)
{
	fputs("usage: load [-c CONNECTIONS] [-s SECONDS [-w WARM-UP] | -n REQUESTS] [-k COPIES] [-f \"Name: value\"] ADDRESS TARGET...\n"
	      "A '#' in a target is replaced by 1 .. COPIES.\n",
	      stderr);
	exit(2);
}

static size_t read_options(struct load *l, int argc, char **argv)
{
	size_t copies = 1;
	char *line;
	int o;

	while ((o = getopt(argc, argv, "c:s:w:n:k:f:")) != -1) {
		switch (o) {
		case 'c': l->n_conns = strtoul(optarg, NULL, 10); break;
		case 's': l->seconds = strtod(optarg, NULL); break;
		case 'w': l->warm_seconds = strtod(optarg, NULL); break;
		case 'n': l->requests = strtoul(optarg, NULL, 10); break;
		case 'k': copies = strtoul(optarg, NULL, 10); break;
		case 'f':
			if (asprintf(&line, "%s%s\r\n", l->fields, optarg) >= 0)
				l->fields = line;
			break;
		default: usage();
		}
	}
	if (argc - optind < 2 || l->n_conns < 1 || l->n_conns > CONNECTIONS_MAX || copies < 1)
		usage();
	return copies;
}

int main(int argc, char **argv)
{
	struct load l = { .n_conns = 64, .seconds = 1, .fields = "", .epoll = epoll_create1(0) };
	size_t copies = read_options(&l, argc, argv);
	double took, cpu;

	read_address(&l, argv[optind]);
	add_targets(&l, argv[optind], argv + optind + 1, (size_t)(argc - optind - 1), copies);
	for (size_t i = 0; i < l.n_conns; i++)
		connect_one(&l);
	if (l.warm_seconds > 0)
		(void)run(&l, l.warm_seconds);
	cpu = cpu_seconds();
	took = run(&l, l.seconds);
	printf("requests=%llu seconds=%.3f rps=%.0f p50_us=%.0f p90_us=%.0f p99_us=%.0f max_us=%.0f bytes=%llu busy=%.2f\n",
	       (unsigned long long)l.done, took, (double)l.done / took, latency_us(&l.took, 500), latency_us(&l.took, 900),
	       latency_us(&l.took, 990), (double)l.took.most_ns / 1000, (unsigned long long)l.bytes,
	       (cpu_seconds() - cpu) / took);
	return 0;
}
