/* What the store makes of a Redis in trouble: slow, gone, foreign, full, locked, or none at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "adapt/store.h"
#include "base/alloc.h"
#include "base/blob.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/tally.h"
#include "tests/contract/no_alerts.h"
#include "tests/contract/no_purges.h"
#include "tests/contract/redis_here.h"

enum { PATIENCE_MS = 20000, TIMEOUT_MS = 200 };

struct fr_engine {
	int n_found, n_unknown, n_claimed, n_added, n_hints, n_applied, n_leased, n_lined;
	enum fr_store_result found;
	enum fr_claim_result claimed;
	bool added;
	struct fr_key hint;
	char record[64];
	uint64_t watermark;
	struct fr_lease_told lease;
	struct fr_line_told line;
	struct fr_store *again; /* asked once more from within each answer */
};

void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	struct fr_store *again = e->again;

	e->n_found++;
	e->n_unknown += result == FR_STORE_UNKNOWN;
	e->found = result;
	(void)fr_str_copy(e->record, sizeof e->record, record);
	e->again = NULL;
	if (again != NULL)
		fr_store_get(again, token + 1, (struct fr_key){ 3, 3 });
}

void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record)
{
	(void)token;
	e->n_claimed++;
	e->claimed = result;
	(void)fr_str_copy(e->record, sizeof e->record, record);
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
	e->watermark = watermark;
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

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added)
{
	(void)seq;
	e->n_added++;
	e->added = added;
}

struct fixture {
	struct redis_here redis;
	uv_loop_t loop;
	uv_timer_t heartbeat;
	struct fr_settings settings;
	struct fr_catalogue catalogue;
	struct fr_roster roster;
	struct fr_engine heard;
	struct fr_store *store;
	int n_notes;
	char notes[16384];
};

static const struct fr_key KEY = { 7, 8 }, ALICE = { 0xa11ce, 1 }, NOBODY = { 0, 0 };
static const char SECRET[] = "not-for-the-log";

