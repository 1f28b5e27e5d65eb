/* lesson.h — what answers teach, as a catalogue writes it; read when all rows are known, since rows speak of one another. */
#ifndef FRUGAL_CONF_LESSON_H
#define FRUGAL_CONF_LESSON_H

#include "conf/tree.h"
#include "core/catalogue.h"

/* Reads `thing` and `teaches` of every row under `endpoints` of `root`; the rows of `c` stand in the same order. A lesson that could
 * never be right is refused with its place: a row that is not there, a question with a parameter missing, an answer without its
 * mandatory keys. */
enum fr_err fr_lessons_read(const struct fr_source *s, const struct fr_node *root, struct fr_catalogue *c);

#endif
