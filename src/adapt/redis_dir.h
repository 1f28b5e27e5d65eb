/* redis_dir.h — the state directory: who may use it, and that only one does.
 *
 * Two locks keep two servers from writing one append-only file. `lock` is held by the daemon for its life: a second daemon on
 * the same directory is told so. `redis.lock` is opened anew for each redis-server and inherited by it: it is held exactly as
 * long as that server lives, also when its daemon was killed and could not end it. */
#ifndef FRUGAL_ADAPT_REDIS_DIR_H
#define FRUGAL_ADAPT_REDIS_DIR_H

#include "adapt/redis_note.h"
#include "adapt/store_address.h"
#include "frugal/err.h"

struct fr_redis_dir {
	char path[FR_PATH_TEXT_MAX];     /* absolute */
	char data[FR_PATH_TEXT_MAX + 8]; /* where the append-only file lives */
	char socket[FR_UNIX_PATH_MAX + 1];
	int lock;
};

/* Creates a state directory (0700, with its parents) or checks it: ours, closed to others, writable. */
enum fr_err fr_redis_dir_make(const char *state_dir, struct fr_errmsg *why);

/* Creates the directory (0700, with its parents) or checks it: ours, closed to others, writable; then locks it. FR_INVALID,
 * FR_TOOBIG (the socket's path), FR_IO; `why` says how to mend it. `*ret` only on FR_OK. */
enum fr_err fr_redis_dir_open(const char *state_dir, struct fr_redis_dir *ret, struct fr_errmsg *why);
void fr_redis_dir_close(struct fr_redis_dir *d);

/* The lock for a new server, to be inherited by it and closed here; -1: a server still lives, or the file cannot be opened. */
int fr_redis_dir_server_lock(const struct fr_redis_dir *d);

/* Waits until no server of an earlier life is left: asks it to end (it saves), kills it when it does not; blocks at most about
 * 10 s. */
enum fr_err fr_redis_dir_evict(const struct fr_redis_dir *d, const struct fr_redis_notes *notes, struct fr_errmsg *why);

#endif
