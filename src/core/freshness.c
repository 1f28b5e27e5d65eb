#include "core/freshness.h"

#include "base/assert.h"
#include "core/posturl.h"

#include "base/pure.h"

enum {
	ALIAS_DAYS = 90,      /* a share link names one post for good */
	KEEP_DAYS = 100 * 365 /* "for ever", in a form that Redis takes */
};

/* Links that come dead, or a clock that is ahead: asking again at once would bring the same and cost the same. */
static const fr_ms DEAD_ON_ARRIVAL = { 60 * 1000 };

/* Clocks of several hosts may differ by so much. What is from further ahead was stored under a clock that was wrong. */
static const fr_ms AHEAD_MAX = { 5 * 60 * 1000 };

/* Times come from people and may be "for ever": sums stop short of the ends, so that they can be negated. */
static fr_ms sum(fr_ms a, fr_ms b)
{
	int64_t v;

	if (__builtin_add_overflow(a.v, b.v, &v) || v == INT64_MIN)
		v = a.v < 0 ? -INT64_MAX : INT64_MAX;
	return FR_MS(v);
}

static fr_ms between(fr_wall from, fr_wall to)
{
	int64_t v;

	if (__builtin_sub_overflow(to.v, from.v, &v) || v == INT64_MIN)
		v = to.v < from.v ? -INT64_MAX : INT64_MAX;
	return FR_MS(v);
}

static fr_ms smaller(fr_ms a, fr_ms b)
{
	return a.v < b.v ? a : b;
}

static fr_ms larger(fr_ms a, fr_ms b)
{
	return a.v > b.v ? a : b;
}

/* Less by up to a tenth, by the key, which is a hash already. */
static fr_ms jittered(fr_ms t, struct fr_key key)
{
	int64_t tenth = t.v / 10, part = (int64_t)(key.lo % 1024);

	return FR_MS(t.v - tenth / 1024 * part - tenth % 1024 * part / 1024);
}

/* By the age that the post had when it was fetched. One whose age is not known counts as new: better asked often than too old. */
static fr_ms step_time(const struct fr_answer *a, const struct fr_endpoint *e)
{
	fr_wall created = fr_posturl_created(a->post_id);
	fr_ms age = created.v == 0 ? FR_MS(0) : between(created, a->stored);
	size_t i = 0;

	while (i + 1 < e->n_steps && age.v >= e->steps[i].younger.v)
		i++;
	return smaller(e->steps[i].fresh, e->fresh);
}

static fr_ms data_time(const struct fr_answer *a, const struct fr_agreed *t)
{
	if (t->deep && t->row->fresh_deep.v > 0)
		return larger(t->row->fresh_deep, t->fresh);
	if (t->fresh.v >= 0)
		return t->fresh;
	return t->row->n_steps > 0 ? step_time(a, t->row) : t->row->fresh;
}

fr_ms fr_freshness_time(const struct fr_answer *a, const struct fr_agreed *t)
{
	fr_ms fresh = a->verdict == FR_VERDICT_NOT_FOUND ? a->negative : data_time(a, t);

	if (a->alias)
		return FR_DAYS(ALIAS_DAYS);
	if (!fr_verdict_stored(a->verdict))
		return FR_MS(0);
	return jittered(larger(fresh, FR_MS(0)), a->key);
}

fr_ms fr_freshness_part(fr_wall said, uint64_t post_id, struct fr_key key, bool counter, const struct fr_agreed *t, fr_wall now)
{
	const struct fr_answer as_if = { .stored = said, .post_id = post_id };
	fr_ms fresh = t->fresh.v >= 0 ? t->fresh : t->row->fresh;

	if (between(now, said).v > AHEAD_MAX.v)
		return FR_MS(0);
	if (counter)
		fresh = data_time(&as_if, t);
	return FR_MS(jittered(fresh, key).v - larger(between(said, now), FR_MS(0)).v);
}

fr_ms fr_freshness_keep_part(const struct fr_agreed *t)
{
	fr_ms fresh = t->fresh.v >= 0 ? t->fresh : t->row->fresh;

	return smaller(larger(fresh, FR_SECONDS(1)), FR_DAYS(KEEP_DAYS));
}

/* An answer that has no life after its fresh time: there is nothing to serve instead, or it says so itself. */
static bool no_afterlife(const struct fr_answer *a)
{
	return a->alias || a->verdict != FR_VERDICT_DATA;
}

