#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

struct fr_blob *fr_blob_new(size_t n)
{
	struct fr_blob *b;

	FR_ASSERT(n <= UINT32_MAX);
	b = fr_alloc(sizeof(*b) + n);
	b->refs = 1;
	b->n = (uint32_t)n;
	return b;
}

struct fr_blob *fr_blob_of(const void *p, size_t n)
{
	struct fr_blob *b = fr_blob_new(n);

	if (n > 0)
		memcpy(b->bytes, p, n);
	return b;
}

struct fr_blob *fr_blob_hold(struct fr_blob *b)
{
	FR_ASSERT(b->refs > 0 && b->refs < UINT32_MAX);
	b->refs++;
	return b;
}

void fr_blob_drop(struct fr_blob *b)
{
	if (b == NULL)
		return;
	FR_ASSERT(b->refs > 0);
	if (--b->refs == 0)
		free(b);
}

struct fr_str fr_blob_str(const struct fr_blob *b)
{
	return (struct fr_str){ b->bytes, b->n };
}
