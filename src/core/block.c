#include "core/block.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/json.h"
#include "base/pure.h"

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static struct fr_block_span span_of(struct fr_str body, struct fr_str piece)
{
	return (struct fr_block_span){ (size_t)(piece.p - body.p), piece.n };
}

static struct fr_str text_of(struct fr_str body, struct fr_block_span s)
{
	return (struct fr_str){ body.p + s.at, s.n };
}

/* A number, or a text of one. */
static bool read_number(struct fr_str value, uint64_t *ret, bool *quoted)
{
	struct fr_str inside = fr_json_inside(value);

	*quoted = inside.p != NULL;
	return fr_str_to_u64(*quoted ? inside : value, ret);
}

/* Yes and no as APIs spell them. */
static bool read_flag(struct fr_str value, bool *ret, const char **yes)
{
	static const char *const spelled[][2] = {
		{ "false", "true" }, { "0", "1" }, { "\"0\"", "\"1\"" }, { "\"false\"", "\"true\"" }
	};

	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		for (size_t say = 0; say < 2; say++)
			if (fr_str_is(value, spelled[i][say])) {
				*ret = say == 1;
				*yes = spelled[i][1];
				return true;
			}
	return false;
}

/* Nothing, and no word on whether there is more: no list goes on like that. */
static bool nothing(struct fr_str rows, struct fr_str more)
{
	struct fr_json_walk w = fr_json_walk(rows);
	struct fr_str none, row;

	return !fr_json_next(&w, &none, &row) && (more.p == NULL || fr_json_kind(more) == FR_JSON_NULL);
}

/* Everything but the rows themselves. */
static bool read_root(const struct fr_endpoint *row, struct fr_str body, struct fr_block *b)
{
	struct fr_str root = fr_json_value(body);
	struct fr_str rows = fr_json_get(root, row->rows), cursor = fr_json_get(root, row->cursor),
		      more = fr_json_get(root, row->more);

	if (fr_json_kind(rows) != FR_JSON_LIST)
		return false;
	b->rows = span_of(body, rows);
	if (nothing(rows, more)) {
		b->end = b->start;
		b->cursor = b->flag = (struct fr_block_span){ body.n, 0 };
		return true;
	}
	if (!read_number(cursor, &b->end, &b->quoted) || !read_flag(more, &b->more, &b->yes))
		return false;
	b->cursor = span_of(body, cursor);
	b->flag = span_of(body, more);
	return true;
}

static bool read_time(const struct fr_endpoint *row, struct fr_str text, uint64_t *ret)
{
	bool quoted;

	return read_number(fr_json_get(text, row->at), ret, &quoted) &&
	       !__builtin_mul_overflow(*ret, (uint64_t)row->at_unit, ret);
}

static bool read_rows(const struct fr_endpoint *row, struct fr_str body, struct fr_block *b)
{
	struct fr_json_walk w = fr_json_walk(text_of(body, b->rows));
	struct fr_str none, text;

	while (fr_json_next(&w, &none, &text)) {
		struct fr_block_row *r = &b->row[b->n];

		if (b->n == FR_BLOCK_ROWS_MAX)
			return false;
		*r = (struct fr_block_row){ .text = span_of(body, text) };
		if (b->by == FR_PAGING_TIME && !read_time(row, text, &r->when))
			return false;
		b->n++;
	}
	return true;
}

static bool offsets_fit(const struct fr_block *b, uint64_t count)
{
	uint64_t places = b->end - b->start;

	if (b->end < b->start || places < b->n || places > count || (b->more && places == 0))
		return false;
	return places == b->n || !b->more || places == count;
}

static bool times_fit(struct fr_block *b, size_t pinned)
{
	if (b->n == 0)
		return !b->more || (b->end > 0 && (b->start == 0 || b->end < b->start));
	b->settled = b->n - 1;
	while (b->settled > 0 && b->row[b->settled - 1].when >= b->row[b->settled].when)
		b->settled--;
	if (b->settled > (b->start == 0 ? pinned : 0) || b->row[b->n - 1].when != b->end)
		return false;
	return b->start == 0 || b->row[b->settled].when <= b->start;
}

