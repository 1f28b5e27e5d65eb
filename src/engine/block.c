/* Blocks, the largest pages that can be had of a list (core/block.h): which answers can be cut, for whom, and what is cut from them. */
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/links.h"
#include "core/portion.h"
#include "engine/block_state.h"

#include <string.h>

/* After an answer whose paging is not what the catalogue says, its list's pages are asked for as they are for so long; those of all the row's lists if none
 * ever was what it says, or several in a row are not. */
static const fr_ms DISTRUST = { 3600 * 1000 };
enum { FLAWS_MAX = 3 };

void block_init(struct fr_engine *e)
{
	e->blocks = fr_blocks_new(e->ports.random(e->ports.ctx));
}

void block_reloaded(struct fr_engine *e)
{
	fr_blocks_free(e->blocks);
	block_init(e);
	memset(e->block_flaws, 0, sizeof e->block_flaws);
	memset(e->block_proved, 0, sizeof e->block_proved);
	memset(e->block_distrust, 0, sizeof e->block_distrust);
}

static bool distrusted(const struct fr_engine *e, const struct fr_endpoint *row)
{
	return e->now.v < e->block_distrust[row->index].v;
}

bool block_distrusted(const struct fr_engine *e, const struct fr_endpoint *row, struct fr_key list)
{
	return distrusted(e, row) || fr_blocks_flawed(e->blocks, list, (fr_wall){ e->wall.v - DISTRUST.v });
}

static void distrust(struct fr_engine *e, const struct fr_endpoint *row, const char *why)
{
	if (!distrusted(e, row))
		engine_note(e, FR_LOG_WARNING, "pages of %.*s are asked for one by one for %lld s: %s", FR_STR_ARG(row->path),
			    (long long)DISTRUST.v / 1000, why);
	e->block_distrust[row->index] = (fr_ms){ e->now.v + DISTRUST.v };
}

/* The same where it is known which list it is most likely of: whoever asks again for a page finds it so, without reading the answer's question. */
static struct fr_known_block *outline_in(struct fr_engine *e, struct fr_key list, const struct fr_endpoint *row,
					 const struct fr_answer *a)
{
	struct fr_known_block *k = a->verdict == FR_VERDICT_DATA ? fr_blocks_of(e->blocks, list, a) : NULL;

	return k != NULL && k->block != NULL ? k : block_outline(e, row, a);
}

struct fr_known_block *block_outline(struct fr_engine *e, const struct fr_endpoint *row, const struct fr_answer *a)
{
	struct fr_known_block *k;
	enum fr_block_flaw why;
	struct fr_block *block;
	struct fr_portion p;

	if (a->verdict != FR_VERDICT_DATA || !fr_portion_read(row, a->canon, &p) || p.count != p.max)
		return NULL;
	k = fr_blocks_of(e->blocks, p.list, a);
	if (k != NULL)
		return k->block != NULL ? k : NULL;
	block = fr_block_read(row, p.cursor, p.count, fr_blob_str(a->body), &why);
	k = fr_blocks_put(e->blocks, p.list, a, block);
	if (block != NULL) {
		e->block_proved[row->index] = true;
		e->block_flaws[row->index] = 0;
		return k;
	}
	e->tally.counters.block_untrusted++;
	if (++e->block_flaws[row->index] >= FLAWS_MAX || !e->block_proved[row->index])
		distrust(e, row,
			 why == FR_BLOCK_TYPES ? "an answer's rows, cursor or flag are not of the types that paging has"
					       : "an answer's cursor is not what paging makes of its rows");
	return NULL;
}

/* ---- what is good for whom ------------------------------------------------------------------------------------------ */

/* An error that may be about the count alone: none of this row's largest pages ever came. */
static bool may_be_the_count(const struct fr_engine *e, const struct fr_endpoint *row, const struct fr_answer *a)
{
	if (e->block_proved[row->index])
		return false;
	return a->verdict == FR_VERDICT_RESOURCE_ERROR ||
	       (a->verdict == FR_VERDICT_TRANSIENT && a->status >= 400 && a->status < 500);
}

/* Whether its beginning can still be cut: a reload may have switched blocks off since it was found. */
static bool has_beginning(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row)
{
	const struct fr_known_block *k = block_outline(e, row, p->head);

	return k != NULL && fr_block_holds(k->block, p->head_cursor);
}

enum fit block_fit(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	struct fr_known_block *k;
	struct fr_portion all;
	struct fr_cut cut;

	if (p->count == 0)
		return FIT_WHOLE;
	if (p->head != NULL) /* without the next block, a page ends with the first */
		return has_beginning(e, p, row) ? FIT_WHOLE : FIT_NOT;
	if (answer->verdict != FR_VERDICT_DATA)
		return p->count == p->max || !may_be_the_count(e, row, answer) ? FIT_WHOLE : FIT_NOT;
	k = outline_in(e, p->list, row, answer);
	if (k != NULL && (!fr_block_holds(k->block, p->cursor) || !fr_block_cut(k->block, p->cursor, p->count, &cut)))
		return FIT_NOT;
	if (k != NULL)
		return cut.behind > 0 ? FIT_BEGIN : FIT_WHOLE;
	return p->count == p->max && fr_portion_read(row, answer->canon, &all) && all.cursor == p->cursor ? FIT_WHOLE : FIT_NOT;
}

bool block_fits(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	return block_fit(e, &a->page, row, answer) != FIT_NOT;
}

