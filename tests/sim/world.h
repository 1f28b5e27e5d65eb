/* world.h — the engine's whole outside world, faked, in virtual time.
 *
 * A world has one or more instances of the real engine that share one fake store and one fake upstream. Everything that would take time is an event
 * in a heap; world_run() plays events in order and moves the clock. The same seed gives the same life, event for event. After every event the
 * standing invariants are checked (world_check.c): a broken one aborts with the seed.
 *
 * The upstream's bodies say which question they answer ("q"), when they were made ("at") and when their link dies, so that every reply can be judged
 * by itself: right question, right age, no dead link. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "base/random.h"
#include "core/alerts.h"
#include "core/prewarm.h"
#include "frugal/engine.h"
#include "tests/sim/list_fake.h"

enum { WORLD_INSTANCES_MAX = 4, WORLD_REQUESTS_MAX = FR_WAITERS_MAX + 4096 };

/* How the upstream treats a call. */
enum world_answer {
	WORLD_DATA,
	WORLD_NOT_FOUND,
	WORLD_RESOURCE_ERROR,
	WORLD_ACCOUNT_ERROR,
	WORLD_THROTTLE, /* 429, Retry-After: 2 */
	WORLD_503,
	WORLD_HTML,      /* HTTP 200, not JSON; billed */
	WORLD_NO_KEY,    /* HTTP 200 without the mandatory fields; billed */
	WORLD_TRUNCATED, /* billed */
	WORLD_TIMEOUT,   /* no answer; billed or not, nobody knows */
	WORLD_REFUSED,   /* connection refused: not sent */
	WORLD_ANSWERS
};

struct world_reply {
	bool answered, takes_gzip, packed;
	int status;
	size_t instance;
	fr_ms asked_at, answered_at;
	int64_t spent, avoided; /* the X-Credits headers */
	int64_t age_s;          /* its Age */
	int64_t retry_after;    /* seconds, 0 if not said */
	int64_t made_at;        /* the body's "at", 0 if it has none */
	uint64_t serial;        /* the call that made the body, 0 if it has none */
	char cache_status[160];
	char learnt[256]; /* Frugal-Learnt */
	char needs[160];  /* the fields that the client reads; "": everything */
	char target[256];
	bool only_if_cached;
	int64_t max_stale_ms;        /* < 0: not said */
	bool known;                  /* its client */
	size_t tenant, tier, reader; /* 0 if unknown */
};

/* One of `clients:`; its key is its name. */
struct world_client {
	const char *name, *tenant, *tier;
	enum fr_priority priority;
	bool may_refresh;
};

struct world;
struct fr_reply;

/* Somebody else plays the upstream, and judges the replies instead of the world. */
struct world_stage {
	void *ctx;
	/* The body of the answer to a call that arrived at a moment of the wall clock, and whose instance lives to hear it; the world frees it. */
	char *(*answer)(void *ctx, size_t instance, const char *target, int64_t made_at_ms);
	void (*judge)(void *ctx, size_t request, const struct fr_reply *reply);
};

/* `yaml` is the configuration of all instances, "" for the defaults. */
struct world *world_new(uint64_t seed, size_t instances, const char *yaml);
/* One instance that has its Redis for itself. */
struct world *world_new_alone(uint64_t seed, const char *yaml);
/* The same without a key of the operator's: the clients' own keys are handed on. */
struct world *world_new_keyless(uint64_t seed, size_t instances, const char *yaml);
void world_free(struct world *w); /* runs to the end first; everything must have been answered */

struct fr_random *world_random(struct world *w);
size_t world_instances(const struct world *w);
fr_ms world_now(const struct world *w);

