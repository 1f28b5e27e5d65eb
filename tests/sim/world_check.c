#include "base/str.h"
#include "core/catalogue.h"
#include "core/links.h"
#include "tests/sim/upstream_fake.h"
#include "tests/sim/world_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_broken(const struct world *w, const char *what, long long a, long long b)
{
	fprintf(stderr, "seed %" PRIu64 ", at %" PRId64 " ms: %s (%lld, %lld)\n", w->seed, w->now.v, what, a, b);
	if (w->last != NULL)
		fprintf(stderr, "  the last reply: %d to %s, asked %" PRId64 " ms ago, %s\n", w->last->status, w->last->target,
			w->now.v - w->last->asked_at.v, w->last->cache_status);
	abort();
}

/* One process never has two calls for one spelling on their way; while the store has never failed, neither have all of them together. */
void check_call(struct instance *i, const char *target)
{
	struct world *w = i->world;

	if (i->on_the_way >= (size_t)w->conf->settings.upstream_connections)
		world_broken(w, "more calls at the same time than upstream.connections", (long long)i->on_the_way, 0);
	for (size_t n = 0; n < w->events.n; n++) {
		const struct event *ev = FR_OF(w->events.items[n], struct event, item);
		bool together = ev->instance == i || (w->store_never_failed && !ev->instance->dead);

		if (ev->kind == EVENT_FETCHED && together && strncmp(target, "/extra", 6) != 0 && strcmp(ev->target, target) == 0)
			world_broken(w, "two calls for one question at the same time", (long long)ev->serial,
				     (long long)w->calls + 1);
	}
}

static int64_t field(const char *body, const char *name)
{
	const char *at = strstr(body, name);

	return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
}

static void check_age(struct world *w, const struct world_reply *r, const struct fr_endpoint *e, int64_t age, bool negative)
{
	int64_t tier = w->conf->roster.tiers[r->tier].fresh[e->index].v, row = tier >= 0 ? tier : e->fresh.v;
	int64_t fresh = negative ? e->negative_max.v : e->fresh_deep.v > row ? e->fresh_deep.v : row;
	bool waited = r->answered_at.v > r->asked_at.v;
	int64_t took = waited ? r->answered_at.v - r->asked_at.v : 0;
	int64_t agreed = fresh + e->stale.v + took, rescue = e->rescue.v + took > agreed ? e->rescue.v + took : agreed;

	if (strstr(r->cache_status, "stale-error") != NULL || strstr(r->cache_status, "stale-budget") != NULL) {
		if (age > rescue)
			world_broken(w, "a rescue older than its window", age, rescue);
	} else if (r->max_stale_ms >= 0) {
		if (age > rescue)
			world_broken(w, "older than max-stale allows", age, rescue);
	} else if (age > agreed) {
		world_broken(w, "an answer older than agreed", age, agreed);
	}
}

/* A page of a list has no more rows than were asked for; by time, behind the first page, each is older than the one before it. */
static void check_page(struct world *w, size_t request, const char *body)
{
	struct world_reply *r = &w->replies[request];
	struct fake_list l = { .rows = 0 };
	uint64_t cursor, count, n = 0;

	if (!fake_list_of(r->target, &l, &cursor, &count))
		return;
	for (const char *row = body; (row = strstr(row, "\"create_time\":")) != NULL; row++, n++) {
		uint64_t when = strtoull(row + strlen("\"create_time\":"), NULL, 10) * 1000;

		if (l.by_time && cursor != 0 && when >= cursor)
			world_broken(w, "a row that is not older than the page's cursor", (long long)request, (long long)when);
		cursor = cursor != 0 ? when : 0;
	}
	if (n > count)
		world_broken(w, "more rows than were asked for", (long long)n, (long long)count);
}

/* Right question, right age, no dead link. */
void check_reply(struct world *w, size_t request, const char *body)
{
	struct world_reply *r = &w->replies[request];
	struct fr_str path = { r->target, fr_str_find(fr_str_of(r->target), '?') };
	const struct fr_endpoint *e = fr_catalogue_find(&w->conf->catalogue, path);
	const char *at = strstr(body, "\"at\":");

	r->made_at = field(body, "\"at\":");
	r->serial = (uint64_t)field(body, "\"serial\":");
	w->last = r;
	if (w->operator_key && r->status == 200 && strstr(body, "Api-Key is not available") != NULL)
		world_broken(w, "an account error handed on as data", (long long)request, r->status);
	if (r->known == (r->status == 401) || (!r->known && (r->serial != 0 || r->cache_status[0] != '\0')))
		world_broken(w, "a client is refused that is known, or one is served that is not", (long long)request, r->status);
	if (r->only_if_cached && r->spent != 0)
		world_broken(w, "only-if-cached cost a credit", (long long)request, r->spent);
	if (e->is_other)
		return;
	if (r->status == 200 && check_learnt(w, r, e, body))
		at = body;
	else if (at != NULL && (uint64_t)field(body, "\"thing\":") != upstream_thing(&w->moves, r->target, r->made_at))
		world_broken(w, "the answer to another question", (long long)request, r->status);
	if (at == NULL)
		return;
	check_purged(w, r, e);
	check_page(w, request, body);
	if (w->clock_was_set)
		return;
	check_age(w, r, e, world_wall(w) - r->made_at, strstr(body, "Not found") != NULL);
	if (e->links == FR_LINKS_REQUIRED) {
		struct fr_links_facts links = fr_links_scan(fr_str_of(body));

		if (links.first.v != 0 && links.first.v <= world_wall(w))
			world_broken(w, "a dead link was served", (long long)request, links.first.v);
	}
}

