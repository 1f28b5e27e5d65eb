#include "core/record.h"

#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/gzip.h"
#include "frugal/limits.h"

#include "base/pure.h"

static const struct fr_str magic = { "FRU1", 4 };

enum { FLAG_VERBATIM = 1, FLAG_ALIAS = 2, FLAG_PACKED = 4, FLAGS_KNOWN = 7 };
enum {
	HEAD = 4 + 2 + 2,              /* magic, version, flags */
	FACTS = 8 + 1 + 1 + 2 + 8 + 8, /* stored, origin, verdict, status, negative, post_id */
	LENGTHS = 4 + 1 + 1 + 4,       /* of canon, type, text, body */
	LINKS = 8 + 1,                 /* first, n */
	SUM = 8
};

struct pen {
	char *p;
	size_t n;
};

static void put(struct pen *w, struct fr_str s)
{
	if (s.n > 0)
		memcpy(w->p + w->n, s.p, s.n);
	w->n += s.n;
}

static void put_uint(struct pen *w, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		w->p[w->n++] = (char)(v >> (8 * i) & 0xff);
	FR_ASSERT(bytes == 8 || v >> (8 * bytes) == 0);
}

static void put_text(struct pen *w, struct fr_str s, size_t bytes)
{
	put_uint(w, s.n, bytes);
	put(w, s);
}

static const struct fr_blob *written(const struct fr_answer *a)
{
	return a->packed != NULL ? a->packed : a->body;
}

static size_t size_of(const struct fr_answer *a)
{
	return HEAD + FACTS + LENGTHS + LINKS + SUM + a->canon.n + strlen(a->type) + strlen(a->text) + written(a)->n;
}

struct fr_blob *fr_record_write(const struct fr_answer *a)
{
	struct fr_blob *b = fr_blob_new(size_of(a));
	struct pen w = { b->bytes, 0 };

	FR_ASSERT(a->body->n <= FR_BODY_MAX && b->n <= FR_RECORD_MAX);
	put(&w, magic);
	put_uint(&w, a->packed != NULL ? FR_RECORD_VERSION_PACKED : FR_RECORD_VERSION, 2);
	put_uint(&w, (a->verbatim ? FLAG_VERBATIM : 0) | (a->alias ? FLAG_ALIAS : 0) | (a->packed != NULL ? FLAG_PACKED : 0), 2);
	put_uint(&w, (uint64_t)a->stored.v, 8);
	put_uint(&w, a->origin, 1);
	put_uint(&w, a->verdict, 1);
	put_uint(&w, (uint64_t)a->status, 2);
	put_uint(&w, (uint64_t)a->negative.v, 8);
	put_uint(&w, a->post_id, 8);
	put_text(&w, a->canon, 4);
	put_text(&w, fr_str_of(a->type), 1);
	put_text(&w, fr_str_of(a->text), 1);
	put_uint(&w, (uint64_t)a->links_first.v, 8);
	put_uint(&w, 0, 1);
	put_text(&w, fr_blob_str(written(a)), 4);
	put_uint(&w, fr_hash64(0, w.p, w.n), SUM);
	FR_ASSERT(w.n == b->n);
	return b;
}

/* What is left to read; once something was missing, everything is 0 or empty. */
struct eye {
	struct fr_str left;
	bool short_of;
	uint64_t version;
};

static struct fr_str get(struct eye *r, size_t n)
{
	struct fr_str s = { NULL, 0 };

	if (r->short_of || n > r->left.n) {
		r->short_of = true;
		return s;
	}
	s = (struct fr_str){ r->left.p, n };
	r->left = fr_str_skip(r->left, n);
	return s;
}

static uint64_t get_uint(struct eye *r, size_t bytes)
{
	struct fr_str s = get(r, bytes);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
	return v;
}

static struct fr_str get_text(struct eye *r, size_t bytes)
{
	return get(r, (size_t)get_uint(r, bytes));
}

/* Into an array of `size` with its end; a text with a NUL inside would not come out as it went in. */
static const char *get_field(struct eye *r, char *ret, size_t size)
{
	struct fr_str s = get_text(r, 1);

	if (s.n >= size || fr_str_find(s, '\0') < s.n)
		r->short_of = true;
	else
		(void)fr_str_copy(ret, size, s);
	return ret;
}

/* The fields by name are passed over: the body tells them. */
static fr_wall get_links(struct eye *r)
{
	fr_wall first = { (int64_t)get_uint(r, 8) };
	size_t n = (size_t)get_uint(r, 1);
	char field[FR_NAME_MAX];

	if (n > FR_LINKS_MAX)
		r->short_of = true;
	for (size_t i = 0; i < n && !r->short_of; i++) {
		(void)get_field(r, field, sizeof(field));
		(void)get_uint(r, 8);
	}
	return first;
}