/* The upstream's behaviour from now on: latency, and the kind of answer for all calls or, with `path` not NULL, for targets that hold it. */
void world_upstream(struct world *w, int64_t latency_ms, enum world_answer kind);
void world_upstream_at(struct world *w, const char *path, enum world_answer kind);
/* What its lists are like from now on, but for what they are about; rows == 0: they are empty, as at the beginning. */
void world_lists(struct world *w, const struct fake_list *like);
/* From now on, of all calls that are treated as WORLD_DATA, and of all replies. */
void world_stage(struct world *w, const struct world_stage *stage);
/* The wall clock, in milliseconds since 1970. */
int64_t world_wall(const struct world *w);
/* Random behaviour: each call fails with so many in a thousand, in any way. */
void world_upstream_chaos(struct world *w, unsigned per_thousand, int64_t latency_max_ms);
/* The store's: delay of each operation; unknown: every operation ends without an answer; chaos: so many in a thousand do. */
void world_store(struct world *w, int64_t delay_ms);
void world_store_away(struct world *w, bool away);
void world_store_chaos(struct world *w, unsigned per_thousand);
void world_store_forget(struct world *w);  /* loses all answers and leases, not the totals */
void world_store_corrupt(struct world *w); /* one bit of each answer flips */
/* The ports call back from inside of the engine's calls: the store always, the upstream while its latency is 0. */
void world_at_once(struct world *w, bool at_once);
/* The wall clock of all instances is set, forward or back. The world judges no ages from then on: the story must. */
void world_set_clock(struct world *w, int64_t by_ms);
/* A stop as of SIGTERM, and whether it is done. */
void world_stop(struct world *w, size_t instance);
bool world_idle(const struct world *w, size_t instance);
/* What a reload does to an endpoint's times. */
void world_reload(struct world *w, const char *path, fr_ms fresh, fr_ms stale);
void world_reload_blocks(struct world *w, const char *path, bool on); /* and to blocks, of one endpoint or (NULL) of all */
void world_validate(struct world *w, bool on);                        /* and to `validate` */
void world_status(struct world *w, enum fr_status_style style);
/* The configuration's budgets are these, in all instances; and what a call of a path costs. */
void world_reload_budgets(struct world *w, const char *yaml);
void world_price(struct world *w, const char *path, int64_t credits);
/* An operator's limit, ordered at an instance: digits, "none", or NULL for the configuration's. */
void world_store_limit(struct world *w, size_t instance, const char *budget, const char *limit);
/* The store is away for one instance only; the wall clock of one instance is ahead by so much. */
void world_client_away(struct world *w, size_t instance, bool away);
void world_skew(struct world *w, size_t instance, int64_t by_ms);
/* Its journal loses its last records, or is a copy of another one's; whoever is to find out is to be killed after it. */
void world_journal_lose(struct world *w, size_t instance, size_t records);
void world_journal_copy(struct world *w, size_t instance, size_t from);
/* What Redis counts of the budget (its place in the configuration) in its window of now, as spent and as outstanding. */
void world_budget(const struct world *w, size_t budget, int64_t *ret_spent, int64_t *ret_outstanding);
void world_store_wipe(struct world *w);    /* it loses everything; its totals are not judged any more, but budgets are */
void world_store_restart(struct world *w); /* it loses nothing, but is another one */
void world_store_cut_back(struct world *w, int64_t ms); /* its totals and watermarks are what they were so long ago */
void world_disk_full(struct world *w, bool full);       /* nobody can write to a journal */
/* The operator of an instance purges: everything (NULL), an endpoint ("/userid/"), or a question (with its '?'). */
void world_purge(struct world *w, size_t instance, const char *what, bool soft);
void world_deaf(struct world *w, size_t instance,
		bool deaf);                /* it hears nothing from the others' purges; reading them is another thing */
void world_purges_forget(struct world *w); /* the store loses them */
/* kill -9: calls on their way are billed, but nobody hears of them; its waiters are gone. A new instance takes its place. */
void world_kill(struct world *w, size_t instance);

