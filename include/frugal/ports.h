/* ports.h — the whole outside world, as the engine sees it.
 *
 * The daemon, the stories and the simulator each fill in one of these. The engine calls out through it and is called back through
 * engine.h, later or from inside the call, with the token that it gave: tokens, not pointers, cross this line, and a token that no longer
 * means anything is ignored. Everything happens on one thread. What a port is given is borrowed for the call. */
#ifndef FRUGAL_PORTS_H
#define FRUGAL_PORTS_H

#include "frugal/settings.h"
#include "frugal/types.h"

struct fr_reply;
struct fr_totals;
struct fr_journal_record;
struct fr_ledger_batch;
struct fr_lease_ask;
struct fr_line_ask;
struct fr_purge;
struct fr_blob;
struct fr_log_line;
struct fr_outbox_raise;
struct fr_outbox_take;
struct fr_outbox_end;
struct fr_delivery;

/* A secret has no formatter: it is only ever handed to the upstream port. */
struct fr_secret {
	char s[FR_SECRET_MAX];
};

/* One call to the upstream. */
struct fr_call {
	struct fr_str target;        /* path and query, terminated */
	const struct fr_secret *key; /* the client's own key, handed on where the operator has none; else NULL */
};

struct fr_ports {
	void *ctx;
	fr_ms (*now)(void *ctx); /* monotonic */
	fr_wall (*wall)(void *ctx);
	uint64_t (*random)(void *ctx);
	void (*wake_at)(void *ctx, fr_ms when); /* call fr_engine_wake() then; replaces the previous wish; INT64_MAX = never */
	void (*note)(void *ctx, enum fr_level level, const char *line); /* for the log; without secrets */

	/* The shared store. `owner` is the lease's token, unique per flight. Answers come by fr_engine_found() / fr_engine_claimed();
	 * put, fail, renew and release have no answer. A port that cannot reach the store answers UNKNOWN at once. */
	void (*store_get)(void *ctx, uint64_t token, struct fr_key key);
	void (*store_claim)(void *ctx, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease);
	void (*store_renew)(void *ctx, struct fr_key key, struct fr_key owner, fr_ms lease);
	/* Stores the record for `keep`, ends the lease if it is still `owner`'s and tells the other instances. Without an owner it is what another answer
	 * taught: a record there that was asked for later stays, and when the store does not keep up, it is let go. */
	void (*store_put)(void *ctx, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep);
	/* What is known of things in pieces, beside the answers: fr_engine_found() tells what stands there. A piece never takes the place of one that was
	 * said later; nobody is told of it, and when the store does not keep up it is let go. */
	void (*piece_get)(void *ctx, uint64_t token, struct fr_key key);
	void (*piece_put)(void *ctx, struct fr_key key, const struct fr_blob *record, fr_ms keep);
	/* Ends the lease and leaves the outcome in its place for `hold`, so that all who wait share it; hold 0: leaves nothing. */
	void (*store_fail)(void *ctx, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold);

	/* A line for the log of questions; only while it is switched on. */
	void (*log_question)(void *ctx, const struct fr_log_line *line);

	/* The upstream. Exactly one fr_engine_fetched() follows, whatever happens. Never cancelled, never repeated. */
	void (*fetch)(void *ctx, uint64_t token, const struct fr_call *call);

	/* The reply to a request, exactly one per fr_engine_ask(); the port takes over the reply's body reference and asks nothing from inside. */
	void (*answer)(void *ctx, uint64_t request, struct fr_reply *reply);

	/* Totals: apply `delta` under (instance, seq) exactly once; fr_engine_totals_added() says whether it is there. */
	void (*totals_add)(void *ctx, uint64_t seq, const struct fr_totals *delta);

	/* The journal. On return the record is where a killed process cannot take it along; false: it is not there, as if never asked. */
	bool (*journal_write)(void *ctx, const struct fr_journal_record *record);
	/* Records up to `seq` are not needed any more. */
	void (*journal_trim)(void *ctx, uint64_t seq);
	/* Applies the batch to the counters if their watermark is where it begins (core/ledger.h); fr_engine_ledger_applied() tells the watermark, exactly
	 * once for each batch. There is one at a time. */
	void (*ledger_apply)(void *ctx, const struct fr_ledger_batch *batch);

	/* Budgets and the line of calls, asked of Redis in one step each (core/lease.h, core/line.h): fr_engine_leased() and
	 * fr_engine_lined_up() follow, exactly once for each question. */
	void (*lease)(void *ctx, const struct fr_lease_ask *ask);
	void (*line_up)(void *ctx, const struct fr_line_ask *ask);

	/* For alerts; answered by the functions of engine_alerts.h, exactly once for each question: what Redis keeps about a budget whose window begins at
	 * `start`, told at `at`; the totals of the days from..to; the three steps of an alert in the outbox (core/outbox.h). */
	void (*budget_read)(void *ctx, uint64_t number, const char *budget, fr_wall start, fr_wall at);
	void (*totals_read)(void *ctx, uint64_t number, int64_t from, int64_t to);
	void (*alert_raise)(void *ctx, const struct fr_outbox_raise *raise);
	void (*alert_take)(void *ctx, const struct fr_outbox_take *take);
	void (*alert_end)(void *ctx, const struct fr_outbox_end *end);
	/* An alert to its channel: fr_engine_delivered() follows exactly once. At the most FR_DELIVERIES_MAX at the same time. */
	void (*deliver)(void *ctx, uint64_t token, const struct fr_delivery *delivery);

	/* Purges (core/purge.h). tell: keeps the moment in Redis and lets the other instances know, whose engines hear of it by fr_engine_purged();
	 * fr_engine_purge_kept() follows. read: fr_engine_purged() for all that Redis has, then fr_engine_purges_read(). A port reads them by itself,
	 * too, whenever it has connected, before it answers anything else. */
	void (*purge_tell)(void *ctx, const struct fr_purge *purge);
	void (*purge_read)(void *ctx);
};

#endif
