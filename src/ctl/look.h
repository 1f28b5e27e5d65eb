/* look.h — how figures look to people: numbers, shares, bars, lengths of time, colours.
 *
 * On a terminal there are bars and colours; elsewhere the same lines come plain, so that grep and a mail find what they expect.
 * Every function that fills `ret` fills it always, terminated. */
#ifndef FRUGAL_CTL_LOOK_H
#define FRUGAL_CTL_LOOK_H

#include <stdio.h>

#include "base/units.h"
#include "frugal/types.h"

enum { FR_LOOK_MAX = FR_UNITS_COUNT_MAX, FR_LOOK_BAR_CELLS = 20, FR_LOOK_BAR_MAX = 3 * FR_LOOK_BAR_CELLS + 3 };

struct fr_look {
	bool colour, bars;
	bool utf8; /* bars of blocks, else of ASCII */
};

enum fr_tint { FR_TINT_NONE, FR_TINT_GOOD, FR_TINT_WARN, FR_TINT_BAD, FR_TINT_STRONG };

/* What suits a file: `terminal` says whether it is one, the others are the environment's NO_COLOR and TERM, or NULL. */
struct fr_look fr_look_for(bool terminal, const char *no_color, const char *term, bool utf8);

/* 0.719 -> "71 %": rounded down, so that "100 %" is never said of what is not used up; "<1 %" of what is more than nothing. */
void fr_look_percent(double ratio, char ret[FR_LOOK_MAX]);
/* 61.25 -> "61.3"; "-" for what is no number. */
void fr_look_tenths(double v, char ret[FR_LOOK_MAX]);
/* The two largest units: 93784 -> "1 d 2 h", 125 -> "2 min 5 s". */
void fr_look_span(int64_t seconds, char ret[FR_LOOK_MAX]);
/* "2026-11-21 08:14 UTC". */
void fr_look_moment(int64_t seconds, char ret[FR_LOOK_MAX]);
/* "[#######.............]"; full from 1.0 on, and never empty for what is more than nothing. */
void fr_look_bar(const struct fr_look *look, double ratio, char ret[FR_LOOK_BAR_MAX]);
/* Green, yellow from 70 %, red from 90 %. */
enum fr_tint fr_look_tint(double ratio);

/* The text in a colour, where colours are. */
void fr_look_put(FILE *to, const struct fr_look *look, enum fr_tint tint, const char *text);
/* Text from elsewhere: control characters, which could move the cursor or worse, become '?'. */
void fr_look_foreign(FILE *to, struct fr_str text);

#endif
