/* The judge of budgets: what the upstream billed in each window, against the configuration. It sees neither tenants nor classes of work, so it
 * watches the budgets of all and of endpoints; a call counts where the wall clock stands when it arrives. */
#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/world_state.h"

static struct judged *window_of(struct world *w, size_t budget, fr_wall start)
{
	struct judged *j = w->judged[budget];

	for (size_t i = 0; i < w->n_judged[budget]; i++)
		if (j[i].start.v == start.v)
			return &j[i];
	FR_ASSERT(w->n_judged[budget] < WORLD_WINDOWS_MAX);
	j = &j[w->n_judged[budget]++];
	*j = (struct judged){ .start = start };
	return j;
}

/* What Redis says was spent, of all scopes; nobody sets its clock back over a window's end without being believed. */
void check_spent(const struct world *w)
{
	const struct fr_budgets *budgets = &w->conf->budgets;

	for (size_t i = 0; i < budgets->n && !w->clock_was_set; i++) {
		const struct fr_budget *b = &budgets->at[i];
		fr_wall at = { WORLD_EPOCH_MS };

		while (at.v < world_wall(w)) {
			struct fr_window window = fr_budget_window(budgets, b, at);
			int64_t spent, outstanding;

			fake_store_budget(w->store, b->name, window.start, &spent, &outstanding);
			if (spent > b->credits)
				world_broken(w, "Redis has more spent of a budget than it had", spent, b->credits);
			at = window.end;
		}
	}
}

void check_budgets(struct world *w, const char *target)
{
	const struct fr_budgets *budgets = &w->conf->budgets;
	struct fr_str path = { target, fr_str_find(fr_str_of(target), '?') };
	size_t row = fr_catalogue_find(&w->conf->catalogue, path)->index;
	fr_wall now = { world_wall(w) };

	for (size_t i = 0; i < budgets->n; i++) {
		const struct fr_budget *b = &budgets->at[i];
		struct judged *j;

		if (b->scope != FR_SCOPE_ALL && !(b->scope == FR_SCOPE_ENDPOINT && b->subject == row))
			continue;
		j = window_of(w, i, fr_budget_window(budgets, b, now).start);
		if (++j->billed > b->credits)
			world_broken(w, "a budget was passed", j->billed, b->credits);
	}
}
