#include "core/alert_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/page.h"

#include "base/pure.h"

/* Of the credits spent: an endpoint that costs less is no place to start. */
enum { WORTH_STARTING_PERCENT = 25 };

void fr_tops_add(int64_t spent[FR_ENDPOINTS_MAX], const struct fr_totals *days, size_t n)
{
	for (size_t d = 0; d < n; d++)
		for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
			spent[i] += days[d].v[i][FR_TOTAL_demand] + days[d].v[i][FR_TOTAL_background];
}

void fr_tops_of(struct fr_tops *ret, const struct fr_catalogue *c, const int64_t spent[FR_ENDPOINTS_MAX], const char *of)
{
	memset(ret, 0, sizeof(*ret));
	ret->of = of;
	for (size_t i = 0; i < c->n; i++) {
		size_t at = ret->n;

		ret->all += spent[i];
		while (at > 0 && ret->at[at - 1].credits < spent[i])
			at--;
		if (spent[i] <= 0 || at == FR_TOPS_MAX)
			continue;
		if (ret->n < FR_TOPS_MAX)
			ret->n++;
		for (size_t j = ret->n - 1; j > at; j--)
			ret->at[j] = ret->at[j - 1];
		ret->at[at].label = fr_tally_label(&c->rows[i]);
		ret->at[at].credits = spent[i];
	}
}

static void count(struct fr_page *p, int64_t n)
{
	char text[FR_UNITS_COUNT_MAX];

	fr_units_show_count(n, text);
	fr_page_text(p, text);
}

/* Rounded down, so that nobody reads of 70 % what has not reached it. */
static int64_t percent(int64_t n, int64_t of)
{
	return of <= 0 ? 0 : n < INT64_MAX / 100 ? n * 100 / of : n / of * 100;
}

static bool limited(const struct fr_alert_facts *f)
{
	return f->limit != FR_LIMIT_NONE && f->limit > 0;
}

/* "2,130,004 of 3,000,000 credits" */
static void spent_of(struct fr_page *p, const struct fr_alert_facts *f)
{
	count(p, f->spent);
	if (limited(f)) {
		fr_page_text(p, " of ");
		count(p, f->limit);
	}
	fr_page_text(p, " credits");
}

/* "on 2026-11-21"; within a day "at 14:05 Europe/Berlin". */
static void moment(struct fr_page *p, const struct fr_alert_facts *f, fr_wall at)
{
	struct fr_civil c = fr_zone_civil(f->zone, at);

	if (f->budget->window == FR_WINDOW_MONTH)
		fr_page_addf(p, "on %04" PRId64 "-%02d-%02d", c.year, c.month, c.day);
	else
		fr_page_addf(p, "at %02d:%02d %s", c.hour, c.minute, f->zone->name[0] != '\0' ? f->zone->name : "UTC");
}

/* "At this rate the month ends at 214 % (used up on 2026-11-21)." */
static void outlook(struct fr_page *p, const struct fr_alert_facts *f)
{
	if (!f->forecast.known || !limited(f) || f->spent >= f->limit)
		return;
	fr_page_addf(p, " At this rate the %s ends at %" PRId64 " %%", fr_window_kind_name(f->budget->window),
		     percent(f->forecast.credits, f->limit));
	if (f->forecast.exhausted.v != 0) {
		fr_page_text(p, " (used up ");
		moment(p, f, f->forecast.exhausted);
		fr_page_char(p, ')');
	}
	fr_page_char(p, '.');
}

/* " Top endpoints: /a/ 41 %, /b/ 20 %." */
static void top(struct fr_page *p, const struct fr_tops *tops)
{
	if (tops == NULL || tops->n == 0)
		return;
	fr_page_addf(p, " Top endpoints%s%s: ", tops->of[0] != '\0' ? " " : "", tops->of);
	for (size_t i = 0; i < tops->n; i++) {
		fr_page_text(p, i == 0 ? "" : ", ");
		fr_page_str(p, tops->at[i].label);
		fr_page_addf(p, " %" PRId64 " %%", percent(tops->at[i].credits, tops->all));
	}
	fr_page_char(p, '.');
}

static void say_percent(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_addf(p, "TikTok API spend at %" PRId64 " %% of %s: ", percent(a->facts->spent, a->facts->limit), a->scope);
	spent_of(p, a->facts);
	fr_page_char(p, '.');
}

static void say_credits(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_addf(p, "TikTok API spend of %s has passed ", a->scope);
	count(p, a->threshold);
	fr_page_text(p, " credits: ");
	spent_of(p, a->facts);
	fr_page_char(p, '.');
}

