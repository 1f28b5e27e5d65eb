#include "ctl/help.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/suggest.h"
#include "ctl/commands.h"

enum { NAME_WIDTH = 15, OPTION_WIDTH = 24, LINE_WIDTH = 80 };

static const char *option_help(struct fr_str name)
{
	const char *help = NULL;

	for (size_t i = 0; i < FR_COMMAND_OPTIONS && help == NULL; i++)
		if (fr_str_is(name, fr_command_options[i].name))
			help = fr_command_options[i].help;
	FR_ASSERT(help != NULL);
	return help;
}

/* Words in lines of LINE_WIDTH, all but the first line indented. The text starts at column `at`. */
static void put_words(FILE *to, size_t at, size_t indent, const char *text)
{
	struct fr_str rest = fr_str_of(text);
	bool begun = false;

	while (rest.p != NULL) {
		struct fr_str word = fr_str_cut(&rest, ' ');

		if (begun && at + 1 + word.n > LINE_WIDTH) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (begun) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", FR_STR_ARG(word));
		at += word.n;
		begun = true;
	}
	fputc('\n', to);
}

/* "  name          text", the text wrapped in its column. */
static void put_row(FILE *to, const char *name, size_t width, const char *text)
{
	size_t n = strlen(name), column = 2 + width + 1;

	fprintf(to, "  %s", name);
	if (n > width)
		fprintf(to, "\n%*s", (int)column, "");
	else
		fprintf(to, "%*s", (int)(width + 1 - n), "");
	put_words(to, column, column, text);
}

static void put_options(FILE *to, const char *takes)
{
	struct fr_usage u;
	char name[128];

	fr_usage_read(takes, &u);
	for (size_t i = 0; i < u.n_options; i++) {
		int n = snprintf(name, sizeof(name), "%.*s%s%.*s", FR_STR_ARG(u.options[i].name),
				 u.options[i].value.n > 0 ? " " : "", FR_STR_ARG(u.options[i].value));

		FR_ASSERT(n > 0 && (size_t)n < sizeof(name));
		put_row(to, name, OPTION_WIDTH, option_help(u.options[i].name));
	}
}

void fr_help_all(FILE *to)
{
	fputs("usage: frugalctl COMMAND [WORDS] [OPTIONS]\n\nAsks frugald, and tells it what to do.\n\n", to);
	for (size_t i = 0; i < FR_COMMANDS; i++)
		put_row(to, fr_commands[i].name, NAME_WIDTH, fr_commands[i].help);
	fputs("\nEvery command understands:\n", to);
	put_options(to, fr_command_everywhere);
	fputs("\nfrugalctl alone:\n", to);
	put_options(to, fr_command_itself);
	fputs("\nOf one command: frugalctl help COMMAND. More: man frugalctl\n", to);
}

void fr_help_command(FILE *to, const struct fr_command *c)
{
	fprintf(to, "usage: frugalctl %s%s%s\n\n", c->name, c->takes[0] == '\0' ? "" : " ", c->takes);
	put_words(to, 0, 0, c->help);
	if (c->more[0] != '\0')
		put_words(to, 0, 0, c->more);
	if (strstr(c->takes, "--") != NULL)
		fputc('\n', to);
	put_options(to, c->takes);
}

/* Text for troff: no hyphen that turns into another sign, no backslash that means something. */
static void put_plain(FILE *to, struct fr_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '-')
			fputs("\\-", to);
		else if (text.p[i] == '\\')
			fputs("\\e", to);
		else
			fputc(text.p[i], to);
	}
}

static bool word_character(char c)
{
	c = fr_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* A usage text: what is written as it is in bold, what stands for something else in italics. */
static void put_usage(FILE *to, struct fr_str text)
{
	while (text.n > 0) {
		size_t n = 0;
		struct fr_str word;

		while (n < text.n && word_character(text.p[n]))
			n++;
		word = (struct fr_str){ text.p, n };
		if (n > 0) {
			fputs(fr_usage_literal(word) ? "\\fB\\%" : "\\fI\\%", to); /* "\\%": it is not divided at a line's end */
			put_plain(to, word);
			fputs("\\fR", to);
		} else {
			fputc(text.p[0], to);
			n = 1;
		}
		text = fr_str_skip(text, n);
	}
}

static void put_sentence(FILE *to, const char *text)
{
	put_plain(to, fr_str_of(text));
	if (!fr_str_ends(fr_str_of(text), "."))
		fputc('.', to);
	fputc('\n', to);
}

static void put_manual_options(FILE *to, const char *takes)
{
	struct fr_usage u;

	fr_usage_read(takes, &u);
	for (size_t i = 0; i < u.n_options; i++) {
		fputs(".TP\n", to);
		put_usage(to, u.options[i].name);
		if (u.options[i].value.n > 0)
			fputc(' ', to);
		put_usage(to, u.options[i].value);
		fputc('\n', to);
		put_sentence(to, option_help(u.options[i].name));
	}
}

static void put_manual_command(FILE *to, const struct fr_command *c)
{
	bool options = strstr(c->takes, "--") != NULL;

	fprintf(to, ".TP\n\\fB%s\\fR%s", c->name, c->takes[0] == '\0' ? "" : " ");
	put_usage(to, fr_str_of(c->takes));
	fputc('\n', to);
	put_sentence(to, c->help);
	if (c->more[0] != '\0')
		put_sentence(to, c->more);
	fputs(options ? ".RS\n" : "", to);
	put_manual_options(to, c->takes);
	fputs(options ? ".RE\n" : "", to);
}

void fr_help_manual(FILE *to)
{
	fputs(".SH COMMANDS\n", to);
	for (size_t i = 0; i < FR_COMMANDS; i++)
		put_manual_command(to, &fr_commands[i]);
	fputs(".SH OPTIONS\nEvery command understands these, before its words and behind them:\n", to);
	put_manual_options(to, fr_command_everywhere);
	fputs(".PP\nThese are about the program itself:\n", to);
	put_manual_options(to, fr_command_itself);
}

/* The commands that begin with the word: one, or those of a group. */
static bool help_group(FILE *to, struct fr_str first)
{
	bool found = false;

	for (size_t i = 0; i < FR_COMMANDS; i++) {
		if (fr_command_second(&fr_commands[i], first).n == 0)
			continue;
		put_row(to, fr_commands[i].name, NAME_WIDTH, fr_commands[i].help);
		found = true;
	}
	return found;
}

static int unknown(struct fr_session *s, const char *name)
{
	struct fr_suggest near;

	fr_suggest_init(&near, fr_str_of(name));
	for (size_t i = 0; i < FR_COMMANDS; i++)
		fr_suggest_offer(&near, fr_str_of(fr_commands[i].name));
	return fr_session_fail(s, FR_CTL_UNKNOWN, "'%s' is no command%s", name, fr_suggest_hint(&near).s);
}

int fr_help_run(struct fr_session *s)
{
	const char *first = fr_cmdline_word(s->line, 0), *second = fr_cmdline_word(s->line, 1);
	const struct fr_command *c;
	char name[FR_NAME_MAX];
	int n;

	if (first == NULL) {
		fr_help_all(s->out);
		return FR_CTL_OK;
	}
	n = snprintf(name, sizeof(name), "%s%s%s", first, second == NULL ? "" : " ", second == NULL ? "" : second);
	FR_ASSERT(n > 0);
	c = fr_command_find(fr_str_of(name));
	if (c != NULL)
		fr_help_command(s->out, c);
	else if (second != NULL || !help_group(s->out, fr_str_of(first)))
		return unknown(s, name);
	return FR_CTL_OK;
}
