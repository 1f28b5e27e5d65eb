/* Pages of lists are cut from blocks, the largest pages that can be had (core/block.h). A request for a page becomes one for a block, in which it
 * waits like everybody else, and remembers which part of it it wants. Where a page begins in one block and ends in the next, it waits for the
 * next with the first at hand. What turns out not to be cuttable is asked for again as it was asked. */
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/portion.h"
#include "engine/state.h"

#include <string.h>

/* After an answer whose paging is not what the catalogue says, the row's pages are asked for as they are for so long. */
static const fr_ms DISTRUST = { 3600 * 1000 };

/* A question is read anew for the block, and once more for another. */
enum { MEM_MAX = 32 * FR_CANON_MAX };

void block_init(struct fr_engine *e)
{
	e->blocks = fr_blocks_new(e->ports.random(e->ports.ctx));
}

void block_reloaded(struct fr_engine *e)
{
	fr_blocks_free(e->blocks);
	block_init(e);
	memset(e->block_proved, 0, sizeof e->block_proved);
	memset(e->block_distrust, 0, sizeof e->block_distrust);
}

static bool distrusted(const struct fr_engine *e, const struct fr_endpoint *row)
{
	return e->now.v < e->block_distrust[row->index].v;
}

static void distrust(struct fr_engine *e, const struct fr_endpoint *row, const char *why)
{
	if (!distrusted(e, row))
		engine_note(e, FR_LOG_WARNING, "pages of %.*s are asked for one by one for %lld s: %s", FR_STR_ARG(row->path),
			    (long long)DISTRUST.v / 1000, why);
	e->block_distrust[row->index] = (fr_ms){ e->now.v + DISTRUST.v };
}

/* The outline of a block that is stored as `a`, or NULL: it is none, or cannot be cut. */
static struct fr_known_block *outline(struct fr_engine *e, const struct fr_endpoint *row, const struct fr_answer *a)
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
		return k;
	}
	e->tally.counters.block_untrusted++;
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

enum fit {
	FIT_NOT,   /* the page is not in it, or cannot be cut out of it */
	FIT_BEGIN, /* only its beginning is */
	FIT_WHOLE
};

static enum fit fit(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	struct fr_known_block *k;
	struct fr_portion all;
	struct fr_cut cut;

	if (p->count == 0 || p->head != NULL) /* without the next block, a page ends with the first */
		return FIT_WHOLE;
	if (answer->verdict != FR_VERDICT_DATA)
		return p->count == p->max || !may_be_the_count(e, row, answer) ? FIT_WHOLE : FIT_NOT;
	k = outline(e, row, answer);
	if (k != NULL && (!fr_block_holds(k->block, p->cursor) || !fr_block_cut(k->block, p->cursor, p->count, &cut)))
		return FIT_NOT;
	if (k != NULL)
		return cut.behind > 0 ? FIT_BEGIN : FIT_WHOLE;
	return p->count == p->max && fr_portion_read(row, answer->canon, &all) && all.cursor == p->cursor ? FIT_WHOLE : FIT_NOT;
}

bool block_fits(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	return fit(e, &a->page, row, answer) != FIT_NOT;
}

bool block_serves(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	return fit(e, &a->page, row, answer) == FIT_WHOLE;
}

/* ---- which question has it -------------------------------------------------------------------------------------------- */

/* What memory still has of a known block, or NULL. */
static struct fr_answer *answer_of(struct fr_engine *e, const struct fr_question *q, struct fr_known_block *k, struct fr_key list)
{
	struct fr_question of = *q;
	struct fr_answer *a;

	if (k == NULL)
		return NULL;
	of.key = k->key;
	a = purge_known(e, &of);
	return a != NULL && fr_blocks_of(e->blocks, list, a) == k ? a : NULL;
}

/* Where the block begins that is asked for a page. In lists by offset blocks have places of their own, which everybody knows, on all instances;
 * unless a block is known that ends where the page begins, or that it does not reach so far. */
static uint64_t start_of(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row)
{
	uint64_t start = p->cursor - p->cursor % p->max;
	const struct fr_known_block *k;

	if (row->paging != FR_PAGING_OFFSET || p->again != PAGE_FIRST || fr_blocks_lead_to(e->blocks, p->list, p->cursor))
		return p->cursor;
	k = fr_blocks_at(e->blocks, p->list, start);
	return k == NULL || fr_block_holds(k->block, p->cursor) ? start : p->cursor;
}

static bool enlarge(struct fr_engine *e, struct fr_arena *mem, const struct fr_question *q, uint64_t start,
		    struct fr_question *ret)
{
	return fr_portion_enlarge(mem, e->catalogue, q, start, e->settings->validate, ret) == FR_OK;
}

