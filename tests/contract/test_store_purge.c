/* One body of tests for purges in a real Redis and in the fake that the simulator believes in; then what only the real one has. */
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
#include "base/str.h"
#include "tests/contract/no_alerts.h"
#include "tests/contract/redis_here.h"
#include "tests/sim/purge_fake.h"

enum { SIDES = 2, PATIENCE_MS = 10000, HEARD_MAX = 2 * FR_PURGES_MAX + 16, MARKER = 7 };
static const int64_t NOON = INT64_C(1795348800000);
static const struct fr_key KEY = { 0x0123456789abcdef, 0xfedcba9876543210 };

/* What one instance has heard. */
struct fr_engine {
	size_t n_purged, n_kept, n_read, n_found;
	struct fr_purge purged[HEARD_MAX]; /* the last ones, since somebody looked */
	struct fr_purge kept;
	bool was_kept, was_read, listens;
};

void fr_engine_purged(struct fr_engine *e, const struct fr_purge *purge)
{
	e->listens = true;
	if (purge->at.v == MARKER)
		return;
	assert_true(e->n_purged < HEARD_MAX);
	e->purged[e->n_purged++] = *purge;
}

void fr_engine_purge_kept(struct fr_engine *e, const struct fr_purge *purge, bool kept)
{
	e->n_kept++;
	e->kept = *purge;
	e->was_kept = kept;
}

void fr_engine_purges_read(struct fr_engine *e, bool read)
{
	e->n_read++;
	e->was_read = read;
}

void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	(void)token;
	(void)result;
	(void)record;
	e->n_found++;
}

/* The engine's other functions, of which nothing is asked here. */
void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record)
{
	(void)e;
	(void)token;
	(void)result;
	(void)record;
}

void fr_engine_hint(struct fr_engine *e, struct fr_key key)
{
	(void)e;
	(void)key;
}

void fr_engine_ledger_applied(struct fr_engine *e, bool known, uint64_t watermark)
{
	(void)e;
	(void)known;
	(void)watermark;
}

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added)
{
	(void)e;
	(void)seq;
	(void)added;
}

void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told)
{
	(void)e;
	(void)told;
}

void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told)
{
	(void)e;
	(void)told;
}

struct side {
	struct fr_engine heard;
	struct fr_store *store;           /* real */
	struct fake_purge_client *client; /* fake */
};

struct world {
	struct redis_here *redis; /* NULL: fake */
	struct side side[SIDES];
	struct fr_catalogue catalogue;
	struct fr_roster roster;
	struct fr_settings settings;
	uv_loop_t loop;
	uv_timer_t heartbeat;
	struct fake_purges *fake;
};

static void fake_deliver(void *ctx, struct fake_purge_result r)
{
	struct fr_engine *e = &((struct side *)ctx)->heard;

	switch (r.op) {
	case FAKE_PURGED: fr_engine_purged(e, &r.purge); break;
	case FAKE_PURGE_KEPT: fr_engine_purge_kept(e, &r.purge, r.ok); break;
	case FAKE_PURGES_READ:
		for (size_t i = 0; i < r.n; i++)
			fr_engine_purged(e, &r.list[i]);
		fr_engine_purges_read(e, r.ok);
		break;
	}
	free(r.list);
}

static void heartbeat(uv_timer_t *t)
{
	(void)t;
}

static int64_t clock_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

