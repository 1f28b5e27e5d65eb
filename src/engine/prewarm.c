/* Questions that are asked before anybody wants their answers: flights without waiters, whose answers are followed to their first use. */
#include "core/prewarm.h"

#include "base/assert.h"
#include "base/str.h"
#include "engine/state.h"
#include "frugal/engine_jobs.h"

void prewarm_init(struct fr_engine *e, uint64_t seed)
{
	e->prewarms = fr_prewarms_new(seed);
	e->prewarm_timer.due = DUE_PREWARM;
}

static void note_changes(struct fr_engine *e)
{
	struct fr_prewarm_figures all = fr_prewarms_all(e->prewarms);
	struct fr_counters *c = &e->tally.counters;
	fr_ms next = fr_prewarms_next(e->prewarms);

	c->prewarm_asked = all.asked;
	c->prewarm_used = all.used;
	c->prewarm_wasted = all.wasted;
	c->prewarm_held = all.held;
	if (next.v == INT64_MAX)
		fr_heap_cut(&e->timers, &e->prewarm_timer.item);
	else
		fr_heap_set(&e->timers, &e->prewarm_timer.item, next);
}

void prewarm_due(struct fr_engine *e)
{
	fr_prewarms_turn(e->prewarms, e->now);
	note_changes(e);
}

/* The key under which a demand will find the answer: behind a short link that of its post, once that is known. */
static struct fr_key wanted_as(struct fr_engine *e, struct flight *f)
{
	uint64_t id = f->question.alias.n > 0 ? alias_find(e, fr_question_alias_key(f->question.alias)) : 0;
	struct fr_question resolved;

	if (id == 0)
		return f->question.key;
	FR_ASSERT(fr_question_resolve(&f->mem, e->catalogue, &f->question, id, &resolved) == FR_OK);
	return resolved.key;
}

void prewarm_brought(struct fr_engine *e, struct flight *f, const struct fr_answer *a)
{
	struct fr_prewarm_brought what = { .stored = a->stored, .patience = e->settings->prewarm_patience };

	if (purge_ended(e, &f->question, a)) {
		prewarm_failed(e, f);
		return;
	}
	what.key = wanted_as(e, f);
	what.fresh = purge_view(e, &f->standing, &f->question, a).left;
	fr_prewarms_brought(e->prewarms, f->source, &what, e->now);
	note_changes(e);
}

void prewarm_failed(struct fr_engine *e, const struct flight *f)
{
	fr_prewarms_failed(e->prewarms, f->source);
	note_changes(e);
}

void prewarm_served(struct fr_engine *e, const struct fr_answer *a)
{
	uint64_t used = fr_prewarms_all(e->prewarms).used;

	fr_prewarms_served(e->prewarms, a->key, a->stored);
	if (fr_prewarms_all(e->prewarms).used != used)
		note_changes(e);
}

/* Half of the places are kept for requests that wait. */
static void start(struct fr_engine *e, const struct fr_standing *who, size_t source, const struct fr_question *q,
		  struct fr_str client_key)
{
	struct fr_answer *have = purge_known(e, q);
	struct flight *f;

	if (have != NULL) {
		struct fr_view view = purge_view(e, who, q, have);

		if (view.freshness == FR_FRESH || view.spared)
			return;
	}
	if (e->stopping || e->n_flights >= FR_FLIGHTS_MAX / 2 || fr_map_find(&e->flights, q->key) != NULL)
		return;
	f = flight_new(e, q, FR_REASON_PREWARM, false, who, client_key);
	f->source = (uint8_t)source;
	f->needs = e->policy.roster->readers[who->reader].needs[q->endpoint->index].bits;
	if (have != NULL)
		flight_saw(f, have);
	if (compose_contents(e, f, have)) /* so would a demand be */
		settle_quietly(e, f);
	else
		fly_start(e, f);
}

void prewarm_start(struct fr_engine *e, const struct fr_standing *who, size_t source, const struct fr_question *q,
		   struct fr_str client_key)
{
	uint64_t id = q->alias.n > 0 ? alias_find(e, fr_question_alias_key(q->alias)) : 0;
	struct fr_question other;
	struct fr_arena mem;

	(void)study_finish(e);
	fr_arena_init(&mem, 32 * FR_CANON_MAX);
	if (id != 0)
		FR_ASSERT(fr_question_resolve(&mem, e->catalogue, q, id, &other) == FR_OK);
	start(e, who, source, id != 0 || block_question(e, &mem, q, &other) ? &other : q, client_key);
	fr_arena_free(&mem);
}

static void prewarm_target(struct fr_engine *e, const struct fr_standing *who, size_t source, const struct fr_ask *asked,
			   struct fr_str target)
{
	struct fr_question q;
	struct fr_refusal why;
	struct fr_arena mem;

	fr_arena_init(&mem, 8 * FR_CANON_MAX);
	if (fr_question_read(&mem, e->catalogue, target, engine_partition(e, asked->client_key), e->settings->validate, &q,
			     &why) == FR_OK &&
	    !q.endpoint->is_other)
		prewarm_start(e, who, source, &q, asked->client_key);
	fr_arena_free(&mem);
}

bool fr_engine_prewarm(struct fr_engine *e, const struct fr_ask *asked, struct fr_str source, const struct fr_str *targets,
		       size_t n)
{
	const struct fr_client *client = fr_roster_find(e->policy.roster, asked->key_sha256);
	struct fr_standing who;
	size_t number;
	bool allowed;

	if (client == NULL)
		return false;
	engine_enter(e);
	who = client->standing;
	who.priority = FR_PRIORITY_PREWARM;
	number = fr_prewarms_source(e->prewarms, source);
	allowed = fr_prewarms_allows(e->prewarms, number, e->settings->prewarm_min_used);
	for (size_t i = 0; i < n && allowed; i++)
		prewarm_target(e, &who, number, asked, targets[i]);
	note_changes(e);
	engine_leave(e);
	return allowed;
}

size_t fr_engine_prewarm_figures(const struct fr_engine *e, struct fr_prewarm_figures ret[FR_PREWARM_SOURCES_MAX])
{
	return fr_prewarms_figures(e->prewarms, ret);
}
