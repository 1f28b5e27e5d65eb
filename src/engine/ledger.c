/* Nothing is spent that is not written down first, and nothing that was written down is counted twice.
 *
 * A call is opened in the journal before it leaves and closed when its outcome is known. What the journal has goes to Redis in batches, once
 * a second while there is something to send; every few seconds the watermark is asked for besides, so that a Redis that has lost its last
 * seconds is healed also when nothing happens. */
#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/figures.h"
#include "engine/state.h"

static const fr_ms ASK_FIRST = { 100 }, SEND_EVERY = { 1000 }, ASK_EVERY = { 5000 };
/* A Redis with an append-only file synced every second loses two at the worst; its operator may be slower to bring back an older file. */
static const fr_ms KEEP_APPLIED = { INT64_C(10) * 60 * 1000 };

static void due_in(struct fr_engine *e, fr_ms after)
{
	fr_ms at = { e->now.v + after.v };

	if (e->ledger_timer.item.at == 0 || e->ledger_timer.item.due.v > at.v)
		fr_heap_set(&e->timers, &e->ledger_timer.item, at);
}

static bool write_record(struct fr_engine *e, uint64_t seq)
{
	const struct fr_ledger_entry *entry = fr_ledger_at(e->ledger, seq);
	const struct fr_tenant *tenant = &e->policy.roster->tenants[entry->tenant];
	const struct fr_journal_record r = {
		.kind = (enum fr_journal_kind)entry->kind,
		.seq = seq,
		.call = entry->call,
		.at = entry->at,
		.opened = entry->opened,
		.day = entry->day,
		.reason = (enum fr_reason)entry->reason,
		.verdict = (enum fr_verdict)entry->verdict,
		.credits = entry->credits,
		.uncertain = entry->uncertain,
		.priority = (enum fr_priority)entry->priority,
		.path = e->catalogue->rows[entry->row].path,
		.tenant = fr_str_of(tenant->name),
	};

	e->journal_up = e->ports.journal_write(e->ports.ctx, &r);
	if (e->journal_up)
		fr_ledger_wrote(e->ledger, seq);
	else
		e->tally.counters.journal_failed++;
	return e->journal_up;
}

/* Outcomes that could not be written in their time go first. */
static bool catch_up(struct fr_engine *e)
{
	uint64_t seq;

	while ((seq = fr_ledger_unwritten(e->ledger)) != 0)
		if (!write_record(e, seq))
			return false;
	return true;
}

bool ledger_open(struct fr_engine *e, struct flight *f)
{
	const struct fr_ledger_entry entry = {
		.kind = FR_JOURNAL_OPEN,
		.at = e->wall,
		.opened = e->wall,
		.since = e->now,
		.day = (int32_t)fr_units_day(e->wall),
		.row = (uint16_t)f->question.endpoint->index,
		.tenant = (uint16_t)f->spender.tenant,
		.priority = (uint8_t)f->spender.priority,
		.reason = (uint8_t)f->reason,
		.credits = f->question.endpoint->price,
	};

	if (fr_ledger_full(e->ledger) || !catch_up(e))
		return false;
	f->record = fr_ledger_add(e->ledger, &entry);
	if (!write_record(e, f->record)) {
		fr_ledger_take_back(e->ledger);
		return false;
	}
	due_in(e, SEND_EVERY);
	return true;
}

void ledger_close(struct fr_engine *e, const struct flight *f, enum fr_verdict v, int64_t credits, bool uncertain)
{
	const struct fr_ledger_entry entry = {
		.kind = FR_JOURNAL_CLOSE,
		.call = f->record,
		.at = e->wall,
		.opened = f->opened,
		.since = e->now,
		.day = (int32_t)fr_units_day(e->wall),
		.row = (uint16_t)f->question.endpoint->index,
		.tenant = (uint16_t)f->spender.tenant,
		.priority = (uint8_t)f->spender.priority,
		.reason = (uint8_t)f->reason,
		.verdict = (uint8_t)v,
		.credits = credits,
		.uncertain = uncertain,
	};

	(void)fr_ledger_add(e->ledger, &entry);
	gate_closed(e, f, credits);
	(void)catch_up(e); /* what is not written now is tried again later, and sent only then */
	due_in(e, SEND_EVERY);
}

void ledger_due(struct fr_engine *e)
{
	struct fr_ledger_batch batch;

	(void)catch_up(e);
	e->ports.journal_trim(e->ports.ctx, fr_ledger_trim(e->ledger, (fr_ms){ e->now.v - KEEP_APPLIED.v }));
	due_in(e, !fr_ledger_known(e->ledger) ? ASK_FIRST : fr_ledger_lag(e->ledger) > 0 ? SEND_EVERY : ASK_EVERY);
	if (e->ledger_sent)
		return; /* one at a time: the answer of the last but one would pass for the last one's */
	fr_ledger_batch(e->ledger, e->policy.budgets, &batch);
	if (batch.delta.day == 0)
		batch.delta.day = fr_units_day(e->wall);
	e->ledger_sent = true;
	e->ports.ledger_apply(e->ports.ctx, &batch);
}

void ledger_soon(struct fr_engine *e)
{
	due_in(e, FR_MS(0));
}

/* A number above all that an earlier life can have said to Redis, even if that is still on its way. */
static void begin_life(struct fr_engine *e)
{
	const struct fr_ledger_entry entry = {
		.kind = FR_JOURNAL_LIFE, .at = e->wall, .opened = e->wall, .since = e->now, .day = (int32_t)fr_units_day(e->wall)
	};

	e->gate.life = fr_ledger_add(e->ledger, &entry);
}

/* Redis has had numbers that are not of this journal: either it has lost its end, and an earlier life may have had a higher number than this
 * one has; or somebody else writes under its identity. */
