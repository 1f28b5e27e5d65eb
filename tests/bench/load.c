/* load.c — asks a server as fast as it answers: one thread, keep-alive connections, one request at a time on each.
 *
 * Beside that, if told to, so many times a second a herd: some connections more ask at once for a thing that nobody has asked for before.
 *
 * Made to cost less than what it measures: requests are written once, the head of a reply is read and checked (200, its length), the body is thrown
 * away in the kernel. A connection that ends, another status, a reply without a length, or with another one than that of the first reply to the same
 * target is an error, and the run fails. One line comes out, of name=value pairs. */
#include "bench/latency.h"
#include "bench/targets.h"

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

enum { CONNECTIONS_MAX = 20000, HEAD_MAX = 4096, EVENTS = 256, SILENCE_S = 20, SECOND_NS = 1000000000 };
enum { HERDS = 64, HERD_MAX = 64 };

struct conn {
	int fd;
	struct target *target;
	struct herd *herd; /* or NULL: it asks again and again */
	uint64_t sent_ns;
	bool in_body;
	size_t n, left;   /* bytes of the head that are here, of the body that are not */
	size_t length_at; /* where the last head said its length */
	char head[HEAD_MAX];
};

struct herd {
	size_t left; /* who has no reply yet */
	uint64_t first_ns;
	struct conn *at[HERD_MAX];
};

struct load {
	struct sockaddr_in to;
	size_t n_conns, next;
	uint64_t requests; /* 0: as many as there is time for */
	double seconds, warm_seconds;
	struct targets often, once; /* what connections ask for in turn, and herds */
	int epoll;
	uint64_t now_ns, heard_ns, asked, done, bytes;
	struct latency took;
	struct {
		size_t size;
		double per_second;
		const char *file;
		uint64_t next_ns, n;
		struct latency took, spread; /* of each reply; from the first to the last of a herd */
		struct herd all[HERDS];
	} herds;
};

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

static void send_request(struct load *l, struct conn *c, struct target *t)
{
	c->target = t;
	c->n = 0;
	c->in_body = false;
	c->sent_ns = l->now_ns;
	if (send(c->fd, t->request, t->n, MSG_NOSIGNAL) != (ssize_t)t->n)
		fail("a request could not be sent", strerror(errno));
}

static void ask(struct load *l, struct conn *c)
{
	struct target *t = &l->often.at[l->next];

	l->next = l->next + 1 < l->often.n ? l->next + 1 : 0;
	l->asked++;
	send_request(l, c, t);
}

static struct conn *connect_one(struct load *l)
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
	return c;
}

/* ---- herds ---- */

static void connect_herds(struct load *l)
{
	for (size_t i = 0; i < HERDS && l->herds.per_second > 0; i++)
		for (size_t k = 0; k < l->herds.size; k++) {
			l->herds.all[i].at[k] = connect_one(l);
			l->herds.all[i].at[k]->herd = &l->herds.all[i];
		}
}

/* The next herd asks, if it is time. */
static void herd_due(struct load *l)
{
	struct herd *h = &l->herds.all[l->herds.n % HERDS];

	if (l->herds.per_second <= 0 || l->now_ns < l->herds.next_ns)
		return;
	if (l->herds.n == l->once.n)
		fail("nothing is left that was not asked for yet", l->herds.file);
	if (h->left > 0)
		fail("no answer", "64 herds wait");
	h->left = l->herds.size;
	h->first_ns = 0;
	for (size_t k = 0; k < l->herds.size; k++)
		send_request(l, h->at[k], &l->once.at[l->herds.n]);
	l->herds.n++;
	l->herds.next_ns = l->now_ns + (uint64_t)(SECOND_NS / l->herds.per_second);
}

/* The time is taken for each of them: a loop's worth of hits may lie between. */
static void herd_answered(struct load *l, struct conn *c)
{
	struct herd *h = c->herd;
	uint64_t now_ns = clock_ns();

	latency_add(&l->herds.took, now_ns - c->sent_ns);
	if (h->first_ns == 0)
		h->first_ns = now_ns;
	if (--h->left == 0)
		latency_add(&l->herds.spread, now_ns - h->first_ns);
}

/* ---- replies ---- */

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

static void take_head(struct conn *c, const char *end)
{
	struct target *t = c->target;
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
static bool read_head(struct conn *c)
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
		take_head(c, end);
	else if (c->n == HEAD_MAX - 1)
		fail("a head that does not end", c->head);
	return end != NULL;
}

static void finish(struct load *l, struct conn *c)
{
	if (c->herd != NULL) {
		herd_answered(l, c);
		return;
	}
	latency_add(&l->took, l->now_ns - c->sent_ns);
	l->done++;
	l->bytes += c->target->length;
	if (l->requests == 0 || l->asked < l->requests)
		ask(l, c);
}

