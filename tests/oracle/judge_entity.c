/* Answers that were learnt field by field, or as a whole from the answer to another question. */
#include "base/str.h"
#include "tests/oracle/judge_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GONE_HEARD_MS = 2000 }; /* calls take no longer */

/* What an answer says of where it comes from: "full;at=<ms>, piece;at=<ms>;fields="a b"". */
struct claim {
	int64_t full_ms, piece_ms; /* 0: not used */
	char fields[768];          /* " a b ": those of the piece, if both were used */
	json_t *full, *piece;      /* the truth then */
};

static int64_t moment(const char *text, const char *source)
{
	const char *at = strstr(text, source);

	return at != NULL ? strtoll(at + strlen(source), NULL, 10) : 0;
}

/* What was asked for in the very moment of a purge says that it is a millisecond younger. */
static json_t *truth_about(const struct hearing *h, int64_t at_ms)
{
	return truth_said(h->j->truth, h->r->target, at_ms);
}

static void read_claim(const struct hearing *h, struct claim *ret)
{
	const char *fields = strstr(h->learnt, "fields=\"");

	*ret = (struct claim){ .full_ms = moment(h->learnt, "full;at="), .piece_ms = moment(h->learnt, "piece;at=") };
	if (fields != NULL)
		snprintf(ret->fields, sizeof ret->fields, " %.*s ", (int)strcspn(fields + 8, "\""), fields + 8);
	ret->full = ret->full_ms != 0 ? truth_about(h, ret->full_ms) : NULL;
	ret->piece = ret->piece_ms != 0 ? truth_about(h, ret->piece_ms) : NULL;
}

static bool of_piece(const struct claim *c, const char *name)
{
	char word[80];

	if (c->full == NULL || c->piece == NULL)
		return c->piece != NULL;
	snprintf(word, sizeof word, " %s ", name);
	return strstr(c->fields, word) != NULL;
}

static bool is_counter(const struct fr_endpoint *row, const char *name)
{
	for (size_t i = 0; i < row->counters.n; i++)
		if (fr_str_is(row->counters.at[i], name))
			return true;
	return false;
}

/* A counter by the age that the post had then, all else as long as any answer. */
static int64_t agreed_ms(const struct hearing *h, const char *name, int64_t at_ms)
{
	const struct fr_endpoint *row = h->asked.row;
	int64_t age = at_ms - (int64_t)(h->asked.post >> 32) * 1000;
	size_t i = 0;

	if (h->rescue)
		return row->rescue.v;
	if (!is_counter(row, name) || row->n_steps == 0)
		return row->fresh.v;
	while (i + 1 < row->n_steps && age >= row->steps[i].younger.v)
		i++;
	return row->steps[i].fresh.v;
}

static void check_field(const struct hearing *h, const struct claim *c, const char *name, const json_t *value)
{
	bool piece = of_piece(c, name);
	int64_t at_ms = piece ? c->piece_ms : c->full_ms, agreed = agreed_ms(h, name, at_ms);
	const json_t *was = json_object_get(piece ? c->piece : c->full, name);

	h->j->counts.fields++;
	if (was == NULL || !same_value(value, was)) {
		json_t *before = truth_about(h, at_ms - 1);

		was = json_object_get(before, name);
		if (was == NULL || !same_value(value, was))
			found_wrong(h, piece ? "a value that no list told then" : "a value that no full answer told then", name,
				    at_ms, h->now_ms - at_ms);
		json_decref(before);
	}
	if (h->asked.post != 0 && at_ms < h->j->purged_ms && h->now_ms > h->j->purged_ms + GRACE_MS)
		found_wrong(h, "it was thrown away", name, at_ms, h->j->purged_ms);
	if (h->now_ms - at_ms > agreed)
		found_old(h, name, h->now_ms - at_ms, agreed);
	check_links(h, name, value);
}

