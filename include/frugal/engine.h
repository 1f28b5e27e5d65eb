/* engine.h — requests in, replies out; between them the core's decisions and the ports.
 *
 * A request is answered from memory inside fr_engine_ask(), or waits for a flight: the one asking of its question by this process, with everybody
 * who waits for it. A flight looks into the store, claims the question among all instances, waits for the limiter, calls, judges, answers all
 * its waiters, stores, and ends. Failure is an outcome like success: shared by all who wait, and held for a moment for those who come just after.
 *
 * One thread. No function here blocks. */
#ifndef FRUGAL_ENGINE_H
#define FRUGAL_ENGINE_H

#include "core/budget.h"
#include "core/catalogue.h"
#include "core/lease.h"
#include "core/figures.h"
#include "core/line.h"
#include "core/metrics.h"
#include "core/roster.h"
#include "core/verdict.h"
#include "core/wish.h"
#include "frugal/ports.h"
#include "frugal/settings.h"
#include "frugal/types.h"

struct fr_alerts;
struct fr_engine;
struct fr_purge;
struct fr_refusal;
struct fr_stored;

/* What the operator decided. All of it is borrowed, and its values may change in place between two calls (SIGHUP; then fr_engine_reloaded()): the
 * catalogue's rows keep their places and paths, tenants and tiers their numbers. */
struct fr_policy {
	const struct fr_settings *settings;
	const struct fr_catalogue *catalogue;
	const struct fr_roster *roster;
	const struct fr_budgets *budgets;
	const struct fr_alerts *alerts; /* NULL: nobody is told anything */
	bool operator_key; /* the upstream port has a key of its own, so the clients' keys are dropped and all share one cache */
	bool alone;        /* nobody else uses this Redis */
};

/* Ports and policy are copied. */
struct fr_engine *fr_engine_new(const struct fr_ports *ports, const struct fr_policy *policy);
void fr_engine_reloaded(struct fr_engine *e);
/* Somebody has changed a budget in Redis: what was heard of budgets is old. */
void fr_engine_budgets_look(struct fr_engine *e);
void fr_engine_free(struct fr_engine *e); /* who still waits gets no reply: see fr_engine_stop() and fr_engine_idle() */

struct fr_ask {
	struct fr_str target;     /* raw, as it came */
	struct fr_str client_key; /* X-Api-Key, or empty */
	const unsigned char
		*key_sha256;         /* of that key, FR_SHA256_BYTES of them; NULL: there is none, or the roster has no keys */
	enum fr_priority priority;   /* what the client asks for; FR_PRIORITIES: nothing */
	struct fr_str if_none_match; /* or empty */
	struct fr_str request_id;    /* never empty */
	struct fr_str fields;        /* Frugal-Fields: the fields that the client reads; p == NULL: not said */
	struct fr_wish wish;
	bool gzip;     /* the client takes bodies in gzip */
	bool of_batch; /* it waits for batch.wait, not for wait.max */
};

/* Exactly one `answer` follows, perhaps from inside this call. `request` is the front's number of the request, unique while it lives. */
void fr_engine_ask(struct fr_engine *e, uint64_t request, const struct fr_ask *ask);

/* A request that the front refused by itself (method, body on a GET, header too large): counted and worded in one place. */
void fr_engine_refuse(struct fr_engine *e, uint64_t request, int problem, const char *detail, const struct fr_ask *ask);

enum fr_store_result { FR_STORE_HIT, FR_STORE_MISS, FR_STORE_UNKNOWN };
void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record);

enum fr_claim_result {
	FR_CLAIM_WON,    /* record: what the store holds for the key at that moment, or empty */
	FR_CLAIM_TAKEN,  /* another instance asks */
	FR_CLAIM_FAILED, /* another instance asked and failed; record: its outcome */
	FR_CLAIM_UNKNOWN
};
void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record);

/* Another instance has ended its flight for this key. A hint: lost ones cost time, not correctness. */
void fr_engine_hint(struct fr_engine *e, struct fr_key key);

struct fr_fetched {
	struct fr_upstream_answer answer;
	struct fr_str type; /* content type */
	fr_ms retry_after;  /* v < 0: not said */
};
void fr_engine_fetched(struct fr_engine *e, uint64_t token, const struct fr_fetched *got);

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added);

/* Redis' word on budgets and on the line; see core/lease.h and core/line.h. Borrowed for the call. */
void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told);
void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told);

/* This instance's watermark in Redis, or that it is not known. */
void fr_engine_ledger_applied(struct fr_engine *e, bool known, uint64_t watermark);

bool fr_engine_ledger_whole(const struct fr_engine *e); /* Redis has all that the journal has, and has said so */

/* Another instance has purged, or Redis knows of a purge. */
void fr_engine_purged(struct fr_engine *e, const struct fr_purge *purge);
void fr_engine_purge_kept(struct fr_engine *e, const struct fr_purge *purge, bool kept);
void fr_engine_purges_read(struct fr_engine *e, bool read);

/* At the start, before anything is asked: what the journal holds, record by record, then the end of it. A call without an outcome is booked as uncertain.
 * `damaged`: stretches that could not be read. */
void fr_engine_restore(struct fr_engine *e, const struct fr_journal_record *record);
void fr_engine_restored(struct fr_engine *e, size_t damaged);

void fr_engine_wake(struct fr_engine *e);

/* Stops: no new flights, new requests are refused; flights that have called go on to their end. Idle: no flight, no waiter, nothing left to send to Redis
 * (or it is away). */
void fr_engine_stop(struct fr_engine *e);
bool fr_engine_idle(const struct fr_engine *e);

const struct fr_tally *fr_engine_tally(const struct fr_engine *e);
struct fr_gauges fr_engine_gauges(const struct fr_engine *e);
/* How the budgets stand, in the order of the configuration: at most `max` of them are written, and counted. */
size_t fr_engine_budget_figures(const struct fr_engine *e, struct fr_budget_figures *ret, size_t max);
struct fr_line_figures fr_engine_line_figures(const struct fr_engine *e);
void fr_engine_ledger_figures(const struct fr_engine *e, struct fr_ledger_figures *ret);
/* What this instance has counted and Redis has not acknowledged yet: adds them to `days` (n of them, matched by day), for reports. */
void fr_engine_totals_pending(const struct fr_engine *e, struct fr_totals *days, size_t n);

/* The operator throws something away; the moment is now. Here it takes effect at once, elsewhere when Redis has it: it is told until then. */
void fr_engine_purge(struct fr_engine *e, const struct fr_purge *purge);
/* The keys under which answers to a target are kept: its own, behind a short link whose post is known here the post's, and that of the block from which
 * it is cut. Returns how many, at most FR_PURGE_KEYS_MAX; 0, with `why`: it is no question, or nothing is kept for it that could be found. */
size_t fr_engine_keys_of(struct fr_engine *e, struct fr_str target, struct fr_key *ret, struct fr_refusal *why);
/* What this instance's memory holds for a target, for people; false if it is no question, or one that is never stored. */
bool fr_engine_stored(struct fr_engine *e, struct fr_str target, struct fr_stored *ret);

#endif
