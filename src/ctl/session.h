/* session.h — one run of frugalctl: what was asked, whom it asks, and where it answers.
 *
 * Every command is a function of the session. It writes what was asked for to `out` and what went wrong, in one line that says
 * how to mend it, to `err`. */
#ifndef FRUGAL_CTL_SESSION_H
#define FRUGAL_CTL_SESSION_H

#include <stdio.h>

#include "ctl/cmdline.h"
#include "ctl/look.h"
#include "ctl/talk.h"

enum {
	FR_CTL_OK = 0,
	FR_CTL_FAILED = 1,
	FR_CTL_USAGE = 2,
	FR_CTL_UNKNOWN = 3, /* frugald knows nothing of that name */
	FR_CTL_DRIFT = 4    /* ledger verify: the books differ */
};

struct fr_session {
	const struct fr_cmdline *line;
	struct fr_place place;
	struct fr_look look; /* of `out` */
	FILE *out, *err;
};

/* Asks frugald. FR_CTL_OK: `ret` holds a good answer, and the caller frees it. Else a line was written to `err`, and there is
 * nothing to free. */
int fr_session_ask(struct fr_session *s, enum fr_talk_method method, const char *target, struct fr_answer *ret);
/* The same, where it is no failure if no good answer comes: false then, and nothing is written. */
bool fr_session_try(struct fr_session *s, const char *target, struct fr_answer *ret);

/* One line on `err`, "frugalctl: " before it; returns `code`. */
int fr_session_fail(struct fr_session *s, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* frugald's own words to `out`, with a newline at their end; frees the answer. */
int fr_session_pass_on(struct fr_session *s, struct fr_answer *a);
bool fr_session_json(const struct fr_session *s); /* --json */

#endif
