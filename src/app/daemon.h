/* daemon.h — the wiring: configuration, adapters, engine and loop made into one process, and its life from start to stop.
 *
 * Built in steps, each of which can fail with one line that says what and how to mend it; undone in reverse. Everything runs on the loop's
 * thread. */
#ifndef FRUGAL_APP_DAEMON_H
#define FRUGAL_APP_DAEMON_H

#include <uv.h>

#include "adapt/admin.h"
#include "adapt/front.h"
#include "adapt/journal_file.h"
#include "adapt/question_log.h"
#include "adapt/redis_child.h"
#include "adapt/store.h"
#include "adapt/upstream.h"
#include "adapt/webhook.h"
#include "app/log.h"
#include "conf/load.h"

/* As many bytes as getrandom() hands out in one piece. */
enum { FR_RANDOM_AHEAD = 256 / sizeof(uint64_t) };

struct fr_daemon {
	uv_loop_t loop;
	struct fr_log log;
	const char *file;     /* of the configuration, or NULL */
	struct fr_conf *conf; /* its settings and rows keep their addresses when they change */
	fr_wall started;
	bool operator_key, stopping, failed;
	uint64_t random[FR_RANDOM_AHEAD]; /* drawn ahead, because every request takes one; the first n_random are left */
	size_t n_random;
	fr_ms stop_by;
	struct fr_redis_child *redis;
	struct fr_journal_file *journal;
	struct fr_question_log *questions;
	struct fr_store *store;
	struct fr_upstream *upstream;
	struct fr_webhook *webhook;
	struct fr_engine *engine;
	struct fr_front *front;
	struct fr_admin *admin;
	struct fr_budget_figures budgets[FR_BUDGETS_MAX]; /* for the admin pages: as they asked last */
	struct fr_prewarm_figures prewarms[FR_PREWARM_SOURCES_MAX];
	uv_timer_t wake, drain, watchdog;
	uv_signal_t hup, term, interrupt, usr1;
};

/* Runs until it is told to stop; takes the configuration over. Returns the exit code. */
int fr_daemon_run(struct fr_conf *conf, const char *file);

/* The engine's and the admin pages' view of the daemon (wiring.c). */
struct fr_engine *fr_wiring_engine(struct fr_daemon *d);
struct fr_admin_ports fr_wiring_admin(struct fr_daemon *d);
void fr_wiring_note(void *daemon, enum fr_level level, const char *line);
uint64_t fr_wiring_random(void *daemon);
fr_ms fr_wiring_now(void *daemon);

/* SIGHUP (reload.c): the new configuration as a whole, or the old one. */
void fr_reload(struct fr_daemon *d);

#endif
