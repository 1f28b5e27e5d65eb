/* lot.h — where connections wait.
 *
 * The server has one thread; a request that must wait is suspended and parked here until it is released or its
 * moment has come. The main thread keeps the time. This is the only thing that two threads touch: the lot's mutex
 * guards the list and the waiting fields of the calls in it, and is taken before any lock of libmicrohttpd. A call
 * is parked and suspended in one step, so it cannot be resumed before it sleeps. */
#ifndef TWIN_LOT_H
#define TWIN_LOT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wait_for { WAIT_HOLD = 1, WAIT_HANG = 2, WAIT_TIME = 4 };

struct berth {
	struct berth *next, *prev;
	struct MHD_Connection *conn;
	const char *path; /* borrowed; lives as long as the call */
	enum wait_for why;
	int64_t due_ms; /* monotonic; for WAIT_TIME */
	bool parked;
};

struct lot {
	pthread_mutex_t mutex;
	struct berth *first, *last; /* oldest first */
	int wake_fd;                /* an eventfd: tells the main thread of an earlier moment */
	bool closed;
};

bool lot_init(struct lot *l);
/* Suspends the connection. False once the lot is closed: the caller must not wait. */
bool lot_park(struct lot *l, struct berth *b, enum wait_for why, int64_t due_ms);
/* Resumes up to n of the held or hung requests, of one path or (NULL) of all; returns how many. */
size_t lot_release(struct lot *l, const char *path, size_t n);
/* Resumes all that wait, for whatever. */
void lot_clear(struct lot *l);
/* Resumes what is due at `now`; returns the milliseconds to the next moment, -1 when there is none. */
int64_t lot_run(struct lot *l, int64_t now);
/* How many wait for one of the reasons in the mask. */
size_t lot_count(struct lot *l, int mask);
/* The call is about to go away. */
void lot_forget(struct lot *l, struct berth *b);
/* Resumes all and lets nobody in again. */
void lot_close(struct lot *l);

#endif
