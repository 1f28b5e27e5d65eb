/* no_purges.h — the engine's part in purges, for tests that stand in for it and care for other things. Included once in a program. */
#ifndef FRUGAL_TESTS_NO_PURGES_H
#define FRUGAL_TESTS_NO_PURGES_H

#include "frugal/engine.h"

void fr_engine_purged(struct fr_engine *e, const struct fr_purge *purge)
{
	(void)e;
	(void)purge;
}

void fr_engine_purge_kept(struct fr_engine *e, const struct fr_purge *purge, bool kept)
{
	(void)e;
	(void)purge;
	(void)kept;
}

void fr_engine_purges_read(struct fr_engine *e, bool read)
{
	(void)e;
	(void)read;
}

#endif