struct fr_block *fr_block_read(const struct fr_endpoint *row, uint64_t start, uint64_t count, struct fr_str body,
			       enum fr_block_flaw *why)
{
	struct fr_block *b = fr_calloc(1, sizeof(*b) + FR_BLOCK_ROWS_MAX * sizeof(b->row[0])), *ret = NULL;
	bool fits;

	b->refs = 1;
	b->by = row->paging;
	b->start = start;
	*why = FR_BLOCK_TYPES;
	if (read_root(row, body, b) && read_rows(row, body, b)) {
		fits = b->by == FR_PAGING_OFFSET ? offsets_fit(b, count) : times_fit(b, row->pinned);
		*why = fits ? FR_BLOCK_SOUND : FR_BLOCK_CURSOR;
	}
	if (*why == FR_BLOCK_SOUND) { /* few blocks have so many rows */
		ret = fr_calloc(1, fr_block_bytes(b));
		memcpy(ret, b, fr_block_bytes(b));
	}
	free(b);
	return ret;
}

struct fr_block *fr_block_hold(struct fr_block *b)
{
	FR_ASSERT(b->refs > 0);
	b->refs++;
	return b;
}

void fr_block_drop(struct fr_block *b)
{
	if (b != NULL && --b->refs == 0)
		free(b);
}

size_t fr_block_bytes(const struct fr_block *b)
{
	return sizeof(*b) + b->n * sizeof(b->row[0]);
}

/* ---- cutting ---------------------------------------------------------------------------------------------------------- */

bool fr_block_holds(const struct fr_block *b, uint64_t cursor)
{
	if (cursor == b->start)
		return true;
	if (b->by == FR_PAGING_OFFSET)
		return cursor > b->start && cursor < b->end;
	if (b->n == 0 || cursor <= b->end)
		return false;
	/* what is newer than all rows of the first page may have others before it that came later */
	return cursor <= b->row[b->settled].when || (b->start != 0 && cursor < b->start);
}

static bool cut_offsets(const struct fr_block *b, uint64_t cursor, uint64_t count, struct fr_cut *cut)
{
	uint64_t skipped = cursor - b->start, left = b->end - cursor;

	cut->from = skipped < b->n ? (size_t)skipped : b->n;
	cut->to = count < b->n - cut->from ? cut->from + (size_t)count : b->n;
	cut->last = count >= left || (cut->to == b->n && !b->more);
	cut->next = count < left ? cursor + count : b->end;
	if (cut->last && b->more && skipped > 0)
		cut->behind = count - left;
	return true;
}

static bool cut_times(const struct fr_block *b, uint64_t cursor, uint64_t count, struct fr_cut *cut)
{
	const struct fr_block_row *last;

	if (cursor != b->start)
		for (cut->from = b->settled; cut->from < b->n && b->row[cut->from].when >= cursor;)
			cut->from++;
	cut->to = count < b->n - cut->from ? cut->from + (size_t)count : b->n;
	cut->last = cut->to == b->n;
	cut->next = b->end;
	if (cut->last) {
		if (b->more && cursor != b->start)
			cut->behind = count - (cut->to - cut->from);
		return true;
	}
	last = &b->row[cut->to - 1];
	cut->next = last->when;
	return cut->to > b->settled && last->when > b->row[cut->to].when;
}

