/* shape.h — what a map in an answer is made of, as the catalogue says it: names and what they hold.
 *
 * Nothing is taken from a body that is not of this shape: what is put together from pieces must have the types that the upstream's
 * own answer has. */
#ifndef FRUGAL_CORE_SHAPE_H
#define FRUGAL_CORE_SHAPE_H

#include "frugal/types.h"

enum fr_shape_kind {
	FR_SHAPE_TEXT,
	FR_SHAPE_ID, /* a text of decimal digits */
	FR_SHAPE_NUMBER,
	FR_SHAPE_FLAG, /* true or false */
	FR_SHAPE_LIST,
	FR_SHAPE_MAP
};

struct fr_shape {
	size_t n; /* at most FR_SHAPE_MAX; 0: nothing is known of it */
	const struct fr_shape_part *at;
};

struct fr_shape_part {
	struct fr_str name;
	enum fr_shape_kind kind;
	bool optional;         /* may be null, or missing */
	struct fr_shape inner; /* of a MAP: what it must have; n == 0: anything */
};

/* The place of a name; s->n if it has none. */
size_t fr_shape_find(const struct fr_shape *s, struct fr_str name);

/* Whether a value is what the part may hold. */
bool fr_shape_holds(const struct fr_shape_part *part, struct fr_str value);

/* Whether a map has all parts that are not optional, and no part that is of another kind. Other names do not matter. */
bool fr_shape_whole(const struct fr_shape *s, struct fr_str map);

#endif
