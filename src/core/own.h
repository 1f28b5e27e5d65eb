/* own.h — the paths of the clients' listener that are frugald's own: they are served here and never go upstream. */
#ifndef FRUGAL_CORE_OWN_H
#define FRUGAL_CORE_OWN_H

#include "frugal/types.h"

enum fr_own {
	FR_OWN_NONE, /* a question, or a path that is handed through */
	FR_OWN_BATCH,
	FR_OWN_PREWARM,
	FR_OWN_NOTHING /* frugald's own, and nothing is there */
};

/* `path` is without its query, with or without a slash at its end. */
enum fr_own fr_own_of(struct fr_str path);

#endif
