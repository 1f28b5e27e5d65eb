/* One body of tests for two stores: the real one over a real redis-server, and the fake that the simulator believes in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "adapt/store.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/str.h"
#include "core/tally.h"
#include "tests/contract/redis_here.h"
#include "tests/sim/store_fake.h"

enum { SIDES = 2, PATIENCE_MS = 10000, TIMEOUT_MS = 5000 };

/* What one instance has heard from its store. */
struct fr_engine {
	int n_found, n_claimed, n_added, n_hints, n_applied;
	uint64_t token;
	enum fr_store_result found;
	enum fr_claim_result claimed;
	bool added;
	struct fr_key hint;
	char record[1024];
	size_t record_n;
	uint64_t record_hash;
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

/* ---- two instances on one store ------------------------------------------------------------------------------------ */

struct promise {
	struct fr_list link;
	int64_t due;
	struct fr_engine *engine;
	struct fake_result result;
};

struct side {
	struct world *world;
	struct fr_engine heard;
	struct fr_store *store;     /* real */
	struct fake_client *client; /* fake */
};

struct world {
	bool real;
	struct side side[SIDES];
	struct fr_catalogue catalogue;
	/* real */
	struct redis_here *redis;
	uv_loop_t loop;
	uv_timer_t heartbeat;
	struct fr_settings settings;
	/* fake */
	struct fr_fake_store *fake;
	int64_t now;
	struct fr_list promises;
};

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
	}
	fr_blob_drop(p->result.record);
	free(p->result.lease);
	free(p);
}

static fr_ms fake_now(void *ctx)
{
	return FR_MS(((struct world *)ctx)->now);
}

static void turn(struct world *w)
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

static int64_t clock_of(const struct world *w)
{
	return w->real ? (int64_t)(uv_hrtime() / 1000000) : w->now;
}

#define UNTIL(w, condition) \
	do { \
		int64_t deadline_ = clock_of(w) + PATIENCE_MS; \
		while (!(condition)) { \
			if (clock_of(w) >= deadline_) \
				fail_msg("%s:%d: never: %s", __FILE__, __LINE__, #condition); \
			turn(w); \
		} \
	} while (0)

static void do_get(struct side *s, uint64_t token, struct fr_key key)
{
	if (s->world->real)
		fr_store_get(s->store, token, key);
	else
		fake_store_get(s->client, token, key);
}

static void do_claim(struct side *s, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	if (s->world->real)
		fr_store_claim(s->store, token, key, owner, lease);
	else
		fake_store_claim(s->client, token, key, owner, lease);
}

static void renew(struct side *s, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	if (s->world->real)
		fr_store_renew(s->store, key, owner, lease);
	else
		fake_store_renew(s->client, key, owner, lease);
}

static void put(struct side *s, struct fr_key key, struct fr_key owner, struct fr_str record, fr_ms keep)
{
	struct fr_blob *b = fr_blob_of(record.p, record.n);

	if (s->world->real)
		fr_store_put(s->store, key, owner, b, keep);
	else
		fake_store_put(s->client, key, owner, b, keep);
	fr_blob_drop(b);
}

static void end_badly(struct side *s, struct fr_key key, struct fr_key owner, struct fr_str record, fr_ms hold)
{
	struct fr_blob *b = fr_blob_of(record.p, record.n);

	if (s->world->real)
		fr_store_fail(s->store, key, owner, b, hold);
	else
		fake_store_fail(s->client, key, owner, b, hold);
	fr_blob_drop(b);
}

static bool add(struct side *s, uint64_t seq, const struct fr_totals *delta)
{
	int before = s->heard.n_added;

	if (s->world->real)
		fr_store_totals_add(s->store, seq, delta);
	else
		fake_store_totals_add(s->client, seq, delta);
	UNTIL(s->world, s->heard.n_added == before + 1);
	assert_int_equal(s->heard.token, seq);
	return s->heard.added;
}

/* Returns the watermark. */
static uint64_t apply(struct side *s, uint64_t identity, uint64_t from, uint64_t to, bool base, int64_t day)
{
	struct fr_ledger_batch b = { .from = from, .to = to, .base = base, .delta = { .day = day } };
	int before = s->heard.n_applied;

	b.delta.v[0][FR_TOTAL_demand] = (int64_t)(to + 1 - from); /* a credit a record */
	b.delta.v[1][FR_TOTAL_uncertain] = 1;
	if (s->world->real)
		fr_store_ledger_apply(s->store, identity, &b);
	else
		fake_store_ledger_apply(s->client, identity, &b);
	UNTIL(s->world, s->heard.n_applied == before + 1);
	assert_true(s->heard.added);
	return s->heard.token;
}

static enum fr_store_result get(struct side *s, struct fr_key key)
{
	int before = s->heard.n_found;

	do_get(s, 77, key);
	UNTIL(s->world, s->heard.n_found == before + 1);
	assert_int_equal(s->heard.token, 77);
	return s->heard.found;
}

static enum fr_claim_result claim(struct side *s, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	int before = s->heard.n_claimed;

	do_claim(s, 78, key, owner, lease);
	UNTIL(s->world, s->heard.n_claimed == before + 1);
	assert_int_equal(s->heard.token, 78);
	return s->heard.claimed;
}

/* What was sent without an answer is applied once something sent after it is answered. */
static void settle(struct side *s)
{
	(void)get(s, (struct fr_key){ 1, 1 });
}

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

static const struct fr_key KEY = { 0x0123456789abcdef, 0xfedcba9876543210 }, NOBODY = { 0, 0 };
static const struct fr_key ALICE = { 0xa11ce, 1 }, BOB = { 0xb0b, 2 };

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
		fr_store_attach(w->side[i].store, &w->side[i].heard, &w->catalogue);
	}
	for (int i = 0; i < SIDES; i++)
		UNTIL(w, fr_store_up(w->side[i].store));
	/* Both listen when both have heard a hint. */
	UNTIL(w, (redis_here_do(w->redis, "PUBLISH test:done %s", "00000000000000000000000000000001"),
		  w->side[0].heard.n_hints > 0 && w->side[1].heard.n_hints > 0));
}

