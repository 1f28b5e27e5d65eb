/* hit_profile.c — what a hit costs in the engine, for valgrind's callgrind: hit_profile.sh runs it and counts instructions inside of measured_hits().
 *
 *   hit_profile HITS TARGETS BODY [YAML]
 *
 * stores the answers to so many targets and asks for them in turn. The ports do nothing, time goes on by a millisecond every 64 hits. */
#include "base/alloc.h"
#include "base/assert.h"
#include "base/random.h"
#include "base/str.h"
#include "bench/replies.h"
#include "conf/load.h"
#include "core/lease.h"
#include "core/line.h"
#include "core/reply.h"
#include "frugal/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HITS_A_MS = 64, TARGET_MAX = 128 };

static const int64_t EPOCH_MS = INT64_C(1795000000000);

struct bench {
	struct fr_conf *conf;
	struct fr_engine *engine;
	struct fr_random random;
	size_t n_targets, body;
	uint64_t ms, answers, hits, calls;
	char *bytes, (*targets)[TARGET_MAX];
};

void measured_hits(struct bench *b, uint64_t hits);

static fr_ms port_now(void *bench)
{
	return FR_MS(1000 + (int64_t)((struct bench *)bench)->ms);
}

static fr_wall port_wall(void *bench)
{
	return (fr_wall){ EPOCH_MS + (int64_t)((struct bench *)bench)->ms };
}

static uint64_t port_random(void *bench)
{
	return fr_random_next(&((struct bench *)bench)->random);
}

static void port_wake_at(void *bench, fr_ms when)
{
	(void)bench;
	(void)when;
}

static void port_note(void *bench, enum fr_level level, const char *line)
{
	(void)bench;
	if (level <= FR_LOG_WARNING)
		fprintf(stderr, "%s\n", line);
}

static void port_get(void *bench, uint64_t token, struct fr_key key)
{
	(void)key;
	fr_engine_found(((struct bench *)bench)->engine, token, FR_STORE_MISS, FR_STR(""));
}

static void port_claim(void *bench, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)key;
	(void)owner;
	(void)lease;
	fr_engine_claimed(((struct bench *)bench)->engine, token, FR_CLAIM_WON, FR_STR(""));
}

static void port_renew(void *bench, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)bench;
	(void)key;
	(void)owner;
	(void)lease;
}

static void port_put(void *bench, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	(void)bench;
	(void)key;
	(void)owner;
	(void)record;
	(void)keep;
}

static void port_fetch(void *bench, uint64_t token, const struct fr_call *call)
{
	struct bench *b = bench;
	const struct fr_fetched got = {
		.answer = { .status = 200, .body = { b->bytes, b->body } },
		.type = FR_STR("application/json"),
		.retry_after = FR_MS(-1),
	};

	(void)call;
	b->calls++;
	fr_engine_fetched(b->engine, token, &got);
}

static void port_answer(void *bench, uint64_t request, struct fr_reply *reply)
{
	struct bench *b = bench;

	(void)request;
	b->answers++;
	b->hits += reply->status == 200;
	fr_reply_done(reply);
}

static void port_totals(void *bench, uint64_t seq, const struct fr_totals *delta)
{
	(void)delta;
	fr_engine_totals_added(((struct bench *)bench)->engine, seq, true);
}

static bool port_journal(void *bench, const struct fr_journal_record *record)
{
	(void)bench;
	(void)record;
	return true;
}

static void port_trim(void *bench, uint64_t seq)
{
	(void)bench;
	(void)seq;
}

static void port_ledger(void *bench, const struct fr_ledger_batch *batch)
{
	(void)bench;
	(void)batch;
}

/* All that is wanted is granted. */
static void port_lease(void *bench, const struct fr_lease_ask *ask)
{
	struct fr_lease_told told = { .known = true, .number = ask->number, .run = 1, .instances = 1, .n = ask->n };

	for (size_t i = 0; i < ask->n; i++)
		told.lines[i] = (struct fr_lease_told_line){ .limit = ask->lines[i].limit,
							     .granted = ask->lines[i].want,
							     .outstanding = ask->lines[i].outstanding + ask->lines[i].want };
	fr_engine_leased(((struct bench *)bench)->engine, &told);
}

