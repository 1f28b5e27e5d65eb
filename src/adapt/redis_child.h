/* redis_child.h — the embedded Redis: a private redis-server in the state directory, kept running.
 *
 * It listens on a unix socket only (state_dir/redis.sock, 0700), writes an append-only file (state_dir/redis/, synced every
 * second) and evicts only what has a time to live: answers and leases, never totals. It is started before the loop runs,
 * watched by SIGCHLD, started again when it ends (100 ms doubling to 10 s), told to end at the stop, when it saves. It dies
 * with the daemon (redis_spawn.h), and two never share a directory (redis_dir.h). What it logs goes to the notes: at debug,
 * its warnings while it serves at warning.
 *
 * The store's connections come and go with it by themselves: nothing here knows of them. */
#ifndef FRUGAL_ADAPT_REDIS_CHILD_H
#define FRUGAL_ADAPT_REDIS_CHILD_H

#include <uv.h>

#include "adapt/redis_note.h"
#include "frugal/err.h"

struct fr_redis_child;

/* Blocks, at most about 20 s: until an earlier server has gone, and until the new one answers (or is still loading its data
 * after 10 s, which is noted). On the main thread, before the loop runs; the loop must not ignore SIGCHLD. Settings and
 * `state_dir` are borrowed for the call, notes (or NULL) are copied. FR_INVALID, FR_TOOBIG: the directory; FR_IO: all else;
 * `why` says what and how to mend it. `*ret` only on FR_OK. */
enum fr_err fr_redis_child_start(uv_loop_t *loop, const struct fr_settings *settings, const char *state_dir,
				 const struct fr_redis_notes *notes, struct fr_redis_child **ret, struct fr_errmsg *why);

const char *fr_redis_child_socket(const struct fr_redis_child *c);
int fr_redis_child_pid(const struct fr_redis_child *c); /* -1 between an end and the next start */

/* Ends it: SIGTERM, after 10 s SIGKILL; blocks for that. The caller's pointer becomes NULL, the memory goes when the loop has
 * turned. */
void fr_redis_child_stop(struct fr_redis_child **taken);

#endif
