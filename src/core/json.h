/* json.h — JSON as text: where the pieces of a value lie, so that they can be handed on byte for byte.
 *
 * What an answer teaches is cut out of its body and put together anew without being read into values: numbers beyond 64 bits,
 * escapes and half a surrogate pair come out as the upstream spelled them. fr_json_sound() looks at a whole text once; the other
 * functions work on sound texts and on pieces of them. Of other texts they make less, or nonsense, but never read past the end. */
#ifndef FRUGAL_CORE_JSON_H
#define FRUGAL_CORE_JSON_H

#include "frugal/types.h"

enum fr_json_kind {
	FR_JSON_NONE,
	FR_JSON_MAP,
	FR_JSON_LIST,
	FR_JSON_TEXT,
	FR_JSON_NUMBER,
	FR_JSON_FLAG, /* true or false */
	FR_JSON_NULL
};

/* Whether the text is one value (RFC 8259), nested no deeper than FR_JSON_DEPTH_MAX; spaces around it are fine. That its bytes are
 * UTF-8 is not looked at. */
bool fr_json_sound(struct fr_str text);

/* The value of a sound text, without the spaces around it; { NULL, 0 } if the text is not sound. */
struct fr_str fr_json_value(struct fr_str text);

enum fr_json_kind fr_json_kind(struct fr_str value); /* by its first byte; NONE for an empty one */

/* A walk over the members of a map or the elements of a list, in their order; over nothing for other values. */
struct fr_json_walk {
	struct fr_str rest;
	bool map;
};
struct fr_json_walk fr_json_walk(struct fr_str value);
/* `name` is what stands between the quotes, as it is spelled; { NULL, 0 } for an element of a list. */
bool fr_json_next(struct fr_json_walk *w, struct fr_str *name, struct fr_str *value);

/* The member of that name; { NULL, 0 } if there is none, or more than one, or `map` is none. */
struct fr_str fr_json_get(struct fr_str map, struct fr_str name);

/* A text without its quotes, as it is spelled; { NULL, 0 } for other values. */
struct fr_str fr_json_inside(struct fr_str value);

/* Whether nobody could tell the values apart by their kinds: maps have the same names in the same order, and so on downwards. Lists are
 * alike whatever is in them. */
bool fr_json_alike(struct fr_str a, struct fr_str b);

#endif
