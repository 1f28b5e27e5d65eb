#include "core/ladder.h"

#include "base/assert.h"

#include "base/pure.h"

enum { FULL = 1000, PER_PERCENT = 10 };

static bool reached(int64_t percent, int64_t permille)
{
	return percent * PER_PERCENT <= FULL && permille >= percent * PER_PERCENT;
}

enum fr_step fr_ladder_step(const struct fr_settings *s, int64_t permille)
{
	if (permille >= FULL)
		return FR_STEP_EMPTY;
	if (reached(s->batch_percent, permille))
		return FR_STEP_BATCH;
	return reached(s->stretch_percent, permille) ? FR_STEP_STRETCH : FR_STEP_NONE;
}

const char *fr_step_name(enum fr_step step)
{
	static const char *const names[] = {
		[FR_STEP_NONE] = "none", [FR_STEP_STRETCH] = "stretch", [FR_STEP_BATCH] = "batch", [FR_STEP_EMPTY] = "empty"
	};

	return names[step];
}

bool fr_ladder_stops(const struct fr_settings *s, enum fr_priority p, int64_t permille)
{
	switch (p) {
	case FR_PRIORITY_PREWARM: return reached(s->prewarm_percent, permille);
	case FR_PRIORITY_POLL:
	case FR_PRIORITY_BATCH: return reached(s->batch_percent, permille);
	case FR_PRIORITY_INTERACTIVE:
	case FR_PRIORITY_REFRESH:
	case FR_PRIORITIES: break;
	}
	return false;
}

unsigned fr_ladder_stretch(const struct fr_settings *s, int64_t permille)
{
	int64_t from = s->stretch_percent * PER_PERCENT;

	if (!reached(s->stretch_percent, permille))
		return 0;
	if (permille >= FULL || from == FULL)
		return FULL;
	return (unsigned)((permille - from) * FULL / (FULL - from));
}
