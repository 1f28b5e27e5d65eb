/* latency.h — how long answers took: a histogram with 64 cells for each doubling, so that no figure is off by more than 1.6 %. */
#ifndef FRUGAL_TESTS_BENCH_LATENCY_H
#define FRUGAL_TESTS_BENCH_LATENCY_H

#include <stdint.h>

enum { LATENCY_FINE = 64, LATENCY_CELLS = 40 * LATENCY_FINE };

struct latency {
	uint64_t n, most_ns, cells[LATENCY_CELLS];
};

void latency_add(struct latency *l, uint64_t ns);
/* The time within which so many of a thousand answers came, in microseconds; 0 if there were none. */
double latency_us(const struct latency *l, unsigned permille);

#endif