static int64_t clock_now(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

#define UNTIL(f, condition) \
	do { \
		int64_t deadline_ = clock_now() + PATIENCE_MS; \
		while (!(condition)) { \
			if (clock_now() >= deadline_) \
				fail_msg("%s:%d: never: %s", __FILE__, __LINE__, #condition); \
			(void)uv_run(&(f)->loop, UV_RUN_ONCE); \
		} \
	} while (0)

static void heartbeat(uv_timer_t *t)
{
	(void)t;
}

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct fixture *f = ctx;
	size_t n = strlen(f->notes);

	(void)level;
	f->n_notes++;
	(void)snprintf(f->notes + n, sizeof f->notes - n, "%s\n", line);
}

static struct fr_store *make_store(struct fixture *f, const char *url, const char *socket, const char *password,
				   struct fr_errmsg *why)
{
	struct fr_redis_notes notes = { note, f };
	struct fr_secret secret;

	(void)snprintf(secret.s, sizeof secret.s, "%s", password == NULL ? "" : password);
	(void)snprintf(f->settings.redis_url.s, sizeof f->settings.redis_url.s, "%s", url);
	(void)snprintf(f->settings.redis_prefix.s, sizeof f->settings.redis_prefix.s, "test");
	f->settings.redis_timeout = FR_MS(TIMEOUT_MS);
	return fr_store_new(&f->loop, &f->settings, socket, password == NULL ? NULL : &secret, &notes, why);
}

static struct fixture *start(const char *config)
{
	struct fixture *f = fr_calloc(1, sizeof *f);

	redis_here_start(&f->redis, config);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	assert_int_equal(uv_timer_init(&f->loop, &f->heartbeat), 0);
	assert_int_equal(uv_timer_start(&f->heartbeat, heartbeat, 5, 5), 0);
	f->catalogue.n = 2;
	f->catalogue.rows[0].path = FR_STR("/one/");
	f->catalogue.rows[1].path = FR_STR("*");
	fr_roster_init(&f->roster, false);
	return f;
}

static void attach(struct fixture *f)
{
	fr_store_attach(f->store, &f->heard, &f->catalogue, &f->roster);
	UNTIL(f, fr_store_up(f->store));
}

static struct fixture *start_attached(const char *config)
{
	struct fixture *f = start(config);
	struct fr_errmsg why;

	f->store = make_store(f, "embedded", f->redis.socket, NULL, &why);
	assert_non_null(f->store);
	attach(f);
	return f;
}

static void finish(struct fixture *f)
{
	if (f->store != NULL)
		fr_store_free(&f->store);
	uv_close((uv_handle_t *)&f->heartbeat, NULL);
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	redis_here_stop(&f->redis);
	assert_null(strstr(f->notes, SECRET));
	free(f);
}

static enum fr_store_result get(struct fixture *f)
{
	int before = f->heard.n_found;

	fr_store_get(f->store, 1, KEY);
	UNTIL(f, f->heard.n_found > before);
	return f->heard.found;
}

static enum fr_claim_result claim(struct fixture *f)
{
	int before = f->heard.n_claimed;

	fr_store_claim(f->store, 1, KEY, ALICE, FR_MINUTES(1));
	UNTIL(f, f->heard.n_claimed > before);
	return f->heard.claimed;
}

static void put(struct fixture *f, struct fr_key owner, struct fr_str record)
{
	struct fr_blob *b = fr_blob_of(record.p, record.n);

	fr_store_put(f->store, KEY, owner, b, FR_MINUTES(1));
	fr_blob_drop(b);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

/* ---- foreign things ------------------------------------------------------------------------------------------------ */

static void another_type_is_no_answer_and_no_lease(void **state)
{
	struct fixture *f = start_attached("");
	char hex[33];

	(void)state;
	fr_key_hex(KEY, hex);
	redis_here_do(&f->redis, "RPUSH test:{%s}:a x", hex);
	assert_int_equal(get(f), FR_STORE_MISS);
	assert_int_equal(claim(f), FR_CLAIM_WON);
	assert_string_equal(f->heard.record, "");
	redis_here_do(&f->redis, "DEL test:{%s}:l", hex);
	redis_here_do(&f->redis, "RPUSH test:{%s}:l x", hex);
	for (int i = 0; i < 50; i++)
		assert_int_equal(claim(f), FR_CLAIM_UNKNOWN);
	assert_int_equal(count(f->notes, "WRONGTYPE"), 1); /* once a minute for each kind */
	put(f, ALICE, FR_STR("answer"));                   /* replaces the foreign answer, leaves the foreign lease */
	assert_int_equal(get(f), FR_STORE_HIT);
	finish(f);
}

static void a_text_without_an_end_is_no_lease(void **state)
{
	struct fixture *f = start_attached("");
	char hex[33];

	(void)state;
	fr_key_hex(KEY, hex);
	redis_here_do(&f->redis, "SET test:{%s}:l somebody", hex);
	assert_int_equal(claim(f), FR_CLAIM_WON);
	redis_here_do(&f->redis, "SET test:{%s}:l somebody PX 60000", hex);
	assert_int_equal(claim(f), FR_CLAIM_TAKEN);
	finish(f);
}

static void foreign_messages_are_no_hints(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	UNTIL(f, (redis_here_do(&f->redis, "PUBLISH test:done 0000000000000000000000000000000a"), f->heard.n_hints > 0));
	f->heard.n_hints = 0;
	f->heard.hint = NOBODY;
	redis_here_do(&f->redis, "PUBLISH test:done %s", "");
	redis_here_do(&f->redis, "PUBLISH test:done hello");
	redis_here_do(&f->redis, "PUBLISH test:done 0000000000000000000000000000000g");
	redis_here_do(&f->redis, "PUBLISH test:done 000000000000000000000000000000bb");
	UNTIL(f, f->heard.hint.lo == 0xbb);
	finish(f);
}

static void forgotten_scripts_are_sent_again(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	redis_here_do(&f->redis, "SCRIPT FLUSH");
	assert_int_equal(claim(f), FR_CLAIM_WON);
	redis_here_do(&f->redis, "SCRIPT FLUSH");
	put(f, ALICE, FR_STR("answer"));
	/* The put was refused at first, so its second sending comes behind this. */
	UNTIL(f, get(f) == FR_STORE_HIT);
	assert_int_equal(f->n_notes, 0);
	finish(f);
}

/* ---- slow and gone ------------------------------------------------------------------------------------------------- */

static void a_frozen_redis_is_unknown_in_time_and_comes_back(void **state)
{
	struct fixture *f = start_attached("");
	int64_t began;

	(void)state;
	put(f, NOBODY, FR_STR("answer"));
	assert_int_equal(get(f), FR_STORE_HIT);
	assert_int_equal(kill(f->redis.pid, SIGSTOP), 0);
	began = clock_now();
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	assert_in_range(clock_now() - began, TIMEOUT_MS - 10, TIMEOUT_MS + 200);
	assert_false(fr_store_up(f->store));
	began = clock_now();
	assert_int_equal(get(f), FR_STORE_UNKNOWN); /* at once, while a reply is overdue */
	assert_int_equal(claim(f), FR_CLAIM_UNKNOWN);
	assert_in_range(clock_now() - began, 0, TIMEOUT_MS / 2);
	assert_int_equal(kill(f->redis.pid, SIGCONT), 0);
	UNTIL(f, fr_store_up(f->store));
	assert_int_equal(f->heard.n_found, 3); /* the late reply was dropped */
	assert_int_equal(get(f), FR_STORE_HIT);
	finish(f);
}

static void a_redis_frozen_for_long_is_left_and_found_again(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	assert_int_equal(kill(f->redis.pid, SIGSTOP), 0);
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	UNTIL(f, strstr(f->notes, "(commands): no answer in time") != NULL);
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	assert_int_equal(kill(f->redis.pid, SIGCONT), 0);
	UNTIL(f, fr_store_up(f->store));
	UNTIL(f, strstr(f->notes, "there again") != NULL);
	UNTIL(f, get(f) == FR_STORE_MISS); /* what it was asked meanwhile may keep it for a moment */
	finish(f);
}

static void a_killed_redis_is_unknown_at_once_and_found_again(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	assert_int_equal(kill(f->redis.pid, SIGSTOP), 0);
	f->heard.again = f->store; /* asks from within the answer, when the connection is just dying */
	fr_store_get(f->store, 1, KEY);
	redis_here_kill(&f->redis);
	UNTIL(f, f->heard.n_found == 2);
	assert_int_equal(f->heard.n_unknown, 2);
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	put(f, ALICE, FR_STR("dropped"));
	fr_store_renew(f->store, KEY, ALICE, FR_SECONDS(1));
	fr_store_fail(f->store, KEY, ALICE, NULL, FR_MS(0));
	redis_here_restart(&f->redis, "");
	UNTIL(f, fr_store_up(f->store));
	assert_int_equal(get(f), FR_STORE_MISS);
	assert_int_equal(claim(f), FR_CLAIM_WON);
	UNTIL(f, (redis_here_do(&f->redis, "PUBLISH test:done 000000000000000000000000000000cc"), f->heard.hint.lo == 0xcc));
	assert_in_range(f->n_notes, 2, 4);
	finish(f);
}

static void what_is_under_way_at_the_end_is_unknown(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	for (int i = 0; i < 100; i++)
		fr_store_get(f->store, (uint64_t)i, KEY);
	put(f, ALICE, FR_STR("answer"));
	f->heard.again = f->store;
	fr_store_free(&f->store);
	assert_int_equal(f->heard.n_unknown, 101);
	finish(f);
}

static void no_more_than_the_limit_is_under_way(void **state)
{
	struct fixture *f = start_attached("");

	(void)state;
	/* what new connections ask by themselves is answered before */
	UNTIL(f, (redis_here_do(&f->redis, "PUBLISH test:done 000000000000000000000000000000cc"), f->heard.hint.lo == 0xcc));
	assert_int_equal(get(f), FR_STORE_MISS);
	f->heard.n_found = 0;
	for (int i = 0; i < FR_STORE_OPS_MAX + 5; i++)
		fr_store_get(f->store, (uint64_t)i, KEY);
	assert_int_equal(f->heard.n_unknown, 5);
	UNTIL(f, f->heard.n_found == FR_STORE_OPS_MAX + 5);
	assert_int_equal(get(f), FR_STORE_MISS);
	finish(f);
}

static void records_beyond_the_limit_are_dropped(void **state)
{
	struct fixture *f = start_attached("");
	size_t n = 8 * 1024 * 1024;
	char *bytes = fr_calloc(1, n);

	(void)state;
	assert_int_equal(kill(f->redis.pid, SIGSTOP), 0);
	for (int i = 0; i < 12; i++)
		put(f, NOBODY, (struct fr_str){ bytes, n });
	assert_int_equal(count(f->notes, "does not keep up"), 1);
	assert_int_equal(kill(f->redis.pid, SIGCONT), 0);
	UNTIL(f, get(f) == FR_STORE_HIT);
	free(bytes);
	finish(f);
}

static void a_full_redis_still_ends_leases(void **state)
{
	struct fixture *f = start_attached("");
	struct fr_errmsg why;

	(void)state;
	assert_int_equal(claim(f), FR_CLAIM_WON);
	redis_here_do(&f->redis, "CONFIG SET maxmemory 1");
	put(f, ALICE, FR_STR("answer"));
	assert_int_equal(get(f), FR_STORE_MISS);
	assert_int_equal(count(f->notes, "OOM"), 1);
	assert_int_equal(claim(f), FR_CLAIM_UNKNOWN); /* which stores a lease, and so is refused: the old one is gone */
	assert_int_equal(fr_store_check(f->store, &why), FR_INVALID);
	assert_non_null(strstr(why.s, "maxmemory"));
	finish(f);
}

/* ---- totals -------------------------------------------------------------------------------------------------------- */

struct days {
	int n_calls;
	bool ok;
	size_t n;
	struct fr_totals first, last;
};

static void days_came(void *ctx, bool ok, const struct fr_totals *days, size_t n)
{
	struct days *d = ctx;

	d->n_calls++;
	d->ok = ok;
	d->n = n;
	if (n > 0) {
		d->first = days[0];
		d->last = days[n - 1];
	}
}

static void totals_of_forgotten_paths_are_added_to_the_others(void **state)
{
	struct fixture *f = start_attached("");
	struct days d = { .n_calls = 0 };

	(void)state;
	redis_here_do(&f->redis,
		      "HSET test:{credits}:t:20251122 /one/|demand 5 /gone/|demand 7 *|demand 1 /one/|unheard-of 9 junk x");
	redis_here_do(&f->redis, "SET test:{credits}:t:20251121 foreign");
	fr_store_totals_read(f->store, 20414, 20414, days_came, &d);
	UNTIL(f, d.n_calls == 1);
	assert_true(d.ok);
	assert_int_equal(d.first.v[0][FR_TOTAL_demand], 5);
	assert_int_equal(d.first.v[1][FR_TOTAL_demand], 8);
	fr_store_totals_read(f->store, 20413, 20414, days_came, &d);
	UNTIL(f, d.n_calls == 2);
	assert_false(d.ok); /* a part of a report is none */
	fr_store_totals_read(f->store, 20415, 20415 + FR_REPORT_DAYS_MAX - 1, days_came, &d);
	UNTIL(f, d.n_calls == 3);
	assert_true(d.ok);
	assert_int_equal(d.n, FR_REPORT_DAYS_MAX);
	assert_int_equal(d.last.day, 20415 + FR_REPORT_DAYS_MAX - 1);
	redis_here_kill(&f->redis);
	UNTIL(f, !fr_store_up(f->store));
	fr_store_totals_read(f->store, 20414, 20415, days_came, &d);
	assert_int_equal(d.n_calls, 4);
	assert_false(d.ok);
	redis_here_restart(&f->redis, "");
	finish(f);
}

static void totals_are_not_evicted_and_old_ones_are_removed(void **state)
{
	struct fixture *f = start_attached("");
	struct fr_totals delta = { .day = 20414 };
	redisReply *r;

	(void)state;
	redis_here_do(&f->redis, "HSET test:{credits}:w dead %s", "5 100");
	redis_here_do(&f->redis, "HSET test:{credits}:t:20230914 /one/|demand 5"); /* 800 days before */
	redis_here_do(&f->redis, "HSET test:{credits}:t:20230915 /one/|demand 5");
	delta.v[0][FR_TOTAL_demand] = 1;
	fr_store_totals_add(f->store, 1, &delta);
	UNTIL(f, f->heard.n_added == 1);
	assert_true(f->heard.added);
	r = redis_here_ask(&f->redis, "TTL test:{credits}:t:20251122");
	assert_int_equal(r->integer, -1);
	freeReplyObject(r);
	r = redis_here_ask(&f->redis, "EXISTS test:{credits}:t:20230914");
	assert_int_equal(r->integer, 0);
	freeReplyObject(r);
	r = redis_here_ask(&f->redis, "EXISTS test:{credits}:t:20230915");
	assert_int_equal(r->integer, 1);
	freeReplyObject(r);
	r = redis_here_ask(&f->redis, "HLEN test:{credits}:w");
	assert_int_equal(r->integer, 1); /* the dead instance's watermark went, ours came */
	freeReplyObject(r);
	finish(f);
}

static void totals_that_cannot_be_stored_are_not_there(void **state)
{
	struct fixture *f = start_attached("");
	struct fr_totals delta = { .day = 20414 };

	(void)state;
	delta.v[0][FR_TOTAL_demand] = 1;
	redis_here_do(&f->redis, "SET test:{credits}:t:20251122 foreign");
	fr_store_totals_add(f->store, 1, &delta);
	UNTIL(f, f->heard.n_added == 1);
	assert_false(f->heard.added);
	redis_here_do(&f->redis, "DEL test:{credits}:t:20251122");
	fr_store_totals_add(f->store, 1, &delta);
	UNTIL(f, f->heard.n_added == 2);
	assert_true(f->heard.added);
	finish(f);
}

/* ---- the way in ---------------------------------------------------------------------------------------------------- */

static void a_password_lets_in_and_is_never_said(void **state)
{
	struct fixture *f = start("requirepass not-for-the-log");
	struct fr_errmsg why;

	(void)state;
	f->store = make_store(f, "embedded", f->redis.socket, NULL, &why);
	assert_int_equal(fr_store_check(f->store, &why), FR_INVALID);
	assert_non_null(strstr(why.s, "redis.password_file"));
	fr_store_attach(f->store, &f->heard, &f->catalogue, &f->roster);
	UNTIL(f, strstr(f->notes, "NOAUTH") != NULL);
	fr_store_free(&f->store);
	f->store = make_store(f, "embedded", f->redis.socket, "not-for-the-log-either", &why);
	assert_int_equal(fr_store_check(f->store, &why), FR_INVALID);
	assert_null(strstr(why.s, SECRET));
	fr_store_free(&f->store);
	f->store = make_store(f, "embedded", f->redis.socket, SECRET, &why);
	assert_int_equal(fr_store_check(f->store, &why), FR_OK);
	attach(f);
	assert_int_equal(get(f), FR_STORE_MISS);
	finish(f);
}

static void a_redis_that_forgets_with_its_process_is_warned_of(void **state)
{
	static const struct {
		const char *config;
		int warnings;
	} rows[] = { { "appendonly no", 1 }, { "appendonly yes", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = start(rows[i].config);
		struct fr_errmsg why;

		f->store = make_store(f, "embedded", f->redis.socket, NULL, &why);
		assert_int_equal(fr_store_check(f->store, &why), FR_OK);
		assert_int_equal(count(f->notes, "appendonly yes"), rows[i].warnings);
		attach(f);
		finish(f);
	}
}

static void a_name_a_port_a_password_and_a_database_make_a_url(void **state)
{
	int port = redis_here_free_port();
	char config[128], url[128], hex[33];
	struct fixture *f;
	struct fr_errmsg why;
	redisReply *r;

	(void)state;
	(void)snprintf(config, sizeof config, "port %d\nbind 127.0.0.1\nrequirepass a/b@c", port);
	f = start(config);
	(void)snprintf(url, sizeof url, "redis://:a%%2fb@c@localhost:%d/3", port);
	f->store = make_store(f, url, NULL, NULL, &why);
	assert_non_null(f->store);
	assert_null(strstr(fr_store_shown(f->store), "b@c"));
	assert_int_equal(fr_store_check(f->store, &why), FR_OK);
	attach(f);
	put(f, NOBODY, FR_STR("answer"));
	assert_int_equal(get(f), FR_STORE_HIT);
	fr_store_free(&f->store);
	fr_key_hex(KEY, hex);
	(void)snprintf(url, sizeof url, "redis://:a%%2fb@c@127.0.0.1:%d", port);
	f->store = make_store(f, url, NULL, NULL, &why);
	attach(f);
	assert_int_equal(get(f), FR_STORE_MISS); /* another database */
	r = redis_here_ask(&f->redis, "PING");
	assert_int_equal(r->type, REDIS_REPLY_ERROR);
	freeReplyObject(r);
	finish(f);
}

static void what_is_no_address_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *url, *says;
	} rows[] = {
		{ "", "is embedded, unix:///path or" },
		{ "http://localhost", "is embedded, unix:///path or" },
		{ "unix://relative", "starts with '/'" },
		{ "redis://", "names no host" },
		{ "redis://:6379", "names no host" },
		{ "redis://host:0", "1 to 65535" },
		{ "redis://host:65536", "1 to 65535" },
		{ "redis://host:6379x", "1 to 65535" },
		{ "redis://host:6379/x", "database's number" },
		{ "redis://host:6379/0/1", "database's number" },
		{ "redis://user:pw@host", "user names" },
		{ "redis://:%zz@host", "percent-encoding" },
		{ "redis://:%00@host", "percent-encoding" },
		{ "redis://[::1", "[::1]:6379" },
		{ "redis://[::1]6379", "[::1]:6379" },
		{ "redis://no-such-host.invalid", "not known" },
		{ "unix:///0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/012345678",
		  "107" },
	};
	struct fixture *f = start("");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_errmsg why = { "" };

		assert_null(make_store(f, rows[i].url, NULL, NULL, &why));
		if (strstr(why.s, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].url, why.s);
	}
	finish(f);
}

