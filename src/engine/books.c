#include "engine/state.h"

void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told)
{
	(void)e;
	(void)told;
}

void fr_engine_reloaded(struct fr_engine *e)
{
	(void)e;
}
