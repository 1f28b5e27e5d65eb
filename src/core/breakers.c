#include "core/breakers.h"

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

void fr_breakers_init(struct fr_breakers *b, const struct fr_catalogue *c, int64_t failures_max, fr_ms pause_first,
		      fr_ms pause_max)
{
	struct fr_str names[FR_ENDPOINTS_MAX] = { { NULL, 0 } };

	*b = (struct fr_breakers){ .n = 0 };
	fr_breaker_init(&b->whole, failures_max, pause_first, pause_max);
	for (size_t i = 0; i < c->n; i++) {
		size_t g = 0;

		while (g < b->n && !fr_str_eq(names[g], c->rows[i].group))
			g++;
		if (g == b->n) {
			names[b->n++] = c->rows[i].group;
			fr_breaker_init(&b->groups[g], failures_max, pause_first, pause_max);
		}
		b->group[i] = (uint8_t)g;
	}
}

static struct fr_breaker *group_of(struct fr_breakers *b, size_t row)
{
	FR_ASSERT(row < FR_ENDPOINTS_MAX && b->group[row] < b->n);
	return &b->groups[b->group[row]];
}

bool fr_breakers_allows(struct fr_breakers *b, size_t row, fr_ms now)
{
	if (!fr_breaker_allows(&b->whole, now))
		return false;
	if (fr_breaker_allows(group_of(b, row), now))
		return true;
	fr_breaker_give_back(&b->whole, now);
	return false;
}

void fr_breakers_give_back(struct fr_breakers *b, size_t row, fr_ms now)
{
	fr_breaker_give_back(&b->whole, now);
	fr_breaker_give_back(group_of(b, row), now);
}

void fr_breakers_succeeded(struct fr_breakers *b, size_t row, fr_ms now)
{
	b->row = b->uncounted = 0;
	b->several = false;
	fr_breaker_report(&b->whole, true, now);
	fr_breaker_report(group_of(b, row), true, now);
}

/* It would have happened to a call of any group. */
static bool concerns_all(enum fr_verdict how)
{
	return how == FR_VERDICT_NETWORK || how == FR_VERDICT_ACCOUNT_ERROR || how == FR_VERDICT_THROTTLED;
}

void fr_breakers_failed(struct fr_breakers *b, size_t row, enum fr_verdict how, fr_ms now)
{
	uint8_t group = b->group[row];
	int64_t counts;

	if (b->row++ == 0)
		b->first = group;
	b->several = b->several || group != b->first;
	b->uncounted++;
	/* the call that probes for the whole decides, whatever its failure was */
	counts = b->several ? b->uncounted : concerns_all(how) || b->whole.state == FR_BREAKER_HALF_OPEN ? 1 : 0;
	b->uncounted -= counts;
	while (counts-- > 0)
		fr_breaker_report(&b->whole, false, now);
	fr_breaker_report(group_of(b, row), false, now);
}

static fr_ms longer(fr_ms a, fr_ms b)
{
	return a.v > b.v ? a : b;
}

fr_ms fr_breakers_wait(const struct fr_breakers *b, size_t row, fr_ms now)
{
	return longer(fr_breaker_wait(&b->whole, now), fr_breaker_wait(&b->groups[b->group[row]], now));
}

const struct fr_breaker *fr_breakers_of(const struct fr_breakers *b, size_t row)
{
	return b->whole.state != FR_BREAKER_CLOSED ? &b->whole : &b->groups[b->group[row]];
}

size_t fr_breakers_open(const struct fr_breakers *b)
{
	size_t n = 0;

	for (size_t g = 0; g < b->n; g++)
		n += b->groups[g].state != FR_BREAKER_CLOSED;
	return n;
}

uint64_t fr_breakers_opened(const struct fr_breakers *b)
{
	uint64_t n = b->whole.opened;

	for (size_t g = 0; g < b->n; g++)
		n += b->groups[g].opened;
	return n;
}