/* The page begins in the block `head`, which ends at `end`, where it goes on for `behind` places: they are of the next block. */
static bool route_rest(struct fr_engine *e, struct asker *a, const struct fr_question *q, struct fr_answer *head, uint64_t end,
		       uint64_t behind, struct fr_arena *mem, struct fr_str client_key)
{
	struct page *p = &a->page;
	struct fr_question next;
	struct fr_answer *have;

	if (!enlarge(e, mem, q, end, &next))
		return false;
	p->head = head;
	p->head_cursor = p->cursor;
	p->head_count = p->count;
	p->cursor = end;
	p->count = behind;
	p->since = (fr_wall){ INT64_MIN };
	if (q->endpoint->paging == FR_PAGING_OFFSET && head->stored.v <= e->wall.v)
		p->since = head->stored;
	have = answer_of(e, q, fr_blocks_holding(e->blocks, p->list, end, p->since), p->list);
	if (have == NULL || have->stored.v < p->since.v)
		have = purge_known(e, &next);
	route_with(e, a, &next, have, client_key);
	return true;
}

/* ---- who has to ask for something else ------------------------------------------------------------------------------- */

static void keep_question(struct parted *p, const struct flight *f)
{
	fr_arena_init(&p->mem, MEM_MAX);
	p->question = f->question;
	p->question.canon = fr_arena_str(&p->mem, f->question.canon);
	p->question.upstream = fr_arena_str(&p->mem, f->question.upstream);
	p->question.alias = FR_STR("");
	FR_ASSERT(p->question.canon.p != NULL && p->question.upstream.p != NULL);
	if (f->client_key != NULL)
		p->client_key = *f->client_key;
}

/* Whether somebody who waits for `a` has to ask for something else, which the page then says. */
static bool leaves(struct fr_engine *e, struct waiter *w, const struct flight *f, struct fr_answer *a)
{
	const struct fr_endpoint *row = f->question.endpoint;
	struct page *p = &w->asker.page;
	const struct fr_known_block *k;
	struct fr_plan_facts facts;

	switch (fit(e, p, row, a)) {
	case FIT_WHOLE: return false;
	case FIT_BEGIN:
		facts = plan_facts(e, &w->asker, &f->question, a);
		if (fr_plan_ask(&facts) > FR_PLAN_SERVE_SPARED)
			return false;
		p->head = fr_answer_hold(a);
		return true;
	case FIT_NOT: break;
	}
	k = outline(e, row, a);
	p->doubt = a->verdict != FR_VERDICT_DATA;
	p->again = k != NULL && !fr_block_holds(k->block, p->cursor) ? PAGE_FROM_ITS_START : PAGE_AS_ASKED;
	return true;
}

void block_part(struct fr_engine *e, struct flight *f, struct fr_answer *a, struct parted *ret)
{
	struct fr_list *link, *next;

	memset(ret, 0, sizeof *ret);
	fr_list_init(&ret->waiters);
	if (!e->settings->blocks || f->question.endpoint->is_other)
		return;
	(void)outline(e, f->question.endpoint, a); /* known from now on, whoever asks */
	for (link = f->waiters.next; link != &f->waiters; link = next) {
		struct waiter *w = FR_OF(link, struct waiter, link);

		next = link->next;
		if (!leaves(e, w, f, a))
			continue;
		waiter_leave(e, w);
		fr_list_push(&ret->waiters, &w->link);
	}
	if (!fr_list_empty(&ret->waiters))
		keep_question(ret, f);
}

void block_peeked(struct fr_engine *e, struct flight *f)
{
	struct parted parted;
	struct fr_list *link;

	memset(&parted, 0, sizeof parted);
	fr_list_init(&parted.waiters);
	keep_question(&parted, f);
	while ((link = fr_list_first(&f->waiters)) != NULL) {
		struct waiter *w = FR_OF(link, struct waiter, link);

		w->asker.page.again = PAGE_FROM_ITS_START;
		waiter_leave(e, w);
		fr_list_push(&parted.waiters, &w->link);
	}
	settle_quietly(e, f);
	block_again(e, &parted);
}

