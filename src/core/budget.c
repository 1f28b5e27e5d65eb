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

struct fr_window fr_budget_window(const struct fr_budgets *all, const struct fr_budget *b, fr_wall at)
{
	FR_ASSERT(b->zone < all->n_zones);
	return fr_window_at(b->window, &all->zones[b->zone], b->start_day, at);
}
