/* schedule.h — things that happen again and again, at moments known in advance.
 *
 * Event number k (0, 1, 2 …) happens once in [t0 + k*gap, t0 + k*gap + gap/2): so the moments rise strictly, and
 * "how many have happened before t" costs two steps instead of a walk. Posts, stories, likes, follows, comments
 * and replies are all schedules; that is why lists of any length need no storage. Times are unix seconds. */
#ifndef TWIN_SCHEDULE_H
#define TWIN_SCHEDULE_H

#include <stdint.h>

struct schedule {
	int64_t t0, gap; /* gap >= 2 */
	uint64_t salt;
};

/* When event k >= 0 happens. */
int64_t schedule_time(const struct schedule *s, int64_t k);
/* How many events happen strictly before t. They are the numbers 0 to the result - 1. */
int64_t schedule_before(const struct schedule *s, int64_t t);
/* What has become of `total` at this age, when half is reached at age `half`: rises without end, never falls. */
int64_t schedule_grown(int64_t total, int64_t age, int64_t half);

#endif
