#include "tests/sim/world.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/gzip.h"
#include "core/reply.h"
#include "tests/sim/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct event *world_event(struct instance *i, enum event_kind kind, int64_t after_ms)
{
	struct event *ev = fr_calloc(1, sizeof *ev);

	ev->kind = kind;
	ev->instance = i;
	fr_heap_set(&i->world->events, &ev->item, (fr_ms){ i->world->now.v + after_ms });
	return ev;
}

int64_t world_wall(const struct world *w)
{
	return WORLD_EPOCH_MS + w->now.v + w->clock_set_ms;
}

int64_t instance_wall(const struct instance *i)
{
	return world_wall(i->world) + i->world->skew_ms[i->index];
}

static fr_ms port_now(void *ctx)
{
	return ((struct instance *)ctx)->world->now;
}

static fr_wall port_wall(void *ctx)
{
	return (fr_wall){ instance_wall(ctx) };
}

static uint64_t port_random(void *ctx)
{
	return fr_random_next(&((struct instance *)ctx)->world->random);
}

static void port_wake_at(void *ctx, fr_ms when)
{
	struct instance *i = ctx;

	if (when.v == INT64_MAX)
		fr_heap_cut(&i->world->events, &i->wake->item);
	else
		fr_heap_set(&i->world->events, &i->wake->item, when);
}

static void port_note(void *ctx, enum fr_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void port_get(void *ctx, uint64_t token, struct fr_key key)
{
	fake_store_get(((struct instance *)ctx)->client, token, key);
}

static void port_claim(void *ctx, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	fake_store_claim(((struct instance *)ctx)->client, token, key, owner, lease);
}

static void port_renew(void *ctx, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	fake_store_renew(((struct instance *)ctx)->client, key, owner, lease);
}

static void port_put(void *ctx, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	fake_store_put(((struct instance *)ctx)->client, key, owner, record, keep);
}

static void port_piece_get(void *ctx, uint64_t token, struct fr_key key)
{
	fake_store_piece_get(((struct instance *)ctx)->client, token, key);
}

static void port_piece_put(void *ctx, struct fr_key key, const struct fr_blob *record, fr_ms keep)
{
	fake_store_piece_put(((struct instance *)ctx)->client, key, record, keep);
}

static void port_fail(void *ctx, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold)
{
	fake_store_fail(((struct instance *)ctx)->client, key, owner, record, hold);
}

static void port_totals_add(void *ctx, uint64_t seq, const struct fr_totals *delta)
{
	fake_store_totals_add(((struct instance *)ctx)->client, seq, delta);
}

static struct fake_journal *journal_of(struct instance *i)
{
	return &i->world->journals[i->index];
}

static bool port_journal_write(void *ctx, const struct fr_journal_record *record)
{
	struct instance *i = ctx;

	if (i->dead)
		return true;
	if (!fake_journal_write(journal_of(i), record, i->world->disk_full))
		return false;
	check_record(i->world, i->index, record);
	return true;
}

static void port_journal_trim(void *ctx, uint64_t seq)
{
	struct instance *i = ctx;

	if (!i->dead)
		fake_journal_trim(journal_of(i), seq);
}

static void port_ledger_apply(void *ctx, const struct fr_ledger_batch *batch)
{
	struct instance *i = ctx;

	fake_store_ledger_apply(i->client, journal_of(i)->identity, batch);
}

static void port_lease(void *ctx, const struct fr_lease_ask *ask)
{
	struct instance *i = ctx;

	fake_store_lease(i->client, journal_of(i)->identity, ask);
}

static void port_line_up(void *ctx, const struct fr_line_ask *ask)
{
	struct instance *i = ctx;

	fake_store_line_up(i->client, journal_of(i)->identity, ask);
}

static void copy_header(char *to, size_t size, const struct fr_reply *reply, const char *name)
{
	const char *value = fr_reply_header(reply, name);

	snprintf(to, size, "%s", value != NULL ? value : "");
}

static int64_t number_header(const struct fr_reply *reply, const char *name)
{
	const char *value = fr_reply_header(reply, name);

	return value != NULL ? strtoll(value, NULL, 10) : 0;
}

/* As the client reads it. */
static char *body_of(struct world *w, struct world_reply *r, const struct fr_reply *reply)
{
	struct fr_str sent = reply->body != NULL ? fr_blob_str(reply->body) : FR_STR("");
	struct fr_blob *plain;
	char *body;

	r->packed = fr_reply_header(reply, "Content-Encoding") != NULL;
	if (!r->packed)
		return fr_strndup(sent.p, sent.n);
	plain = fr_gzip_unpack(sent, FR_BODY_MAX);
	if (plain == NULL || !r->takes_gzip)
		world_broken(w, "a body that its client cannot read", (long long)sent.n, r->takes_gzip);
	body = fr_strndup(plain->bytes, plain->n);
	fr_blob_drop(plain);
	return body;
}

static void port_answer(void *ctx, uint64_t request, struct fr_reply *reply)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	struct world_reply *r;
	char *body;

	if (i->dead) {
		fr_reply_done(reply);
		return;
	}
	FR_ASSERT(request < w->n_requests);
	r = &w->replies[request];
	if (r->answered)
		world_broken(w, "a request was answered twice", (long long)request, reply->status);
	r->answered = true;
	r->answered_at = w->now;
	r->status = reply->status;
	r->spent = number_header(reply, "X-Credits-Spent");
	r->avoided = number_header(reply, "X-Credits-Avoided");
	r->retry_after = number_header(reply, "Retry-After");
	r->age_s = number_header(reply, "Age");
	check_logged(i, r);
	i->told_spent += r->spent;
	i->told_avoided += r->avoided;
	i->told_spent_of[r->tenant] += r->spent;
	i->told_avoided_of[r->tenant] += r->avoided;
	copy_header(r->cache_status, sizeof r->cache_status, reply, "Cache-Status");
	copy_header(r->learnt, sizeof r->learnt, reply, "Frugal-Learnt");
	body = body_of(w, r, reply);
	w->n_open--;
	if (w->stage.judge != NULL)
		w->stage.judge(w->stage.ctx, request, reply);
	else
		check_reply(w, request, body);
	if (w->see != NULL)
		w->see(w->see_ctx, request, body);
	free(w->last_body);
	w->last_body = body;
	fr_reply_done(reply);
}

