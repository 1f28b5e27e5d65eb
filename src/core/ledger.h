/* ledger.h — the journal's records that still matter, in memory: which of them Redis has, and what is to be sent next.
 *
 * Records are numbered without a gap, whoever made them: this life or one before it. Redis keeps one number for this instance, its
 * watermark w: all records up to w are in its counters. A batch (from..to) may be applied only on w == from - 1, so it counts once however
 * often it is sent; if Redis has lost what it had, w says so and sending goes on from there. Therefore records stay here for a while after
 * they were applied.
 *
 * A record may be here and not yet in the journal (a full disk): it is not sent before it is written, so that Redis never knows more than
 * the next life of this instance will. Pure: the engine decides when, the ports write and send. */
#ifndef FRUGAL_CORE_LEDGER_H
#define FRUGAL_CORE_LEDGER_H

#include "core/journal.h"
#include "core/lease.h"

enum {
	FR_LEDGER_BATCH_MAX = 4096, /* records in one batch */
	FR_LEDGER_GAP_MAX = 65536   /* numbers without a record that are still counted as damage, not as a new beginning */
};

struct fr_ledger;

/* A record, without its number; the path is the row's. */
struct fr_ledger_entry {
	fr_wall at, opened; /* OPEN: the same; CLOSE: when its call left */
	fr_ms since;        /* this process has it, or Redis has; unlike the calendar, this clock is never set */
	uint64_t call;
	int64_t credits;
	int32_t day;
	uint16_t row, tenant;
	uint8_t kind; /* enum fr_journal_kind; 0: a number without a record */
	uint8_t reason, verdict, priority;
	bool uncertain;
	bool settled; /* an OPEN whose CLOSE is here, too */
};

struct fr_ledger_batch {
	uint64_t from, to; /* to < from: nothing to apply, a question for the watermark */
	bool base;         /* nothing before `from` can be sent any more: apply it on any lower watermark */
	struct fr_totals delta;
	size_t n_lines;
	struct fr_spend_line lines[FR_SPEND_LINES_MAX]; /* what the batch adds to budgets, in the same step */
};

struct fr_ledger *fr_ledger_new(void);
void fr_ledger_free(struct fr_ledger *l);

/* A record that was read from the journal; in their order. A HEAD only says the number of the next. Numbers that were there already are ignored. */
void fr_ledger_restore(struct fr_ledger *l, uint64_t seq, const struct fr_ledger_entry *entry);
/* All was restored: taken to be applied until Redis says otherwise. */
void fr_ledger_restored(struct fr_ledger *l);
/* The first OPEN from number `from` on that has no CLOSE; 0: none. */
uint64_t fr_ledger_unsettled(const struct fr_ledger *l, uint64_t from);

/* A new record: returns its number. Not when full. */
uint64_t fr_ledger_add(struct fr_ledger *l, const struct fr_ledger_entry *entry);
void fr_ledger_take_back(struct fr_ledger *l);  /* the last one, which was not written */
bool fr_ledger_full(const struct fr_ledger *l); /* FR_LEDGER_RECORDS_MAX records that Redis does not have */
const struct fr_ledger_entry *fr_ledger_at(const struct fr_ledger *l, uint64_t seq); /* NULL: not here */
uint64_t fr_ledger_unwritten(const struct fr_ledger *l); /* the first that is not in the journal; 0: none */
void fr_ledger_wrote(struct fr_ledger *l, uint64_t seq); /* it is now, and all before it */

/* The next batch, of one day; or the question. What it adds to `budgets` is in its lines, whose names are borrowed from there. */
void fr_ledger_batch(const struct fr_ledger *l, const struct fr_budgets *budgets, struct fr_ledger_batch *ret);
/* What Redis says. Returns how many records that it had are to be sent again; `ret_lost`: how many it will never get. */
uint64_t fr_ledger_watermark(struct fr_ledger *l, uint64_t w, fr_ms now, uint64_t *ret_lost);
/* Credits of calls that a budget's window has to answer for and Redis' counter does not have: on their way, or closed and not applied. */
int64_t fr_ledger_owed(const struct fr_ledger *l, const struct fr_budget *b, struct fr_window w);
uint64_t fr_ledger_applied(const struct fr_ledger *l); /* the last record that Redis has, as far as is known */
bool fr_ledger_known(const struct fr_ledger *l);       /* Redis has said its watermark once */
uint64_t fr_ledger_lag(const struct fr_ledger *l);     /* records that Redis does not have */
/* Adds what Redis does not have to `days`, matched by day. */
void fr_ledger_pending(const struct fr_ledger *l, struct fr_totals *days, size_t n);
/* Forgets what Redis has and is here since before `before`, but no call without an outcome in the journal. Returns the last number that is no longer needed. */
uint64_t fr_ledger_trim(struct fr_ledger *l, fr_ms before);

#endif
