/* canon.h — the canonical text of a question, and how it is taken apart again.
 *
 *     <path>?<name>=<value>&<name>=<value>#<partition, 16 hex>
 *
 * Names are sorted by bytes and unique; names and values are encoded as in query.h, so that '?', '&', '=' and '#' occur as
 * separators only. The query is missing where a question has no parameter, the partition where all clients share the cache. */
#ifndef FRUGAL_CORE_CANON_H
#define FRUGAL_CORE_CANON_H

#include "base/arena.h"
#include "core/catalogue.h"
#include "core/problem.h"
#include "frugal/err.h"
#include "frugal/types.h"

struct fr_canon_item {
	struct fr_str name, value;    /* decoded and folded */
	const struct fr_param *param; /* NULL if the row does not know it */
};

/* `items` are sorted. The text is terminated and lives in the arena. FR_TOOBIG with `why` filled past FR_CANON_MAX. */
enum fr_err fr_canon_write(struct fr_arena *mem, struct fr_str path, const struct fr_canon_item *items, size_t n,
			   uint64_t partition, struct fr_str *ret, struct fr_refusal *why);

/* The query of a canonical text: what is between '?' and '#', empty if there is none. */
struct fr_str fr_canon_query(struct fr_str canon);

/* Cuts the next parameter off such a query, both halves still encoded; false at the end. */
bool fr_canon_next(struct fr_str *query, struct fr_str *name, struct fr_str *value);

#endif
