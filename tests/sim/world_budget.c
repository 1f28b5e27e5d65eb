/* The judges of budgets. One sees what the upstream bills, of all and of endpoints; it cannot be lied to, but knows neither tenants nor classes of
 * work. The other reads the journals: what is called and what was spent, together, of every budget. A call counts where its instance's wall
 * clock stands when it leaves. Budgets go by their names, since a reload moves them; one that was not there before begins with nothing. */
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/world_state.h"

#include <string.h>

static struct judged *window_of(struct world *w, const struct fr_budget *b, fr_wall start)
{
	struct judged *j;

	for (size_t i = w->n_judged; i-- > 0;)
		if (w->judged[i].start.v == start.v && strcmp(w->judged[i].budget, b->name) == 0)
			return &w->judged[i];
	if (w->n_judged == w->judged_max) {
		w->judged_max = w->judged_max * 2 + 64;
		w->judged = fr_realloc(w->judged, w->judged_max * sizeof w->judged[0]);
	}
	j = &w->judged[w->n_judged++];
	*j = (struct judged){ .start = start };
	memcpy(j->budget, b->name, sizeof j->budget);
	return j;
}

static struct judged *judged_now(struct world *w, const struct fr_budget *b, fr_wall at)
{
	return window_of(w, b, fr_budget_window(&w->conf->budgets, b, at).start);
}

static int64_t limit_of(const struct world *w, const struct fr_budget *b)
{
	struct fr_spending s = fake_store_spending(w->store, b->name, (fr_wall){ 0 }, (fr_wall){ 0 });

	return s.overridden ? s.limit : b->credits;
}

/* What was leased while a limit in Redis was higher may still be spent; a reload takes it back. */
static int64_t tolerated(const struct world *w, size_t budget)
{
	int64_t now = limit_of(w, &w->conf->budgets.at[budget]);

	return now > w->limit_before[budget] ? now : w->limit_before[budget];
}

void budgets_remember_limits(struct world *w)
{
	for (size_t i = 0; i < w->conf->budgets.n; i++)
		w->limit_before[i] = tolerated(w, i);
}

void check_budgets(struct world *w, const char *target, fr_wall at)
{
	const struct fr_budgets *budgets = &w->conf->budgets;
	struct fr_str path = { target, fr_str_find(fr_str_of(target), '?') };
	size_t row = fr_catalogue_find(&w->conf->catalogue, path)->index;

	for (size_t i = 0; i < budgets->n && !w->price_was_set; i++) {
		const struct fr_budget *b = &budgets->at[i];
		struct judged *j;

		if (b->scope != FR_SCOPE_ALL && !(b->scope == FR_SCOPE_ENDPOINT && b->subject == row))
			continue;
		j = judged_now(w, b, at);
		j->billed += w->conf->catalogue.rows[row].price;
		if (j->billed > tolerated(w, i))
			world_broken(w, "a budget was passed", j->billed, tolerated(w, i));
	}
}

static void open_call(struct world *w, size_t journal, const struct fr_journal_record *r)
{
	const struct fr_budgets *budgets = &w->conf->budgets;
	struct fr_spender who = { fr_roster_tenant(&w->conf->roster, r->tenant),
				  fr_catalogue_find(&w->conf->catalogue, r->path)->index, r->priority };
	struct reserved *call;

	if (w->n_reserved == w->reserved_max) {
		w->reserved_max = w->reserved_max * 2 + 64;
		w->reserved = fr_realloc(w->reserved, w->reserved_max * sizeof w->reserved[0]);
	}
	call = &w->reserved[w->n_reserved++];
	*call = (struct reserved){ .journal = journal, .seq = r->seq, .credits = r->credits };
	for (size_t i = 0; i < budgets->n; i++) {
		const struct fr_budget *b = &budgets->at[i];
		struct judged *j;

		if (!fr_budget_covers(b, &who))
			continue;
		j = judged_now(w, b, r->opened);
		j->reserved += r->credits;
		call->of[call->n_of++] = (size_t)(j - w->judged);
		if (r->credits > 0 && j->reserved > tolerated(w, i))
			world_broken(w, "calls leave for which a budget has no credits", j->reserved, tolerated(w, i));
	}
}

/* What was not billed is there again. A price that was raised meanwhile was not reserved: nobody could have known. */
static void close_call(struct world *w, size_t journal, const struct fr_journal_record *r)
{
	for (size_t i = w->n_reserved; i-- > 0;) {
		struct reserved *call = &w->reserved[i];

		if (call->journal != journal || call->seq != r->call)
			continue;
		for (size_t n = 0; n < call->n_of && r->credits < call->credits; n++)
			w->judged[call->of[n]].reserved -= call->credits - r->credits;
		*call = w->reserved[--w->n_reserved];
		return;
	}
}

void check_record(struct world *w, size_t journal, const struct fr_journal_record *r)
{
	if (r->kind == FR_JOURNAL_OPEN)
		open_call(w, journal, r);
	else if (r->kind == FR_JOURNAL_CLOSE)
		close_call(w, journal, r);
}

int64_t reserved_credits(const struct world *w, size_t journal)
{
	int64_t credits = 0;

	for (size_t i = 0; i < w->n_reserved; i++)
		credits += w->reserved[i].journal == journal ? w->reserved[i].credits : 0;
	return credits;
}

/* When all is quiet, Redis has not more spent than there was, and nothing is outstanding any more: no credit is lost. */
void check_spent(const struct world *w)
{
	const struct fr_budgets *budgets = &w->conf->budgets;

	for (size_t i = 0; i < budgets->n; i++) {
		const struct fr_budget *b = &budgets->at[i];
		struct fr_window now = fr_budget_window(budgets, b, (fr_wall){ world_wall(w) });
		fr_wall at = { WORLD_EPOCH_MS };
		int64_t spent, outstanding;

		fake_store_budget(w->store, b->name, now.start, &spent, &outstanding);
		if (outstanding != 0)
			world_broken(w, "nobody calls any more, and credits are outstanding", outstanding, (long long)i);
		while (at.v < world_wall(w) && !w->clock_was_set && !w->budgets_were_set && !w->price_was_set) {
			struct fr_window window = fr_budget_window(budgets, b, at);

			fake_store_budget(w->store, b->name, window.start, &spent, &outstanding);
			if (spent > b->credits)
				world_broken(w, "Redis has more spent of a budget than it had", spent, b->credits);
			at = window.end;
		}
	}
}
