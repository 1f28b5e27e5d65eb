/* log.h — lines on stderr, for a person or for the journal.
 *
 * Under systemd each line starts with its priority ("<4>", sd-daemon(3)) and leaves the time to the journal; elsewhere with the time and
 * the level's name. A line that repeats itself is written once and then counted, so that a broken world does not fill the disk. */
#ifndef FRUGAL_APP_LOG_H
#define FRUGAL_APP_LOG_H

#include "frugal/settings.h"
#include "frugal/types.h"

struct fr_log {
	enum fr_level level; /* lines above it are dropped */
	bool journal;
	char last[512];
	enum fr_level last_level;
	unsigned repeats;
	fr_wall since; /* of the repeats */
};

void fr_log_init(struct fr_log *l, enum fr_level level);
void fr_log_line(struct fr_log *l, enum fr_level level, const char *line);
void fr_log_linef(struct fr_log *l, enum fr_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void fr_log_done(struct fr_log *l); /* says how often the last line was repeated */

#endif