static void say_forecast(struct fr_page *p, const struct fr_alert *a)
{
	const struct fr_alert_facts *f = a->facts;

	fr_page_addf(p, "TikTok API spend of %s is on its way to %" PRId64 " %% of the budget: ", a->scope,
		     percent(f->forecast.credits, f->limit));
	spent_of(p, f);
	fr_page_addf(p, " after %" PRId64 " %% of the %s.",
		     percent(f->at.v - f->window.start.v, f->window.end.v - f->window.start.v),
		     fr_window_kind_name(f->budget->window));
}

static void say_runaway(struct fr_page *p, const struct fr_alert *a)
{
	const struct fr_pace *pace = &a->facts->pace;
	double times = fr_pace_times(pace);

	fr_page_addf(p, "TikTok API spend of %s runs away: ", a->scope);
	count(p, (int64_t)pace->five_minutes);
	fr_page_text(p, " credits in the last five minutes");
	if (times > 0)
		fr_page_addf(p, ", %.1f times what is usual now", times);
	fr_page_text(p, "; ");
	count(p, (int64_t)pace->hour);
	fr_page_text(p, " in the last hour, usually ");
	count(p, (int64_t)(pace->usual_hour + 0.5));
	fr_page_char(p, '.');
}

static void say_repeats(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_addf(p, "Client %s has asked the same question ", a->repeat->client);
	count(p, a->repeat->count);
	fr_page_addf(p, " times within five minutes: %s", a->repeat->question);
}

static void advise_on_spend(struct fr_page *p, const struct fr_alert *a)
{
	const struct fr_alert_facts *f = a->facts;
	const struct fr_tops *tops = a->tops;

	FR_ASSERT(f != NULL);
	if (limited(f) && f->spent >= f->limit)
		fr_page_addf(p,
			     "The budget is used up: what costs nothing is served until the %s ends, the rest is refused. "
			     "`frugalctl budget set %s CREDITS` raises it. ",
			     fr_window_kind_name(f->budget->window), f->budget->name);
	if (tops != NULL && tops->n > 0 && percent(tops->at[0].credits, tops->all) >= WORTH_STARTING_PERCENT) {
		fr_page_text(p, "Start with ");
		fr_page_str(p, tops->at[0].label);
		fr_page_text(p, ": `frugalctl report --by endpoint` shows what it costs and avoids; "
				"a longer `fresh` under `endpoints:` makes it cost less.");
	} else if (f->budget->scope == FR_SCOPE_ALL) {
		fr_page_text(
			p, "`frugalctl report --by reason` and `--by tenant` show what the credits are spent on, and for whom.");
	} else {
		fr_page_text(p, "`frugalctl report` shows what the credits are spent on.");
	}
}

static void advise(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_text(p, "\nWhat to do: ");
	switch (a->kind) {
	case FR_ALERT_PERCENT:
	case FR_ALERT_CREDITS:
	case FR_ALERT_FORECAST: advise_on_spend(p, a); break;
	case FR_ALERT_RUNAWAY:
		fr_page_text(p, "`frugalctl report --by tenant` and `--by endpoint` show who asks, and for what; "
				"a budget for that tenant or endpoint holds it until the cause is found.");
		break;
	case FR_ALERT_REPEATS:
		fr_page_text(p,
			     "look for a loop, or a pause that is too short, in that client. "
			     "`frugalctl explain` shows how long an answer stays fresh: asking more often brings nothing new.");
		break;
	case FR_ALERT_TEST: fr_page_text(p, "nothing. The channel works."); break;
	case FR_ALERT_REPORT:
	case FR_ALERTS: FR_ASSERT(false); break;
	}
	fr_page_char(p, '\n');
}

enum fr_err fr_alert_text(struct fr_buf *b, const struct fr_alert *a)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	switch (a->kind) {
	case FR_ALERT_PERCENT: say_percent(&p, a); break;
	case FR_ALERT_CREDITS: say_credits(&p, a); break;
	case FR_ALERT_FORECAST: say_forecast(&p, a); break;
	case FR_ALERT_RUNAWAY: say_runaway(&p, a); break;
	case FR_ALERT_REPEATS: say_repeats(&p, a); break;
	case FR_ALERT_TEST: fr_page_addf(&p, "This is a test of channel %s by frugald.", a->scope); break;
	case FR_ALERT_REPORT:
	case FR_ALERTS: FR_ASSERT(false); break;
	}
	top(&p, a->tops);
	if (a->facts != NULL)
		outlook(&p, a->facts);
	advise(&p, a);
	return fr_page_end(&p);
}

