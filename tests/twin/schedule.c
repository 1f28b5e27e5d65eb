#include "schedule.h"

#include "mix.h"

int64_t schedule_time(const struct schedule *s, int64_t k)
{
	return s->t0 + k * s->gap + mix_pick(mix(s->salt, (uint64_t)k), 0, s->gap / 2 - 1);
}

int64_t schedule_before(const struct schedule *s, int64_t t)
{
	int64_t k;

	if (t <= s->t0)
		return 0;
	k = (t - s->t0) / s->gap;
	return schedule_time(s, k) < t ? k + 1 : k;
}

int64_t schedule_grown(int64_t total, int64_t age, int64_t half)
{
	if (age <= 0)
		return 0;
	return (int64_t)((double)total * ((double)age / (double)(age + half)));
}
