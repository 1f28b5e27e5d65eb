#include "tests/sim/purge_fake.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/list.h"

struct moment {
	struct fr_list link;
	struct fr_purge purge;
};

struct fake_purges {
	bool away;
	size_t n_keys;
	struct fr_list moments, clients;
};

struct fake_purge_client {
	struct fr_list link;
	struct fake_purges *purges;
	void (*deliver)(void *ctx, struct fake_purge_result r);
	void *ctx;
	bool hung_up, away;
};

struct fake_purges *fake_purges_new(void)
{
	struct fake_purges *p = fr_calloc(1, sizeof *p);

	fr_list_init(&p->moments);
	fr_list_init(&p->clients);
	return p;
}

void fake_purges_forget(struct fake_purges *p)
{
	struct fr_list *l;

	while ((l = fr_list_pop(&p->moments)) != NULL)
		free(FR_OF(l, struct moment, link));
	p->n_keys = 0;
}

void fake_purges_free(struct fake_purges *p)
{
	struct fr_list *l;

	fake_purges_forget(p);
	while ((l = fr_list_pop(&p->clients)) != NULL)
		free(FR_OF(l, struct fake_purge_client, link));
	free(p);
}

struct fake_purge_client *fake_purges_client(struct fake_purges *p, void (*deliver)(void *ctx, struct fake_purge_result r),
					     void *ctx)
{
	struct fake_purge_client *c = fr_calloc(1, sizeof *c);

	c->purges = p;
	c->deliver = deliver;
	c->ctx = ctx;
	fr_list_push(&p->clients, &c->link);
	return c;
}

void fake_purge_client_hang_up(struct fake_purge_client *c)
{
	c->hung_up = true;
}

static bool same(const struct fr_purge *a, const struct fr_purge *b)
{
	return a->scope == b->scope && a->soft == b->soft && (a->scope != FR_PURGE_ROW || a->row == b->row) &&
	       (a->scope != FR_PURGE_KEY || fr_key_eq(a->key, b->key));
}

static struct moment *find(const struct fake_purges *p, const struct fr_purge *purge)
{
	for (struct fr_list *l = p->moments.next; l != &p->moments; l = l->next)
		if (same(&FR_OF(l, struct moment, link)->purge, purge))
			return FR_OF(l, struct moment, link);
	return NULL;
}

/* The lowest moment of a question goes. */
static void trim(struct fake_purges *p)
{
	struct moment *first = NULL;

	if (p->n_keys <= FR_PURGES_MAX)
		return;
	for (struct fr_list *l = p->moments.next; l != &p->moments; l = l->next) {
		struct moment *m = FR_OF(l, struct moment, link);

		if (m->purge.scope == FR_PURGE_KEY && (first == NULL || m->purge.at.v < first->purge.at.v))
			first = m;
	}
	fr_list_cut(&first->link);
	free(first);
	p->n_keys--;
}

static void keep(struct fake_purges *p, const struct fr_purge *purge)
{
	struct moment *m = find(p, purge);

	if (m == NULL) {
		m = fr_calloc(1, sizeof *m);
		m->purge = *purge;
		fr_list_push(&p->moments, &m->link);
		p->n_keys += purge->scope == FR_PURGE_KEY;
		trim(p);
	} else if (m->purge.at.v < purge->at.v) {
		m->purge.at = purge->at;
	}
}

static bool arrives(const struct fake_purge_client *c)
{
	return !c->hung_up && !c->away && !c->purges->away;
}

static void deliver(struct fake_purge_client *c, struct fake_purge_result r)
{
	if (c->hung_up)
		free(r.list);
	else
		c->deliver(c->ctx, r);
}

void fake_purge_tell(struct fake_purge_client *c, const struct fr_purge *purge)
{
	bool there = arrives(c);
	struct fr_purge told = *purge;

	if (there) {
		keep(c->purges, &told);
		for (struct fr_list *l = c->purges->clients.next; l != &c->purges->clients; l = l->next)
			if (!FR_OF(l, struct fake_purge_client, link)->away)
				deliver(FR_OF(l, struct fake_purge_client, link),
					(struct fake_purge_result){ .op = FAKE_PURGED, .purge = told });
	}
	deliver(c, (struct fake_purge_result){ .op = FAKE_PURGE_KEPT, .purge = told, .ok = there });
}

void fake_purge_read(struct fake_purge_client *c)
{
	struct fake_purge_result r = { .op = FAKE_PURGES_READ, .ok = arrives(c) };
	size_t n = 0;

	if (r.ok) {
		for (struct fr_list *l = c->purges->moments.next; l != &c->purges->moments; l = l->next)
			n++;
		r.list = fr_calloc(n + 1, sizeof *r.list);
		for (struct fr_list *l = c->purges->moments.next; l != &c->purges->moments; l = l->next)
			r.list[r.n++] = FR_OF(l, struct moment, link)->purge;
	}
	deliver(c, r);
}

void fake_purge_client_away(struct fake_purge_client *c, bool away)
{
	c->away = away;
}

void fake_purges_away(struct fake_purges *p, bool away)
{
	p->away = away;
}