/* A client's GET. Returns the number of the request. `cache_control` may be NULL. */
size_t world_get(struct world *w, size_t instance, const char *target, const char *cache_control);
/* With a header Frugal-Fields. */
size_t world_get_fields(struct world *w, size_t instance, const char *target, const char *fields);
void world_fields(struct world *w, const char *fields); /* the same of all requests from now on; NULL: none */
/* The body of the last reply of all. */
const char *world_last_body(const struct world *w);
/* From now on the name "ann<name>" (two digits) belongs to the user of that number, who gives up the one he had. */
void world_move_name(struct world *w, unsigned name, unsigned owner);
/* With the client's own key. */
size_t world_get_as(struct world *w, size_t instance, const char *target, const char *client_key);
/* With everything that a client may say; priority FR_PRIORITIES: nothing. */
size_t world_ask(struct world *w, size_t instance, const char *target, const char *cache_control, const char *client_key,
		 enum fr_priority priority);
/* What is asked from now on belongs to a batch. */
void world_batch(struct world *w, bool of_batch);
/* Who asks from now on takes bodies in gzip; the world judges and shows what is in them. */
void world_gzip(struct world *w, bool taken);
bool world_was_packed(const struct world *w, size_t request); /* its body came in gzip */
/* A client prewarms on behalf of `source`; false: it was held back, or the client is not known. */
bool world_prewarm(struct world *w, size_t instance, const char *client_key, const char *source, const char *const *targets,
		   size_t n);
uint64_t world_lines(const struct world *w, size_t instance); /* of the log of questions */
struct fr_prewarm_figures world_prewarmed(const struct world *w, size_t instance, const char *source);
/* From now on all instances know these clients and nobody else; tenants and tiers are called "default" or get numbers in order of appearance. */
void world_clients(struct world *w, const struct world_client *clients, size_t n);
void world_tier(struct world *w, const char *tier, const char *path, fr_ms fresh); /* its time for this path */
void world_weigh(struct world *w, const char *tenant, int64_t weight);             /* 1 at first */
const struct fr_tally_tenant *world_tenant(const struct world *w, size_t instance, const char *tenant);
int64_t world_tenant_spent(const struct world *w, size_t instance, const char *tenant, bool background);
/* Whoever wants to see all bodies. */
void world_see(struct world *w, void (*see)(void *ctx, size_t request, const char *body), void *ctx);
const struct world_reply *world_reply(const struct world *w, size_t request);
size_t world_requests(const struct world *w);

void world_pass(struct world *w, int64_t ms); /* plays all events of the next `ms` milliseconds */
void world_run(struct world *w);              /* until every request is answered and no call is on its way */

uint64_t world_calls(const struct world *w);             /* upstream calls that arrived */
fr_ms world_call_at(const struct world *w, size_t call); /* when; numbered from 0 */
uint64_t world_billed(const struct world *w);
uint64_t world_outcomes(const struct world *w, enum fr_outcome o); /* over all instances alive */
const char *world_last_key(const struct world *w);                 /* of the last call: "" where it was the operator's */
struct fr_gauges world_gauges(const struct world *w, size_t instance);
int64_t world_spent(const struct world *w);
int64_t world_stored_total(const struct world *w, enum fr_total t); /* in the store, over all days and endpoints */
int64_t world_stored_on(const struct world *w, int64_t days_after_the_first, enum fr_total t);
const struct fr_tally *world_tally(const struct world *w, size_t instance);

/* Alerts that were posted to a channel, in the order of being sent. */
enum { WORLD_POSTS_MAX = 8192 };
struct world_post {
	char id[FR_ALERT_ID_MAX], channel[FR_CHANNEL_NAME_MAX], body[2048];
	size_t instance;
	fr_ms at;
	bool accepted;
};
size_t world_posts(const struct world *w);
const struct world_post *world_post(const struct world *w, size_t n);
size_t world_accepted(const struct world *w, const char *id); /* whose ids begin so */
bool world_accepted_once(const struct world *w);              /* no id was accepted twice */
void world_told_all(struct world *w);        /* breaks if an alert waits, or was accepted twice without a reason */
size_t world_letters(const struct world *w); /* alerts in the store's outbox */
void world_channel_down(struct world *w, const char *channel); /* it accepts nothing; "*": none does; "": all do */
void world_post_takes(struct world *w, int64_t ms);
struct fr_budget_figures world_figures(const struct world *w, size_t instance, size_t budget);
bool world_alert_test(struct world *w, size_t instance, const char *channel);

#endif
