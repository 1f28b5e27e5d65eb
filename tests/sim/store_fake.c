#include "tests/sim/store_fake.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/map.h"
#include "core/record.h"
#include "tests/sim/store_fake_state.h"

/* What the store holds for one key. A thing whose time is over is as good as absent. */
struct entry {
	struct fr_map_link link;
	struct fr_blob *answer;
	int64_t answer_until;
	struct fr_key owner; /* of the lease; none: `outcome` is held, or nothing */
	struct fr_blob *outcome;
	int64_t lease_until;
};

int64_t fake_now(const struct fr_fake_store *s)
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

	if (e != NULL && e->answer_until <= fake_now(s))
		end_answer(e);
	if (e != NULL && e->lease_until <= fake_now(s))
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

bool fake_arrives(const struct fake_client *c)
{
	const struct fr_fake_store *s = c->store;

	return !c->hung_up && !c->away && !s->away && (s->lose == NULL || !s->lose(s->lose_ctx));
}

void fake_reply(const struct fake_client *c, struct fake_result r)
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
		if (!FR_OF(l, struct fake_client, link)->away)
			fake_reply(FR_OF(l, struct fake_client, link), (struct fake_result){ .op = FAKE_HINT, .key = key });
}

struct fr_fake_store *fake_store_new(fr_ms (*now)(void *ctx), void *ctx)
{
	struct fr_fake_store *s = fr_calloc(1, sizeof *s);

	s->now = now;
	s->ctx = ctx;
	fr_map_init(&s->entries, 1);
	fr_list_init(&s->clients);
	fake_books_init(s);
	fake_line_init(s);
	fake_outbox_init(s);
	return s;
}

void fake_store_forget(struct fr_fake_store *s)
{
	struct fr_map_link *link, *next;

	for (link = fr_map_next(&s->entries, NULL); link != NULL; link = next) {
		next = fr_map_next(&s->entries, link);
		fr_map_cut(&s->entries, link);
		end_answer(entry_of(link));
		end_lease(entry_of(link));
		free(entry_of(link));
	}
	fake_books_forget(s);
	fake_line_forget(s);
	fake_outbox_forget(s);
}

void fake_store_free(struct fr_fake_store *s)
{
	struct fr_list *l;

	fake_store_forget(s);
	while ((l = fr_list_pop(&s->clients)) != NULL)
		free(FR_OF(l, struct fake_client, link));
	fr_map_free(&s->entries);
	fr_map_free(&s->cells);
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

void fake_client_away(struct fake_client *c, bool away)
{
	c->away = away;
}

void fake_store_get(struct fake_client *c, uint64_t token, struct fr_key key)
{
	struct fake_result r = { .op = FAKE_GET, .token = token, .found = FR_STORE_UNKNOWN };
	struct entry *e;

	if (fake_arrives(c)) {
		e = find_entry(c->store, key);
		r.found = e != NULL && e->answer != NULL ? FR_STORE_HIT : FR_STORE_MISS;
		r.record = r.found == FR_STORE_HIT ? fr_blob_hold(e->answer) : NULL;
	}
	fake_reply(c, r);
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
		e->lease_until = fake_now(s) + lease.v;
	}
}

void fake_store_claim(struct fake_client *c, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct fake_result r = { .op = FAKE_CLAIM, .token = token, .claim = FR_CLAIM_UNKNOWN };

	FR_ASSERT(!fr_key_none(owner) && lease.v > 0);
	if (fake_arrives(c))
		apply_claim(c->store, key, owner, lease, &r);
	fake_reply(c, r);
}

void fake_store_renew(struct fake_client *c, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct entry *e;

	if (!fake_arrives(c))
		return;
	e = find_entry(c->store, key);
	if (owns(e, owner))
		e->lease_until = fake_now(c->store) + lease.v;
}

static void set_answer(const struct fr_fake_store *s, struct entry *e, const struct fr_blob *record, fr_ms keep)
{
	end_answer(e);
	e->answer = fr_blob_of(record->bytes, record->n);
	e->answer_until = keep.v < INT64_MAX / 2 ? fake_now(s) + keep.v : INT64_MAX;
}

static bool younger_stands(const struct fr_fake_store *s, const struct entry *e, struct fr_str record)
{
	fr_wall there, now;

	return e->answer != NULL && e->answer_until > fake_now(s) && fr_record_moment(fr_blob_str(e->answer), &there) &&
	       fr_record_moment(record, &now) && there.v > now.v;
}

void fake_store_put(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	struct entry *e;

	FR_ASSERT(keep.v > 0);
	if (!fake_arrives(c))
		return;
	e = make_entry(c->store, key);
	if (fr_key_none(owner) && younger_stands(c->store, e, fr_blob_str(record)))
		return;
	set_answer(c->store, e, record, keep);
	if (owns(e, owner))
		end_lease(e);
	tell_all(c->store, key);
}

/* Pieces stand beside the answers, under keys that are no answer's. */
static struct fr_key of_piece(struct fr_key key)
{
	return (struct fr_key){ ~key.hi, ~key.lo };
}

void fake_store_piece_get(struct fake_client *c, uint64_t token, struct fr_key key)
{
	fake_store_get(c, token, of_piece(key));
}

void fake_store_piece_put(struct fake_client *c, struct fr_key key, const struct fr_blob *record, fr_ms keep)
{
	struct entry *e;

	FR_ASSERT(keep.v > 0);
	if (!fake_arrives(c))
		return;
	e = make_entry(c->store, of_piece(key));
	if (!younger_stands(c->store, e, fr_blob_str(record)))
		set_answer(c->store, e, record, keep);
}

void fake_store_fail(struct fake_client *c, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold)
{
	struct entry *e;

	FR_ASSERT(FR_IMPLIES(record == NULL, hold.v <= 0));
	if (fr_key_none(owner) || !fake_arrives(c))
		return;
	e = find_entry(c->store, key);
	if (owns(e, owner)) {
		end_lease(e);
		if (hold.v > 0) {
			e->outcome = fr_blob_of(record->bytes, record->n);
			e->lease_until = fake_now(c->store) + hold.v;
		}
	}
	tell_all(c->store, key);
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
		n += entry_of(l)->answer != NULL && entry_of(l)->answer_until > fake_now(s);
	return n;
}
