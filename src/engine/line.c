#include "engine/state.h"

void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told)
{
	(void)e;
	(void)told;
}