/* Nobody could tell it from the API's own. */
static void check_whole(const struct hearing *h, const struct claim *c, json_t *body)
{
	void *a = json_object_iter(body), *b = json_object_iter(c->full);

	while (a != NULL && b != NULL && strcmp(json_object_iter_key(a), json_object_iter_key(b)) == 0) {
		a = json_object_iter_next(body, a);
		b = json_object_iter_next(c->full, b);
	}
	if (a != NULL || b != NULL)
		found_wrong(h, "other fields, or in another order, than the full answer",
			    b != NULL ? json_object_iter_key(b) : "", 0, 0);
}

/* All that was asked for, or else the API has no such field for this thing. */
static void check_needs(const struct hearing *h, const struct claim *c, json_t *body)
{
	char names[sizeof h->r->needs], *rest = NULL;

	snprintf(names, sizeof names, "%s", h->r->needs);
	for (char *name = strtok_r(names, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest))
		if (json_object_get(body, name) == NULL && (c->full == NULL || json_object_get(c->full, name) != NULL))
			found_wrong(h, "a field that is read is missing", name, c->full_ms, c->piece_ms);
	for (size_t i = 0; i < h->asked.row->mandatory.n; i++) {
		char name[64];

		snprintf(name, sizeof name, "%.*s", FR_STR_ARG(h->asked.row->mandatory.at[i]));
		if (json_object_get(body, name) == NULL)
			found_wrong(h, "a field that every answer has is missing", name, 0, 0);
	}
}

/* That it is not there any more is later knowledge than what lists told of it before; but a short link that leads nowhere does not say whereto. */
static void check_gone(const struct hearing *h, const struct claim *claim)
{
	int64_t said_ms = claim->full_ms > claim->piece_ms ? claim->full_ms : claim->piece_ms;

	for (const struct call *c = calls_about(h->j->calls, h->asked.thing); c != NULL && c->at_ms > said_ms + 1; c = c->before)
		if (c->error && c->instance == h->r->instance && strstr(c->target, "vm.") == NULL &&
		    c->at_ms < h->now_ms - GONE_HEARD_MS) {
			found_wrong(h, "it is known to be gone since", "", c->at_ms, said_ms);
			return;
		}
}

void judge_entity(const struct hearing *h)
{
	json_t *body = json_loads(h->body, JSON_REJECT_DUPLICATES, NULL), *value;
	struct claim c;
	const char *name;

	read_claim(h, &c);
	if (c.full == NULL && c.piece == NULL)
		found_wrong(h, "it does not say when it was learnt", "", 0, 0);
	else if (!json_is_object(body))
		found_wrong(h, "no map of JSON", "", 0, 0);
	else {
		*(h->r->needs[0] == '\0' ? &h->j->counts.entity_whole : &h->j->counts.entity_needs) += 1;
		json_object_foreach (body, name, value)
			check_field(h, &c, name, value);
		check_gone(h, &c);
		if (h->r->needs[0] == '\0')
			check_whole(h, &c, body);
		else
			check_needs(h, &c, body);
	}
	json_decref(body);
	json_decref(c.full);
	json_decref(c.piece);
}

static bool was_true(const struct hearing *h, const json_t *body, int64_t at_ms)
{
	json_t *truth = truth_about(h, at_ms);
	bool same = same_value(body, truth);

	h->j->counts.fields += json_object_size(truth);
	json_decref(truth);
	return same;
}

void judge_derived(const struct hearing *h)
{
	json_t *body = json_loads(h->body, JSON_REJECT_DUPLICATES, NULL);
	int64_t at_ms = moment(h->learnt, ";at=");

	h->j->counts.derived++;
	if (at_ms == 0 || !json_is_object(body))
		found_wrong(h, "no answer that says when it was learnt", "", at_ms, 0);
	else if (!was_true(h, body, at_ms) && !was_true(h, body, at_ms - 1))
		found_wrong(h, "not what the API would have said then", "", at_ms, h->now_ms - at_ms);
	if (body != NULL && h->asked.row->links == FR_LINKS_REQUIRED)
		check_links(h, "", body);
	check_age(h, at_ms);
	check_owner(h, at_ms);
	json_decref(body);
}
