/* spender.h — people who spend credits, five minutes by five minutes for weeks, and what Redis would say of it at any moment. */
#ifndef FRUGAL_TEST_SPENDER_H
#define FRUGAL_TEST_SPENDER_H

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "core/spending.h"
#include "core/window.h"

enum { SPENDER_DAYS = 64, FIVES_A_DAY = 288, SPENDER_FIVES = SPENDER_DAYS * FIVES_A_DAY };

/* 2026-10-01, so that November begins 31 days later. */
#define SPENDER_START_MS INT64_C(1790812800000)
#define DAY_MS INT64_C(86400000)

struct spender {
	struct fr_random random;
	int64_t fives[SPENDER_FIVES];
};

/* Two peaks a day, at eleven and at eight in the evening, quiet nights; its average over a day is 1. */
static inline double bimodal(int64_t five_of_day)
{
	double hour = (double)five_of_day / 12;
	double shape = 0.15 + exp(-pow((hour - 11) / 2.5, 2)) + 1.3 * exp(-pow((hour - 20) / 2, 2));

	return shape / 0.52615;
}

/* Around its mean, as chance would have it. */
static inline int64_t poisson(struct fr_random *r, double mean)
{
	double sum = 0, u;
	int64_t n = 0;

	if (mean > 500) { /* then it is a normal distribution, of twelve uniform ones */
		for (int i = 0; i < 12; i++)
			sum += (double)fr_random_below(r, 1000000) / 1e6;
		return (int64_t)(mean + (sum - 6) * sqrt(mean) + 0.5);
	}
	for (;; n++) {
		u = ((double)fr_random_below(r, 1000000000) + 1) / 1e9;
		sum -= log(u);
		if (sum > mean)
			return n;
	}
}

/* `a_day` credits a day; at the weekend `weekend` of it. */
static inline void spender_live(struct spender *s, uint64_t seed, double a_day, double weekend)
{
	s->random.state = seed;
	for (int64_t i = 0; i < SPENDER_FIVES; i++) {
		int64_t weekday = (i / FIVES_A_DAY + 4) % 7; /* that day was a Thursday */
		double level = weekday == 6 || weekday == 0 ? weekend : 1;

		s->fives[i] = poisson(&s->random, a_day / FIVES_A_DAY * bimodal(i % FIVES_A_DAY) * level);
	}
}

static inline int64_t spender_sum(const struct spender *s, fr_wall from, fr_wall to)
{
	int64_t n = 0;

	for (int64_t i = 0; i < SPENDER_FIVES; i++) {
		int64_t at = SPENDER_START_MS + i * FR_FIVE_MS;

		if (at >= from.v && at < to.v)
			n += s->fives[i];
	}
	return n;
}

/* `begun`: when Redis began to remember. Of the running five minutes only the part that is over has been spent. */
static inline void spender_tell(const struct spender *s, struct fr_spending *ret, fr_wall begun, fr_wall start, fr_wall at)
{
	int64_t now = at.v / FR_FIVE_MS, oldest = now - FR_SPENDING_HOURS * FR_FIVES_AN_HOUR - FR_FIVES_AN_HOUR;
	int64_t first = (start.v / FR_FIVE_MS < oldest ? start.v / FR_FIVE_MS : oldest) - SPENDER_START_MS / FR_FIVE_MS;

	fr_spending_init(ret, start, at);
	ret->known = true;
	for (int64_t i = first < 0 ? 0 : first; i < SPENDER_FIVES; i++) {
		int64_t five = (SPENDER_START_MS + i * FR_FIVE_MS) / FR_FIVE_MS, n = s->fives[i];
		int64_t hour_ago = now / 12 - five / 12;

		if (five > now)
			break;
		if (five * FR_FIVE_MS < begun.v)
			continue;
		if (five == now)
			n = n * (at.v % FR_FIVE_MS) / FR_FIVE_MS;
		if (five * FR_FIVE_MS >= start.v)
			ret->spent += n;
		if (hour_ago < FR_SPENDING_HOURS)
			ret->hours[hour_ago] += n;
		if (now - five < FR_SPENDING_FIVES)
			ret->fives[now - five] += n;
	}
}

#endif
