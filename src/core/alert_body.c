#include "core/alert_body.h"

#include <inttypes.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/page.h"

#include "base/pure.h"

/* What PagerDuty takes of a summary. */
enum { SUMMARY_MAX = 1024 };

static void name(struct fr_page *p, const char *comma, const char *key)
{
	fr_page_addf(p, "%s\"%s\":", comma, key);
}

static void text(struct fr_page *p, const char *comma, const char *key, const char *value)
{
	name(p, comma, key);
	fr_page_json(p, fr_str_of(value));
}

static void number(struct fr_page *p, const char *key, int64_t value)
{
	fr_page_addf(p, ",\"%s\":%" PRId64, key, value);
}

static void figures_of_budget(struct fr_page *p, const struct fr_alert_facts *f)
{
	text(p, "", "budget", f->budget->name);
	number(p, "window_start", f->window.start.v / 1000);
	number(p, "window_end", f->window.end.v / 1000);
	number(p, "at", f->at.v / 1000);
	number(p, "spent", f->spent);
	number(p, "outstanding", f->outstanding);
	if (f->limit != FR_LIMIT_NONE)
		number(p, "limit", f->limit);
	if (f->forecast.known)
		number(p, "forecast", f->forecast.credits);
	if (f->forecast.exhausted.v != 0)
		number(p, "used_up_at", f->forecast.exhausted.v / 1000);
	number(p, "five_minutes", (int64_t)f->pace.five_minutes);
	number(p, "hour", (int64_t)f->pace.hour);
	if (f->pace.known)
		number(p, "usual_hour", (int64_t)f->pace.usual_hour);
}

static void figures_of_tops(struct fr_page *p, const struct fr_tops *tops)
{
	fr_page_text(p, ",\"top_endpoints\":[");
	for (size_t i = 0; i < tops->n; i++) {
		fr_page_text(p, i == 0 ? "{" : ",{");
		name(p, "", "endpoint");
		fr_page_json(p, tops->at[i].label);
		number(p, "credits", tops->at[i].credits);
		fr_page_char(p, '}');
	}
	fr_page_char(p, ']');
}

static void figures(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_text(p, ",\"figures\":{");
	if (a->facts != NULL)
		figures_of_budget(p, a->facts);
	if (a->facts != NULL && a->tops != NULL)
		figures_of_tops(p, a->tops);
	if (a->repeat != NULL) {
		text(p, "", "client", a->repeat->client);
		text(p, ",", "question", a->repeat->question);
		number(p, "count", a->repeat->count);
	}
	fr_page_char(p, '}');
}

/* The members that both PagerDuty's details and a webhook have. */
static void members(struct fr_page *p, const struct fr_alert *a)
{
	text(p, "", "id", a->id);
	text(p, ",", "kind", fr_alert_name(a->kind));
	text(p, ",", "scope", a->scope);
	number(p, "threshold", a->threshold);
	number(p, "window", a->window.v / 1000);
	name(p, ",", "text");
	fr_page_json(p, a->text);
	figures(p, a);
}

/* The three characters that mean something to Slack. */
static enum fr_err escape(struct fr_buf *b, struct fr_str s)
{
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < s.n && e == FR_OK; i++) {
		switch (s.p[i]) {
		case '&': e = fr_buf_add_text(b, "&amp;"); break;
		case '<': e = fr_buf_add_text(b, "&lt;"); break;
		case '>': e = fr_buf_add_text(b, "&gt;"); break;
		default: e = fr_buf_add_char(b, s.p[i]); break;
		}
	}
	return e;
}

static void slack(struct fr_page *p, const struct fr_alert *a)
{
	struct fr_buf escaped;

	fr_buf_init(&escaped, FR_ALERT_BODY_MAX);
	if (p->e == FR_OK)
		p->e = escape(&escaped, a->text);
	fr_page_text(p, "{\"text\":");
	fr_page_json(p, fr_buf_str(&escaped));
	fr_page_char(p, '}');
	fr_buf_free(&escaped);
}

static const char *severity(const struct fr_alert *a)
{
	switch (a->kind) {
	case FR_ALERT_PERCENT: return a->threshold >= 100 ? "critical" : a->threshold >= 90 ? "error" : "warning";
	case FR_ALERT_RUNAWAY: return "error";
	case FR_ALERT_CREDITS:
	case FR_ALERT_FORECAST:
	case FR_ALERT_REPEATS: return "warning";
	case FR_ALERT_REPORT:
	case FR_ALERT_TEST: return "info";
	case FR_ALERTS: break;
	}
	FR_ASSERT(false);
	return "";
}

/* The first line, and of it what fits. */
static struct fr_str summary(struct fr_str s)
{
	s.n = fr_str_find(s, '\n');
	if (s.n > SUMMARY_MAX) {
		s.n = SUMMARY_MAX;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
			s.n--;
	}
	return s;
}

static void pagerduty(struct fr_page *p, const struct fr_alert *a)
{
	fr_page_text(p, "{\"event_action\":\"trigger\",\"client\":\"frugald\"");
	text(p, ",", "dedup_key", a->id);
	fr_page_text(p, ",\"payload\":{\"source\":\"frugald\"");
	name(p, ",", "summary");
	fr_page_json(p, summary(a->text));
	text(p, ",", "severity", severity(a));
	text(p, ",", "component", a->scope);
	text(p, ",", "class", fr_alert_name(a->kind));
	fr_page_text(p, ",\"custom_details\":{");
	members(p, a);
	fr_page_text(p, "}}}");
}

enum fr_err fr_alert_body(struct fr_buf *b, enum fr_channel_kind kind, const struct fr_alert *a)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	switch (kind) {
	case FR_CHANNEL_SLACK: slack(&p, a); break;
	case FR_CHANNEL_PAGERDUTY: pagerduty(&p, a); break;
	case FR_CHANNEL_WEBHOOK:
		fr_page_char(&p, '{');
		members(&p, a);
		fr_page_char(&p, '}');
		break;
	case FR_CHANNEL_KINDS: FR_ASSERT(false); break;
	}
	return fr_page_end(&p);
}
