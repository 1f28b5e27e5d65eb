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
#define FR_SECONDS(n) ((fr_ms){ (int64_t)(n) * 1000 })
#define FR_MINUTES(n) FR_SECONDS((int64_t)(n) * 60)
#define FR_HOURS(n) FR_MINUTES((int64_t)(n) * 60)
#define FR_DAYS(n) FR_HOURS((int64_t)(n) * 24)

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
