#include "core/purse.h"

#include "base/assert.h"

#include "base/pure.h"

static void check(const struct fr_purse *p)
{
	FR_ASSERT(p->held >= 0 && p->queued >= 0 && p->called >= 0);
}

int64_t fr_purse_outstanding(const struct fr_purse *p)
{
	return p->held + p->queued + p->called;
}

void fr_purse_begin(struct fr_purse *p, struct fr_window w, int64_t limit, int64_t called)
{
	FR_ASSERT(w.start.v < w.end.v && limit >= 0);
	*p = (struct fr_purse){ .window = w, .limit = limit, .called = called };
	check(p);
}

bool fr_purse_in(const struct fr_purse *p, fr_wall at)
{
	return at.v >= p->window.start.v && at.v < p->window.end.v;
}

bool fr_purse_take(struct fr_purse *p, int64_t price)
{
	if (p->held < price)
		return false;
	p->held -= price;
	p->queued += price;
	p->taken += price;
	return true;
}

void fr_purse_put_back(struct fr_purse *p, int64_t price)
{
	p->queued -= price;
	p->held += price;
	check(p);
}

void fr_purse_call(struct fr_purse *p, int64_t price)
{
	p->queued -= price;
	p->called += price;
	check(p);
}

/* How many of so many credits are beyond the limit. */
static int64_t excess(const struct fr_purse *p, int64_t of)
{
	int64_t n = p->known ? p->spent + p->outstanding - p->limit : of;

	return n <= 0 ? 0 : n < of ? n : of;
}

bool fr_purse_close(struct fr_purse *p, int64_t price, int64_t credits)
{
	int64_t unbilled = price > credits ? price - credits : 0, back = excess(p, unbilled);

	FR_ASSERT(credits >= 0);
	p->called += credits - price;
	p->held += unbilled - back;
	if (p->known)
		p->outstanding -= back;
	check(p);
	return back > 0;
}

static void remember_spent(struct fr_purse *p)
{
	if (p->spent > p->most)
		p->most = p->spent;
}

void fr_purse_applied(struct fr_purse *p, int64_t credits)
{
	p->called -= credits;
	if (p->known) { /* until Redis says it again */
		p->spent += credits;
		p->outstanding -= credits;
		remember_spent(p);
	}
	check(p);
}

void fr_purse_recount(struct fr_purse *p, int64_t called, bool wiped)
{
	int64_t again = called - p->called;

	if (wiped)
		p->lost = p->most > again ? p->most - again : 0;
	p->called = called;
	check(p);
}

static int64_t spare(const struct fr_purse *p)
{
	return p->taken < FR_PURSE_LEASE_MAX ? p->taken : FR_PURSE_LEASE_MAX;
}

void fr_purse_tick(struct fr_purse *p)
{
	p->taken = 0;
}

int64_t fr_purse_want(const struct fr_purse *p, int64_t need)
{
	int64_t want = need + spare(p) - p->held;

	return want > 0 ? want : 0;
}

bool fr_purse_settle(struct fr_purse *p, int64_t need)
{
	int64_t keep = need + spare(p), back = p->held - keep;

	if (back <= 0)
		return false;
	p->held = keep;
	p->outstanding -= back;
	return true;
}

bool fr_purse_told(struct fr_purse *p, const struct fr_lease_told_line *line, bool settling, fr_ms now)
{
	int64_t back;
	enum fr_purse_state was = fr_purse_state(p);
	bool first = !p->known;

	FR_ASSERT(line->granted >= 0);
	p->known = true;
	p->settling = settling;
	p->told_at = now;
	p->held += line->granted;
	p->limit = line->limit;
	p->spent = line->spent;
	p->outstanding = line->outstanding;
	remember_spent(p);
	back = excess(p, p->held);
	p->held -= back;
	p->outstanding -= back;
	if (first || fr_purse_state(p) != was)
		p->since = now;
	return back > 0;
}

enum fr_purse_state fr_purse_state(const struct fr_purse *p)
{
	if (!p->known)
		return FR_PURSE_OPEN;
	if (p->spent >= p->limit)
		return FR_PURSE_EMPTY;
	if (p->settling)
		return FR_PURSE_SETTLING;
	return p->spent + p->outstanding >= p->limit ? FR_PURSE_SCARCE : FR_PURSE_OPEN;
}

int64_t fr_purse_used(const struct fr_purse *p)
{
	int64_t promised = p->outstanding - p->held;

	return p->spent + (promised > 0 ? promised : 0);
}

int64_t fr_purse_left(const struct fr_purse *p)
{
	return p->limit > fr_purse_used(p) ? p->limit - fr_purse_used(p) : 0;
}

int64_t fr_purse_permille(const struct fr_purse *p)
{
	if (p->limit <= 0)
		return 1000;
	if (!p->known)
		return 0;
	return fr_purse_used(p) >= INT64_MAX / 1000 ? 1000 : fr_purse_used(p) * 1000 / p->limit;
}
