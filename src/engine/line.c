/* Who calls next, and when: the queue, the limit of calls, the calls at the same time, the circuit breakers.
 *
 * Where other instances share the limit, Redis gives out the places, asked for as many as there are flights that could use one now. The log of
 * this instance's own calls is a second bound, and the only one where it is alone. */
#include "base/assert.h"
#include "core/figures.h"
#include "engine/state.h"

static const fr_ms NEVER = { INT64_MAX };

static bool shared(const struct fr_engine *e)
{
	return !e->policy.alone && e->settings->upstream_rate.calls > 0;
}

static struct flight *next_flight(const struct fr_engine *e)
{
	struct fr_queue_item *first = fr_queue_first(e->queue);

	return first == NULL ? NULL : FR_OF(first, struct flight, turn);
}

static void queue_up(struct fr_engine *e, struct flight *f)
{
	size_t tenant = f->spender.tenant;

	fr_queue_push(e->queue, &f->turn, f->spender.priority, tenant, e->policy.roster->tenants[tenant].weight);
}

/* Since it came some have left, and others have begun to wait for it. */
static bool misplaced(const struct flight *f)
{
	return f->turn.priority != (uint8_t)f->spender.priority || f->turn.tenant != f->spender.tenant;
}

static void move(struct fr_engine *e, struct flight *f)
{
	line_leave(e, f);
	queue_up(e, f);
}

/* While this flight queued, the answer to another question may have brought its own, or what is enough of it. */
static bool still_wanted(struct fr_engine *e, struct flight *f)
{
	struct fr_answer *known;

	(void)study_finish(e);
	known = purge_known(e, &f->question);
	if (known != NULL && known != f->previous) {
		flight_saw(f, known);
		if (f->previous == known)
			return settle_review(e, f, known);
	}
	return !compose_news(e, f) || settle_composed(e, f);
}

/* False: it is at its end, without a call. */
static bool goes_on(struct fr_engine *e, struct flight *f)
{
	fr_ms wait = fr_breakers_wait(&e->breakers, f->spender.endpoint, e->now);
	bool wanted = still_wanted(e, f);

	if (!wanted)
		settle_quietly(e, f);
	else if (wait.v > 0)
		settle_refusal(e, f, FR_PROBLEM_BREAKER_OPEN, FR_OUTCOME_BREAKER, wait);
	return wanted && wait.v == 0;
}

/* Whoever is left over when too many wait is refused: the least urgent, of whom most wait, the last one. */
static void make_room(struct fr_engine *e)
{
	while (fr_queue_waiting(e->queue) > (size_t)e->settings->upstream_queue) {
		struct flight *f = FR_OF(fr_queue_last(e->queue), struct flight, turn);

		line_leave(e, f);
		settle_refusal(e, f, FR_PROBLEM_OVERLOADED, FR_OUTCOME_OVERLOADED, FR_SECONDS(1));
	}
}

void line_join(struct fr_engine *e, struct flight *f)
{
	FR_ASSERT(f->state == FR_FLIGHT_ADMIT && !f->turn.queued);
	if (!goes_on(e, f))
		return;
	queue_up(e, f);
	make_room(e);
	line_turn(e);
}

void line_leave(struct fr_engine *e, struct flight *f)
{
	fr_queue_cut(e->queue, &f->turn);
}

void line_hurry(struct fr_engine *e, struct flight *f)
{
	if (!f->turn.queued)
		return;
	move(e, f);
	line_turn(e);
}

/* When a call like this may leave; NEVER: only an answer of Redis can tell. */
static fr_ms due(const struct fr_engine *e, const struct flight *f)
{
	bool paced = fr_priority_paced(f->spender.priority);
	fr_ms own = fr_limiter_next(e->limiter, e->now, paced && !shared(e));

	return own.v > e->now.v || !shared(e) ? own : fr_line_next(&e->line, e->now, paced, e->limiter);
}

static void launch(struct fr_engine *e, struct flight *f)
{
	fr_queue_took(e->queue, &f->turn);
	if (!gate_pass(e, f))
		return;
	FR_ASSERT(fr_breakers_allows(&e->breakers, f->spender.endpoint, e->now)); /* there was nothing to wait for */
	fly_launch(e, f);
}