static void deliver_store(struct event *ev)
{
	struct fake_result *r = &ev->result;
	struct fr_str record = r->record != NULL ? fr_blob_str(r->record) : FR_STR("");
	struct fr_engine *e = ev->instance->engine;

	if (ev->instance->dead) {
		fr_blob_drop(r->record);
		free(r->lease);
		return;
	}
	switch (r->op) {
	case FAKE_GET: fr_engine_found(e, r->token, r->found, record); break;
	case FAKE_CLAIM: fr_engine_claimed(e, r->token, r->claim, record); break;
	case FAKE_TOTALS: fr_engine_totals_added(e, r->token, r->added); break;
	case FAKE_HINT: fr_engine_hint(e, r->key); break;
	case FAKE_LEASE: fr_engine_leased(e, r->lease); break;
	case FAKE_LINE:
		ev->instance->world->line_never_failed &= r->line.known;
		fr_engine_lined_up(e, &r->line);
		break;
	case FAKE_LEDGER: fr_engine_ledger_applied(e, r->added, r->token); break;
	case FAKE_BUDGET:
	case FAKE_DAYS:
	case FAKE_ALERT_RAISED:
	case FAKE_ALERT_TAKEN:
	case FAKE_ALERT_ENDED: alerts_heard(ev->instance, r); break;
	}
	fr_blob_drop(r->record);
	free(r->lease);
}

