#include <inttypes.h>

#include "adapt/admin_state.h"
#include "core/lease.h"
#include "base/str.h"
#include "base/units.h"

enum { TOP = 15 };

static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:56em;padding:0 1em;color:#222;background:#fff}"
	"dl{display:flex;flex-wrap:wrap;gap:1em;margin:1.5em 0}dl div{border:1px solid #ccc;border-radius:6px;padding:.6em 1.2em}"
	"dt{color:#555}dd{margin:0;font-size:1.8em}table{border-collapse:collapse;width:100%}"
	"td,th{border-bottom:1px solid #ddd;padding:.3em .6em;text-align:right}td:first-child,th:first-child{text-align:left}"
	"h2{font-size:1.1em;margin:1.5em 0 .3em}.bar{width:16em;height:.9em;border:1px solid #aaa;border-radius:3px}"
	".bar div{height:100%;background:#3a7}.bar .warn{background:#d90}.bar .full{background:#c33}"
	"@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}dt{color:#aaa}a{color:#8bf}}";

/* Text between tags. */
static enum fr_err add_text(struct fr_buf *b, struct fr_str s)
{
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < s.n && e == FR_OK; i++) {
		switch (s.p[i]) {
		case '<': e = fr_buf_add_text(b, "&lt;"); break;
		case '>': e = fr_buf_add_text(b, "&gt;"); break;
		case '&': e = fr_buf_add_text(b, "&amp;"); break;
		default: e = fr_buf_add_char(b, s.p[i]);
		}
	}
	return e;
}

static enum fr_err add_head(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	char since[30];

	fr_units_show_http_date(f->started, since);
	return fr_buf_addf(
		b,
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>frugald</title><style>%s</style></head><body>"
		"<h1>frugald</h1><p>Version %s. This instance, since %s. <a href=\"/report?period=today\">Report of today</a>, "
		"<a href=\"/report?period=month\">of this month</a>, this month by <a href=\"/report?period=month&amp;by=tenant\">tenant</a>, "
		"<a href=\"/report?period=month&amp;by=reason\">reason</a>, <a href=\"/report?period=month&amp;by=outcome\">outcome</a> (all "
		"instances); <a href=\"/stats\">figures as JSON</a>, <a href=\"/metrics\">metrics</a>, "
		"<a href=\"/ledger\">do the books agree?</a>, <a href=\"/ready\">ready?</a></p>",
		style, f->version, since);
}

static enum fr_err add_figures(struct fr_buf *b, const struct fr_tally *t)
{
	int64_t spent = t->demand + t->background, without = t->demand + t->avoided_all;
	enum fr_err e = fr_buf_addf(b,
				    "<dl><div><dt>Credits spent</dt><dd>%" PRId64 "</dd></div>"
				    "<div><dt>Credits avoided</dt><dd>%" PRId64 "</dd></div><div><dt>Times fewer</dt><dd>",
				    spent, t->avoided_all);

	if (e == FR_OK && spent > 0)
		e = fr_buf_addf(b, "%.1f", (double)without / (double)spent);
	else if (e == FR_OK)
		e = fr_buf_add_text(b, "–");
	return e == FR_OK ? fr_buf_add_text(b, "</dd></div></dl>") : e;
}

/* A bar's colour says what the ladder does; its length is cut at the limit. */
static enum fr_err add_bar(struct fr_buf *b, const struct fr_budget_figures *f)
{
	static const char *const classes[] = { "", " class=\"warn\"", " class=\"warn\"", " class=\"full\"" };
	int64_t permille = f->permille < 0 ? 0 : f->permille > 1000 ? 1000 : f->permille;

	if (!f->known || f->limit >= FR_LIMIT_NONE)
		return fr_buf_add_text(b, f->known ? "no limit" : "Redis has not said");
	return fr_buf_addf(b, "<div class=\"bar\"><div%s style=\"width:%d.%d%%\"></div></div>", classes[f->step],
			   (int)(permille / 10), (int)(permille % 10));
}

static enum fr_err add_budget(struct fr_buf *b, const struct fr_budget_figures *f)
{
	enum fr_err e = fr_buf_add_text(b, "<tr><td>");

	if (e == FR_OK)
		e = add_text(b, fr_str_of(f->name));
	if (e == FR_OK)
		e = fr_buf_addf(b, "</td><td>%s</td><td>%" PRId64 "</td><td>", f->shown, f->spent);
	if (e == FR_OK && f->limit < FR_LIMIT_NONE)
		e = fr_buf_addf(b, "%" PRId64, f->limit);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "</td><td>");
	if (e == FR_OK)
		e = add_bar(b, f);
	return e == FR_OK ? fr_buf_add_text(b, "</td></tr>") : e;
}

