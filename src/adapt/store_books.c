#include "adapt/store_state.h"

void fr_store_lease(struct fr_store *s, uint64_t instance, const struct fr_lease_ask *ask)
{
	const struct fr_lease_told told = { .number = ask->number };

	(void)instance;
	fr_engine_leased(s->engine, &told);
}

void fr_store_line_up(struct fr_store *s, uint64_t instance, const struct fr_line_ask *ask)
{
	const struct fr_line_told told = { .number = ask->number };

	(void)instance;
	fr_engine_lined_up(s->engine, &told);
}
