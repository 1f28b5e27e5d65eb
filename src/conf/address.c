#include "conf/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

enum { HOST_MAX = 253, SOCKET_PATH_MAX = 107, REDIS_DB_MAX = 65535 };

static bool name_char(char c)
{
	c = fr_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* RFC 1123, section 2.1: labels of letters, digits and hyphens; one that ends in a number is no name but a bad address. */
static bool is_name(struct fr_str s)
{
	struct fr_str rest = s, label = { NULL, 0 };

	if (s.n == 0 || s.n > HOST_MAX)
		return false;
	while (rest.p != NULL) {
		label = fr_str_cut(&rest, '.');
		if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!name_char(label.p[i]))
				return false;
	}
	return !fr_str_all_digits(label);
}

static bool is_v4(struct fr_str s, struct in_addr *ret)
{
	char text[INET_ADDRSTRLEN];

	return fr_str_copy(text, sizeof(text), s) && inet_pton(AF_INET, text, ret) == 1;
}

static bool is_v6(struct fr_str s, struct in6_addr *ret)
{
	char text[INET6_ADDRSTRLEN];

	return fr_str_copy(text, sizeof(text), s) && inet_pton(AF_INET6, text, ret) == 1;
}

static bool loopback_v6(const struct in6_addr *a)
{
	static const unsigned char mapped[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127 };

	return IN6_IS_ADDR_LOOPBACK(a) || memcmp(a->s6_addr, mapped, sizeof(mapped)) == 0;
}

static bool read_host(struct fr_str s, bool v6, struct fr_host *ret)
{
	struct in_addr four;
	struct in6_addr six;

	*ret = (struct fr_host){ .name = s, .v6 = v6 };
	if (v6) {
		ret->loopback = is_v6(s, &six) && loopback_v6(&six);
		return is_v6(s, &six);
	}
	if (is_v4(s, &four)) {
		ret->loopback = ntohl(four.s_addr) >> 24 == 127;
		return true;
	}
	ret->loopback = fr_str_eq_nocase(s, FR_STR("localhost"));
	return is_name(s);
}

static bool read_port(struct fr_str s, uint16_t *ret)
{
	uint64_t v;

	if (s.n > 5 || !fr_str_to_u64(s, &v) || v > UINT16_MAX)
		return false;
	*ret = (uint16_t)v;
	return true;
}

/* Takes "host", "[v6]" and what follows it apart. `port` is left with p == NULL if no colon follows. */
static bool split(struct fr_str s, struct fr_str *host, bool *v6, struct fr_str *port)
{
	struct fr_str rest = s;

	*v6 = s.n > 0 && s.p[0] == '[';
	if (!*v6) {
		*host = fr_str_cut(&rest, ':');
		*port = rest;
		return true;
	}
	rest = fr_str_skip(s, 1);
	*host = fr_str_cut(&rest, ']');
	*port = (struct fr_str){ NULL, 0 };
	if (rest.p == NULL || (rest.n > 0 && rest.p[0] != ':'))
		return false;
	if (rest.n > 0)
		*port = fr_str_skip(rest, 1);
	return true;
}

static const char *authority(struct fr_str s, uint16_t default_port, struct fr_host *host, uint16_t *port)
{
	struct fr_str name, number;
	bool v6;

	if (!split(s, &name, &v6, &number) || !read_host(name, v6, host))
		return "lacks a host that is a name, an IPv4 address or an IPv6 address in brackets";
	*port = default_port;
	if (number.p != NULL && (!read_port(number, port) || *port == 0))
		return "has a port that is not 1 to 65535";
	return NULL;
}

static const char *socket_path(struct fr_str path)
{
	if (path.n == 0 || path.p[0] != '/')
		return "lacks a path that begins with '/'";
	return path.n > SOCKET_PATH_MAX ? "is longer than the 107 bytes that a unix socket's path may have" : NULL;
}

