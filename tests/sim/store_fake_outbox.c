#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/store_fake_state.h"

/* An id that was raised. */
struct raised {
	struct fr_list link;
	int64_t at;
	char id[FR_ALERT_ID_MAX];
};

/* ... and is not delivered yet; in the order of being raised. */
struct letter {
	struct fr_list link;
	int64_t leased_until, not_before, at;
	uint64_t owner, failures;
	enum fr_channel_kind kind;
	struct fr_blob *body;
	char id[FR_ALERT_ID_MAX];
};

void fake_outbox_init(struct fr_fake_store *s)
{
	fr_list_init(&s->raised);
	fr_list_init(&s->letters);
}

static void drop(struct letter *l)
{
	fr_list_cut(&l->link);
	fr_blob_drop(l->body);
	free(l);
}

void fake_outbox_forget(struct fr_fake_store *s)
{
	struct fr_list *l;

	while ((l = fr_list_pop(&s->raised)) != NULL)
		free(FR_OF(l, struct raised, link));
	while ((l = fr_list_first(&s->letters)) != NULL)
		drop(FR_OF(l, struct letter, link));
}

/* What was raised since then is not; what was delivered since then is not back: the fake forgets more than it has to. */
void fake_outbox_cut_back(struct fr_fake_store *s, int64_t to)
{
	for (struct fr_list *next, *l = s->raised.next; l != &s->raised; l = next) {
		next = l->next;
		if (FR_OF(l, struct raised, link)->at >= to) {
			fr_list_cut(l);
			free(FR_OF(l, struct raised, link));
		}
	}
	for (struct fr_list *next, *l = s->letters.next; l != &s->letters; l = next) {
		next = l->next;
		if (FR_OF(l, struct letter, link)->at >= to)
			drop(FR_OF(l, struct letter, link));
	}
}

static struct letter *letter_of(const struct fr_fake_store *s, const char *id)
{
	for (struct fr_list *l = s->letters.next; l != &s->letters; l = l->next)
		if (strcmp(FR_OF(l, struct letter, link)->id, id) == 0)
			return FR_OF(l, struct letter, link);
	return NULL;
}

static bool was_raised(const struct fr_fake_store *s, const char *id)
{
	for (struct fr_list *l = s->raised.next; l != &s->raised; l = l->next)
		if (strcmp(FR_OF(l, struct raised, link)->id, id) == 0)
			return true;
	return false;
}

static void note_raised(struct fr_fake_store *s, const char *id)
{
	struct raised *r;

	if (was_raised(s, id))
		return;
	r = fr_calloc(1, sizeof *r);
	r->at = fake_now(s);
	FR_ASSERT(fr_str_copy(r->id, sizeof r->id, fr_str_of(id)));
	fr_list_push(&s->raised, &r->link);
}

static void forget_old(struct fr_fake_store *s)
{
	struct fr_list *l;

	while ((l = fr_list_first(&s->raised)) != NULL && FR_OF(l, struct raised, link)->at < fake_now(s) - FR_OUTBOX_KEPT.v) {
		fr_list_cut(l);
		free(FR_OF(l, struct raised, link));
	}
}

static size_t count(const struct fr_fake_store *s)
{
	size_t n = 0;

	for (const struct fr_list *l = s->letters.next; l != &s->letters; l = l->next)
		n++;
	return n;
}

static enum fr_outbox_state apply_raise(struct fr_fake_store *s, const struct fr_outbox_raise *raise)
{
	struct letter *l;

	if (letter_of(s, raise->id) != NULL)
		return FR_OUTBOX_PENDING;
	if (was_raised(s, raise->id))
		return FR_OUTBOX_DONE;
	if (count(s) >= FR_OUTBOX_MAX)
		return FR_OUTBOX_FULL;
	l = fr_calloc(1, sizeof *l);
	l->at = fake_now(s);
	l->kind = raise->kind;
	l->body = fr_blob_of(raise->body.p, raise->body.n);
	FR_ASSERT(fr_str_copy(l->id, sizeof l->id, fr_str_of(raise->id)));
	fr_list_push(&s->letters, &l->link);
	note_raised(s, raise->id);
	for (size_t i = 0; i < raise->n_lower; i++)
		note_raised(s, raise->lower[i]);
	forget_old(s);
	return FR_OUTBOX_RAISED;
}

void fake_store_alert_raise(struct fake_client *c, const struct fr_outbox_raise *raise)
{
	struct fake_result r = { .op = FAKE_ALERT_RAISED, .token = raise->number, .state = FR_OUTBOX_UNKNOWN };

	if (fake_arrives(c))
		r.state = apply_raise(c->store, raise);
	fake_reply(c, r);
}

