/* Pages of lists are cut from blocks. A request for a page becomes one for a block, in which it waits like everybody else, and remembers which part of
 * it it wants. Where a page begins in one block and ends in the next, it waits for the next with the first at hand. What turns out not to be
 * cuttable is asked for again as it was asked. */
#include "base/assert.h"
#include "base/str.h"
#include "core/portion.h"
#include "engine/block_state.h"

#include <string.h>

/* A question is read anew for the block, and once more for another. */
enum { MEM_MAX = 32 * FR_CANON_MAX };

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

/* Where the block begins that is asked for a page; by offset another place than usual if a block is known that ends where the page begins, or that
 * does not reach so far. */
static uint64_t start_of(struct fr_engine *e, const struct page *p, const struct fr_endpoint *row)
{
	const struct fr_portion portion = { .cursor = p->cursor, .count = p->count, .max = p->max };
	uint64_t start = fr_portion_start(row, &portion);
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

	switch (block_fit(e, p, row, a)) {
	case FIT_WHOLE: return false;
	case FIT_BEGIN:
		facts = plan_facts(e, &w->asker, &f->question, a);
		if (fr_plan_ask(&facts) > FR_PLAN_SERVE_SPARED)
			return false;
		p->head = fr_answer_hold(a);
		return true;
	case FIT_NOT: break;
	}
	k = block_outline(e, row, a);
	p->doubt = a->verdict != FR_VERDICT_DATA;
	p->again = k != NULL && !fr_block_holds(k->block, p->cursor) ? PAGE_FROM_ITS_START : PAGE_AS_ASKED;
	return true;
}

void block_part(struct fr_engine *e, struct flight *f, struct fr_answer *a, struct parted *ret)
{
	struct fr_list *link, *next;

	memset(ret, 0, sizeof *ret);
	fr_list_init(&ret->waiters);
	if (f->question.endpoint->is_other)
		return;
	if (e->settings->blocks)
		(void)block_outline(e, f->question.endpoint, a); /* known from now on, whoever asks */
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
	const struct fr_known_block *k = block_outline(e, p->question.endpoint, was->page.head);
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

/* ---- routing -------------------------------------------------------------------------------------------------------- */

/* From what is at hand. False: nothing is done yet, since it is not good enough, or a refresh is wanted and nothing else. */
static bool route_at_hand(struct fr_engine *e, struct asker *a, const struct fr_question *q, struct fr_answer *have,
			  struct fr_arena *mem, struct fr_str client_key)
{
	struct fr_plan_facts facts = plan_facts(e, a, q, have);
	enum fr_plan plan = fr_plan_ask(&facts);
	enum fit suits = block_fit(e, &a->page, q->endpoint, have);
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
	k = block_outline(e, q->endpoint, have);
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
		if (have != NULL)
			fr_answer_hold(have); /* the page may take its place in memory */
		if (have == NULL || have == known || !route_at_hand(e, a, q, have, mem, client_key))
			route_with(e, a, &large, have, client_key);
		fr_answer_drop(have);
		done = true;
	}
	fr_answer_drop(known);
	return done;
}

bool block_question(struct fr_engine *e, struct fr_arena *mem, const struct fr_question *q, struct fr_question *ret)
{
	struct fr_portion p;
	struct page page;

	if (!e->settings->blocks || q->alias.n > 0 || !fr_portion_read(q->endpoint, q->canon, &p) ||
	    block_distrusted(e, q->endpoint, p.list))
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

	if (!e->settings->blocks || a->page.again == PAGE_AS_ASKED || q->alias.n > 0 ||
	    !fr_portion_read(q->endpoint, q->canon, &p) || block_distrusted(e, q->endpoint, p.list))
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
