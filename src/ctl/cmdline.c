#include "ctl/cmdline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/suggest.h"
#include "ctl/commands.h"

struct reader {
	struct fr_cmdline line;
	struct fr_usage everywhere, itself, usage; /* of all commands, of the program, of the command */
	struct fr_str group;                       /* the first word of a name of two */
	int argc, at;
	const char *const *argv;
	struct fr_errmsg *why;
};

static enum fr_err complain(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static enum fr_err complain(struct reader *r, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(r->why->s, sizeof(r->why->s), fmt, ap);
	va_end(ap);
	FR_ASSERT(n >= 0);
	return FR_INVALID;
}

/* What is near, or where to look. */
static enum fr_err unknown(struct reader *r, const char *what, const struct fr_suggest *s)
{
	struct fr_hint near = fr_suggest_hint(s);
	const char *of = r->line.command != NULL ? r->line.command->name : "";

	if (near.s[0] != '\0')
		return complain(r, "'%.*s' is no %s%s", FR_STR_ARG(s->asked), what, near.s);
	return complain(r, "'%.*s' is no %s; see frugalctl help%s%s", FR_STR_ARG(s->asked), what, of[0] == '\0' ? "" : " ", of);
}

static void found(struct reader *r, const struct fr_command *c)
{
	r->line.command = c;
	fr_usage_read(c->takes, &r->usage);
}

static enum fr_err read_first(struct reader *r, struct fr_str word)
{
	const struct fr_command *c = fr_command_find(word);
	struct fr_suggest s;

	if (c != NULL) {
		found(r, c);
		return FR_OK;
	}
	fr_suggest_init(&s, word);
	for (size_t i = 0; i < FR_COMMANDS; i++) {
		struct fr_str rest = fr_str_of(fr_commands[i].name);

		if (fr_command_second(&fr_commands[i], word).n > 0)
			r->group = word;
		fr_suggest_offer(&s, fr_str_cut(&rest, ' '));
	}
	return r->group.n > 0 ? FR_OK : unknown(r, "command", &s);
}

static enum fr_err read_second(struct reader *r, struct fr_str word)
{
	struct fr_suggest s;
	char name[FR_NAME_MAX];
	int n = snprintf(name, sizeof(name), "%.*s %.*s", FR_STR_ARG(r->group), FR_STR_ARG(word));
	const struct fr_command *c = n > 0 && (size_t)n < sizeof(name) ? fr_command_find(fr_str_of(name)) : NULL;

	if (c != NULL) {
		found(r, c);
		return FR_OK;
	}
	fr_suggest_init(&s, word);
	for (size_t i = 0; i < FR_COMMANDS; i++) {
		struct fr_str second = fr_command_second(&fr_commands[i], r->group);

		if (second.n > 0)
			fr_suggest_offer(&s, second);
	}
	n = snprintf(name, sizeof(name), "command of '%.*s'", FR_STR_ARG(r->group));
	FR_ASSERT(n > 0);
	return unknown(r, name, &s);
}

static enum fr_err read_word(struct reader *r, const char *word)
{
	struct fr_cmdline *l = &r->line;
	size_t most = r->usage.many ? FR_USAGE_WORDS_MAX : r->usage.n_words;

	if (l->command == NULL)
		return r->group.n > 0 ? read_second(r, fr_str_of(word)) : read_first(r, fr_str_of(word));
	if (l->n_words == most)
		return complain(r, "'%s' is one word too many; usage: frugalctl %s%s%s", word, l->command->name,
				l->command->takes[0] == '\0' ? "" : " ", l->command->takes);
	l->words[l->n_words++] = word;
	return FR_OK;
}

static const struct fr_usage_option *known_option(struct reader *r, struct fr_str name)
{
	const struct fr_usage *const all[] = { &r->everywhere, &r->itself, &r->usage };
	const struct fr_usage_option *o = NULL;

	for (size_t i = 0; o == NULL && i < sizeof(all) / sizeof(all[0]); i++)
		o = fr_usage_option(all[i], name);
	return o;
}

static void offer_options(struct fr_suggest *s, const struct fr_usage *u)
{
	for (size_t i = 0; i < u->n_options; i++)
		fr_suggest_offer(s, u->options[i].name);
}

static enum fr_err unknown_option(struct reader *r, struct fr_str name)
{
	struct fr_suggest s;

	fr_suggest_init(&s, name);
	offer_options(&s, &r->usage);
	offer_options(&s, &r->everywhere);
	offer_options(&s, &r->itself);
	if (r->line.command == NULL && fr_suggest_hint(&s).s[0] == '\0')
		return complain(r, "'%.*s' before the command is no option; name the command first", FR_STR_ARG(name));
	return unknown(r, "option", &s);
}

static enum fr_err check_value(struct reader *r, const struct fr_usage_option *o, const char *value)
{
	struct fr_str rest = o->value;
	struct fr_suggest s;

	if (!fr_usage_closed(o->value))
		return FR_OK;
	fr_suggest_init(&s, fr_str_of(value));
	while (rest.p != NULL) {
		struct fr_str known = fr_str_cut(&rest, '|');

		if (fr_str_is(known, value))
			return FR_OK;
		fr_suggest_offer(&s, known);
	}
	return complain(r, "%.*s is %.*s, not '%s'%s", FR_STR_ARG(o->name), FR_STR_ARG(o->value), value, fr_suggest_hint(&s).s);
}

/* The text of the option at r->at, "--name" or "--name=value"; its value may be the next one. */
static enum fr_err read_option(struct reader *r, const char *text)
{
	struct fr_str value = fr_str_of(text), name = fr_str_cut(&value, '=');
	const struct fr_usage_option *o = known_option(r, name);
	struct fr_cmdline *l = &r->line;
	const char *given = value.p; /* terminated: it ends where the text does */

	if (o == NULL)
		return unknown_option(r, name);
	for (size_t i = 0; i < l->n_options; i++)
		if (fr_str_eq(l->options[i].name, name))
			return complain(r, "%.*s is given twice", FR_STR_ARG(name));
	if (o->value.n == 0 && given != NULL)
		return complain(r, "%.*s takes no value", FR_STR_ARG(name));
	if (o->value.n > 0 && given == NULL) {
		if (r->at + 1 == r->argc)
			return complain(r, "%.*s needs a value: %.*s", FR_STR_ARG(name), FR_STR_ARG(o->value));
		given = r->argv[++r->at];
	}
	FR_ASSERT(l->n_options < sizeof(l->options) / sizeof(l->options[0]));
	l->options[l->n_options++] = (struct fr_cmdline_option){ .name = o->name, .value = given == NULL ? "" : given };
	return o->value.n > 0 ? check_value(r, o, given) : FR_OK;
}

static const char *spelt_out(const char *option)
{
	if (strcmp(option, "-h") == 0)
		return "--help";
	return strcmp(option, "-V") == 0 ? "--version" : option;
}

static enum fr_err read_all(struct reader *r)
{
	bool options = true;
	enum fr_err e = FR_OK;

	for (r->at = 1; r->at < r->argc && e == FR_OK; r->at++) {
		const char *text = r->argv[r->at];

		if (options && strcmp(text, "--") == 0)
			options = false;
		else if (options && text[0] == '-' && text[1] != '\0')
			e = read_option(r, spelt_out(text));
		else
			e = read_word(r, text);
	}
	return e;
}

/* The second words of a group, as a question. */
static enum fr_err which_of_group(struct reader *r)
{
	char seconds[128] = "";
	size_t n = 0;

	for (size_t i = 0; i < FR_COMMANDS; i++) {
		struct fr_str second = fr_command_second(&fr_commands[i], r->group);
		int more;

		if (second.n == 0)
			continue;
		more = snprintf(seconds + n, sizeof(seconds) - n, "%s%.*s", n == 0 ? "" : ", ", FR_STR_ARG(second));
		FR_ASSERT(more > 0 && (size_t)more < sizeof(seconds) - n);
		n += (size_t)more;
	}
	return complain(r, "'%.*s' is followed by one of: %s", FR_STR_ARG(r->group), seconds);
}

static enum fr_err check_complete(struct reader *r)
{
	const struct fr_cmdline *l = &r->line;

	if (fr_cmdline_option(l, "--help") != NULL)
		return FR_OK;
	if (l->command == NULL)
		return r->group.n > 0 ? which_of_group(r) : FR_OK;
	if (l->n_words < r->usage.n_needed)
		return complain(r, "%.*s is missing; usage: frugalctl %s %s", FR_STR_ARG(r->usage.words[l->n_words]),
				l->command->name, l->command->takes);
	return FR_OK;
}

enum fr_err fr_cmdline_read(int argc, const char *const *argv, struct fr_cmdline *ret, struct fr_errmsg *why)
{
	struct reader r = { .argc = argc, .argv = argv, .why = why };
	enum fr_err e;

	fr_usage_read(fr_command_everywhere, &r.everywhere);
	fr_usage_read(fr_command_itself, &r.itself);
	e = read_all(&r);
	if (e == FR_OK)
		e = check_complete(&r);
	if (e == FR_OK)
		*ret = r.line;
	return e;
}

const char *fr_cmdline_option(const struct fr_cmdline *c, const char *name)
{
	for (size_t i = 0; i < c->n_options; i++)
		if (fr_str_is(c->options[i].name, name))
			return c->options[i].value;
	return NULL;
}

const char *fr_cmdline_word(const struct fr_cmdline *c, size_t i)
{
	return i < c->n_words ? c->words[i] : NULL;
}
