/* talk.h — one question to frugald's admin listener over HTTP, and its answer. */
#ifndef FRUGAL_CTL_TALK_H
#define FRUGAL_CTL_TALK_H

#include "base/buf.h"
#include "ctl/place.h"
#include "frugal/err.h"

enum { FR_TALK_TIMEOUT_MS = 10 * 1000, FR_TALK_BODY_MAX = 16 * 1024 * 1024 };

enum fr_talk_method { FR_TALK_GET, FR_TALK_POST };

struct fr_answer {
	int status;
	struct fr_buf body;
};

/* The target is a path and a query, encoded (target.h). A POST has an empty body and the field that tells it from one that a
 * web page sends behind the operator's back. FR_OK: an answer came, whatever its status; the caller frees its body. FR_IO: none
 * came, and the message says how to mend that. */
enum fr_err fr_talk(const struct fr_place *place, enum fr_talk_method method, const char *target, struct fr_answer *ret,
		    struct fr_errmsg *why);
void fr_answer_free(struct fr_answer *a);

#endif
