#include "contract/scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 20 };

int server_take(struct server *s)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = accept(s->listener, NULL, NULL);

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

bool server_hear(struct server *s, int fd)
{
	size_t n = 0, max = sizeof(s->request) - 1;
	char text[sizeof(s->request)] = "";

	while (strstr(text, "\r\n\r\n") == NULL) {
		ssize_t got = n < max ? recv(fd, text + n, max - n, 0) : 0;

		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
	}
	memcpy(s->request, text, sizeof(text));
	s->requests++;
	return true;
}

void server_say_bytes(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		n -= (size_t)sent;
	}
}

void server_say(int fd, const char *text)
{
	server_say_bytes(fd, text, strlen(text));
}

void server_close(int fd)
{
	(void)shutdown(fd, SHUT_WR);
	(void)close(fd);
}

void server_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(fd);
}

void server_text(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, s->text);
	server_close(fd);
}

void server_text_and_wait(struct server *s)
{
	int fd = server_take(s);

	(void)server_hear(s, fd);
	server_say(fd, s->text);
	(void)server_hear(s, fd);
	server_close(fd);
}

void server_drain(struct server *s)
{
	int fd;

	while ((fd = server_take(s)) >= 0) {
		while (server_hear(s, fd))
			server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain");
		server_close(fd);
	}
}

static void *run(void *server)
{
	struct server *s = server;

	s->script(s);
	server_drain(s);
	return NULL;
}

void server_start(struct server *s, void (*script)(struct server *s), const char *text)
{
	struct fr_errmsg why;

	memset(s, 0, sizeof(*s));
	assert_int_equal(fr_listen_open("127.0.0.1:0", &s->listener, &why), FR_OK);
	assert_int_equal(fcntl(s->listener, F_SETFL, 0), 0); /* the thread may block */
	fr_listen_name(s->listener, s->addr, sizeof(s->addr));
	s->script = script;
	s->text = text;
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
	s->running = true;
}

void server_end(struct server *s)
{
	if (!s->running)
		return;
	s->running = false;
	(void)shutdown(s->listener, SHUT_RDWR);
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	(void)close(s->listener);
}