/* The store's results travel; in a storm some are lost on the way and end in the port's own deadline, though they took effect. */
static void from_store(void *ctx, struct fake_result result)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	struct event *ev;
	int64_t delay = w->store_delay_ms > 0 ? 1 + (int64_t)fr_random_below(&w->random, (uint64_t)w->store_delay_ms) : 0;

	if (fr_random_chance(&w->random, w->store_chaos)) {
		fr_blob_drop(result.record);
		result.record = NULL;
		if (result.op == FAKE_HINT)
			return;
		result.found = FR_STORE_UNKNOWN;
		result.claim = FR_CLAIM_UNKNOWN;
		result.added = false;
		if (result.lease != NULL)
			result.lease->known = false;
		result.line.known = false;
		result.state = FR_OUTBOX_UNKNOWN;
		result.taken.known = false;
		delay = w->conf->settings.redis_timeout.v;
	}
	ev = world_event(i, EVENT_STORE, delay);
	ev->result = result;
	if (w->at_once) {
		fr_heap_cut(&w->events, &ev->item);
		deliver_store(ev);
		free(ev);
	}
}

/* Others never arrive at all. */
static bool lose(void *ctx)
{
	struct world *w = ctx;

	return fr_random_chance(&w->random, w->store_chaos);
}

static void restore(void *ctx, const struct fr_journal_record *r)
{
	fr_engine_restore(ctx, r);
}

static struct instance *instance_new(struct world *w, size_t index)
{
	struct instance *i = fr_calloc(1, sizeof *i);
	struct fr_ports ports = {
		.ctx = i,
		.now = port_now,
		.wall = port_wall,
		.random = port_random,
		.wake_at = port_wake_at,
		.note = port_note,
		.store_get = port_get,
		.store_claim = port_claim,
		.store_renew = port_renew,
		.store_put = port_put,
		.piece_get = port_piece_get,
		.piece_put = port_piece_put,
		.store_fail = port_fail,
		.fetch = upstream_fetch,
		.answer = port_answer,
		.log_question = log_question,
		.totals_add = port_totals_add,
		.journal_write = port_journal_write,
		.journal_trim = port_journal_trim,
		.ledger_apply = port_ledger_apply,
		.lease = port_lease,
		.line_up = port_line_up,
		.purge_tell = purge_tell,
		.purge_read = purge_read,
	};
	const struct fr_policy policy = {
		.settings = &w->conf->settings,
		.catalogue = &w->conf->catalogue,
		.roster = &w->conf->roster,
		.budgets = &w->conf->budgets,
		.alerts = &w->conf->alerts,
		.operator_key = w->operator_key,
		.alone = w->alone,
	};

	alerts_ports(&ports);
	i->world = w;
	i->index = index;
	i->wake = fr_calloc(1, sizeof *i->wake);
	i->wake->kind = EVENT_WAKE;
	i->wake->instance = i;
	i->client = fake_store_client(w->store, from_store, i, fr_random_next(&w->random));
	i->engine = fr_engine_new(&ports, &policy);
	fr_engine_restored(i->engine, fake_journal_read(journal_of(i), restore, i->engine));
	purge_join(i);
	purge_connect(i);
	return i;
}

static void instance_free(struct instance *i)
{
	fake_client_hang_up(i->client);
	fake_purge_client_hang_up(i->purge_client);
	i->dead = true;
	fr_engine_stop(i->engine);
	fr_heap_cut(&i->world->events, &i->wake->item);
	fr_engine_free(i->engine);
	free(i->wake);
	free(i);
}

static fr_ms store_now(void *ctx)
{
	return FR_MS(WORLD_EPOCH_MS + ((struct world *)ctx)->now.v);
}

static struct world *new_world(uint64_t seed, size_t instances, const char *yaml, bool operator_key, bool alone)
{
	struct world *w = fr_calloc(1, sizeof *w);
	struct fr_errmsg why = { "" };

