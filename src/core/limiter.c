#include "core/limiter.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "frugal/limits.h"

#include "base/pure.h"

/* Short slices keep paced calls from coming in a crowd. But urgent ones come on top of a slice that is full already, and the shorter it is, the
 * more of that remains in the window: with ten slices, and nine tenths of the places, half of the line may be urgent before anybody waits. */
enum { SLICES_MAX = 10, SLICE_CALLS_MIN = 20, PACED_TENTHS = 9 };

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
	l->window = FR_MS(window.v + FR_LIMITER_JITTER.v);
	return l;
}

void fr_limiter_free(struct fr_limiter *l)
{
	free(l);
}

static int64_t slices(int64_t calls)
{
	int64_t n = calls / SLICE_CALLS_MIN;

	return n < 1 ? 1 : n > SLICES_MAX ? SLICES_MAX : n;
}

fr_ms fr_limiter_slice(int64_t calls, fr_ms window)
{
	return FR_MS(window.v / slices(calls));
}

int64_t fr_limiter_slice_calls(int64_t calls)
{
	int64_t n = calls * PACED_TENTHS / (10 * slices(calls));

	return n < 1 ? 1 : n;
}

/* The moment of the n-th last call. */
static fr_ms moment(const struct fr_limiter *l, size_t n)
{
	FR_ASSERT(n >= 1 && n <= l->n);
	return l->ring[(l->at + l->size - n) % l->size];
}

fr_ms fr_limiter_room(const struct fr_limiter *l, fr_ms now, int64_t calls, fr_ms span)
{
	size_t n = (size_t)calls;

	FR_ASSERT(calls >= 1 && n <= l->size);
	if (l->n < n || moment(l, n).v + span.v <= now.v)
		return now;
	return FR_MS(moment(l, n).v + span.v);
}

static fr_ms later(fr_ms a, fr_ms b)
{
	return a.v > b.v ? a : b;
}

fr_ms fr_limiter_next(const struct fr_limiter *l, fr_ms now, bool paced)
{
	int64_t calls = (int64_t)l->size;
	fr_ms next = later(now, l->paused);

	if (calls == 0)
		return next;
	if (paced)
		next = later(next, fr_limiter_room(l, now, fr_limiter_slice_calls(calls), fr_limiter_slice(calls, l->window)));
	return later(next, fr_limiter_room(l, now, calls, l->window));
}

void fr_limiter_remember(struct fr_limiter *l, fr_ms at)
{
	if (l->size == 0)
		return;
	l->ring[l->at] = l->n > 0 ? later(moment(l, 1), at) : at; /* the calendar may have been set back */
	l->at = (l->at + 1) % l->size;
	if (l->n < l->size)
		l->n++;
}

void fr_limiter_took(struct fr_limiter *l, fr_ms now)
{
	FR_ASSERT(fr_limiter_next(l, now, false).v <= now.v);
	FR_ASSERT(l->n == 0 || moment(l, 1).v <= now.v);
	fr_limiter_remember(l, now);
}

void fr_limiter_pause(struct fr_limiter *l, fr_ms until)
{
	l->paused = later(l->paused, until);
}

/* Moments only grow, so those of the last window are at the end of the ring. */
int64_t fr_limiter_used(const struct fr_limiter *l, fr_ms now)
{
	size_t few = 0, many = l->n;

	while (few < many) {
		size_t n = few + (many - few + 1) / 2;

		if (moment(l, n).v + l->window.v > now.v)
			few = n;
		else
			many = n - 1;
	}
	return (int64_t)few;
}
