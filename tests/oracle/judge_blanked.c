/* Old answers that are better than none: what the API said then, but for the links that are dead by now. */
#include "base/str.h"
#include "tests/oracle/judge_state.h"

#include <string.h>

enum { MARGIN_S = 300 }; /* links_margin */

/* The same, or a dead link and nothing in its place. */
static bool blanked_from(const struct hearing *h, const json_t *now, json_t *then)
{
	const char *link = json_string_value(then), *key;
	json_t *inner;
	size_t i;

	if (link != NULL && link_is(link) && link_dies(link, strlen(link)) <= h->now_ms / 1000 + MARGIN_S)
		return json_is_string(now) && json_string_length(now) == 0;
	if (json_is_array(then)) {
		json_array_foreach (then, i, inner)
			if (!blanked_from(h, json_array_get(now, i), inner))
				return false;
		return json_array_size(now) == json_array_size(then);
	}
	if (!json_is_object(then))
		return now != NULL && same_value(now, then);
	json_object_foreach (then, key, inner)
		if (!blanked_from(h, json_object_get(now, key), inner))
			return false;
	return json_object_size(now) == json_object_size(then);
}

static const json_t *rows_of(const struct hearing *h, const json_t *page)
{
	char name[64];

	(void)fr_str_copy(name, sizeof name, h->asked.row->rows);
	return json_object_get(page, name);
}

static json_t *said_then(const struct hearing *h, const struct call *c)
{
	return c->spoilt != NULL ? json_incref(c->spoilt) : truth_said(h->j->truth, c->target, c->at_ms);
}

/* How many rows of the page, from `done` on, stand one after the other in what was said then, from the row `from` on. */
static size_t stretch(const struct hearing *h, const json_t *page, size_t done, const struct call *c, size_t from)
{
	json_t *then = said_then(h, c);
	const json_t *rows = rows_of(h, page), *all = rows_of(h, then);
	size_t i = 0;

	while (done + i < json_array_size(rows) && from + i < json_array_size(all) &&
	       blanked_from(h, json_array_get(rows, done + i), json_array_get(all, from + i)))
		i++;
	json_decref(then);
	return i;
}

/* The rest of a page, of which `done` rows are at the end of `head`, in the block that goes on there; the older one of both tells its age. */
static bool goes_on(const struct hearing *h, const json_t *body, size_t done, const struct call *head)
{
	size_t n = json_array_size(rows_of(h, body)), from;

	for (const struct call *c = calls_about(h->j->calls, h->asked.thing); c != NULL; c = c->before)
		if (c->paged && age_tells(h, c->at_ms < head->at_ms ? c->at_ms : head->at_ms) &&
		    begins_in(h->asked.row, c, head->listing.cursor, &from) && done + stretch(h, body, done, c, from) == n)
			return true;
	return false;
}

static bool is_page(const struct hearing *h, const json_t *body, const struct call *c)
{
	size_t n = json_array_size(rows_of(h, body)), from, done;

	if (!begins_in(h->asked.row, c, h->asked.cursor, &from))
		return false;
	done = stretch(h, body, 0, c, from);
	if (done == n && age_tells(h, c->at_ms))
		return true;
	return from + done == c->listing.n && c->listing.more && goes_on(h, body, done, c);
}

static bool is_answer(const struct hearing *h, const json_t *body, const struct call *c)
{
	json_t *then = age_tells(h, c->at_ms) ? said_then(h, c) : NULL;
	bool same = then != NULL && blanked_from(h, body, then);

	json_decref(then);
	return same;
}

void judge_blanked(const struct hearing *h)
{
	json_t *body = json_loads(h->body, JSON_REJECT_DUPLICATES, NULL);
	const struct call *c = calls_about(h->j->calls, h->asked.thing);

	h->j->counts.blanked++;
	while (c != NULL && (c->error || !(c->paged ? is_page(h, body, c) : is_answer(h, body, c))))
		c = c->before;
	if (c == NULL || !h->rescue)
		found_wrong(h, "not what the API said at that age, without its dead links", "", h->age_s, 0);
	check_age(h, h->now_ms - h->age_s * 1000);
	check_links(h, "", body);
	json_decref(body);
}
