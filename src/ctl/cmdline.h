/* cmdline.h — the words of the command line, put in their places: which command, its words, its options.
 *
 * Options may stand anywhere behind the command; those that every command understands, before it, too. "--name value" and
 * "--name=value" are the same; behind "--" everything is a word. Texts are borrowed from argv. */
#ifndef FRUGAL_CTL_CMDLINE_H
#define FRUGAL_CTL_CMDLINE_H

#include "ctl/usage.h"
#include "frugal/err.h"

struct fr_command;

struct fr_cmdline {
	const struct fr_command *command; /* NULL: none was named */
	size_t n_words, n_options;
	const char *words[FR_USAGE_WORDS_MAX];
	struct fr_cmdline_option {
		struct fr_str name;
		const char *value; /* "" of an option that takes none */
	} options[2 * FR_USAGE_OPTIONS_MAX];
};

/* FR_INVALID, with a message that says how to mend it; `ret` is untouched then. With --help among the options, words may be
 * missing. */
enum fr_err fr_cmdline_read(int argc, const char *const *argv, struct fr_cmdline *ret, struct fr_errmsg *why);

/* The value of an option; NULL if it was not given. */
const char *fr_cmdline_option(const struct fr_cmdline *c, const char *name);
/* The word at a place; NULL if it was not given. */
const char *fr_cmdline_word(const struct fr_cmdline *c, size_t i);

#endif
