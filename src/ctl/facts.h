/* facts.h — what frugald says about itself, read with forbearance: a member that is not there, or is something else, is not known,
 * and the rest still counts. So an old frugalctl and a new frugald, or the other way round, understand each other.
 *
 * A `path` names a member, or with dots a member of a member: "credits.spent". */
#ifndef FRUGAL_CTL_FACTS_H
#define FRUGAL_CTL_FACTS_H

#include <jansson.h>

#include "ctl/talk.h"

/* The answer as JSON, or NULL if it is none; the caller drops it. */
json_t *fr_facts_of(const struct fr_answer *a);

json_t *fr_facts_at(const json_t *o, const char *path); /* NULL: not there */
int64_t fr_facts_number(const json_t *o, const char *path, int64_t unknown);
double fr_facts_real(const json_t *o, const char *path); /* NAN: not known */
const char *fr_facts_text(const json_t *o, const char *path, const char *unknown);
/* Seconds since 1970; from 10^11 on the number is taken for milliseconds. */
bool fr_facts_moment(const json_t *o, const char *path, int64_t *ret);
/* The day of a moment, "2026-11-21", whether it is a number or a text that begins so. */
bool fr_facts_day(const json_t *o, const char *path, char ret[11]);

#endif
