/* store_fake.h — a shared store in virtual time: what Redis and src/adapt/store*.c are to the engine, without either.
 *
 * One fake store is one Redis; each client is one instance's connection to it. An operation is applied to the store at the
 * moment of the call, in one step, as a script would be; its result is handed to the client's `deliver` within the call. The
 * owner of the virtual clock decides when the engine hears of it, and may lose it on the way: then the engine must hear
 * UNKNOWN, as the port's deadline would have it. So other clients' operations happen between an operation and its answer.
 *
 * The clock is asked, never kept, and is the store's own wall clock, in milliseconds since 1970; nothing here is random.
 * tests/contract/test_store*.c hold the fake to the same body of tests as the real store, so that it cannot lie. */
#ifndef TESTS_SIM_STORE_FAKE_H
#define TESTS_SIM_STORE_FAKE_H

#include "base/blob.h"
#include "core/ledger.h"
#include "core/line.h"
#include "core/spending.h"
#include "frugal/engine_alerts.h"

struct fr_fake_store;
struct fake_client;

enum fake_op {
	FAKE_GET,          /* fr_engine_found(token, found, record) */
	FAKE_CLAIM,        /* fr_engine_claimed(token, claim, record) */
	FAKE_LEDGER,       /* fr_engine_ledger_applied(added, token) */
	FAKE_TOTALS,       /* fr_engine_totals_added(token, added) */
	FAKE_HINT,         /* fr_engine_hint(key) */
	FAKE_LEASE,        /* fr_engine_leased(lease) */
	FAKE_LINE,         /* fr_engine_lined_up(line) */
	FAKE_BUDGET,       /* fr_engine_budget_read(token, the struct fr_spending in record) */
	FAKE_DAYS,         /* fr_engine_totals_read(token, the struct fr_totals in record) */
	FAKE_ALERT_RAISED, /* fr_engine_alert_raised(token, state) */
	FAKE_ALERT_TAKEN,  /* fr_engine_alert_taken(taken, with record as its body) */
	FAKE_ALERT_ENDED   /* fr_engine_alert_ended(token, added) */
};

struct fake_result {
	enum fake_op op;
	uint64_t token; /* FAKE_TOTALS: the sequence number; FAKE_LEDGER: the watermark */
	enum fr_store_result found;
	enum fr_claim_result claim;
	bool added;
	struct fr_key key;            /* FAKE_HINT */
	struct fr_lease_told *lease;  /* FAKE_LEASE: for the receiver to free */
	struct fr_line_told line;     /* FAKE_LINE */
	enum fr_outbox_state state;   /* FAKE_ALERT_RAISED */
	struct fr_outbox_taken taken; /* FAKE_ALERT_TAKEN */
	struct fr_blob *record;       /* a reference for the receiver to drop, or NULL */
};

struct fr_fake_store *fake_store_new(fr_ms (*now)(void *ctx), void *ctx);
void fake_store_free(struct fr_fake_store *s); /* and its clients */

/* `deliver` is called exactly once for each get, claim, totals_add, ledger_apply, lease and line_up, and once for each hint.
 * `instance`: whose sequence numbers these are; a restarted process has another one. The client belongs to the store. */
struct fake_client *fake_store_client(struct fr_fake_store *s, void (*deliver)(void *ctx, struct fake_result result), void *ctx,
				      uint64_t instance);
/* As when its process dies: from then on nothing of it is applied and nothing is delivered. Harmless if repeated. */
void fake_client_hang_up(struct fake_client *c);
void fake_client_away(struct fake_client *c, bool away); /* the store is there, but not for this one */

/* The ports, see ports.h. */
void fake_store_get(struct fake_client *c, uint64_t token, struct fr_key key);
void fake_store_claim(struct fake_client *c, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease);
void fake_store_renew(struct fake_client *c, struct fr_key key, struct fr_key owner, fr_ms lease);
void fake_store_piece_get(struct fake_client *c, uint64_t token, struct fr_key key);
void fake_store_piece_put(struct fake_client *c, struct fr_key key, const struct fr_blob *record, fr_ms keep);
void fake_store_put(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep);
void fake_store_fail(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold);
void fake_store_totals_add(struct fake_client *c, uint64_t seq, const struct fr_totals *delta);
/* `identity`: the journal's, which a restarted process keeps. */
void fake_store_ledger_apply(struct fake_client *c, uint64_t identity, const struct fr_ledger_batch *batch);

void fake_store_lease(struct fake_client *c, uint64_t identity, const struct fr_lease_ask *ask);
void fake_store_line_up(struct fake_client *c, uint64_t identity, const struct fr_line_ask *ask);

/* For alerts. A reading without an answer has no record. */
void fake_store_budget_read(struct fake_client *c, uint64_t number, const char *budget, fr_wall start, fr_wall at);
void fake_store_totals_read(struct fake_client *c, uint64_t number, int64_t from, int64_t to);
void fake_store_alert_raise(struct fake_client *c, const struct fr_outbox_raise *raise);
void fake_store_alert_take(struct fake_client *c, const struct fr_outbox_take *take);
void fake_store_alert_end(struct fake_client *c, const struct fr_outbox_end *end);

/* What goes wrong. An operation that does not reach the store, or that it refuses, ends as UNKNOWN (puts, fails and renewals: as
 * nothing) and is not applied. */
void fake_store_away(struct fr_fake_store *s, bool away);                            /* nothing reaches it */
void fake_store_losing(struct fr_fake_store *s, bool (*lose)(void *ctx), void *ctx); /* asked for each operation; NULL: none */
void fake_store_evict_all(struct fr_fake_store *s);                                  /* answers go; leases and totals stay */
void fake_store_lose_leases(struct fr_fake_store *s);                                /* leases and held outcomes go */
void fake_store_forget(struct fr_fake_store *s);                                     /* all goes: totals and budgets, too */
void fake_store_restart(struct fr_fake_store *s); /* nothing goes, but its run_id is a new one */
/* A restart after which totals, watermarks, budgets and the line are as they were so long ago, a minute at the most. */
void fake_store_cut_back(struct fr_fake_store *s, fr_ms by);
void fake_store_corrupt(struct fr_fake_store *s, uint64_t random); /* in each answer one bit flips, where `random` says */
void fake_store_plant(struct fr_fake_store *s, struct fr_key key, struct fr_str foreign); /* somebody else's bytes as an answer */

/* An operator's limit of a budget, see store.h. */
void fake_store_limit(struct fr_fake_store *s, const char *budget, const char *limit);

/* To look at it. */
void fake_store_budget(const struct fr_fake_store *s, const char *budget, fr_wall start, int64_t *ret_spent,
		       int64_t *ret_outstanding);
struct fr_spending fake_store_spending(const struct fr_fake_store *s, const char *budget, fr_wall start, fr_wall at);
struct fr_totals fake_store_totals(const struct fr_fake_store *s, int64_t day); /* zeros where there is nothing */
bool fake_store_leased(struct fr_fake_store *s, struct fr_key key, struct fr_key *ret_owner);
bool fake_store_has_letter(const struct fr_fake_store *s, const char *id);
size_t fake_store_letters(const struct fr_fake_store *s); /* alerts that are not delivered yet */
size_t fake_store_answers(const struct fr_fake_store *s);

#endif
