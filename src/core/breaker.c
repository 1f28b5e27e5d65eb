#include "core/breaker.h"

#include "base/assert.h"

#include "base/pure.h"

/* How long a caller waits for the end of somebody else's probe before it asks again. */
enum { PROBE_WAIT_MS = 1000 };

void fr_breaker_init(struct fr_breaker *b, int64_t failures_max, fr_ms pause_first, fr_ms pause_max)
{
	FR_ASSERT(failures_max >= 1 && pause_first.v > 0);
	if (pause_max.v < pause_first.v)
		pause_max = pause_first;
	*b = (struct fr_breaker){
		.state = FR_BREAKER_CLOSED,
		.failures_max = failures_max,
		.pause = pause_first,
		.pause_first = pause_first,
		.pause_max = pause_max,
	};
}

bool fr_breaker_allows(struct fr_breaker *b, fr_ms now)
{
	FR_ASSERT((b->state == FR_BREAKER_HALF_OPEN) == b->probing);
	if (b->state != FR_BREAKER_OPEN)
		return b->state == FR_BREAKER_CLOSED;
	if (now.v < b->until.v)
		return false;
	b->state = FR_BREAKER_HALF_OPEN;
	b->probing = true;
	return true;
}

void fr_breaker_give_back(struct fr_breaker *b, fr_ms now)
{
	if (b->state != FR_BREAKER_HALF_OPEN)
		return;
	b->state = FR_BREAKER_OPEN;
	b->probing = false;
	b->until = now;
}

static void trip(struct fr_breaker *b, fr_ms pause, fr_ms now)
{
	b->state = FR_BREAKER_OPEN;
	b->probing = false;
	b->pause = pause;
	b->until = FR_MS(now.v + pause.v);
	b->opened++;
}

static void mend(struct fr_breaker *b)
{
	b->state = FR_BREAKER_CLOSED;
	b->probing = false;
	b->pause = b->pause_first;
	b->failures = 0;
}

static fr_ms longer_pause(const struct fr_breaker *b)
{
	return b->pause.v > b->pause_max.v / 2 ? b->pause_max : FR_MS(b->pause.v * 2);
}

void fr_breaker_report(struct fr_breaker *b, bool success, fr_ms now)
{
	if (b->state == FR_BREAKER_OPEN)
		return;
	if (success) {
		mend(b);
		return;
	}
	b->failures++;
	if (b->state == FR_BREAKER_HALF_OPEN)
		trip(b, longer_pause(b), now);
	else if (b->failures >= b->failures_max)
		trip(b, b->pause_first, now);
}

fr_ms fr_breaker_wait(const struct fr_breaker *b, fr_ms now)
{
	if (b->state == FR_BREAKER_CLOSED)
		return FR_MS(0);
	if (b->state == FR_BREAKER_HALF_OPEN)
		return b->pause_first.v < PROBE_WAIT_MS ? b->pause_first : FR_MS(PROBE_WAIT_MS);
	return b->until.v > now.v ? FR_MS(b->until.v - now.v) : FR_MS(0);
}
