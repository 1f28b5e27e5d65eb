/* admin.h — the operator's side: a second HTTP listener in the same loop.
 *
 *   /          a small page for people: spent, avoided, times fewer, the dearest endpoints
 *   /metrics   Prometheus text, or OpenMetrics where the scraper accepts it
 *   /stats     the same figures as JSON
 *   /report    the leaderboard: ?period=today|yesterday|7d|30d|month|YYYY-MM-DD, &format=text|csv|json
 *   /live      200 while the loop turns
 *   /ready     200, or 503 with the reason
 *
 * Everything else is a 404 as application/problem+json. GET and HEAD only; nothing may be stored. Against DNS rebinding the Host field must be an IP
 * address or localhost, unless the request came through a unix socket. What is not in the process (the totals of all instances) comes through the
 * ports; when it does not come, the report says that it is partial. One thread. */
#ifndef FRUGAL_ADAPT_ADMIN_H
#define FRUGAL_ADAPT_ADMIN_H

#include <uv.h>

#include "core/metrics.h"
#include "core/tally.h"
#include "frugal/err.h"
#include "frugal/settings.h"

struct fr_admin;

/* `days` (n of them, any order, days without requests may be missing) are borrowed for the call; ok is false if they could not be read. */
typedef void fr_admin_totals_done(void *done_ctx, bool ok, const struct fr_totals *days, size_t n);

struct fr_admin_ports {
	void *ctx;
	/* Everything but the figures of the process, which admin reads itself. */
	void (*facts)(void *ctx, struct fr_metrics_facts *ret);
	/* True, or false with a line that says why not. */
	bool (*ready)(void *ctx, char *ret_why, size_t size);
	/* Reads the totals of the days from .. to; calls `done` exactly once, later or from inside the call. */
	void (*read_totals)(void *ctx, int64_t from, int64_t to, fr_admin_totals_done *done, void *done_ctx);
	/* Adds what Redis does not have yet to `days`, matched by their day: fr_engine_totals_pending(). */
	void (*pending)(void *ctx, struct fr_totals *days, size_t n);
	void (*note)(void *ctx, enum fr_level level, const char *line); /* or NULL */
};

/* Serves `n` listening sockets (1 .. FR_ADDRS_MAX), which it takes over. NULL with `why` on failure: then the sockets are lost too, and the
 * program should end. */
struct fr_admin *fr_admin_new(uv_loop_t *loop, const struct fr_admin_ports *ports, const int *fds, size_t n,
			      struct fr_errmsg *why);

/* Closes everything; reports that still wait for totals are cut off, and a `done` that comes later is harmless. Run the loop once more
 * afterwards, so that the handles go. NULL is harmless. */
void fr_admin_free(struct fr_admin *a);

#endif
