#include "app/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fr_secret_wipe(struct fr_secret *s)
{
	explicit_bzero(s, sizeof *s);
}

/* The bytes of a header field: no space, no control character (RFC 9110, section 5.5). */
static enum fr_err check(const char *what, const struct fr_secret *s, struct fr_errmsg *why)
{
	if (s->s[0] == '\0') {
		snprintf(why->s, sizeof why->s, "%s: is empty", what);
		return FR_INVALID;
	}
	for (const char *p = s->s; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~') {
			snprintf(why->s, sizeof why->s, "%s: holds a space or another character that a key cannot have", what);
			return FR_INVALID;
		}
	}
	return FR_OK;
}

static enum fr_err read_line(const char *what, int fd, struct fr_secret *ret, struct fr_errmsg *why)
{
	struct fr_secret got = { "" };
	ssize_t n = read(fd, got.s, sizeof got.s);
	enum fr_err err = FR_OK;

	if (n < 0) {
		snprintf(why->s, sizeof why->s, "%s: cannot be read: %s", what, strerror(errno));
		err = FR_IO;
	} else if ((size_t)n == sizeof got.s) {
		snprintf(why->s, sizeof why->s, "%s: longer than %zu bytes", what, sizeof got.s - 1);
		err = FR_INVALID;
	} else {
		got.s[strcspn(got.s, "\r\n")] = '\0';
		err = check(what, &got, why);
	}
	if (err == FR_OK)
		*ret = got;
	fr_secret_wipe(&got);
	return err;
}

enum fr_err fr_secret_read(const char *what, const char *path, bool check_mode, struct fr_secret *ret, struct fr_errmsg *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	enum fr_err err;

	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(why->s, sizeof why->s, "%s: %.300s: %s", what, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return FR_IO;
	}
	if (check_mode && (st.st_mode & 077) != 0) {
		snprintf(why->s, sizeof why->s, "%s: %.300s can be read by others (mode %04o): chmod 600 it", what, path,
			 st.st_mode & 07777);
		close(fd);
		return FR_INVALID;
	}
	err = read_line(what, fd, ret, why);
	close(fd);
	return err;
}

static enum fr_err from_credential(struct fr_secret *ret, struct fr_errmsg *why)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[FR_PATH_TEXT_MAX];

	if (dir == NULL || snprintf(path, sizeof path, "%s/upstream_key", dir) >= (int)sizeof path || access(path, F_OK) != 0)
		return FR_ABSENT;
	return fr_secret_read("credential upstream_key", path, false, ret, why);
}

static enum fr_err from_environment(struct fr_secret *ret, struct fr_errmsg *why)
{
	char *key = getenv("TIKLIVE_API_KEY");
	struct fr_secret got = { "" };
	enum fr_err err;
	size_t n;

	if (key == NULL || key[0] == '\0')
		return FR_ABSENT;
	n = strlen(key);
	if (n >= sizeof got.s) {
		snprintf(why->s, sizeof why->s, "TIKLIVE_API_KEY: longer than %zu bytes", sizeof got.s - 1);
		return FR_INVALID;
	}
	memcpy(got.s, key, n + 1);
	explicit_bzero(key, n);
	unsetenv("TIKLIVE_API_KEY");
	err = check("TIKLIVE_API_KEY", &got, why);
	if (err == FR_OK)
		*ret = got;
	fr_secret_wipe(&got);
	return err;
}

enum fr_err fr_secret_upstream_key(const struct fr_settings *s, struct fr_secret *ret, struct fr_errmsg *why)
{
	enum fr_err err;

	if (s->upstream_key_file.s[0] != '\0')
		return fr_secret_read("upstream.key_file", s->upstream_key_file.s, true, ret, why);
	err = from_credential(ret, why);
	return err == FR_ABSENT ? from_environment(ret, why) : err;
}
