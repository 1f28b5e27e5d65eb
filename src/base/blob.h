/* blob.h — bytes that are written once and then only shared: by memory, waiters, Redis and sockets. */
#ifndef FRUGAL_BASE_BLOB_H
#define FRUGAL_BASE_BLOB_H

#include "frugal/types.h"

struct fr_blob {
	uint32_t refs, n;
	char bytes[];
};

struct fr_blob *fr_blob_new(size_t n);               /* less than 4 GiB; one reference, bytes not cleared */
struct fr_blob *fr_blob_of(const void *p, size_t n); /* a copy */
struct fr_blob *fr_blob_hold(struct fr_blob *b);     /* +1, returns b */
void fr_blob_drop(struct fr_blob *b);                /* -1, frees at zero; NULL is harmless */
struct fr_str fr_blob_str(const struct fr_blob *b);

#endif