/* ---- the daily report --------------------------------------------------------------------------------------------- */

enum { LEADERS_MAX = 10, BUDGETS_SHOWN_MAX = 20 };

/* A name and its credits, the largest first. */
struct line {
	struct fr_str name;
	int64_t credits;
};

static size_t insert(struct line *lines, size_t n, size_t max, struct line fresh)
{
	size_t at = n;

	if (fresh.credits <= 0)
		return n;
	while (at > 0 && lines[at - 1].credits < fresh.credits)
		at--;
	if (at == max)
		return n;
	if (n < max)
		n++;
	for (size_t j = n - 1; j > at; j--)
		lines[j] = lines[j - 1];
	lines[at] = fresh;
	return n;
}

static void table(struct fr_page *p, const char *title, const struct line *lines, size_t n, int64_t all)
{
	if (n == 0)
		return;
	fr_page_addf(p, "\n%s\n", title);
	for (size_t i = 0; i < n; i++) {
		fr_page_text(p, "  ");
		fr_page_str(p, lines[i].name);
		fr_page_text(p, "  ");
		count(p, lines[i].credits);
		fr_page_addf(p, "  (%" PRId64 " %%)\n", percent(lines[i].credits, all));
	}
}

static int64_t sum(const struct fr_totals *day, enum fr_total t)
{
	int64_t n = 0;

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		n += day->v[i][t];
	return n;
}

static void summary(struct fr_page *p, const struct fr_totals *day)
{
	char date[11];

	fr_units_show_day(day->day, date);
	fr_page_addf(p, "frugald on %s (UTC): ", date);
	count(p, sum(day, FR_TOTAL_demand) + sum(day, FR_TOTAL_background));
	fr_page_text(p, " credits spent (");
	count(p, sum(day, FR_TOTAL_background));
	fr_page_text(p, " in the background), ");
	count(p, sum(day, FR_TOTAL_avoided));
	fr_page_text(p, " avoided, ");
	count(p, sum(day, FR_TOTAL_refused));
	fr_page_text(p, " refused, by ");
	count(p, sum(day, FR_TOTAL_requests));
	fr_page_text(p, " requests.\n");
}

static void leaders(struct fr_page *p, const struct fr_catalogue *c, const struct fr_totals *day)
{
	int64_t spent[FR_ENDPOINTS_MAX] = { 0 };
	struct line lines[LEADERS_MAX];
	size_t n = 0;

	fr_tops_add(spent, day, 1);
	for (size_t i = 0; i < c->n; i++)
		n = insert(lines, n, LEADERS_MAX, (struct line){ fr_tally_label(&c->rows[i]), spent[i] });
	table(p, "Spent, by endpoint", lines, n, sum(day, FR_TOTAL_demand) + sum(day, FR_TOTAL_background));
}

static void mechanisms(struct fr_page *p, const struct fr_totals *day)
{
	struct line lines[FR_OUTCOMES];
	int64_t all = 0;
	size_t n = 0;

	for (enum fr_outcome o = 0; o < FR_OUTCOMES; o++) {
		int64_t avoided = day->outcomes[o][FR_TOTAL_avoided];

		all += avoided;
		n = insert(lines, n, FR_OUTCOMES, (struct line){ fr_str_of(fr_outcome_name(o)), avoided });
	}
	table(p, "Avoided, by how the request ended", lines, n, all);
}

static void budget_line(struct fr_page *p, const struct fr_alert_facts *f)
{
	fr_page_addf(p, "  %s  ", f->budget->name);
	spent_of(p, f);
	if (limited(f))
		fr_page_addf(p, " (%" PRId64 " %%).", percent(f->spent, f->limit));
	else
		fr_page_text(p, ", no limit.");
	outlook(p, f);
	fr_page_char(p, '\n');
}

enum fr_err fr_alert_report(struct fr_buf *b, const struct fr_catalogue *c, const struct fr_totals *day,
			    const struct fr_alert_facts *budgets, size_t n)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	summary(&p, day);
	leaders(&p, c, day);
	mechanisms(&p, day);
	if (n > 0)
		fr_page_text(&p, "\nBudgets now\n");
	for (size_t i = 0; i < n && i < BUDGETS_SHOWN_MAX; i++)
		budget_line(&p, &budgets[i]);
	if (n > BUDGETS_SHOWN_MAX)
		fr_page_addf(&p, "  and %zu more: `frugalctl budget show` has them all\n", n - BUDGETS_SHOWN_MAX);
	return fr_page_end(&p);
}
