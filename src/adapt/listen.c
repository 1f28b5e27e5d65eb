#include "adapt/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/str.h"

enum { BACKLOG = 4096, UNIX_MODE = 0660, HOST_MAX = 256, PORT_MAX = 6 };

static enum fr_err fail(struct fr_errmsg *why, enum fr_err e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static enum fr_err fail(struct fr_errmsg *why, enum fr_err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->s, sizeof(why->s), fmt, ap); /* a longer message is cut */
	va_end(ap);
	return e;
}

/* Says why `addr` cannot be had, by errno. */
static enum fr_err fail_errno(struct fr_errmsg *why, const char *addr, int number)
{
	if (number == EADDRINUSE)
		return fail(why, FR_IO, "%s is in use: stop the other program or set listen: or admin.listen: to another address",
			    addr);
	if (number == EACCES)
		return fail(
			why, FR_IO,
			"%s: permission denied: ports below 1024 need CAP_NET_BIND_SERVICE, a socket's folder must be writable",
			addr);
	if (number == EADDRNOTAVAIL)
		return fail(why, FR_IO, "%s is not an address of this machine", addr);
	return fail(why, FR_IO, "cannot listen on %s: %s", addr, strerror(number));
}

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Tells a stale socket file (nobody answers: removed) from one in use. */
static enum fr_err clear_stale(const char *addr, const struct sockaddr_un *un, struct fr_errmsg *why)
{
	struct stat st;
	int fd, failed;

	if (lstat(un->sun_path, &st) != 0)
		return errno == ENOENT ? FR_OK : fail_errno(why, addr, errno);
	if (!S_ISSOCK(st.st_mode))
		return fail(why, FR_IO, "%s exists and is not a socket: remove it or choose another path", addr);
	fd = new_socket(AF_UNIX);
	if (fd < 0)
		return fail_errno(why, addr, errno);
	failed = connect(fd, (const struct sockaddr *)un, sizeof(*un)) == 0 ? 0 : errno;
	(void)close(fd);
	if (failed == 0 || failed == EAGAIN) /* EAGAIN: its backlog is full */
		return fail_errno(why, addr, EADDRINUSE);
	if (failed != ECONNREFUSED)
		return fail_errno(why, addr, failed);
	return unlink(un->sun_path) == 0 || errno == ENOENT ? FR_OK : fail_errno(why, addr, errno);
}

static enum fr_err open_unix(const char *addr, const char *path, int *ret_fd, struct fr_errmsg *why)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	enum fr_err e;
	int fd;

	if (path[0] != '/')
		return fail(why, FR_INVALID, "%s: a unix socket's path must be absolute", addr);
	if (!fr_str_copy(un.sun_path, sizeof(un.sun_path), fr_str_of(path)))
		return fail(why, FR_INVALID, "%s: a unix socket's path has at most %zu bytes", addr, sizeof(un.sun_path) - 1);
	e = clear_stale(addr, &un, why);
	if (e != FR_OK)
		return e;
	fd = new_socket(AF_UNIX);
	if (fd < 0)
		return fail_errno(why, addr, errno);
	/* The mode before the file exists, so that at no moment more people may connect; umask may have taken from it, so once more. */
	if (fchmod(fd, UNIX_MODE) != 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    chmod(un.sun_path, UNIX_MODE) != 0 || listen(fd, BACKLOG) != 0) {
		e = fail_errno(why, addr, errno);
		(void)close(fd);
		return e;
	}
	*ret_fd = fd;
	return FR_OK;
}

/* Cuts "host:port" or "[v6]:port"; false if it is neither. */
static bool split(const char *addr, char host[HOST_MAX], char port[PORT_MAX])
{
	const char *colon = strrchr(addr, ':');
	struct fr_str h;
	uint64_t n;

	if (colon == NULL)
		return false;
	h = (struct fr_str){ addr, (size_t)(colon - addr) };
	if (h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		h = (struct fr_str){ h.p + 1, h.n - 2 };
	else if (fr_str_find(h, ':') < h.n)
		return false; /* a v6 address without its brackets */
	return h.n > 0 && fr_str_copy(host, HOST_MAX, h) && fr_str_to_u64(fr_str_of(colon + 1), &n) && n <= 65535 &&
	       fr_str_copy(port, PORT_MAX, fr_str_of(colon + 1));
}

/* One candidate of the resolver: a listening socket, or -1 with errno set. */
static int open_one(const struct addrinfo *ai, bool shared)
{
	int fd = new_socket(ai->ai_family), on = 1, number;

	if (fd < 0)
		return -1;
	/* V6ONLY, so that "[::]:p" and "0.0.0.0:p" may stand side by side in `listen:`. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0) &&
	    (ai->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	number = errno;
	(void)close(fd);
	errno = number;
	return -1;
}

static enum fr_err open_tcp(const char *addr, bool shared, int *ret_fd, struct fr_errmsg *why)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	char host[HOST_MAX], port[PORT_MAX];
	int failed, fd = -1, number = 0;

	if (!split(addr, host, port))
		return fail(why, FR_INVALID, "%s is not an address: write host:port, [v6]:port or unix:/path", addr);
	failed = getaddrinfo(host, port, &hints, &found);
	if (failed != 0)
		return fail(why, FR_IO, "%s: cannot find the host: %s", addr, gai_strerror(failed));
	for (const struct addrinfo *ai = found; ai != NULL && fd < 0; ai = ai->ai_next) {
		fd = open_one(ai, shared);
		if (fd < 0 && number == 0)
			number = errno; /* the first candidate's reason is the one to tell */
	}
	freeaddrinfo(found);
	if (fd < 0)
		return fail_errno(why, addr, number);
	*ret_fd = fd;
	return FR_OK;
}

static const char unix_scheme[] = "unix:";

static bool is_unix(const char *addr)
{
	return strncmp(addr, unix_scheme, sizeof(unix_scheme) - 1) == 0;
}

enum fr_err fr_listen_open(const char *addr, int *ret_fd, struct fr_errmsg *why)
{
	if (is_unix(addr))
		return open_unix(addr, addr + sizeof(unix_scheme) - 1, ret_fd, why);
	return open_tcp(addr, false, ret_fd, why);
}

enum fr_err fr_listen_open_shared(const char *addr, int *ret_fd, struct fr_errmsg *why)
{
	if (is_unix(addr))
		return fail(why, FR_INVALID,
			    "%s: instances cannot share a unix socket: give each its own, or set front.shared: off", addr);
	return open_tcp(addr, true, ret_fd, why);
}

void fr_listen_name(int fd, char *ret, size_t size)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(at);
	char host[INET6_ADDRSTRLEN] = "?";

	FR_ASSERT(size > 0);
	ret[0] = '\0';
	if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		return;
	if (at.ss_family == AF_UNIX) {
		(void)snprintf(ret, size, "unix:%s", ((const struct sockaddr_un *)&at)->sun_path);
	} else if (at.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&at;

		(void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		(void)snprintf(ret, size, "%s:%u", host, (unsigned)ntohs(in->sin_port));
	} else if (at.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&at;

		(void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		(void)snprintf(ret, size, "[%s]:%u", host, (unsigned)ntohs(in6->sin6_port));
	}
}