static void overtaken(struct fr_engine *e, bool at_start)
{
	if (at_start) {
		begin_life(e);
		(void)catch_up(e);
	} else {
		engine_note(
			e, FR_LOG_ERROR,
			"somebody else counts under the identity of this journal: each frugald needs a state_dir of its own, and no "
			"copy of another one's");
	}
}

static void heard(struct fr_engine *e, uint64_t watermark)
{
	bool at_start = !fr_ledger_known(e->ledger);
	uint64_t had = fr_ledger_applied(e->ledger), before = fr_ledger_lag(e->ledger), lost,
		 again = fr_ledger_watermark(e->ledger, watermark, e->now, &lost);
	uint64_t after = fr_ledger_lag(e->ledger);
	bool ahead = watermark > (at_start ? had : had + before);

	if (ahead)
		overtaken(e, at_start);
	if (again > 0 || lost > 0 || watermark < had || ahead)
		gate_recount(e, watermark == 0 && lost > 0);
	else
		gate_applied(e, had + 1, watermark);
	e->tally.counters.ledger_again += again;
	e->tally.counters.ledger_lost += lost;
	if (again > 0)
		engine_note(e, FR_LOG_WARNING,
			    "Redis has lost the last %llu records of credits: they are sent again from the journal",
			    (unsigned long long)again);
	if (lost > 0)
		engine_note(
			e, FR_LOG_ERROR,
			"%llu records of credits are neither in Redis nor in the journal any more: they are missing in the report",
			(unsigned long long)lost);
	/* more than a batch, or a journal that begins where Redis does not end: not a second later */
	if (after > 0 && after != before)
		due_in(e, FR_MS(0));
}

void fr_engine_ledger_applied(struct fr_engine *e, bool known, uint64_t watermark)
{
	engine_enter(e);
	e->store_up = known;
	e->ledger_sent = false;
	if (known)
		heard(e, watermark);
	lease_resume(e, known);
	engine_leave(e);
}

bool fr_engine_ledger_whole(const struct fr_engine *e)
{
	return fr_ledger_known(e->ledger) && fr_ledger_lag(e->ledger) == 0;
}

void fr_engine_ledger_figures(const struct fr_engine *e, struct fr_ledger_figures *ret)
{
	uint64_t unwritten = fr_ledger_unwritten(e->ledger);

	*ret = (struct fr_ledger_figures){
		.known = fr_ledger_known(e->ledger),
		.watermark = fr_ledger_applied(e->ledger),
		.pending = fr_ledger_lag(e->ledger),
		.calls = e->n_calls,
		.instances = e->gate.n_instances,
	};
	ret->last = ret->watermark + ret->pending;
	ret->written = unwritten == 0 ? ret->last : unwritten - 1;
	for (uint64_t seq = 0; (seq = fr_ledger_unsettled(e->ledger, seq + 1)) != 0;)
		ret->unsettled++;
}

/* ---- the start ----------------------------------------------------------------------------------------------------- */

/* Rows go by their path; those that the catalogue no longer has are the others. */
static uint16_t row_of(const struct fr_engine *e, struct fr_str path)
{
	return (uint16_t)fr_catalogue_find(e->catalogue, path)->index;
}

void fr_engine_restore(struct fr_engine *e, const struct fr_journal_record *r)
{
	const struct fr_ledger_entry entry = {
		.kind = (uint8_t)r->kind,
		.call = r->call,
		.at = r->at,
		.opened = r->opened,
		.since = e->ports.now(e->ports.ctx),
		.day = (int32_t)r->day,
		.row = row_of(e, r->path),
		.tenant = (uint16_t)fr_roster_tenant(e->policy.roster, r->tenant),
		.priority = (uint8_t)r->priority,
		.reason = (uint8_t)r->reason,
		.verdict = (uint8_t)r->verdict,
		.credits = r->credits,
		.uncertain = r->uncertain,
	};

	fr_ledger_restore(e->ledger, r->seq, &entry);
	if (r->kind == FR_JOURNAL_OPEN)
		line_remember(e, r->at);
}

/* The process died with the call on its way: it may have been billed, and nobody is left who pays on demand. */
static void recover(struct fr_engine *e, uint64_t seq)
{
	struct fr_ledger_entry entry = *fr_ledger_at(e->ledger, seq);

	entry.kind = FR_JOURNAL_CLOSE;
	entry.call = seq;
	entry.at = e->wall;
	entry.since = e->now;
	entry.verdict = FR_VERDICT_NETWORK;
	entry.uncertain = true;
	if (!fr_reason_background((enum fr_reason)entry.reason))
		entry.reason = FR_REASON_ORPHAN;
	(void)fr_ledger_add(e->ledger, &entry);
	e->tally.counters.ledger_recovered++;
}

void fr_engine_restored(struct fr_engine *e, size_t damaged)
{
	uint64_t seq = 0;

	engine_enter(e);
	e->tally.counters.journal_damaged += damaged;
	fr_ledger_restored(e->ledger);
	while ((seq = fr_ledger_unsettled(e->ledger, seq + 1)) != 0)
		recover(e, seq);
	e->gate.veteran = fr_ledger_applied(e->ledger) > 0;
	begin_life(e);
	(void)catch_up(e);
	gate_recount(e, false);
	if (e->tally.counters.ledger_recovered > 0)
		engine_note(e, FR_LOG_WARNING,
			    "%llu calls were on their way when frugald was killed: their credits are booked as uncertain",
			    (unsigned long long)e->tally.counters.ledger_recovered);
	ledger_soon(e);
	lease_soon(e, FR_MS(0));
	engine_leave(e);
}
