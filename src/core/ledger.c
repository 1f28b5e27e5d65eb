#include "core/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

#include "base/pure.h"

enum { FIVE_MINUTES_MS = 5 * 60 * 1000 };

/* A ring of the numbers first..next-1; its size is a power of two. */
struct fr_ledger {
	struct fr_ledger_entry *ring;
	size_t size;
	uint64_t first, next;
	uint64_t written;   /* the last one in the journal */
	uint64_t watermark; /* believed */
	bool known;         /* ... because Redis said so */
	bool behind;        /* Redis has less than what can be sent again */
};

static struct fr_ledger_entry *slot(const struct fr_ledger *l, uint64_t seq)
{
	return &l->ring[seq & (l->size - 1)];
}

static size_t held(const struct fr_ledger *l)
{
	return (size_t)(l->next - l->first);
}

struct fr_ledger *fr_ledger_new(void)
{
	struct fr_ledger *l = fr_calloc(1, sizeof(*l));

	l->first = l->next = 1;
	l->size = 64;
	l->ring = fr_calloc(l->size, sizeof(*l->ring));
	return l;
}

void fr_ledger_free(struct fr_ledger *l)
{
	free(l->ring);
	free(l);
}

static void grow(struct fr_ledger *l)
{
	struct fr_ledger bigger = *l;

	bigger.size = l->size * 2;
	bigger.ring = fr_calloc(bigger.size, sizeof(*bigger.ring));
	for (uint64_t seq = l->first; seq < l->next; seq++)
		*slot(&bigger, seq) = *slot(l, seq);
	free(l->ring);
	*l = bigger;
}

/* The memory's end is reached: the oldest goes. fr_ledger_full() sees to it that Redis has it. */
static void push(struct fr_ledger *l, const struct fr_ledger_entry *entry)
{
	if (held(l) == FR_LEDGER_RECORDS_MAX)
		l->first++;
	if (held(l) == l->size)
		grow(l);
	*slot(l, l->next) = *entry;
	l->next++;
}

static void settle(struct fr_ledger *l, const struct fr_ledger_entry *close)
{
	if (close->kind == FR_JOURNAL_CLOSE && close->call >= l->first && close->call < l->next)
		slot(l, close->call)->settled = true;
}

/* Goes on with `seq`. Few missing numbers are damage: they stay as holes; many are a new beginning. */
static void skip_to(struct fr_ledger *l, uint64_t seq)
{
	static const struct fr_ledger_entry hole = { .kind = 0 };

	if (seq - l->next > FR_LEDGER_GAP_MAX || held(l) == 0)
		l->first = l->next = seq;
	while (l->next < seq)
		push(l, &hole);
}

void fr_ledger_restore(struct fr_ledger *l, uint64_t seq, const struct fr_ledger_entry *entry)
{
	if (seq < l->next)
		return;
	skip_to(l, seq);
	if (entry->kind != FR_JOURNAL_HEAD) {
		settle(l, entry);
		push(l, entry);
	}
	l->written = l->next - 1;
}

void fr_ledger_restored(struct fr_ledger *l)
{
	l->watermark = l->written = l->next - 1;
}

uint64_t fr_ledger_unsettled(const struct fr_ledger *l, uint64_t from)
{
	for (uint64_t seq = from > l->first ? from : l->first; seq < l->next; seq++)
		if (slot(l, seq)->kind == FR_JOURNAL_OPEN && !slot(l, seq)->settled)
			return seq;
	return 0;
}

uint64_t fr_ledger_add(struct fr_ledger *l, const struct fr_ledger_entry *entry)
{
	settle(l, entry);
	push(l, entry);
	return l->next - 1;
}

void fr_ledger_take_back(struct fr_ledger *l)
{
	FR_ASSERT(held(l) > 0 && l->next - 1 > l->written);
	l->next--;
}

