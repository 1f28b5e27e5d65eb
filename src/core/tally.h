/* tally.h — what happened, counted: requests by endpoint and outcome, calls by endpoint, reason and verdict, credits.
 *
 * Outcomes are exclusive and exhaustive. Two identities hold in credits (design.md, section 9):
 *     asked = demand + avoided + refused        spent = demand + background
 * where `asked` adds up what each request would have cost without frugald. The second holds at every moment, the first
 * whenever no call has ended whose request has not: a flight books its call and then its waiters. */
#ifndef FRUGAL_CORE_TALLY_H
#define FRUGAL_CORE_TALLY_H

#include "core/priority.h"
#include "core/verdict.h"
#include "frugal/limits.h"
#include "frugal/types.h"

enum fr_outcome {
#define OUTCOME(id, name, credit, help) FR_OUTCOME_##id,
#include "frugal/tbl/outcomes.def"
#undef OUTCOME
	FR_OUTCOMES
};

/* Where the price of a request is booked. */
enum fr_booking { FR_BOOKING_PAID, FR_BOOKING_AVOIDED, FR_BOOKING_REFUSED, FR_BOOKING_NOTHING };

enum fr_reason {
#define REASON(id, name, background, help) FR_REASON_##id,
#include "frugal/tbl/reasons.def"
#undef REASON
	FR_REASONS
};

enum fr_total {
#define TOTAL(field, name, help) FR_TOTAL_##field,
#include "frugal/tbl/totals.def"
#undef TOTAL
	FR_TOTALS
};

struct fr_counters {
#define COUNTER(field, name, help) uint64_t field;
#include "frugal/tbl/counters.def"
#undef COUNTER
};

struct fr_gauges {
#define GAUGE(field, name, help) int64_t field;
#include "frugal/tbl/gauges.def"
#undef GAUGE
};

/* Durations in buckets: 1 2 5 10 25 50 100 250 500 ms, 1 2.5 5 10 30 60 s, more. */
enum { FR_HIST_BUCKETS = 16 };
struct fr_hist {
	uint64_t buckets[FR_HIST_BUCKETS];
	uint64_t n;
	int64_t sum_ms;
};

/* Ages of answers in buckets: 1 10 s, 1 5 15 30 min, 1 3 6 12 h, 1 3 7 14 30 d, more. A type of its own, so that no duration
 * is booked as an age. */
struct fr_ages {
	struct fr_hist h;
};

/* What one tenant asked for and caused. */
struct fr_tally_tenant {
	uint64_t requests;
	int64_t asked, avoided, refused;
	int64_t spent[FR_ENDPOINTS_MAX][FR_REASONS];
};

struct fr_tally {
	uint64_t requests[FR_ENDPOINTS_MAX][FR_OUTCOMES];
	uint64_t calls[FR_ENDPOINTS_MAX][FR_REASONS][FR_VERDICTS];
	int64_t spent[FR_ENDPOINTS_MAX][FR_REASONS];
	int64_t avoided[FR_ENDPOINTS_MAX][FR_OUTCOMES];
	int64_t asked, demand, background, avoided_all, refused;
	struct fr_counters counters;
	struct fr_hist request_ms, call_ms, wait_ms;
	struct fr_ages age_ms;
	size_t n_tenants; /* the largest number seen, and one */
	struct fr_tally_tenant tenants[FR_TENANTS_MAX];
};

/* A day's columns, by endpoint, and the same again by tenant, by the reason of calls and by the outcome of requests: the delta that
 * goes to Redis, and what comes back from it. */
struct fr_totals {
	int64_t day; /* since 1970, UTC */
	int64_t v[FR_ENDPOINTS_MAX][FR_TOTALS];
	int64_t tenants[FR_TENANTS_MAX][FR_TOTALS];
	int64_t reasons[FR_REASONS][FR_TOTALS];
	int64_t outcomes[FR_OUTCOMES][FR_TOTALS];
};

/* Whose and what a request or a call was. */
struct fr_account {
	size_t tenant, endpoint;
};

/* One request ended. `price` is the row's; the outcome's booking decides where it counts: PAID only in `asked`, since its
 * credits are the call's to book, NOTHING nowhere. Both arguments grow. */
void fr_tally_request(struct fr_tally *t, struct fr_totals *d, struct fr_account of, enum fr_outcome o, int64_t price);
/* One call ended, which the ledger counts for the totals; `credits` is what it cost (0 if it was not billed). A billed call on demand must be matched by exactly one
 * request booked as PAID. */
void fr_tally_call(struct fr_tally *t, struct fr_account of, enum fr_reason r, enum fr_verdict v, int64_t credits);
/* One call as the totals count it; the ledger does so. `credits` were spent, all of them perhaps `uncertain`. */
void fr_totals_call(struct fr_totals *d, struct fr_account of, enum fr_reason r, int64_t credits, bool uncertain);
void fr_hist_add(struct fr_hist *h, fr_ms took);
void fr_ages_add(struct fr_ages *ages, fr_ms age);
/* Upper bound of a bucket; the last one has none and says INT64_MAX. */
fr_ms fr_hist_bound(size_t bucket);
fr_ms fr_ages_bound(size_t bucket);

/* One endpoint's figures over all outcomes, reasons and verdicts. */
struct fr_tally_sums {
	uint64_t requests, calls;
	int64_t spent, avoided;
};
struct fr_tally_sums fr_tally_sums(const struct fr_tally *t, size_t endpoint);

bool fr_tally_balanced(const struct fr_tally *t); /* the two identities, and the sums against their parts */
const char *fr_outcome_name(enum fr_outcome o);
enum fr_booking fr_outcome_booking(enum fr_outcome o);
const char *fr_reason_name(enum fr_reason r);
bool fr_reason_background(enum fr_reason r);
const char *fr_total_name(enum fr_total t);
/* What a row is called in metrics and reports: its path, or "other" for the row of all other paths. Borrowed from the
 * catalogue. */
struct fr_str fr_tally_label(const struct fr_endpoint *e);
/* Adds b to a; the days may differ, a keeps its own. */
void fr_totals_add(struct fr_totals *a, const struct fr_totals *b);

#endif
