/* forecast.h — where a budget's window ends if things go on like this.
 *
 * Days differ less from each other than the hours of a day do, so the rest of the window is what the last day was, hour by hour, times a level: over
 * a month, how the average of the window's whole days compares with the last day, and the last day counts for more the more of the window is over;
 * within a day, how today compares with the same hours of yesterday. An hour goes on as it has begun and as the last sixty minutes were. Without a day
 * of history the window's own average goes on. Early in a window, or with a handful of credits, nothing is said. Pure. */
#ifndef FRUGAL_CORE_FORECAST_H
#define FRUGAL_CORE_FORECAST_H

#include "core/spending.h"
#include "core/window.h"

enum { FR_FORECAST_PERCENT_MIN = 5, FR_FORECAST_CREDITS_MIN = 20 }; /* of the window; spent in it */

struct fr_forecast {
	bool known;
	int64_t credits;   /* spent when the window ends */
	fr_wall exhausted; /* when the limit is reached; v = 0: not in this window, or there is no limit */
};

/* `limit` FR_LIMIT_NONE: there is none. `s` is about the window `w`, and known. */
struct fr_forecast fr_forecast_of(const struct fr_spending *s, struct fr_window w, int64_t limit);
/* Credits spent from `from` up to `to` ago, as far as the history tells; within an hour as if they went evenly. from >= to. */
double fr_forecast_spent(const struct fr_spending *s, fr_ms from, fr_ms to);

#endif
