#include "core/forecast.h"

#include "base/assert.h"

#include "base/pure.h"

static const int64_t HOUR_MS = INT64_C(3600) * 1000, DAY_MS = INT64_C(24) * 3600 * 1000;

/* What a window is like at the moment of the history. */
struct stand {
	const struct fr_spending *s;
	double over, left, share; /* ms; over of all */
	double average;           /* credits a ms, in the window so far */
};

double fr_forecast_spent(const struct fr_spending *s, fr_ms from, fr_ms to)
{
	int64_t running = s->at.v % HOUR_MS; /* of the hour [0] */
	double credits = 0;

	FR_ASSERT(from.v >= to.v && to.v >= 0);
	for (size_t i = 0; i < FR_SPENDING_HOURS; i++) {
		int64_t young = i == 0 ? 0 : running + (int64_t)(i - 1) * HOUR_MS, old = running + (int64_t)i * HOUR_MS;
		int64_t a = young > to.v ? young : to.v, b = old < from.v ? old : from.v;

		if (b > a)
			credits += (double)s->hours[i] * (double)(b - a) / (double)(old - young);
	}
	return credits;
}

/* How far back there is anything. */
static int64_t reach(const struct fr_spending *s)
{
	size_t i = FR_SPENDING_HOURS;

	while (i > 0 && s->hours[i - 1] == 0)
		i--;
	return i == 0 ? 0 : s->at.v % HOUR_MS + (int64_t)(i - 1) * HOUR_MS;
}

static double spent(const struct stand *st, double from, double to)
{
	return fr_forecast_spent(st->s, FR_MS((int64_t)from), FR_MS((int64_t)to));
}

/* A window that is shorter than a day's cycle sees none of it. */
static double rest_of_hour(const struct stand *st)
{
	double recent = spent(st, (double)HOUR_MS, 0) / (double)HOUR_MS;

	return st->left * ((1 - st->share) * recent + st->share * st->average);
}

/* What a day costs at the present level, beside what the last one did. */
static double day_within_month(const struct stand *st, double last)
{
	double part = (double)((int64_t)st->over % DAY_MS), whole = st->over - part;
	double before = (double)st->s->spent - spent(st, part, 0);
	double average = (before < 0 ? 0 : before) / whole * (double)DAY_MS;

	return (1 - st->share) * average + st->share * last;
}

static double day_within_day(const struct stand *st, double last)
{
	double same = (double)reach(st->s) < st->over + (double)DAY_MS ? 0 : spent(st, st->over + (double)DAY_MS, (double)DAY_MS);
	double level = same > 0 ? (double)st->s->spent / same : 1;

	return last * ((1 - st->share) + st->share * level);
}

/* Whole days, and the hours that are left beyond them as they were in the last day. */
static double rest_of_days(const struct stand *st)
{
	double last = spent(st, (double)DAY_MS, 0);
	double day = st->over >= (double)DAY_MS ? day_within_month(st, last) : day_within_day(st, last);
	int64_t days = (int64_t)st->left / DAY_MS;
	double hours = st->left - (double)(days * DAY_MS);
	double usual = spent(st, (double)DAY_MS, (double)DAY_MS - hours);

	return (double)days * day + (last > 0 ? usual * day / last : st->average * hours);
}

struct fr_forecast fr_forecast_of(const struct fr_spending *s, struct fr_window w, int64_t limit)
{
	const double all = (double)(w.end.v - w.start.v);
	struct fr_forecast f = { .known = false };
	struct stand st = { .s = s, .over = (double)(s->at.v - w.start.v), .left = (double)(w.end.v - s->at.v) };
	double rest;

	FR_ASSERT(s->known && w.end.v > w.start.v);
	st.share = st.over / all;
	if (st.left <= 0 || st.share * 100 < FR_FORECAST_PERCENT_MIN || s->spent < FR_FORECAST_CREDITS_MIN)
		return f;
	st.average = (double)s->spent / st.over;
	if (reach(s) < DAY_MS)
		rest = st.average * st.left;
	else if (all < (double)DAY_MS / 2)
		rest = rest_of_hour(&st);
	else
		rest = rest_of_days(&st);
	f.known = true;
	f.credits = s->spent + (int64_t)(rest + 0.5);
	if (limit != FR_LIMIT_NONE && s->spent >= limit)
		f.exhausted = s->at;
	else if (limit != FR_LIMIT_NONE && f.credits > limit)
		f.exhausted.v = s->at.v + (int64_t)(st.left * (double)(limit - s->spent) / rest);
	return f;
}
