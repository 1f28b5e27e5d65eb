/* store_state.h — what the files store*.c share; nobody else includes it.
 *
 * An operation lives from its sending until its reply or the end of its connection. Until its deadline it is in `waiting`, in
 * the order of the deadlines, which is the order of sending; after it, answered UNKNOWN, in `overdue`, where it only keeps its
 * place among the replies that are still to come. */
#ifndef FRUGAL_ADAPT_STORE_STATE_H
#define FRUGAL_ADAPT_STORE_STATE_H

#include "adapt/store.h"
#include "adapt/store_link.h"
#include "adapt/store_scripts.h"
#include "base/list.h"
#include "core/purge.h"

struct reading; /* store_totals.c: a report's days on their way */
struct inquiry; /* store_budget.c: who waits for a budget */

/* Days that a total is kept; when a new day begins so many of those beyond are removed, so that a pause of a week leaves none
 * behind. The scripts that add to a day get its key, the one of the watermarks, and those of the days to remove. */
enum { STORE_DAYS_KEPT = 800, STORE_DAYS_REMOVED = 8, STORE_TOTALS_KEYS = 2 + STORE_DAYS_REMOVED };

enum op_kind {
	OP_GET,
	OP_CLAIM,
	OP_RENEW,
	OP_PUT,
	OP_FAIL,
	OP_TOTALS_ADD,
	OP_TOTALS_DAY,
	OP_LEDGER,
	OP_LEASE,
	OP_LINE,
	OP_BUDGET_LIMIT,
	OP_BUDGET_READ,
	OP_ALERT_RAISE,
	OP_ALERT_TAKE,
	OP_ALERT_END,
	OP_PURGE_TELL,
	OP_PURGE_ASIDE,
	OP_PURGES_READ
};

struct op {
	struct fr_list link; /* in waiting or overdue */
	struct fr_store *store;
	enum op_kind kind;
	/* OP_TOTALS_ADD: the sequence number; OP_TOTALS_DAY: the place of the day; OP_LEASE, OP_LINE: the question's number */
	uint64_t token;
	size_t lines;          /* OP_LEASE: budgets asked about */
	struct fr_purge purge; /* OP_PURGE_TELL */
	struct reading *reading;
	struct inquiry *inquiry; /* OP_BUDGET_*; ends with the operation's answer */
	fr_ms deadline;
	bool settled;
	struct fr_command command; /* of scripts, in case Redis has forgotten them */
	size_t bytes;              /* counted in the store's */
};

/* A script as Redis knows it. */
struct loaded {
	struct fr_store *store;
	char sha[41];
};

struct fr_store {
	uv_loop_t *loop;
	struct fr_redis_notes notes;
	struct fr_redis_note_limit note_limit;
	struct fr_store_address address;
	struct fr_secret password;
	char prefix[64 + 1];
	char instance[33];
	fr_ms timeout;
	struct fr_engine *engine; /* NULL until attached */
	const struct fr_catalogue *catalogue;
	const struct fr_roster *roster;
	struct fr_link commands, hints;
	struct loaded scripts[FR_SCRIPTS];
	size_t n_loaded;
	char run[64];   /* the server's run_id: another one after each of its starts */
	bool away;      /* a note said so; one says when it is back */
	bool purges_ok; /* the first of two lists of purges came */
	struct fr_list waiting, overdue;
	size_t n_ops, n_overdue, bytes;
	uv_timer_t timer; /* the first deadline */
	fr_ms heard;      /* last sign of life while operations are under way */
	size_t unsent;    /* bytes in the output buffer at the last sending or look */
	int open_handles;
};

/* store_ops.c */
struct op *op_new(struct fr_store *s, enum op_kind kind, uint64_t token, enum fr_script script, int keys);
/* Sends it, or settles it as unknown. */
void op_send(struct op **taken);
void op_settle(struct op *op, const redisReply *reply);     /* store.c; reply NULL: unknown */
bool op_may_start(const struct fr_store *s, bool answered); /* `answered`: somebody waits for its answer */
void ops_due(uv_timer_t *timer);
fr_ms store_now(const struct fr_store *s);
void note_odd(struct fr_store *s, const redisReply *reply, const char *what);

/* store_check.c */
struct fr_str info_line(const redisReply *r, const char *name); /* the value of a line "name:value" of INFO, or empty */

/* store_totals.c */
/* `kind`: 'w' for the watermarks of processes, 'j' for those of journals. */
void add_totals_keys(const struct fr_store *s, struct fr_command *c, int64_t day, char kind);
void add_totals(const struct fr_store *s, struct fr_command *c, const struct fr_totals *delta);
struct fr_str reply_bytes(const redisReply *r); /* of a text; else empty */
void totals_added(struct fr_store *s, uint64_t seq, const redisReply *reply);
void totals_day_came(struct op *op, const redisReply *reply);

/* store_ledger.c */
void ledger_applied(struct fr_store *s, const redisReply *reply);

/* store_lease.c */
void add_instance(struct fr_command *c, uint64_t instance);
/* Scripts handle numbers as doubles: exact up to FR_LIMIT_NONE, which no sum of credits reaches. */
void add_credits(struct fr_command *c, int64_t credits);
bool reply_number(const redisReply *r);            /* not negative, and not too large to be exact */
bool reply_numbers(const redisReply *r, size_t n); /* so many of them */
void lease_told(struct op *op, const redisReply *reply);

/* store_line.c */
void line_told(struct op *op, const redisReply *reply);

/* store_budget.c */
void add_budget_key(const struct fr_store *s, struct fr_command *c, const char *budget);
void budget_limited(struct op *op, const redisReply *reply);
void budget_came(struct op *op, const redisReply *reply);

/* store_alerts.c */
void alert_raised(struct op *op, const redisReply *reply);
void alert_taken(struct op *op, const redisReply *reply);
void alert_ended(struct op *op, const redisReply *reply);
/* store_purge.c */
void purge_heard(struct fr_store *s, struct fr_str message); /* from the channel */
void purge_told(struct op *op, const redisReply *reply);
void purges_came(struct op *op, const redisReply *reply);

#endif
