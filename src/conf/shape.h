/* shape.h — the shape of an answer as a catalogue writes it: { id: id, title?: text, author: { id: id, name: text } }.
 *
 * A name with a '?' behind it may be null or missing. */
#ifndef FRUGAL_CONF_SHAPE_H
#define FRUGAL_CONF_SHAPE_H

#include "base/arena.h"
#include "conf/tree.h"
#include "core/shape.h"

/* `n` is a map, or the name of one in `named` (which may be NULL). Names are copied to the arena. */
enum fr_err fr_shape_read(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_node *named,
			  struct fr_arena *mem, struct fr_shape *ret);

#endif
