#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/upstream_fake.h"
#include "tests/sim/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum world_answer kind_for(struct world *w, const char *target)
{
	for (size_t i = 0; i < w->n_rules; i++)
		if (strstr(target, w->rules[i].path) != NULL)
			return w->rules[i].kind;
	if (fr_random_chance(&w->random, w->upstream_chaos))
		return (enum world_answer)fr_random_below(&w->random, WORLD_ANSWERS);
	return w->kind;
}

/* What a call costs at this moment: a reload may change it while the call is on its way. */
static uint64_t price_of(const struct world *w, const char *target)
{
	struct fr_str path = { target, fr_str_find(fr_str_of(target), '?') };

	return (uint64_t)fr_catalogue_find(&w->conf->catalogue, path)->price;
}

static bool bills(struct world *w, enum world_answer kind)
{
	enum fake_bill bill = fake_upstream_bill(kind);

	return bill == FAKE_BILL_ALWAYS || (bill == FAKE_BILL_PERHAPS && fr_random_chance(&w->random, 500));
}

void upstream_fetch(void *ctx, uint64_t token, const struct fr_call *call)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	enum world_answer kind;
	struct event *ev;
	int64_t delay;

	if (i->dead)
		return;
	FR_ASSERT(call->target.n < sizeof ev->target);
	FR_ASSERT(call->target.p[call->target.n] == '\0');
	kind = kind_for(w, call->target.p);
	delay = w->latency_max_ms > 0 ? (int64_t)fr_random_below(&w->random, (uint64_t)w->latency_max_ms) : w->latency_ms;
	if (kind == WORLD_TIMEOUT)
		delay = w->conf->settings.upstream_timeout.v;
	check_call(i, call->target.p);
	line_called(i);
	ev = world_event(i, EVENT_FETCHED, delay);
	ev->token = token;
	ev->answer = kind;
	memcpy(ev->target, call->target.p, call->target.n + 1);
	ev->made_at = world_wall(w);
	ev->serial = ++w->calls;
	ev->billed = bills(w, kind);
	w->billed += ev->billed ? price_of(w, ev->target) : 0;
	if (ev->billed)
		check_budgets(w, ev->target, (fr_wall){ instance_wall(i) });
	w->on_the_way++;
	i->on_the_way++;
	snprintf(w->last_key, sizeof w->last_key, "%s", call->key != NULL ? call->key->s : "");
	if (w->at_once && delay == 0) {
		fr_heap_cut(&w->events, &ev->item);
		upstream_deliver(ev);
		free(ev);
	}
}

void upstream_deliver(struct event *ev)
{
	struct instance *i = ev->instance;
	struct world *w = i->world;
	const struct fake_call call = { ev->answer,  ev->target, ev->serial,
					ev->made_at, &w->moves,  w->lists.rows > 0 ? &w->lists : NULL };
	char body[FAKE_BODY_MAX], *played = NULL;
	struct fr_fetched got;

	fake_upstream_answer(&call, body, &got);
	if (w->stage.answer != NULL && ev->answer == WORLD_DATA && !i->dead) {
		played = w->stage.answer(w->stage.ctx, i->index, ev->target, ev->made_at);
		got.answer.body = fr_str_of(played);
	}
	w->on_the_way--;
	i->on_the_way--;
	if (i->dead)
		w->unheard += ev->billed;
	else if (ev->answer == WORLD_TIMEOUT)
		w->timeouts += price_of(w, ev->target);
	else
		w->heard += ev->billed ? price_of(w, ev->target) : 0;
	fr_engine_fetched(i->engine, ev->token, &got);
	free(played);
}
