/* The channels of a world: servers that are sent alerts, and that accept them or not. What a post means is decided when it arrives, half-way in time;
 * whoever was killed meanwhile does not hear of it. */
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "frugal/engine_alerts.h"
#include "tests/sim/world_state.h"

#include <stdlib.h>
#include <string.h>

static void port_budget_read(void *ctx, uint64_t number, const char *budget, fr_wall start, fr_wall at)
{
	fake_store_budget_read(((struct instance *)ctx)->client, number, budget, start, at);
}

static void port_totals_read(void *ctx, uint64_t number, int64_t from, int64_t to)
{
	fake_store_totals_read(((struct instance *)ctx)->client, number, from, to);
}

static void port_alert_raise(void *ctx, const struct fr_outbox_raise *raise)
{
	fake_store_alert_raise(((struct instance *)ctx)->client, raise);
}

static void port_alert_take(void *ctx, const struct fr_outbox_take *take)
{
	fake_store_alert_take(((struct instance *)ctx)->client, take);
}

static void port_alert_end(void *ctx, const struct fr_outbox_end *end)
{
	fake_store_alert_end(((struct instance *)ctx)->client, end);
}

static void port_deliver(void *ctx, uint64_t token, const struct fr_delivery *d)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	struct world_post *p = &w->posts[w->n_posts];
	struct event *ev;

	FR_ASSERT(w->n_posts < WORLD_POSTS_MAX);
	(void)fr_str_copy(p->id, sizeof p->id, fr_str_of(d->id));
	(void)fr_str_copy(p->channel, sizeof p->channel, fr_str_of(d->channel));
	(void)fr_str_copy(p->body, sizeof p->body, d->body);
	p->instance = i->index;
	ev = world_event(i, EVENT_POSTED, w->post_ms / 2);
	ev->token = token;
	ev->serial = w->n_posts++;
}

void alerts_ports(struct fr_ports *ports)
{
	ports->budget_read = port_budget_read;
	ports->totals_read = port_totals_read;
	ports->alert_raise = port_alert_raise;
	ports->alert_take = port_alert_take;
	ports->alert_end = port_alert_end;
	ports->deliver = port_deliver;
}

static bool fails(const struct world *w, const char *channel)
{
	return w->channel_down[0] != '\0' && (strcmp(w->channel_down, "*") == 0 || strcmp(w->channel_down, channel) == 0);
}

void alerts_posted(struct event *ev)
{
	struct world *w = ev->instance->world;
	struct world_post *p = &w->posts[ev->serial];
	struct event *heard = world_event(ev->instance, EVENT_DELIVERED, w->post_ms - w->post_ms / 2);

	p->at = w->now;
	p->accepted = !fails(w, p->channel);
	heard->token = ev->token;
	heard->serial = ev->serial;
}

void alerts_delivered(struct event *ev)
{
	if (!ev->instance->dead)
		fr_engine_delivered(ev->instance->engine, ev->token, ev->instance->world->posts[ev->serial].accepted);
}

void alerts_heard(struct instance *i, struct fake_result *r)
{
	const struct fr_spending unknown = { .known = false };
	struct fr_outbox_taken taken = r->taken;

	switch (r->op) {
	case FAKE_BUDGET:
		fr_engine_budget_read(i->engine, r->token, r->record != NULL ? (const void *)r->record->bytes : &unknown);
		break;
	case FAKE_DAYS:
		fr_engine_totals_read(i->engine, r->token, r->record != NULL,
				      r->record != NULL ? (const void *)r->record->bytes : NULL,
				      r->record != NULL ? r->record->n / sizeof(struct fr_totals) : 0);
		break;
	case FAKE_ALERT_RAISED: fr_engine_alert_raised(i->engine, r->token, r->state); break;
	case FAKE_ALERT_TAKEN:
		taken.body = r->record != NULL ? fr_blob_str(r->record) : FR_STR("");
		fr_engine_alert_taken(i->engine, &taken);
		break;
	case FAKE_ALERT_ENDED: fr_engine_alert_ended(i->engine, r->token, r->added); break;
	default: FR_ASSERT(false); break;
	}
}

/* ---- for stories ----------------------------------------------------------------------------------------------------- */

void world_channel_down(struct world *w, const char *channel)
{
	FR_ASSERT(fr_str_copy(w->channel_down, sizeof w->channel_down, fr_str_of(channel)));
}

void world_post_takes(struct world *w, int64_t ms)
{
	w->post_ms = ms;
}

size_t world_posts(const struct world *w)
{
	return w->n_posts;
}

const struct world_post *world_post(const struct world *w, size_t n)
{
	FR_ASSERT(n < w->n_posts);
	return &w->posts[n];
}

size_t world_accepted(const struct world *w, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_posts; i++)
		n += w->posts[i].accepted && strncmp(w->posts[i].id, id, strlen(id)) == 0;
	return n;
}

bool world_accepted_once(const struct world *w)
{
	for (size_t i = 0; i < w->n_posts; i++)
		for (size_t j = 0; j < i; j++)
			if (w->posts[i].accepted && w->posts[j].accepted && strcmp(w->posts[i].id, w->posts[j].id) == 0)
				return false;
	return true;
}

void alerts_killed(struct instance *i)
{
	const struct world *w = i->world;

	for (size_t n = 0; n < w->n_posts; n++) {
		const struct world_post *p = &w->posts[n];

		if (p->instance == i->index && (p->at.v == 0 || p->accepted) && fake_store_has_letter(w->store, p->id))
			i->world->may_tell_twice = true;
	}
}

void world_told_all(struct world *w)
{
	if (!w->clock_was_set && world_letters(w) > 0)
		world_broken(w, "an alert was not delivered", (long long)world_letters(w), 0);
	if (!w->clock_was_set && !w->may_tell_twice && !world_accepted_once(w))
		world_broken(w, "an alert was accepted twice", (long long)w->n_posts, 0);
}

size_t world_letters(const struct world *w)
{
	return fake_store_letters(w->store);
}

struct fr_budget_figures world_figures(const struct world *w, size_t instance, size_t budget)
{
	struct fr_budget_figures f[FR_BUDGETS_MAX];

	FR_ASSERT(budget < fr_engine_budget_figures(w->instances[instance]->engine, f, FR_BUDGETS_MAX));
	return f[budget];
}

bool world_alert_test(struct world *w, size_t instance, const char *channel)
{
	return fr_engine_alert_test(w->instances[instance]->engine, fr_str_of(channel));
}
