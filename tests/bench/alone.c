#include "bench/alone.h"

#include "base/blob.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/lease.h"
#include "core/ledger.h"
#include "core/line.h"
#include "core/reply.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t EPOCH_MS = INT64_C(1795000000000);

static fr_ms port_now(void *alone)
{
	return FR_MS(1000 + (int64_t)((struct alone *)alone)->ms);
}

static fr_wall port_wall(void *alone)
{
	return (fr_wall){ EPOCH_MS + (int64_t)((struct alone *)alone)->ms };
}

static uint64_t port_random(void *alone)
{
	return fr_random_next(&((struct alone *)alone)->random);
}

static void port_wake_at(void *alone, fr_ms when)
{
	(void)alone;
	(void)when;
}

static void port_note(void *alone, enum fr_level level, const char *line)
{
	(void)alone;
	if (level <= FR_LOG_WARNING)
		fprintf(stderr, "%s\n", line);
}

static void port_get(void *alone, uint64_t token, struct fr_key key)
{
	(void)key;
	fr_engine_found(((struct alone *)alone)->engine, token, FR_STORE_MISS, FR_STR(""));
}

static void port_claim(void *alone, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)key;
	(void)owner;
	(void)lease;
	fr_engine_claimed(((struct alone *)alone)->engine, token, FR_CLAIM_WON, FR_STR(""));
}

static void port_renew(void *alone, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	(void)alone;
	(void)key;
	(void)owner;
	(void)lease;
}

static void port_put(void *alone, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	(void)alone;
	(void)key;
	(void)owner;
	(void)record;
	(void)keep;
}

static void port_fetch(void *alone, uint64_t token, const struct fr_call *call)
{
	struct alone *a = alone;

	a->calls++;
	a->token = token;
	if (a->on_call != NULL)
		a->on_call(a, token, call);
	else if (a->body.p != NULL)
		alone_fetched(a, a->body);
}

static void port_piece_put(void *alone, struct fr_key key, const struct fr_blob *record, fr_ms keep)
{
	(void)alone;
	(void)key;
	(void)record;
	(void)keep;
}

static void port_answer(void *alone, uint64_t request, struct fr_reply *reply)
{
	struct alone *a = alone;

	(void)request;
	a->answers++;
	a->hits += reply->status == 200;
	fr_reply_done(reply);
}

static void port_totals(void *alone, uint64_t seq, const struct fr_totals *delta)
{
	(void)delta;
	fr_engine_totals_added(((struct alone *)alone)->engine, seq, true);
}

static bool port_journal(void *alone, const struct fr_journal_record *record)
{
	(void)alone;
	(void)record;
	return true;
}

static void port_trim(void *alone, uint64_t seq)
{
	(void)alone;
	(void)seq;
}

static void port_ledger(void *alone, const struct fr_ledger_batch *batch)
{
	struct alone *a = alone;

	if (batch->to >= batch->from)
		a->watermark = batch->to;
	fr_engine_ledger_applied(a->engine, true, a->watermark);
}

/* All that is wanted is granted. */
static void port_lease(void *alone, const struct fr_lease_ask *ask)
{
	struct fr_lease_told told = { .known = true, .number = ask->number, .run = 1, .instances = 1, .n = ask->n };

	for (size_t i = 0; i < ask->n; i++)
		told.lines[i] = (struct fr_lease_told_line){ .limit = ask->lines[i].limit,
							     .granted = ask->lines[i].want,
							     .outstanding = ask->lines[i].outstanding + ask->lines[i].want };
	fr_engine_leased(((struct alone *)alone)->engine, &told);
}

static void port_line_up(void *alone, const struct fr_line_ask *ask)
{
	(void)alone;
	(void)ask;
}

static void port_purge_tell(void *alone, const struct fr_purge *purge)
{
	(void)alone;
	(void)purge;
}

static void port_purge_read(void *alone)
{
	fr_engine_purges_read(((struct alone *)alone)->engine, true);
}

static void start_engine(struct alone *a)
{
	const struct fr_ports ports = {
		.ctx = a,
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
		.piece_get = port_get,
		.piece_put = port_piece_put,
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
		.settings = &a->conf->settings,
		.catalogue = &a->conf->catalogue,
		.roster = &a->conf->roster,
		.budgets = &a->conf->budgets,
		.operator_key = true,
		.alone = true,
	};

	a->engine = fr_engine_new(&ports, &policy);
	fr_engine_restored(a->engine, 0);
}

void alone_start(struct alone *a, const char *yaml)
{
	struct fr_errmsg why;

	if (fr_conf_parse(fr_str_of(yaml), "bench", &a->conf, &why) != FR_OK) {
		fprintf(stderr, "%s\n", why.s);
		exit(1);
	}
	a->random.state = 1;
	start_engine(a);
}

/* In the ways of a browser's or of the official client's. */
void alone_ask(struct alone *a, uint64_t number, const char *target)
{
	const struct fr_ask ask = {
		.target = fr_str_of(target),
		.priority = FR_PRIORITIES,
		.request_id = FR_STR("0123456789abcdef"),
		.wish = fr_wish_none(),
	};

	fr_engine_ask(a->engine, number, &ask);
}

void alone_fetched(struct alone *a, struct fr_str body)
{
	const struct fr_fetched got = {
		.answer = { .status = 200, .sent = true, .body = body },
		.type = FR_STR("application/json"),
		.retry_after = FR_MS(-1),
	};

	fr_engine_fetched(a->engine, a->token, &got);
}
