/* front.h — the clients' side: HTTP/1.1 requests in, the engine's replies out (libmicrohttpd in the libuv loop).
 *
 * The front never decides. It takes GET and HEAD, and POST where the path is frugald's own (a batch of questions, a bundle to prewarm), hands the raw target and the few header fields that matter to the engine, a client's key as its
 * digest where clients are known by their keys, and sends what the engine answers; everything that it refuses by itself (method, body, over-long target) is worded and counted by the engine too. An answer that comes
 * inside fr_engine_ask() goes out in the same step; otherwise the connection is suspended until it comes.
 *
 * While it is suspended a connection has no time-out and its client's leaving is not noticed: the engine's deadlines end the wait. Requests are known to
 * the engine by a number (place and generation), so an answer that comes too late for its connection meets nothing. What libmicrohttpd refuses before
 * there is a request (unreadable request line, no Host, header block too large) it answers by itself, uncounted.
 *
 * Bodies are not copied: replies share the blobs. One thread. */
#ifndef FRUGAL_ADAPT_FRONT_H
#define FRUGAL_ADAPT_FRONT_H

#include <uv.h>

#include "frugal/engine.h"
#include "frugal/err.h"
#include "frugal/settings.h"

struct fr_front;
struct fr_reply;
struct fr_bundles;
struct fr_roster;

/* What the front needs beside the engine. */
struct fr_front_ports {
	void *ctx;
	const struct fr_roster *roster;                                 /* borrowed, as is the next; values may change in place */
	const struct fr_bundles *bundles;                               /* what may be prewarmed */
	uint64_t (*random)(void *ctx);                                  /* for request ids */
	void (*note)(void *ctx, enum fr_level level, const char *line); /* or NULL */
};

/* Serves `n` listening sockets (1 .. FR_ADDRS_MAX), which it takes over. `settings` are read once. NULL with `why` on failure: then the sockets are
 * lost too, and the program should end. */
struct fr_front *fr_front_new(uv_loop_t *loop, struct fr_engine *engine, const struct fr_settings *settings,
			      const struct fr_front_ports *ports, const int *fds, size_t n, struct fr_errmsg *why);

/* No new connections; those that are open get their answers, with "Connection: close". */
void fr_front_stop_accepting(struct fr_front *f);

/* Closes everything. The engine should be idle: a request that still waits is cut off, and its number means nothing from now on. Run the loop once
 * more afterwards, so that the handles go. NULL is harmless. */
void fr_front_free(struct fr_front *f);

/* The engine's `answer` port. Takes over the reply's body reference. A number that means nothing any more is ignored. */
void fr_front_answer(void *front, uint64_t request, struct fr_reply *reply);

size_t fr_front_connections(const struct fr_front *f);
/* Requests whose answer is not completely handed to the kernel yet: what a graceful stop waits for. */
size_t fr_front_unsent(const struct fr_front *f);

#endif
