/* raw_server.c — the least that a server can do: epoll, read, one write; no library, no parsing to speak of.
 *
 * The limit that nothing in user space can pass on this machine, and the origin behind the proxies that are compared: its answers may be kept for an
 * hour. GET /asked tells how many other requests there were; what it does not know ends the connection. With a folder of pages, a request about
 * something else with an "id=7" in it is answered with the file 7, so much later. "/grown/?id=7" is answered, as late as that, with 512 to 2048 bytes that
 * nobody keeps here: of such there may be millions. */
#include "bench/replies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192, EVENTS = 256, HEAD_ROOM = 1024, MS_NS = 1000000, GROWN_MIN = 512, GROWN_MAX = 2048 };

/* The head and the body. */
struct whole {
	size_t n;
	char *bytes;
};

struct conn {
	int fd;
	size_t n;                  /* of a request that is not complete */
	const struct whole *reply; /* that is being sent, or NULL */
	struct whole *page;        /* the reply, if it is this connection's own */
	size_t sent;
	uint64_t due_ns; /* when it is answered; 0: it is not waiting */
	struct conn *later;
	char in[REQUEST_MAX];
};

struct server {
	int epoll, listener;
	struct replies replies;
	unsigned long asked;
	struct whole count;
	char count_text[HEAD_ROOM];
	const char *folder; /* or NULL */
	uint64_t delay_ns;
	struct conn *first, *last; /* who waits, the first due first */
};

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 * MS_NS + (uint64_t)ts.tv_nsec;
}

static const struct whole *count(struct server *s)
{
	char number[24];
	int digits = snprintf(number, sizeof number, "%lu", s->asked);

	s->count.bytes = s->count_text;
	s->count.n = (size_t)snprintf(s->count_text, HEAD_ROOM, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", digits,
				      number);
	return &s->count;
}

