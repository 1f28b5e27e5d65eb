/* What an operator and the world do to a fleet while it works: reloads, limits, one host without the store, lost files. */
#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reloaded(struct world *w)
{
	for (struct instance *i = w->graves; i != NULL;
	     i = i->next_grave) /* they share the configuration, until they are freed */
		fr_engine_reloaded(i->engine);
	for (size_t i = 0; i < w->n_instances; i++)
		fr_engine_reloaded(w->instances[i]->engine);
	check_all(w);
}

void world_reload_budgets(struct world *w, const char *yaml)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *fresh;

	if (fr_conf_parse(fr_str_of(yaml), "world", &fresh, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		abort();
	}
	w->conf->budgets = fresh->budgets;
	memset(w->limit_before, 0, sizeof w->limit_before);
	w->budgets_were_set = true;
	fr_conf_free(fresh);
	reloaded(w);
}

void world_price(struct world *w, const char *path, int64_t credits)
{
	w->conf->catalogue.rows[fr_catalogue_find(&w->conf->catalogue, fr_str_of(path))->index].price = credits;
	w->price_was_set = true;
	reloaded(w);
}

void world_store_limit(struct world *w, size_t instance, const char *budget, const char *limit)
{
	budgets_remember_limits(w);
	fake_store_limit(w->store, budget, limit);
	w->budgets_were_set = true;
	fr_engine_budgets_look(w->instances[instance]->engine);
	check_all(w);
}

void world_client_away(struct world *w, size_t instance, bool away)
{
	struct instance *i = w->instances[instance];

	w->store_never_failed = w->store_never_failed && !away;
	w->line_never_failed = w->line_never_failed && !away;
	fake_client_away(i->client, away);
	fake_purge_client_away(i->purge_client, away);
	if (!away)
		purge_connect(i);
}

void world_skew(struct world *w, size_t instance, int64_t by_ms)
{
	w->skew_ms[instance] = by_ms;
	w->clock_was_set = true;
}

void world_store_restart(struct world *w)
{
	fake_store_restart(w->store);
}

void world_journal_lose(struct world *w, size_t instance, size_t records)
{
	w->journal_lost = true;
	fake_journal_lose(&w->journals[instance], records);
}

void world_journal_copy(struct world *w, size_t instance, size_t from)
{
	w->journal_lost = true;
	fake_journal_copy(&w->journals[instance], &w->journals[from]);
}

void world_budget(const struct world *w, size_t budget, int64_t *ret_spent, int64_t *ret_outstanding)
{
	const struct fr_budgets *all = &w->conf->budgets;
	const struct fr_budget *b = &all->at[budget];

	FR_ASSERT(budget < all->n);
	fake_store_budget(w->store, b->name, fr_budget_window(all, b, (fr_wall){ world_wall(w) }).start, ret_spent,
			  ret_outstanding);
}

void world_store_wipe(struct world *w)
{
	w->journal_lost = w->budgets_were_set = true;
	w->store_never_failed = w->line_never_failed = false;
	fake_store_forget(w->store);
}
