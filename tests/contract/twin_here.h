/* twin_here.h — the real twin for tests: a process of its own on a port of the kernel's choice, gone with the test.
 *
 * Nothing here sleeps: a start waits for the twin's own word that it is ready, with a deadline that fails the test. */
#ifndef FRUGAL_TESTS_TWIN_HERE_H
#define FRUGAL_TESTS_TWIN_HERE_H

#include <sys/types.h>

struct twin_here {
	char addr[32]; /* "127.0.0.1:PORT" */
	pid_t pid;
	int output;
};

/* The binary is FRUGAL_BUILD/twin; without that variable, the twin of the build that the test belongs to. No rate limit, no key. */
void twin_here_start(struct twin_here *t);
void twin_here_stop(struct twin_here *t); /* fails the test if its end is not orderly */

#endif
