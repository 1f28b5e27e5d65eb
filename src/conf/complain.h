/* complain.h — the one form of every message about a configuration: "file:line:column: what is wrong".
 *
 * Readers stop at the first thing that is wrong. They pass the source along, so that the place and the file's name are added
 * in one spot, and values are shown in one way. */
#ifndef FRUGAL_CONF_COMPLAIN_H
#define FRUGAL_CONF_COMPLAIN_H

#include "frugal/err.h"
#include "frugal/types.h"

/* Where something stands in a file. Both count from 1; line 0 means: in no file. */
struct fr_mark {
	size_t line, column;
};

/* A text that is being read: its name in messages, and where the message goes. */
struct fr_source {
	const char *name;
	struct fr_errmsg *why;
};

/* Writes the message, cut at FR_ERRMSG_MAX. Always FR_INVALID, so that callers can return it. */
enum fr_err fr_complain(const struct fr_source *s, struct fr_mark at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct fr_excerpt {
	char s[64];
};

/* Text as a message shows it: at most 48 bytes, cut between characters. */
struct fr_excerpt fr_complain_excerpt(struct fr_str text);

#endif
