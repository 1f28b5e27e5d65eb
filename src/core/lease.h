/* lease.h — what an instance and Redis say to each other about budgets.
 *
 * Redis keeps for each budget and window what was spent (moved by the journals' records, each once) and, for each instance, what is
 * outstanding: credits that the instance holds, that are on their way, or that are spent and not yet among Redis' records. Credits are granted only
 * while spent and all that is outstanding stay within the limit. So the instances together can never spend more, whoever is away.
 *
 * An instance says what is outstanding with every question, and Redis takes its word: a grant whose answer was lost comes back with the
 * next one. Questions carry a number that grows, over restarts too (`life` is the journal's), so that one which was long on its
 * way cannot undo a later one. Records that are applied to `spent` lower what is outstanding in the same step (fr_spend_line).
 *
 * When Redis was started again it may have lost its last seconds, grants and records among them. So an instance that learns of another run of
 * Redis first has the ledger's watermark confirmed, by which lost records come back, and says so (`healed`). Until all instances that Redis
 * knows have done so, and for some seconds at least, nothing is granted (`settling`). A Redis that knows nothing at all is believed to be new only
 * by who is new (`veteran`). With one instance only (`alone`) its own word is enough.
 *
 * What such a Redis has forgotten of longer ago than the journals remember, each instance knows as far as it was told: what was spent, less what
 * its own journal gives back (`lost`). The largest of these counts as spent, once, beside the records that all of them send again: what the
 * others' journals give back may count twice, but no credit is given twice. */
#ifndef FRUGAL_CORE_LEASE_H
#define FRUGAL_CORE_LEASE_H

#include "core/budget.h"

/* A limit that is none. Numbers above it are not exact in Redis' scripts. */
static const int64_t FR_LIMIT_NONE = INT64_C(9007199254740991);

struct fr_lease_line {
	const char *budget; /* its name */
	fr_wall start;      /* of the window */
	int64_t limit;      /* credits, as configured here; an operator's override in Redis goes before it */
	int64_t outstanding;
	int64_t want; /* more credits, at the most */
	int64_t lost; /* spent credits that Redis had counted and nobody can tell it again */
};

struct fr_lease_ask {
	uint64_t life, number;
	uint64_t healed; /* the run of Redis under which the watermark was confirmed; 0: none */
	bool veteran;    /* has met budgets before, in this life or an earlier one */
	bool alone;
	size_t n;
	struct fr_lease_line lines[FR_BUDGETS_MAX];
};

struct fr_lease_told_line {
	int64_t limit;       /* in force; FR_LIMIT_NONE: an operator has lifted it */
	int64_t granted;     /* may be less than what was wanted, and 0 */
	int64_t spent;       /* in Redis' counter */
	int64_t outstanding; /* of all instances, this one and the grant included */
};

struct fr_lease_told {
	bool known; /* else Redis did not answer: nothing was granted, as far as anybody here knows */
	uint64_t number;
	uint64_t run;     /* which start of Redis this is; not 0 */
	bool settling;    /* nothing is granted yet */
	size_t instances; /* that Redis has heard of lately, at least 1 */
	size_t n;         /* in the order of the question */
	struct fr_lease_told_line lines[FR_BUDGETS_MAX];
};

/* What one batch of records adds to a budget's counter. */
struct fr_spend_line {
	const char *budget;
	fr_wall start;  /* of the window in which the credits were reserved */
	int64_t five;   /* since 1970, in units of five minutes: when; for the history of how fast it is spent */
	fr_ms kept;     /* how long windows of this kind are remembered */
	int64_t closed; /* credits that are no longer outstanding */
	int64_t spent;  /* of them; the rest was not billed */
};

#endif