static void ask_again(struct fr_engine *e, const struct asker *was, enum page_try again, struct fr_str client_key)
{
	struct asker a = *was;
	struct fr_question q;
	struct fr_refusal why;
	struct fr_arena mem;

	a.page = (struct page){ .again = again, .doubt = was->page.doubt };
	fr_arena_init(&mem, MEM_MAX);
	if (fr_question_read(&mem, e->catalogue, was->page.target, was->page.partition, e->settings->validate, &q, &why) == FR_OK)
		route(e, &a, &q, client_key);
	else /* a reload has changed what the row accepts */
		refuse(e, &a, was->page.row->index, was->page.row->price, &why, FR_OUTCOME_BAD_REQUEST, FR_MS(0), NULL);
	fr_arena_free(&mem);
}

/* The beginning of the page is there. */
static void ask_for_the_rest(struct fr_engine *e, const struct asker *was, struct parted *p, struct fr_str client_key)
{
	const struct fr_known_block *k = outline(e, p->question.endpoint, was->page.head);
	struct asker a = *was;
	struct fr_arena mem;
	struct fr_cut cut;
	bool done;

	fr_arena_init(&mem, MEM_MAX);
	a.page.head = NULL;
	done = k != NULL && fr_block_holds(k->block, a.page.cursor) &&
	       fr_block_cut(k->block, a.page.cursor, a.page.count, &cut) &&
	       route_rest(e, &a, &p->question, was->page.head, k->block->end, cut.behind, &mem, client_key);
	fr_arena_free(&mem);
	if (!done)
		ask_again(e, was, PAGE_AS_ASKED, client_key);
}

void block_again(struct fr_engine *e, struct parted *p)
{
	struct fr_str client_key = fr_str_of(p->client_key.s);
	struct fr_list *link;

	while ((link = fr_list_pop(&p->waiters)) != NULL) {
		struct waiter *w = FR_OF(link, struct waiter, link);

		if (w->asker.page.head != NULL)
			ask_for_the_rest(e, &w->asker, p, client_key);
		else
			ask_again(e, &w->asker, w->asker.page.again, client_key);
		waiter_free(e, &w);
	}
	memset(&p->client_key, 0, sizeof p->client_key);
	fr_arena_free(&p->mem);
}

void block_answered(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer)
{
	if (a->page.doubt && answer->verdict == FR_VERDICT_DATA && !e->block_proved[row->index])
		distrust(e, row, "its largest count is refused, a smaller one is not");
}

/* ---- pages ---------------------------------------------------------------------------------------------------------- */

