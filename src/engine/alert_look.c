/* Who or what is looked at, and whether it gives rise to an alert that Redis is not known to have. */
#include "engine/alerts_state.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"

/* A report that is later than that is no news: nobody was up at its time. */
static const fr_ms REPORT_LATE = { INT64_C(6) * 3600 * 1000 };

void walk_scope(const struct fr_engine *e, const struct fr_alert_due *d, char ret[FR_BUDGET_NAME_MAX])
{
	const struct walk *w = &e->alerts->walk;

	switch (w->subject) {
	case SUBJECT_BUDGET: (void)fr_str_copy(ret, FR_BUDGET_NAME_MAX, fr_str_of(w->facts[w->n_facts - 1].budget->name)); break;
	case SUBJECT_LOOP: (void)snprintf(ret, FR_BUDGET_NAME_MAX, "client:%s", e->alerts->loops[w->at].repeat.client); break;
	case SUBJECT_TEST:
		(void)fr_str_copy(ret, FR_BUDGET_NAME_MAX, fr_str_of(e->policy.alerts->channels[d->channel].name));
		break;
	case SUBJECT_REPORT: fr_units_show_day(fr_units_day(d->window) - 1, ret); break;
	}
}

static bool is_known(const struct fr_engine *e, const struct fr_alert_due *d)
{
	char scope[FR_BUDGET_NAME_MAX], id[FR_ALERT_ID_MAX];

	walk_scope(e, d, scope);
	fr_alert_id(id, &e->policy.alerts->channels[d->channel], d->kind, scope, d->threshold, d->window);
	return alerts_known(e, id);
}

/* Of what is due leaves the news, and goes on with it. */
static void keep_news(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;
	size_t n = 0;

	for (size_t i = 0; i < w->n_due; i++)
		if (!is_known(e, &w->due[i]))
			w->due[n++] = w->due[i];
	w->n_due = n;
	w->due_at = 0;
	w->step = WALK_RAISE;
}

static void next_kind(struct walk *w, enum subject kind)
{
	w->subject = kind;
	w->at = 0;
}

static void look_at_budget(struct fr_engine *e)
{
	const struct fr_budgets *all = e->policy.budgets;
	struct walk *w = &e->alerts->walk;

	if (w->at == all->n) {
		next_kind(w, SUBJECT_LOOP);
		w->step = alerts_wanted(e) ? WALK_LOOK : WALK_IDLE;
		return;
	}
	e->ports.budget_read(e->ports.ctx, walk_question(e), all->at[w->at].name,
			     fr_budget_window(all, &all->at[w->at], e->wall).start, e->wall);
}

static void look_at_loop(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;
	const struct loop *l = &e->alerts->loops[w->at];

	if (w->at == e->alerts->n_loops) {
		next_kind(w, SUBJECT_TEST);
		return;
	}
	w->n_due = fr_alerts_due_repeats(e->policy.alerts, l->repeat.count, l->at, w->due);
	keep_news(e);
}

static void look_at_test(struct fr_engine *e)
{
	struct walk *w = &e->alerts->walk;

	if (w->at == e->policy.alerts->n_channels) {
		next_kind(w, SUBJECT_REPORT);
		return;
	}
	w->due[0] = (struct fr_alert_due){
		.channel = w->at,
		.kind = FR_ALERT_TEST,
		.threshold = (int64_t)e->alerts->tests[w->at],
	};
	w->n_due = e->alerts->tests[w->at] != 0 ? 1 : 0;
	keep_news(e);
}

/* The last subject. */
static void look_at_report(struct fr_engine *e)
{
	const struct fr_report_time *r = &e->policy.alerts->report;
	struct walk *w = &e->alerts->walk;
	fr_wall at = r->on ? fr_report_due(r, e->wall) : e->wall;

	w->n_due = 0;
	if (r->on && w->at == 0 && e->wall.v >= at.v && e->wall.v - at.v <= REPORT_LATE.v)
		for (size_t c = 0; c < e->policy.alerts->n_channels; c++)
			if ((r->to >> c & 1) != 0)
				w->due[w->n_due++] = (struct fr_alert_due){ .channel = c, .kind = FR_ALERT_REPORT, .window = at };
	keep_news(e);
	w->step = w->n_due > 0 ? WALK_TOTALS : WALK_IDLE;
}

void walk_look(struct fr_engine *e)
{
	switch (e->alerts->walk.subject) {
	case SUBJECT_BUDGET: look_at_budget(e); break;
	case SUBJECT_LOOP: look_at_loop(e); break;
	case SUBJECT_TEST: look_at_test(e); break;
	case SUBJECT_REPORT: look_at_report(e); break;
	}
}

/* What Redis' days cannot tell: which endpoints a tenant paid for. This instance's own counts can, as far as they go. */
static void tops_of_tenant(struct fr_engine *e, size_t tenant)
{
	int64_t spent[FR_ENDPOINTS_MAX] = { 0 };

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		for (size_t r = 0; r < FR_REASONS; r++)
			spent[i] += e->tally.tenants[tenant].spent[i][r];
	fr_tops_of(&e->alerts->walk.tops, e->catalogue, spent, "of this instance");
}

static void take_figures(struct fr_engine *e, const struct fr_spending *spending)
{
	struct walk *w = &e->alerts->walk;
	const struct fr_budget *b = &e->policy.budgets->at[w->at];
	struct fr_alert_facts *f = &w->facts[w->n_facts++];

	fr_alert_facts(f, e->policy.budgets, b, spending);
	e->alerts->outlooks[w->at] = (struct outlook){ f->window.start, f->limit, f->forecast };
	w->n_due = alerts_wanted(e) ? fr_alerts_due(e->policy.alerts, f, w->due) : 0;
	w->tops.n = 0;
	keep_news(e);
	if (b->scope == FR_SCOPE_TENANT)
		tops_of_tenant(e, b->subject);
	else if (b->scope != FR_SCOPE_ENDPOINT && w->n_due > 0)
		w->step = WALK_TOTALS;
}

void fr_engine_budget_read(struct fr_engine *e, uint64_t number, const struct fr_spending *spending)
{
	engine_enter(e);
	if (walk_answered(e, number)) {
		if (spending->known)
			take_figures(e, spending);
		else
			walk_abort(e);
		walk_go(e);
	}
	engine_leave(e);
}
