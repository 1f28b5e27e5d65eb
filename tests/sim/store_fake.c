#include "tests/sim/store_fake.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/map.h"

struct fr_fake_store {
	fr_ms (*now)(void *ctx);
	void *ctx;
	bool away;
	bool (*lose)(void *ctx);
	void *lose_ctx;
	struct fr_map entries;
	struct fr_list clients, days, marks;
	struct fr_list changes; /* of totals and marks during the last minute, oldest first */
};

struct fake_client {
	struct fr_list link;
	struct fr_fake_store *store;
	void (*deliver)(void *ctx, struct fake_result result);
	void *ctx;
	uint64_t instance;
	bool hung_up;
};

/* What the store holds for one key. A thing whose time is over is as good as absent. */
struct entry {
	struct fr_map_link link;
	struct fr_blob *answer;
	int64_t answer_until;
	struct fr_key owner; /* of the lease; none: `outcome` is held, or nothing */
	struct fr_blob *outcome;
	int64_t lease_until;
};

struct day {
	struct fr_list link;
	struct fr_totals totals;
};

/* The last sequence number of an instance that was applied, of its totals or of its journal. */
struct mark {
	struct fr_list link;
	uint64_t instance, seq;
	bool ledger;
};

/* One step of the totals: what it added, and what the mark was before. */
struct change {
	struct fr_list link;
	int64_t when;
	struct mark *mark;
	uint64_t seq;
	struct fr_totals delta;
};

static int64_t now_of(const struct fr_fake_store *s)
{
	return s->now(s->ctx).v;
}

static struct entry *entry_of(const struct fr_map_link *link)
{
	return link == NULL ? NULL : FR_OF(link, struct entry, link);
}

static void end_lease(struct entry *e)
{
	fr_blob_drop(e->outcome);
	e->outcome = NULL;
	e->owner = (struct fr_key){ 0, 0 };
	e->lease_until = 0;
}

static void end_answer(struct entry *e)
{
	fr_blob_drop(e->answer);
	e->answer = NULL;
	e->answer_until = 0;
}

/* The entry, with what is over already gone; or NULL. */
static struct entry *find_entry(const struct fr_fake_store *s, struct fr_key key)
{
	struct entry *e = entry_of(fr_map_find(&s->entries, key));

	if (e != NULL && e->answer_until <= now_of(s))
		end_answer(e);
	if (e != NULL && e->lease_until <= now_of(s))
		end_lease(e);
	return e;
}

static struct entry *make_entry(struct fr_fake_store *s, struct fr_key key)
{
	struct entry *e = find_entry(s, key);

	if (e == NULL) {
		e = fr_calloc(1, sizeof *e);
		fr_map_add(&s->entries, &e->link, key);
	}
	return e;
}

static bool owns(const struct entry *e, struct fr_key owner)
{
	return e != NULL && !fr_key_none(owner) && fr_key_eq(e->owner, owner);
}

static bool arrives(const struct fake_client *c)
{
	const struct fr_fake_store *s = c->store;

	return !c->hung_up && !s->away && (s->lose == NULL || !s->lose(s->lose_ctx));
}

static void reply_to(const struct fake_client *c, struct fake_result r)
{
	if (c->hung_up) {
		fr_blob_drop(r.record);
		free(r.lease);
	} else {
		c->deliver(c->ctx, r);
	}
}

static void tell_all(const struct fr_fake_store *s, struct fr_key key)
{
	for (struct fr_list *l = s->clients.next; l != &s->clients; l = l->next)
		reply_to(FR_OF(l, struct fake_client, link), (struct fake_result){ .op = FAKE_HINT, .key = key });
}

struct fr_fake_store *fake_store_new(fr_ms (*now)(void *ctx), void *ctx)
{
	struct fr_fake_store *s = fr_calloc(1, sizeof *s);

	s->now = now;
	s->ctx = ctx;
	fr_map_init(&s->entries, 1);
	fr_list_init(&s->clients);
	fr_list_init(&s->days);
	fr_list_init(&s->marks);
	fr_list_init(&s->changes);
	return s;
}

void fake_store_forget(struct fr_fake_store *s)
{
	struct fr_map_link *link, *next;
	struct fr_list *l;

	for (link = fr_map_next(&s->entries, NULL); link != NULL; link = next) {
		next = fr_map_next(&s->entries, link);
		fr_map_cut(&s->entries, link);
		end_answer(entry_of(link));
		end_lease(entry_of(link));
		free(entry_of(link));
	}
	while ((l = fr_list_pop(&s->days)) != NULL)
		free(FR_OF(l, struct day, link));
	while ((l = fr_list_pop(&s->marks)) != NULL)
		free(FR_OF(l, struct mark, link));
	while ((l = fr_list_pop(&s->changes)) != NULL)
		free(FR_OF(l, struct change, link));
}

void fake_store_free(struct fr_fake_store *s)
{
	struct fr_list *l;

	fake_store_forget(s);
	while ((l = fr_list_pop(&s->clients)) != NULL)
		free(FR_OF(l, struct fake_client, link));
	fr_map_free(&s->entries);
	free(s);
}