static enum fr_err add_budgets(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	enum fr_err e;

	if (f->n_budgets == 0)
		return FR_OK;
	e = fr_buf_add_text(b,
			    "<h2>Budgets, all instances</h2><table><tr><th>Budget</th><th>Window</th><th>Spent</th><th>Limit</th>"
			    "<th>Used</th></tr>");
	for (size_t i = 0; i < f->n_budgets && e == FR_OK; i++)
		e = add_budget(b, &f->budgets[i]);
	return e == FR_OK ? fr_buf_add_text(b, "</table>") : e;
}

static enum fr_err add_tenant(struct fr_buf *b, const struct fr_metrics_facts *f, size_t tenant)
{
	const struct fr_tally_tenant *t = &f->tally->tenants[tenant];
	enum fr_err e = fr_buf_add_text(b, "<tr><td>");
	int64_t spent = 0;

	for (size_t i = 0; i < f->catalogue->n; i++)
		for (size_t r = 0; r < FR_REASONS; r++)
			spent += t->spent[i][r];
	if (e == FR_OK)
		e = add_text(b, fr_str_of(f->roster->tenants[tenant].name));
	if (e == FR_OK)
		e = fr_buf_addf(b, "</td><td>%" PRIu64 "</td><td>%" PRId64 "</td><td>%" PRId64 "</td><td>%" PRId64 "</td></tr>",
				t->requests, spent, t->avoided, t->refused);
	return e;
}

/* One alone is all of it. */
static enum fr_err add_tenants(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	enum fr_err e;

	if (f->roster->n_tenants < 2)
		return FR_OK;
	e = fr_buf_add_text(b, "<h2>Tenants</h2><table><tr><th>Tenant</th><th>Requests</th><th>Spent</th><th>Avoided</th>"
			       "<th>Refused</th></tr>");
	for (size_t i = 0; i < f->roster->n_tenants && e == FR_OK; i++)
		e = add_tenant(b, f, i);
	return e == FR_OK ? fr_buf_add_text(b, "</table>") : e;
}

static bool before(struct fr_tally_sums a, struct fr_tally_sums b)
{
	return a.spent != b.spent ? a.spent > b.spent : a.requests > b.requests;
}

/* The dearest endpoints with traffic, at most TOP, by insertion; returns how many. */
static size_t choose(const struct fr_metrics_facts *f, struct fr_tally_sums rows[TOP], size_t of[TOP])
{
	size_t n = 0;

	for (size_t i = 0; i < f->catalogue->n; i++) {
		struct fr_tally_sums r = fr_tally_sums(f->tally, i);
		size_t at;

		if (r.requests == 0 && r.calls == 0)
			continue;
		for (at = n < TOP ? n++ : TOP; at > 0 && before(r, rows[at - 1]); at--) {
			if (at < TOP) {
				rows[at] = rows[at - 1];
				of[at] = of[at - 1];
			}
		}
		if (at < TOP) {
			rows[at] = r;
			of[at] = i;
		}
	}
	return n;
}

static enum fr_err add_table(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	struct fr_tally_sums rows[TOP];
	size_t of[TOP], n = choose(f, rows, of);
	enum fr_err e = fr_buf_add_text(
		b,
		"<h2>Endpoints</h2><table><tr><th>Endpoint</th><th>Requests</th><th>Calls</th><th>Spent</th><th>Avoided</th></tr>");

	for (size_t i = 0; i < n && e == FR_OK; i++) {
		e = fr_buf_add_text(b, "<tr><td>");
		if (e == FR_OK)
			e = add_text(b, f->catalogue->rows[of[i]].path);
		if (e == FR_OK)
			e = fr_buf_addf(
				b, "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRId64 "</td><td>%" PRId64 "</td></tr>",
				rows[i].requests, rows[i].calls, rows[i].spent, rows[i].avoided);
	}
	return e == FR_OK ? fr_buf_add_text(b, n == 0 ? "<tr><td>No requests yet</td></tr></table>" : "</table>") : e;
}

enum fr_err fr_admin_page(struct fr_buf *b, const struct fr_metrics_facts *f)
{
	enum fr_err e = add_head(b, f);

	if (e == FR_OK)
		e = add_figures(b, f->tally);
	if (e == FR_OK)
		e = add_budgets(b, f);
	if (e == FR_OK)
		e = add_tenants(b, f);
	if (e == FR_OK)
		e = add_table(b, f);
	return e == FR_OK ? fr_buf_add_text(b, "</body></html>\n") : e;
}
