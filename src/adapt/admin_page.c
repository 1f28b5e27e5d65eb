#include <inttypes.h>

#include "adapt/admin_state.h"
#include "base/str.h"
#include "base/units.h"

enum { TOP = 15 };

static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:56em;padding:0 1em;color:#222;background:#fff}"
	"dl{display:flex;flex-wrap:wrap;gap:1em;margin:1.5em 0}dl div{border:1px solid #ccc;border-radius:6px;padding:.6em 1.2em}"
	"dt{color:#555}dd{margin:0;font-size:1.8em}table{border-collapse:collapse;width:100%}"
	"td,th{border-bottom:1px solid #ddd;padding:.3em .6em;text-align:right}td:first-child,th:first-child{text-align:left}"
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
		"<a href=\"/report?period=month\">of this month</a> (all instances); <a href=\"/stats\">figures as JSON</a>, "
		"<a href=\"/metrics\">metrics</a>, <a href=\"/ready\">ready?</a></p>",
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
		b, "<table><tr><th>Endpoint</th><th>Requests</th><th>Calls</th><th>Spent</th><th>Avoided</th></tr>");

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
		e = add_table(b, f);
	return e == FR_OK ? fr_buf_add_text(b, "</body></html>\n") : e;
}
