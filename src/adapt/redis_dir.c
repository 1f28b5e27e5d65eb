#include "adapt/redis_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/str.h"

enum { TICK_MS = 20, ASKED_TICKS = 250, KILLED_TICKS = 500 }; /* 5 s to end in peace, 10 s in all */

static enum fr_err make_all(const char *path, struct fr_errmsg *why)
{
	char part[FR_PATH_TEXT_MAX];

	for (const char *p = path + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		(void)fr_str_copy(part, sizeof part, (struct fr_str){ path, (size_t)(p - path) });
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return fr_redis_fail(
				why, FR_IO,
				"state_dir %s: %s cannot be created (%s): create it for user %u, or set another state_dir", path,
				part, strerror(errno), (unsigned)geteuid());
		if (*p == '\0')
			return FR_OK;
	}
}

static enum fr_err judge(const char *path, struct fr_errmsg *why)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fr_redis_fail(why, FR_IO, "state_dir %s cannot be used: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return fr_redis_fail(why, FR_INVALID, "state_dir %s is not a directory: remove it, or set another state_dir",
				     path);
	if (st.st_uid != geteuid())
		return fr_redis_fail(
			why, FR_INVALID,
			"state_dir %s belongs to user %u, not to %u that frugald runs as: chown it, or set another state_dir",
			path, (unsigned)st.st_uid, (unsigned)geteuid());
	if ((st.st_mode & 077) != 0)
		return fr_redis_fail(why, FR_INVALID, "state_dir %s is open to other users (mode %04o): chmod 700 %s", path,
				     st.st_mode & 07777u, path);
	if (access(path, R_OK | W_OK | X_OK) != 0)
		return fr_redis_fail(why, FR_IO, "state_dir %s is not writable (%s): chmod 700 it, or set another state_dir",
				     path, strerror(errno));
	return FR_OK;
}

static enum fr_err name_parts(const char *state_dir, struct fr_redis_dir *d, struct fr_errmsg *why)
{
	char *real = realpath(state_dir, NULL);
	bool fits;

	if (real == NULL)
		return fr_redis_fail(why, FR_IO, "state_dir %s cannot be used: %s", state_dir, strerror(errno));
	fits = fr_str_copy(d->path, sizeof d->path - 16, fr_str_of(real));
	free(real);
	for (const char *p = d->path; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20)
			return fr_redis_fail(why, FR_INVALID, "state_dir: holds a control character");
	if (!fits || snprintf(d->socket, sizeof d->socket, "%s/redis.sock", d->path) >= (int)sizeof d->socket)
		return fr_redis_fail(why, FR_TOOBIG,
				     "state_dir %s is too long: a socket's path has at most %d bytes: set a shorter state_dir",
				     state_dir, FR_UNIX_PATH_MAX);
	(void)snprintf(d->data, sizeof d->data, "%s/redis", d->path);
	return FR_OK;
}

static int open_lock(const char *dir, const char *name)
{
	char path[FR_PATH_TEXT_MAX + 16];
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int was = errno;

		(void)close(fd);
		errno = was;
		return -1;
	}
	return fd;
}

enum fr_err fr_redis_dir_make(const char *state_dir, struct fr_errmsg *why)
{
	enum fr_err e;

	if (state_dir[0] == '\0' || strlen(state_dir) >= FR_PATH_TEXT_MAX - 16)
		return fr_redis_fail(why, FR_INVALID, "state_dir: is empty or longer than %d bytes", FR_PATH_TEXT_MAX - 17);
	e = make_all(state_dir, why);
	return e == FR_OK ? judge(state_dir, why) : e;
}

enum fr_err fr_redis_dir_open(const char *state_dir, struct fr_redis_dir *ret, struct fr_errmsg *why)
{
	struct fr_redis_dir d;
	enum fr_err e = fr_redis_dir_make(state_dir, why);

	if (e == FR_OK)
		e = name_parts(state_dir, &d, why);
	if (e != FR_OK)
		return e;
	if (mkdir(d.data, 0700) != 0 && errno != EEXIST)
		return fr_redis_fail(why, FR_IO, "state_dir: %s cannot be created: %s", d.data, strerror(errno));
	d.lock = open_lock(d.path, "lock");
	if (d.lock < 0 && errno == EWOULDBLOCK)
		return fr_redis_fail(
			why, FR_IO, "state_dir %s is in use by another frugald: stop that one, or set another state_dir", d.path);
	if (d.lock < 0)
		return fr_redis_fail(why, FR_IO, "state_dir %s: the file lock cannot be locked: %s", d.path, strerror(errno));
	*ret = d;
	return FR_OK;
}

void fr_redis_dir_close(struct fr_redis_dir *d)
{
	(void)close(d->lock);
	d->lock = -1;
}

int fr_redis_dir_server_lock(const struct fr_redis_dir *d)
{
	return open_lock(d->path, "redis.lock");
}

/* Connects to whoever listens on the socket; NULL if nobody does. */
static redisContext *connect_to(const struct fr_redis_dir *d)
{
	redisContext *c = redisConnectUnixWithTimeout(d->socket, (struct timeval){ 0, 200 * 1000 });

	if (c != NULL && c->err == 0)
		return c;
	if (c != NULL)
		redisFree(c);
	return NULL;
}

/* Asks, waking it if it is frozen; or kills. The kernel knows the process that made the socket listen. */
static void end_it(redisContext *c, bool kill_it)
{
	struct ucred who;
	socklen_t n = sizeof who;

	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && who.pid > 1)
		(void)kill(who.pid, kill_it ? SIGKILL : SIGCONT);
	if (kill_it)
		return;
	(void)redisSetTimeout(c, (struct timeval){ 0, 200 * 1000 });
	freeReplyObject(redisCommand(c, "SHUTDOWN"));
}

static bool gone(const struct fr_redis_dir *d, redisContext *c)
{
	int lock = c == NULL ? fr_redis_dir_server_lock(d) : -1;

	if (lock < 0)
		return false;
	(void)close(lock);
	return true;
}

enum fr_err fr_redis_dir_evict(const struct fr_redis_dir *d, const struct fr_redis_notes *notes, struct fr_errmsg *why)
{
	for (int tick = 0; tick < KILLED_TICKS; tick++) {
		redisContext *c = connect_to(d);
		bool done = gone(d, c);

		if (c != NULL && (tick == 0 || tick == ASKED_TICKS))
			end_it(c, tick == ASKED_TICKS);
		if (c != NULL)
			redisFree(c);
		if (done)
			return FR_OK;
		if (tick == 0)
			fr_redis_note(notes, FR_LOG_WARNING,
				      "a redis-server of an earlier life still uses %s; waiting for its end", d->path);
		(void)poll(NULL, 0, TICK_MS);
	}
	return fr_redis_fail(why, FR_IO,
			     "a redis-server of an earlier life still uses %s and does not end: kill it, then start again",
			     d->path);
}
