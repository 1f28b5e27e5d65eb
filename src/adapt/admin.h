/* admin.h — the operator's side: a second HTTP listener in the same loop.
 *
 * To look at (GET, HEAD):
 *   /          a small page for people: spent, avoided, times fewer, budgets, tenants, the dearest endpoints
 *   /metrics   Prometheus text, or OpenMetrics where the scraper accepts it
 *   /stats     the same figures as JSON; /budgets: those of the budgets alone
 *   /report    ?by=endpoint|tenant|reason|outcome, &period=today|yesterday|7d|30d|month|YYYY-MM-DD[..YYYY-MM-DD], &format=text|csv|json
 *   /explain   ?target=/path/?query: what frugald makes of it, and what is stored now; &format=text|json
 *   /ledger    whether journal, reservations and Redis' counters agree, as JSON with the drift
 *   /live      200 while the loop turns
 *   /ready     200, or 503 with the reason
 * To order (POST, without a body, with the header `X-Frugal-Admin: 1`, which a form on somebody's web page cannot send):
 *   /purge     ?target=… | key=32 hex digits | endpoint=/path/ | all=1, &soft=1
 *   /budget    ?name=all/month&credits=N|none|config
 *   /alert/test  ?channel=NAME
 *
 * Everything else is a 404 as application/problem+json, and nothing may be stored. Against DNS rebinding the Host field must be an IP address or
 * localhost, unless the request came through a unix socket. What is not in the process comes through the ports; when it does not come, the
 * answer says what is missing. One thread. */
#ifndef FRUGAL_ADAPT_ADMIN_H
#define FRUGAL_ADAPT_ADMIN_H

#include <uv.h>

#include "core/metrics.h"
#include "core/problem.h"
#include "core/purge.h"
#include "core/spending.h"
#include "core/tally.h"
#include "frugal/err.h"
#include "frugal/settings.h"

struct fr_admin;

/* `days` (n of them, any order, days without requests may be missing) are borrowed for the call; ok is false if they could not be read. */
typedef void fr_admin_totals_done(void *done_ctx, bool ok, const struct fr_totals *days, size_t n);
typedef void fr_admin_budget_done(void *done_ctx, const struct fr_spending *spending);
typedef void fr_admin_done(void *done_ctx, bool ok);

/* Who is handed a `done` calls it exactly once, later or from inside the call. */
struct fr_admin_ports {
	void *ctx;
	/* Everything but the figures of the process, which admin reads itself. */
	void (*facts)(void *ctx, struct fr_metrics_facts *ret);
	void (*ledger)(void *ctx, struct fr_ledger_figures *ret);
	/* True, or false with a line that says why not. */
	bool (*ready)(void *ctx, char *ret_why, size_t size);
	/* Reads the totals of the days from .. to. */
	void (*read_totals)(void *ctx, int64_t from, int64_t to, fr_admin_totals_done *done, void *done_ctx);
	/* Adds what Redis does not have yet to `days`, matched by their day: fr_engine_totals_pending(). */
	void (*pending)(void *ctx, struct fr_totals *days, size_t n);
	/* What Redis has of a budget in the window that begins at `start`. */
	void (*read_budget)(void *ctx, const char *budget, fr_wall start, fr_admin_budget_done *done, void *done_ctx);
	/* The operator's limit, credits or "none", in the place of the configured one; NULL: that one again. */
	void (*limit_budget)(void *ctx, const char *budget, const char *limit, fr_admin_done *done, void *done_ctx);
	/* fr_engine_purge() and fr_engine_keys_of(). */
	void (*purge)(void *ctx, const struct fr_purge *purge);
	size_t (*keys_of)(void *ctx, struct fr_str target, struct fr_key *ret, struct fr_refusal *why);
	bool (*alert_test)(void *ctx, struct fr_str channel); /* fr_engine_alert_test() */
	/* What frugald makes of a target, as text; FR_INVALID: it is refused, and the text says why. */
	enum fr_err (*explain)(void *ctx, struct fr_str target, struct fr_buf *b);
	void (*note)(void *ctx, enum fr_level level, const char *line); /* or NULL */
};

/* Serves `n` listening sockets (1 .. FR_ADDRS_MAX), which it takes over. NULL with `why` on failure: then the sockets are lost too, and the
 * program should end. */
struct fr_admin *fr_admin_new(uv_loop_t *loop, const struct fr_admin_ports *ports, const int *fds, size_t n,
			      struct fr_errmsg *why);

/* Closes everything; requests that still wait for a `done` are cut off, and one that comes later is harmless. Run the loop once more
 * afterwards, so that the handles go. NULL is harmless. */
void fr_admin_free(struct fr_admin *a);

#endif
