/* json_text.h — what a client says as JSON: the value in a body, and the characters that a text stands for. */
#ifndef FRUGAL_CORE_JSON_TEXT_H
#define FRUGAL_CORE_JSON_TEXT_H

#include "base/arena.h"
#include "frugal/types.h"

/* The value in a body, without a byte order mark and the spaces around it; { NULL, 0 } if it is not one JSON value. Borrowed from the body. */
struct fr_str fr_json_body(struct fr_str body);

/* The characters of a text (a value as fr_json_walk() has it), its escapes undone; terminated, in the arena. { NULL, 0 } for another value, half
 * a surrogate pair, bytes that are not UTF-8, or past the arena's ceiling. */
struct fr_str fr_json_text(struct fr_arena *mem, struct fr_str value);

#endif
