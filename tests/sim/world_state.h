/* world_state.h — what a world is made of; for the files of the simulator only. */
#ifndef TESTS_SIM_WORLD_STATE_H
#define TESTS_SIM_WORLD_STATE_H

#include "base/heap.h"
#include "base/list.h"
#include "conf/load.h"
#include "core/logline.h"
#include "tests/sim/journal_fake.h"
#include "tests/sim/list_fake.h"
#include "tests/sim/purge_fake.h"
#include "tests/sim/store_fake.h"
#include "tests/sim/upstream_fake.h"
#include "tests/sim/world.h"

/* What the log of questions said last; `n` lines so far. */
struct logged {
	uint64_t n, answers;
	char target[256], outcome[32];
	int64_t came, status, spent, avoided, wait;
};

struct instance {
	struct world *world;
	size_t index;
	struct fr_engine *engine;
	struct fake_client *client;
	struct event *wake;
	size_t on_the_way;                /* calls */
	int64_t told_spent, told_avoided; /* the X-Credits headers of its replies, added up */
	int64_t told_spent_of[FR_TENANTS_MAX], told_avoided_of[FR_TENANTS_MAX];
	struct logged last_logged;
	bool dead; /* killed: it winds down unheard, and is freed with the world */
	struct instance *next_grave;
	/* purges */
	struct fake_purge_client *purge_client;
	bool connecting, deaf;
	int64_t purged_all, purged[FR_ENDPOINTS_MAX]; /* hard ones that it has been told of */
};

enum event_kind { EVENT_WAKE, EVENT_FETCHED, EVENT_STORE, EVENT_PURGE, EVENT_POSTED, EVENT_DELIVERED };

struct event {
	struct fr_heap_item item;
	enum event_kind kind;
	struct instance *instance;
	uint64_t token;
	/* EVENT_FETCHED; EVENT_POSTED and EVENT_DELIVERED: the post's number is the serial */
	enum world_answer answer;
	char target[512];
	uint64_t serial;
	int64_t made_at;
	bool billed;
	/* EVENT_STORE */
	struct fake_result result;
	struct fake_purge_result purge; /* EVENT_PURGE */
};

struct rule {
	char path[128];
	enum world_answer kind;
};

/* What was billed in one window of a budget, and what the journals say of calls in it: on their way, or spent. */
struct judged {
	char budget[FR_BUDGET_NAME_MAX];
	fr_wall start;
	int64_t billed, reserved;
};

/* A call on its way, and what it is counted in. */
struct reserved {
	size_t journal, n_of, of[FR_BUDGETS_MAX];
	uint64_t seq;
	int64_t credits;
};

/* A call, as it arrives. */
struct called {
	fr_ms at;
	const struct instance *by;
};

struct world {
	struct world_post *posts; /* world_alerts.c */
	size_t n_posts;
	int64_t post_ms;
	bool may_tell_twice;                    /* somebody died with an alert in his hands, or Redis has forgotten one */
	char channel_down[FR_CHANNEL_NAME_MAX]; /* "*": all of them */
	uint64_t seed;
	struct fr_random random;
	fr_ms now;
	struct fr_heap events;
	struct fr_conf *conf;
	bool operator_key, alone;
	char last_key[FR_SECRET_MAX];
	int64_t clock_set_ms, skew_ms[WORLD_INSTANCES_MAX];
	bool clock_was_set, at_once, of_batch, gzip;
	size_t n_instances;
	struct instance *instances[WORLD_INSTANCES_MAX], *graves;
	int64_t dead_spent, dead_uncertain; /* booked by instances before they were killed */
	struct fr_fake_store *store;
	struct fake_purges *purges;
	struct fake_journal journals[WORLD_INSTANCES_MAX]; /* of the places, not of who takes them */
	bool disk_full;
	bool disk_never_full;
	uint64_t timeouts; /* credits of calls that a living instance heard of, but not what they cost */
	uint64_t orphaned; /* ... without an outcome in the journal when their instance was killed */