/* The part of a block that is a page, or none. Its block is held: reading one outline may end another's life. */
static struct fr_block_part part_of(struct fr_engine *e, const struct fr_endpoint *row, const struct fr_answer *a,
				    uint64_t cursor, uint64_t count)
{
	struct fr_known_block *k = a != NULL ? outline(e, row, a) : NULL;
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
	facts.links = fr_links_scan(fr_blob_str(body));
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
	head = part_of(e, row, p->head, p->head_cursor, p->head_count);
	rest = part_of(e, row, answer, p->cursor, p->count);
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

struct fr_view block_view(const struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_view v)
{
	struct fr_view head;

	if (a->page.head == NULL)
		return v;
	head = plan_facts(e, a, q, a->page.head).view;
	return (struct fr_view){
		.freshness = head.freshness > v.freshness ? head.freshness : v.freshness,
		.blank = head.blank || v.blank,
		.spared = head.spared || v.spared,
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

/* ---- routing -------------------------------------------------------------------------------------------------------- */

/* From what is at hand. False: nothing is done yet, since it is not good enough, or a refresh is wanted and nothing else. */
static bool route_at_hand(struct fr_engine *e, struct asker *a, const struct fr_question *q, struct fr_answer *have,
			  struct fr_arena *mem, struct fr_str client_key)
{
	struct fr_plan_facts facts = plan_facts(e, a, q, have);
	enum fr_plan plan = fr_plan_ask(&facts);
	enum fit suits = fit(e, &a->page, q->endpoint, have);
	const struct fr_known_block *k;
	struct fr_question first;
	struct fr_cut cut;
	uint64_t end;

	if (plan > FR_PLAN_SERVE_SPARED || suits == FIT_NOT || (suits == FIT_WHOLE && plan == FR_PLAN_SERVE_AND_REFRESH))
		return false;
	if (suits == FIT_WHOLE) {
		route_with(e, a, q, have, client_key);
		return true;
	}
	k = outline(e, q->endpoint, have);
	end = k->block->end;
	FR_ASSERT(fr_block_cut(k->block, a->page.cursor, a->page.count, &cut));
	if (plan == FR_PLAN_SERVE_AND_REFRESH && enlarge(e, mem, q, k->block->start, &first))
		route_refresh(e, a, &first, have, client_key);
	return route_rest(e, a, q, have, end, cut.behind, mem, client_key);
}

/* The block that is to be asked for, and what memory has of it; instead of `*have`, if that is NULL. False: it is there and cannot be cut. */
static bool find_large(struct fr_engine *e, struct asker *a, const struct fr_question *q, fr_wall since, struct fr_arena *mem,
		       struct fr_question *ret, struct fr_answer **have)
{
	uint64_t start = start_of(e, &a->page, q->endpoint);

	if (!enlarge(e, mem, q, start, ret))
		return false;
	if (start == a->page.cursor)
		a->page.since = since;
	if (*have == NULL)
		*have = purge_known(e, ret);
	if (*have == NULL || block_fits(e, a, q->endpoint, *have))
		return true;
	if (start == a->page.cursor || !enlarge(e, mem, q, a->page.cursor, ret))
		return false;
	a->page.since = since;
	*have = purge_known(e, ret);
	return *have == NULL || block_fits(e, a, q->endpoint, *have);
}

/* By time, Redis may have a block that holds a page, though it does not begin there, since another instance asked for it, or this one in an earlier
 * life: the one that is known to hold it, `k`, or else the next one behind those that are known here. UINT64_MAX: there is no use in looking. */
static uint64_t worth_a_look(const struct fr_engine *e, const struct page *p, const struct fr_endpoint *row,
			     const struct fr_known_block *k)
{
	uint64_t start;

	if (row->paging != FR_PAGING_TIME || p->again != PAGE_FIRST || p->cursor == 0 || !e->store_up)
		return UINT64_MAX;
	if (k == NULL && fr_blocks_lead_to(e->blocks, p->list, p->cursor))
		return UINT64_MAX;
	start = k != NULL ? k->block->start : fr_blocks_before(e->blocks, p->list, p->cursor);
	return start == p->cursor || (k == NULL && fr_blocks_at(e->blocks, p->list, start) != NULL) ? UINT64_MAX : start;
}

/* False: it is to be asked as it is. */
static bool route_page(struct fr_engine *e, struct asker *a, const struct fr_question *q, struct fr_arena *mem,
		       struct fr_str client_key)
{
	const struct page *p = &a->page;
	fr_wall since = fr_blocks_since(e->blocks, p->list, p->cursor, e->wall);
	struct fr_known_block *k = fr_blocks_holding(e->blocks, p->list, p->cursor, since);
	struct fr_answer *known = p->again == PAGE_FIRST ? answer_of(e, q, k, p->list) : NULL, *have = known;
	uint64_t look = known == NULL ? worth_a_look(e, p, q->endpoint, k) : UINT64_MAX;
	struct fr_question large;
	bool done = false;

	if (known != NULL) { /* it may be replaced on the way */
		fr_answer_hold(known);
		done = route_at_hand(e, a, q, known, mem, client_key);
	}
	if (look != UINT64_MAX && enlarge(e, mem, q, look, &large)) {
		route_peek(e, a, &large, client_key);
		done = true;
	}
	if (!done && find_large(e, a, q, since, mem, &large, &have)) {
		if (have == NULL || have == known || !route_at_hand(e, a, q, have, mem, client_key))
			route_with(e, a, &large, have, client_key);
		done = true;
	}
	fr_answer_drop(known);
	return done;
}

bool block_question(struct fr_engine *e, struct fr_arena *mem, const struct fr_question *q, struct fr_question *ret)
{
	struct fr_portion p;
	struct page page;

	if (!e->settings->blocks || q->alias.n > 0 || !fr_portion_read(q->endpoint, q->canon, &p))
		return false;
	page = (struct page){ .count = p.count, .max = p.max, .cursor = p.cursor, .list = p.list };
	return enlarge(e, mem, q, start_of(e, &page, q->endpoint), ret);
}

bool block_route(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key)
{
	struct asker mine = *a;
	struct fr_portion p;
	struct fr_arena mem;
	bool done;

	if (!e->settings->blocks || a->page.again == PAGE_AS_ASKED || q->alias.n > 0 || distrusted(e, q->endpoint) ||
	    !fr_portion_read(q->endpoint, q->canon, &p))
		return false;
	mine.page = (struct page){
		.count = p.count,
		.max = p.max,
		.cursor = p.cursor,
		.list = p.list,
		.key = q->key,
		.deep = q->deep,
		.since = { INT64_MIN },
		.row = q->endpoint,
		.target = q->upstream,
		.partition = q->partition,
		.again = a->page.again,
		.doubt = a->page.doubt,
	};
	fr_arena_init(&mem, MEM_MAX);
	done = route_page(e, &mine, q, &mem, client_key);
	fr_arena_free(&mem);
	return done;
}