static void on_readable(struct load *l, struct conn *c)
{
	if (!c->in_body && !read_head(c))
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

static void forget_figures(struct load *l)
{
	memset(&l->took, 0, sizeof l->took);
	memset(&l->herds.took, 0, sizeof l->herds.took);
	memset(&l->herds.spread, 0, sizeof l->herds.spread);
	l->done = l->bytes = 0;
}

static void listen_once(struct load *l)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(l->epoll, events, EVENTS, l->herds.per_second > 0 ? 1 : 1000);

	l->now_ns = clock_ns();
	if (n > 0)
		l->heard_ns = l->now_ns;
	else if (l->now_ns - l->heard_ns > (uint64_t)SILENCE_S * SECOND_NS)
		fail("no answer", "the server is silent for 20 s");
	for (int i = 0; i < n; i++)
		on_readable(l, events[i].data.ptr);
}

/* Until so much time is over, or all requests are answered. Returns how long it took. */
static double run(struct load *l, double seconds)
{
	uint64_t begun = l->now_ns = l->heard_ns = clock_ns(), until = begun + (uint64_t)(seconds * SECOND_NS);

	forget_figures(l);
	while (l->requests != 0 ? l->done < l->requests : l->now_ns < until) {
		listen_once(l);
		herd_due(l);
	}
	return (double)(l->now_ns - begun) / SECOND_NS;
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
	fputs("usage: load [-c CONNECTIONS] [-s SECONDS [-w WARM-UP] | -n REQUESTS] [-k COPIES] [-f \"Name: value\"]\n"
	      "            [-p HERDS-PER-SECOND -g CLIENTS-OF-A-HERD -m FILE-OF-TARGETS] ADDRESS TARGET...\n"
	      "A '#' in a target is replaced by 1 .. COPIES.\n",
	      stderr);
	exit(2);
}

static size_t read_options(struct load *l, int argc, char **argv)
{
	size_t copies = 1;
	char *line;
	int o;

	while ((o = getopt(argc, argv, "c:s:w:n:k:f:p:g:m:")) != -1) {
		switch (o) {
		case 'c': l->n_conns = strtoul(optarg, NULL, 10); break;
		case 's': l->seconds = strtod(optarg, NULL); break;
		case 'w': l->warm_seconds = strtod(optarg, NULL); break;
		case 'n': l->requests = strtoul(optarg, NULL, 10); break;
		case 'k': copies = strtoul(optarg, NULL, 10); break;
		case 'p': l->herds.per_second = strtod(optarg, NULL); break;
		case 'g': l->herds.size = strtoul(optarg, NULL, 10); break;
		case 'm': l->herds.file = optarg; break;
		case 'f':
			if (asprintf(&line, "%s%s\r\n", l->often.fields, optarg) >= 0)
				l->often.fields = line;
			break;
		default: usage();
		}
	}
	if (argc - optind < 2 || l->n_conns < 1 || l->n_conns > CONNECTIONS_MAX || copies < 1 ||
	    (l->herds.per_second > 0 && (l->herds.file == NULL || l->herds.size < 1 || l->herds.size > HERD_MAX)))
		usage();
	return copies;
}

static void write_requests(struct load *l, const char *host, char **paths, size_t copies)
{
	l->often.host = l->once.host = host;
	l->once.fields = l->often.fields;
	for (size_t i = 0; paths[i] != NULL; i++)
		targets_add(&l->often, paths[i], copies);
	if (l->herds.per_second > 0)
		targets_read(&l->once, l->herds.file);
}

static void print(const struct load *l, double took, double cpu)
{
	printf("requests=%llu seconds=%.3f rps=%.0f p50_us=%.0f p90_us=%.0f p99_us=%.0f max_us=%.0f bytes=%llu busy=%.2f",
	       (unsigned long long)l->done, took, (double)l->done / took, latency_us(&l->took, 500), latency_us(&l->took, 900),
	       latency_us(&l->took, 990), (double)l->took.most_ns / 1000, (unsigned long long)l->bytes, cpu / took);
	if (l->herds.per_second > 0)
		printf(" herds_asked=%llu herds=%llu herd_p50_us=%.0f herd_p99_us=%.0f spread_p50_us=%.0f spread_p99_us=%.0f spread_max_us=%.0f",
		       (unsigned long long)l->herds.n, (unsigned long long)l->herds.spread.n, latency_us(&l->herds.took, 500),
		       latency_us(&l->herds.took, 990), latency_us(&l->herds.spread, 500), latency_us(&l->herds.spread, 990),
		       (double)l->herds.spread.most_ns / 1000);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static struct load l = { .n_conns = 64, .seconds = 1, .often.fields = "" };
	size_t copies = read_options(&l, argc, argv);
	double took, cpu;

	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	read_address(&l, argv[optind]);
	write_requests(&l, argv[optind], argv + optind + 1, copies);
	l.now_ns = clock_ns();
	for (size_t i = 0; i < l.n_conns; i++)
		ask(&l, connect_one(&l));
	connect_herds(&l);
	if (l.warm_seconds > 0)
		(void)run(&l, l.warm_seconds);
	cpu = cpu_seconds();
	took = run(&l, l.seconds);
	print(&l, took, cpu_seconds() - cpu);
	return 0;
}