struct fake_client *fake_store_client(struct fr_fake_store *s, void (*deliver)(void *ctx, struct fake_result result), void *ctx,
				      uint64_t instance)
{
	struct fake_client *c = fr_calloc(1, sizeof *c);

	c->store = s;
	c->deliver = deliver;
	c->ctx = ctx;
	c->instance = instance;
	fr_list_push(&s->clients, &c->link);
	return c;
}

void fake_client_hang_up(struct fake_client *c)
{
	c->hung_up = true;
}

void fake_store_get(struct fake_client *c, uint64_t token, struct fr_key key)
{
	struct fake_result r = { .op = FAKE_GET, .token = token, .found = FR_STORE_UNKNOWN };
	struct entry *e;

	if (arrives(c)) {
		e = find_entry(c->store, key);
		r.found = e != NULL && e->answer != NULL ? FR_STORE_HIT : FR_STORE_MISS;
		r.record = r.found == FR_STORE_HIT ? fr_blob_hold(e->answer) : NULL;
	}
	reply_to(c, r);
}

static void apply_claim(struct fr_fake_store *s, struct fr_key key, struct fr_key owner, fr_ms lease, struct fake_result *r)
{
	struct entry *e = make_entry(s, key);

	if (e->outcome != NULL) {
		r->claim = FR_CLAIM_FAILED;
		r->record = fr_blob_hold(e->outcome);
	} else if (!fr_key_none(e->owner) && !owns(e, owner)) {
		r->claim = FR_CLAIM_TAKEN;
	} else {
		r->claim = FR_CLAIM_WON;
		r->record = e->answer != NULL ? fr_blob_hold(e->answer) : NULL;
		e->owner = owner;
		e->lease_until = now_of(s) + lease.v;
	}
}

void fake_store_claim(struct fake_client *c, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct fake_result r = { .op = FAKE_CLAIM, .token = token, .claim = FR_CLAIM_UNKNOWN };

	FR_ASSERT(!fr_key_none(owner) && lease.v > 0);
	if (arrives(c))
		apply_claim(c->store, key, owner, lease, &r);
	reply_to(c, r);
}

void fake_store_renew(struct fake_client *c, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct entry *e;

	if (!arrives(c))
		return;
	e = find_entry(c->store, key);
	if (owns(e, owner))
		e->lease_until = now_of(c->store) + lease.v;
}

void fake_store_put(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	struct entry *e;

	FR_ASSERT(keep.v > 0);
	if (!arrives(c))
		return;
	e = make_entry(c->store, key);
	end_answer(e);
	e->answer = fr_blob_of(record->bytes, record->n);
	e->answer_until = keep.v < INT64_MAX / 2 ? now_of(c->store) + keep.v : INT64_MAX;
	if (owns(e, owner))
		end_lease(e);
	tell_all(c->store, key);
}

void fake_store_fail(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold)
{
	struct entry *e;

	FR_ASSERT(FR_IMPLIES(record == NULL, hold.v <= 0));
	if (fr_key_none(owner) || !arrives(c))
		return;
	e = find_entry(c->store, key);
	if (owns(e, owner)) {
		end_lease(e);
		if (hold.v > 0) {
			e->outcome = fr_blob_of(record->bytes, record->n);
			e->lease_until = now_of(c->store) + hold.v;
		}
	}
	tell_all(c->store, key);
}

static struct mark *mark_of(struct fr_fake_store *s, uint64_t instance, bool ledger)
{
	struct mark *m;

	for (struct fr_list *l = s->marks.next; l != &s->marks; l = l->next)
		if (FR_OF(l, struct mark, link)->instance == instance && FR_OF(l, struct mark, link)->ledger == ledger)
			return FR_OF(l, struct mark, link);
	m = fr_calloc(1, sizeof *m);
	m->instance = instance;
	m->ledger = ledger;
	fr_list_push(&s->marks, &m->link);
	return m;
}

static struct day *day_of(const struct fr_fake_store *s, int64_t day)
{
	for (struct fr_list *l = s->days.next; l != &s->days; l = l->next)
		if (FR_OF(l, struct day, link)->totals.day == day)
			return FR_OF(l, struct day, link);
	return NULL;
}

static void remember(struct fr_fake_store *s, struct mark *m, const struct fr_totals *delta)
{
	struct change *c = fr_calloc(1, sizeof *c);
	struct fr_list *l;

	c->when = now_of(s);
	c->mark = m;
	c->seq = m->seq;
	c->delta = *delta;
	fr_list_push(&s->changes, &c->link);
	while ((l = fr_list_first(&s->changes)) != NULL && FR_OF(l, struct change, link)->when < now_of(s) - 60 * 1000) {
		fr_list_cut(l);
		free(FR_OF(l, struct change, link));
	}
}

