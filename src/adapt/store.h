/* store.h — the engine's store ports over Redis: answers, leases, hints, totals, budgets and the line of calls.
 *
 * Two connections: one for commands, one that listens to the other instances' hints. Both come back by themselves
 * (store_link.h).
 *
 * Keys, with P for the setting redis.prefix; what is between braces decides the slot, so each script stays within one:
 *     P:{<32 hex>}:a         an answer's record, for its time to keep
 *     P:{<32 hex>}:p         a piece's record: what other answers told of a post, a sound or the owner of a name
 *     P:{<32 hex>}:l         its lease: the owner's token, or "!" and the outcome of a flight that failed
 *     P:{credits}:t:<yyyymmdd>  a day's totals, fields "<path>|<total>" and the same with "tenant:<name>", "reason:<name>" and
 *                            "outcome:<name>" in the place of the path, which begins with '/'; removed after 800 days
 *     P:{credits}:w          watermarks: instance -> last sequence number applied and the day of it; forgotten after 8 days
 *     P:{credits}:j          the journals' watermarks: identity -> last record applied and the day of it; forgotten after 800 days
 *     P:{credits}:i          who asks for credits: instance -> number of its last question, the run_id of Redis then, and when;
 *                            forgotten after a day. "run": the run_id under which credits are granted, "since": first seen
 *     P:{credits}:b:<budget>  a budget with all its windows: "<start>:s" spent in the window that begins at that second,
 *                            "<start>:o" outstanding, "<start>:l:<instance>" of that by one instance, "<start>:f" of what is
 *                            spent what no journal has any more; "h:<hour>" and "m:<five>" spent in an hour and in five
 *                            minutes since 1970, kept for 8 days and 2 hours; "limit" an operator's, which goes before the
 *                            configured one
 *     P:{credits}:a          ids of alerts that were raised, a sorted set by when, in ms; forgotten after 70 days
 *     P:{credits}:x          the outbox: alerts that are not delivered yet, by id (outbox_lua.c has the values)
 *     P:{line}:c             the line of calls: places taken in the window, a list of "<ms> <places given so far> <places>"
 *     P:{line}:i             who stands in it: instance -> when it last asked
 *     P:{credits}:p          purges of everything and of paths: a sorted set, "hard|soft all|<path>" by the moment in ms since 1970
 *     P:{credits}:k          those of questions, "hard|soft <32 hex>", the last FR_PURGES_MAX
 *     P:done                 channel: the key of each flight that ended, in hex
 *     P:purge                channel: "<ms> <member>" of each purge
 * Only answers, pieces, leases and the line have a time to live, so a Redis with a volatile eviction policy never evicts totals and
 * budgets. It may evict the line: then the upstream may see more calls than its limit for one window, but not a credit is lost.
 *
 * Every operation has the deadline redis.timeout, since hiredis has none: what is late is answered UNKNOWN and its reply
 * dropped. While a reply is overdue new lookups are UNKNOWN at once; after four times redis.timeout without a sign of life the
 * connection is given up. What has no answer (put, fail, renew) is sent as long as there is a connection. At most
 * FR_STORE_OPS_MAX operations and FR_STORE_BYTES_MAX bytes of records are under way; beyond, lookups are UNKNOWN and records
 * are dropped. A reply that is not what it should be is UNKNOWN, and noted once a minute.
 *
 * hiredis 0.14 aborts on a server that breaks the protocol (a reply that nobody asked for): a Redis is trusted that far. Its
 * connections write without MSG_NOSIGNAL, so fr_store_new() makes the process ignore SIGPIPE. */
#ifndef FRUGAL_ADAPT_STORE_H
#define FRUGAL_ADAPT_STORE_H

#include <uv.h>

#include "adapt/redis_note.h"
#include "core/catalogue.h"
#include "core/ledger.h"
#include "core/line.h"
#include "core/roster.h"
#include "core/spending.h"
#include "frugal/engine.h"
#include "frugal/err.h"
#include "frugal/ports.h"

enum { FR_STORE_OPS_MAX = 10000, FR_STORE_BYTES_MAX = 64 * 1024 * 1024 };

struct fr_store;

/* Reads and resolves the address (blocking); connects nothing yet. Settings are borrowed for the call, notes are copied.
 * `unix_path`: the embedded Redis' socket; NULL: settings->redis_url says. `password`: of redis.password_file, or NULL; goes
 * before the URL's. NULL, and `why`, if the address or the prefix is not usable. */