bool fr_block_cut(const struct fr_block *b, uint64_t cursor, uint64_t count, struct fr_cut *ret)
{
	FR_ASSERT(fr_block_holds(b, cursor) && count > 0);
	*ret = (struct fr_cut){ .from = 0 };
	return b->by == FR_PAGING_OFFSET ? cut_offsets(b, cursor, count, ret) : cut_times(b, cursor, count, ret);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

/* Pieces in their order: counted first, then copied. */
struct writer {
	char *to; /* NULL: they are counted */
	size_t n;
};

static void put(struct writer *w, struct fr_str s)
{
	if (w->to != NULL && s.n > 0)
		memcpy(w->to + w->n, s.p, s.n);
	w->n += s.n;
}

static void put_between(struct writer *w, struct fr_str body, size_t from, size_t to)
{
	put(w, (struct fr_str){ body.p + from, to - from });
}

static size_t end_of(struct fr_block_span s)
{
	return s.at + s.n;
}

static void put_rows(struct writer *w, const struct fr_block_part *p)
{
	if (p->cut.from < p->cut.to)
		put_between(w, p->body, p->block->row[p->cut.from].text.at, end_of(p->block->row[p->cut.to - 1].text));
}

static bool empty(const struct fr_block_part *p)
{
	return p == NULL || p->cut.from == p->cut.to;
}

/* What stands between two rows of a block. */
static void put_comma(struct writer *w, const struct fr_block_part *p)
{
	const struct fr_block_row *row = p->block->row;

	if (p->block->n < 2)
		put(w, FR_STR(","));
	else
		put_between(w, p->body, end_of(row[0].text), row[1].text.at);
}

static void put_list(struct writer *w, const struct fr_block_part *head, const struct fr_block_part *p)
{
	const struct fr_block_part *lead = empty(head) ? p : head;

	if (empty(head) && empty(p)) {
		put(w, p->block->n == 0 ? text_of(p->body, p->block->rows) : FR_STR("[]"));
		return;
	}
	put_between(w, lead->body, lead->block->rows.at, lead->block->row[0].text.at);
	if (!empty(head))
		put_rows(w, head);
	if (!empty(head) && !empty(p))
		put_comma(w, head);
	put_rows(w, p);
	put_between(w, lead->body, end_of(lead->block->row[lead->block->n - 1].text), end_of(lead->block->rows));
}

static void put_cursor(struct writer *w, const struct fr_block_part *p)
{
	char text[32];

	if (p->cut.last) {
		put(w, text_of(p->body, p->block->cursor));
		return;
	}
	(void)snprintf(text, sizeof(text), p->block->quoted ? "\"%" PRIu64 "\"" : "%" PRIu64, p->cut.next);
	put(w, fr_str_of(text));
}

static void put_flag(struct writer *w, const struct fr_block_part *p)
{
	put(w, p->cut.last ? text_of(p->body, p->block->flag) : fr_str_of(p->block->yes));
}

/* The body of `p`, with other text in its three places, in whatever order they stand. */
static void put_body(struct writer *w, const struct fr_block_part *head, const struct fr_block_part *p)
{
	const struct fr_block *b = p->block;
	size_t done = 0;

	while (done < p->body.n) {
		size_t rows = b->rows.at, cursor = b->cursor.at, flag = b->flag.at, next = p->body.n;

		next = rows >= done && rows < next ? rows : next;
		next = cursor >= done && cursor < next ? cursor : next;
		next = flag >= done && flag < next ? flag : next;
		put_between(w, p->body, done, next);
		done = next;
		if (next == p->body.n)
			break;
		if (next == rows) {
			put_list(w, head, p);
			done = end_of(b->rows);
		} else if (next == cursor) {
			put_cursor(w, p);
			done = end_of(b->cursor);
		} else {
			put_flag(w, p);
			done = end_of(b->flag);
		}
	}
}

struct fr_blob *fr_block_page(const struct fr_block_part *head, const struct fr_block_part *part)
{
	struct writer w = { .to = NULL };
	struct fr_blob *ret;

	put_body(&w, head, part);
	ret = fr_blob_new(w.n);
	w = (struct writer){ .to = ret->bytes };
	put_body(&w, head, part);
	FR_ASSERT(w.n == ret->n);
	return ret;
}
