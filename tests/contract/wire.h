/* wire.h — raw HTTP clients for tests, in the same thread as the loop under test.
 *
 * Nothing here sleeps: every wait is a poll() on the client's socket and the loop together, with a deadline that fails the test. */
#ifndef FRUGAL_TESTS_WIRE_H
#define FRUGAL_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct wire {
	int fd;
	uv_loop_t *loop;
	bool ended; /* the other side has closed or reset */
	size_t n;
	char in[128 * 1024];
};

/* A response, cut out of what came. All terminated. */
struct wire_reply {
	int status;
	char head[8192];
	char body[64 * 1024];
	size_t body_n;
};

void wire_open(struct wire *w, uv_loop_t *loop, const char *addr); /* as fr_listen_name() writes it */
void wire_close(struct wire *w);
void wire_send(struct wire *w, const char *bytes, size_t n);
void wire_text(struct wire *w, const char *text);
/* Waits for a part of what comes; at its end `ended` is true. */
void wire_more(struct wire *w);
/* The next response; `of_head`: the request was a HEAD. */
void wire_reply(struct wire *w, bool of_head, struct wire_reply *ret);
/* One request on a connection of its own. */
void wire_get(uv_loop_t *loop, const char *addr, const char *request, struct wire_reply *ret);
bool wire_head_has(const struct wire_reply *r, const char *line); /* a whole line, letters' case ignored */
const char *wire_head_value(const struct wire_reply *r, const char *name, char *ret, size_t size); /* or NULL */
void wire_until_closed(struct wire *w);
/* Throws away what comes until the other side closes; returns how many bytes that were. */
size_t wire_drain(struct wire *w);

/* Turns the loop until `done` says so. */
void wire_until(uv_loop_t *loop, bool (*done)(void *ctx), void *ctx);
/* Turns the loop until nothing is left in it, and closes it. */
void wire_loop_end(uv_loop_t *loop);

#endif