static void port_line_up(void *bench, const struct fr_line_ask *ask)
{
	(void)bench;
	(void)ask;
}

static void port_purge_tell(void *bench, const struct fr_purge *purge)
{
	(void)bench;
	(void)purge;
}

static void port_purge_read(void *bench)
{
	fr_engine_purges_read(((struct bench *)bench)->engine, true);
}

static void start_engine(struct bench *b)
{
	const struct fr_ports ports = {
		.ctx = b,
		.now = port_now,
		.wall = port_wall,
		.random = port_random,
		.wake_at = port_wake_at,
		.note = port_note,
		.store_get = port_get,
		.store_claim = port_claim,
		.store_renew = port_renew,
		.store_put = port_put,
		.store_fail = port_put,
		.fetch = port_fetch,
		.answer = port_answer,
		.totals_add = port_totals,
		.journal_write = port_journal,
		.journal_trim = port_trim,
		.ledger_apply = port_ledger,
		.lease = port_lease,
		.line_up = port_line_up,
		.purge_tell = port_purge_tell,
		.purge_read = port_purge_read,
	};
	const struct fr_policy policy = {
		.settings = &b->conf->settings,
		.catalogue = &b->conf->catalogue,
		.roster = &b->conf->roster,
		.budgets = &b->conf->budgets,
		.operator_key = true,
		.alone = true,
	};

	b->engine = fr_engine_new(&ports, &policy);
	fr_engine_restored(b->engine, 0);
}

/* One request in the ways of a browser's or of the official client's. */
static void ask(struct bench *b, uint64_t i)
{
	const char *target = b->targets[i % b->n_targets];
	const struct fr_ask ask = {
		.target = fr_str_of(target),
		.priority = FR_PRIORITIES,
		.request_id = FR_STR("0123456789abcdef"),
		.wish = fr_wish_none(),
	};

	fr_engine_ask(b->engine, i, &ask);
}

__attribute__((noinline)) void measured_hits(struct bench *b, uint64_t hits)
{
	for (uint64_t i = 0; i < hits; i++) {
		b->ms += i % HITS_A_MS == 0;
		ask(b, i);
	}
}

/* Every target once; the answers are there when it returns, or the program fails. */
static void fill(struct bench *b)
{
	for (size_t i = 0; i < b->n_targets; i++) {
		(void)snprintf(b->targets[i], TARGET_MAX, "/b%zu/?id=%zu&count=20", b->body, i + 1);
		ask(b, i);
		if (b->answers <= i) { /* it waits for a credit, or for its turn */
			b->ms += 1000;
			fr_engine_wake(b->engine);
		}
	}
	if (b->hits != b->n_targets || b->calls != b->n_targets) {
		fprintf(stderr, "hit_profile: %zu targets, %llu calls, %llu answers\n", b->n_targets,
			(unsigned long long)b->calls, (unsigned long long)b->hits);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct bench b = { .random.state = 1 };
	struct fr_errmsg why;
	uint64_t hits;

	if (argc < 4 || argc > 5) {
		fputs("usage: hit_profile HITS TARGETS BODY [YAML]\n", stderr);
		return 2;
	}
	hits = strtoull(argv[1], NULL, 10);
	b.n_targets = strtoul(argv[2], NULL, 10);
	b.body = strtoul(argv[3], NULL, 10);
	if (fr_conf_parse(fr_str_of(argc == 5 ? argv[4] : ""), "bench", &b.conf, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		return 1;
	}
	b.bytes = fr_alloc(b.body);
	b.targets = fr_calloc(b.n_targets, sizeof *b.targets);
	reply_body(b.bytes, b.body);
	start_engine(&b);
	fill(&b);
	measured_hits(&b, hits);
	if (b.calls != b.n_targets || b.hits != b.n_targets + hits) {
		fputs("hit_profile: not all were hits\n", stderr);
		return 1;
	}
	return 0;
}
