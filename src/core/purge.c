#include "core/purge.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/list.h"
#include "base/map.h"
#include "core/freshness.h"

#include "base/pure.h"

static const int64_t NONE = INT64_MIN, NEVER = INT64_MAX;
/* As freshness.c has it: clocks of several hosts may differ by so much. */
static const int64_t AHEAD_MAX_MS = INT64_C(5) * 60 * 1000;

struct moment {
	int64_t at;   /* NONE: there was no purge */
	int64_t back; /* the earliest time at which `at` was seen to lie too far ahead, or NEVER */
	bool owed, named;
};

enum { HARD, SOFT, KINDS };

struct place {
	struct moment of[KINDS];
};

struct entry {
	struct fr_map_link by_key;
	struct fr_list in_order;
	struct place place;
};

struct fr_purges {
	struct place all, rows[FR_ENDPOINTS_MAX];
	struct fr_map keys;
	struct fr_list order; /* the one that was purged longest ago first */
	size_t n_owed;
	int64_t latest; /* of all moments that did not lie too far ahead when they were heard of */
	bool any;
};

static const struct place untouched = { .of = { { .at = INT64_MIN, .back = INT64_MAX },
						{ .at = INT64_MIN, .back = INT64_MAX } } };

struct fr_purges *fr_purges_new(uint64_t seed)
{
	struct fr_purges *p = fr_calloc(1, sizeof(*p));

	p->all = untouched;
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		p->rows[i] = untouched;
	fr_map_init(&p->keys, seed);
	fr_list_init(&p->order);
	p->latest = NONE;
	return p;
}

static void settle(struct fr_purges *p, struct moment *m)
{
	p->n_owed -= m->owed ? 1 : 0;
	m->owed = false;
}

static void forget(struct fr_purges *p, struct entry *e)
{
	settle(p, &e->place.of[HARD]);
	settle(p, &e->place.of[SOFT]);
	fr_map_cut(&p->keys, &e->by_key);
	fr_list_cut(&e->in_order);
	free(e);
}

void fr_purges_free(struct fr_purges *p)
{
	struct fr_list *link;

	while ((link = fr_list_first(&p->order)) != NULL)
		forget(p, FR_OF(link, struct entry, in_order));
	fr_map_free(&p->keys);
	free(p);
}

static struct entry *entry_of(const struct fr_purges *p, struct fr_key key)
{
	struct fr_map_link *link = p->keys.n == 0 ? NULL : fr_map_find(&p->keys, key);

	return link == NULL ? NULL : FR_OF(link, struct entry, by_key);
}

static struct entry *make_entry(struct fr_purges *p, struct fr_key key)
{
	struct entry *e = entry_of(p, key);

	if (e != NULL)
		return e;
	if (p->keys.n == FR_PURGES_MAX)
		forget(p, FR_OF(fr_list_first(&p->order), struct entry, in_order));
	e = fr_calloc(1, sizeof(*e));
	e->place = untouched;
	fr_map_add(&p->keys, &e->by_key, key);
	fr_list_push(&p->order, &e->in_order);
	return e;
}

/* NULL: there is none for the key. */
static struct moment *moment_of(struct fr_purges *p, const struct fr_purge *purge)
{
	size_t kind = purge->soft ? SOFT : HARD;
	struct entry *e;

	if (purge->scope == FR_PURGE_ALL)
		return &p->all.of[kind];
	if (purge->scope == FR_PURGE_ROW) {
		FR_ASSERT(purge->row < FR_ENDPOINTS_MAX);
		return &p->rows[purge->row].of[kind];
	}
	e = entry_of(p, purge->key);
	return e == NULL ? NULL : &e->place.of[kind];
}

static void look_at_clock(struct moment *m, fr_wall now)
{
	if (m->at - AHEAD_MAX_MS > now.v && now.v < m->back)
		m->back = now.v;
}

fr_wall fr_purges_moment(struct fr_purges *p, const struct fr_purge *purge, fr_wall now)
{
	const struct moment *m = moment_of(p, purge);
	int64_t at = now.v;

	if (p->latest >= at && p->latest - AHEAD_MAX_MS <= now.v)
		at = p->latest + 1;
	if (m != NULL && m->at >= at)
		at = m->at + 1;
	return (fr_wall){ at };
}

bool fr_purges_add(struct fr_purges *p, const struct fr_purge *purge, fr_wall now)
{
	struct moment *m = moment_of(p, purge);

	FR_ASSERT(purge->at.v > NONE + AHEAD_MAX_MS && purge->at.v < NEVER);
	if (m != NULL && m->at >= purge->at.v) {
		m->named = m->named || m->at == purge->at.v;
		return false;
	}
	if (purge->scope == FR_PURGE_KEY) {
		struct entry *e = make_entry(p, purge->key);

		fr_list_cut(&e->in_order);
		fr_list_push(&p->order, &e->in_order);
		m = &e->place.of[purge->soft ? SOFT : HARD];
	}
	FR_ASSERT(m != NULL); /* what is not about one question has a place */
	m->at = purge->at.v;
	m->back = NEVER;
	m->named = true;
	look_at_clock(m, now);
	if (m->back == NEVER && m->at > p->latest)
		p->latest = m->at;
	p->any = true;
	return true;
}

