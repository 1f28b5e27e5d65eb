/* options.h — the command line. */
#ifndef FRUGAL_APP_OPTIONS_H
#define FRUGAL_APP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum fr_mode {
	FR_MODE_RUN,
	FR_MODE_TEST,    /* -t */
	FR_MODE_DUMP,    /* -T */
	FR_MODE_VERSION, /* -V */
	FR_MODE_HELP,    /* -h */
	FR_MODE_EXPLAIN, /* --explain URL */
	FR_MODE_DOCS     /* --dump-docs TOPIC */
};

struct fr_options {
	enum fr_mode mode;
	const char *file;  /* -c, or NULL: all defaults */
	const char *topic; /* the URL or the topic */
};

/* Exit codes: sysexits(3) where there is a word for it. */
enum { FR_EXIT_OK = 0, FR_EXIT_RUNTIME = 1, FR_EXIT_USAGE = 2, FR_EXIT_CONFIG = 78 };

/* False, after a line on stderr, if the command line cannot be read. Texts are borrowed from argv. */
bool fr_options_read(int argc, char **argv, struct fr_options *ret);
void fr_options_help(FILE *to);

#endif
