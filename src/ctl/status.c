#include "ctl/status.h"

#include <math.h>
#include <time.h>

#include "base/str.h"
#include "base/units.h"
#include "ctl/budgets.h"
#include "ctl/facts.h"
#include "ctl/next.h"

enum { LABEL_WIDTH = 10 };

static void label(FILE *to, const char *name)
{
	fprintf(to, "%-*s", LABEL_WIDTH, name);
}

static void put_number(FILE *to, int64_t v)
{
	char text[FR_LOOK_MAX];

	fr_units_show_count(v, text);
	fputs(text, to);
}

static void put_head(FILE *to, const struct fr_look *look, const struct fr_status *s)
{
	int64_t started, now = (int64_t)time(NULL);
	char span[FR_LOOK_MAX], since[FR_LOOK_MAX];
	const char *commit = fr_facts_text(s->stats, "commit", "");

	fr_look_put(to, look, FR_TINT_STRONG, "frugald ");
	fr_look_foreign(to, fr_str_of(fr_facts_text(s->stats, "version", "of an unknown version")));
	if (commit[0] != '\0') {
		fputs(" (", to);
		fr_look_foreign(to, fr_str_of(commit));
		fputc(')', to);
	}
	fprintf(to, " on %s", s->place);
	if (fr_facts_moment(s->stats, "started", &started)) {
		(void)fr_facts_moment(s->stats, "now", &now);
		fr_look_span(now - started, span);
		fr_look_moment(started, since);
		fprintf(to, ", up %s since %s", span, since);
	}
	fputs("\n\n", to);
}

/* A gauge of 0 and 1, in words; nothing if it is not known. */
static void put_switch(FILE *to, const struct fr_look *look, const struct fr_status *s, const char *name, const char *gauge,
		       const char *const words[2], int64_t bad)
{
	int64_t v = fr_facts_number(s->stats, gauge, -1);

	label(to, name);
	if (v < 0)
		fputs("not known", to);
	else
		fr_look_put(to, look, (v != 0) == (bad != 0) ? FR_TINT_BAD : FR_TINT_GOOD, words[v != 0]);
}

static void put_state(FILE *to, const struct fr_look *look, const struct fr_status *s)
{
	static const char *const redis[] = { "away", "up" }, *const journal[] = { "cannot be written", "up" };
	static const char *const breaker[] = { "closed", "open: calls are paused" };
	int64_t pending = fr_facts_number(s->stats, "gauges.ledger_pending", 0);

	put_switch(to, look, s, "Redis", "gauges.store_up", redis, 0);
	fputc('\n', to);
	put_switch(to, look, s, "Journal", "gauges.journal_up", journal, 0);
	if (pending > 0) {
		fputs(", ", to);
		put_number(to, pending);
		fputs(pending == 1 ? " record that Redis does not have yet" : " records that Redis does not have yet", to);
	}
	fputc('\n', to);
	put_switch(to, look, s, "Breaker", "gauges.breaker_open", breaker, 1);
	fputc('\n', to);
}

/* " (interactive 1, batch 4)" */
static void put_queues(FILE *to, json_t *queue)
{
	const char *before = " (";

	for (void *at = json_object_iter(queue); at != NULL; at = json_object_iter_next(queue, at)) {
		int64_t n = json_integer_value(json_object_iter_value(at));

		if (n == 0)
			continue;
		fputs(before, to);
		fr_look_foreign(to, fr_str_of(json_object_iter_key(at)));
		fputc(' ', to);
		put_number(to, n);
		before = ", ";
	}
	if (before[0] == ',')
		fputc(')', to);
}

static void put_line(FILE *to, const struct fr_status *s)
{
	int64_t limit = fr_facts_number(s->stats, "line.limit", -1),
		waiting = fr_facts_number(s->stats, "gauges.limiter_queue", -1);

	label(to, "Line");
	if (limit > 0) {
		put_number(to, fr_facts_number(s->stats, "line.used", 0));
		fputs(" of ", to);
		put_number(to, limit);
		fputs(" calls in the window", to);
	} else {
		fputs(limit == 0 ? "no limit" : "limit not known", to);
	}
	if (waiting >= 0) {
		fputs("; ", to);
		put_number(to, waiting);
		fputs(waiting == 1 ? " waits" : " wait", to);
	}
	put_queues(to, fr_facts_at(s->stats, "line.queue"));
	fputc('\n', to);
}

/* "1,234 credits spent, 8,321 avoided: 7.7 times fewer" */
static void put_credits(FILE *to, const json_t *credits)
{
	int64_t spent = fr_facts_number(credits, "spent", 0), avoided = fr_facts_number(credits, "avoided", 0);
	double worth = (double)fr_facts_number(credits, "demand", spent) + (double)avoided;
	char factor[FR_LOOK_MAX];

	put_number(to, spent);
	fputs(spent == 1 ? " credit spent, " : " credits spent, ", to);
	put_number(to, avoided);
	fputs(" avoided", to);
	if (spent > 0 && worth > (double)spent) {
		fr_look_tenths(worth / (double)spent, factor);
		fprintf(to, ": %s times fewer", factor);
	}
}

static void put_today(FILE *to, const struct fr_status *s)
{
	const json_t *totals = fr_facts_at(s->today, "totals");

	label(to, totals != NULL ? "Today" : "Credits");
	put_credits(to, totals != NULL ? totals : fr_facts_at(s->stats, "credits"));
	if (totals == NULL)
		fputs(", by this instance since its start", to);
	else if (json_is_true(fr_facts_at(s->today, "partial")))
		fputs(", by this instance: Redis did not say what the others spent", to);
	fputc('\n', to);
}

void fr_status_write(FILE *to, const struct fr_look *look, const struct fr_status *s)
{
	char next[FR_NEXT_MAX];
	enum fr_tint tint = fr_next(s, next);

	put_head(to, look, s);
	put_state(to, look, s);
	put_line(to, s);
	put_today(to, s);
	if (json_array_size(s->budgets) > 0) {
		fputs("Budgets\n", to);
		fr_budgets_brief(to, look, s->budgets);
	} else {
		label(to, "Budgets");
		fputs("none\n", to);
	}
	fputc('\n', to);
	label(to, "Next");
	fr_look_put(to, look, tint, next);
	fputc('\n', to);
}

static json_t *fetch(struct fr_session *s, const char *target)
{
	struct fr_answer a;
	json_t *facts;

	if (!fr_session_try(s, target, &a))
		return NULL;
	facts = fr_facts_of(&a);
	fr_answer_free(&a);
	return facts;
}

int fr_status_run(struct fr_session *s)
{
	struct fr_status status = { .place = s->place.shown };
	json_t *stats, *budgets, *today;
	struct fr_answer a;
	int code = fr_session_ask(s, FR_TALK_GET, "/stats", &a);

	if (code != FR_CTL_OK)
		return code;
	if (fr_session_json(s))
		return fr_session_pass_on(s, &a);
	stats = fr_facts_of(&a);
	fr_answer_free(&a);
	if (!json_is_object(stats)) {
		json_decref(stats);
		return fr_session_fail(s, FR_CTL_FAILED, "what answers on %s is not frugald: --admin names its admin.listen",
				       s->place.shown);
	}
	budgets = fetch(s, "/budgets");
	today = fetch(s, "/report?period=today&format=json");
	status.stats = stats;
	status.budgets = fr_facts_at(budgets != NULL ? budgets : stats, "budgets");
	status.today = today;
	fr_status_write(s->out, &s->look, &status);
	json_decref(stats);
	json_decref(budgets);
	json_decref(today);
	return FR_CTL_OK;
}