/* Answers whatever is sent with one text, as some other server might; lives in a child. */
static pid_t start_stranger(const char *path, const char *answer)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char bytes[4096];
	pid_t pid;

	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 8), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int c = accept(fd, NULL, NULL);

			while (read(c, bytes, sizeof bytes) > 0)
				if (write(c, answer, strlen(answer)) < 0)
					break;
			(void)close(c);
		}
	}
	(void)close(fd);
	return pid;
}

static void what_cannot_serve_is_named_at_the_start(void **state)
{
	static const struct {
		const char *answer, *says;
	} rows[] = {
		{ "$24\r\nredis_version:5.0.14\r\n\r\n\r\n", "5.0.14, older than 6.2" },
		{ "$23\r\nredis_version:6.0.9\r\n\r\n\r\n", "6.0.9, older than 6.2" },
		{ "$5\r\nhello\r\n", "does not say that it is a Redis" },
		{ "+OK\r\n", "refuses INFO" },
		{ "-NOPERM this user has no permissions\r\n", "NOPERM" },
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", "cannot be reached (Protocol error" },
		{ "$100\r\nredis_version:7.0.15\r\nrole:slave\r\nslave_read_only:1\r\nmaster_host:primary.example\r\nmaster_port:6379\r\n\r\n",
		  "read-only replica of primary.example:6379" },
	};
	struct fixture *f = start("");
	char path[96];
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_errmsg why = { "" };
		pid_t stranger;

		(void)snprintf(path, sizeof path, "%s/stranger%zu", f->redis.dir, i);
		stranger = start_stranger(path, rows[i].answer);
		f->store = make_store(f, "embedded", path, NULL, &why);
		assert_int_not_equal(fr_store_check(f->store, &why), FR_OK);
		if (strstr(why.s, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].answer, why.s);
		fr_store_free(&f->store);
		(void)kill(stranger, SIGKILL);
		(void)waitpid(stranger, &status, 0);
	}
	finish(f);
}

