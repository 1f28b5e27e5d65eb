#include "contract/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

enum { DEADLINE_S = 20 };

static time_t clock_s(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return t.tv_sec;
}

/* Waits for the loop or `fd` (or -1), then turns the loop. */
static void turn(uv_loop_t *loop, int fd, short events)
{
	struct pollfd fds[2] = { { .fd = uv_backend_fd(loop), .events = POLLIN }, { .fd = fd, .events = events } };
	int wait;

	(void)uv_run(loop, UV_RUN_NOWAIT);
	wait = uv_backend_timeout(loop);
	(void)poll(fds, fd < 0 ? 1 : 2, wait < 0 || wait > 50 ? 50 : wait);
	(void)uv_run(loop, UV_RUN_NOWAIT);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static int connect_tcp(const char *addr)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strrchr(addr, ':') + 1)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

void wire_open(struct wire *w, uv_loop_t *loop, const char *addr)
{
	w->loop = loop;
	w->ended = false;
	w->n = 0;
	w->fd = strncmp(addr, "unix:", 5) == 0 ? connect_unix(addr + 5) : connect_tcp(addr);
}

void wire_close(struct wire *w)
{
	(void)close(w->fd);
	w->fd = -1;
}

void wire_send(struct wire *w, const char *bytes, size_t n)
{
	time_t end = clock_s() + DEADLINE_S;

	while (n > 0 && !w->ended) {
		ssize_t sent = send(w->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else if (errno == EAGAIN) {
			turn(w->loop, w->fd, POLLOUT);
		} else {
			w->ended = true;
		}
		assert_true(clock_s() < end);
	}
}

void wire_text(struct wire *w, const char *text)
{
	wire_send(w, text, strlen(text));
}

/* Reads what there is; false if the other side has closed. */
static bool more(struct wire *w)
{
	ssize_t got;

	turn(w->loop, w->fd, POLLIN);
	assert_true(w->n < sizeof(w->in) - 1);
	got = recv(w->fd, w->in + w->n, sizeof(w->in) - 1 - w->n, MSG_DONTWAIT);
	if (got > 0)
		w->n += (size_t)got;
	else if (got == 0 || errno != EAGAIN)
		w->ended = true;
	w->in[w->n] = '\0';
	return !w->ended;
}

static void cut(struct wire *w, size_t n)
{
	memmove(w->in, w->in + n, w->n - n);
	w->n -= n;
	w->in[w->n] = '\0';
}

void wire_more(struct wire *w)
{
	time_t end = clock_s() + DEADLINE_S;
	size_t before = w->n;

	while (more(w) && w->n == before)
		assert_true(clock_s() < end);
}

void wire_reply(struct wire *w, bool of_head, struct wire_reply *ret)
{
	time_t end = clock_s() + DEADLINE_S;
	const char *gap;
	char length[32];
	size_t head;

	w->in[w->n] = '\0';
	while ((gap = strstr(w->in, "\r\n\r\n")) == NULL) {
		if (!more(w))
			fail_msg("closed before a whole head: '%s'", w->in);
		assert_true(clock_s() < end);
	}
	head = (size_t)(gap - w->in) + 4;
	assert_true(head < sizeof(ret->head));
	memcpy(ret->head, w->in, head);
	ret->head[head] = '\0';
	ret->status = atoi(ret->head + strlen("HTTP/1.1 "));
	ret->body_n = 0;
	if (!of_head && ret->status != 304 && wire_head_value(ret, "Content-Length", length, sizeof(length)) != NULL)
		ret->body_n = (size_t)atoi(length);
	assert_true(ret->body_n < sizeof(ret->body));
	while (w->n < head + ret->body_n) {
		assert_true(more(w));
		assert_true(clock_s() < end);
	}
	memcpy(ret->body, w->in + head, ret->body_n);
	ret->body[ret->body_n] = '\0';
	cut(w, head + ret->body_n);
}

void wire_get(uv_loop_t *loop, const char *addr, const char *request, struct wire_reply *ret)
{
	struct wire *w = malloc(sizeof(*w));

	assert_non_null(w);
	wire_open(w, loop, addr);
	wire_text(w, request);
	wire_reply(w, strncmp(request, "HEAD ", 5) == 0, ret);
	wire_close(w);
	free(w);
}

bool wire_head_has(const struct wire_reply *r, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = r->head; p != NULL; p = strstr(p, "\r\n")) {
		p += *p == '\r' ? 2 : 0;
		if (strncasecmp(p, line, n) == 0 && p[n] == '\r')
			return true;
	}
	return false;
}

const char *wire_head_value(const struct wire_reply *r, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name), value;

	for (const char *p = strstr(r->head, "\r\n"); p != NULL; p = strstr(p, "\r\n")) {
		p += 2;
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1 + strspn(p + n + 1, " ");
		value = strcspn(p, "\r");
		assert_true(value < size);
		memcpy(ret, p, value);
		ret[value] = '\0';
		return ret;
	}
	return NULL;
}

void wire_until_closed(struct wire *w)
{
	time_t end = clock_s() + DEADLINE_S;

	while (more(w))
		assert_true(clock_s() < end);
}

size_t wire_drain(struct wire *w)
{
	time_t end = clock_s() + DEADLINE_S;
	size_t n = 0;

	do {
		n += w->n;
		w->n = 0;
		assert_true(clock_s() < end);
	} while (more(w));
	return n + w->n;
}

void wire_until(uv_loop_t *loop, bool (*done)(void *ctx), void *ctx)
{
	time_t end = clock_s() + DEADLINE_S;

	while (!done(ctx)) {
		turn(loop, -1, 0);
		assert_true(clock_s() < end);
	}
}

void wire_loop_end(uv_loop_t *loop)
{
	time_t end = clock_s() + DEADLINE_S;

	while (uv_run(loop, UV_RUN_NOWAIT) != 0)
		assert_true(clock_s() < end);
	assert_int_equal(uv_loop_close(loop), 0);
}
