/* record.h — an answer as bytes in Redis: versioned and check-summed.
 *
 * Layout, little-endian: magic "FRU1", version u16, flags u16, the facts, lengths and bytes of canon, type, text, links (the first
 * expiry; then names with expiries, which are read over and no longer written) and body (in gzip, if it is packed), and a SipHash-64 of all before it. Whatever does not check is no record: the reader never trusts a length. */
#ifndef FRUGAL_CORE_RECORD_H
#define FRUGAL_CORE_RECORD_H

#include "base/blob.h"
#include "core/answer.h"

#define FR_RECORD_VERSION 2
/* Where the body is in gzip: an instance that is older asks anew, and says why. */
#define FR_RECORD_VERSION_PACKED 3
/* Still read: all answers were the upstream's own. */
#define FR_RECORD_VERSION_WITHOUT_ORIGIN 1

/* One allocation, to be dropped by the caller. */
struct fr_blob *fr_record_write(const struct fr_answer *a);

enum fr_record_read {
	FR_RECORD_OK,
	FR_RECORD_FOREIGN, /* not a record at all */
	FR_RECORD_VERSION_UNKNOWN,
	FR_RECORD_DAMAGED, /* lengths or check sum wrong */
	FR_RECORD_OTHER    /* a sound record of another question (`canon` differs) */
};

/* Reads a record for the question `canon`; with an empty canon any question is accepted. `*ret` (one reference) only on FR_RECORD_OK. */
enum fr_record_read fr_record_read(struct fr_str bytes, struct fr_key key, struct fr_str canon, struct fr_answer **ret);

/* When the answer in a record was asked for, by its first FR_RECORD_MOMENT_END bytes; false if they are not a record's. */
enum { FR_RECORD_MOMENT_END = 16 };
bool fr_record_moment(struct fr_str bytes, fr_wall *ret);

#endif
