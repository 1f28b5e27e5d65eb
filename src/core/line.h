/* line.h — what an instance and Redis say to each other about the upstream's limit of calls: one line for all instances.
 *
 * A place in the line is good for FR_LINE_GOOD from the moment of the question; the window is longer by that and by the network's jitter, so that the
 * upstream never sees more than the limit in any window of its own. Urgent calls may take every free place. Paced ones (core/priority.h) only
 * fill each slice of the window up to its share, together with what the urgent ones took there. */
#ifndef FRUGAL_CORE_LINE_H
#define FRUGAL_CORE_LINE_H

#include "frugal/types.h"

static const fr_ms FR_LINE_GOOD = { 1000 };

struct fr_line_ask {
	uint64_t number;
	int64_t calls;         /* places in the window */
	fr_ms window;          /* lengthened */
	fr_ms slice;           /* what a paced call looks back at */
	int64_t slice_calls;   /* places in a slice up to which paced calls may go */
	int64_t urgent, paced; /* places wanted */
};

struct fr_line_told {
	bool known; /* else Redis did not answer */
	uint64_t number;
	int64_t urgent, paced;         /* places given */
	fr_ms wait_urgent, wait_paced; /* until the next one of the kind can be free; 0: one is */
	int64_t used;                  /* places taken in the window, all instances together */
	size_t instances;              /* that took one lately, at least 1 */
};

#endif
