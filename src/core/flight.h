/* flight.h — the life of one upstream question, as a table of allowed moves.
 *
 *   ALIAS    asks the store which post a short link stands for
 *   LOOKUP   asks the store for the answer
 *   PIECE    asks the store for what other answers told of the thing that is asked about
 *   CLAIM    takes the question's lease among all instances
 *   PEER     another instance holds the lease: waits for its outcome
 *   ADMIT    waits for the per-minute limit and a free place upstream
 *   FETCH    the call is on its way; nothing cancels it
 *   HELD     ended without an answer that may be stored: the outcome is shared with all who ask a moment longer
 *   ENDED    nobody waits, nothing is left
 *
 * A flight calls at most once, and only from ADMIT. */
#ifndef FRUGAL_CORE_FLIGHT_H
#define FRUGAL_CORE_FLIGHT_H

#include "frugal/types.h"

enum fr_flight_state {
	FR_FLIGHT_ALIAS,
	FR_FLIGHT_LOOKUP,
	FR_FLIGHT_PIECE,
	FR_FLIGHT_CLAIM,
	FR_FLIGHT_PEER,
	FR_FLIGHT_ADMIT,
	FR_FLIGHT_FETCH,
	FR_FLIGHT_HELD,
	FR_FLIGHT_ENDED,
	FR_FLIGHT_STATES
};

bool fr_flight_may(enum fr_flight_state from, enum fr_flight_state to);
const char *fr_flight_state_name(enum fr_flight_state s);

#endif
