/* die_at_write.c — preloaded into a daemon: it is killed right before or right after its n-th write to the journal. DIE_AT_WRITE says which,
 * "before:3" or "after:3". The journal alone writes with pwrite(). */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long writes;

static int is_due(const char *when)
{
	const char *at = getenv("DIE_AT_WRITE");
	size_t n = strlen(when);

	return at != NULL && strncmp(at, when, n) == 0 && strtol(at + n, NULL, 10) == writes;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t done;

	writes++;
	if (is_due("before:"))
		kill(getpid(), SIGKILL);
	done = syscall(SYS_pwrite64, fd, bytes, n, at);
	if (is_due("after:"))
		kill(getpid(), SIGKILL);
	return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite(fd, bytes, n, at);
}
