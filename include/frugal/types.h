/* types.h — units are types.
 *
 * A length of time, a moment and an amount of credits cannot be mixed up by accident: each is a struct of its own.
 * fr_ms is a monotonic moment or a length, in milliseconds; fr_wall is a moment of the wall clock, in milliseconds
 * since 1970. Ages and expiries that outlive a process use fr_wall, deadlines use fr_ms. */
#ifndef FRUGAL_TYPES_H
#define FRUGAL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	int64_t v;
} fr_ms;

typedef struct {
	int64_t v;
} fr_wall;

typedef struct {
	int64_t v;
} fr_credits;

#define FR_MS(n) ((fr_ms){ (n) })
#define FR_SECONDS(n) ((fr_ms){ 1000 * (int64_t)(n) })
#define FR_MINUTES(n) FR_SECONDS(60 * (int64_t)(n))
#define FR_HOURS(n) FR_MINUTES(60 * (int64_t)(n))
#define FR_DAYS(n) FR_HOURS(24 * (int64_t)(n))

/* The hash of a question's canonical text: what memory, flights and Redis find it by. All zero means none. */
struct fr_key {
	uint64_t hi, lo;
};

/* A borrowed stretch of bytes; not terminated. */
struct fr_str {
	const char *p;
	size_t n;
};

#endif
