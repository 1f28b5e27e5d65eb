#include "bench/latency.h"

/* Below LATENCY_FINE every number has a cell of its own; above, each doubling has LATENCY_FINE of them. */
static unsigned cell_of(uint64_t ns)
{
	unsigned doublings;

	if (ns < LATENCY_FINE)
		return (unsigned)ns;
	doublings = 63u - 6u - (unsigned)__builtin_clzll(ns);
	return LATENCY_FINE * doublings + (unsigned)(ns >> doublings);
}

static uint64_t end_of(unsigned cell)
{
	unsigned doublings = cell < LATENCY_FINE ? 0 : cell / LATENCY_FINE - 1;

	return ((uint64_t)(cell - LATENCY_FINE * doublings) + 1) << doublings;
}

void latency_add(struct latency *l, uint64_t ns)
{
	unsigned cell = cell_of(ns);

	l->cells[cell < LATENCY_CELLS ? cell : LATENCY_CELLS - 1]++;
	l->n++;
	if (ns > l->most_ns)
		l->most_ns = ns;
}

double latency_us(const struct latency *l, unsigned permille)
{
	uint64_t wanted = (l->n * permille + 999) / 1000, seen = 0;

	for (unsigned i = 0; i < LATENCY_CELLS && l->n > 0; i++) {
		seen += l->cells[i];
		if (seen >= wanted)
			return (double)end_of(i) / 1000;
	}
	return 0;
}