static void nobody_there_is_said_with_the_address(void **state)
{
	struct fixture *f = start("");
	struct fr_errmsg why;

	(void)state;
	f->store = make_store(f, "unix:///nonexistent/redis.sock", NULL, NULL, &why);
	assert_int_equal(fr_store_check(f->store, &why), FR_IO);
	assert_non_null(strstr(why.s, "unix:///nonexistent/redis.sock"));
	fr_store_attach(f->store, &f->heard, &f->catalogue, &f->roster);
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	assert_int_equal(count(f->notes, "unix:///nonexistent/redis.sock (commands)"), 1);
	finish(f);
}

static void a_healthy_redis_passes(void **state)
{
	struct fixture *f = start("");
	struct fr_errmsg why = { "" };

	(void)state;
	f->store = make_store(f, "embedded", f->redis.socket, NULL, &why);
	if (fr_store_check(f->store, &why) != FR_OK)
		fail_msg("%s", why.s);
	finish(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_redis_passes),
		cmocka_unit_test(what_is_no_address_is_refused_with_a_reason),
		cmocka_unit_test(what_cannot_serve_is_named_at_the_start),
		cmocka_unit_test(nobody_there_is_said_with_the_address),
		cmocka_unit_test(a_password_lets_in_and_is_never_said),
		cmocka_unit_test(a_redis_that_forgets_with_its_process_is_warned_of),
		cmocka_unit_test(a_name_a_port_a_password_and_a_database_make_a_url),
		cmocka_unit_test(another_type_is_no_answer_and_no_lease),
		cmocka_unit_test(a_text_without_an_end_is_no_lease),
		cmocka_unit_test(foreign_messages_are_no_hints),
		cmocka_unit_test(forgotten_scripts_are_sent_again),
		cmocka_unit_test(a_frozen_redis_is_unknown_in_time_and_comes_back),
		cmocka_unit_test(a_redis_frozen_for_long_is_left_and_found_again),
		cmocka_unit_test(a_killed_redis_is_unknown_at_once_and_found_again),
		cmocka_unit_test(what_is_under_way_at_the_end_is_unknown),
		cmocka_unit_test(no_more_than_the_limit_is_under_way),
		cmocka_unit_test(records_beyond_the_limit_are_dropped),
		cmocka_unit_test(a_full_redis_still_ends_leases),
		cmocka_unit_test(totals_of_forgotten_paths_are_added_to_the_others),
		cmocka_unit_test(totals_are_not_evicted_and_old_ones_are_removed),
		cmocka_unit_test(totals_that_cannot_be_stored_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
