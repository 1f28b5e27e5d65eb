/* alerts_state.h — what the engine knows about alerts; seen only by alerts.c, alert_*.c and outbox.c.
 *
 * Budgets are looked at without channels, too: their forecasts are shown. Two things go on beside each other, each with one question on its way at the most. The walk looks at one subject after the other (budgets, clients'
 * loops, tests, the report) and raises what is due. The outbox takes what is pending, delivers it and ends it. Neither keeps anything that would be
 * missed after a kill: what is due stands in Redis' counters, what was raised in its outbox. */
#ifndef FRUGAL_ENGINE_ALERTS_STATE_H
#define FRUGAL_ENGINE_ALERTS_STATE_H

#include "core/alert_text.h"
#include "core/outbox.h"
#include "core/repeats.h"
#include "engine/state.h"
#include "frugal/engine_alerts.h"

enum { ALERTS_KNOWN_MAX = 2048, ALERTS_LOOPS_MAX = 16 };

/* An id of which Redis said that it is raised: no need to ask again before `until`. */
struct known {
	struct fr_key key;
	int64_t until;
};

enum subject { SUBJECT_BUDGET, SUBJECT_LOOP, SUBJECT_TEST, SUBJECT_REPORT }; /* in this order */

struct walk {
	enum { WALK_IDLE, WALK_LOOK, WALK_TOTALS, WALK_RAISE } step;
	bool waiting; /* for an answer */
	bool walking; /* somebody is in the loop */
	uint64_t number;
	enum subject subject;
	size_t at; /* which of its kind */
	struct fr_alert_facts facts[FR_BUDGETS_MAX];
	size_t n_facts;
	struct fr_tops tops;
	struct fr_buf report;
	struct fr_alert_due due[FR_ALERTS_DUE_MAX];
	size_t n_due, due_at;
	char id[FR_ALERT_ID_MAX]; /* of what is being raised */
};

/* A client that asks too often, as it was seen last. */
struct loop {
	struct fr_repeat repeat;
	fr_wall at;
};

enum parcel_state { PARCEL_FREE, PARCEL_DELIVERING, PARCEL_ENDING, PARCEL_UNENDED };

/* An alert that was taken. */
struct parcel {
	enum parcel_state state;
	uint64_t token; /* of its delivery, or the number of its end */
	uint64_t owner;
	bool accepted;
	char id[FR_ALERT_ID_MAX];
};

struct outbox {
	bool taking, pumping, again;
	uint64_t number, owner; /* of what is being taken */
	fr_ms asked_at;
	bool reached;     /* Redis answered last time */
	fr_ms reached_at; /* since when it does */
	size_t pending;
	struct parcel parcels[FR_DELIVERIES_MAX];
};

/* How a budget's window will end, as was found last. */
struct outlook {
	fr_wall start;
	int64_t limit;
	struct fr_forecast forecast;
};

struct alerts {
	struct timer timer;
	struct outlook outlooks[FR_BUDGETS_MAX];
	fr_ms next_walk;
	uint64_t next_number;
	struct known known[ALERTS_KNOWN_MAX]; /* a ring */
	size_t n_known;
	struct fr_repeats *repeats; /* NULL: no rule is about them */
	struct loop loops[ALERTS_LOOPS_MAX];
	size_t n_loops;
	uint64_t tests[FR_CHANNELS_MAX]; /* the number of the test that was asked for; 0: none */
	struct walk walk;
	struct outbox outbox;
};

/* alerts.c */
bool alerts_wanted(const struct fr_engine *e); /* there are channels */
void alerts_soon(struct fr_engine *e, fr_ms after);
bool alerts_known(const struct fr_engine *e, const char *id);
void alerts_know(struct fr_engine *e, const char *id, int64_t until);

/* alert_walk.c: from question to answer, and what is due is raised */
void walk_start(struct fr_engine *e);
void walk_abort(struct fr_engine *e); /* an answer that is still to come means nothing */
void walk_go(struct fr_engine *e);    /* on, until an answer has to be waited for */
uint64_t walk_question(struct fr_engine *e);
bool walk_answered(struct fr_engine *e, uint64_t number); /* false: nobody waits for this answer */

/* alert_look.c: subject after subject */
void walk_look(struct fr_engine *e);
/* The scope that ids of the present subject have. */
void walk_scope(const struct fr_engine *e, const struct fr_alert_due *d, char ret[FR_BUDGET_NAME_MAX]);

/* outbox.c */
void outbox_pump(struct fr_engine *e);
void outbox_retry(struct fr_engine *e); /* says again what Redis did not hear */
bool outbox_idle(const struct fr_engine *e);

#endif
