#include "ctl/place.h"

#include <string.h>

#include "base/str.h"

/* sockaddr_un's path, without the byte that ends it. */
enum { SOCKET_PATH_MAX = 107 };

static const char *read_socket(struct fr_place *p, const char *path)
{
	if (path[0] != '/')
		return "must name a socket by its whole path, as in unix:/run/frugald/admin.sock";
	if (strlen(path) > SOCKET_PATH_MAX)
		return "is longer than a socket's path may be";
	p->unix_socket = true;
	p->at = path;
	return NULL;
}

static bool host_character(char c)
{
	c = fr_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' ||
	       c == '%';
}

static const char *read_host(struct fr_place *p, const char *text)
{
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
	uint64_t port;

	for (const char *c = text; *c != '\0'; c++)
		if (!host_character(*c))
			return "is no address: write it as admin.listen in frugald.yaml, as in 127.0.0.1:8788";
	if (colon == NULL || colon < bracket || colon == text)
		return "lacks a port, as in 127.0.0.1:8788";
	if (!fr_str_to_u64(fr_str_of(colon + 1), &port) || port == 0 || port > UINT16_MAX)
		return "has no good port behind its last colon";
	if (bracket == NULL && strchr(text, ':') != colon)
		return "must have an IPv6 address in brackets, as in [::1]:8788";
	p->at = text;
	return NULL;
}

const char *fr_place_read(const char *text, struct fr_place *ret)
{
	struct fr_place p = { .unix_socket = false };
	const char *wrong;

	if (!fr_str_copy(p.shown, sizeof(p.shown), fr_str_of(text)))
		return "is too long";
	wrong = strncmp(text, "unix:", 5) == 0 ? read_socket(&p, text + 5) : read_host(&p, text);
	if (wrong == NULL)
		*ret = p;
	return wrong;
}
