/* needs.h — which fields of an answer a client reads, when it says so.
 *
 * Fields are named as they stand at an answer's root, and kept as one bit each by their places in the row's shape. No bit means every
 * field: so does "*", and so does a list with a name that the row does not know. */
#ifndef FRUGAL_CORE_NEEDS_H
#define FRUGAL_CORE_NEEDS_H

#include "core/shape.h"

/* The query parameter that names them; it is for this program alone. */
#define FR_NEEDS_PARAM "frugal_fields"

struct fr_needs {
	uint64_t bits;
	bool unknown; /* a name was not known */
};

/* `list`: names with commas or spaces between them. */
struct fr_needs fr_needs_read(const struct fr_shape *shape, struct fr_str list);

#endif
