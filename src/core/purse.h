/* purse.h — one budget as one instance sees it: credits it holds, has promised and has spent, and what Redis said last.
 *
 * A credit is leased from Redis and held; a flight that wants to call takes it (queued); when the call leaves, it is called; when the outcome is known
 * and Redis has it among its records, it is the purse's no more. What was not billed, and what a flight did not need, is held again. So
 *     outstanding = held + queued + called
 * is what Redis must count as used beside its own counter, and nothing is ever spent that was not leased. What is held and not needed goes back, so
 * that other instances can spend it.
 *
 * A purse is about one window at a time. When it ends, what is held and queued is void; calls on their way belong to the old window and are
 * none of the new one's business. Pure: the engine asks Redis and moves flights. */
#ifndef FRUGAL_CORE_PURSE_H
#define FRUGAL_CORE_PURSE_H

#include "core/lease.h"

enum { FR_PURSE_LEASE_MAX = 256 }; /* credits held beyond what is needed at once */

struct fr_purse {
	struct fr_window window; /* empty: none yet */
	int64_t held, queued, called;
	int64_t taken; /* credits since fr_purse_tick(): how fast they go */
	bool known;    /* Redis has spoken about this window; the following is what it said */
	bool settling;
	fr_ms told_at, since;              /* Redis' last word; and since when the state is what it is */
	int64_t limit, spent, outstanding; /* outstanding: of all instances */
	int64_t most;                      /* that it ever had spent */
	int64_t lost;                      /* of that, and no record of here gives it back */
};

enum fr_purse_state {
	FR_PURSE_OPEN,    /* there may be credits */
	FR_PURSE_SCARCE,  /* the last ones are leased or on their way: they may come back */
	FR_PURSE_EMPTY,   /* all are spent */
	FR_PURSE_SETTLING /* Redis grants nothing for a moment */
};

int64_t fr_purse_outstanding(const struct fr_purse *p);
/* A new window, of which so many credits are called already (fr_ledger_owed). `limit`: as configured, until Redis says otherwise. */
void fr_purse_begin(struct fr_purse *p, struct fr_window w, int64_t limit, int64_t called);
bool fr_purse_in(const struct fr_purse *p, fr_wall at); /* the moment lies in its window */

bool fr_purse_take(struct fr_purse *p, int64_t price); /* held -> queued; false: not enough held */
void fr_purse_put_back(struct fr_purse *p, int64_t price);
void fr_purse_call(struct fr_purse *p, int64_t price); /* queued -> called */
/* An outcome. What was not billed is held again, as far as the limit allows it that was told last: before anything was told about these terms,
 * nothing. True if some of it has to go back instead. A price that was raised meanwhile was not leased, and is owed all the same. */
bool fr_purse_close(struct fr_purse *p, int64_t price, int64_t credits);
void fr_purse_applied(struct fr_purse *p, int64_t credits); /* Redis has counted them */
/* Redis does not have what was thought: so many credits are called, as the records say. `wiped`: it has nothing at all. */
void fr_purse_recount(struct fr_purse *p, int64_t called, bool wiped);

/* What to ask Redis for, with `need` credits wanted at once: those, and as many again as went lately. */
int64_t fr_purse_want(const struct fr_purse *p, int64_t need);
/* A new stretch of time: nothing was taken in it yet. */
void fr_purse_tick(struct fr_purse *p);
/* Gives up what is held beyond what went lately and what is needed at once. True if there was such. */
bool fr_purse_settle(struct fr_purse *p, int64_t need);
/* True if credits have to go back: an operator has lowered the limit. */
bool fr_purse_told(struct fr_purse *p, const struct fr_lease_told_line *line, bool settling, fr_ms now);

enum fr_purse_state fr_purse_state(const struct fr_purse *p);
/* Credits spent, called and promised by anybody, but not what this instance only holds. */
int64_t fr_purse_used(const struct fr_purse *p);
/* Used of the limit in thousandths. 1000 is used up; a limit of 0 always is. */
int64_t fr_purse_permille(const struct fr_purse *p);
int64_t fr_purse_left(const struct fr_purse *p); /* of the limit, counted the same way; not below 0 */

#endif