/* Texts that the record has no end for. */
struct ended {
	char type[FR_ANSWER_TYPE_MAX], text[FR_ANSWER_TEXT_MAX];
};

/* The facts, and the body's bytes. False if anything is not as fr_record_write() would have written it. */
static bool get_answer(struct eye *r, struct fr_answer *a, struct ended *texts, struct fr_str *body, bool *packed)
{
	uint64_t flags = get_uint(r, 2), verdict, origin = FR_ORIGIN_UPSTREAM;

	*packed = (flags & FLAG_PACKED) != 0;
	a->verbatim = (flags & FLAG_VERBATIM) != 0;
	a->alias = (flags & FLAG_ALIAS) != 0;
	a->stored.v = (int64_t)get_uint(r, 8);
	if (r->version > FR_RECORD_VERSION_WITHOUT_ORIGIN)
		origin = get_uint(r, 1);
	if (origin < FR_ORIGINS)
		a->origin = (enum fr_origin)origin;
	verdict = get_uint(r, 1);
	if (verdict < FR_VERDICTS)
		a->verdict = (enum fr_verdict)verdict;
	a->status = (int)get_uint(r, 2);
	a->negative.v = (int64_t)get_uint(r, 8);
	a->post_id = get_uint(r, 8);
	a->canon = get_text(r, 4);
	a->type = get_field(r, texts->type, sizeof(texts->type));
	a->text = get_field(r, texts->text, sizeof(texts->text));
	a->links_first = get_links(r);
	*body = get_text(r, 4);
	return !r->short_of && r->left.n == 0 && (flags & ~(uint64_t)FLAGS_KNOWN) == 0 &&
	       *packed == (r->version == FR_RECORD_VERSION_PACKED) && verdict < FR_VERDICTS && origin < FR_ORIGINS &&
	       a->canon.n <= FR_CANON_MAX && body->n <= FR_BODY_MAX;
}

static bool known_version(uint64_t v)
{
	return v == FR_RECORD_VERSION || v == FR_RECORD_VERSION_PACKED || v == FR_RECORD_VERSION_WITHOUT_ORIGIN;
}

/* False: what should be gzip is not. */
static bool take_body(struct fr_answer *a, struct fr_str body, bool packed)
{
	a->body = packed ? fr_gzip_unpack(body, FR_BODY_MAX) : fr_blob_of(body.p, body.n);
	if (packed && a->body != NULL)
		a->packed = fr_blob_of(body.p, body.n);
	return a->body != NULL;
}

enum fr_record_read fr_record_read(struct fr_str bytes, struct fr_key key, struct fr_str canon, struct fr_answer **ret)
{
	struct eye all = { bytes, false, 0 }, facts;
	struct fr_answer a = { .refs = 1, .key = key };
	struct ended texts = { "", "" };
	struct fr_str body;
	bool packed;
	size_t summed;

	if (!fr_str_eq(get(&all, magic.n), magic))
		return FR_RECORD_FOREIGN;
	if (bytes.n < HEAD + SUM || bytes.n > FR_RECORD_MAX)
		return FR_RECORD_DAMAGED;
	all.version = get_uint(&all, 2);
	if (!known_version(all.version))
		return FR_RECORD_VERSION_UNKNOWN;
	summed = bytes.n - SUM;
	facts = (struct eye){ { all.left.p, all.left.n - SUM }, false, all.version };
	all.left = fr_str_skip(bytes, summed);
	if (get_uint(&all, SUM) != fr_hash64(0, bytes.p, summed) || !get_answer(&facts, &a, &texts, &body, &packed))
		return FR_RECORD_DAMAGED;
	if (canon.n > 0 && !fr_str_eq(canon, a.canon))
		return FR_RECORD_OTHER;
	if (!take_body(&a, body, packed))
		return FR_RECORD_DAMAGED;
	*ret = fr_answer_new(&a);
	fr_blob_drop(a.body);
	fr_blob_drop(a.packed);
	return FR_RECORD_OK;
}

_Static_assert(HEAD + 8 == FR_RECORD_MOMENT_END, "Redis compares the moments of records by these bytes");

bool fr_record_moment(struct fr_str bytes, fr_wall *ret)
{
	struct eye r = { fr_str_skip(bytes, bytes.n < HEAD ? bytes.n : HEAD), false, 0 };

	if (bytes.n < FR_RECORD_MOMENT_END || !fr_str_starts(bytes, magic.p))
		return false;
	ret->v = (int64_t)get_uint(&r, 8);
	return true;
}
