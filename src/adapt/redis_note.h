/* redis_note.h — what the Redis adapters have to say to the log, without flooding it.
 *
 * A Redis that is away fails thousands of operations a second for one reason: each kind of trouble is noted once a minute. A
 * kind is a short word ("LOADING", "lost"); the table of kinds is bounded, and those that find no place share the last one.
 *
 * Nothing that is noted holds a password: what Redis and hiredis say never does, and addresses are shown without it. */
#ifndef FRUGAL_ADAPT_REDIS_NOTE_H
#define FRUGAL_ADAPT_REDIS_NOTE_H

#include "frugal/err.h"
#include "frugal/settings.h"
#include "frugal/types.h"

/* Where notes go; `note` NULL: nowhere. `line` is borrowed for the call. */
struct fr_redis_notes {
	void (*note)(void *ctx, enum fr_level level, const char *line);
	void *ctx;
};

enum { FR_REDIS_NOTE_KINDS = 16, FR_REDIS_NOTE_WORD = 24 };

struct fr_redis_note_limit {
	struct {
		char kind[FR_REDIS_NOTE_WORD];
		fr_ms next;
	} at[FR_REDIS_NOTE_KINDS];
};

/* One line, cut at FR_ERRMSG_MAX; control characters become '?'. */
void fr_redis_note(const struct fr_redis_notes *to, enum fr_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* True if nothing of this kind (up to its first blank) was noted during the last minute; counts as noted then. */
bool fr_redis_note_due(struct fr_redis_note_limit *l, const char *kind, fr_ms now);

/* Words an error, cut at FR_ERRMSG_MAX; returns `e`. */
enum fr_err fr_redis_fail(struct fr_errmsg *why, enum fr_err e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
