#include "core/limiter.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "frugal/limits.h"

#include "base/pure.h"

enum { JITTER_MS = 500 };

struct fr_limiter {
	fr_ms window; /* lengthened */
	fr_ms paused; /* until; 0 = not */
	size_t size;  /* calls a window, 0 = no limit */
	size_t n, at; /* moments remembered; the place of the next one, which is the oldest once the ring is full */
	fr_ms ring[];
};

struct fr_limiter *fr_limiter_new(int64_t calls, fr_ms window)
{
	struct fr_limiter *l;
	size_t size = (size_t)calls;

	FR_ASSERT(calls >= 0 && calls <= FR_RATE_MAX);
	FR_ASSERT(FR_IMPLIES(calls > 0, window.v > 0));
	l = fr_calloc(1, sizeof(*l) + size * sizeof(l->ring[0]));
	l->size = size;
	l->window = FR_MS(window.v + JITTER_MS);
	return l;
}

void fr_limiter_free(struct fr_limiter *l)
{
	free(l);
}

fr_ms fr_limiter_next(const struct fr_limiter *l, fr_ms now)
{
	fr_ms next = now;

	if (l->size > 0 && l->n == l->size && l->ring[l->at].v + l->window.v > next.v)
		next = FR_MS(l->ring[l->at].v + l->window.v);
	return l->paused.v > next.v ? l->paused : next;
}

void fr_limiter_took(struct fr_limiter *l, fr_ms now)
{
	FR_ASSERT(fr_limiter_next(l, now).v <= now.v);
	if (l->size == 0)
		return;
	FR_ASSERT(l->n == 0 || l->ring[(l->at + l->size - 1) % l->size].v <= now.v);
	l->ring[l->at] = now;
	l->at = (l->at + 1) % l->size;
	if (l->n < l->size)
		l->n++;
}

void fr_limiter_pause(struct fr_limiter *l, fr_ms until)
{
	if (until.v > l->paused.v)
		l->paused = until;
}
