#include "adapt/redis_note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "frugal/limits.h"

static const fr_ms EVERY = { 60 * 1000 };

void fr_redis_note(const struct fr_redis_notes *to, enum fr_level level, const char *fmt, ...)
{
	char line[FR_ERRMSG_MAX];
	va_list ap;

	if (to->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap); /* a cut line is still a line */
	va_end(ap);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	to->note(to->ctx, level, line);
}

enum fr_err fr_redis_fail(struct fr_errmsg *why, enum fr_err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->s, sizeof why->s, fmt, ap);
	va_end(ap);
	return e;
}

bool fr_redis_note_due(struct fr_redis_note_limit *l, const char *kind, fr_ms now)
{
	size_t n = strcspn(kind, " "), i = 0;

	if (n >= FR_REDIS_NOTE_WORD)
		n = FR_REDIS_NOTE_WORD - 1;
	for (; i < FR_REDIS_NOTE_KINDS - 1; i++)
		if (l->at[i].kind[0] == '\0' || (strncmp(l->at[i].kind, kind, n) == 0 && l->at[i].kind[n] == '\0'))
			break;
	if (l->at[i].kind[0] != '\0' && now.v < l->at[i].next.v)
		return false;
	memcpy(l->at[i].kind, kind, n);
	l->at[i].kind[n] = '\0';
	l->at[i].next.v = now.v + EVERY.v;
	return true;
}
