#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "tests/sim/world_state.h"

#include <stdio.h>

enum { CLOCK_SET_DAYS = 100 };

struct fr_random *world_random(struct world *w)
{
	return &w->random;
}

size_t world_instances(const struct world *w)
{
	return w->n_instances;
}

fr_ms world_now(const struct world *w)
{
	return w->now;
}

void world_upstream(struct world *w, int64_t latency_ms, enum world_answer kind)
{
	w->latency_ms = latency_ms;
	w->latency_max_ms = 0;
	w->upstream_chaos = 0;
	w->n_rules = 0;
	w->kind = kind;
}

void world_upstream_at(struct world *w, const char *path, enum world_answer kind)
{
	struct rule *r;

	FR_ASSERT(w->n_rules < sizeof w->rules / sizeof w->rules[0]);
	r = &w->rules[w->n_rules++];
	snprintf(r->path, sizeof r->path, "%s", path);
	r->kind = kind;
}

void world_lists(struct world *w, const struct fake_list *like)
{
	w->lists = *like;
}

void world_gzip(struct world *w, bool taken)
{
	w->gzip = taken;
}

bool world_was_packed(const struct world *w, size_t request)
{
	return world_reply(w, request)->packed;
}

void world_stage(struct world *w, const struct world_stage *stage)
{
	w->stage = *stage;
}

void world_see(struct world *w, void (*see)(void *ctx, size_t request, const char *body), void *ctx)
{
	w->see = see;
	w->see_ctx = ctx;
}

void world_upstream_chaos(struct world *w, unsigned per_thousand, int64_t latency_max_ms)
{
	w->upstream_chaos = per_thousand;
	w->latency_max_ms = latency_max_ms;
}

void world_store(struct world *w, int64_t delay_ms)
{
	w->store_delay_ms = delay_ms;
}

void world_store_away(struct world *w, bool away)
{
	w->store_never_failed = w->store_never_failed && !away;
	fake_store_away(w->store, away);
	fake_purges_away(w->purges, away);
	for (size_t n = 0; n < w->n_instances && !away; n++)
		purge_connect(w->instances[n]);
}

void world_store_chaos(struct world *w, unsigned per_thousand)
{
	w->store_never_failed = w->store_never_failed && per_thousand == 0;
	w->store_chaos = per_thousand;
}

void world_store_forget(struct world *w)
{
	w->store_never_failed = false;
	fake_store_evict_all(w->store);
	fake_store_lose_leases(w->store);
}

void world_store_corrupt(struct world *w)
{
	w->store_never_failed = false; /* a short link whose post is not readable any more is a question of its own */
	fake_store_corrupt(w->store, fr_random_next(&w->random));
}

void world_store_cut_back(struct world *w, int64_t ms)
{
	w->line_never_failed = false;
	w->may_tell_twice = true;
	fake_store_cut_back(w->store, FR_MS(ms));
}

void world_disk_full(struct world *w, bool full)
{
	w->disk_never_full = w->disk_never_full && !full;
	w->disk_full = full;
}

const struct world_reply *world_reply(const struct world *w, size_t request)
{
	FR_ASSERT(request < w->n_requests);
	return &w->replies[request];
}

size_t world_requests(const struct world *w)
{
	return w->n_requests;
}

uint64_t world_calls(const struct world *w)
{
	return w->calls;
}

uint64_t world_billed(const struct world *w)
{
	return w->billed;
}

const struct fr_tally *world_tally(const struct world *w, size_t instance)
{
	FR_ASSERT(instance < w->n_instances);
	return fr_engine_tally(w->instances[instance]->engine);
}

uint64_t world_outcomes(const struct world *w, enum fr_outcome o)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->n_instances; i++)
		for (size_t e = 0; e < FR_ENDPOINTS_MAX; e++)
			n += world_tally(w, i)->requests[e][o];
	return n;
}

int64_t world_spent(const struct world *w)
{
	int64_t n = w->dead_spent;

	for (size_t i = 0; i < w->n_instances; i++)
		n += world_tally(w, i)->demand + world_tally(w, i)->background;
	return n;
}

int64_t world_stored_on(const struct world *w, int64_t days_after_the_first, enum fr_total t)
{
	struct fr_totals d = fake_store_totals(w->store, fr_units_day((fr_wall){ WORLD_EPOCH_MS }) + days_after_the_first);
	int64_t n = 0;

	for (size_t e = 0; e < FR_ENDPOINTS_MAX; e++)
		n += d.v[e][t];
	return n;
}

int64_t world_stored_total(const struct world *w, enum fr_total t)
{
	int64_t last = fr_units_day((fr_wall){ world_wall(w) }) - fr_units_day((fr_wall){ WORLD_EPOCH_MS }), n = 0;

	for (int64_t day = -CLOCK_SET_DAYS; day <= last + CLOCK_SET_DAYS; day++) /* a clock may have been set */
		n += world_stored_on(w, day, t);
	return n;
}

void world_at_once(struct world *w, bool at_once)
{
	w->at_once = at_once;
}

void world_set_clock(struct world *w, int64_t by_ms)
{
	w->clock_set_ms += by_ms;
	w->clock_was_set = true;
}

void world_stop(struct world *w, size_t instance)
{
	fr_engine_stop(w->instances[instance]->engine);
	check_all(w);
}

bool world_idle(const struct world *w, size_t instance)
{
	return fr_engine_idle(w->instances[instance]->engine);
}

void world_reload(struct world *w, const char *path, fr_ms fresh, fr_ms stale)
{
	struct fr_endpoint *e = &w->conf->catalogue.rows[fr_catalogue_find(&w->conf->catalogue, fr_str_of(path))->index];

	FR_ASSERT(!e->is_other);
	e->fresh = fresh;
	e->stale = stale;
}

static void reload_all(struct world *w)
{
	for (size_t i = 0; i < w->n_instances; i++)
		fr_engine_reloaded(w->instances[i]->engine);
}

void world_reload_blocks(struct world *w, const char *path, bool on)
{
	if (path == NULL)
		w->conf->settings.blocks = on;
	else
		w->conf->catalogue.rows[fr_catalogue_find(&w->conf->catalogue, fr_str_of(path))->index].blocks = on;
	reload_all(w);
}

void world_validate(struct world *w, bool on)
{
	w->conf->settings.validate = on;
	reload_all(w);
}

void world_status(struct world *w, enum fr_status_style style)
{
	w->conf->settings.status = style;
	reload_all(w);
}

const char *world_last_key(const struct world *w)
{
	return w->last_key;
}

struct fr_gauges world_gauges(const struct world *w, size_t instance)
{
	return fr_engine_gauges(w->instances[instance]->engine);
}
