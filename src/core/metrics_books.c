/* Whose credits were spent, what may still be spent, and who waits to spend some. */
#include "base/str.h"
#include "core/lease.h"
#include "core/metrics_sheet.h"

#include "base/pure.h"

static void tenant_sample(struct fr_sheet *s, const char *name, size_t tenant)
{
	fr_sheet_sample(s, name);
	fr_sheet_label(s, "tenant", fr_str_of(s->f->roster->tenants[tenant].name));
}

/* One pair that is there from the start, so that a tenant's first credit shows as an increase of its sum. */
static bool usual(size_t endpoint, enum fr_reason r)
{
	return endpoint == 0 && r == FR_REASON_MISS;
}

static void write_spent(struct fr_sheet *s)
{
	const char *name = fr_sheet_row(s, FR_METRIC_TENANT_SPENT);

	for (size_t t = 0; t < s->f->roster->n_tenants; t++)
		for (size_t i = 0; i < s->f->catalogue->n; i++)
			for (enum fr_reason r = 0; r < FR_REASONS; r++) {
				int64_t spent = s->f->tally->tenants[t].spent[i][r];

				if (spent == 0 && !usual(i, r))
					continue;
				tenant_sample(s, name, t);
				fr_sheet_label(s, "endpoint", fr_tally_label(&s->f->catalogue->rows[i]));
				fr_sheet_label(s, "reason", fr_str_of(fr_reason_name(r)));
				fr_sheet_value(s, spent);
			}
}

void fr_sheet_tenants(struct fr_sheet *s)
{
	const struct fr_tally_tenant *tenants = s->f->tally->tenants;
	size_t n = s->f->roster->n_tenants;
	const char *name = fr_sheet_row(s, FR_METRIC_TENANT_REQUESTS);

	for (size_t t = 0; t < n; t++) {
		tenant_sample(s, name, t);
		fr_sheet_count(s, tenants[t].requests);
	}
	write_spent(s);
	name = fr_sheet_row(s, FR_METRIC_TENANT_AVOIDED);
	for (size_t t = 0; t < n; t++) {
		tenant_sample(s, name, t);
		fr_sheet_value(s, tenants[t].avoided);
	}
	name = fr_sheet_row(s, FR_METRIC_TENANT_REFUSED);
	for (size_t t = 0; t < n; t++) {
		tenant_sample(s, name, t);
		fr_sheet_value(s, tenants[t].refused);
	}
}

/* One figure of a budget; false: it is not known, or there is none. */
struct figure {
	enum fr_metric metric;
	bool thousandths;
	bool (*of)(const struct fr_budget_figures *b, int64_t *ret);
};

static bool limited(const struct fr_budget_figures *b)
{
	return b->limit < FR_LIMIT_NONE;
}

static bool limit(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->limit;
	return limited(b);
}

static bool spent(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->spent;
	return b->known;
}

static bool outstanding(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->outstanding;
	return b->known;
}

static bool held(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->held;
	return true;
}

static bool used(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->permille;
	return b->known && limited(b);
}

static bool level(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = (int64_t)b->step;
	return true;
}

static bool forecast(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->forecast_permille;
	return b->forecast_permille >= 0 && limited(b);
}

static bool exhaustion(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->exhausted_at.v;
	return b->exhausted_at.v != 0;
}

static bool drift(const struct fr_budget_figures *b, int64_t *ret)
{
	*ret = b->drift;
	return true;
}

void fr_sheet_budgets(struct fr_sheet *s)
{
	static const struct figure figures[] = {
		{ FR_METRIC_BUDGET_LIMIT, false, limit },
		{ FR_METRIC_BUDGET_SPENT, false, spent },
		{ FR_METRIC_BUDGET_OUTSTANDING, false, outstanding },
		{ FR_METRIC_BUDGET_HELD, false, held },
		{ FR_METRIC_BUDGET_USED, true, used },
		{ FR_METRIC_BUDGET_LEVEL, false, level },
		{ FR_METRIC_BUDGET_FORECAST, true, forecast },
		{ FR_METRIC_BUDGET_EXHAUSTION, true, exhaustion },
		{ FR_METRIC_BUDGET_DRIFT, false, drift },
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const char *name = fr_sheet_row(s, figures[i].metric);

		for (size_t n = 0; n < s->f->n_budgets; n++) {
			const struct fr_budget_figures *b = &s->f->budgets[n];
			int64_t v;

			if (!figures[i].of(b, &v))
				continue;
			fr_sheet_sample(s, name);
			fr_sheet_label(s, "budget", fr_str_of(b->name));
			fr_sheet_label(s, "window", fr_str_of(fr_window_kind_name(b->kind)));
			if (figures[i].thousandths)
				fr_sheet_thousandths(s, v);
			else
				fr_sheet_value(s, v);
		}
	}
}

void fr_sheet_queue(struct fr_sheet *s)
{
	const char *name = fr_sheet_row(s, FR_METRIC_QUEUE);

	for (enum fr_priority p = 0; p < FR_PRIORITIES; p++) {
		fr_sheet_sample(s, name);
		fr_sheet_label(s, "class", fr_str_of(fr_priority_name(p)));
		fr_sheet_value(s, s->f->line.queue[p]);
	}
}
