/* The world's part in purges: how they travel, and an oracle that knows what each instance has been told. */
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/problem.h"
#include "tests/sim/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From now on nothing that this instance serves from store may be from before. */
static void remember(struct instance *i, const struct fr_purge *p)
{
	int64_t *moment = p->scope == FR_PURGE_ALL ? &i->purged_all : p->scope == FR_PURGE_ROW ? &i->purged[p->row] : NULL;

	if (moment != NULL && !p->soft && *moment < p->at.v)
		*moment = p->at.v;
}

static void tell(struct instance *i, const struct fr_purge *p)
{
	remember(i, p);
	fr_engine_purged(i->engine, p);
}

static void hand_over(struct instance *i, const struct fake_purge_result *r)
{
	if (i->dead)
		return;
	switch (r->op) {
	case FAKE_PURGED: tell(i, &r->purge); break;
	case FAKE_PURGE_KEPT: fr_engine_purge_kept(i->engine, &r->purge, r->ok); break;
	case FAKE_PURGES_READ:
		for (size_t n = 0; n < r->n; n++)
			tell(i, &r->list[n]);
		fr_engine_purges_read(i->engine, r->ok);
		break;
	}
}

void purge_deliver(struct event *ev)
{
	hand_over(ev->instance, &ev->purge);
	free(ev->purge.list);
}

/* In a storm messages are lost, and answers come as the port's deadline. */
static void from_purges(void *ctx, struct fake_purge_result result)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	struct event *ev;

	if (i->connecting) {
		hand_over(i, &result);
		free(result.list);
		return;
	}
	if (fr_random_chance(&w->random, w->store_chaos) || (i->deaf && result.op == FAKE_PURGED)) {
		free(result.list);
		if (result.op == FAKE_PURGED)
			return;
		result.list = NULL;
		result.n = 0;
		result.ok = false;
	}
	ev = world_event(i, EVENT_PURGE,
			 w->store_delay_ms > 0 ? 1 + (int64_t)fr_random_below(&w->random, (uint64_t)w->store_delay_ms) : 0);
	ev->purge = result;
	if (w->at_once) {
		fr_heap_cut(&w->events, &ev->item);
		purge_deliver(ev);
		free(ev);
	}
}

void purge_join(struct instance *i)
{
	i->purge_client = fake_purges_client(i->world->purges, from_purges, i);
}

void purge_connect(struct instance *i)
{
	i->connecting = true;
	fake_purge_read(i->purge_client);
	i->connecting = false;
}

void purge_tell(void *ctx, const struct fr_purge *purge)
{
	fake_purge_tell(((struct instance *)ctx)->purge_client, purge);
}

void purge_read(void *ctx)
{
	fake_purge_read(((struct instance *)ctx)->purge_client);
}

void check_purged(struct world *w, const struct world_reply *r, const struct fr_endpoint *e)
{
	const struct instance *i = w->instances[r->instance];

	if (w->clock_was_set || r->made_at == 0 || strstr(r->cache_status, "frugald; hit") == NULL)
		return;
	if (r->made_at < i->purged_all || r->made_at < i->purged[e->index])
		world_broken(w, "what was purged was served from store", r->made_at, i->purged[e->index]);
}

/* ---- knobs ---------------------------------------------------------------------------------------------------------- */

void world_deaf(struct world *w, size_t instance, bool deaf)
{
	w->instances[instance]->deaf = deaf;
}

void world_purges_forget(struct world *w)
{
	fake_purges_forget(w->purges);
}

static void purge(struct instance *i, struct fr_purge p)
{
	p.at.v = world_wall(i->world);
	remember(i, &p);
	fr_engine_purge(i->engine, &p);
}

void world_purge(struct world *w, size_t instance, const char *what, bool soft)
{
	struct instance *i = w->instances[instance];
	struct fr_purge p = { .scope = FR_PURGE_ALL, .soft = soft };
	struct fr_refusal why;
	struct fr_key keys[FR_PURGE_KEYS_MAX];

	if (what == NULL) {
		purge(i, p);
	} else if (strchr(what, '?') == NULL) {
		p.scope = FR_PURGE_ROW;
		p.row = fr_catalogue_find(&w->conf->catalogue, fr_str_of(what))->index;
		purge(i, p);
	} else {
		size_t n = fr_engine_keys_of(i->engine, fr_str_of(what), keys, &why);

		FR_ASSERT(n > 0);
		p.scope = FR_PURGE_KEY;
		for (size_t k = 0; k < n; k++) {
			p.key = keys[k];
			purge(i, p);
		}
	}
	check_all(w);
}
