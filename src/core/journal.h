/* journal.h — the journal's records as bytes: what was about to be spent, and what became of it.
 *
 * A record is written before a call's first byte leaves (OPEN) and one when its outcome is known (CLOSE); every file begins with one that
 * says whose journal it is (HEAD), every life of the process with one that costs nothing (LIFE): its number is greater than all that an earlier
 * life could have said. Rows, tenants, reasons and verdicts are written by name, so that a journal outlives a changed configuration and a
 * newer program.
 *
 * Layout, little-endian: "FJ", version, kind, length (2) of the whole record; seq, call, at, day, credits, instance (8 each); flags (1);
 * reason and verdict (each 1 and its bytes); path (2 and its bytes); since version 2 opened (8), tenant and class of work (each 1 and its bytes);
 * SipHash-64 of all before it (8). */
#ifndef FRUGAL_CORE_JOURNAL_H
#define FRUGAL_CORE_JOURNAL_H

#include "core/tally.h"
#include "frugal/limits.h"
#include "frugal/types.h"

enum { FR_JOURNAL_RECORD_MAX = FR_PATH_TEXT_MAX + FR_NAME_MAX + 256, FR_JOURNAL_VERSION = 2 };

enum fr_journal_kind { FR_JOURNAL_HEAD = 1, FR_JOURNAL_OPEN, FR_JOURNAL_CLOSE, FR_JOURNAL_LIFE };

struct fr_journal_record {
	enum fr_journal_kind kind;
	uint64_t seq;      /* counts the instance's records, without a gap; of a HEAD: of the file's first record */
	uint64_t call;     /* CLOSE: the seq of its OPEN */
	uint64_t instance; /* HEAD */
	fr_wall at;
	fr_wall opened; /* OPEN, CLOSE: when the call left; which windows of budgets it falls into */
	int64_t day;    /* since 1970, UTC: where the credits count */
	enum fr_reason reason;
	enum fr_verdict verdict; /* CLOSE */
	int64_t credits;         /* OPEN: what the call may cost; CLOSE: what it did */
	bool uncertain;          /* nobody knows the bill: `credits` is the most it can be */
	enum fr_priority priority;
	struct fr_str path;   /* the row's; when read, this and the next are borrowed from the bytes */
	struct fr_str tenant; /* empty: nobody in particular */
};

/* Bytes written, at the most FR_JOURNAL_RECORD_MAX. */
size_t fr_journal_put(const struct fr_journal_record *r, char ret[FR_JOURNAL_RECORD_MAX]);

/* A journal's bytes, read from the front. */
struct fr_journal_eye {
	struct fr_str all;
	size_t at;      /* behind the last whole record: what follows it at the end is torn */
	size_t damaged; /* stretches that do not check, with a whole record behind them */
};

/* The next whole record. What does not check is skipped if a whole record follows; else reading ends there: false. */
bool fr_journal_next(struct fr_journal_eye *eye, struct fr_journal_record *ret);

#endif
