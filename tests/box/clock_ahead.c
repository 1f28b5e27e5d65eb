/* clock_ahead.c — preloaded into a daemon: its wall clock is ahead by CLOCK_AHEAD_S seconds. Nothing else changes. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	const char *ahead = getenv("CLOCK_AHEAD_S");
	int r = (int)syscall(SYS_clock_gettime, clock, ret);

	if (r == 0 && clock == CLOCK_REALTIME && ahead != NULL)
		ret->tv_sec += strtol(ahead, NULL, 10);
	return r;
}
