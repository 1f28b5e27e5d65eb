/* place.h — where frugald's admin listener is: "host:port", "[v6]:port" or "unix:/path", as admin.listen is written. */
#ifndef FRUGAL_CTL_PLACE_H
#define FRUGAL_CTL_PLACE_H

#include "frugal/types.h"

enum { FR_PLACE_MAX = 256 };

struct fr_place {
	char shown[FR_PLACE_MAX]; /* as it was written */
	bool unix_socket;
	const char *at; /* host and port, or the path; points into what was read */
};

/* NULL, or what is wrong with it, as words that follow the address in a message. The text must outlive `ret`. */
const char *fr_place_read(const char *text, struct fr_place *ret);

#endif
