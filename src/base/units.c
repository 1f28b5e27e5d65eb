#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"

struct unit {
	const char *name;
	int64_t worth;
};

/* The largest first: what is shown uses the first that divides it. Weeks are only read: "14d" is how people speak of caches. */
static const struct unit lengths[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 }, { "w", 7 * 86400000 },
};
static const struct unit sizes[] = {
	{ "T", (int64_t)1 << 40 }, { "G", 1 << 30 }, { "M", 1 << 20 }, { "K", 1 << 10 }, { "", 1 },
};
static const struct unit windows[] = { { "h", 3600000 }, { "min", 60000 }, { "s", 1000 } };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct unit *unit_named(const struct unit *units, size_t n, struct fr_str name)
{
	for (size_t i = 0; i < n; i++)
		if (fr_str_is(name, units[i].name))
			return &units[i];
	return NULL;
}

/* A number and a unit's name, nothing between them. */
static bool parse(struct fr_str s, const struct unit *units, size_t n, int64_t *ret)
{
	const struct unit *unit;
	size_t digits = 0;
	int64_t v;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (!fr_str_to_i64((struct fr_str){ s.p, digits }, &v))
		return false;
	unit = unit_named(units, n, fr_str_skip(s, digits));
	if (unit == NULL || v > INT64_MAX / unit->worth)
		return false;
	*ret = v * unit->worth;
	return true;
}

bool fr_units_ms(struct fr_str s, fr_ms *ret)
{
	if (fr_str_is(s, "0")) {
		ret->v = 0;
		return true;
	}
	return parse(s, lengths, COUNT(lengths), &ret->v);
}

bool fr_units_bytes(struct fr_str s, int64_t *ret)
{
	return parse(s, sizes, COUNT(sizes), ret);
}

bool fr_units_rate(struct fr_str s, int64_t *calls, fr_ms *window)
{
	struct fr_str per = s, number = fr_str_cut(&per, '/');
	const struct unit *unit = unit_named(windows, COUNT(windows), per);
	uint64_t n;

	if (fr_str_is(s, "none")) {
		*calls = 0;
		window->v = 0;
		return true;
	}
	if (unit == NULL || !fr_str_to_u64(number, &n) || n == 0 || n > INT64_MAX)
		return false;
	*calls = (int64_t)n;
	window->v = unit->worth;
	return true;
}

static void show(int64_t v, const struct unit *units, size_t n, char *ret, size_t size)
{
	int written;
	size_t i = 0;

	while (i + 1 < n && v % units[i].worth != 0)
		i++;
	FR_ASSERT(size > 0);
	if (v == 0)
		written = snprintf(ret, size, "0");
	else
		written = snprintf(ret, size, "%" PRId64 "%s", v / units[i].worth, units[i].name);
	FR_ASSERT(written > 0);
}

void fr_units_show_ms(fr_ms t, char *ret, size_t size)
{
	show(t.v, lengths, COUNT(lengths), ret, size);
}

void fr_units_show_bytes(int64_t n, char *ret, size_t size)
{
	show(n, sizes, COUNT(sizes), ret, size);
}

void fr_units_show_rate(int64_t calls, fr_ms window, char *ret, size_t size)
{
	char length[32];
	const char *per = length;
	int written;

	fr_units_show_ms(window, length, sizeof(length));
	for (size_t i = 0; i < COUNT(windows); i++)
		if (windows[i].worth == window.v)
			per = windows[i].name;
	FR_ASSERT(size > 0);
	if (calls == 0)
		written = snprintf(ret, size, "none");
	else
		written = snprintf(ret, size, "%" PRId64 "/%s", calls, per);
	FR_ASSERT(written > 0);
}

enum { DAY_MS = 86400000 };

struct date {
	int year, month, day; /* month and day count from 1 */
};

/* The quotient that rounds down, before 1970 too. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the leap day is the last.
 * Moments outside the years 0 to 9999, which only a broken clock tells, show as the nearest day inside. */
static struct date date_of(int64_t day)
{
	const int64_t first = -719528, last = 2932896;
	int64_t shifted, era, doe, yoe, doy, mp;
	struct date d;

	day = day < first ? first : day > last ? last : day;
	shifted = day + 719468; /* since 1 March of the year 0 */
	era = floor_div(shifted, 146097);
	doe = shifted - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	d.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d.year = (int)(yoe + era * 400 + (d.month <= 2 ? 1 : 0));
	return d;
}

void fr_units_show_count(int64_t n, char ret[FR_UNITS_COUNT_MAX])
{
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char text[FR_UNITS_COUNT_MAX];
	size_t at = sizeof(text), digits = 0;

	text[--at] = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			text[--at] = ',';
		text[--at] = (char)('0' + rest % 10);
		digits++;
	} while ((rest /= 10) > 0);
	if (n < 0)
		text[--at] = '-';
	memcpy(ret, text + at, sizeof(text) - at);
}

/* `v` in exactly `width` digits; returns what is behind them. */
static char *put_number(char *at, int width, int v)
{
	for (int i = width - 1; i >= 0; i--, v /= 10)
		at[i] = (char)('0' + v % 10);
	return at + width;
}

static char *put_text(char *at, const char *text, size_t n)
{
	memcpy(at, text, n);
	return at + n;
}

int64_t fr_units_day(fr_wall t)
{
	return floor_div(t.v, DAY_MS);
}

int fr_units_yyyymmdd(int64_t day)
{
	struct date d = date_of(day);

	return d.year * 10000 + d.month * 100 + d.day;
}

void fr_units_show_day(int64_t day, char ret[11])
{
	struct date d = date_of(day);
	char *at = put_number(ret, 4, d.year);

	at = put_number(put_text(at, "-", 1), 2, d.month);
	at = put_number(put_text(at, "-", 1), 2, d.day);
	*at = '\0';
}

void fr_units_show_http_date(fr_wall t, char ret[30])
{
	static const char week[] = "SunMonTueWedThuFriSat";
	static const char year[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = fr_units_day(t), weekday = day + 4 - floor_div(day + 4, 7) * 7; /* 1970 began on a Thursday */
	int second = (int)((t.v % DAY_MS + DAY_MS) % DAY_MS / 1000);
	struct date d = date_of(day);
	char *at = put_text(ret, &week[weekday * 3], 3);

	at = put_number(put_text(at, ", ", 2), 2, d.day);
	at = put_text(put_text(at, " ", 1), &year[(d.month - 1) * 3], 3);
	at = put_number(put_text(at, " ", 1), 4, d.year);
	at = put_number(put_text(at, " ", 1), 2, second / 3600);
	at = put_number(put_text(at, ":", 1), 2, second / 60 % 60);
	at = put_number(put_text(at, ":", 1), 2, second % 60);
	at = put_text(at, " GMT", 4);
	*at = '\0';
}