bool block_serves(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	return block_fit(e, &a->page, row, answer) == FIT_WHOLE;
}

void block_answered(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	if (a->page.doubt && answer->verdict == FR_VERDICT_DATA && !e->block_proved[row->index])
		distrust(e, row, "its largest count is refused, a smaller one is not");
}

/* ---- pages ---------------------------------------------------------------------------------------------------------- */

/* The part of a block that is a page, or none. Its block is held: reading one outline may end another's life. */
static struct fr_block_part part_of(struct fr_engine *e, struct fr_key list, const struct fr_endpoint *row,
				    const struct fr_answer *a, uint64_t cursor, uint64_t count)
{
	struct fr_known_block *k = a != NULL ? outline_in(e, list, row, a) : NULL;
	struct fr_block_part part = { .block = NULL };

	if (k == NULL || !fr_block_holds(k->block, cursor) || !fr_block_cut(k->block, cursor, count, &part.cut))
		return part;
	part.block = fr_block_hold(k->block);
	part.body = fr_blob_str(a->body);
	return part;
}

/* Where a page is kept in memory: by the very answers it is of. */
static struct fr_key key_of(const struct page *p, const struct fr_answer *a)
{
	const struct {
		struct fr_key key, head;
		uint64_t etag, head_etag;
		int64_t stored, head_stored;
		uint64_t cursor, count, head_cursor, head_count;
	} of = {
		.key = a->key,
		.etag = a->etag,
		.stored = a->stored.v,
		.cursor = p->cursor,
		.count = p->count,
		.head = p->head != NULL ? p->head->key : (struct fr_key){ 0, 0 },
		.head_etag = p->head != NULL ? p->head->etag : 0,
		.head_stored = p->head != NULL ? p->head->stored.v : 0,
		.head_cursor = p->head_cursor,
		.head_count = p->head_count,
	};

	return fr_hash128(1, &of, sizeof of);
}

static struct fr_answer *page_new(struct fr_key key, const struct fr_answer *a, const struct fr_answer *head,
				  struct fr_blob *body)
{
	struct fr_answer facts = *a, *page;

	facts.key = key;
	facts.canon = FR_STR("");
	facts.body = body;
	facts.packed = NULL;
	facts.links_first = fr_links_scan(fr_blob_str(body)).first;
	if (head != NULL && head->stored.v < a->stored.v)
		facts.stored = head->stored;
	page = fr_answer_new(&facts);
	fr_blob_drop(body);
	return page;
}

/* The page is all of the block, as it came. */
static bool whole(const struct fr_block_part *p)
{
	return p->cut.from == 0 && p->cut.to == p->block->n && p->cut.last;
}

/* `head` or `rest` have no block where they are missing. */
static struct fr_answer *write_page(struct fr_engine *e, struct fr_key key, const struct fr_block_part *head,
				    const struct fr_block_part *rest, const struct fr_answer *of_head,
				    const struct fr_answer *of_rest)
{
	struct fr_answer *page = fr_memory_find(e->memory, key);
	bool both = head->block != NULL && rest->block != NULL;

	if (page != NULL)
		return fr_answer_hold(page);
	if (rest->block == NULL) /* the page ends with the first block */
		page = page_new(key, of_head, NULL, fr_block_page(NULL, head));
	else
		page = page_new(key, of_rest, both ? of_head : NULL, fr_block_page(both ? head : NULL, rest));
	fr_answer_pack(page, (size_t)e->settings->compress);
	fr_memory_put(e->memory, page);
	return page;
}

struct fr_answer *block_page(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row,
			     const struct fr_answer *answer)
{
	const struct page *p = &a->page;
	struct fr_answer *page = NULL;
	struct fr_block_part head, rest;

	if (p->count == 0)
		return NULL;
	head = part_of(e, p->list, row, p->head, p->head_cursor, p->head_count);
	rest = part_of(e, p->list, row, answer, p->cursor, p->count);
	if (head.block != NULL || (rest.block != NULL && !whole(&rest)))
		page = write_page(e, key_of(p, answer), &head, &rest, p->head, answer);
	fr_block_drop(head.block);
	fr_block_drop(rest.block);
	return page;
}

static fr_ms smaller(fr_ms a, fr_ms b)
{
	return a.v < b.v ? a : b;
}

static fr_ms larger(fr_ms a, fr_ms b)
{
	return a.v > b.v ? a : b;
}

struct fr_view block_view(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct fr_answer *answer,
			  struct fr_view v)
{
	struct fr_block_part rest;
	struct fr_view head;

	if (a->page.head == NULL)
		return v;
	head = plan_facts(e, a, q, a->page.head).view;
	rest = part_of(e, a->page.list, q->endpoint, answer, a->page.cursor, a->page.count);
	if (rest.block == NULL)
		return head; /* all of the page is of the first block */
	fr_block_drop(rest.block);
	return (struct fr_view){
		.freshness = head.freshness > v.freshness ? head.freshness : v.freshness,
		.blank = head.blank || v.blank,
		.spared = head.spared || v.spared,
		.seldom = head.seldom || v.seldom,
		.age = larger(head.age, v.age),
		.left = smaller(head.left, v.left),
		.over = larger(head.over, v.over),
	};
}

bool block_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *how)
{
	struct asker alone = *a;

	if (a->page.head == NULL)
		return false;
	alone.page.cursor = a->page.head_cursor;
	alone.page.count = a->page.head_count;
	alone.page.head = NULL;
	return serve_rescue(e, &alone, q, a->page.head, how);
}
