/* mhd_loop.h — a libmicrohttpd daemon as a guest in the libuv loop.
 *
 * The daemon runs in external epoll mode: its epoll descriptor is watched by libuv, its timeouts by a libuv timer. Traps of 0.9.75 that this
 * file takes care of: the daemon's own epoll is edge-triggered, so it is run until it says that nothing is left; a resumed connection
 * needs another run, so whoever resumes one calls fr_mhd_loop_kick(). While a connection is suspended it has no timeout and its client's leaving is
 * not noticed; a daemon must not be stopped while a connection is suspended.
 *
 * Used by front and admin. One thread. */
#ifndef FRUGAL_ADAPT_MHD_LOOP_H
#define FRUGAL_ADAPT_MHD_LOOP_H

#include <microhttpd.h>
#include <uv.h>

#include "base/blob.h"
#include "frugal/err.h"
#include "frugal/settings.h"
#include "frugal/types.h"

/* What a daemon is made of; every callback gets `cls`. */
struct fr_mhd_setup {
	void *cls;
	MHD_AcceptPolicyCallback accept; /* or NULL */
	MHD_AccessHandlerCallback handler;
	MHD_RequestCompletedCallback completed;  /* or NULL; only called for requests that reached the handler */
	MHD_NotifyConnectionCallback connection; /* or NULL */
	void *(*target)(void *cls, const char *target, struct MHD_Connection *c); /* the raw request target; or NULL */
	unsigned connections;
	unsigned idle_seconds;
	size_t memory; /* of one connection: request head and reply head */
	void *note_ctx;
	void (*note)(void *ctx, enum fr_level level, const char *line); /* or NULL */
};

struct fr_mhd_loop;

/* Starts a daemon on a listening socket and takes the socket over. NULL with `why` if libmicrohttpd will not have it; the socket is then the
 * caller's still. */
struct fr_mhd_loop *fr_mhd_loop_new(uv_loop_t *loop, const struct fr_mhd_setup *setup, int fd, struct fr_errmsg *why);
void fr_mhd_loop_quiesce(struct fr_mhd_loop *h); /* closes the listening socket; open connections go on; harmless twice */
/* Ends the daemon and its connections, none of which may be suspended (resumed and not yet run is fine). The memory itself goes in the loop's next
 * turn: run the loop once more. NULL is harmless. */
void fr_mhd_loop_free(struct fr_mhd_loop *h);
/* The daemon will be run again soon: never from inside this call. */
void fr_mhd_loop_kick(struct fr_mhd_loop *h);

/* True if the request's head announces a body. */
bool fr_mhd_loop_has_body(struct MHD_Connection *c);
/* A response that shares the blob's bytes: takes over one reference; NULL stands for no bytes. */
struct MHD_Response *fr_mhd_loop_response(struct fr_blob *taken);
/* Adds a field; a value that libmicrohttpd refuses (control characters) is left out. */
void fr_mhd_loop_header(struct MHD_Response *r, const char *name, const char *value);

#endif
