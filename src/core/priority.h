/* priority.h — classes of work: in which order calls are made, and what stops first when credits run out. */
#ifndef FRUGAL_CORE_PRIORITY_H
#define FRUGAL_CORE_PRIORITY_H

#include "frugal/types.h"

enum fr_priority {
#define PRIORITY(id, name, paced, help) FR_PRIORITY_##id,
#include "frugal/tbl/priorities.def"
#undef PRIORITY
	FR_PRIORITIES
};

const char *fr_priority_name(enum fr_priority p);
bool fr_priority_paced(enum fr_priority p);
bool fr_priority_of(struct fr_str name, enum fr_priority *ret); /* case folds; false: no such class */

#endif
