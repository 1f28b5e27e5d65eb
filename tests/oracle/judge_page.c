/* Pages that were cut: each is a stretch of one list as it was at one moment, or of two that follow one another. */
#include "core/reply.h"
#include "tests/oracle/judge_state.h"

#include <stddef.h>

/* Pinned rows lead the first page out of their place in time: they are older than the first that is in its place. */
static size_t first_in_place(const struct fr_endpoint *row, const struct call *c)
{
	const struct listing *l = &c->listing;

	for (size_t i = c->asked.cursor == 0 ? row->pinned : 0; i > 0; i--)
		if (i < l->n && l->rows[i - 1].when < l->rows[i].when)
			return i;
	return 0;
}

bool begins_in(const struct fr_endpoint *row, const struct call *c, uint64_t cursor, size_t *ret)
{
	const struct listing *l = &c->listing;
	size_t i;

	*ret = 0;
	if (cursor == c->asked.cursor)
		return true;
	if (row->paging == FR_PAGING_OFFSET) {
		*ret = cursor - c->asked.cursor < l->n ? (size_t)(cursor - c->asked.cursor) : l->n;
		return cursor > c->asked.cursor && cursor < l->cursor;
	}
	i = first_in_place(row, c);
	if (l->n == 0 || cursor <= l->cursor || (c->asked.cursor != 0 ? cursor > c->asked.cursor : cursor > l->rows[i].when))
		return false;
	while (i < l->n && l->rows[i].when >= cursor)
		i++;
	*ret = i;
	return true;
}

/* What the page says of the next one fits the block in which it ends: it has the rows from..to of it, where it has so many places. */
static bool ends_well(const struct hearing *h, const struct call *c, size_t from, size_t to, uint64_t places)
{
	const struct listing *page = &h->j->last, *l = &c->listing;
	bool by_offset = h->asked.row->paging == FR_PAGING_OFFSET;

	if (page->quoted != l->quoted || page->flag != l->flag || page->frame != l->frame)
		return false;
	if (to == l->n && page->cursor == l->cursor && page->more == l->more)
		return true;
	if (!page->more || (to < l->n && to - from != places))
		return false;
	if (by_offset) /* the last places may show nothing */
		return page->cursor == h->asked.cursor + h->asked.count && page->cursor < l->cursor;
	return to > 0 && to < l->n && page->cursor == l->rows[to - 1].when && l->rows[to].when < page->cursor;
}

/* How many of the page's rows, from `done` on, stand in the block from `from` on; all that the block has, if there are enough. -1: others. */
static ptrdiff_t agreeing(const struct listing *page, size_t done, const struct listing *l, size_t from)
{
	size_t n = 0;

	for (; done + n < page->n && from + n < l->n; n++)
		if (page->rows[done + n].bytes != l->rows[from + n].bytes)
			return -1;
	return (ptrdiff_t)n;
}

static void check_page_links(const struct hearing *h)
{
	const struct listing *page = &h->j->last;

	if (h->asked.row->links == FR_LINKS_NONE || fr_reply_header(h->reply, "Frugal-Expired-Fields") != NULL)
		if (h->asked.row->links != FR_LINKS_REQUIRED)
			return;
	for (size_t i = 0; i < page->n; i++)
		if (page->rows[i].dies != INT64_MAX && page->rows[i].dies * 1000 <= h->now_ms)
			found_dead(h, "a row", page->rows[i].dies);
}

/* The page goes on in a block that begins where the first ends. */
static bool goes_on(const struct hearing *h, const struct call *head, size_t done, int64_t *ret_at)
{
	const struct listing *page = &h->j->last;

	for (const struct call *c = calls_about(h->j->calls, h->asked.thing); c != NULL; c = c->before) {
		int64_t at_ms = c->at_ms < head->at_ms ? c->at_ms : head->at_ms;
		bool by_offset = h->asked.row->paging == FR_PAGING_OFFSET;
		uint64_t gone = by_offset ? head->listing.cursor - h->asked.cursor : done;
		size_t from;
		ptrdiff_t n;

		if (!c->paged || !age_tells(h, at_ms) || !begins_in(h->asked.row, c, head->listing.cursor, &from))
			continue;
		if (by_offset && c->at_ms < head->at_ms && !h->rescue && h->r->max_stale_ms < 0)
			continue; /* time does not run backwards, unless old answers are better than none */
		n = agreeing(page, done, &c->listing, from);
		if (n >= 0 && done + (size_t)n == page->n && ends_well(h, c, from, from + (size_t)n, h->asked.count - gone)) {
			*ret_at = at_ms;
			return true;
		}
	}
	return false;
}

static bool find(const struct hearing *h, int64_t *ret_at, bool *ret_stitched)
{
	const struct listing *page = &h->j->last;

	for (const struct call *c = calls_about(h->j->calls, h->asked.thing); c != NULL; c = c->before) {
		size_t from;
		ptrdiff_t n;

		if (!c->paged || !begins_in(h->asked.row, c, h->asked.cursor, &from))
			continue;
		n = agreeing(page, 0, &c->listing, from);
		if (n < 0)
			continue;
		*ret_at = c->at_ms;
		*ret_stitched = false;
		if ((size_t)n == page->n && age_tells(h, c->at_ms) && ends_well(h, c, from, from + (size_t)n, h->asked.count))
			return true;
		*ret_stitched = true;
		if (from + (size_t)n == c->listing.n && c->listing.more && goes_on(h, c, (size_t)n, ret_at))
			return true;
	}
	return false;
}

void judge_page(const struct hearing *h)
{
	const struct listing *page = &h->j->last;
	bool stitched = false;
	int64_t at_ms = 0;

	h->j->counts.rows += page->n;
	if (page->rows == NULL || page->n > h->asked.count) {
		found_wrong(h, "no page, or one that is too long", "", (int64_t)page->n, (int64_t)h->asked.count);
		return;
	}
	if (!find(h, &at_ms, &stitched)) {
		found_wrong(h, "no stretch of the list as it was then", h->asked.text, h->age_s, (int64_t)page->n);
		return;
	}
	*(stitched ? &h->j->counts.stitched : &h->j->counts.page) += 1;
	check_age(h, at_ms);
	check_page_links(h);
}
