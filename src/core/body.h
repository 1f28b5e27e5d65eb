/* body.h — an upstream's body as JSON, for the few rules that look inside.
 *
 * Bodies come from outside: nesting is bounded before anything recursive sees them. What clients' JSON readers commonly accept
 * is accepted (a byte order mark, integers beyond 64 bits, half a surrogate pair): such a body is paid for, and it would work
 * without us. */
#ifndef FRUGAL_CORE_BODY_H
#define FRUGAL_CORE_BODY_H

#include <jansson.h>

#include "frugal/types.h"

/* The root object, to be released with json_decref(). NULL if the body is not JSON, its root is no object, or it is nested
 * deeper than FR_JSON_DEPTH_MAX. A key that occurs twice has its last value. */
json_t *fr_body_object(struct fr_str body);

/* The same for those who look at the root's own texts, numbers and flags only: maps and lists in it are there, but empty. Of a long body it costs
 * a small part. */
json_t *fr_body_root(struct fr_str body);

/* Borrowed from `object` (which may be NULL): NULL, or { NULL, 0 }, if the key is absent or no string. */
json_t *fr_body_member(json_t *object, struct fr_str key);
struct fr_str fr_body_text(json_t *object, struct fr_str key);

#endif