	int64_t latency_ms, latency_max_ms;
	enum world_answer kind;
	unsigned upstream_chaos;
	struct rule rules[8];
	size_t n_rules;
	struct fake_list lists; /* rows == 0: they are empty */
	uint64_t calls, billed; /* as they arrive; the latter in credits */
	struct called *called;  /* all of them */
	size_t n_called, called_max;
	bool line_never_failed; /* each place in the line came from the store, which has forgotten none */
	size_t on_the_way;      /* calls without an end yet */
	uint64_t heard;         /* billed, and the answer reached a living instance */
	uint64_t unheard;       /* billed, but the instance was killed meanwhile */
	int64_t store_delay_ms;
	unsigned store_chaos;
	bool store_never_failed;

	struct judged *judged;
	size_t n_judged, judged_max;
	struct reserved *reserved;
	size_t n_reserved, reserved_max;
	int64_t limit_before[FR_BUDGETS_MAX];
	bool budgets_were_set, price_was_set;
	bool journal_lost; /* what its records say is not judged any more */

	struct fake_moves moves; /* of names */
	const char *fields;      /* of the next request's head, or NULL */
	char *last_body;

	uint64_t checks;
	const struct world_reply *last; /* for the message when something is broken */
	size_t n_requests, n_open;
	struct world_reply *replies;
	void (*see)(void *ctx, size_t request, const char *body); /* or NULL */
	void *see_ctx;
	struct world_stage stage; /* nobody's at first */
};

/* world.c */
#define WORLD_EPOCH_MS INT64_C(1764000000000) /* the virtual wall clock at virtual zero */
struct event *world_event(struct instance *i, enum event_kind kind, int64_t after_ms);
int64_t instance_wall(const struct instance *i);

/* world_clients.c */
void client_digest(const char *key, unsigned char ret[FR_SHA256_BYTES]);
int64_t tenant_spent(const struct fr_tally *t, size_t tenant, bool background);

/* world_upstream.c */
void upstream_fetch(void *ctx, uint64_t token, const struct fr_call *call);
void upstream_deliver(struct event *ev);

/* world_budget.c */
void check_budgets(struct world *w, const char *target, fr_wall at); /* a call is billed */
void budgets_remember_limits(struct world *w);                       /* one is about to change in Redis */
void check_record(struct world *w, size_t journal, const struct fr_journal_record *r);
int64_t reserved_credits(const struct world *w, size_t journal); /* of calls that have no outcome in it */
void check_spent(const struct world *w);                         /* when all is quiet */

/* world_line.c */
void line_called(struct instance *i);

/* world_purge.c */
void purge_join(struct instance *i);
void purge_connect(struct instance *i); /* what a port does when it has connected */
void purge_tell(void *ctx, const struct fr_purge *purge);
void purge_read(void *ctx);
void purge_deliver(struct event *ev);
void check_purged(struct world *w, const struct world_reply *r, const struct fr_endpoint *e);

/* world_jobs.c */
void log_question(void *ctx, const struct fr_log_line *line);
void check_logged(struct instance *i, const struct world_reply *r); /* right before the reply counts as answered */
void check_prewarms(const struct world *w, const struct instance *i);
/* world_harvest.c */
void note_needs(const struct world *w, struct world_reply *r, size_t reader);
/* Of an answer with HTTP 200: false if the body is the upstream's own answer to the question; else it is judged, and `made_at` is set. */
bool check_learnt(struct world *w, struct world_reply *r, const struct fr_endpoint *e, const char *body);

/* world_check.c */
void check_call(struct instance *i, const char *target);
void check_reply(struct world *w, size_t request, const char *body);
void check_all(struct world *w);
void check_ledger(struct world *w); /* when all is quiet */
void world_broken(const struct world *w, const char *what, long long a, long long b);

/* world_alerts.c */
void alerts_ports(struct fr_ports *ports);
void alerts_heard(struct instance *i, struct fake_result *r); /* the store's answers about alerts */
void alerts_posted(struct event *ev);
void alerts_delivered(struct event *ev);
void alerts_killed(struct instance *i); /* whatever he had in his hands may be told again */

#endif
