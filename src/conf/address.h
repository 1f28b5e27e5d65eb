/* address.h — addresses and URLs in the settings: what they name, and whether that is this machine.
 *
 * Each reader takes the whole text and returns NULL, or what is wrong with it as words that follow the value in a message
 * ("… lacks a port"). All parts are borrowed from the text. Nothing is looked up: only `localhost` and literal addresses count
 * as loopback. */
#ifndef FRUGAL_CONF_ADDRESS_H
#define FRUGAL_CONF_ADDRESS_H

#include "frugal/types.h"

struct fr_host {
	struct fr_str name; /* without brackets */
	bool v6;            /* was written in brackets */
	bool loopback;      /* 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104, localhost */
};

/* "host:port", "[v6]:port", "unix:/path". Port 0 lets the kernel choose. */
struct fr_listen_address {
	bool unix_socket;
	struct fr_str path;  /* unix_socket */
	struct fr_host host; /* else */
	uint16_t port;
};
const char *fr_address_listen(struct fr_str text, struct fr_listen_address *ret);

/* "http://" or "https://", host, perhaps port and a path without a slash at its end; no user, query or fragment. */
struct fr_url_address {
	bool https;
	struct fr_host host;
	uint16_t port;        /* 80 or 443 if not written */
	struct fr_str prefix; /* "" or "/v1" */
};
const char *fr_address_url(struct fr_str text, struct fr_url_address *ret);

/* "embedded", "unix:///path" or "redis://[:password@]host[:port][/db]". */
enum fr_redis_kind { FR_REDIS_EMBEDDED, FR_REDIS_UNIX, FR_REDIS_TCP };

struct fr_redis_address {
	enum fr_redis_kind kind;
	struct fr_str path;     /* FR_REDIS_UNIX */
	struct fr_str password; /* FR_REDIS_TCP; p == NULL if none is written */
	struct fr_host host;
	uint16_t port; /* 6379 if not written */
	int db;        /* 0 if not written */
};
const char *fr_address_redis(struct fr_str text, struct fr_redis_address *ret);

/* The part of a URL that must not be shown: from behind "://" to its last '@', both exclusive; { NULL, 0 } if there is none.
 * Works on text that is no good URL too, so that a slip in it does not print a password. */
struct fr_str fr_address_secret(struct fr_str url);

#endif
