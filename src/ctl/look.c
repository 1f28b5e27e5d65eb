#include "ctl/look.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"

static const double WARN_FROM = 0.7, BAD_FROM = 0.9, SHOWN_MOST = 1e12;

struct fr_look fr_look_for(bool terminal, const char *no_color, const char *term, bool utf8)
{
	bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;

	return (struct fr_look){
		.colour = terminal && !dumb && (no_color == NULL || no_color[0] == '\0'),
		.bars = terminal,
		.utf8 = utf8 && !dumb,
	};
}

/* A whole number of anything, within what can be shown. */
static int64_t whole(double v)
{
	return (int64_t)(v > SHOWN_MOST ? SHOWN_MOST : v < -SHOWN_MOST ? -SHOWN_MOST : v);
}

void fr_look_percent(double ratio, char ret[FR_LOOK_MAX])
{
	/* What was written as 0.29 may be a little less in binary. */
	double percent = floor(ratio * 100 + 1e-9);
	size_t n;

	if (isnan(ratio)) {
		FR_ASSERT(fr_str_copy(ret, FR_LOOK_MAX, FR_STR("-")));
		return;
	}
	if (ratio > 0 && percent < 1) {
		FR_ASSERT(fr_str_copy(ret, FR_LOOK_MAX, FR_STR("<1 %")));
		return;
	}
	fr_units_show_count(whole(percent), ret);
	n = strlen(ret);
	FR_ASSERT(fr_str_copy(ret + n, FR_LOOK_MAX - n, FR_STR(" %")));
}

void fr_look_tenths(double v, char ret[FR_LOOK_MAX])
{
	int64_t tenths;
	size_t n;

	if (!isfinite(v) || v < 0) {
		FR_ASSERT(fr_str_copy(ret, FR_LOOK_MAX, FR_STR("-")));
		return;
	}
	tenths = whole(floor(v * 10 + 0.5));
	fr_units_show_count(tenths / 10, ret);
	n = strlen(ret);
	FR_ASSERT(fr_str_copy(ret + n, FR_LOOK_MAX - n, (struct fr_str){ (const char[]){ '.', (char)('0' + tenths % 10) }, 2 }));
}

void fr_look_span(int64_t seconds, char ret[FR_LOOK_MAX])
{
	static const struct {
		const char *name;
		int64_t worth;
	} units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 }, { "s", 1 } };
	enum { LAST = sizeof(units) / sizeof(units[0]) - 1 };
	int64_t first, second;
	size_t i = 0;
	int n;

	seconds = seconds < 0 ? 0 : seconds;
	while (i < LAST && seconds < units[i].worth)
		i++;
	first = seconds / units[i].worth;
	second = i == LAST ? 0 : seconds % units[i].worth / units[i + 1].worth;
	if (second == 0)
		n = snprintf(ret, FR_LOOK_MAX, "%" PRId64 " %s", first, units[i].name);
	else
		n = snprintf(ret, FR_LOOK_MAX, "%" PRId64 " %s %" PRId64 " %s", first, units[i].name, second, units[i + 1].name);
	FR_ASSERT(n > 0 && n < FR_LOOK_MAX);
}

void fr_look_moment(int64_t seconds, char ret[FR_LOOK_MAX])
{
	int64_t day = fr_units_day((fr_wall){ whole((double)seconds) * 1000 }), in_day = seconds - day * 86400;
	char date[11];
	int n;

	fr_units_show_day(day, date);
	n = snprintf(ret, FR_LOOK_MAX, "%s %02d:%02d UTC", date, (int)(in_day / 3600 % 24), (int)(in_day / 60 % 60));
	FR_ASSERT(n > 0 && n < FR_LOOK_MAX);
}

static char *put(char *at, const char *text)
{
	size_t n = strlen(text);

	memcpy(at, text, n);
	return at + n;
}

void fr_look_bar(const struct fr_look *look, double ratio, char ret[FR_LOOK_BAR_MAX])
{
	const char *full = look->utf8 ? "█" : "#", *empty = look->utf8 ? "░" : ".";
	double cells = isnan(ratio) || ratio <= 0 ? 0 : ratio >= 1 ? FR_LOOK_BAR_CELLS : floor(ratio * FR_LOOK_BAR_CELLS + 1e-9);
	int n = (int)cells;
	char *at = put(ret, "[");

	if (n == 0 && ratio > 0)
		n = 1;
	for (int i = 0; i < FR_LOOK_BAR_CELLS; i++)
		at = put(at, i < n ? full : empty);
	at = put(at, "]");
	*at = '\0';
}

enum fr_tint fr_look_tint(double ratio)
{
	return ratio >= BAD_FROM ? FR_TINT_BAD : ratio >= WARN_FROM ? FR_TINT_WARN : FR_TINT_GOOD;
}

void fr_look_put(FILE *to, const struct fr_look *look, enum fr_tint tint, const char *text)
{
	static const char *const begin[] = {
		[FR_TINT_NONE] = "",          [FR_TINT_GOOD] = "\033[32m",  [FR_TINT_WARN] = "\033[33m",
		[FR_TINT_BAD] = "\033[1;31m", [FR_TINT_STRONG] = "\033[1m",
	};
	bool tinted = look->colour && tint != FR_TINT_NONE;

	fputs(tinted ? begin[tint] : "", to);
	fr_look_foreign(to, fr_str_of(text));
	fputs(tinted ? "\033[0m" : "", to);
}

void fr_look_foreign(FILE *to, struct fr_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		fputc(c < ' ' || c == 0x7f ? '?' : c, to);
	}
}