/* Room is kept for the outcomes of all calls on their way. */
bool fr_ledger_full(const struct fr_ledger *l)
{
	return fr_ledger_lag(l) >= FR_LEDGER_RECORDS_MAX - 2 * (uint64_t)FR_CALLS_MAX;
}

const struct fr_ledger_entry *fr_ledger_at(const struct fr_ledger *l, uint64_t seq)
{
	return seq >= l->first && seq < l->next ? slot(l, seq) : NULL;
}

uint64_t fr_ledger_unwritten(const struct fr_ledger *l)
{
	return l->written + 1 < l->next ? l->written + 1 : 0;
}

void fr_ledger_wrote(struct fr_ledger *l, uint64_t seq)
{
	FR_ASSERT(seq == l->written + 1 && seq < l->next);
	l->written = seq;
}

static void count(struct fr_totals *t, const struct fr_ledger_entry *e)
{
	if (e->kind == FR_JOURNAL_CLOSE)
		fr_totals_call(t, (struct fr_account){ e->tenant, e->row }, (enum fr_reason)e->reason, e->credits, e->uncertain);
}

static struct fr_spender spender_of(const struct fr_ledger_entry *e)
{
	return (struct fr_spender){ .tenant = e->tenant, .endpoint = e->row, .priority = (enum fr_priority)e->priority };
}

static void add_to_line(struct fr_ledger_batch *b, const struct fr_budget *budget, fr_wall start, const struct fr_ledger_entry *e)
{
	int64_t five = e->opened.v / FIVE_MINUTES_MS;
	struct fr_spend_line *line = &b->lines[b->n_lines];

	for (size_t i = b->n_lines; i-- > 0;)
		if (b->lines[i].budget == budget->name && b->lines[i].start.v == start.v && b->lines[i].five == five) {
			b->lines[i].closed += e->credits;
			b->lines[i].spent += e->credits;
			return;
		}
	FR_ASSERT(b->n_lines < FR_SPEND_LINES_MAX);
	*line = (struct fr_spend_line){
		.budget = budget->name,
		.start = start,
		.five = five,
		.kept = fr_budget_kept(budget),
		.closed = e->credits, /* what was not billed went back to the purse and is outstanding still */
		.spent = e->credits,
	};
	b->n_lines++;
}

/* What a record adds to all budgets that cover it; false, and nothing is added, if there may be no room. */
static bool add_to_lines(struct fr_ledger_batch *b, const struct fr_budgets *budgets, const struct fr_ledger_entry *e)
{
	struct fr_spender who = spender_of(e);

	if (e->kind != FR_JOURNAL_CLOSE || e->credits == 0)
		return true;
	if (b->n_lines + budgets->n > FR_SPEND_LINES_MAX)
		return false;
	for (size_t i = 0; i < budgets->n; i++)
		if (fr_budget_covers(&budgets->at[i], &who))
			add_to_line(b, &budgets->at[i], fr_budget_window(budgets, &budgets->at[i], e->opened).start, e);
	return true;
}

void fr_ledger_batch(const struct fr_ledger *l, const struct fr_budgets *budgets, struct fr_ledger_batch *ret)
{
	bool dated = false;

	memset(ret, 0, sizeof(*ret));
	ret->from = l->watermark + 1;
	ret->to = l->watermark;
	if (!l->known)
		return;
	FR_ASSERT(ret->from >= l->first);
	ret->base = l->behind;
	while (ret->to < l->written && ret->to - l->watermark < FR_LEDGER_BATCH_MAX) {
		const struct fr_ledger_entry *e = slot(l, ret->to + 1);

		if ((e->kind == FR_JOURNAL_CLOSE && dated && e->day != ret->delta.day) || !add_to_lines(ret, budgets, e))
			return;
		if (e->kind == FR_JOURNAL_CLOSE && !dated) {
			ret->delta.day = e->day;
			dated = true;
		}
		count(&ret->delta, e);
		ret->to++;
	}
}

