#include "core/own.h"

#include "base/str.h"

#include "base/pure.h"

static const char root[] = "/frugal";

enum fr_own fr_own_of(struct fr_str path)
{
	struct fr_str rest;

	if (!fr_str_starts(path, root))
		return FR_OWN_NONE;
	rest = fr_str_skip(path, sizeof(root) - 1);
	if (rest.n > 0 && rest.p[0] != '/')
		return FR_OWN_NONE;
	if (fr_str_is(rest, "/batch") || fr_str_is(rest, "/batch/"))
		return FR_OWN_BATCH;
	if (fr_str_is(rest, "/prewarm") || fr_str_is(rest, "/prewarm/"))
		return FR_OWN_PREWARM;
	return FR_OWN_NOTHING;
}
