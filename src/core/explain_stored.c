#include "core/explain_stored.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/units.h"
#include "core/page.h"

#include "base/pure.h"

enum { SHOWN_MAX = 32 };

/* As exact as people care: to the second, beyond two hours to the minute, beyond two days to the hour. */
static void show(fr_ms t, char ret[SHOWN_MAX])
{
	fr_ms unit = t.v >= FR_DAYS(2).v ? FR_HOURS(1) : t.v >= FR_HOURS(2).v ? FR_MINUTES(1) : FR_SECONDS(1);

	fr_units_show_ms(FR_MS(t.v / unit.v * unit.v), ret, SHOWN_MAX);
}

static void add_answer(struct fr_page *p, const struct fr_stored *s)
{
	static const char *const states[] = { "fresh", "stale", "good for a rescue", "dead" };
	bool purged = s->purged.state == FR_PURGED_HARD;
	char age[SHOWN_MAX], left[SHOWN_MAX], date[30];

	show(s->view.age, age);
	show(s->view.left.v > 0 ? s->view.left : FR_MS(-s->view.left.v), left);
	fr_units_show_http_date(s->stored, date);
	fr_page_addf(p, "stored:        %s, %zu bytes, asked for %s ago (%s)\n", fr_verdict_name(s->verdict), s->bytes, age,
		     date);
	fr_page_addf(p, "state:         %s%s, %s %s\n", states[purged ? FR_DEAD : s->view.freshness],
		     s->view.blank ? " with its dead links blanked" : "", left, s->view.left.v > 0 ? "left" : "over");
	fr_page_addf(p, "read:          in %u of %d parts of its fresh time%s\n", s->read_parts, FR_READ_PARTS,
		     s->view.seldom ? ", too seldom to be refreshed behind" : "");
	if (s->purged.state == FR_PURGED_NOT)
		return;
	fr_units_show_http_date(s->purged.at, date);
	fr_page_addf(p, "purged:        %s\n", purged ? "it does not count any more" : "softly: served only while it is renewed");
	fr_page_addf(p, "purged at:     %s\n", date);
}

enum fr_err fr_explain_stored(struct fr_buf *b, const struct fr_stored *s)
{
	struct fr_page p;
	char key[33];

	fr_page_begin(&p, b);
	fr_key_hex(s->key, key);
	fr_page_addf(&p, "found under:   %s\n", key);
	if (s->have)
		add_answer(&p, s);
	else
		fr_page_text(&p, "stored:        nothing in the memory of this instance; Redis may have it\n");
	if (s->flight != NULL)
		fr_page_addf(&p, "being asked:   %s\n", s->flight);
	return fr_page_end(&p);
}
