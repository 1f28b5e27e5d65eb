/* alert_text.h — what people read: one sentence that says it all, then where the credits go and what to do about it.
 *
 * Plain text, lines of any length, no markup. Endpoints have the names of the catalogue's rows. Pure. */
#ifndef FRUGAL_CORE_ALERT_TEXT_H
#define FRUGAL_CORE_ALERT_TEXT_H

#include "base/buf.h"
#include "core/alerts.h"
#include "core/catalogue.h"
#include "core/tally.h"

enum { FR_TOPS_MAX = 3 };

/* The endpoints that cost the most of `all`. */
struct fr_tops {
	size_t n;
	struct {
		struct fr_str label; /* borrowed from the catalogue */
		int64_t credits;
	} at[FR_TOPS_MAX];
	int64_t all;
	const char *of; /* what they are the top of, where that is not the scope itself: "of all tenants"; else "" */
};
/* `spent` by row. */
void fr_tops_of(struct fr_tops *ret, const struct fr_catalogue *c, const int64_t spent[FR_ENDPOINTS_MAX], const char *of);
/* Adds what was spent on the days. */
void fr_tops_add(int64_t spent[FR_ENDPOINTS_MAX], const struct fr_totals *days, size_t n);

/* One client's loop. */
struct fr_repeat {
	char client[FR_NAME_MAX];
	char question[FR_ALERT_ID_MAX]; /* canonical, cut */
	int64_t count;
};

/* All that an alert says; what does not belong to its kind is NULL. */
struct fr_alert {
	char id[FR_ALERT_ID_MAX];
	enum fr_alert_kind kind;
	char scope[FR_BUDGET_NAME_MAX]; /* a budget, "client:NAME", a day, a channel */
	int64_t threshold;
	fr_wall window;
	const struct fr_alert_facts *facts;
	const struct fr_tops *tops;
	const struct fr_repeat *repeat;
	struct fr_str text;
};

/* FR_TOOBIG past the buffer's ceiling; FR_ALERT_TEXT_MAX suffices. */
enum fr_err fr_alert_text(struct fr_buf *b, const struct fr_alert *a);

/* The daily report: the leaderboard of a day of totals, what was avoided and by what, and how each budget stands now. */
enum fr_err fr_alert_report(struct fr_buf *b, const struct fr_catalogue *c, const struct fr_totals *day,
			    const struct fr_alert_facts *budgets, size_t n);

#endif
