#include "core/flight.h"

#include "base/assert.h"
#include "base/pure.h"

#define TO(s) (1u << FR_FLIGHT_##s)

static const struct {
	const char *name;
	unsigned may_go;
} states[FR_FLIGHT_STATES] = {
	[FR_FLIGHT_ALIAS] = { "alias", TO(LOOKUP) | TO(ENDED) },
	[FR_FLIGHT_LOOKUP] = { "lookup", TO(PIECE) | TO(CLAIM) | TO(ADMIT) | TO(HELD) | TO(ENDED) },
	[FR_FLIGHT_PIECE] = { "piece", TO(CLAIM) | TO(ADMIT) | TO(ENDED) },
	[FR_FLIGHT_CLAIM] = { "claim", TO(PEER) | TO(ADMIT) | TO(HELD) | TO(ENDED) },
	[FR_FLIGHT_PEER] = { "peer", TO(LOOKUP) | TO(HELD) | TO(ENDED) },
	[FR_FLIGHT_ADMIT] = { "admit", TO(FETCH) | TO(HELD) | TO(ENDED) },
	[FR_FLIGHT_FETCH] = { "fetch", TO(HELD) | TO(ENDED) },
	[FR_FLIGHT_HELD] = { "held", TO(ENDED) },
	[FR_FLIGHT_ENDED] = { "ended", 0 },
};

bool fr_flight_may(enum fr_flight_state from, enum fr_flight_state to)
{
	FR_ASSERT(from < FR_FLIGHT_STATES && to < FR_FLIGHT_STATES);
	return (states[from].may_go & (1u << to)) != 0;
}

const char *fr_flight_state_name(enum fr_flight_state s)
{
	FR_ASSERT(s < FR_FLIGHT_STATES);
	return states[s].name;
}