static int64_t free_at(const struct letter *l)
{
	return l->leased_until > l->not_before ? l->leased_until : l->not_before;
}

static void apply_take(struct fr_fake_store *s, const struct fr_outbox_take *take, struct fr_outbox_taken *ret)
{
	struct letter *best = NULL;
	int64_t now = fake_now(s);

	ret->known = true;
	ret->wait = FR_MS(-1);
	for (struct fr_list *next, *i = s->letters.next; i != &s->letters; i = next) {
		struct letter *l = FR_OF(i, struct letter, link);

		next = i->next;
		if (free_at(l) <= now && l->at + FR_OUTBOX_GIVEN_UP.v <= now) {
			ret->given_up++;
			drop(l);
			continue;
		}
		ret->pending++;
		if (free_at(l) > now) {
			if (ret->wait.v < 0 || free_at(l) - now < ret->wait.v)
				ret->wait.v = free_at(l) - now;
		} else if ((l->leased_until == 0 || take->orphans) &&
			   (best == NULL || (l->at == best->at && strcmp(l->id, best->id) < 0))) {
			best = l;
		}
	}
	if (best == NULL)
		return;
	best->leased_until = now + FR_OUTBOX_LEASE.v;
	best->owner = take->owner;
	ret->taken = true;
	ret->kind = best->kind;
	(void)fr_str_copy(ret->id, sizeof ret->id, fr_str_of(best->id));
	ret->body = fr_blob_str(best->body);
}

void fake_store_alert_take(struct fake_client *c, const struct fr_outbox_take *take)
{
	struct fake_result r = { .op = FAKE_ALERT_TAKEN, .token = take->number, .taken = { .number = take->number } };

	if (fake_arrives(c))
		apply_take(c->store, take, &r.taken);
	if (r.taken.taken)
		r.record = fr_blob_of(r.taken.body.p, r.taken.body.n);
	r.taken.body = (struct fr_str){ NULL, 0 };
	fake_reply(c, r);
}

static void apply_end(struct fr_fake_store *s, const struct fr_outbox_end *end)
{
	struct letter *l = letter_of(s, end->id);
	int64_t pause = FR_OUTBOX_PAUSE.v;

	if (end->accepted) {
		note_raised(s, end->id);
		if (l != NULL)
			drop(l);
	} else if (l != NULL && l->leased_until != 0 && l->owner == end->owner) {
		for (uint64_t i = 0; i < l->failures && pause < FR_OUTBOX_PAUSE_MAX.v; i++)
			pause *= 2;
		l->failures++;
		l->leased_until = 0;
		l->owner = 0;
		l->not_before = fake_now(s) + (pause < FR_OUTBOX_PAUSE_MAX.v ? pause : FR_OUTBOX_PAUSE_MAX.v);
	}
}

void fake_store_alert_end(struct fake_client *c, const struct fr_outbox_end *end)
{
	bool there = fake_arrives(c);

	if (there)
		apply_end(c->store, end);
	fake_reply(c, (struct fake_result){ .op = FAKE_ALERT_ENDED, .token = end->number, .added = there });
}

/* ---- readings -------------------------------------------------------------------------------------------------------- */

void fake_store_budget_read(struct fake_client *c, uint64_t number, const char *budget, fr_wall start, fr_wall at)
{
	struct fake_result r = { .op = FAKE_BUDGET, .token = number };
	struct fr_spending s;

	if (fake_arrives(c)) {
		s = fake_store_spending(c->store, budget, start, at);
		r.record = fr_blob_of(&s, sizeof s);
	}
	fake_reply(c, r);
}

void fake_store_totals_read(struct fake_client *c, uint64_t number, int64_t from, int64_t to)
{
	struct fake_result r = { .op = FAKE_DAYS, .token = number };
	size_t n = (size_t)(to - from + 1);
	struct fr_totals *days = fr_calloc(n, sizeof *days);

	for (size_t i = 0; i < n; i++)
		days[i] = fake_store_totals(c->store, from + (int64_t)i);
	if (fake_arrives(c))
		r.record = fr_blob_of(days, n * sizeof *days);
	free(days);
	fake_reply(c, r);
}

bool fake_store_has_letter(const struct fr_fake_store *s, const char *id)
{
	return letter_of(s, id) != NULL;
}

size_t fake_store_letters(const struct fr_fake_store *s)
{
	return count(s);
}
