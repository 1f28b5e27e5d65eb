/* listen.h — listening sockets, from the addresses that the operator wrote.
 *
 * "host:port", "[v6]:port" or "unix:/path". The sockets are bound, listening, non-blocking and not inherited by children. Names are
 * resolved with the blocking resolver: for the start only, before the loop runs. */
#ifndef FRUGAL_ADAPT_LISTEN_H
#define FRUGAL_ADAPT_LISTEN_H

#include <stddef.h>

#include "frugal/err.h"

enum { FR_LISTEN_NAME_MAX = 160 };

/* Opens one address; the caller owns *ret_fd. FR_INVALID: it cannot be read; FR_IO: it cannot be had; `why` says which address and how
 * to mend it. A unix socket's file gets mode 0660; one left behind by a dead process is removed, one that is answered is "in use". */
enum fr_err fr_listen_open(const char *addr, int *ret_fd, struct fr_errmsg *why);

/* The same for an address that other instances on this host serve, too: all of them open it so, and the kernel spreads the connections over them. Not for
 * unix sockets, of which a file has one. */
enum fr_err fr_listen_open_shared(const char *addr, int *ret_fd, struct fr_errmsg *why);

/* The address that a socket really has (port 0 means that the kernel chose one), in the form that it could be configured in.
 * Always terminated; FR_LISTEN_NAME_MAX bytes suffice. */
void fr_listen_name(int fd, char *ret, size_t size);

#endif
