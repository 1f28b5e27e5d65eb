/* redis_spawn.h — starts a redis-server as a child that dies with us.
 *
 * By hand and not by uv_spawn(), for one line between fork and exec: PR_SET_PDEATHSIG, so that a daemon that was killed leaves
 * no server behind. The child is in a session of its own (a Ctrl-C is for the daemon, which ends the server last), has no
 * environment but PATH, no open files but its own, and reads its configuration from stdin, so that nothing of it shows in a
 * list of processes. */
#ifndef FRUGAL_ADAPT_REDIS_SPAWN_H
#define FRUGAL_ADAPT_REDIS_SPAWN_H

#include <sys/types.h>

#include "frugal/err.h"
#include "frugal/types.h"

struct fr_redis_process {
	pid_t pid;
	int output; /* stdout and stderr, non-blocking; the caller closes it */
};

/* `config` (shorter than a pipe is long: 4096) is the server's configuration; `lock` is inherited, and stays the caller's to
 * close. The calling thread must outlive the child. FR_ABSENT: no such program; FR_IO. `*ret` only on FR_OK. */
enum fr_err fr_redis_spawn(const char *program, struct fr_str config, int lock, struct fr_redis_process *ret,
			   struct fr_errmsg *why);

/* Waits up to `patience` for the end of a child, then takes its status and kills what is left of its process group (a rewrite
 * under way). FR_ABSENT: it still runs. */
enum fr_err fr_redis_reap(pid_t pid, fr_ms patience, int *ret_status);

#endif
