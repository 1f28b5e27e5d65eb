/* gzip.h — bodies in gzip (RFC 1952), the coding of bodies that every client of HTTP understands.
 *
 * Pure: bytes in, bytes out. Level 1 of libdeflate, by measurement (docs/GROWTH.md): 80 KiB of the API's lists are a quarter of that after an eighth of a
 * millisecond, and the levels above take three times as long for a tenth less. */
#ifndef FRUGAL_CORE_GZIP_H
#define FRUGAL_CORE_GZIP_H

#include "base/blob.h"

/* NULL: it would not be smaller. */
struct fr_blob *fr_gzip_pack(struct fr_str plain);
/* What was packed. NULL: it is no gzip, not one whole member of it, or more than `most` bytes come out. */
struct fr_blob *fr_gzip_unpack(struct fr_str packed, size_t most);

/* Whether an Accept-Encoding (RFC 9110, section 12.5.3) asks for gzip, and for nothing uncoded more than that. */
bool fr_gzip_accepted(struct fr_str accept_encoding);

#endif