/* Each tenant's own books, and what its clients were told. */
static void check_tenants(const struct world *w, const struct instance *i)
{
	const struct fr_tally *t = fr_engine_tally(i->engine);

	for (size_t n = 0; n < t->n_tenants; n++) {
		const struct fr_tally_tenant *of = &t->tenants[n];
		int64_t demand = tenant_spent(t, n, false);

		if (of->asked != demand + of->avoided + of->refused)
			world_broken(w, "the books of a tenant do not balance", (long long)n, of->asked - demand);
		if (i->told_spent_of[n] != demand || i->told_avoided_of[n] != of->avoided)
			world_broken(w, "what a tenant's clients are told of credits is not what its books say", (long long)n,
				     i->told_spent_of[n] - demand);
	}
}

/* What is reserved for calls is what the journal says of them. */
static void check_figures(const struct world *w, const struct instance *i)
{
	struct fr_budget_figures budgets[FR_BUDGETS_MAX];
	size_t n = fr_engine_budget_figures(i->engine, budgets, FR_BUDGETS_MAX);
	struct fr_ledger_figures ledger;

	for (size_t b = 0; b < n; b++)
		if (budgets[b].drift != 0)
			world_broken(w, "reservations and records of calls differ", (long long)b, budgets[b].drift);
	fr_engine_ledger_figures(i->engine, &ledger);
	if (ledger.unsettled != ledger.calls || ledger.written > ledger.last || ledger.watermark > ledger.last)
		world_broken(w, "records and calls differ", (long long)ledger.unsettled, (long long)ledger.calls);
}

/* The sums are compared after every event; their parts, which are many, after every 64th. */
void check_all(struct world *w)
{
	int64_t spent = 0, uncertain = w->dead_uncertain;

	w->checks++;
	for (size_t i = 0; i < w->n_instances; i++) {
		const struct fr_tally *t = world_tally(w, i);

		uncertain += (int64_t)t->counters.uncertain;
		if (w->checks % 64 == 0 && !w->journal_lost)
			check_figures(w, w->instances[i]);
		if (t->asked != t->demand + t->avoided_all + t->refused || (w->checks % 64 == 0 && !fr_tally_balanced(t)))
			world_broken(w, "the books do not balance", t->asked, t->demand + t->avoided_all + t->refused);
		if (w->checks % 64 == 0)
			check_tenants(w, w->instances[i]);
		if (w->checks % 64 == 0)
			check_prewarms(w, w->instances[i]);
		if (w->instances[i]->told_spent != t->demand || w->instances[i]->told_avoided != t->avoided_all)
			world_broken(w, "what the replies say of credits is not what the books say", w->instances[i]->told_spent,
				     t->demand);
	}
	spent = world_spent(w);
	if (spent - uncertain != (int64_t)w->heard)
		world_broken(w, "spent and billed differ", spent - uncertain, (long long)w->heard);
}

/* What Redis counted against what arrived at the upstream, to the unit: every call once, whoever was killed and whatever the store lost; and no
 * credit is uncertain but those of calls whose end nobody heard. */
void check_ledger(struct world *w)
{
	int64_t spent = world_stored_total(w, FR_TOTAL_demand) + world_stored_total(w, FR_TOTAL_background);
	int64_t uncertain = world_stored_total(w, FR_TOTAL_uncertain), calls = world_stored_total(w, FR_TOTAL_calls);
	int64_t unheard = (int64_t)(w->timeouts + w->orphaned);

	if (calls != (int64_t)w->calls)
		world_broken(w, "calls in Redis and calls that arrived differ", calls, (long long)w->calls);
	if (w->disk_never_full && spent - uncertain != (int64_t)w->heard)
		world_broken(w, "credits in Redis and credits that were billed differ", spent - uncertain, (long long)w->heard);
	if (uncertain > unheard || (w->disk_never_full && uncertain != unheard))
		world_broken(w, "uncertain credits and calls without an end differ", uncertain, unheard);
	if (spent - uncertain > (int64_t)w->heard || (!w->price_was_set && spent < (int64_t)w->billed))
		world_broken(w, "more was billed than Redis has", spent, (long long)w->billed);
}
