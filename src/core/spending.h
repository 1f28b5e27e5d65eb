/* spending.h — what Redis keeps about one budget, read: a window's figures, an operator's limit, and how fast was spent lately.
 *
 * In Redis a budget is one hash for all instances and all its windows (adapt/store.h has its fields). It is read whole, field by
 * field, into the figures of the one window that is asked about. What was spent is kept by the hour for eight days and by five
 * minutes for two hours, whatever the window, so that a forecast has a habit to go by. Pure: a field in, a figure out. */
#ifndef FRUGAL_CORE_SPENDING_H
#define FRUGAL_CORE_SPENDING_H

#include "core/lease.h"

enum { FR_SPENDING_HOURS = 8 * 24, FR_SPENDING_FIVES = 24, FR_FIVE_MS = 5 * 60 * 1000, FR_FIVES_AN_HOUR = 12 };

struct fr_spending {
	bool known;          /* else Redis did not answer, and the rest says nothing */
	fr_wall start;       /* of the window that was asked about */
	fr_wall at;          /* the moment from which the history below is told */
	int64_t spent;       /* in the window, by all instances, as far as Redis has their records */
	int64_t outstanding; /* of all instances: granted, and not yet among Redis' records */
	bool overridden;
	int64_t limit;                    /* if overridden: goes before the configuration's; FR_LIMIT_NONE: there is none */
	int64_t hours[FR_SPENDING_HOURS]; /* credits spent: [0] in the UTC hour of `at`, [1] in the one before it, and so on */
	int64_t fives[FR_SPENDING_FIVES]; /* the same in units of five minutes */
};

void fr_spending_init(struct fr_spending *s, fr_wall start, fr_wall at);
/* A field and its value. What is about another window, too old, or of somebody else is left alone; what an instance whose clock is
 * ahead has spent later than `at` counts as spent now. */
void fr_spending_read(struct fr_spending *s, struct fr_str field, struct fr_str value);
/* "none", or credits: digits only, at most FR_LIMIT_NONE. */
bool fr_spending_limit(struct fr_str text, int64_t *ret);

#endif
