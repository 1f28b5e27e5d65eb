/* usage.h — what a command takes, read from the very text that is shown as its usage.
 *
 *	NAME CREDITS|none                           two words, both must be given
 *	[--by endpoint|tenant] [--csv]              an option with a value, and one without
 *	(--target URL | --all) [--soft]             alternatives; which of them go together, the command itself knows
 *	[COMMAND...]                                any number of words
 *
 * So the usage, the parser, the completion and the manual cannot contradict each other. The texts are rows of the program's own
 * tables: one that cannot be read is a failed assertion. */
#ifndef FRUGAL_CTL_USAGE_H
#define FRUGAL_CTL_USAGE_H

#include "frugal/types.h"

enum { FR_USAGE_WORDS_MAX = 4, FR_USAGE_OPTIONS_MAX = 8 };

struct fr_usage_option {
	struct fr_str name;  /* "--by" */
	struct fr_str value; /* "endpoint|tenant"; n == 0: it takes none */
};

/* All parts are borrowed from the text. */
struct fr_usage {
	size_t n_words, n_needed; /* the first n_needed must be given */
	bool many;                /* the last word may be repeated */
	struct fr_str words[FR_USAGE_WORDS_MAX];
	size_t n_options;
	struct fr_usage_option options[FR_USAGE_OPTIONS_MAX];
};

void fr_usage_read(const char *text, struct fr_usage *ret);
/* NULL: there is no such option. */
const struct fr_usage_option *fr_usage_option(const struct fr_usage *u, struct fr_str name);

/* Whether one of the alternatives of "endpoint|tenant" stands for itself; "YYYY-MM-DD" in capitals stands for what the user
 * writes instead. */
bool fr_usage_literal(struct fr_str alternative);
/* Whether all that may be written is said: every alternative is literal. */
bool fr_usage_closed(struct fr_str values);

#endif
