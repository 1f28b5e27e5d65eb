/* engine_jobs.h — requests that stand for many questions: what each of them is called before any is asked, and questions that are asked before
 * anybody wants their answers. */
#ifndef FRUGAL_ENGINE_JOBS_H
#define FRUGAL_ENGINE_JOBS_H

#include "core/prewarm.h"
#include "frugal/engine.h"

struct fr_refusal;

enum fr_named {
	FR_NAMED_KEY,     /* *ret is the question's */
	FR_NAMED_BAD,     /* it would be refused, as `why` says */
	FR_NAMED_UNKNOWN, /* so it would, and its path is in no row of the catalogue */
};

/* What a question would be called if it were asked; nothing is asked or counted. */
enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *asked, struct fr_key *ret, struct fr_refusal *why);

/* Asks, in the background, what is not known already; `source` is who wants it, by name. Nothing comes back but the answers in memory. False: the
 * source is held back (core/prewarm.h), or the client is not known. */
bool fr_engine_prewarm(struct fr_engine *e, const struct fr_ask *asked, struct fr_str source, const struct fr_str *targets,
		       size_t n);
/* How much of what each source brought was used; returns how many there are. */
size_t fr_engine_prewarm_figures(const struct fr_engine *e, struct fr_prewarm_figures ret[FR_PREWARM_SOURCES_MAX]);

#endif