static void open_fake(struct world *w)
{
	fr_list_init(&w->promises);
	w->now = 1000;
	w->fake = fake_store_new(fake_now, w);
	for (int i = 0; i < SIDES; i++)
		w->side[i].client = fake_store_client(w->fake, fake_deliver, &w->side[i], 100 + (uint64_t)i);
}

static struct world *world_new(struct redis_here *redis)
{
	struct world *w = fr_calloc(1, sizeof *w);

	w->real = redis != NULL;
	w->redis = redis;
	make_catalogue(&w->catalogue);
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
			free(FR_OF(l, struct promise, link));
		}
		fake_store_free(w->fake);
	}
	free(w);
}

static int with_redis(void **state)
{
	*state = world_new(*state);
	return 0;
}

static int with_fake(void **state)
{
	*state = world_new(NULL);
	return 0;
}

static int without(void **state)
{
	world_free(*state);
	return 0;
}

/* ---- the body ------------------------------------------------------------------------------------------------------ */

static void what_was_put_is_found_by_all_and_else_nothing_is(void **state)
{
	struct world *w = *state;
	struct side *a = &w->side[0], *b = &w->side[1];

	assert_int_equal(get(a, KEY), FR_STORE_MISS);
	put(a, KEY, NOBODY, FR_STR("rec\0ord"), FR_MINUTES(1));
	settle(a);
	assert_int_equal(get(b, KEY), FR_STORE_HIT);
	assert_int_equal(b->heard.record_n, 7);
	assert_memory_equal(b->heard.record, "rec\0ord", 7);
	put(b, KEY, NOBODY, FR_STR("newer"), FR_MINUTES(1));
	settle(b);
	assert_int_equal(get(a, KEY), FR_STORE_HIT);
	assert_string_equal(a->heard.record, "newer");
}

