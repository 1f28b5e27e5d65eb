#include "app/alerts.h"
#include "app/daemon.h"
#include "app/process.h"
#include "app/version.h"
#include "base/assert.h"
#include "core/explain.h"
#include "core/explain_stored.h"
#include "core/reply.h"
#include "frugal/engine_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

fr_ms fr_wiring_now(void *daemon)
{
	(void)daemon;
	return (fr_ms){ (int64_t)(uv_hrtime() / 1000000) };
}

static fr_wall port_wall(void *daemon)
{
	struct timespec ts;

	(void)daemon;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (fr_wall){ (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 };
}

uint64_t fr_wiring_random(void *daemon)
{
	struct fr_daemon *d = daemon;

	if (d->n_random == 0) {
		FR_ASSERT(getrandom(d->random, sizeof d->random, 0) == (ssize_t)sizeof d->random);
		d->n_random = FR_RANDOM_AHEAD;
	}
	return d->random[--d->n_random];
}

void fr_wiring_note(void *daemon, enum fr_level level, const char *line)
{
	fr_log_line(&((struct fr_daemon *)daemon)->log, level, line);
}

static void on_wake(uv_timer_t *t)
{
	fr_engine_wake(((struct fr_daemon *)t->data)->engine);
}

/* libuv counts from the moment its loop turned last; so does nobody else. */
static void port_wake_at(void *daemon, fr_ms when)
{
	struct fr_daemon *d = daemon;
	fr_ms now = fr_wiring_now(d);

	if (when.v == INT64_MAX) {
		uv_timer_stop(&d->wake);
		return;
	}
	uv_update_time(&d->loop);
	uv_timer_start(&d->wake, on_wake, when.v > now.v ? (uint64_t)(when.v - now.v) : 0, 0);
}

static void port_get(void *daemon, uint64_t token, struct fr_key key)
{
	fr_store_get(((struct fr_daemon *)daemon)->store, token, key);
}

static void port_claim(void *daemon, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	fr_store_claim(((struct fr_daemon *)daemon)->store, token, key, owner, lease);
}

static void port_renew(void *daemon, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	fr_store_renew(((struct fr_daemon *)daemon)->store, key, owner, lease);
}

static void port_put(void *daemon, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	fr_store_put(((struct fr_daemon *)daemon)->store, key, owner, record, keep);
}

static void port_piece_get(void *daemon, uint64_t token, struct fr_key key)
{
	fr_store_piece_get(((struct fr_daemon *)daemon)->store, token, key);
}

static void port_piece_put(void *daemon, struct fr_key key, const struct fr_blob *record, fr_ms keep)
{
	fr_store_piece_put(((struct fr_daemon *)daemon)->store, key, record, keep);
}

static void port_fail(void *daemon, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold)
{
	fr_store_fail(((struct fr_daemon *)daemon)->store, key, owner, record, hold);
}

static void port_fetch(void *daemon, uint64_t token, const struct fr_call *call)
{
	fr_upstream_fetch(((struct fr_daemon *)daemon)->upstream, token, call);
}

static void port_log_question(void *daemon, const struct fr_log_line *line)
{
	fr_question_log_add(((struct fr_daemon *)daemon)->questions, line);
}

static void port_answer(void *daemon, uint64_t request, struct fr_reply *reply)
{
	fr_front_answer(((struct fr_daemon *)daemon)->front, request, reply);
}

static void port_totals_add(void *daemon, uint64_t seq, const struct fr_totals *delta)
{
	fr_store_totals_add(((struct fr_daemon *)daemon)->store, seq, delta);
}

static bool port_journal_write(void *daemon, const struct fr_journal_record *record)
{
	return fr_journal_file_write(((struct fr_daemon *)daemon)->journal, record);
}

static void port_journal_trim(void *daemon, uint64_t seq)
{
	fr_journal_file_trim(((struct fr_daemon *)daemon)->journal, seq);
}

static void port_ledger_apply(void *daemon, const struct fr_ledger_batch *batch)
{
	struct fr_daemon *d = daemon;

	fr_store_ledger_apply(d->store, fr_journal_file_instance(d->journal), batch);
}

static void port_lease(void *daemon, const struct fr_lease_ask *ask)
{
	struct fr_daemon *d = daemon;

	fr_store_lease(d->store, fr_journal_file_instance(d->journal), ask);
}

static void port_line_up(void *daemon, const struct fr_line_ask *ask)
{
	struct fr_daemon *d = daemon;

	fr_store_line_up(d->store, fr_journal_file_instance(d->journal), ask);
}

static void port_purge_tell(void *daemon, const struct fr_purge *purge)
{
	fr_store_purge_tell(((struct fr_daemon *)daemon)->store, purge);
}

static void port_purge_read(void *daemon)
{
	fr_store_purge_read(((struct fr_daemon *)daemon)->store);
}

struct fr_engine *fr_wiring_engine(struct fr_daemon *d)
{
	struct fr_ports ports = {
		.ctx = d,
		.now = fr_wiring_now,
		.wall = port_wall,
		.random = fr_wiring_random,
		.wake_at = port_wake_at,
		.note = fr_wiring_note,
		.store_get = port_get,
		.store_claim = port_claim,
		.store_renew = port_renew,
		.store_put = port_put,
		.piece_get = port_piece_get,
		.piece_put = port_piece_put,
		.store_fail = port_fail,
		.fetch = port_fetch,
		.answer = port_answer,
		.log_question = port_log_question,
		.totals_add = port_totals_add,
		.journal_write = port_journal_write,
		.journal_trim = port_journal_trim,
		.ledger_apply = port_ledger_apply,
		.lease = port_lease,
		.line_up = port_line_up,
		.purge_tell = port_purge_tell,
		.purge_read = port_purge_read,
	};
	const struct fr_policy policy = {
		.settings = &d->conf->settings,
		.catalogue = &d->conf->catalogue,
		.roster = &d->conf->roster,
		.budgets = &d->conf->budgets,
		.alerts = &d->conf->alerts,
		.operator_key = d->operator_key,
		.alone = d->redis != NULL,
	};

	fr_alerts_ports(&ports);
	return fr_engine_new(&ports, &policy);
}

static void admin_facts(void *daemon, struct fr_metrics_facts *ret)
{
	struct fr_daemon *d = daemon;

	ret->catalogue = &d->conf->catalogue;
	ret->tally = fr_engine_tally(d->engine);
	ret->gauges = fr_engine_gauges(d->engine);
	ret->gauges.store_up = fr_store_up(d->store);
	ret->gauges.log_lost = (int64_t)fr_question_log_lost(d->questions);
	ret->roster = &d->conf->roster;
	ret->n_budgets = fr_engine_budget_figures(d->engine, d->budgets, FR_BUDGETS_MAX);
	ret->budgets = d->budgets;
	ret->n_prewarms = fr_engine_prewarm_figures(d->engine, d->prewarms);
	ret->prewarms = d->prewarms;
	ret->line = fr_engine_line_figures(d->engine);
	ret->ledger_whole = fr_engine_ledger_whole(d->engine);
	ret->started = d->started;
	ret->now = port_wall(d);
	ret->version = fr_version();
	ret->commit = fr_commit();
}

static void admin_ledger(void *daemon, struct fr_ledger_figures *ret)
{
	fr_engine_ledger_figures(((struct fr_daemon *)daemon)->engine, ret);
}

static bool admin_ready(void *daemon, char *ret_why, size_t size)
{
	const struct fr_daemon *d = daemon;

	if (d->stopping)
		snprintf(ret_why, size, "stopping");
	return !d->stopping;
}

static void admin_totals(void *daemon, int64_t from, int64_t to, fr_admin_totals_done *done, void *done_ctx)
{
	fr_store_totals_read(((struct fr_daemon *)daemon)->store, from, to, done, done_ctx);
}

static void admin_pending(void *daemon, struct fr_totals *days, size_t n)
{
	fr_engine_totals_pending(((struct fr_daemon *)daemon)->engine, days, n);
}

static void admin_read_budget(void *daemon, const char *budget, fr_wall start, fr_admin_budget_done *done, void *done_ctx)
{
	fr_store_budget_read(((struct fr_daemon *)daemon)->store, budget, start, port_wall(daemon), done, done_ctx);
}

static void admin_limit_budget(void *daemon, const char *budget, const char *limit, fr_admin_done *done, void *done_ctx)
{
	struct fr_daemon *d = daemon;

	fr_store_budget_limit(d->store, budget, limit, done, done_ctx);
	fr_engine_budgets_look(d->engine); /* asks on the same connection, so behind the change */
}

static void admin_purge(void *daemon, const struct fr_purge *purge)
{
	fr_engine_purge(((struct fr_daemon *)daemon)->engine, purge);
}

static size_t admin_keys_of(void *daemon, struct fr_str target, struct fr_key *ret, struct fr_refusal *why)
{
	return fr_engine_keys_of(((struct fr_daemon *)daemon)->engine, target, ret, why);
}

static enum fr_err admin_explain(void *daemon, struct fr_str target, struct fr_buf *b)
{
	struct fr_daemon *d = daemon;
	enum fr_err e = fr_explain(b, &d->conf->catalogue, target, d->conf->settings.validate);
	struct fr_stored stored;

	if (e == FR_OK && fr_engine_stored(d->engine, target, &stored))
		e = fr_explain_stored(b, &stored);
	return e;
}

struct fr_admin_ports fr_wiring_admin(struct fr_daemon *d)
{
	return (struct fr_admin_ports){
		.ctx = d,
		.facts = admin_facts,
		.ledger = admin_ledger,
		.ready = admin_ready,
		.read_totals = admin_totals,
		.pending = admin_pending,
		.read_budget = admin_read_budget,
		.limit_budget = admin_limit_budget,
		.purge = admin_purge,
		.alert_test = fr_alerts_test,
		.keys_of = admin_keys_of,
		.explain = admin_explain,
		.note = fr_wiring_note,
	};
}
