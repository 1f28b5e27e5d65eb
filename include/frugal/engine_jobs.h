/* engine_jobs.h — requests that stand for many questions: what the front has to know of each before any of them is asked. */
#ifndef FRUGAL_ENGINE_JOBS_H
#define FRUGAL_ENGINE_JOBS_H

#include "frugal/engine.h"

struct fr_refusal;

enum fr_named {
	FR_NAMED_KEY,     /* *ret is the question's */
	FR_NAMED_BAD,     /* it would be refused, as `why` says */
	FR_NAMED_UNKNOWN, /* so it would, and its path is in no row of the catalogue */
};

/* What a question would be called if it were asked; nothing is asked or counted. */
enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *asked, struct fr_key *ret, struct fr_refusal *why);

#endif
