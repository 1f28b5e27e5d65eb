#include "core/line.h"

#include "base/assert.h"

#include "base/pure.h"

/* A place can become free earlier than Redis could foresee, never more often than this is worth a question. */
static const fr_ms WAIT_LEAST = { 5 }, WAIT_MOST = { 1000 };
/* The port has its own deadline; this one is for a port that breaks its word. */
static const fr_ms GRACE = { 250 };
static const fr_ms NEVER = { INT64_MAX };
/* Long enough for a slow answer; but Redis' window is longer by it, and so the line is slower. */
static const fr_ms GOOD_LEAST = { 100 }, GOOD_MOST = { 1000 };
enum { GOOD_PART = 20 };

void fr_line_init(struct fr_line *l, int64_t calls, fr_ms window, fr_ms patience)
{
	FR_ASSERT(calls >= 1 && window.v > 0 && patience.v > 0);
	*l = (struct fr_line){ .calls = calls, .window = window, .patience = patience, .heard = { -1 }, .instances = 1 };
	l->untold = fr_limiter_new(calls, window);
}

void fr_line_free(struct fr_line *l)
{
	fr_limiter_free(l->untold);
	l->untold = NULL;
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

fr_ms fr_line_good(fr_ms window)
{
	return earlier(GOOD_MOST, later(GOOD_LEAST, FR_MS(window.v / GOOD_PART)));
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
	return FR_MS(l->window.v + fr_line_good(l->window).v + FR_LIMITER_JITTER.v);
}

/* How this instance sees it: its own calls leave at once. */
static fr_ms own_span(const struct fr_line *l)
{
	return FR_MS(l->window.v + FR_LIMITER_JITTER.v);
}

/* With more instances than places it is one: the upstream will say if that is too much. */
static int64_t share(const struct fr_line *l)
{
	return l->calls >= l->instances ? l->calls / l->instances : 1;
}

static bool apart(const struct fr_line *l, fr_ms now)
{
	return now.v < l->apart_until.v;
}

/* Of so many places Redis gives out what is free. */
static int64_t of_calls(const struct fr_line *l, fr_ms now)
{
	int64_t calls = l->calls - l->instances * fr_limiter_used(l->untold, now); /* the others have made as many, presumably */

	return apart(l, now) ? l->calls : calls < 1 ? 1 : calls;
}

static struct fr_line_wants may_want(const struct fr_line *l, fr_ms now, struct fr_line_wants w, const struct fr_limiter *log)
{
	int64_t room = share(l) - fr_limiter_used(log, now);

	if (l->away) /* whoever waits may have gone by its share before the answer comes: a place would be lost */
		return (struct fr_line_wants){ 0, 0 };
	if (!apart(l, now))
		return w;
	room = room > 0 ? room : 0;
	w.urgent = least(w.urgent, room);
	w.paced = least(w.paced, room - w.urgent);
	return w;
}

void fr_line_ask(struct fr_line *l, fr_ms now, struct fr_line_wants w, const struct fr_limiter *log, struct fr_line_ask *ret)
{
	FR_ASSERT(!l->asking && w.urgent >= 0 && w.paced >= 0);
	l->wanted = may_want(l, now, w, log);
	l->asking = true;
	l->asked = now;
	*ret = (struct fr_line_ask){
		.number = ++l->number,
		.calls = of_calls(l, now),
		.window = span(l),
		.slice = fr_limiter_slice(l->calls, span(l)),
		.slice_calls = fr_limiter_slice_calls(l->calls),
		.urgent = l->wanted.urgent,
		.paced = l->wanted.paced,
	};
}

static void count_instances(struct fr_line *l, fr_ms now, int64_t n)
{
	if (n < l->instances && now.v < l->instances_until.v)
		return;
	l->instances = n > 1 ? n : 1;
	l->instances_until = FR_MS(now.v + span(l).v);
}

/* Back again, and so are the others: none of them had a place meanwhile. */
static void find_again(struct fr_line *l, fr_ms now)
{
	l->away = false;
	l->instances_until = FR_MS(now.v + span(l).v);
	if (2 * fr_limiter_used(l->untold, now) >= share(l))
		l->apart_until = FR_MS(now.v + span(l).v);
}

/* When to ask again for this kind, which got `given` of the places it wanted. */
static fr_ms from(fr_ms now, int64_t wanted, int64_t given, fr_ms wait)
{
	if (given >= wanted && wait.v <= 0)
		return now;
	return FR_MS(now.v + earlier(WAIT_MOST, later(WAIT_LEAST, wait)).v);
}

bool fr_line_told(struct fr_line *l, fr_ms now, const struct fr_line_told *told)
{
	if (!l->asking || told->number != l->number)
		return false;
	if (!told->known) {
		lose(l);
		return true;
	}
	l->asking = false;
	if (l->away)
		find_again(l, now);
	l->heard = now;
	l->used = told->used;
	count_instances(l, now, (int64_t)told->instances);
	l->places = told->urgent + told->paced;
	l->good_until = FR_MS(l->asked.v + fr_line_good(l->window).v);
	l->urgent_from = from(now, l->wanted.urgent, told->urgent, told->wait_urgent);
	l->paced_from = from(now, l->wanted.paced, told->paced, told->wait_paced);
	return true;
}

/* Within the share of an instance that hears nothing of the others. */
static fr_ms next_alone(const struct fr_line *l, fr_ms now, bool paced, const struct fr_limiter *log)
{
	fr_ms known_until = FR_MS(l->heard.v + span(l).v), at = now;
	bool known = l->heard.v >= 0 && now.v < known_until.v;

	if (known && l->alone >= (l->calls - l->used) / l->instances)
		return known_until;
	if (!known)
		at = fr_limiter_room(log, now, share(l), own_span(l));
	if (paced)
		at = later(at,
			   fr_limiter_room(log, now, fr_limiter_slice_calls(share(l)), fr_limiter_slice(share(l), own_span(l))));
	return at;
}

fr_ms fr_line_next(const struct fr_line *l, fr_ms now, bool paced, const struct fr_limiter *log)
{
	fr_ms at = now;

	if (l->away)
		return next_alone(l, now, paced, log);
	if (apart(l, now))
		at = fr_limiter_room(log, now, share(l), own_span(l));
	return at.v > now.v || at_hand(l, now) ? at : NEVER;
}

void fr_line_took(struct fr_line *l, fr_ms now)
{
	FR_ASSERT(l->away || at_hand(l, now));
	if (!l->away) {
		l->places--;
		return;
	}
	l->alone++;
	fr_limiter_took(l->untold, now);
}

int64_t fr_line_used(const struct fr_line *l, fr_ms now)
{
	return l->heard.v < 0 || l->away || now.v >= l->heard.v + span(l).v ? -1 : l->used;
}
