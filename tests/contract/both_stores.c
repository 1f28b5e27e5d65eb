#include "tests/contract/both_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "tests/contract/no_purges.h"

enum { TIMEOUT_MS = 5000 };
static const int64_t FAKE_EPOCH_MS = INT64_C(1764000000000);

struct promise {
	struct fr_list link;
	int64_t due;
	struct fr_engine *engine;
	struct fake_result result;
};

static void keep_record(struct fr_engine *e, uint64_t token, struct fr_str record)
{
	e->token = token;
	(void)fr_str_copy(e->record, sizeof e->record, record);
	e->record_n = record.n;
	e->record_hash = fr_hash64(0, record.n == 0 ? "" : record.p, record.n);
}

void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	e->n_found++;
	e->found = result;
	keep_record(e, token, record);
}

void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record)
{
	e->n_claimed++;
	e->claimed = result;
	keep_record(e, token, record);
}

void fr_engine_hint(struct fr_engine *e, struct fr_key key)
{
	e->n_hints++;
	e->hint = key;
}

void fr_engine_ledger_applied(struct fr_engine *e, bool known, uint64_t watermark)
{
	e->n_applied++;
	e->added = known;
	e->token = watermark;
}

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added)
{
	e->n_added++;
	e->token = seq;
	e->added = added;
}

void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told)
{
	e->n_leased++;
	e->lease = *told;
}

void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told)
{
	e->n_lined++;
	e->line = *told;
}

void fr_engine_alert_raised(struct fr_engine *e, uint64_t number, enum fr_outbox_state state)
{
	e->n_raised++;
	e->token = number;
	e->state = state;
}

void fr_engine_alert_taken(struct fr_engine *e, const struct fr_outbox_taken *taken)
{
	e->n_taken++;
	e->taken = *taken;
	keep_record(e, taken->number, taken->body);
}

void fr_engine_alert_ended(struct fr_engine *e, uint64_t number, bool known)
{
	e->n_ended++;
	e->token = number;
	e->added = known;
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static void fake_deliver(void *ctx, struct fake_result result)
{
	struct side *s = ctx;
	struct promise *p = fr_calloc(1, sizeof *p);

	p->due = s->world->now + 1;
	p->engine = &s->heard;
	p->result = result;
	fr_list_push(&s->world->promises, &p->link);
}

static void keep_promise(struct promise *p)
{
	struct fr_str record = p->result.record == NULL ? FR_STR("") : fr_blob_str(p->result.record);

	switch (p->result.op) {
	case FAKE_GET: fr_engine_found(p->engine, p->result.token, p->result.found, record); break;
	case FAKE_CLAIM: fr_engine_claimed(p->engine, p->result.token, p->result.claim, record); break;
	case FAKE_LEDGER: fr_engine_ledger_applied(p->engine, p->result.added, p->result.token); break;
	case FAKE_TOTALS: fr_engine_totals_added(p->engine, p->result.token, p->result.added); break;
	case FAKE_HINT: fr_engine_hint(p->engine, p->result.key); break;
	case FAKE_LEASE: fr_engine_leased(p->engine, p->result.lease); break;
	case FAKE_LINE: fr_engine_lined_up(p->engine, &p->result.line); break;
	case FAKE_ALERT_RAISED: fr_engine_alert_raised(p->engine, p->result.token, p->result.state); break;
	case FAKE_ALERT_TAKEN:
		p->result.taken.body = record;
		fr_engine_alert_taken(p->engine, &p->result.taken);
		break;
	case FAKE_ALERT_ENDED: fr_engine_alert_ended(p->engine, p->result.token, p->result.added); break;
	case FAKE_BUDGET:
	case FAKE_DAYS: break; /* the real ones have no callback of the engine's */
	}
	fr_blob_drop(p->result.record);
	free(p->result.lease);
	free(p);
}

static fr_ms virtual_now(void *ctx)
{
	return FR_MS(((struct world *)ctx)->now);
}

void turn(struct world *w)
{
	struct fr_list *l;

	if (w->real) {
		(void)uv_run(&w->loop, UV_RUN_ONCE);
		return;
	}
	w->now++;
	while ((l = fr_list_first(&w->promises)) != NULL && FR_OF(l, struct promise, link)->due <= w->now) {
		fr_list_cut(l);
		keep_promise(FR_OF(l, struct promise, link));
	}
}

int64_t clock_of(const struct world *w)
{
	return w->real ? (int64_t)(uv_hrtime() / 1000000) : w->now;
}

int64_t store_clock(const struct world *w)
{
	struct timespec t;

	if (!w->real)
		return w->now;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &t), 0);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

static void heartbeat(uv_timer_t *t)
{
	(void)t;
}

static void make_catalogue(struct fr_catalogue *c)
{
	static const char *const paths[] = { "/one/", "/two/", "*" };

	memset(c, 0, sizeof *c);
	c->n = sizeof paths / sizeof paths[0];
	for (size_t i = 0; i < c->n; i++) {
		c->rows[i].path = fr_str_of(paths[i]);
		c->rows[i].index = i;
	}
}

static void make_roster(struct fr_roster *r)
{
	static const char *const tenants[] = { "acme", "globex" };

	fr_roster_init(r, false);
	for (size_t i = 0; i < sizeof tenants / sizeof tenants[0]; i++)
		(void)snprintf(r->tenants[r->n_tenants++].name, sizeof r->tenants[0].name, "%s", tenants[i]);
}

static bool all_up(const struct world *w, bool up)
{
	for (int i = 0; i < SIDES; i++)
		if (fr_store_up(w->side[i].store) != up)
			return false;
	return true;
}

