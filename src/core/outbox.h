/* outbox.h — what an instance and Redis say to each other about alerts, so that each is accepted by its channel once, however many instances there are
 * and however often they die.
 *
 * An alert is raised by its id: the first who raises it puts it into the outbox, for all others it is there already, and when it is delivered it is
 * known as done for longer than any window lasts. Who takes one has it to himself for a while, delivers it and says how that ended: accepted, it is
 * done; else it is there again after a pause that grows. What nobody accepts for three days is given up.
 *
 * An instance that dies between a channel's word and its own to Redis leaves the alert in the outbox, and a Redis that loses its last seconds may lose of
 * an alert that it was raised: then it is sent once more, under the same id. An alert twice is better than none. */
#ifndef FRUGAL_CORE_OUTBOX_H
#define FRUGAL_CORE_OUTBOX_H

#include "core/alerts.h"

static const fr_ms FR_OUTBOX_LEASE = { 60 * 1000 }; /* who has taken an alert has it for; far longer than a delivery may take */
static const fr_ms FR_OUTBOX_PAUSE = { 1000 };      /* after a failed delivery; doubles up to ... */
static const fr_ms FR_OUTBOX_PAUSE_MAX = { INT64_C(5) * 60000 };   /* ... this */
static const fr_ms FR_OUTBOX_GIVEN_UP = { INT64_C(3) * 86400000 }; /* after being raised */
static const fr_ms FR_OUTBOX_KEPT = { INT64_C(70) * 86400000 };    /* ids are known for; longer than a month and its reports */

struct fr_outbox_raise {
	uint64_t number; /* of the question */
	const char *id;
	size_t n_lower;
	char lower[FR_ALERT_RULES_MAX][FR_ALERT_ID_MAX]; /* done with it */
	enum fr_channel_kind kind;
	struct fr_str body;
};

enum fr_outbox_state {
	FR_OUTBOX_UNKNOWN, /* Redis did not answer */
	FR_OUTBOX_RAISED,  /* now */
	FR_OUTBOX_PENDING, /* somebody has raised it before, and it is not delivered yet */
	FR_OUTBOX_DONE,    /* delivered, or done with a higher one */
	FR_OUTBOX_FULL     /* later */
};

struct fr_outbox_take {
	uint64_t number;
	uint64_t owner; /* another one each time, over all instances */
	bool orphans; /* takes those over, too, whose owner has said nothing in his time: he may have been kept from it as this instance was */
};

struct fr_outbox_taken {
	bool known; /* else Redis did not answer */
	uint64_t number;
	size_t pending;  /* alerts in the outbox, this one included */
	size_t given_up; /* ... and taken out of it just now, because nobody accepted them */
	fr_ms wait;      /* until there may be one to take; v < 0: there is none that waits */
	bool taken;      /* one was taken; its texts are borrowed for the call */
	char id[FR_ALERT_ID_MAX];
	enum fr_channel_kind kind;
	struct fr_str body;
};

struct fr_outbox_end {
	uint64_t number;
	uint64_t owner;
	const char *id;
	bool accepted;
};

/* An alert on its way to its channel. */
struct fr_delivery {
	const char *channel, *id;
	enum fr_channel_kind kind; /* for which the body was made */
	struct fr_str body;
};

#endif
