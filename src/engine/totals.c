#include "base/alloc.h"
#include "base/assert.h"
#include "base/units.h"
#include "engine/state.h"

#include <stdlib.h>

static const fr_ms FLUSH_EVERY = { 1000 };

/* The day's batch that is still open: the wall clock may go back and forth, and a day has one of them all the same. */
static struct batch *open_batch(const struct fr_engine *e, int64_t day)
{
	for (struct fr_list *l = e->batches.prev; l != &e->batches; l = l->prev) {
		struct batch *b = FR_OF(l, struct batch, link);

		if (b->seq == 0 && b->totals.day == day)
			return b;
	}
	return NULL;
}

static struct batch *first_batch(const struct fr_engine *e)
{
	struct fr_list *link = fr_list_first(&e->batches);

	return link == NULL ? NULL : FR_OF(link, struct batch, link);
}

static void batch_drop(struct fr_engine *e, struct batch *b)
{
	fr_list_cut(&b->link);
	free(b);
	e->n_batches--;
}

/* While Redis is away a day's batches that were never sent are one; only days add up, and they have a bound. */
static void make_room(struct fr_engine *e)
{
	if (e->n_batches < FR_TOTAL_DAYS_MAX)
		return;
	engine_note(e, FR_LOG_ERROR, "totals of a day dropped: Redis has been away for %d days", FR_TOTAL_DAYS_MAX);
	e->tally.counters.totals_lost++;
	e->batch_sent = false;
	batch_drop(e, first_batch(e));
}

struct fr_totals *totals_today(struct fr_engine *e)
{
	int64_t day = fr_units_day(e->wall);
	struct batch *b = open_batch(e, day);

	if (b != NULL)
		return &b->totals;
	make_room(e);
	b = fr_calloc(1, sizeof *b);
	b->totals.day = day;
	fr_list_push(&e->batches, &b->link);
	e->n_batches++;
	if (e->totals_timer.item.at == 0)
		fr_heap_set(&e->timers, &e->totals_timer.item, (fr_ms){ e->now.v + FLUSH_EVERY.v });
	return &b->totals;
}

/* Sends the oldest batch, or again the one that was not acknowledged: under the same number, so that it counts once. */
void totals_due(struct fr_engine *e)
{
	struct batch *b = first_batch(e);

	if (b == NULL)
		return;
	fr_heap_set(&e->timers, &e->totals_timer.item, (fr_ms){ e->now.v + FLUSH_EVERY.v });
	if (b->seq == 0)
		b->seq = ++e->next_seq;
	e->batch_sent = true;
	e->ports.totals_add(e->ports.ctx, b->seq, &b->totals);
}

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added)
{
	struct batch *b = first_batch(e);

	engine_enter(e);
	if (b != NULL && b->seq == seq && e->batch_sent) {
		e->batch_sent = false;
		e->store_up = added; /* a daemon without traffic learns it from here only */
		if (added)
			batch_drop(e, b);
		b = first_batch(e);
		if (b == NULL)
			fr_heap_cut(&e->timers, &e->totals_timer.item);
		else if (added && (b->seq != 0 || e->stopping))
			fr_heap_set(&e->timers, &e->totals_timer.item, e->now);
	}
	engine_leave(e);
}

void fr_engine_totals_pending(const struct fr_engine *e, struct fr_totals *days, size_t n)
{
	const struct fr_list *link;

	for (link = e->batches.next; link != &e->batches; link = link->next) {
		const struct batch *b = FR_OF(link, struct batch, link);

		for (size_t i = 0; i < n; i++)
			if (days[i].day == b->totals.day)
				fr_totals_add(&days[i], &b->totals);
	}
	fr_ledger_pending(e->ledger, days, n);
}

void totals_free_all(struct fr_engine *e)
{
	while (!fr_list_empty(&e->batches))
		batch_drop(e, first_batch(e));
}
