/* store_link.h — one connection to Redis that comes back by itself.
 *
 * A link connects, lets itself in (AUTH, SELECT, PING), has its owner send what it needs first, and is up when the owner says
 * so. It ends when Redis closes it, when it does not get that far within its deadline, or when the owner drops it; then it
 * waits, 50 ms doubling to 2 s, and tries again, for ever.
 *
 * hiredis 0.14: contexts die in its hands after a failure, and in ours after redisAsyncFree(); either way every command still
 * under way has its callback called with a NULL reply. So callbacks compare their context with the link's `ac`, which is NULL
 * from the moment that the link is given up. It writes with write(2): the process must ignore SIGPIPE, which fr_store_new()
 * sees to. */
#ifndef FRUGAL_ADAPT_STORE_LINK_H
#define FRUGAL_ADAPT_STORE_LINK_H

#include <hiredis/async.h>
#include <uv.h>

#include "adapt/store_address.h"

enum fr_link_state { FR_LINK_CLOSED, FR_LINK_CONNECTING, FR_LINK_UP, FR_LINK_WAITING };

struct fr_link {
	uv_loop_t *loop;
	const struct fr_store_address *address;
	const struct fr_secret *password; /* empty: none */
	fr_ms deadline;                   /* from connecting to up */
	void (*greet)(struct fr_link *l); /* let in: send the first commands, then fr_link_ready() or fr_link_drop() */
	void (*gone)(struct fr_link *l, const char *why); /* once for each attempt that ended; another will follow */
	void (*closed)(struct fr_link *l); /* after fr_link_close(), a turn of the loop later: the memory is free to go */
	void *ctx;
	/* the link's own */
	redisAsyncContext *ac;
	enum fr_link_state state;
	uv_timer_t timer;
	fr_ms pause;
};

void fr_link_init(struct fr_link *l); /* the fields above `ac` are set */
void fr_link_open(struct fr_link *l);
void fr_link_ready(struct fr_link *l);
/* Gives the connection up and tries again later; harmless if there is none. */
void fr_link_drop(struct fr_link *l, const char *why);
/* A command's callback had no reply: if that was this link's connection, it has ended. */
void fr_link_lost(struct fr_link *l, const redisAsyncContext *ac);
void fr_link_close(struct fr_link *l); /* not from within its callbacks; `gone` is not called any more */

#endif