static void apply(struct fr_fake_store *s, struct mark *m, uint64_t seq, const struct fr_totals *delta)
{
	struct day *d = day_of(s, delta->day);

	remember(s, m, delta);
	m->seq = seq;
	if (d == NULL) {
		d = fr_calloc(1, sizeof *d);
		d->totals.day = delta->day;
		fr_list_push(&s->days, &d->link);
	}
	fr_totals_add(&d->totals, delta);
}

static void undo(struct fr_fake_store *s, struct change *c)
{
	struct day *d = day_of(s, c->delta.day);

	FR_ASSERT(d != NULL);
	for (size_t e = 0; e < FR_ENDPOINTS_MAX; e++)
		for (size_t t = 0; t < FR_TOTALS; t++)
			d->totals.v[e][t] -= c->delta.v[e][t];
	c->mark->seq = c->seq;
}

void fake_store_cut_back(struct fr_fake_store *s, fr_ms by)
{
	while (!fr_list_empty(&s->changes)) {
		struct change *c = FR_OF(s->changes.prev, struct change, link);

		if (c->when < now_of(s) - by.v)
			return;
		undo(s, c);
		fr_list_cut(&c->link);
		free(c);
	}
}

void fake_store_ledger_apply(struct fake_client *c, uint64_t identity, const struct fr_ledger_batch *b)
{
	bool there = arrives(c);
	struct mark *m;

	if (!there) {
		reply_to(c, (struct fake_result){ .op = FAKE_LEDGER, .added = false });
		return;
	}
	m = mark_of(c->store, identity, true);
	if (b->to >= b->from && (m->seq == b->from - 1 || (b->base && m->seq < b->from)))
		apply(c->store, m, b->to, &b->delta);
	reply_to(c, (struct fake_result){ .op = FAKE_LEDGER, .token = m->seq, .added = true });
}

void fake_store_lease(struct fake_client *c, uint64_t identity, const struct fr_lease_ask *ask)
{
	struct fr_lease_told *told = fr_calloc(1, sizeof *told);

	(void)identity;
	told->number = ask->number;
	reply_to(c, (struct fake_result){ .op = FAKE_LEASE, .lease = told });
}

void fake_store_line_up(struct fake_client *c, uint64_t identity, const struct fr_line_ask *ask)
{
	(void)identity;
	reply_to(c, (struct fake_result){ .op = FAKE_LINE, .line = { .number = ask->number } });
}

void fake_store_totals_add(struct fake_client *c, uint64_t seq, const struct fr_totals *delta)
{
	bool there = arrives(c);

	struct mark *m = there ? mark_of(c->store, c->instance, false) : NULL;

	if (m != NULL && m->seq < seq)
		apply(c->store, m, seq, delta);
	reply_to(c, (struct fake_result){ .op = FAKE_TOTALS, .token = seq, .added = there });
}

void fake_store_away(struct fr_fake_store *s, bool away)
{
	s->away = away;
}

void fake_store_losing(struct fr_fake_store *s, bool (*lose)(void *ctx), void *ctx)
{
	s->lose = lose;
	s->lose_ctx = ctx;
}

void fake_store_evict_all(struct fr_fake_store *s)
{
	for (struct fr_map_link *l = NULL; (l = fr_map_next(&s->entries, l)) != NULL;)
		end_answer(entry_of(l));
}

void fake_store_lose_leases(struct fr_fake_store *s)
{
	for (struct fr_map_link *l = NULL; (l = fr_map_next(&s->entries, l)) != NULL;)
		end_lease(entry_of(l));
}

void fake_store_corrupt(struct fr_fake_store *s, uint64_t random)
{
	for (struct fr_map_link *l = NULL; (l = fr_map_next(&s->entries, l)) != NULL;) {
		struct entry *e = entry_of(l);
		struct fr_blob *changed;

		if (e->answer == NULL || e->answer->n == 0)
			continue;
		changed = fr_blob_of(e->answer->bytes, e->answer->n); /* the old one may be on its way to somebody */
		changed->bytes[random / 8 % changed->n] ^= (char)(1 << random % 8);
		fr_blob_drop(e->answer);
		e->answer = changed;
	}
}

void fake_store_plant(struct fr_fake_store *s, struct fr_key key, struct fr_str foreign)
{
	struct entry *e = make_entry(s, key);

	end_answer(e);
	e->answer = fr_blob_of(foreign.p, foreign.n);
	e->answer_until = INT64_MAX;
}

struct fr_totals fake_store_totals(const struct fr_fake_store *s, int64_t day)
{
	const struct day *d = day_of(s, day);

	return d != NULL ? d->totals : (struct fr_totals){ .day = day };
}

bool fake_store_leased(struct fr_fake_store *s, struct fr_key key, struct fr_key *ret_owner)
{
	const struct entry *e = find_entry(s, key);

	if (e == NULL || fr_key_none(e->owner))
		return false;
	*ret_owner = e->owner;
	return true;
}

size_t fake_store_answers(const struct fr_fake_store *s)
{
	size_t n = 0;

	for (struct fr_map_link *l = NULL; (l = fr_map_next(&s->entries, l)) != NULL;)
		n += entry_of(l)->answer != NULL && entry_of(l)->answer_until > now_of(s);
	return n;
}
