/* plan.h — what to do with one request: facts in, decision out.
 *
 * Asked twice: with what memory holds, and again when a flight has ended without a new answer. */
#ifndef FRUGAL_CORE_PLAN_H
#define FRUGAL_CORE_PLAN_H

#include "core/freshness.h"
#include "core/wish.h"

enum fr_plan {
	FR_PLAN_SERVE,             /* fresh enough for this client */
	FR_PLAN_SERVE_ASKED,       /* stale, but the client accepts it (max-stale) */
	FR_PLAN_SERVE_AND_REFRESH, /* stale in its window */
	FR_PLAN_SERVE_STALE,       /* stale in its window, and a refresh runs or failed just now */
	FR_PLAN_SERVE_SELDOM,      /* stale in its window, and read so seldom that a refresh would mostly be for nobody */
	FR_PLAN_SERVE_SPARED,      /* stale in its window, and a refresh would cost a credit that is better kept */
	FR_PLAN_LOOK,              /* only-if-cached: ask Redis, then serve or refuse; no call */
	FR_PLAN_FLY,               /* join or start a flight */
	FR_PLAN_FLY_FORCED,        /* the same, and what is stored does not count: no-cache with permission */
	FR_PLAN_SERVE_RESCUE,      /* old, but the upstream or Redis failed */
	FR_PLAN_REFUSE             /* nothing to serve */
};

struct fr_plan_facts {
	bool have; /* an answer is at hand; `view` is its */
	struct fr_view view;
	struct fr_wish wish; /* after the permission was applied */
	fr_ms refresh_min;   /* bought freshness is no finer than this */
	bool refreshing;     /* a flight for this key is under way, or a refresh failed less than refresh_retry ago */
	bool stored_looked;  /* Redis has been asked already (only-if-cached) */
	bool may_blank;      /* the operator allows blanked links in a rescue */
};

/* With what is stored, before any flight. */
enum fr_plan fr_plan_ask(const struct fr_plan_facts *f);

/* After a flight failed, timed out or could not start: SERVE, SERVE_STALE, SERVE_RESCUE or REFUSE. */
enum fr_plan fr_plan_failed(const struct fr_plan_facts *f);

#endif
