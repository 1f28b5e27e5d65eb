/* catalogue.h — the text of a catalogue as the rows of core/catalogue.h.
 *
 * The keys are explained at the top of config/catalogue.yaml. A row that could not work is refused with its place: a path
 * without a slash, a default that its own parameter would refuse, a page without a default, more rows or names than the
 * limits allow. */
#ifndef FRUGAL_CONF_CATALOGUE_H
#define FRUGAL_CONF_CATALOGUE_H

#include "conf/tree.h"
#include "core/catalogue.h"

/* All rows and, as the last, the row `other`. FR_INVALID with a message; `ret` is untouched then, else its arena is to be
 * freed. */
enum fr_err fr_catalogue_read(const struct fr_source *s, const struct fr_node *root, struct fr_catalogue *ret);

#endif