static void a_large_record_comes_back_whole(void **state)
{
	struct world *w = *state;
	size_t n = 3 * 1024 * 1024 + 17;
	char *bytes = fr_alloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(unsigned char)(i * 31 + i / 251);
	put(&w->side[0], KEY, NOBODY, (struct fr_str){ bytes, n }, FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(get(&w->side[1], KEY), FR_STORE_HIT);
	assert_int_equal(w->side[1].heard.record_n, n);
	assert_int_equal(w->side[1].heard.record_hash, fr_hash64(0, bytes, n));
	free(bytes);
}

static void an_answer_ends_with_its_time(void **state)
{
	struct world *w = *state;

	put(&w->side[0], KEY, NOBODY, FR_STR("brief"), FR_MS(60));
	settle(&w->side[0]);
	UNTIL(w, get(&w->side[1], KEY) == FR_STORE_MISS);
}

static void a_claim_is_won_by_one_and_taken_for_the_others(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_int_equal(w->side[0].heard.record_n, 0);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	assert_int_equal(claim(&w->side[1], (struct fr_key){ 5, 5 }, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void a_claim_that_is_repeated_is_still_won(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void the_winner_is_given_what_was_stored_meanwhile(void **state)
{
	struct world *w = *state;

	assert_int_equal(get(&w->side[1], KEY), FR_STORE_MISS);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[0], KEY, ALICE, FR_STR("answer"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_string_equal(w->side[1].heard.record, "answer");
}

static void a_put_releases_its_own_lease_and_no_other(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[1], KEY, BOB, FR_STR("of a stranger"), FR_MINUTES(1));
	put(&w->side[1], KEY, NOBODY, FR_STR("of nobody"), FR_MINUTES(1));
	settle(&w->side[1]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	put(&w->side[0], KEY, ALICE, FR_STR("of the owner"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
	assert_string_equal(w->side[1].heard.record, "of the owner");
}

static void a_failure_is_left_for_all_until_its_hold_ends(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], KEY, ALICE, FR_STR("it\0failed"), FR_MS(300));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_FAILED);
	assert_int_equal(w->side[1].heard.record_n, 9);
	assert_memory_equal(w->side[1].heard.record, "it\0failed", 9);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_FAILED);
	UNTIL(w, claim(&w->side[1], KEY, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
}

static void a_failure_without_hold_leaves_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], KEY, ALICE, FR_STR("failed"), FR_MS(0));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_WON);
}

static void a_strangers_failure_ends_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[1], KEY, BOB, FR_STR("failed"), FR_MINUTES(1));
	end_badly(&w->side[1], KEY, NOBODY, FR_STR("failed"), FR_MINUTES(1));
	settle(&w->side[1]);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void a_lease_ends_by_itself(void **state)
{
	struct world *w = *state;

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MS(150)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
	UNTIL(w, claim(&w->side[1], KEY, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
	/* What its old owner does now is nobody's business. */
	renew(&w->side[0], KEY, ALICE, FR_MINUTES(9));
	put(&w->side[0], KEY, ALICE, FR_STR("late"), FR_MINUTES(1));
	settle(&w->side[0]);
	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void only_the_owner_renews_a_lease(void **state)
{
	struct world *w = *state;
	const struct fr_key other = { 6, 6 };

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MS(500)), FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[0], other, ALICE, FR_MS(500)), FR_CLAIM_WON);
	renew(&w->side[0], KEY, ALICE, FR_MINUTES(1));
	renew(&w->side[1], other, BOB, FR_MINUTES(1));
	settle(&w->side[0]);
	settle(&w->side[1]);
	UNTIL(w, claim(&w->side[1], other, BOB, FR_MINUTES(1)) == FR_CLAIM_WON);
	assert_int_equal(claim(&w->side[1], KEY, BOB, FR_MINUTES(1)), FR_CLAIM_TAKEN);
}

static void the_others_are_told_of_every_end(void **state)
{
	struct world *w = *state;
	struct side *b = &w->side[1];

	assert_int_equal(claim(&w->side[0], KEY, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	put(&w->side[0], KEY, ALICE, FR_STR("answer"), FR_MINUTES(1));
	UNTIL(w, fr_key_eq(b->heard.hint, KEY));
	assert_int_equal(claim(&w->side[0], BOB, ALICE, FR_MINUTES(1)), FR_CLAIM_WON);
	end_badly(&w->side[0], BOB, ALICE, FR_STR("failed"), FR_MINUTES(1));
	UNTIL(w, fr_key_eq(b->heard.hint, BOB));
}

/* ---- totals -------------------------------------------------------------------------------------------------------- */

enum { TODAY = 20414 };

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

static struct fr_totals totals_of(struct world *w, int64_t day)
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

static void totals_count_once_however_often_they_are_sent(void **state)
{
	struct world *w = *state;
	struct fr_totals delta = { .day = TODAY }, sum;

	delta.v[0][FR_TOTAL_demand] = 3;
	delta.v[1][FR_TOTAL_requests] = 40;
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[0], 2, &delta));
	assert_true(add(&w->side[0], 1, &delta));
	assert_true(add(&w->side[1], 1, &delta)); /* another instance counts for itself */
	delta.day = TODAY + 1;
	assert_true(add(&w->side[0], 3, &delta));
	sum = totals_of(w, TODAY);
	assert_int_equal(sum.v[0][FR_TOTAL_demand], 9);
	assert_int_equal(sum.v[1][FR_TOTAL_requests], 120);
	assert_int_equal(sum.v[0][FR_TOTAL_requests], 0);
	sum = totals_of(w, TODAY + 1);
	assert_int_equal(sum.v[0][FR_TOTAL_demand], 3);
	assert_int_equal(totals_of(w, TODAY + 2).v[0][FR_TOTAL_demand], 0);
}

static void records_of_credits_are_applied_in_order_and_once(void **state)
{
	struct world *w = *state;
	struct side *s = &w->side[0];
	const uint64_t us = 0xabcdef0123456789;

	assert_int_equal(apply(s, us, 1, 0, false, TODAY), 0); /* a question */
	assert_int_equal(apply(s, us, 5, 6, false, TODAY), 0); /* a gap */
	assert_int_equal(apply(s, us, 1, 4, false, TODAY), 4);
	assert_int_equal(apply(s, us, 1, 4, false, TODAY), 4); /* again */
	assert_int_equal(apply(s, us, 3, 9, false, TODAY), 4); /* partly again: neither */
	assert_int_equal(apply(s, us, 3, 9, true, TODAY), 4);
	assert_int_equal(apply(&w->side[1], us, 5, 6, false, TODAY + 1), 6); /* the next process of the same journal */
	assert_int_equal(apply(s, 7, 1, 1, false, TODAY), 1);                /* another journal */
	assert_int_equal(apply(s, 7, 10, 12, true, TODAY), 12);              /* what is between is lost for good */
	assert_int_equal(apply(s, us, 7, 6, false, TODAY), 6);
	assert_int_equal(totals_of(w, TODAY).v[0][FR_TOTAL_demand], 4 + 1 + 3);
	assert_int_equal(totals_of(w, TODAY).v[1][FR_TOTAL_uncertain], 3);
	assert_int_equal(totals_of(w, TODAY + 1).v[0][FR_TOTAL_demand], 2);
}

static void foreign_bytes_are_handed_on_for_the_engine_to_judge(void **state)
{
	struct world *w = *state;
	char hex[33];

	fr_key_hex(KEY, hex);
	if (w->real)
		redis_here_do(w->redis, "SET test:{%s}:a %s", hex, "not ours");
	else
		fake_store_plant(w->fake, KEY, FR_STR("not ours"));
	assert_int_equal(get(&w->side[0], KEY), FR_STORE_HIT);
	assert_string_equal(w->side[0].heard.record, "not ours");
}

#define BOTH(test) \
	{ #test " (redis)", test, with_redis, without, &redis }, \
	{ \
#test " (fake)", test, with_fake, without, NULL \
	}

int main(void)
{
	struct redis_here redis;
	const struct CMUnitTest tests[] = {
		BOTH(what_was_put_is_found_by_all_and_else_nothing_is),
		BOTH(a_large_record_comes_back_whole),
		BOTH(an_answer_ends_with_its_time),
		BOTH(a_claim_is_won_by_one_and_taken_for_the_others),
		BOTH(a_claim_that_is_repeated_is_still_won),
		BOTH(the_winner_is_given_what_was_stored_meanwhile),
		BOTH(a_put_releases_its_own_lease_and_no_other),
		BOTH(a_failure_is_left_for_all_until_its_hold_ends),
		BOTH(a_failure_without_hold_leaves_nothing),
		BOTH(a_strangers_failure_ends_nothing),
		BOTH(a_lease_ends_by_itself),
		BOTH(only_the_owner_renews_a_lease),
		BOTH(the_others_are_told_of_every_end),
		BOTH(totals_count_once_however_often_they_are_sent),
		BOTH(records_of_credits_are_applied_in_order_and_once),
		BOTH(foreign_bytes_are_handed_on_for_the_engine_to_judge),
	};
	int failed;

	redis_here_start(&redis, "");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
