#include "core/plan.h"

#include "base/pure.h"

/* Nothing to serve from what is at hand. */
static enum fr_plan go_and_get(const struct fr_plan_facts *f)
{
	if (!f->wish.only_if_cached)
		return FR_PLAN_FLY;
	return f->stored_looked ? FR_PLAN_REFUSE : FR_PLAN_LOOK;
}

/* The client buys a younger answer than this one. One that is younger than refresh_min satisfies everybody. */
static bool too_old(const struct fr_plan_facts *f)
{
	const struct fr_wish *w = &f->wish;

	if (f->view.age.v < f->refresh_min.v)
		return false;
	return w->no_cache || (w->max_age.v >= 0 && f->view.age.v > w->max_age.v) ||
	       (w->min_fresh.v >= 0 && f->view.left.v < w->min_fresh.v);
}

/* The client takes an answer that is so far past its time, which saves a credit. */
static bool accepted(const struct fr_plan_facts *f)
{
	return !f->wish.no_cache && f->wish.max_stale.v >= 0 && f->wish.max_stale.v >= f->view.over.v;
}

static enum fr_plan ask_stale(const struct fr_plan_facts *f)
{
	if (f->wish.only_if_cached)
		return FR_PLAN_SERVE_STALE;
	if (accepted(f))
		return FR_PLAN_SERVE_ASKED;
	if (too_old(f))
		return FR_PLAN_FLY_FORCED;
	if (f->refreshing)
		return FR_PLAN_SERVE_STALE;
	if (f->view.spared)
		return FR_PLAN_SERVE_SPARED;
	return f->view.seldom ? FR_PLAN_SERVE_SELDOM : FR_PLAN_SERVE_AND_REFRESH;
}

enum fr_plan fr_plan_ask(const struct fr_plan_facts *f)
{
	if (!f->have)
		return go_and_get(f);
	switch (f->view.freshness) {
	case FR_FRESH: return !f->wish.only_if_cached && too_old(f) ? FR_PLAN_FLY_FORCED : FR_PLAN_SERVE;
	case FR_STALE: return ask_stale(f);
	case FR_RESCUE: return accepted(f) && !f->view.blank ? FR_PLAN_SERVE_ASKED : go_and_get(f);
	case FR_DEAD: break;
	}
	return go_and_get(f);
}

enum fr_plan fr_plan_failed(const struct fr_plan_facts *f)
{
	if (!f->have)
		return FR_PLAN_REFUSE;
	switch (f->view.freshness) {
	case FR_FRESH: return FR_PLAN_SERVE;
	case FR_STALE: return FR_PLAN_SERVE_STALE;
	case FR_RESCUE: return !f->view.blank || f->may_blank ? FR_PLAN_SERVE_RESCUE : FR_PLAN_REFUSE;
	case FR_DEAD: break;
	}
	return FR_PLAN_REFUSE;
}
