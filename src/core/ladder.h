/* ladder.h — what stops first while a budget runs out, so that the last credits go to who waits for an answer.
 *
 * Answers are used for longer before they are refreshed (stretch), prewarming stops, polls and batches stop, and at the end nothing is called any
 * more. How full a budget is comes in thousandths; where each step begins is the operator's (settings ladder.*, in percent; above 100: never). */
#ifndef FRUGAL_CORE_LADDER_H
#define FRUGAL_CORE_LADDER_H

#include "core/priority.h"
#include "frugal/settings.h"

enum fr_step { FR_STEP_NONE, FR_STEP_STRETCH, FR_STEP_BATCH, FR_STEP_EMPTY };

enum fr_step fr_ladder_step(const struct fr_settings *s, int64_t permille); /* the highest that is reached */
const char *fr_step_name(enum fr_step step);                                /* "none", "stretch", "batch", "empty" */
/* Whether calls of this class are not made any more. The others go on to the last credit. */
bool fr_ladder_stops(const struct fr_settings *s, enum fr_priority p, int64_t permille);
/* How much of the stale window passes without a refresh, in thousandths: none where the step begins, all of it when the budget is used up. */
unsigned fr_ladder_stretch(const struct fr_settings *s, int64_t permille);

#endif
