/* fields.h — the header fields of a reply, written one after the other into the reply's own text.
 *
 * A value is begun, put together from pieces and ended; nothing here allocates. Every byte that is not printable ASCII
 * becomes '?', so no value can end a line or start a field of its own (RFC 9110, section 5.5). A value that does not fit is
 * cut: the sizes in limits.h leave room for all. */
#ifndef FRUGAL_CORE_FIELDS_H
#define FRUGAL_CORE_FIELDS_H

#include "core/reply.h"

void fr_fields_begin(struct fr_reply *r, const char *name); /* name is static; at most FR_HEADERS_MAX fields */
void fr_fields_put(struct fr_reply *r, const char *terminated);
void fr_fields_put_str(struct fr_reply *r, struct fr_str s);
void fr_fields_put_int(struct fr_reply *r, int64_t v);
void fr_fields_end(struct fr_reply *r);

/* A whole field at once. */
void fr_fields_add(struct fr_reply *r, const char *name, struct fr_str value);
void fr_fields_add_int(struct fr_reply *r, const char *name, int64_t v);

/* The byte as it may stand in a value. */
static inline char fr_fields_clean(char c)
{
	return c >= 0x20 && c < 0x7f ? c : '?';
}

/* Is `etag` (with its quotes) named by an If-None-Match? Lists, weak comparison and "*" (RFC 9110, sections 8.8.3.2 and
 * 13.1.2). */
bool fr_fields_names_etag(struct fr_str if_none_match, struct fr_str etag);

#endif