/* Thousandths of a time that may be without end. */
static fr_ms part_of(fr_ms t, unsigned thousandths)
{
	return FR_MS(t.v / 1000 * thousandths + t.v % 1000 * thousandths / 1000);
}

struct fr_view fr_freshness_view(const struct fr_answer *a, const struct fr_agreed *t, fr_wall now)
{
	const struct fr_endpoint *e = t->row;
	fr_ms fresh = fr_freshness_time(a, t);
	bool bound = e->links == FR_LINKS_REQUIRED && a->links_first.v != 0 && !no_afterlife(a);
	bool ageless = between(now, a->stored).v > AHEAD_MAX.v; /* how old it is cannot be told */
	struct fr_view v = { .freshness = FR_DEAD };

	FR_ASSERT(t->stretch <= FR_STRETCH_MAX);
	v.age = larger(between(a->stored, now), FR_MS(0)); /* the wall clock may have gone back */
	v.left = FR_MS(fresh.v - v.age.v);
	if (bound) {
		fr_ms on_arrival = sum(between(a->stored, a->links_first), FR_MS(-t->links_margin.v));
		fr_ms links_left = FR_MS(larger(on_arrival, DEAD_ON_ARRIVAL).v - v.age.v);

		v.blank = links_left.v <= 0;
		v.left = smaller(v.left, links_left);
	}
	if (ageless)
		v.left = smaller(v.left, FR_MS(0));
	v.over = ageless ? FR_MS(INT64_MAX) : larger(FR_MS(-v.left.v), FR_MS(0));
	if (v.left.v > 0)
		v.freshness = FR_FRESH;
	else if (no_afterlife(a))
		v.freshness = FR_DEAD;
	else if (!v.blank && !ageless && v.age.v < sum(fresh, e->stale).v)
		v.freshness = FR_STALE;
	else if (v.age.v < e->rescue.v)
		v.freshness = FR_RESCUE;
	v.blank = v.blank && v.freshness == FR_RESCUE;
	v.spared = v.freshness == FR_STALE && v.age.v < sum(fresh, part_of(e->stale, t->stretch)).v;
	v.seldom = v.freshness == FR_STALE && fresh.v > 0 && a->read_parts < t->reads;
	return v;
}

/* An age in AGE_BITS: its highest DIGITS bits, and how many are left out. Of one moment it is the same for everybody. */
enum { DIGITS = 12, AGE_BITS = DIGITS + 6 };

static unsigned short_age(fr_ms age)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll((unsigned long long)age.v | 1);
	unsigned out = bits > DIGITS ? bits - DIGITS : 0;

	return out << DIGITS | (unsigned)(age.v >> out);
}

static int64_t long_age(unsigned age)
{
	return (int64_t)(age & ((1u << DIGITS) - 1)) << (age >> DIGITS);
}

void fr_freshness_read(struct fr_answer *a, const struct fr_view *v)
{
	int64_t part = sum(v->age, v->left).v / FR_READ_PARTS + 1;
	unsigned age;

	if (v->freshness != FR_FRESH || a->read_parts == FR_READ_PARTS)
		return;
	age = short_age(v->age);
	if (a->read_parts > 0 && long_age(age) / part <= long_age(a->read_age) / part)
		return;
	a->read_age = age & ((1u << AGE_BITS) - 1);
	a->read_parts = (a->read_parts + 1) & 15;
}

fr_ms fr_freshness_negative(const struct fr_answer *previous, const struct fr_endpoint *e)
{
	if (previous == NULL || previous->verdict != FR_VERDICT_NOT_FOUND)
		return e->negative;
	return smaller(larger(sum(previous->negative, previous->negative), e->negative), e->negative_max);
}

fr_ms fr_freshness_keep(const struct fr_answer *a, const struct fr_agreed *t)
{
	const struct fr_endpoint *e = t->row;
	fr_ms keep = fr_freshness_time(a, t);

	if (!a->alias && a->verdict == FR_VERDICT_NOT_FOUND)
		keep = larger(sum(e->negative_max, e->negative_max), keep);
	else if (!no_afterlife(a))
		keep = larger(sum(keep, e->stale), e->rescue);
	return smaller(larger(keep, FR_SECONDS(1)), FR_DAYS(KEEP_DAYS));
}