const char *fr_address_listen(struct fr_str text, struct fr_listen_address *ret)
{
	struct fr_str name, number;
	bool v6;

	*ret = (struct fr_listen_address){ .unix_socket = fr_str_starts(text, "unix:") };
	if (ret->unix_socket) {
		ret->path = fr_str_skip(text, strlen("unix:"));
		return socket_path(ret->path);
	}
	if (!split(text, &name, &v6, &number) || !read_host(name, v6, &ret->host))
		return "is not an address (like 127.0.0.1:8787, [::1]:8787 or unix:/run/frugald.sock)";
	if (number.p == NULL)
		return "lacks a port (like 127.0.0.1:8787)";
	return read_port(number, &ret->port) ? NULL : "has a port that is not 0 to 65535";
}

static const char *read_prefix(struct fr_str path, struct fr_str *ret)
{
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '?' || path.p[i] == '#')
			return "must end before any '?' or '#'";
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '\\' || path.p[i] == '"')
			return "has a character in its path that must be percent-encoded";
	}
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	*ret = path;
	return NULL;
}

/* The end of host and port: the first '/', '?' or '#'. */
static size_t authority_end(struct fr_str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#')
		i++;
	return i;
}

const char *fr_address_url(struct fr_str text, struct fr_url_address *ret)
{
	struct fr_str rest, where;
	const char *wrong;

	*ret = (struct fr_url_address){ .https = fr_str_starts(text, "https://") };
	if (!ret->https && !fr_str_starts(text, "http://"))
		return "is not a URL (like https://api.example.com)";
	rest = fr_str_skip(text, strlen(ret->https ? "https://" : "http://"));
	where = (struct fr_str){ rest.p, authority_end(rest) };
	if (fr_str_find(where, '@') < where.n)
		return "must not hold a user or a password";
	wrong = authority(where, ret->https ? 443 : 80, &ret->host, &ret->port);
	return wrong != NULL ? wrong : read_prefix(fr_str_skip(rest, where.n), &ret->prefix);
}

/* "", "/" or "/3" */
static bool read_db(struct fr_str s, int *ret)
{
	uint64_t v;

	if (s.n <= 1) {
		*ret = 0;
		return true;
	}
	if (!fr_str_to_u64(fr_str_skip(s, 1), &v) || v > REDIS_DB_MAX)
		return false;
	*ret = (int)v;
	return true;
}

static const char *redis_tcp(struct fr_str rest, struct fr_redis_address *ret)
{
	size_t at = rest.n, end;
	const char *wrong;

	while (at > 0 && rest.p[at - 1] != '@')
		at--;
	if (at > 0) {
		if (rest.p[0] != ':' || at < 3)
			return "has something other than ':password' before its '@'";
		ret->password = (struct fr_str){ rest.p + 1, at - 2 };
		rest = fr_str_skip(rest, at);
	}
	end = authority_end(rest);
	wrong = authority((struct fr_str){ rest.p, end }, 6379, &ret->host, &ret->port);
	if (wrong != NULL)
		return wrong;
	return read_db(fr_str_skip(rest, end), &ret->db) ? NULL
							 : "has a database that is not a number, as in redis://127.0.0.1:6379/0";
}

const char *fr_address_redis(struct fr_str text, struct fr_redis_address *ret)
{
	*ret = (struct fr_redis_address){ .kind = FR_REDIS_EMBEDDED };
	if (fr_str_is(text, "embedded"))
		return NULL;
	if (fr_str_starts(text, "unix://")) {
		ret->kind = FR_REDIS_UNIX;
		ret->path = fr_str_skip(text, strlen("unix://"));
		return socket_path(ret->path);
	}
	if (fr_str_starts(text, "rediss://"))
		return "asks for TLS to Redis, which is not supported: use redis:// through a tunnel or on a private network";
	if (!fr_str_starts(text, "redis://"))
		return "is not embedded, unix:///path or redis://[:password@]host:port/db";
	ret->kind = FR_REDIS_TCP;
	return redis_tcp(fr_str_skip(text, strlen("redis://")), ret);
}

struct fr_str fr_address_secret(struct fr_str url)
{
	const struct fr_str none = { NULL, 0 };
	size_t from = 0, to = url.n;

	while (from < url.n && !fr_str_starts(fr_str_skip(url, from), "://"))
		from++;
	from = from < url.n ? from + 3 : 0;
	while (to > from && url.p[to - 1] != '@')
		to--;
	return to > from ? (struct fr_str){ url.p + from, to - 1 - from } : none;
}
