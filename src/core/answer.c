#include "core/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "core/gzip.h"
#include "core/head.h"

#include "base/pure.h"

/* Nearly all answers say the same here. */
static const char usual_type[] = "application/json";

static size_t size_of_type(const char *type)
{
	return type == usual_type ? 0 : strlen(type) + 1;
}

static const char *copy_text(char **to, const char *text)
{
	size_t n = strlen(text) + 1;
	const char *copy = memcpy(*to, text, n);

	*to += n;
	return copy;
}

/* What stands behind the facts: the question's text with an end, and the others. */
static size_t size_of_texts(const struct fr_answer *a)
{
	return a->canon.n + 1 + size_of_type(a->type) + strlen(a->text) + 1;
}

static void set_texts(struct fr_answer *a, char *to)
{
	struct fr_str canon = a->canon;

	a->canon.p = to;
	if (canon.n > 0)
		memcpy(to, canon.p, canon.n);
	to += canon.n;
	*to++ = '\0';
	if (a->type != usual_type)
		a->type = copy_text(&to, a->type);
	a->text = copy_text(&to, a->text);
}

/* One piece of memory: the facts, then the texts. */
struct fr_answer *fr_answer_new(const struct fr_answer *from)
{
	struct fr_answer facts = *from, *a;

	FR_ASSERT(from->body != NULL);
	facts.type = from->type == NULL ? "" : strcmp(from->type, usual_type) == 0 ? usual_type : from->type;
	facts.text = from->text == NULL ? "" : from->text;
	facts.place = (struct fr_sieve_item){ .bytes = 0 };
	facts.refs = 1;
	facts.heads = NULL;
	facts.hit = 0;
	facts.read_parts = 0;
	FR_ASSERT(size_of_type(facts.type) <= FR_ANSWER_TYPE_MAX && strlen(facts.text) < FR_ANSWER_TEXT_MAX);
	a = fr_alloc(sizeof(*a) + size_of_texts(&facts));
	*a = facts;
	set_texts(a, (char *)(a + 1));
	fr_blob_hold(a->body);
	if (a->packed != NULL)
		fr_blob_hold(a->packed);
	a->etag = fr_hash64(0, a->body->bytes, a->body->n);
	return a;
}

void fr_answer_pack(struct fr_answer *a, size_t least)
{
	FR_ASSERT(a->place.bytes == 0);
	if (least > 0 && a->packed == NULL && a->body->n >= least)
		a->packed = fr_gzip_pack(fr_blob_str(a->body));
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
	fr_blob_drop(a->packed);
	free(a);
}

static size_t blob_cost(const struct fr_blob *b)
{
	return b == NULL ? 0 : fr_alloc_cost(sizeof(*b) + b->n);
}

size_t fr_answer_bytes(const struct fr_answer *a)
{
	return fr_alloc_cost(sizeof(*a) + size_of_texts(a)) + blob_cost(a->body) + blob_cost(a->packed);
}
