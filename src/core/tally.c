#include "core/tally.h"

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

static const struct {
	const char *name;
	enum fr_booking booking;
} outcomes[FR_OUTCOMES] = {
#define OUTCOME(id, text, credit, help) [FR_OUTCOME_##id] = { text, FR_BOOKING_##credit },
#include "frugal/tbl/outcomes.def"
#undef OUTCOME
};

static const struct {
	const char *name;
	bool background;
} reasons[FR_REASONS] = {
#define REASON(id, text, behind, help) [FR_REASON_##id] = { text, behind },
#include "frugal/tbl/reasons.def"
#undef REASON
};

static const char *const total_names[FR_TOTALS] = {
#define TOTAL(field, text, help) [FR_TOTAL_##field] = text,
#include "frugal/tbl/totals.def"
#undef TOTAL
};

/* Upper bounds, inclusive; the last bucket is open. */
static const int64_t durations[FR_HIST_BUCKETS] = {
	1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, INT64_MAX,
};
#define MINUTE ((int64_t)60 * 1000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
static const int64_t ages[FR_HIST_BUCKETS] = {
	1000,     10000,     MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,     3 * HOUR,
	6 * HOUR, 12 * HOUR, DAY,    3 * DAY,    7 * DAY,     14 * DAY,    30 * DAY, INT64_MAX,
};

const char *fr_outcome_name(enum fr_outcome o)
{
	FR_ASSERT(o < FR_OUTCOMES);
	return outcomes[o].name;
}

enum fr_booking fr_outcome_booking(enum fr_outcome o)
{
	FR_ASSERT(o < FR_OUTCOMES);
	return outcomes[o].booking;
}

const char *fr_reason_name(enum fr_reason r)
{
	FR_ASSERT(r < FR_REASONS);
	return reasons[r].name;
}

bool fr_reason_background(enum fr_reason r)
{
	FR_ASSERT(r < FR_REASONS);
	return reasons[r].background;
}

const char *fr_total_name(enum fr_total t)
{
	FR_ASSERT(t < FR_TOTALS);
	return total_names[t];
}

struct fr_str fr_tally_label(const struct fr_endpoint *e)
{
	return e->is_other ? FR_STR("other") : e->path;
}

static struct fr_tally_tenant *tenant_of(struct fr_tally *t, struct fr_account of)
{
	FR_ASSERT(of.endpoint < FR_ENDPOINTS_MAX && of.tenant < FR_TENANTS_MAX);
	if (t->n_tenants <= of.tenant)
		t->n_tenants = of.tenant + 1;
	return &t->tenants[of.tenant];
}

/* Adds to one column in all its breakdowns. */
static void count_request(struct fr_totals *d, struct fr_account of, enum fr_outcome o, enum fr_total column, int64_t n)
{
	d->v[of.endpoint][column] += n;
	d->tenants[of.tenant][column] += n;
	d->outcomes[o][column] += n;
}

static void count_call(struct fr_totals *d, struct fr_account of, enum fr_reason r, enum fr_total column, int64_t n)
{
	d->v[of.endpoint][column] += n;
	d->tenants[of.tenant][column] += n;
	d->reasons[r][column] += n;
}

void fr_tally_request(struct fr_tally *t, struct fr_totals *d, struct fr_account of, enum fr_outcome o, int64_t price)
{
	struct fr_tally_tenant *whose = tenant_of(t, of);

	FR_ASSERT(price >= 0);
	t->requests[of.endpoint][o]++;
	whose->requests++;
	count_request(d, of, o, FR_TOTAL_requests, 1);
	switch (fr_outcome_booking(o)) {
	case FR_BOOKING_NOTHING: return;
	case FR_BOOKING_PAID: break;
	case FR_BOOKING_AVOIDED:
		t->avoided[of.endpoint][o] += price;
		t->avoided_all += price;
		whose->avoided += price;
		count_request(d, of, o, FR_TOTAL_avoided, price);
		break;
	case FR_BOOKING_REFUSED:
		t->refused += price;
		whose->refused += price;
		count_request(d, of, o, FR_TOTAL_refused, price);
		break;
	}
	t->asked += price;
	whose->asked += price;
}

void fr_tally_call(struct fr_tally *t, struct fr_account of, enum fr_reason r, enum fr_verdict v, int64_t credits)
{
	FR_ASSERT(v < FR_VERDICTS && credits >= 0);
	t->calls[of.endpoint][r][v]++;
	t->spent[of.endpoint][r] += credits;
	tenant_of(t, of)->spent[of.endpoint][r] += credits;
	*(fr_reason_background(r) ? &t->background : &t->demand) += credits;
}

