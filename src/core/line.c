#include "core/line.h"

#include "base/assert.h"

#include "base/pure.h"

/* A place can become free earlier than Redis could foresee, never more often than this is worth a question. */
static const fr_ms WAIT_LEAST = { 5 }, WAIT_MOST = { 1000 };
/* The port has its own deadline; this one is for a port that breaks its word. */
static const fr_ms GRACE = { 250 };
static const fr_ms NEVER = { INT64_MAX };

void fr_line_init(struct fr_line *l, int64_t calls, fr_ms window, fr_ms patience)
{
	FR_ASSERT(calls >= 1 && window.v > 0 && patience.v > 0);
	*l = (struct fr_line){ .calls = calls, .window = window, .patience = patience, .heard = { -1 }, .instances = 1 };
}

static fr_ms later(fr_ms a, fr_ms b)
{
	return a.v > b.v ? a : b;
}

static fr_ms earlier(fr_ms a, fr_ms b)
{
	return a.v < b.v ? a : b;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool at_hand(const struct fr_line *l, fr_ms now)
{
	return l->places > 0 && now.v < l->good_until.v;
}

static fr_ms overdue(const struct fr_line *l)
{
	return FR_MS(l->asked.v + l->patience.v + GRACE.v);
}

static void lose(struct fr_line *l)
{
	l->asking = false;
	l->places = 0;
	if (!l->away)
		l->alone = 0;
	l->away = true;
}

void fr_line_give_up(struct fr_line *l, fr_ms now)
{
	if (l->asking && now.v >= overdue(l).v)
		lose(l);
}

fr_ms fr_line_ask_at(const struct fr_line *l, fr_ms now, struct fr_line_wants w)
{
	if (l->asking)
		return overdue(l);
	if (l->away)
		return FR_MS(l->asked.v + l->patience.v);
	if (at_hand(l, now) || w.urgent + w.paced == 0)
		return NEVER;
	if (w.urgent == 0 || w.paced == 0)
		return w.urgent > 0 ? l->urgent_from : l->paced_from;
	return earlier(l->urgent_from, l->paced_from);
}

/* How Redis sees the window: a place may be used until it is no longer good. */
static fr_ms span(const struct fr_line *l)
{
	return FR_MS(l->window.v + FR_LINE_GOOD.v + FR_LIMITER_JITTER.v);
}

/* Calls that Redis does not know of and that are still in the window; they are taken to have been spread over it. */
static int64_t untold(const struct fr_line *l, fr_ms now)
{
	int64_t left = l->untold_until.v - now.v;

	return left <= 0 ? 0 : (l->untold * left + span(l).v - 1) / span(l).v;
}

void fr_line_ask(struct fr_line *l, fr_ms now, struct fr_line_wants w, struct fr_line_ask *ret)
{
	int64_t calls = l->calls - l->instances * untold(l, now); /* the others have made as many, presumably */

	FR_ASSERT(!l->asking && w.urgent >= 0 && w.paced >= 0);
	if (l->away) /* whoever waits may have gone by its share before the answer comes: a place would be lost */
		w = (struct fr_line_wants){ 0, 0 };
	l->asking = true;
	l->asked = now;
	l->wanted = w;
	*ret = (struct fr_line_ask){
		.number = ++l->number,
		.calls = calls < 1 ? 1 : calls,
		.window = span(l),
		.slice = fr_limiter_slice(l->calls, span(l)),
		.slice_calls = fr_limiter_slice_calls(l->calls),
		.urgent = w.urgent,
		.paced = w.paced,
	};
}

/* Back again: what was called meanwhile is not among the places that Redis counts. */
static void find_again(struct fr_line *l, fr_ms now, const struct fr_limiter *log)
{
	l->untold = least(untold(l, now) + l->alone, fr_limiter_used(log, now));
	l->untold_until = FR_MS(now.v + span(l).v);
	l->alone = 0;
	l->away = false;
}

/* When to ask again for this kind, which got `given` of the places it wanted. */
static fr_ms from(fr_ms now, int64_t wanted, int64_t given, fr_ms wait)
{
	if (given >= wanted && wait.v <= 0)
		return now;
	return FR_MS(now.v + earlier(WAIT_MOST, later(WAIT_LEAST, wait)).v);
}

bool fr_line_told(struct fr_line *l, fr_ms now, const struct fr_line_told *told, const struct fr_limiter *log)
{
	if (!l->asking || told->number != l->number)
		return false;
	if (!told->known) {
		lose(l);
		return true;
	}
	l->asking = false;
	if (l->away)
		find_again(l, now, log);
	l->heard = now;
	l->used = told->used;
	l->instances = told->instances > 0 ? (int64_t)told->instances : 1;
	l->places = told->urgent + told->paced;
	l->good_until = FR_MS(l->asked.v + FR_LINE_GOOD.v);
	l->urgent_from = from(now, l->wanted.urgent, told->urgent, told->wait_urgent);
	l->paced_from = from(now, l->wanted.paced, told->paced, told->wait_paced);
	return true;
}

/* Within the share of an instance that hears nothing of the others. */
static fr_ms next_alone(const struct fr_line *l, fr_ms now, bool paced, const struct fr_limiter *log)
{
	fr_ms own = FR_MS(l->window.v + FR_LIMITER_JITTER.v); /* these calls leave at once */
	fr_ms known_until = FR_MS(l->heard.v + span(l).v), at;
	int64_t share = l->calls / l->instances;

	if (l->heard.v >= 0 && now.v < known_until.v && l->alone >= (l->calls - l->used) / l->instances)
		return known_until;
	if (share < 1) /* more instances than places: the upstream will say if it is too much */
		share = 1;
	at = l->heard.v >= 0 && now.v < known_until.v ? now : fr_limiter_room(log, now, share, own);
	if (paced)
		at = later(at, fr_limiter_room(log, now, fr_limiter_slice_calls(share), fr_limiter_slice(share, own)));
	return at;
}

fr_ms fr_line_next(const struct fr_line *l, fr_ms now, bool paced, const struct fr_limiter *log)
{
	if (l->away)
		return next_alone(l, now, paced, log);
	return at_hand(l, now) ? now : NEVER;
}

void fr_line_took(struct fr_line *l, fr_ms now)
{
	FR_ASSERT(l->away || at_hand(l, now));
	if (l->away)
		l->alone++;
	else
		l->places--;
}

int64_t fr_line_used(const struct fr_line *l, fr_ms now)
{
	return l->heard.v < 0 || l->away || now.v >= l->heard.v + span(l).v ? -1 : l->used;
}
