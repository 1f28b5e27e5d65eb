#include "core/pace.h"

#include <math.h>

#include "base/assert.h"

#include "base/pure.h"

enum { HOURS_A_DAY = 24, CHANCE = 6 }; /* standard deviations that chance does not reach in years */

static double median(const int64_t *values, size_t n)
{
	int64_t sorted[FR_SPENDING_HOURS] = { 0 };
	size_t low = (n - 1) / 2, high = n / 2;

	FR_ASSERT(n > 0 && n <= FR_SPENDING_HOURS);
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && sorted[at - 1] > values[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = values[i];
	}
	return ((double)sorted[low] + (double)sorted[high]) / 2;
}

/* Hours before the running one that the history knows. */
static size_t hours_known(const struct fr_spending *s)
{
	size_t n = FR_SPENDING_HOURS;

	while (n > 0 && s->hours[n - 1] == 0)
		n--;
	return n == 0 ? 0 : n - 1;
}

/* The hour that begins so many hours after the running one, as it was on the days before. */
static double usual_at(const struct fr_spending *s, size_t known, int after)
{
	int64_t like[FR_SPENDING_HOURS / HOURS_A_DAY];
	size_t n = 0;

	for (int i = HOURS_A_DAY - after; i <= (int)known && n < sizeof(like) / sizeof(like[0]); i += HOURS_A_DAY)
		like[n++] = s->hours[i];
	return n == 0 ? 0 : median(like, n);
}

/* The level at this moment lies between those of two hours' middles. */
static void usual_now(const struct fr_spending *s, size_t known, struct fr_pace *p)
{
	double before = usual_at(s, known, -1), now = usual_at(s, known, 0), behind = usual_at(s, known, 1);
	double over = (double)(s->at.v % FR_HOURS(1).v) / (double)FR_HOURS(1).v;
	double level = over < 0.5 ? before + (now - before) * (over + 0.5) : now + (behind - now) * (over - 0.5);
	double all = median(s->hours + 1, known);

	p->usual = fmax(all, level);
	p->usual_hour = now * over + before * (1 - over);
}

/* Credits of the last `n` units of five minutes up to this moment: the oldest counts as far as it reaches into them. */
static double last_fives(const struct fr_spending *s, size_t n)
{
	double running = (double)(s->at.v % FR_FIVE_MS) / FR_FIVE_MS;
	double credits = (double)s->fives[n] * (1 - running);

	FR_ASSERT(n < FR_SPENDING_FIVES);
	for (size_t i = 0; i < n; i++)
		credits += (double)s->fives[i];
	return credits;
}

struct fr_pace fr_pace_of(const struct fr_spending *s)
{
	size_t known = hours_known(s);
	struct fr_pace p = { .known = known >= HOURS_A_DAY };

	p.five_minutes = last_fives(s, 1);
	p.hour = last_fives(s, FR_FIVES_AN_HOUR);
	if (p.known)
		usual_now(s, known, &p);
	return p;
}

bool fr_pace_runs_away(const struct fr_pace *p, int64_t times)
{
	double usual = p->usual / FR_FIVES_AN_HOUR;
	double bar = fmax(fmax((double)times * usual, usual + CHANCE * sqrt(usual)), FR_PACE_CREDITS_MIN);

	return p->known && p->five_minutes >= bar && p->hour >= p->usual_hour + (bar - usual);
}

double fr_pace_times(const struct fr_pace *p)
{
	return p->known && p->usual > 0 ? p->five_minutes * FR_FIVES_AN_HOUR / p->usual : 0;
}
