/* max_pages.h — how deep a client may read into lists: { /path/: 3 }. */
#ifndef FRUGAL_CONF_MAX_PAGES_H
#define FRUGAL_CONF_MAX_PAGES_H

#include "base/buf.h"
#include "conf/load.h"
#include "conf/tree.h"

/* `ret` has a place for each row of the catalogue; 0: as deep as it likes. */
enum fr_err fr_max_pages_read(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_catalogue *c,
			      uint16_t ret[FR_ENDPOINTS_MAX]);
enum fr_err fr_max_pages_write(struct fr_buf *b, const struct fr_catalogue *c, const uint16_t pages[FR_ENDPOINTS_MAX]);

#endif
