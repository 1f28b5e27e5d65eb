#include "core/budget.h"

#include "base/assert.h"

#include "base/pure.h"

bool fr_budget_covers(const struct fr_budget *b, const struct fr_spender *s)
{
	switch (b->scope) {
	case FR_SCOPE_ALL: return true;
	case FR_SCOPE_TENANT: return b->subject == s->tenant;
	case FR_SCOPE_ENDPOINT: return b->subject == s->endpoint;
	case FR_SCOPE_CLASS: return b->subject == (size_t)s->priority;
	}
	FR_ASSERT(false);
	return false;
}

fr_ms fr_budget_kept(const struct fr_budget *b)
{
	static const fr_ms kept[FR_WINDOW_KINDS] = {
		[FR_WINDOW_HOUR] = { INT64_C(8) * 24 * 3600 * 1000 },
		[FR_WINDOW_DAY] = { INT64_C(100) * 24 * 3600 * 1000 },
		[FR_WINDOW_MONTH] = { INT64_C(800) * 24 * 3600 * 1000 },
	};

	return kept[b->window];
}

struct fr_window fr_budget_window(const struct fr_budgets *all, const struct fr_budget *b, fr_wall at)
{
	struct fr_window w;

	FR_ASSERT(b->zone < all->n_zones);
	w = fr_window_at(b->window, &all->zones[b->zone], b->start_day, (fr_wall){ at.v > 0 ? at.v : 0 });
	w.start.v = w.start.v > 0 ? w.start.v : 0;
	return w;
}