/* A call on its way, or an outcome that Redis does not have. */
static bool owed(const struct fr_ledger *l, uint64_t seq)
{
	const struct fr_ledger_entry *e = slot(l, seq);

	return e->kind == FR_JOURNAL_OPEN ? !e->settled : e->kind == FR_JOURNAL_CLOSE && seq > l->watermark;
}

int64_t fr_ledger_owed(const struct fr_ledger *l, const struct fr_budget *b, struct fr_window w)
{
	int64_t credits = 0;

	for (uint64_t seq = l->first; seq < l->next; seq++) {
		const struct fr_ledger_entry *e = slot(l, seq);
		struct fr_spender who = spender_of(e);

		if (owed(l, seq) && e->opened.v >= w.start.v && e->opened.v < w.end.v && fr_budget_covers(b, &who))
			credits += e->credits;
	}
	return credits;
}

/* Redis may lose again what it has only just got: its time to be kept begins anew. */
static void applied(struct fr_ledger *l, uint64_t from, uint64_t to, fr_ms now)
{
	for (uint64_t seq = from < l->first ? l->first : from; seq <= to; seq++)
		if (slot(l, seq)->since.v < now.v)
			slot(l, seq)->since = now;
}

uint64_t fr_ledger_watermark(struct fr_ledger *l, uint64_t w, fr_ms now, uint64_t *ret_lost)
{
	uint64_t again = l->known && w < l->watermark ? l->watermark - w : 0;

	*ret_lost = 0;
	if (!l->known &&
	    w > l->watermark) /* Redis knows numbers that the journal has lost in a power cut: ours with the same are void */
		*ret_lost = (w < l->next ? w : l->next - 1) - l->watermark;
	if (w >= l->next) {
		*ret_lost = l->next - 1 - l->watermark;
		l->first = l->next = w + 1;
		l->written = w;
	}
	if (w + 1 < l->first) {
		again = l->known ? l->watermark + 1 - l->first : 0;
		*ret_lost = l->behind ? 0 : l->first - 1 - w;
		l->behind = true;
		w = l->first - 1;
	} else {
		l->behind = false;
	}
	applied(l, l->watermark + 1, w, now);
	l->watermark = w;
	l->known = true;
	return again;
}

uint64_t fr_ledger_applied(const struct fr_ledger *l)
{
	return l->watermark;
}

bool fr_ledger_known(const struct fr_ledger *l)
{
	return l->known;
}

uint64_t fr_ledger_lag(const struct fr_ledger *l)
{
	return l->next - 1 - l->watermark;
}

/* Days mostly follow each other without a gap. */
static struct fr_totals *day_of(struct fr_totals *days, size_t n, int64_t day)
{
	int64_t at = n > 0 ? day - days[0].day : -1;

	if (at >= 0 && at < (int64_t)n && days[at].day == day)
		return &days[at];
	for (size_t i = 0; i < n; i++)
		if (days[i].day == day)
			return &days[i];
	return NULL;
}

void fr_ledger_pending(const struct fr_ledger *l, struct fr_totals *days, size_t n)
{
	for (uint64_t seq = l->watermark + 1; seq < l->next; seq++) {
		struct fr_totals *day = day_of(days, n, slot(l, seq)->day);

		if (day != NULL)
			count(day, slot(l, seq));
	}
}

/* An OPEN stays until its outcome is in the journal: a killed process must find it. */
static bool needed(const struct fr_ledger *l, const struct fr_ledger_entry *e)
{
	return e->kind == FR_JOURNAL_OPEN && (!e->settled || fr_ledger_unwritten(l) != 0);
}

uint64_t fr_ledger_trim(struct fr_ledger *l, fr_ms before)
{
	if (l->known)
		while (l->first <= l->watermark && slot(l, l->first)->since.v < before.v && !needed(l, slot(l, l->first)))
			l->first++;
	return l->first - 1;
}
