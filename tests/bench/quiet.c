#include "bench/quiet.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "bench/replies.h"
#include "core/lease.h"
#include "core/ledger.h"
#include "core/line.h"
#include "core/reply.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t EPOCH_MS = INT64_C(1795000000000);

static fr_ms port_now(void *quiet)
{
	return FR_MS(1000 + (int64_t)((struct quiet *)quiet)->ms);
}

static fr_wall port_wall(void *quiet)
{
	return (fr_wall){ EPOCH_MS + (int64_t)((struct quiet *)quiet)->ms };
}

static uint64_t port_random(void *quiet)
{
	return fr_random_next(&((struct quiet *)quiet)->random);
}

static void port_wake_at(void *quiet, fr_ms when)
{
	(void)quiet;
	(void)when;
}

static void port_note(void *quiet, enum fr_level level, const char *line)
{
	(void)quiet;
	if (level <= FR_LOG_WARNING)
		fprintf(stderr, "%s\n", line);
}

static void port_get(void *quiet, uint64_t token, struct fr_key key)
{
	(void)key;
	fr_engine_found(((struct quiet *)quiet)->engine, token, FR_STORE_MISS, FR_STR(""));
}

static void port_claim(void *quiet, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)key;
	(void)owner;
	(void)lease;
	fr_engine_claimed(((struct quiet *)quiet)->engine, token, FR_CLAIM_WON, FR_STR(""));
}

static void port_renew(void *quiet, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)quiet;
	(void)key;
	(void)owner;
	(void)lease;
}

static void port_put(void *quiet, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	(void)quiet;
	(void)key;
	(void)owner;
	(void)record;
	(void)keep;
}

static size_t body_of(const struct quiet *q, struct fr_str target)
{
	return q->body_min + (size_t)(fr_hash64(0, target.p, target.n) % (q->body_max - q->body_min + 1));
}

static void bring(struct quiet *q, uint64_t token, size_t body)
{
	const struct fr_fetched got = {
		.answer = { .status = 200, .body = { q->bytes, body } },
		.type = FR_STR("application/json"),
		.retry_after = FR_MS(-1),
	};

	reply_body(q->bytes, body);
	q->bodies += body;
	fr_engine_fetched(q->engine, token, &got);
}

static void port_fetch(void *quiet, uint64_t token, const struct fr_call *call)
{
	struct quiet *q = quiet;

	q->calls++;
	if (!q->holds) {
		bring(q, token, body_of(q, call->target));
		return;
	}
	if (q->n_held == q->held_max) {
		q->held_max = q->held_max * 2 + 1024;
		q->held = fr_realloc(q->held, q->held_max * sizeof *q->held);
	}
	q->held[q->n_held++] = token;
}

void quiet_bring_all(struct quiet *q)
{
	for (size_t i = 0; i < q->n_held; i++)
		bring(q, q->held[i], q->body_min);
	q->n_held = 0;
}

static void port_answer(void *quiet, uint64_t request, struct fr_reply *reply)
{
	struct quiet *q = quiet;

	(void)request;
	q->answers++;
	q->hits += reply->status == 200;
	fr_reply_done(reply);
}

static void port_totals(void *quiet, uint64_t seq, const struct fr_totals *delta)
{
	(void)delta;
	fr_engine_totals_added(((struct quiet *)quiet)->engine, seq, true);
}

static bool port_journal(void *quiet, const struct fr_journal_record *record)
{
	(void)quiet;
	(void)record;
	return true;
}

static void port_trim(void *quiet, uint64_t seq)
{
	(void)quiet;
	(void)seq;
}

static void port_ledger(void *quiet, const struct fr_ledger_batch *batch)
{
	struct quiet *q = quiet;

	if (batch->to >= batch->from)
		q->watermark = batch->to;
	fr_engine_ledger_applied(q->engine, true, q->watermark);
}

/* All that is wanted is granted. */
static void port_lease(void *quiet, const struct fr_lease_ask *ask)
{
	struct fr_lease_told told = { .known = true, .number = ask->number, .run = 1, .instances = 1, .n = ask->n };

	for (size_t i = 0; i < ask->n; i++)
		told.lines[i] = (struct fr_lease_told_line){ .limit = ask->lines[i].limit,
							     .granted = ask->lines[i].want,
							     .outstanding = ask->lines[i].outstanding + ask->lines[i].want };
	fr_engine_leased(((struct quiet *)quiet)->engine, &told);
}

static void port_line_up(void *quiet, const struct fr_line_ask *ask)
{
	(void)quiet;
	(void)ask;
}

static void port_purge_tell(void *quiet, const struct fr_purge *purge)
{
	(void)quiet;
	(void)purge;
}

static void port_purge_read(void *quiet)
{
	fr_engine_purges_read(((struct quiet *)quiet)->engine, true);
}

static void start_engine(struct quiet *q)
{
	const struct fr_ports ports = {
		.ctx = q,
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
		.settings = &q->conf->settings,
		.catalogue = &q->conf->catalogue,
		.roster = &q->conf->roster,
		.budgets = &q->conf->budgets,
		.operator_key = true,
		.alone = true,
	};

	q->engine = fr_engine_new(&ports, &policy);
	fr_engine_restored(q->engine, 0);
}

void quiet_start(struct quiet *q, const char *yaml, size_t body_min, size_t body_max)
{
	struct fr_errmsg why;

	*q = (struct quiet){ .random.state = 1, .body_min = body_min, .body_max = body_max, .bytes = fr_alloc(body_max) };
	if (fr_conf_parse(fr_str_of(yaml), "bench", &q->conf, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		exit(1);
	}
	start_engine(q);
}

void quiet_ask_as(struct quiet *q, const char *target, const struct fr_client *client)
{
	const struct fr_ask ask = {
		.target = fr_str_of(target),
		.key_sha256 = client != NULL ? client->key_sha256 : NULL,
		.priority = FR_PRIORITIES,
		.request_id = FR_STR("0123456789abcdef"),
		.wish = fr_wish_none(),
	};

	fr_engine_ask(q->engine, q->asked++, &ask);
}

void quiet_ask(struct quiet *q, const char *target)
{
	quiet_ask_as(q, target, NULL);
}

void quiet_pass(struct quiet *q, uint64_t ms)
{
	q->ms += ms;
	fr_engine_wake(q->engine);
}
