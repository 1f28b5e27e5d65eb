#include "ctl/budgets.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "ctl/facts.h"

/* A limit from here on is none: beyond it a double, which JSON's numbers may become, is not exact. */
static const int64_t LIMIT_NONE_FROM = INT64_C(9007199254740991);

void fr_budgets_row(const json_t *budget, struct fr_budgets_row *ret)
{
	struct fr_budgets_row r = {
		.name = fr_facts_text(budget, "name", "?"),
		.window = fr_facts_text(budget, "window", ""),
		.level = fr_facts_text(budget, "level", ""),
		.limit = fr_facts_number(budget, "limit", LIMIT_NONE_FROM),
		.spent = fr_facts_number(budget, "spent", 0),
		.outstanding = fr_facts_number(budget, "outstanding", 0),
		.held = fr_facts_number(budget, "held", 0),
		.used = fr_facts_real(budget, "used_ratio"),
		.forecast = fr_facts_real(budget, "forecast_ratio"),
		.exhausted = "",
	};

	r.limited = r.limit < LIMIT_NONE_FROM;
	if (isnan(r.used) && r.limited)
		r.used = r.limit > 0 ? (double)r.spent / (double)r.limit : 1;
	r.left = r.limit - r.spent - r.outstanding;
	r.left = r.left < 0 ? 0 : r.left;
	(void)fr_facts_day(budget, "exhausted_at", r.exhausted);
	*ret = r;
}

void fr_budgets_forecast(const struct fr_budgets_row *row, char ret[FR_BUDGETS_FORECAST_MAX])
{
	char percent[FR_LOOK_MAX];
	int n = 0;

	ret[0] = '\0';
	if (!row->limited)
		return;
	if (row->used >= 1) {
		n = snprintf(ret, FR_BUDGETS_FORECAST_MAX, "used up");
	} else if (!isnan(row->forecast)) {
		fr_look_percent(row->forecast, percent);
		n = snprintf(ret, FR_BUDGETS_FORECAST_MAX, "ends at %s%s%s", percent,
			     row->exhausted[0] == '\0' ? "" : ", exhausted on ", row->exhausted);
	}
	FR_ASSERT(n >= 0 && n < FR_BUDGETS_FORECAST_MAX);
}

enum column { SPENT, LIMIT, OUTSTANDING, HELD, LEFT, COLUMNS };

/* The widest cells of all rows. */
struct widths {
	size_t name, window, level;
	size_t of[COLUMNS];
};

static void cell(const struct fr_budgets_row *r, enum column c, char ret[FR_LOOK_MAX])
{
	const int64_t v[COLUMNS] = {
		[SPENT] = r->spent, [LIMIT] = r->limit, [OUTSTANDING] = r->outstanding, [HELD] = r->held, [LEFT] = r->left,
	};

	if (!r->limited && (c == LIMIT || c == LEFT))
		FR_ASSERT(fr_str_copy(ret, FR_LOOK_MAX, c == LIMIT ? FR_STR("none") : FR_STR("-")));
	else
		fr_units_show_count(v[c], ret);
}

static void widen(size_t *width, const char *text)
{
	size_t n = strlen(text);

	*width = n > *width ? n : *width;
}

static void measure(const json_t *list, struct widths *w)
{
	char text[FR_LOOK_MAX];
	const json_t *budget;
	size_t i;

	json_array_foreach (list, i, budget) {
		struct fr_budgets_row r;

		fr_budgets_row(budget, &r);
		widen(&w->name, r.name);
		widen(&w->window, r.window);
		widen(&w->level, r.level);
		for (enum column c = 0; c < COLUMNS; c++) {
			cell(&r, c, text);
			widen(&w->of[c], text);
		}
	}
}

static void put_left(FILE *to, const char *text, size_t width)
{
	fr_look_foreign(to, fr_str_of(text));
	for (size_t n = strlen(text); n < width; n++)
		fputc(' ', to);
}

static void put_cell(FILE *to, const struct fr_budgets_row *r, enum column c, const struct widths *w)
{
	char text[FR_LOOK_MAX];

	cell(r, c, text);
	fprintf(to, "%*s", (int)w->of[c], text);
}

/* "[####....]  71 %", the bar on terminals only. */
static void put_used(FILE *to, const struct fr_look *look, const struct fr_budgets_row *r)
{
	char bar[FR_LOOK_BAR_MAX], percent[FR_LOOK_MAX], text[FR_LOOK_BAR_MAX + FR_LOOK_MAX + 2];
	int n;

	fr_look_percent(r->used, percent);
	fr_look_bar(look, r->used, bar);
	n = snprintf(text, sizeof(text), "%s%s%6s", look->bars ? bar : "", look->bars ? " " : "", percent);
	FR_ASSERT(n > 0 && (size_t)n < sizeof(text));
	fr_look_put(to, look, r->limited ? fr_look_tint(r->used) : FR_TINT_NONE, text);
}

static void put_forecast(FILE *to, const struct fr_budgets_row *r)
{
	char text[FR_BUDGETS_FORECAST_MAX];

	fr_budgets_forecast(r, text);
	fprintf(to, "%s%s\n", text[0] == '\0' ? "" : "   ", text);
}

void fr_budgets_brief(FILE *to, const struct fr_look *look, const json_t *list)
{
	struct widths w = { .name = 0 };
	const json_t *budget;
	size_t i;

	measure(list, &w);
	json_array_foreach (list, i, budget) {
		struct fr_budgets_row r;

		fr_budgets_row(budget, &r);
		fputs("  ", to);
		put_left(to, r.name, w.name);
		fputs("   ", to);
		put_cell(to, &r, SPENT, &w);
		fputs(" of ", to);
		put_cell(to, &r, LIMIT, &w);
		fputs("   ", to);
		put_used(to, look, &r);
		put_forecast(to, &r);
	}
}

static const char *const titles[COLUMNS] = {
	[SPENT] = "Spent", [LIMIT] = "Limit", [OUTSTANDING] = "Lent", [HELD] = "Held here", [LEFT] = "Left",
};

static void put_titles(FILE *to, const struct fr_look *look, struct widths *w)
{
	widen(&w->name, "Budget");
	widen(&w->window, "Window");
	widen(&w->level, "State");
	put_left(to, "Budget", w->name);
	fputs("   ", to);
	put_left(to, "Window", w->window);
	for (enum column c = 0; c < COLUMNS; c++) {
		widen(&w->of[c], titles[c]);
		fprintf(to, "   %*s", (int)w->of[c], titles[c]);
	}
	fputs("   ", to);
	put_left(to, "State", w->level);
	fprintf(to, "   %*s\n", look->bars ? FR_LOOK_BAR_CELLS + 9 : 6, "Used");
}

void fr_budgets_table(FILE *to, const struct fr_look *look, const json_t *list)
{
	struct widths w = { .name = 0 };
	const json_t *budget;
	size_t i;

	measure(list, &w);
	put_titles(to, look, &w);
	json_array_foreach (list, i, budget) {
		struct fr_budgets_row r;

		fr_budgets_row(budget, &r);
		put_left(to, r.name, w.name);
		fputs("   ", to);
		put_left(to, r.window, w.window);
		for (enum column c = 0; c < COLUMNS; c++) {
			fputs("   ", to);
			put_cell(to, &r, c, &w);
		}
		fputs("   ", to);
		put_left(to, r.level, w.level);
		fputs("   ", to);
		put_used(to, look, &r);
		put_forecast(to, &r);
	}
}
