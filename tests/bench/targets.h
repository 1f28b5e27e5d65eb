/* targets.h — what the load generator asks for: requests that are written once and sent often. */
#ifndef FRUGAL_TESTS_BENCH_TARGETS_H
#define FRUGAL_TESTS_BENCH_TARGETS_H

#include <stddef.h>

struct target {
	char *request;
	size_t n;
	size_t length; /* of the body; 0: not known yet */
};

struct targets {
	const char *host, *fields; /* of each request; `fields` in addition to what is sent anyway, lines with their ends */
	size_t n;
	struct target *at;
};

/* Ends the program: says what has failed. */
void fail(const char *what, const char *detail) __attribute__((noreturn));

/* A '#' in the path stands for many: it is replaced by the numbers from 1 to `copies`. */
void targets_add(struct targets *t, const char *path, size_t copies);
/* One path in each line of a file. */
void targets_read(struct targets *t, const char *file);

#endif
