#include "adapt/journal_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/redis_dir.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { NAME_DIGITS = 16, PATH_BYTES = FR_PATH_TEXT_MAX + 64, READ_MAX = 2 * FR_JOURNAL_FILE_BYTES };

static const char suffix[] = ".frj";

struct fr_journal_file {
	struct fr_redis_notes notes;
	char dir[FR_PATH_TEXT_MAX + 16];
	int lock, dir_fd;
	enum fr_sync sync;
	uint64_t instance;
	uint64_t first[FR_JOURNAL_FILES_MAX]; /* of each file, oldest first */
	size_t n;
	int fd;    /* the newest, or -1 */
	off_t end; /* of its whole records */
	bool failing;
};

static void path_of(const struct fr_journal_file *j, uint64_t first, char ret[PATH_BYTES])
{
	(void)snprintf(ret, PATH_BYTES, "%s/%016" PRIx64 "%s", j->dir, first, suffix);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool read_whole(const struct fr_journal_file *j, uint64_t first, char *bytes, size_t *ret_n)
{
	char path[PATH_BYTES];
	ssize_t got = 0;
	int fd;

	path_of(j, first, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	*ret_n = 0;
	while (*ret_n < READ_MAX && ((got = read(fd, bytes + *ret_n, READ_MAX - *ret_n)) > 0 || (got < 0 && errno == EINTR)))
		*ret_n += got > 0 ? (size_t)got : 0;
	(void)close(fd);
	return got >= 0;
}

size_t fr_journal_file_read(struct fr_journal_file *j, void (*each)(void *ctx, const struct fr_journal_record *r), void *ctx)
{
	char *bytes = fr_alloc(READ_MAX);
	size_t damaged = 0, n = 0;

	for (size_t i = 0; i < j->n; i++) {
		struct fr_journal_eye eye = { .at = 0 };
		struct fr_journal_record r;

		if (!read_whole(j, j->first[i], bytes, &n)) {
			damaged++;
			continue;
		}
		eye.all = (struct fr_str){ bytes, n };
		while (fr_journal_next(&eye, &r))
			if (r.instance == j->instance)
				each(ctx, &r);
		damaged += eye.damaged + (eye.at < n && i + 1 < j->n);
	}
	free(bytes);
	return damaged;
}

uint64_t fr_journal_file_instance(const struct fr_journal_file *j)
{
	return j->instance;
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static enum fr_err list_files(struct fr_journal_file *j, struct fr_errmsg *why)
{
	DIR *dir = opendir(j->dir);
	const struct dirent *entry;
	uint64_t first;

	if (dir == NULL)
		return fr_redis_fail(why, FR_IO, "the journal %s cannot be read: %s", j->dir, strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		struct fr_str name = fr_str_of(entry->d_name);

		if (name.n != NAME_DIGITS + sizeof suffix - 1 || !fr_str_ends(name, suffix) ||
		    !fr_str_hex_to_u64((struct fr_str){ name.p, NAME_DIGITS }, &first))
			continue;
		if (j->n == FR_JOURNAL_FILES_MAX) {
			(void)closedir(dir);
			return fr_redis_fail(why, FR_INVALID, "the journal %s has more than %d files", j->dir,
					     FR_JOURNAL_FILES_MAX);
		}
		j->first[j->n++] = first;
	}
	(void)closedir(dir);
	qsort(j->first, j->n, sizeof j->first[0], by_number);
	return FR_OK;
}

/* Where the newest file's whole records end, and whose they are. False: it holds none. */
static bool look_into(struct fr_journal_file *j, uint64_t first, char *bytes, struct fr_errmsg *why, enum fr_err *ret)
{
	struct fr_journal_eye eye = { .at = 0 };
	struct fr_journal_record r;
	size_t n;

	*ret = FR_OK;
	if (!read_whole(j, first, bytes, &n)) {
		*ret = fr_redis_fail(why, FR_IO, "the journal's file %s/%016" PRIx64 "%s cannot be read: %s", j->dir, first,
				     suffix, strerror(errno));
		return false;
	}
	eye.all = (struct fr_str){ bytes, n };
	while (fr_journal_next(&eye, &r))
		j->instance = r.instance;
	j->end = (off_t)eye.at;
	return eye.at > 0;
}

/* A file without a whole record was being made when the process died: it goes. */
static enum fr_err take_over_newest(struct fr_journal_file *j, struct fr_errmsg *why)
{
	char *bytes = fr_alloc(READ_MAX), path[PATH_BYTES];
	enum fr_err e = FR_OK;

	while (j->n > 0 && !look_into(j, j->first[j->n - 1], bytes, why, &e) && e == FR_OK) {
		path_of(j, j->first[--j->n], path);
		if (unlink(path) != 0)
			e = fr_redis_fail(why, FR_IO, "the journal's file %s cannot be removed: %s", path, strerror(errno));
	}
	free(bytes);
	if (e != FR_OK || j->n == 0)
		return e;
	path_of(j, j->first[j->n - 1], path);
	j->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (j->fd < 0 || ftruncate(j->fd, j->end) != 0)
		return fr_redis_fail(why, FR_IO, "the journal's file %s cannot be written: %s", path, strerror(errno));
	return FR_OK;
}

static enum fr_err lock_folder(struct fr_journal_file *j, const char *state_dir, struct fr_errmsg *why)
{
	char path[PATH_BYTES];
	enum fr_err e = fr_redis_dir_make(state_dir, why);

	if (e != FR_OK)
		return e;
	if (snprintf(j->dir, sizeof j->dir, "%s/journal", state_dir) >= (int)sizeof j->dir)
		return fr_redis_fail(why, FR_TOOBIG, "state_dir %s is too long", state_dir);
	if (mkdir(j->dir, 0700) != 0 && errno != EEXIST)
		return fr_redis_fail(why, FR_IO, "state_dir: %s cannot be created: %s", j->dir, strerror(errno));
	(void)snprintf(path, sizeof path, "%s/lock", j->dir);
	j->dir_fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->dir_fd < 0 || j->lock < 0)
		return fr_redis_fail(why, FR_IO, "the journal %s cannot be used: %s", j->dir, strerror(errno));
	if (flock(j->lock, LOCK_EX | LOCK_NB) != 0)
		return fr_redis_fail(why, FR_IO,
				     "state_dir %s is in use by another frugald: stop that one, or set another state_dir",
				     state_dir);
	return FR_OK;
}

enum fr_err fr_journal_file_open(const char *state_dir, enum fr_sync sync, const struct fr_redis_notes *notes,
				 struct fr_journal_file **ret, struct fr_errmsg *why)
{
	struct fr_journal_file *j = fr_calloc(1, sizeof *j);
	enum fr_err e;

	j->fd = j->lock = j->dir_fd = -1;
	j->sync = sync;
	j->notes = notes != NULL ? *notes : (struct fr_redis_notes){ NULL, NULL };
	e = lock_folder(j, state_dir, why);
	if (e == FR_OK)
		e = list_files(j, why);
	if (e == FR_OK)
		e = take_over_newest(j, why);
	if (e == FR_OK && j->n == 0 && getrandom(&j->instance, sizeof j->instance, 0) != (ssize_t)sizeof j->instance)
		e = fr_redis_fail(why, FR_IO, "the system gives no random numbers");
	if (e != FR_OK) {
		fr_journal_file_close(&j);
		return e;
	}
	*ret = j;
	return FR_OK;
}

static void close_one(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void fr_journal_file_close(struct fr_journal_file **taken)
{
	struct fr_journal_file *j = *taken;

	*taken = NULL;
	close_one(j->fd);
	close_one(j->dir_fd);
	close_one(j->lock);
	free(j);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* All of it or nothing: what is written in part is behind the end, and overwritten by the next. */
static bool append(struct fr_journal_file *j, const struct fr_journal_record *r)
{
	char bytes[FR_JOURNAL_RECORD_MAX];
	struct fr_journal_record own = *r;
	size_t n, done = 0;

	own.instance = j->instance;
	n = fr_journal_put(&own, bytes);
	while (done < n) {
		ssize_t put = pwrite(j->fd, bytes + done, n - done, j->end + (off_t)done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		done += (size_t)put;
	}
	if (j->sync == FR_SYNC_ALWAYS && fdatasync(j->fd) != 0)
		return false;
	j->end += (off_t)n;
	return true;
}

/* A new file, which says whose it is. What fails leaves the old one in its place. */
static bool begin_file(struct fr_journal_file *j, uint64_t first)
{
	const struct fr_journal_record head = { .kind = FR_JOURNAL_HEAD, .seq = first };
	int before = j->fd, was;
	off_t end = j->end;
	char path[PATH_BYTES];

	if (j->n == FR_JOURNAL_FILES_MAX) {
		errno = EFBIG;
		return false;
	}
	path_of(j, first, path);
	j->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	j->end = 0;
	if (j->fd >= 0 && append(j, &head) && (j->sync != FR_SYNC_ALWAYS || fsync(j->dir_fd) == 0)) {
		j->first[j->n++] = first;
		close_one(before);
		return true;
	}
	was = errno;
	if (j->fd >= 0)
		(void)unlink(path);
	close_one(j->fd);
	j->fd = before;
	j->end = end;
	errno = was;
	return false;
}

bool fr_journal_file_write(struct fr_journal_file *j, const struct fr_journal_record *r)
{
	bool full = j->fd < 0 || j->end > FR_JOURNAL_FILE_BYTES - FR_JOURNAL_RECORD_MAX;
	bool there = (!full || begin_file(j, r->seq)) && append(j, r);

	if (!there && !j->failing)
		fr_redis_note(&j->notes, FR_LOG_ERROR, "the journal %s cannot be written (%s): no call is made until it can",
			      j->dir, strerror(errno));
	if (there && j->failing)
		fr_redis_note(&j->notes, FR_LOG_INFO, "the journal %s is written again", j->dir);
	j->failing = !there;
	return there;
}

void fr_journal_file_trim(struct fr_journal_file *j, uint64_t seq)
{
	char path[PATH_BYTES];

	while (j->n > 1 && j->first[1] <= seq + 1) {
		path_of(j, j->first[0], path);
		if (unlink(path) != 0 && errno != ENOENT)
			return;
		memmove(&j->first[0], &j->first[1], (--j->n) * sizeof j->first[0]);
	}
}
