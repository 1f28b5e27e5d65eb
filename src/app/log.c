#include "app/log.h"

#include "frugal/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t REPEAT_MS = 10 * 1000;

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[FR_LOG_ERROR] = { "error", 3 },
	[FR_LOG_WARNING] = { "warning", 4 },
	[FR_LOG_INFO] = { "info", 6 },
	[FR_LOG_DEBUG] = { "debug", 7 },
};

static fr_wall wall(struct timespec *ts)
{
	clock_gettime(CLOCK_REALTIME, ts);
	return (fr_wall){ (int64_t)ts->tv_sec * 1000 + ts->tv_nsec / 1000000 };
}

void fr_log_init(struct fr_log *l, enum fr_level level)
{
	*l = (struct fr_log){ .level = level, .journal = getenv("JOURNAL_STREAM") != NULL };
}

static void put(const struct fr_log *l, enum fr_level level, const char *line)
{
	struct timespec ts;
	struct tm tm;
	char when[32];

	if (l->journal) {
		fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
		return;
	}
	wall(&ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(stderr, "%s.%03ldZ %s: %s\n", when, ts.tv_nsec / 1000000, levels[level].name, line);
}

void fr_log_done(struct fr_log *l)
{
	char line[64];

	if (l->repeats == 0)
		return;
	snprintf(line, sizeof line, "(the last line %u times more)", l->repeats);
	put(l, l->last_level, line);
	l->repeats = 0;
}

void fr_log_line(struct fr_log *l, enum fr_level level, const char *line)
{
	struct timespec ts;
	fr_wall now = wall(&ts);

	if (level > l->level)
		return;
	if (strncmp(line, l->last, sizeof l->last - 1) == 0 && now.v - l->since.v < REPEAT_MS) {
		l->repeats++;
		return;
	}
	fr_log_done(l);
	snprintf(l->last, sizeof l->last, "%s", line);
	l->last_level = level;
	l->since = now;
	put(l, level, line);
}

void fr_log_linef(struct fr_log *l, enum fr_level level, const char *fmt, ...)
{
	char line[FR_ERRMSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	fr_log_line(l, level, line);
}
