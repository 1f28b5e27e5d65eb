#include "app/options.h"

#include <getopt.h>

enum { OPT_EXPLAIN = 256, OPT_DOCS };

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "dump-config", no_argument, NULL, 'T' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "explain", required_argument, NULL, OPT_EXPLAIN },
	{ "dump-docs", required_argument, NULL, OPT_DOCS },
	{ NULL, 0, NULL, 0 },
};

void fr_options_help(FILE *to)
{
	fputs("usage: frugald [-c FILE] [-t | -T | -V | -h | --explain URL]\n"
	      "\n"
	      "A caching proxy before an API that bills per request: the same question is never paid for twice.\n"
	      "Runs in the foreground and logs to stderr.\n"
	      "\n"
	      "  -c, --config FILE   configuration (YAML); without it every setting has its default\n"
	      "  -t, --test          check the configuration and exit: 0, or 78 and a line file:line:column: message\n"
	      "  -T, --dump-config   print the configuration in force, secrets masked\n"
	      "      --explain URL   what frugald makes of a request: endpoint, key, parameters, times\n"
	      "  -V, --version       print the version\n"
	      "  -h, --help          print this\n"
	      "\n"
	      "SIGHUP reloads the configuration, SIGTERM and SIGINT finish what is paid for and stop.\n"
	      "More: man frugald\n",
	      to);
}

bool fr_options_read(int argc, char **argv, struct fr_options *ret)
{
	struct fr_options o = { .mode = FR_MODE_RUN };
	int c;

	while ((c = getopt_long(argc, argv, "c:tTVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c': o.file = optarg; break;
		case 't': o.mode = FR_MODE_TEST; break;
		case 'T': o.mode = FR_MODE_DUMP; break;
		case 'V': o.mode = FR_MODE_VERSION; break;
		case 'h': o.mode = FR_MODE_HELP; break;
		case OPT_EXPLAIN:
		case OPT_DOCS:
			o.mode = c == OPT_EXPLAIN ? FR_MODE_EXPLAIN : FR_MODE_DOCS;
			o.topic = optarg;
			break;
		default: return false; /* getopt has said why */
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: '%s' is not an option; see frugald -h\n", argv[0], argv[optind]);
		return false;
	}
	*ret = o;
	return true;
}
