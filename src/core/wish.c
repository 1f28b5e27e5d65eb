#include "core/wish.h"

#include "base/str.h"

#include "base/pure.h"

/* RFC 9111, section 1.2.2: what is larger counts as this. */
static const uint64_t seconds_max = (uint64_t)1 << 31;

struct fr_wish fr_wish_none(void)
{
	return (struct fr_wish){ .max_age = FR_MS(-1), .min_fresh = FR_MS(-1), .max_stale = FR_MS(-1) };
}

/* Cuts the next member of a comma-separated list; commas inside of quotes do not separate. */
static struct fr_str next_directive(struct fr_str *rest)
{
	struct fr_str all = *rest;
	bool quoted = false;

	for (size_t i = 0; i < all.n; i++) {
		if (quoted && all.p[i] == '\\')
			i++;
		else if (all.p[i] == '"')
			quoted = !quoted;
		else if (all.p[i] == ',' && !quoted) {
			*rest = fr_str_skip(all, i + 1);
			return fr_str_trim((struct fr_str){ all.p, i });
		}
	}
	*rest = (struct fr_str){ NULL, 0 };
	return fr_str_trim(all);
}

/* Seconds, bare or in quotes. Signs, fractions and spaces make the directive malformed. */
static bool seconds_of(struct fr_str value, fr_ms *ret)
{
	uint64_t seconds;

	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = (struct fr_str){ value.p + 1, value.n - 2 };
	if (!fr_str_all_digits(value))
		return false;
	if (!fr_str_to_u64(value, &seconds) || seconds > seconds_max)
		seconds = seconds_max;
	*ret = FR_SECONDS(seconds);
	return true;
}

/* The first of several counts, also across header fields. */
static void say(fr_ms *to, struct fr_str value)
{
	fr_ms t;

	if (to->v < 0 && seconds_of(value, &t))
		*to = t;
}

static void read_one(struct fr_wish *w, struct fr_str directive)
{
	struct fr_str value = directive, name = fr_str_cut(&value, '=');

	if (fr_str_eq_nocase(name, FR_STR("max-age")))
		say(&w->max_age, value);
	else if (fr_str_eq_nocase(name, FR_STR("min-fresh")))
		say(&w->min_fresh, value);
	else if (fr_str_eq_nocase(name, FR_STR("max-stale")) && value.p != NULL)
		say(&w->max_stale, value);
	else if (fr_str_eq_nocase(name, FR_STR("max-stale")) && w->max_stale.v < 0)
		w->max_stale = FR_MS(INT64_MAX);
	else if (fr_str_eq_nocase(name, FR_STR("no-cache")))
		w->no_cache = true;
	else if (fr_str_eq_nocase(name, FR_STR("only-if-cached")))
		w->only_if_cached = true;
}

void fr_wish_read(struct fr_wish *w, struct fr_str cache_control)
{
	while (cache_control.p != NULL)
		read_one(w, next_directive(&cache_control));
}

bool fr_wish_buys(const struct fr_wish *w, struct fr_wish *left)
{
	bool buys = w->no_cache || w->max_age.v >= 0 || w->min_fresh.v >= 0;

	*left = fr_wish_none();
	left->max_stale = w->max_stale;
	left->only_if_cached = w->only_if_cached;
	return buys;
}