void fr_totals_call(struct fr_totals *d, struct fr_account of, enum fr_reason r, int64_t credits, bool uncertain)
{
	FR_ASSERT(of.endpoint < FR_ENDPOINTS_MAX && of.tenant < FR_TENANTS_MAX && r < FR_REASONS && credits >= 0);
	count_call(d, of, r, FR_TOTAL_calls, 1);
	count_call(d, of, r, fr_reason_background(r) ? FR_TOTAL_background : FR_TOTAL_demand, credits);
	if (uncertain)
		count_call(d, of, r, FR_TOTAL_uncertain, credits);
}

static void hist_add(struct fr_hist *h, const int64_t *bounds, int64_t ms)
{
	size_t i = 0;

	ms = ms < 0 ? 0 : ms;
	while (ms > bounds[i])
		i++;
	FR_ASSERT(i < FR_HIST_BUCKETS);
	h->buckets[i]++;
	h->n++;
	h->sum_ms += ms;
}

void fr_hist_add(struct fr_hist *h, fr_ms took)
{
	hist_add(h, durations, took.v);
}

void fr_ages_add(struct fr_ages *a, fr_ms age)
{
	hist_add(&a->h, ages, age.v);
}

fr_ms fr_hist_bound(size_t bucket)
{
	FR_ASSERT(bucket < FR_HIST_BUCKETS);
	return FR_MS(durations[bucket]);
}

fr_ms fr_ages_bound(size_t bucket)
{
	FR_ASSERT(bucket < FR_HIST_BUCKETS);
	return FR_MS(ages[bucket]);
}

struct fr_tally_sums fr_tally_sums(const struct fr_tally *t, size_t endpoint)
{
	struct fr_tally_sums sums = { 0, 0, 0, 0 };

	FR_ASSERT(endpoint < FR_ENDPOINTS_MAX);
	for (size_t o = 0; o < FR_OUTCOMES; o++) {
		sums.requests += t->requests[endpoint][o];
		sums.avoided += t->avoided[endpoint][o];
	}
	for (size_t r = 0; r < FR_REASONS; r++) {
		sums.spent += t->spent[endpoint][r];
		for (size_t v = 0; v < FR_VERDICTS; v++)
			sums.calls += t->calls[endpoint][r][v];
	}
	return sums;
}

/* Every credit spent was the cost of a call, and the two kinds of reasons add up. */
static bool spent_balanced(const struct fr_tally *t)
{
	int64_t demand = 0, background = 0;

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		for (size_t r = 0; r < FR_REASONS; r++) {
			uint64_t calls = 0;

			for (size_t v = 0; v < FR_VERDICTS; v++)
				calls += t->calls[i][r][v];
			if (t->spent[i][r] < 0 || (calls == 0 && t->spent[i][r] != 0))
				return false;
			*(reasons[r].background ? &background : &demand) += t->spent[i][r];
		}
	return demand == t->demand && background == t->background;
}

/* Every credit avoided was the price of a request that was booked so. */
static bool avoided_balanced(const struct fr_tally *t)
{
	int64_t avoided = 0;

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		for (size_t o = 0; o < FR_OUTCOMES; o++) {
			bool may = outcomes[o].booking == FR_BOOKING_AVOIDED && t->requests[i][o] > 0;

			if (t->avoided[i][o] < 0 || (!may && t->avoided[i][o] != 0))
				return false;
			avoided += t->avoided[i][o];
		}
	return avoided == t->avoided_all;
}

/* The tenants' shares add up to the whole, endpoint by endpoint and reason by reason. */
static bool tenants_balanced(const struct fr_tally *t)
{
	int64_t asked = 0, avoided = 0, refused = 0;

	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		for (size_t r = 0; r < FR_REASONS; r++) {
			int64_t spent = 0;

			for (size_t n = 0; n < t->n_tenants; n++)
				spent += t->tenants[n].spent[i][r];
			if (spent != t->spent[i][r])
				return false;
		}
	for (size_t n = 0; n < t->n_tenants; n++) {
		asked += t->tenants[n].asked;
		avoided += t->tenants[n].avoided;
		refused += t->tenants[n].refused;
	}
	return asked == t->asked && avoided == t->avoided_all && refused == t->refused;
}

bool fr_tally_balanced(const struct fr_tally *t)
{
	return t->asked == t->demand + t->avoided_all + t->refused && t->refused >= 0 && spent_balanced(t) &&
	       avoided_balanced(t) && tenants_balanced(t);
}

static void add_rows(int64_t (*a)[FR_TOTALS], const int64_t (*b)[FR_TOTALS], size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < FR_TOTALS; c++)
			a[i][c] += b[i][c];
}

void fr_totals_add(struct fr_totals *a, const struct fr_totals *b)
{
	add_rows(a->v, b->v, FR_ENDPOINTS_MAX);
	add_rows(a->tenants, b->tenants, FR_TENANTS_MAX);
	add_rows(a->reasons, b->reasons, FR_REASONS);
	add_rows(a->outcomes, b->outcomes, FR_OUTCOMES);
}