/* IMF-fixdate of now. */
static void date(char *to, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	(void)strftime(to, size, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
}

/* The head is there; the body has to follow it. */
static struct whole *whole_of(size_t body)
{
	struct whole *w = malloc(sizeof *w);
	char now[32];

	if (w == NULL || (w->bytes = malloc(HEAD_ROOM + body)) == NULL)
		abort();
	date(now, sizeof now);
	w->n = (size_t)snprintf(w->bytes, HEAD_ROOM, "HTTP/1.1 200 OK\r\nDate: %s\r\n" REPLY_FIELDS "Content-Length: %zu\r\n\r\n",
				now, body);
	return w;
}

static const struct whole *reply_of(struct server *s, const char *target)
{
	struct reply *r = reply_find(&s->replies, target);
	struct whole *w;

	if (r == NULL || r->made != NULL)
		return r != NULL ? r->made : NULL;
	r->made = w = whole_of(r->body);
	reply_body(w->bytes + w->n, r->body);
	w->n += r->body;
	return w;
}

static struct whole *read_page(int fd)
{
	struct stat is;
	struct whole *w = NULL;

	if (fstat(fd, &is) == 0) {
		w = whole_of((size_t)is.st_size);
		if (read(fd, w->bytes + w->n, (size_t)is.st_size) != is.st_size)
			abort();
		w->n += (size_t)is.st_size;
	}
	close(fd);
	return w;
}

static struct whole *grown(uint64_t id)
{
	size_t body = GROWN_MIN + (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) % (GROWN_MAX - GROWN_MIN + 1);
	struct whole *w = whole_of(body);

	reply_body(w->bytes + w->n, body);
	w->n += body;
	return w;
}

static struct whole *page_of(const struct server *s, const char *target)
{
	const char *id = s->folder != NULL ? strstr(target, "id=") : NULL;
	char path[512];
	int fd;

	if (id == NULL)
		return NULL;
	if (strncmp(target, "GET /grown/", 11) == 0)
		return grown(strtoull(id + 3, NULL, 10));
	(void)snprintf(path, sizeof path, "%s/%llu", s->folder, strtoull(id + 3, NULL, 10));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? read_page(fd) : NULL;
}

/* What to answer to a request, or NULL. */
static const struct whole *answer(struct server *s, const char *request)
{
	if (strncmp(request, "GET /asked ", 11) == 0)
		return count(s);
	s->asked++;
	return strncmp(request, "GET ", 4) == 0 ? reply_of(s, request + 4) : NULL;
}

static void drop_page(struct conn *c)
{
	if (c->page != NULL)
		free(c->page->bytes);
	free(c->page);
	c->page = NULL;
}

static void hang_up(struct conn *c)
{
	close(c->fd);
	drop_page(c);
	free(c);
}

static void send_rest(struct server *s, struct conn *c)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	ssize_t sent = send(c->fd, c->reply->bytes + c->sent, c->reply->n - c->sent, MSG_NOSIGNAL);
	bool waited = c->sent > 0;

	if (sent < 0 && errno != EAGAIN) {
		hang_up(c);
		return;
	}
	c->sent += sent > 0 ? (size_t)sent : 0;
	if (c->sent == c->reply->n) {
		c->reply = NULL;
		drop_page(c);
	} else {
		e.events = EPOLLOUT;
	}
	if (waited || c->reply != NULL)
		(void)epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void wait_for_it(struct server *s, struct conn *c)
{
	c->due_ns = clock_ns() + s->delay_ns;
	c->later = NULL;
	if (s->last != NULL)
		s->last->later = c;
	else
		s->first = c;
	s->last = c;
}

/* Returns how many milliseconds to wait for the next one, -1 for ever. */
static int answer_due(struct server *s)
{
	struct conn *c;
	uint64_t now_ns = clock_ns();

	while ((c = s->first) != NULL && c->due_ns <= now_ns) {
		s->first = c->later;
		if (s->first == NULL)
			s->last = NULL;
		c->due_ns = 0;
		send_rest(s, c);
	}
	return c != NULL ? (int)((c->due_ns - now_ns) / MS_NS) + 1 : -1;
}

static void on_request(struct server *s, struct conn *c)
{
	char *end;

	c->in[c->n] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL && c->n < REQUEST_MAX - 1)
		return;
	c->reply = end != NULL ? answer(s, c->in) : NULL;
	if (c->reply == NULL && end != NULL)
		c->reply = c->page = page_of(s, c->in);
	if (c->reply == NULL) {
		hang_up(c);
		return;
	}
	c->n = c->sent = 0; /* nobody sends the next request before this reply */
	if (c->page != NULL)
		wait_for_it(s, c);
	else
		send_rest(s, c);
}

static void on_event(struct server *s, struct conn *c)
{
	ssize_t got;

	if (c->due_ns != 0)
		return; /* whoever goes meanwhile is missed when the answer is sent */
	if (c->reply != NULL) {
		send_rest(s, c);
		return;
	}
	got = recv(c->fd, c->in + c->n, REQUEST_MAX - 1 - c->n, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		hang_up(c);
		return;
	}
	c->n += (size_t)got;
	on_request(s, c);
}

static void on_arrival(struct server *s)
{
	struct conn *c = calloc(1, sizeof *c);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	if (c == NULL)
		abort();
	c->fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (c->fd < 0) {
		free(c);
		return;
	}
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		hang_up(c);
}

static int listen_on(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, SOMAXCONN) != 0) {
		perror("raw_server");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static struct server s;
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL }, events[EVENTS];

	if (argc != 2 && argc != 4) {
		fputs("usage: raw_server PORT [FOLDER-OF-PAGES DELAY-MS]\n", stderr);
		return 2;
	}
	if (argc == 4) {
		s.folder = argv[2];
		s.delay_ns = strtoull(argv[3], NULL, 10) * MS_NS;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	s.listener = listen_on(argv[1]);
	if (epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.listener, &e) != 0)
		return 1;
	for (;;) {
		int n = epoll_wait(s.epoll, events, EVENTS, answer_due(&s));

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				on_arrival(&s);
			else
				on_event(&s, events[i].data.ptr);
		}
	}
}
