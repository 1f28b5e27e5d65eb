/* raw_server.c — the least that a server can do: epoll, read, one write; no library, no parsing to speak of.
 *
 * The limit that nothing in user space can pass on this machine, and the origin behind the proxies that are compared: its answers may be kept for an
 * hour. GET /asked tells how many other requests there were; what it does not know ends the connection. */
#include "bench/replies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192, EVENTS = 256, HEAD_ROOM = 1024 };

/* The head and the body. */
struct whole {
	size_t n;
	char *bytes;
};

struct conn {
	int fd;
	size_t n;                  /* of a request that is not complete */
	const struct whole *reply; /* that is being sent, or NULL */
	size_t sent;
	char in[REQUEST_MAX];
};

struct server {
	int epoll, listener;
	struct replies replies;
	unsigned long asked;
	struct whole count;
	char count_text[HEAD_ROOM];
};

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

static const struct whole *reply_of(struct server *s, const char *target)
{
	struct reply *r = reply_find(&s->replies, target);
	struct whole *w;
	char now[32];

	if (r == NULL || r->made != NULL)
		return r != NULL ? r->made : NULL;
	r->made = w = malloc(sizeof *w);
	if (w == NULL || (w->bytes = malloc(HEAD_ROOM + r->body)) == NULL)
		abort();
	date(now, sizeof now);
	w->n = (size_t)snprintf(w->bytes, HEAD_ROOM, "HTTP/1.1 200 OK\r\nDate: %s\r\n" REPLY_FIELDS "Content-Length: %zu\r\n\r\n",
				now, r->body);
	reply_body(w->bytes + w->n, r->body);
	w->n += r->body;
	return w;
}

/* What to answer to a request, or NULL. */
static const struct whole *answer(struct server *s, const char *request)
{
	if (strncmp(request, "GET /asked ", 11) == 0)
		return count(s);
	s->asked++;
	return strncmp(request, "GET ", 4) == 0 ? reply_of(s, request + 4) : NULL;
}

static void hang_up(struct conn *c)
{
	close(c->fd);
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
	if (c->sent == c->reply->n)
		c->reply = NULL;
	else
		e.events = EPOLLOUT;
	if (waited || c->reply != NULL)
		(void)epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void on_request(struct server *s, struct conn *c)
{
	char *end;

	c->in[c->n] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL && c->n < REQUEST_MAX - 1)
		return;
	c->reply = end != NULL ? answer(s, c->in) : NULL;
	if (c->reply == NULL) {
		hang_up(c);
		return;
	}
	c->n = c->sent = 0; /* nobody sends the next request before this reply */
	send_rest(s, c);
}

static void on_event(struct server *s, struct conn *c)
{
	ssize_t got;

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

	if (argc != 2) {
		fputs("usage: raw_server PORT\n", stderr);
		return 2;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	s.listener = listen_on(argv[1]);
	if (epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.listener, &e) != 0)
		return 1;
	for (;;) {
		int n = epoll_wait(s.epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				on_arrival(&s);
			else
				on_event(&s, events[i].data.ptr);
		}
	}
}
