/* line.h — what an instance and Redis say to each other about the upstream's limit of calls: one line for all instances.
 *
 * A place in the line is good for a while (fr_line_good) from the moment of the question; the window is longer by that and by the network's jitter, so that the
 * upstream never sees more than the limit in any window of its own. Urgent calls may take every free place. Paced ones (core/priority.h) only
 * fill each slice of the window up to its share, together with what the urgent ones took there.
 *
 * One question at a time, and only without a place at hand. While Redis does not answer each instance goes by its own share of the limit: what the
 * last answer left free, divided by the instances it knew of, until what it knew of has left the window; then the limit divided by them. When Redis
 * is back it does not know of those calls. If they were few, as many places of all instances are left out; after a longer absence, in which all
 * instances went by their shares, they keep to them for another window. */
#ifndef FRUGAL_CORE_LINE_H
#define FRUGAL_CORE_LINE_H

#include "core/limiter.h"
#include "frugal/types.h"

struct fr_line_ask {
	uint64_t number;
	int64_t calls;         /* places in the window */
	fr_ms window;          /* lengthened */
	fr_ms slice;           /* what a paced call looks back at */
	int64_t slice_calls;   /* places in a slice up to which paced calls may go */
	int64_t urgent, paced; /* places wanted; none of either: a question only */
};

struct fr_line_told {
	bool known; /* else Redis did not answer */
	uint64_t number;
	int64_t urgent, paced;         /* places given */
	fr_ms wait_urgent, wait_paced; /* until the next one of the kind can be free; 0: one is */
	int64_t used;                  /* places taken in the window, all instances together */
	size_t instances;              /* that took one lately, at least 1 */
};

/* Calls that wait for a place. */
struct fr_line_wants {
	int64_t urgent, paced;
};

/* What an instance knows of the line. */
struct fr_line {
	int64_t calls;
	fr_ms window;   /* the upstream's */
	fr_ms patience; /* a Redis that is away is asked again after */

	uint64_t number; /* of the last question */
	bool asking;     /* it has no answer yet */
	fr_ms asked;
	struct fr_line_wants wanted;

	int64_t places; /* at hand */
	fr_ms good_until;
	fr_ms urgent_from, paced_from; /* no place is free before, by the last answer */

	bool away;
	fr_ms heard;  /* the last answer; v < 0: none yet */
	int64_t used; /* in its words */
	int64_t instances; /* the most in the words of a window, at least 1: who asks for nothing is soon forgotten by Redis, and comes back */
	fr_ms instances_until;
	int64_t alone;             /* calls since then without a place */
	struct fr_limiter *untold; /* all calls without a place: Redis will never know of them */
	fr_ms apart_until;         /* back again, but there are so many of these that the share still holds */
};

fr_ms fr_line_good(fr_ms window); /* a second where the upstream's window is a minute, less where it is shorter */

/* calls >= 1 in `window`, the upstream's. */
void fr_line_init(struct fr_line *l, int64_t calls, fr_ms window, fr_ms patience);
void fr_line_free(struct fr_line *l); /* what it holds; harmless if it was never set up, but cleared */

/* A question whose answer is overdue, though the port had promised one, counts as not answered. */
void fr_line_give_up(struct fr_line *l, fr_ms now);
/* When the next question is due if these wait, or an answer is overdue; INT64_MAX: a place is at hand, or nobody waits. A Redis that is away is asked
 * whoever waits: nobody has to, since calls go by the share. */
fr_ms fr_line_ask_at(const struct fr_line *l, fr_ms now, struct fr_line_wants w);
/* It is on its way; not while another is. `log`: all calls of this instance, here and below. */
void fr_line_ask(struct fr_line *l, fr_ms now, struct fr_line_wants w, const struct fr_limiter *log, struct fr_line_ask *ret);
/* False: the answer to another question than the last; it changes nothing. */
bool fr_line_told(struct fr_line *l, fr_ms now, const struct fr_line_told *told);

/* When a call may leave: now, with a place or within this instance's share; later; or INT64_MAX, when only an answer can tell. */
fr_ms fr_line_next(const struct fr_line *l, fr_ms now, bool paced, const struct fr_limiter *log);
void fr_line_took(struct fr_line *l, fr_ms now); /* it leaves */

/* Places taken by all instances, as last heard; below 0: not known any more. */
int64_t fr_line_used(const struct fr_line *l, fr_ms now);

#endif