static bool all_listen(const struct world *w)
{
	for (int i = 0; i < SIDES; i++)
		if (w->side[i].heard.n_hints == 0)
			return false;
	return true;
}

static void open_real(struct world *w)
{
	struct fr_errmsg why;

	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(uv_timer_init(&w->loop, &w->heartbeat), 0);
	assert_int_equal(uv_timer_start(&w->heartbeat, heartbeat, 5, 5), 0);
	redis_here_do(w->redis, "FLUSHALL");
	redis_here_do(w->redis, "SCRIPT FLUSH");
	memset(&w->settings, 0, sizeof w->settings);
	(void)snprintf(w->settings.redis_prefix.s, sizeof w->settings.redis_prefix.s, "test");
	w->settings.redis_timeout = FR_MS(TIMEOUT_MS);
	for (int i = 0; i < SIDES; i++) {
		w->side[i].store = fr_store_new(&w->loop, &w->settings, w->redis->socket, NULL, NULL, &why);
		assert_non_null(w->side[i].store);
		fr_store_attach(w->side[i].store, &w->side[i].heard, &w->catalogue, &w->roster);
	}
	UNTIL(w, all_up(w, true));
	UNTIL(w, (redis_here_do(w->redis, "PUBLISH test:done %s", "00000000000000000000000000000001"), all_listen(w)));
}

static void open_fake(struct world *w)
{
	fr_list_init(&w->promises);
	w->now = FAKE_EPOCH_MS;
	w->fake = fake_store_new(virtual_now, w);
	for (int i = 0; i < SIDES; i++)
		w->side[i].client = fake_store_client(w->fake, fake_deliver, &w->side[i], 100 + (uint64_t)i);
}

static struct world *world_new(struct redis_here *redis)
{
	struct world *w = fr_calloc(1, sizeof *w);

	w->real = redis != NULL;
	w->redis = redis;
	make_catalogue(&w->catalogue);
	make_roster(&w->roster);
	for (int i = 0; i < SIDES; i++)
		w->side[i].world = w;
	if (w->real)
		open_real(w);
	else
		open_fake(w);
	return w;
}

static void world_free(struct world *w)
{
	struct fr_list *l;

	if (w->real) {
		for (int i = 0; i < SIDES; i++)
			if (w->side[i].store != NULL)
				fr_store_free(&w->side[i].store);
		uv_close((uv_handle_t *)&w->heartbeat, NULL);
		assert_int_equal(uv_run(&w->loop, UV_RUN_DEFAULT), 0);
		assert_int_equal(uv_loop_close(&w->loop), 0);
	} else {
		while ((l = fr_list_pop(&w->promises)) != NULL) {
			fr_blob_drop(FR_OF(l, struct promise, link)->result.record);
			free(FR_OF(l, struct promise, link)->result.lease);
			free(FR_OF(l, struct promise, link));
		}
		fake_store_free(w->fake);
	}
	free(w);
}

int with_redis(void **state)
{
	*state = world_new(*state);
	return 0;
}

int with_fake(void **state)
{
	*state = world_new(NULL);
	return 0;
}

int without(void **state)
{
	world_free(*state);
	return 0;
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

struct days {
	int n_calls;
	bool ok;
	size_t n;
	struct fr_totals at[8];
};

static void days_came(void *ctx, bool ok, const struct fr_totals *days, size_t n)
{
	struct days *d = ctx;

	d->n_calls++;
	d->ok = ok;
	d->n = n;
	for (size_t i = 0; i < n && i < 8; i++)
		d->at[i] = days[i];
}

struct fr_totals totals_of(struct world *w, int64_t day)
{
	struct days d = { .n_calls = 0 };

	if (!w->real)
		return fake_store_totals(w->fake, day);
	fr_store_totals_read(w->side[1].store, day, day, days_came, &d);
	UNTIL(w, d.n_calls == 1);
	assert_true(d.ok);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.at[0].day, day);
	return d.at[0];
}
uint64_t apply(struct side *s, uint64_t identity, const struct fr_ledger_batch *batch)
{
	int before = s->heard.n_applied;

	if (s->world->real)
		fr_store_ledger_apply(s->store, identity, batch);
	else
		fake_store_ledger_apply(s->client, identity, batch);
	UNTIL(s->world, s->heard.n_applied == before + 1);
	assert_true(s->heard.added);
	return s->heard.token;
}

/* ---- starting again ------------------------------------------------------------------------------------------------ */

/* Redis appends each change to this file. */
static void changes_path(const struct world *w, char ret[128])
{
	(void)snprintf(ret, 128, "%s/appendonlydir/appendonly.aof.1.incr.aof", w->redis->dir);
}

static void start_again(struct world *w, bool cut)
{
	char path[128];

	redis_here_kill(w->redis);
	UNTIL(w, all_up(w, false));
	changes_path(w, path);
	assert_int_equal(cut ? truncate(path, w->remembered) : 0, 0);
	redis_here_restart(w->redis, PERSISTENT);
	UNTIL(w, all_up(w, true));
}

void restart(struct world *w)
{
	if (w->real)
		start_again(w, false);
	else
		fake_store_restart(w->fake);
}

void remember(struct world *w)
{
	struct stat st;
	char path[128];

	turn(w);
	w->remembered = w->now;
	if (!w->real)
		return;
	changes_path(w, path);
	assert_int_equal(stat(path, &st), 0);
	w->remembered = st.st_size;
}

void cut_back(struct world *w)
{
	if (w->real)
		start_again(w, true);
	else
		fake_store_cut_back(w->fake, FR_MS(w->now - w->remembered));
}
