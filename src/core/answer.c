#include "core/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "core/head.h"

#include "base/pure.h"

/* One piece of memory: the facts, then the question's text. */
struct fr_answer *fr_answer_new(const struct fr_answer *from)
{
	struct fr_answer *a = fr_alloc(sizeof(*a) + from->canon.n + 1);
	char *canon = (char *)(a + 1);

	FR_ASSERT(from->body != NULL);
	*a = *from;
	a->refs = 1;
	a->heads = NULL;
	a->hit.v = 0;
	if (from->canon.n > 0)
		memcpy(canon, from->canon.p, from->canon.n);
	canon[from->canon.n] = '\0';
	a->canon.p = canon;
	a->body = fr_blob_hold(from->body);
	a->etag = fr_hash64(0, a->body->bytes, a->body->n);
	return a;
}

struct fr_answer *fr_answer_hold(struct fr_answer *a)
{
	FR_ASSERT(a->refs > 0 && a->refs < UINT32_MAX);
	a->refs++;
	return a;
}

void fr_answer_drop(struct fr_answer *a)
{
	if (a == NULL)
		return;
	FR_ASSERT(a->refs > 0);
	if (--a->refs > 0)
		return;
	fr_heads_leave(a);
	fr_blob_drop(a->body);
	free(a);
}

size_t fr_answer_bytes(const struct fr_answer *a)
{
	return sizeof(*a) + a->canon.n + 1 + sizeof(*a->body) + a->body->n;
}