struct fr_store *fr_store_new(uv_loop_t *loop, const struct fr_settings *settings, const char *unix_path,
			      const struct fr_secret *password, const struct fr_redis_notes *notes, struct fr_errmsg *why);

/* For the start, before the loop runs; blocks at most about 10 s. FR_OK: there is a Redis >= 6.2 that lets us in, may be
 * written and runs scripts (or, after waiting, is still loading its data). FR_INVALID: it is one that cannot serve; FR_IO: it
 * cannot be reached. `why` says what was found and how to mend it. */
enum fr_err fr_store_check(const struct fr_store *s, struct fr_errmsg *why);

/* Connects, for this engine; again after a reload, with the new catalogue and roster, whose paths and tenants name the totals.
 * All are borrowed. */
void fr_store_attach(struct fr_store *s, struct fr_engine *engine, const struct fr_catalogue *catalogue,
		     const struct fr_roster *roster);

/* Not from within one of its callbacks. Operations under way are answered UNKNOWN within the call; the memory goes when the
 * loop has turned. The caller's pointer becomes NULL. */
void fr_store_free(struct fr_store **taken);

bool fr_store_up(const struct fr_store *s);           /* connected, and nothing overdue */
const char *fr_store_shown(const struct fr_store *s); /* its address for people, without the password */

/* The engine's ports: see ports.h. */
void fr_store_get(struct fr_store *s, uint64_t token, struct fr_key key);
void fr_store_claim(struct fr_store *s, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease);
void fr_store_renew(struct fr_store *s, struct fr_key key, struct fr_key owner, fr_ms lease);
void fr_store_put(struct fr_store *s, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep);
void fr_store_piece_get(struct fr_store *s, uint64_t token, struct fr_key key);
void fr_store_piece_put(struct fr_store *s, struct fr_key key, const struct fr_blob *record, fr_ms keep);
void fr_store_fail(struct fr_store *s, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold);
/* Under this process's instance, a random number made by fr_store_new(), and `seq`. */
void fr_store_totals_add(struct fr_store *s, uint64_t seq, const struct fr_totals *delta);

/* Under the journal's own instance, which a restarted process keeps. */
void fr_store_ledger_apply(struct fr_store *s, uint64_t instance, const struct fr_ledger_batch *batch);

/* Budgets and the line of calls, under the journal's instance. */
void fr_store_lease(struct fr_store *s, uint64_t instance, const struct fr_lease_ask *ask);
void fr_store_line_up(struct fr_store *s, uint64_t instance, const struct fr_line_ask *ask);

/* Purges; fr_store_purge_read() happens by itself whenever either connection is there again, before anything else is asked on it. */
void fr_store_purge_tell(struct fr_store *s, const struct fr_purge *purge);
void fr_store_purge_read(struct fr_store *s);

/* The totals of the days from..to (at most FR_REPORT_DAYS_MAX), all instances together, by the catalogue's order; paths that
 * it does not know are added to its row `other`, tenants that the roster does not know to tenant 0. `done` is called exactly
 * once, perhaps from inside the call: with all `n` days, in order, borrowed for the call; or with ok == false, NULL and 0. */
typedef void fr_store_totals_done(void *ctx, bool ok, const struct fr_totals *days, size_t n);
void fr_store_totals_read(struct fr_store *s, int64_t from, int64_t to, fr_store_totals_done *done, void *ctx);

/* What Redis keeps about a budget: the figures of the window that begins at `start`, and the history up to `at`. `done` is called
 * exactly once, perhaps from inside the call; not `known`: without an answer. */
typedef void fr_store_budget_done(void *ctx, const struct fr_spending *spending);
void fr_store_budget_read(struct fr_store *s, const char *budget, fr_wall start, fr_wall at, fr_store_budget_done *done,
			  void *ctx);

/* An operator's limit, "none" or credits, in the place of the configured one until it is removed (NULL); in force with each
 * instance's next question. `done` as above; false: without an answer, or the text is neither. */
typedef void fr_store_limit_done(void *ctx, bool ok);
void fr_store_budget_limit(struct fr_store *s, const char *budget, const char *limit, fr_store_limit_done *done, void *ctx);

/* The steps of an alert, see core/outbox.h; fr_engine_alert_raised(), _taken(), _ended() follow. */
void fr_store_alert_raise(struct fr_store *s, const struct fr_outbox_raise *raise);
void fr_store_alert_take(struct fr_store *s, const struct fr_outbox_take *take);
void fr_store_alert_end(struct fr_store *s, const struct fr_outbox_end *end);

#endif