/* Was it asked for when, or before, this moment was? */
static bool ended(struct moment *m, fr_wall stored, fr_wall now)
{
	if (stored.v > m->at)
		return false;
	look_at_clock(m, now);
	return m->back == NEVER || stored.v <= m->back || stored.v > now.v;
}

static void look_at(struct place *place, fr_wall stored, fr_wall now, struct fr_purged *ret)
{
	static const enum fr_purge_state states[KINDS] = { FR_PURGED_HARD, FR_PURGED_SOFT };

	for (size_t k = 0; k < KINDS; k++) {
		struct moment *m = &place->of[k];

		if (states[k] < ret->state || !ended(m, stored, now))
			continue;
		if (states[k] > ret->state || m->at < ret->at.v)
			ret->at.v = m->at;
		ret->state = states[k];
	}
}

bool fr_purges_any(const struct fr_purges *p)
{
	return p->any;
}

/* Of several moments of a kind the first one decides: that is when it ended. */
struct fr_purged fr_purges_look(struct fr_purges *p, size_t row, struct fr_key key, fr_wall stored, fr_wall now)
{
	struct fr_purged ret = { FR_PURGED_NOT, { 0 } };
	struct entry *e;

	FR_ASSERT(row < FR_ENDPOINTS_MAX);
	if (!p->any)
		return ret;
	look_at(&p->all, stored, now, &ret);
	look_at(&p->rows[row], stored, now, &ret);
	if ((e = entry_of(p, key)) != NULL)
		look_at(&e->place, stored, now, &ret);
	return ret;
}

static void go_after(const struct place *place, int64_t asked, int64_t *ret)
{
	for (size_t k = 0; k < KINDS; k++) {
		const struct moment *m = &place->of[k];
		int64_t end = m->at <= asked + AHEAD_MAX_MS ? m->at : m->back;

		if (end >= *ret && end < NEVER)
			*ret = end + 1;
	}
}

fr_wall fr_purges_after(const struct fr_purges *p, size_t row, struct fr_key key, fr_wall stored)
{
	const struct entry *e;
	int64_t ret = stored.v;

	FR_ASSERT(row < FR_ENDPOINTS_MAX);
	if (!p->any)
		return stored;
	go_after(&p->all, stored.v, &ret);
	go_after(&p->rows[row], stored.v, &ret);
	if ((e = entry_of(p, key)) != NULL)
		go_after(&e->place, stored.v, &ret);
	return (fr_wall){ ret };
}

static void owe(struct fr_purges *p, struct moment *m)
{
	p->n_owed += m->owed ? 0 : 1;
	m->owed = true;
}

void fr_purges_owe(struct fr_purges *p, const struct fr_purge *purge)
{
	struct moment *m = moment_of(p, purge);

	FR_ASSERT(m != NULL && m->at >= purge->at.v);
	owe(p, m);
}

static bool owed_in(const struct place *place, struct fr_purge *ret)
{
	for (size_t k = 0; k < KINDS; k++)
		if (place->of[k].owed) {
			ret->soft = k == SOFT;
			ret->at.v = place->of[k].at;
			return true;
		}
	return false;
}

bool fr_purges_owed(const struct fr_purges *p, struct fr_purge *ret)
{
	if (p->n_owed == 0)
		return false;
	ret->scope = FR_PURGE_ALL;
	if (owed_in(&p->all, ret))
		return true;
	ret->scope = FR_PURGE_ROW;
	for (ret->row = 0; ret->row < FR_ENDPOINTS_MAX; ret->row++)
		if (owed_in(&p->rows[ret->row], ret))
			return true;
	ret->scope = FR_PURGE_KEY;
	for (const struct fr_list *l = p->order.next; l != &p->order; l = l->next) {
		const struct entry *e = FR_OF(l, struct entry, in_order);

		ret->key = e->by_key.key;
		if (owed_in(&e->place, ret))
			return true;
	}
	FR_ASSERT(false);
	return false;
}

void fr_purges_told(struct fr_purges *p, const struct fr_purge *purge)
{
	struct moment *m = moment_of(p, purge);

	if (m != NULL && m->at <= purge->at.v)
		settle(p, m);
}

static void review(struct fr_purges *p, struct place *place)
{
	for (size_t k = 0; k < KINDS; k++) {
		struct moment *m = &place->of[k];

		if (m->at != NONE && !m->named)
			owe(p, m);
		m->named = false;
	}
}

void fr_purges_review(struct fr_purges *p)
{
	review(p, &p->all);
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		review(p, &p->rows[i]);
}

void fr_purge_age(struct fr_view *v, const struct fr_answer *a, const struct fr_endpoint *e, fr_wall at, fr_wall now)
{
	int64_t since = now.v > at.v ? now.v - at.v : 0;

	v->spared = v->seldom = false;
	if (v->freshness != FR_FRESH)
		return;
	v->left = FR_MS(-since);
	v->over = FR_MS(since);
	if (a->verdict != FR_VERDICT_DATA)
		v->freshness = FR_DEAD; /* there is nothing to serve meanwhile */
	else if (e->stale.v > 0)
		v->freshness = FR_STALE;
	else
		v->freshness = v->age.v < e->rescue.v ? FR_RESCUE : FR_DEAD;
}
