#include "adapt/store_address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "adapt/redis_note.h"
#include "base/str.h"

enum { REDIS_PORT = 6379, DB_MAX = 1000000 };

enum fr_err fr_store_address_unix(const char *path, struct fr_store_address *ret, struct fr_errmsg *why)
{
	struct fr_store_address a = { .is_unix = true };

	if (path[0] != '/')
		return fr_redis_fail(why, FR_INVALID, "redis.url: the path of a socket starts with '/', not as in '%s'", path);
	if (!fr_str_copy(a.path, sizeof a.path, fr_str_of(path)))
		return fr_redis_fail(why, FR_TOOBIG,
				     "the socket's path %s has %zu bytes, the system takes %d: choose a shorter one", path,
				     strlen(path), FR_UNIX_PATH_MAX);
	(void)snprintf(a.shown, sizeof a.shown, "unix://%s", path);
	*ret = a;
	return FR_OK;
}

/* ":password@" in front of the host; the last '@' ends it, since a password may hold one. */
static enum fr_err read_password(struct fr_str *rest, struct fr_store_address *a, struct fr_errmsg *why)
{
	size_t at = rest->n;
	struct fr_str secret;

	while (at > 0 && rest->p[at - 1] != '@')
		at--;
	if (at == 0)
		return FR_OK;
	if (rest->p[0] != ':')
		return fr_redis_fail(why, FR_INVALID,
				     "redis.url: user names are not supported, write redis://:password@host:port/db");
	secret = (struct fr_str){ rest->p + 1, at - 2 };
	if (!fr_str_decode(secret, a->password.s, sizeof a->password.s))
		return fr_redis_fail(why, FR_INVALID,
				     "redis.url: the password is longer than %d bytes or its percent-encoding is broken",
				     FR_SECRET_MAX - 1);
	*rest = fr_str_skip(*rest, at);
	return FR_OK;
}

/* The database behind the last '/'. */
static enum fr_err read_db(struct fr_str *rest, struct fr_store_address *a, struct fr_errmsg *why)
{
	size_t slash = fr_str_find(*rest, '/');
	uint64_t db = 0;

	if (slash < rest->n && slash + 1 < rest->n) {
		if (!fr_str_to_u64(fr_str_skip(*rest, slash + 1), &db) || db > DB_MAX)
			return fr_redis_fail(why, FR_INVALID,
					     "redis.url: what follows the '/' is a database's number, as in redis://host:6379/0");
	}
	a->db = (int)db;
	rest->n = slash;
	return FR_OK;
}

/* "host", "host:port", "[v6]" or "[v6]:port". */
static enum fr_err read_host(struct fr_str rest, char *host, size_t size, int *port, struct fr_errmsg *why)
{
	struct fr_str name, number = { NULL, 0 };
	uint64_t p = REDIS_PORT;
	size_t end;

	if (rest.n > 0 && rest.p[0] == '[') {
		end = fr_str_find(rest, ']');
		if (end == rest.n || (end + 1 < rest.n && rest.p[end + 1] != ':'))
			return fr_redis_fail(why, FR_INVALID, "redis.url: an IPv6 address is written [::1]:6379");
		name = (struct fr_str){ rest.p + 1, end - 1 };
		if (end + 1 < rest.n)
			number = fr_str_skip(rest, end + 2);
	} else {
		name = fr_str_cut(&rest, ':');
		number = rest;
	}
	if (name.n == 0 || !fr_str_copy(host, size, name))
		return fr_redis_fail(why, FR_INVALID, "redis.url: names no host, write redis://host:port/db");
	if (number.p != NULL && (!fr_str_to_u64(number, &p) || p == 0 || p > 65535))
		return fr_redis_fail(why, FR_INVALID, "redis.url: a port is a number from 1 to 65535");
	*port = (int)p;
	return FR_OK;
}

static const struct addrinfo *prefer_v4(const struct addrinfo *all)
{
	for (const struct addrinfo *a = all; a != NULL; a = a->ai_next)
		if (a->ai_family == AF_INET)
			return a;
	return all;
}

static enum fr_err resolve(const char *name, char *ret, size_t size, struct fr_errmsg *why)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *all = NULL;
	const struct addrinfo *a;
	int r = getaddrinfo(name, NULL, &hints, &all);

	if (r != 0) {
		hints.ai_flags = 0;
		r = getaddrinfo(name, NULL, &hints, &all);
	}
	if (r != 0)
		return fr_redis_fail(why, FR_IO,
				     "redis.url: the host %s is not known (%s): correct its name, or write its address", name,
				     gai_strerror(r));
	a = prefer_v4(all);
	r = getnameinfo(a->ai_addr, a->ai_addrlen, ret, (socklen_t)size, NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(all);
	if (r != 0)
		return fr_redis_fail(why, FR_IO, "redis.url: the address of %s cannot be used (%s)", name, gai_strerror(r));
	return FR_OK;
}

enum fr_err fr_store_address_read(const char *url, struct fr_store_address *ret, struct fr_errmsg *why)
{
	struct fr_str rest = fr_str_of(url);
	struct fr_store_address a = { .db = 0 };
	char name[256];
	enum fr_err e;

	if (fr_str_starts(rest, "unix://"))
		return fr_store_address_unix(url + strlen("unix://"), ret, why);
	if (!fr_str_starts(rest, "redis://"))
		return fr_redis_fail(why, FR_INVALID, "redis.url: is embedded, unix:///path or redis://[:password@]host:port/db");
	rest = fr_str_skip(rest, strlen("redis://"));
	e = read_password(&rest, &a, why);
	if (e == FR_OK)
		e = read_db(&rest, &a, why);
	if (e == FR_OK)
		e = read_host(rest, name, sizeof name, &a.port, why);
	if (e == FR_OK)
		e = resolve(name, a.host, sizeof a.host, why);
	if (e != FR_OK)
		return e;
	(void)snprintf(a.shown, sizeof a.shown, "redis://%s:%d/%d", name, a.port, a.db);
	*ret = a;
	return FR_OK;
}