	FR_ASSERT(instances >= 1 && instances <= WORLD_INSTANCES_MAX);
	w->seed = seed;
	w->operator_key = operator_key;
	w->alone = alone;
	w->random.state = seed;
	w->now = FR_MS(1000);
	w->latency_ms = 100;
	w->store_never_failed = w->disk_never_full = w->line_never_failed = true;
	fr_heap_init(&w->events);
	if (fr_conf_parse(fr_str_of(yaml), "world", &w->conf, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		abort();
	}
	w->store = fake_store_new(store_now, w);
	w->purges = fake_purges_new();
	fake_store_losing(w->store, lose, w);
	w->replies = fr_calloc(WORLD_REQUESTS_MAX, sizeof *w->replies);
	w->posts = fr_calloc(WORLD_POSTS_MAX, sizeof *w->posts);
	w->post_ms = 200;
	w->n_instances = instances;
	for (size_t n = 0; n < instances; n++)
		fake_journal_init(&w->journals[n], fr_random_next(&w->random));
	for (size_t n = 0; n < instances; n++)
		w->instances[n] = instance_new(w, n);
	return w;
}

struct world *world_new(uint64_t seed, size_t instances, const char *yaml)
{
	return new_world(seed, instances, yaml, true, false);
}

struct world *world_new_alone(uint64_t seed, const char *yaml)
{
	return new_world(seed, 1, yaml, true, true);
}

struct world *world_new_keyless(uint64_t seed, size_t instances, const char *yaml)
{
	return new_world(seed, instances, yaml, false, false);
}

static void play(struct event *ev)
{
	struct instance *i = ev->instance;

	switch (ev->kind) {
	case EVENT_WAKE:
		if (!i->dead)
			fr_engine_wake(i->engine);
		return; /* belongs to the instance */
	case EVENT_FETCHED: upstream_deliver(ev); break;
	case EVENT_STORE: deliver_store(ev); break;
	case EVENT_POSTED: alerts_posted(ev); break;
	case EVENT_DELIVERED: alerts_delivered(ev); break;
	case EVENT_PURGE: purge_deliver(ev); break;
	}
	free(ev);
}

/* Plays the next event if it is due by `until`. */
static bool step(struct world *w, fr_ms until)
{
	struct fr_heap_item *first = fr_heap_first(&w->events);

	if (first == NULL || first->due.v > until.v)
		return false;
	fr_heap_cut(&w->events, first);
	if (first->due.v > w->now.v)
		w->now = first->due;
	play(FR_OF(first, struct event, item));
	check_all(w);
	return true;
}

void world_pass(struct world *w, int64_t ms)
{
	fr_ms until = { w->now.v + ms };

	while (step(w, until))
		;
	w->now = until;
}

void world_run(struct world *w)
{
	int64_t end = w->now.v + 24 * 3600 * 1000;

	while (w->n_open > 0 || w->on_the_way > 0)
		if (w->now.v > end || !step(w, (fr_ms){ INT64_MAX }))
			world_broken(w, "requests wait and nothing will ever happen", (long long)w->n_open,
				     (long long)w->on_the_way);
}

void world_free(struct world *w)
{
	world_run(w);
	world_store_away(w, false);
	world_store_chaos(w, 0);
	world_disk_full(w, false);
	world_pass(w, 120 * 1000); /* holds end, totals and records of credits are sent, timers run out */
	for (size_t n = 0; n < w->n_instances; n++) {
		struct fr_gauges g = fr_engine_gauges(w->instances[n]->engine);

		if (g.flights != 0 || g.waiters != 0 || g.calls != 0)
			world_broken(w, "a quiet world has flights or waiters left", g.flights, g.waiters);
	}
	if (!w->journal_lost) {
		check_ledger(w);
		check_spent(w);
	}
	for (size_t n = 0; n < w->n_instances; n++)
		fake_journal_free(&w->journals[n]);
	for (size_t n = 0; n < w->n_instances; n++)
		instance_free(w->instances[n]);
	while (w->graves != NULL) {
		struct instance *i = w->graves;

		w->graves = i->next_grave;
		instance_free(i);
	}
	for (struct fr_heap_item *item; (item = fr_heap_first(&w->events)) != NULL;) {
		struct event *ev = FR_OF(item, struct event, item);

		fr_heap_cut(&w->events, item);
		fr_blob_drop(ev->result.record);
		free(ev->result.lease);
		free(ev->purge.list);
		free(ev);
	}
	fake_store_free(w->store);
	fake_purges_free(w->purges);
	fr_heap_free(&w->events);
	fr_conf_free(w->conf);
	free(w->replies);
	free(w->last_body);
	free(w->posts);
	free(w->called);
	free(w->judged);
	free(w->reserved);
	free(w);
}

void world_kill(struct world *w, size_t instance)
{
	struct instance *i = w->instances[instance];
	const struct fr_tally *t = fr_engine_tally(i->engine);

	alerts_killed(i);
	w->dead_spent += t->demand + t->background;
	w->dead_uncertain += (int64_t)t->counters.uncertain;
	w->orphaned += (uint64_t)reserved_credits(w, instance);
	if (fr_random_chance(&w->random, 500))
		fake_journal_tear(&w->journals[instance], (size_t)fr_random_below(&w->random, 120));
	i->dead = true;
	fake_client_hang_up(i->client);
	fake_purge_client_hang_up(i->purge_client);
	fr_heap_cut(&w->events, &i->wake->item);
	for (size_t r = 0; r < w->n_requests; r++) {
		if (!w->replies[r].answered && w->replies[r].instance == instance) {
			w->replies[r].answered = true;
			w->n_open--;
		}
	}
	w->line_never_failed &= !w->alone; /* who is alone remembers its calls, and they are forgotten with it */
	i->next_grave = w->graves;
	w->graves = i;
	w->instances[instance] = instance_new(w, instance);
}

/* As the front does: digests only where clients are known by their keys. */
static void show_key(struct world *w, struct fr_ask *ask, const char *key, unsigned char digest[FR_SHA256_BYTES],
		     struct world_reply *r)
{
	const struct fr_client *client;

