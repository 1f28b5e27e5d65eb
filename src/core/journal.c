#include "core/journal.h"

#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"

#include "base/pure.h"

enum { HEAD = 2 + 1 + 1 + 2, FIXED = HEAD + 6 * 8 + 1, LENGTHS = 1 + 1 + 2, LATER = 8 + 1 + 1, SUM = 8, FLAG_UNCERTAIN = 1 };

static const struct fr_str magic = { "FJ", 2 };

struct pen {
	char *p;
	size_t n;
};

static void put_uint(struct pen *w, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		w->p[w->n++] = (char)(v >> (8 * i) & 0xff);
}

static void put_text(struct pen *w, struct fr_str s, size_t bytes)
{
	put_uint(w, s.n, bytes);
	if (s.n > 0)
		memcpy(w->p + w->n, s.p, s.n);
	w->n += s.n;
}

size_t fr_journal_put(const struct fr_journal_record *r, char ret[FR_JOURNAL_RECORD_MAX])
{
	struct fr_str reason = fr_str_of(fr_reason_name(r->reason)), verdict = fr_str_of(fr_verdict_name(r->verdict));
	struct fr_str priority = fr_str_of(fr_priority_name(r->priority));
	size_t n = FIXED + LENGTHS + reason.n + verdict.n + r->path.n + LATER + r->tenant.n + priority.n + SUM;
	struct pen w = { ret, 0 };

	FR_ASSERT(n <= FR_JOURNAL_RECORD_MAX);
	memcpy(ret, magic.p, magic.n);
	w.n = magic.n;
	put_uint(&w, FR_JOURNAL_VERSION, 1);
	put_uint(&w, r->kind, 1);
	put_uint(&w, n, 2);
	put_uint(&w, r->seq, 8);
	put_uint(&w, r->call, 8);
	put_uint(&w, (uint64_t)r->at.v, 8);
	put_uint(&w, (uint64_t)r->day, 8);
	put_uint(&w, (uint64_t)r->credits, 8);
	put_uint(&w, r->instance, 8);
	put_uint(&w, r->uncertain ? FLAG_UNCERTAIN : 0, 1);
	put_text(&w, reason, 1);
	put_text(&w, verdict, 1);
	put_text(&w, r->path, 2);
	put_uint(&w, (uint64_t)r->opened.v, 8);
	put_text(&w, r->tenant, 1);
	put_text(&w, priority, 1);
	put_uint(&w, fr_hash64(0, w.p, w.n), SUM);
	FR_ASSERT(w.n == n);
	return n;
}

static uint64_t get_uint(struct fr_str *s, size_t bytes)
{
	uint64_t v = 0;

	FR_ASSERT(s->n >= bytes);
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
	*s = fr_str_skip(*s, bytes);
	return v;
}

static bool get_text(struct fr_str *s, size_t bytes, struct fr_str *ret)
{
	size_t n;

	if (s->n < bytes)
		return false;
	n = (size_t)get_uint(s, bytes);
	if (s->n < n)
		return false;
	*ret = (struct fr_str){ s->p, n };
	*s = fr_str_skip(*s, n);
	return true;
}

/* A name of a newer program counts as the first: the credits matter more than their reason. */
static enum fr_reason reason_of(struct fr_str name)
{
	for (size_t i = 0; i < FR_REASONS; i++)
		if (fr_str_is(name, fr_reason_name((enum fr_reason)i)))
			return (enum fr_reason)i;
	return (enum fr_reason)0;
}

static enum fr_verdict verdict_of(struct fr_str name)
{
	for (size_t i = 0; i < FR_VERDICTS; i++)
		if (fr_str_is(name, fr_verdict_name((enum fr_verdict)i)))
			return (enum fr_verdict)i;
	return (enum fr_verdict)0;
}

static bool get_later_fields(struct fr_str s, struct fr_journal_record *r)
{
	struct fr_str priority;

	if (s.n < LATER)
		return false;
	r->opened.v = (int64_t)get_uint(&s, 8);
	if (!get_text(&s, 1, &r->tenant) || !get_text(&s, 1, &priority) || s.n != 0)
		return false;
	if (!fr_priority_of(priority, &r->priority))
		r->priority = (enum fr_priority)0;
	return true;
}

static bool get_fields(struct fr_str s, uint64_t version, struct fr_journal_record *r)
{
	struct fr_str reason, verdict;

	r->seq = get_uint(&s, 8);
	r->call = get_uint(&s, 8);
	r->at.v = (int64_t)get_uint(&s, 8);
	r->day = (int64_t)get_uint(&s, 8);
	r->credits = (int64_t)get_uint(&s, 8);
	r->instance = get_uint(&s, 8);
	r->uncertain = (get_uint(&s, 1) & FLAG_UNCERTAIN) != 0;
	if (!get_text(&s, 1, &reason) || !get_text(&s, 1, &verdict) || !get_text(&s, 2, &r->path))
		return false;
	r->reason = reason_of(reason);
	r->verdict = verdict_of(verdict);
	r->opened = r->at; /* the first version did not say */
	return version == 1 ? s.n == 0 : get_later_fields(s, r);
}

/* The whole record at the beginning of `s`; 0: there is none. */
static size_t read_one(struct fr_str s, struct fr_journal_record *ret)
{
	struct fr_str head = s, sum;
	uint64_t version, kind;
	size_t n;

	if (s.n < FIXED + LENGTHS + SUM || memcmp(s.p, magic.p, magic.n) != 0)
		return 0;
	head = fr_str_skip(head, magic.n);
	version = get_uint(&head, 1);
	kind = get_uint(&head, 1);
	n = (size_t)get_uint(&head, 2);
	if (version < 1 || version > FR_JOURNAL_VERSION || kind < FR_JOURNAL_HEAD || kind > FR_JOURNAL_LIFE || n > s.n ||
	    n < FIXED + LENGTHS + SUM || n > FR_JOURNAL_RECORD_MAX)
		return 0;
	sum = (struct fr_str){ s.p + n - SUM, SUM };
	if (get_uint(&sum, SUM) != fr_hash64(0, s.p, n - SUM))
		return 0;
	*ret = (struct fr_journal_record){ .kind = (enum fr_journal_kind)kind };
	return get_fields((struct fr_str){ head.p, n - HEAD - SUM }, version, ret) ? n : 0;
}

bool fr_journal_next(struct fr_journal_eye *eye, struct fr_journal_record *ret)
{
	for (size_t at = eye->at; at < eye->all.n; at++) {
		struct fr_journal_record r;
		size_t n = read_one(fr_str_skip(eye->all, at), &r);

		if (n == 0)
			continue;
		eye->damaged += at > eye->at;
		eye->at = at + n;
		*ret = r;
		return true;
	}
	return false;
}