#define UNTIL(w, condition) \
	do { \
		int64_t deadline_ = clock_ms() + PATIENCE_MS; \
		while (!(condition)) { \
			if ((w)->redis == NULL || clock_ms() >= deadline_) \
				fail_msg("%s:%d: never: %s", __FILE__, __LINE__, #condition); \
			(void)uv_run(&(w)->loop, UV_RUN_ONCE); \
		} \
	} while (0)

static void make_catalogue(struct fr_catalogue *c)
{
	static const char *const paths[] = { "/one/", "/two/", "*" };

	c->n = sizeof paths / sizeof paths[0];
	for (size_t i = 0; i < c->n; i++) {
		c->rows[i].path = fr_str_of(paths[i]);
		c->rows[i].index = i;
	}
	c->rows[c->n - 1].is_other = true;
}

/* All that was asked before, by the store itself or by a test, is answered: Redis keeps the order. */
static void settle(struct world *w, struct side *s)
{
	size_t before = s->heard.n_found;

	fr_store_get(s->store, 1, KEY);
	UNTIL(w, s->heard.n_found == before + 1);
}

/* Both connections are there, and what they read at first has been heard. */
static void open_side(struct world *w, struct side *s)
{
	struct fr_errmsg why;

	memset(&s->heard, 0, sizeof s->heard);
	s->store = fr_store_new(&w->loop, &w->settings, w->redis->socket, NULL, NULL, &why);
	assert_non_null(s->store);
	fr_store_attach(s->store, &s->heard, &w->catalogue, &w->roster);
	UNTIL(w, (redis_here_do(w->redis, "PUBLISH test:purge %s", "7 soft all"), s->heard.listens));
	UNTIL(w, fr_store_up(s->store));
	settle(w, s);
	assert_true(s->heard.n_read >= 1 && s->heard.was_read);
}

static struct world *world_new(struct redis_here *redis)
{
	struct world *w = fr_calloc(1, sizeof *w);

	w->redis = redis;
	make_catalogue(&w->catalogue);
	fr_roster_init(&w->roster, false);
	if (redis == NULL) {
		w->fake = fake_purges_new();
		for (int i = 0; i < SIDES; i++)
			w->side[i].client = fake_purges_client(w->fake, fake_deliver, &w->side[i]);
		return w;
	}
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(uv_timer_init(&w->loop, &w->heartbeat), 0);
	assert_int_equal(uv_timer_start(&w->heartbeat, heartbeat, 5, 5), 0);
	redis_here_do(redis, "FLUSHALL");
	(void)snprintf(w->settings.redis_prefix.s, sizeof w->settings.redis_prefix.s, "test");
	w->settings.redis_timeout = FR_MS(5000);
	for (int i = 0; i < SIDES; i++)
		open_side(w, &w->side[i]);
	return w;
}

static void world_free(struct world *w)
{
	if (w->redis != NULL) {
		for (int i = 0; i < SIDES; i++)
			if (w->side[i].store != NULL)
				fr_store_free(&w->side[i].store);
		uv_close((uv_handle_t *)&w->heartbeat, NULL);
		assert_int_equal(uv_run(&w->loop, UV_RUN_DEFAULT), 0);
		assert_int_equal(uv_loop_close(&w->loop), 0);
	} else {
		fake_purges_free(w->fake);
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

static bool same(const struct fr_purge *a, const struct fr_purge *b)
{
	return a->scope == b->scope && a->soft == b->soft && a->at.v == b->at.v &&
	       (a->scope != FR_PURGE_ROW || a->row == b->row) && (a->scope != FR_PURGE_KEY || fr_key_eq(a->key, b->key));
}

static size_t times_heard(const struct fr_engine *e, const struct fr_purge *p)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_purged; i++)
		n += same(&e->purged[i], p);
	return n;
}

static void tell(struct world *w, struct side *s, struct fr_purge p)
{
	size_t before = s->heard.n_kept;

	if (w->redis != NULL)
		fr_store_purge_tell(s->store, &p);
	else
		fake_purge_tell(s->client, &p);
	UNTIL(w, s->heard.n_kept == before + 1);
	assert_true(s->heard.was_kept);
	assert_true(same(&s->heard.kept, &p));
}

static void read_all(struct world *w, struct side *s)
{
	size_t before = s->heard.n_read;

	s->heard.n_purged = 0;
	if (w->redis != NULL)
		fr_store_purge_read(s->store);
	else
		fake_purge_read(s->client);
	UNTIL(w, s->heard.n_read == before + 1);
	assert_true(s->heard.was_read);
}

/* ---- the body ------------------------------------------------------------------------------------------------------ */

static void a_purge_is_heard_by_all_and_read_later(void **state)
{
	const struct fr_purge purges[] = {
		{ .scope = FR_PURGE_ALL, .at = { NOON } },
		{ .scope = FR_PURGE_ALL, .at = { NOON + 1 }, .soft = true },
		{ .scope = FR_PURGE_ROW, .row = 1, .at = { NOON + 2 } },
		{ .scope = FR_PURGE_ROW, .row = 0, .at = { NOON + 3 }, .soft = true },
		{ .scope = FR_PURGE_KEY, .key = KEY, .at = { NOON + 4 } },
		{ .scope = FR_PURGE_KEY, .key = KEY, .at = { NOON + 5 }, .soft = true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof purges / sizeof purges[0]; i++) {
		tell(w, &w->side[0], purges[i]);
		UNTIL(w, times_heard(&w->side[1].heard, &purges[i]) == 1);
	}
	read_all(w, &w->side[1]);
	assert_int_equal(w->side[1].heard.n_purged, sizeof purges / sizeof purges[0]);
	for (size_t i = 0; i < sizeof purges / sizeof purges[0]; i++)
		assert_int_equal(times_heard(&w->side[1].heard, &purges[i]), 1);
}

static void an_earlier_moment_does_not_undo_a_later_one(void **state)
{
	struct world *w = *state;
	struct fr_purge p = { .scope = FR_PURGE_ROW, .row = 1, .at = { NOON } };

	tell(w, &w->side[0], p);
	p.at.v = NOON - 7;
	tell(w, &w->side[1], p);
	read_all(w, &w->side[1]);
	p.at.v = NOON;
	assert_int_equal(w->side[1].heard.n_purged, 1);
	assert_int_equal(times_heard(&w->side[1].heard, &p), 1);
}

static void only_so_many_questions_are_kept_and_the_earliest_go(void **state)
{
	struct world *w = *state;
	struct fr_purge p = { .scope = FR_PURGE_KEY };
	const struct fr_purge all = { .scope = FR_PURGE_ALL, .at = { 1 } };

	tell(w, &w->side[0], all);
	for (uint64_t i = 0; i < FR_PURGES_MAX + 3; i++) {
		p.key = (struct fr_key){ 7, i };
		p.at.v = NOON + (int64_t)i;
		tell(w, &w->side[0], p);
	}
	UNTIL(w, times_heard(&w->side[1].heard, &p) == 1);
	read_all(w, &w->side[1]);
	assert_int_equal(w->side[1].heard.n_purged, FR_PURGES_MAX + 1);
	assert_int_equal(times_heard(&w->side[1].heard, &all), 1);
	p.key = (struct fr_key){ 7, 2 };
	p.at.v = NOON + 2;
	assert_int_equal(times_heard(&w->side[1].heard, &p), 0);
}

/* ---- the real one only --------------------------------------------------------------------------------------------- */

static char *type_of(struct world *w, const char *key)
{
	redisReply *r = redis_here_ask(w->redis, "TYPE %s", key);
	char *ret = fr_strndup(r->str, r->len);

	freeReplyObject(r);
	return ret;
}

static void assert_type(struct world *w, const char *key, const char *type)
{
	char *is = type_of(w, key);

	assert_string_equal(is, type);
	free(is);
}

static void a_hard_purge_of_a_question_deletes_its_answer_a_soft_one_does_not(void **state)
{
	struct world *w = *state;
	const char *answer = "test:{0123456789abcdeffedcba9876543210}:a";

	redis_here_do(w->redis, "SET %s x", answer);
	tell(w, &w->side[0], (struct fr_purge){ .scope = FR_PURGE_KEY, .key = KEY, .at = { NOON }, .soft = true });
	tell(w, &w->side[0], (struct fr_purge){ .scope = FR_PURGE_ALL, .at = { NOON } });
	read_all(w, &w->side[0]);
	assert_type(w, answer, "string");
	tell(w, &w->side[0], (struct fr_purge){ .scope = FR_PURGE_KEY, .key = KEY, .at = { NOON } });
	read_all(w, &w->side[0]); /* what was sent before it has been done */
	assert_type(w, answer, "none");
	assert_type(w, "test:{credits}:p", "zset");
	assert_type(w, "test:{credits}:k", "zset");
}

static void what_others_write_there_is_passed_over(void **state)
{
	static const char *const members[] = { "hard",      "hard /nine/", "soft *", "cold all",
					       "hard 0123", "hard all ",   " all",   "harder all" };
	struct world *w = *state;
	const struct fr_purge last = { .scope = FR_PURGE_ALL, .soft = true, .at = { 99 } };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		redis_here_do(w->redis, "ZADD test:{credits}:p 5 %s", members[i]);
		redis_here_do(w->redis, "PUBLISH test:purge %s", members[i]);
	}
	redis_here_do(w->redis, "ZADD test:{credits}:p -5 %s", "hard /one/");
	redis_here_do(w->redis, "ZADD test:{credits}:p 1.5 %s", "hard /two/");
	redis_here_do(w->redis, "PUBLISH test:purge %s", "x hard all");
	redis_here_do(w->redis, "PUBLISH test:purge %s", "");
	redis_here_do(w->redis, "PUBLISH test:purge %s", "99 soft all");
	UNTIL(w, times_heard(&w->side[0].heard, &last) == 1);
	assert_int_equal(w->side[0].heard.n_purged, 1);
	read_all(w, &w->side[0]);
	assert_int_equal(w->side[0].heard.n_purged, 0);
}

static void a_foreign_value_in_their_place_is_no_answer(void **state)
{
	struct world *w = *state;
	struct fr_engine *heard = &w->side[0].heard;
	size_t kept = heard->n_kept, read = heard->n_read;
	const struct fr_purge p = { .scope = FR_PURGE_ALL, .at = { NOON } };

	redis_here_do(w->redis, "SET test:{credits}:p x");
	fr_store_purge_tell(w->side[0].store, &p);
	fr_store_purge_read(w->side[0].store);
	UNTIL(w, heard->n_kept == kept + 1 && heard->n_read == read + 1);
	assert_false(heard->was_kept);
	assert_false(heard->was_read);
}

static void whoever_connects_reads_before_it_is_answered_anything_else(void **state)
{
	struct world *w = *state;
	const struct fr_purge p = { .scope = FR_PURGE_ROW, .row = 1, .at = { NOON } };
	size_t read;

	tell(w, &w->side[0], p);
	fr_store_free(&w->side[1].store);
	open_side(w, &w->side[1]);
	assert_true(times_heard(&w->side[1].heard, &p) >= 1);

	w->side[1].heard.n_purged = 0;
	read = w->side[1].heard.n_read;
	redis_here_do(w->redis, "CLIENT KILL TYPE normal SKIPME yes");
	UNTIL(w, times_heard(&w->side[1].heard, &p) >= 1 && w->side[1].heard.n_read > read);
	w->side[1].heard.n_purged = 0;
	redis_here_do(w->redis, "CLIENT KILL TYPE pubsub");
	UNTIL(w, times_heard(&w->side[1].heard, &p) >= 1);
}

static void without_redis_nothing_is_kept_or_read_and_both_say_so(void **state)
{
	struct world *w = *state;
	struct fr_engine *heard = &w->side[0].heard;
	const struct fr_purge p = { .scope = FR_PURGE_ALL, .at = { NOON } };
	size_t kept, read;

	redis_here_do(w->redis, "CLIENT PAUSE 300 ALL"); /* its answers come late, and no new connection gets in */
	redis_here_kill(w->redis);
	UNTIL(w, !fr_store_up(w->side[0].store));
	kept = heard->n_kept;
	read = heard->n_read;
	fr_store_purge_tell(w->side[0].store, &p);
	fr_store_purge_read(w->side[0].store);
	assert_int_equal(heard->n_kept, kept + 1);
	assert_int_equal(heard->n_read, read + 1);
	assert_false(heard->was_kept || heard->was_read);
	redis_here_restart(w->redis, "");
}

int main(void)
{
	struct redis_here redis;
#define FAKE(f) \
	{ \
		"fake_" #f, f, with_fake, without, NULL \
	}
#define REAL(f) \
	{ \
		"real_" #f, f, with_redis, without, &redis \
	}
	const struct CMUnitTest tests[] = {
		FAKE(a_purge_is_heard_by_all_and_read_later),
		FAKE(an_earlier_moment_does_not_undo_a_later_one),
		FAKE(only_so_many_questions_are_kept_and_the_earliest_go),
		REAL(a_purge_is_heard_by_all_and_read_later),
		REAL(an_earlier_moment_does_not_undo_a_later_one),
		REAL(only_so_many_questions_are_kept_and_the_earliest_go),
		REAL(a_hard_purge_of_a_question_deletes_its_answer_a_soft_one_does_not),
		REAL(what_others_write_there_is_passed_over),
		REAL(a_foreign_value_in_their_place_is_no_answer),
		REAL(whoever_connects_reads_before_it_is_answered_anything_else),
		REAL(without_redis_nothing_is_kept_or_read_and_both_say_so),
	};
	int failed;

	redis_here_start(&redis, "");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_here_stop(&redis);
	return failed;
}