	ask->client_key = fr_str_of(key);
	if (key[0] != '\0' && fr_roster_has_keys(&w->conf->roster)) {
		client_digest(key, digest);
		ask->key_sha256 = digest;
	}
	client = fr_roster_find(&w->conf->roster, ask->key_sha256);
	r->known = client != NULL;
	r->tenant = client != NULL ? client->standing.tenant : 0;
	r->tier = client != NULL ? client->standing.tier : 0;
	r->reader = client != NULL ? client->standing.reader : 0;
}

size_t world_ask(struct world *w, size_t instance, const char *target, const char *cache_control, const char *client_key,
		 enum fr_priority priority)
{
	size_t n = w->n_requests++;
	struct world_reply *r = &w->replies[n];
	struct fr_ask ask = { .target = fr_str_of(target),
			      .priority = priority,
			      .request_id = FR_STR("sim"),
			      .wish = fr_wish_none(),
			      .gzip = w->gzip,
			      .of_batch = w->of_batch };
	unsigned char digest[FR_SHA256_BYTES];

	FR_ASSERT(n < WORLD_REQUESTS_MAX && instance < w->n_instances);
	if (cache_control != NULL)
		fr_wish_read(&ask.wish, fr_str_of(cache_control));
	show_key(w, &ask, client_key, digest, r);
	r->instance = instance;
	r->takes_gzip = w->gzip;
	r->asked_at = w->now;
	r->only_if_cached = ask.wish.only_if_cached;
	r->max_stale_ms = ask.wish.max_stale.v;
	snprintf(r->target, sizeof r->target, "%s", target);
	if (w->fields != NULL)
		ask.fields = fr_str_of(w->fields);
	note_needs(w, r, r->reader);
	w->n_open++;
	fr_engine_ask(w->instances[instance]->engine, n, &ask);
	check_all(w);
	return n;
}

size_t world_get(struct world *w, size_t instance, const char *target, const char *cache_control)
{
	return world_ask(w, instance, target, cache_control, "", FR_PRIORITIES);
}

size_t world_get_as(struct world *w, size_t instance, const char *target, const char *client_key)
{
	return world_ask(w, instance, target, NULL, client_key, FR_PRIORITIES);
}
