#include "core/priority.h"

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

static const struct {
	const char *name;
	bool paced;
} priorities[FR_PRIORITIES] = {
#define PRIORITY(id, name, paced, help) [FR_PRIORITY_##id] = { name, paced },
#include "frugal/tbl/priorities.def"
#undef PRIORITY
};

const char *fr_priority_name(enum fr_priority p)
{
	FR_ASSERT(p < FR_PRIORITIES);
	return priorities[p].name;
}

bool fr_priority_paced(enum fr_priority p)
{
	FR_ASSERT(p < FR_PRIORITIES);
	return priorities[p].paced;
}

bool fr_priority_of(struct fr_str name, enum fr_priority *ret)
{
	for (enum fr_priority p = 0; p < FR_PRIORITIES; p++)
		if (fr_str_eq_nocase(name, fr_str_of(priorities[p].name))) {
			*ret = p;
			return true;
		}
	return false;
}