/* Launches whoever may go. Returns when the next one may; NEVER: that depends on Redis, on the end of a call, or nobody waits. */
static fr_ms launch_all(struct fr_engine *e)
{
	struct flight *f;

	while ((f = next_flight(e)) != NULL) {
		fr_ms at;

		if (!goes_on(e, f))
			continue;
		if (misplaced(f)) {
			move(e, f);
			continue;
		}
		if (e->n_calls >= (size_t)e->settings->upstream_connections)
			return NEVER;
		at = due(e, f);
		if (at.v > e->now.v)
			return at;
		launch(e, f);
	}
	return NEVER;
}

/* Places are asked for as many as there are flights that could call now. */
static struct fr_line_wants wants(const struct fr_engine *e)
{
	int64_t room = e->settings->upstream_connections - (int64_t)e->n_calls;
	int64_t urgent = (int64_t)fr_queue_length(e->queue, FR_PRIORITY_INTERACTIVE);
	int64_t paced = (int64_t)fr_queue_waiting(e->queue) - urgent;
	struct fr_line_wants w = { urgent < room ? urgent : room, 0 };

	w.paced = paced < room - w.urgent ? paced : room - w.urgent;
	return w;
}

/* When Redis is to be asked if the next call may leave `at`: a place that could not be used at once would be lost. */
static fr_ms ask_at(const struct fr_engine *e, fr_ms at)
{
	if (!shared(e) || (at.v != NEVER.v && !e->line.away))
		return NEVER;
	return fr_line_ask_at(&e->line, e->now, wants(e));
}

/* The next one waits for the limit itself, not for an answer or for the end of a call. */
static void count_limited(struct fr_engine *e, fr_ms at, fr_ms again)
{
	struct flight *f = next_flight(e);
	bool told = !e->line.away && !e->line.asking && again.v > e->now.v && again.v != NEVER.v;

	if (f == NULL || f->limited || (at.v == NEVER.v && !told))
		return;
	f->limited = true;
	e->tally.counters.limiter_waits++;
}

static void wake_at(struct fr_engine *e, fr_ms a, fr_ms b)
{
	fr_ms at = a.v < b.v ? a : b;

	if (at.v == NEVER.v || fr_queue_waiting(e->queue) == 0)
		fr_heap_cut(&e->timers, &e->line_timer.item);
	else
		fr_heap_set(&e->timers, &e->line_timer.item, at);
}

void line_turn(struct fr_engine *e)
{
	struct fr_line_ask ask;
	fr_ms at, again;
	bool asks;

	fr_line_give_up(&e->line, e->now);
	at = launch_all(e);
	again = ask_at(e, at);
	asks = again.v <= e->now.v;
	count_limited(e, at, again);
	if (asks) {
		fr_line_ask(&e->line, e->now, wants(e), e->limiter, &ask);
		again = ask_at(e, at);
	}
	wake_at(e, at, again);
	if (asks)
		e->ports.line_up(e->ports.ctx, &ask);
}

/* A port may answer from inside: a turn would pile up on a turn. */
void line_soon(struct fr_engine *e)
{
	if (fr_queue_waiting(e->queue) > 0)
		fr_heap_set(&e->timers, &e->line_timer.item, e->now);
}

void line_took(struct fr_engine *e)
{
	fr_limiter_took(e->limiter, e->now);
	if (shared(e))
		fr_line_took(&e->line, e->now);
}

/* The upstream's window does not begin anew with this process. */
void line_remember(struct fr_engine *e, fr_wall at)
{
	int64_t age = e->wall.v - at.v;

	fr_limiter_remember(e->limiter, FR_MS(e->now.v - (age > 0 ? age : 0)));
}

void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told)
{
	engine_enter(e);
	if (shared(e) && fr_line_told(&e->line, e->now, told)) {
		e->store_up = told->known;
		line_soon(e);
	}
	engine_leave(e);
}

struct fr_line_figures fr_engine_line_figures(const struct fr_engine *e)
{
	struct fr_line_figures ret = {
		.limit = e->settings->upstream_rate.calls,
		.window = e->settings->upstream_rate.window,
		.used = line_used(e),
	};

	for (enum fr_priority p = 0; p < FR_PRIORITIES; p++)
		ret.queue[p] = (int64_t)fr_queue_length(e->queue, p);
	return ret;
}

int64_t line_used(const struct fr_engine *e)
{
	int64_t heard = shared(e) ? fr_line_used(&e->line, e->now) : -1;

	return heard >= 0 ? heard : fr_limiter_used(e->limiter, e->now);
}
