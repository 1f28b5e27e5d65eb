#include "ctl/completion.h"

#include "base/str.h"
#include "ctl/commands.h"

/* `all` words so far, `cur` the one that is being written. They come from the line itself: bash cuts its own words at colons and
 * equals signs, too. `command` is made of the words that are neither options nor their values; `wants` is the option whose value is being
 * written. */
static const char head[] = "# bash completion of frugalctl, as 'frugalctl --completion bash' prints it\n"
			   "_frugalctl() {\n"
			   "\tlocal line=${COMP_LINE:0:COMP_POINT} cur= wants= command= words= i\n"
			   "\tlocal -a all\n"
			   "\tread -ra all <<<\"$line\"\n"
			   "\tif [[ $line != *[[:space:]] ]]; then\n"
			   "\t\tcur=${all[-1]}\n"
			   "\t\tunset 'all[-1]'\n"
			   "\tfi\n"
			   "\tfor ((i = 1; i < ${#all[@]}; i++)); do\n"
			   "\t\tcase ${all[i]} in\n";
static const char words_end[] = "\t\t-*) ;;\n"
				"\t\t*) command+=${command:+ }${all[i]} ;;\n"
				"\t\tesac\n"
				"\tdone\n"
				"\tcase $wants in\n";
static const char values_end[] = "\t'')\n"
				 "\t\tcase $command in\n";
static const char tail[] = "\t\tesac ;;\n"
			   "\tesac\n"
			   "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
			   "}\n"
			   "complete -F _frugalctl frugalctl\n";

/* Finds where an option is described: the same name takes the same everywhere. */
static bool described(struct fr_str name, struct fr_usage_option *ret)
{
	const char *texts[FR_COMMANDS + 2] = { fr_command_everywhere, fr_command_itself };

	for (size_t i = 0; i < FR_COMMANDS; i++)
		texts[i + 2] = fr_commands[i].takes;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct fr_usage_option *o;
		struct fr_usage u;

		fr_usage_read(texts[i], &u);
		o = fr_usage_option(&u, name);
		if (o != NULL) {
			*ret = *o;
			return true;
		}
	}
	return false;
}

/* Calls `each` for every option that takes a value. */
static void each_with_value(FILE *to, void (*each)(FILE *to, const struct fr_usage_option *o))
{
	for (size_t i = 0; i < FR_COMMAND_OPTIONS; i++) {
		struct fr_usage_option o;

		if (described(fr_str_of(fr_command_options[i].name), &o) && o.value.n > 0)
			each(to, &o);
	}
}

static void put_skip(FILE *to, const struct fr_usage_option *o)
{
	fprintf(to, "\t\t%.*s) ((++i < ${#all[@]})) || wants=%.*s ;;\n", FR_STR_ARG(o->name), FR_STR_ARG(o->name));
}

/* What is literal among the alternatives. */
static void put_literals(FILE *to, struct fr_str values)
{
	const char *gap = "";

	while (values.p != NULL) {
		struct fr_str v = fr_str_cut(&values, '|');

		if (!fr_usage_literal(v))
			continue;
		fprintf(to, "%s%.*s", gap, FR_STR_ARG(v));
		gap = " ";
	}
}

static void put_values(FILE *to, const struct fr_usage_option *o)
{
	fprintf(to, "\t%.*s) words='", FR_STR_ARG(o->name));
	put_literals(to, o->value);
	fputs("' ;;\n", to);
}

/* The different first words of all names, or the second words behind `first`. */
static void put_names(FILE *to, struct fr_str first)
{
	struct fr_str before = FR_STR("");
	const char *gap = "";

	for (size_t i = 0; i < FR_COMMANDS; i++) {
		struct fr_str rest = fr_str_of(fr_commands[i].name), word = fr_str_cut(&rest, ' ');

		if (first.n > 0)
			word = fr_command_second(&fr_commands[i], first);
		if (word.n == 0 || fr_str_eq(word, before))
			continue;
		fprintf(to, "%s%.*s", gap, FR_STR_ARG(word));
		before = word;
		gap = " ";
	}
}

static void put_options(FILE *to, const char *takes)
{
	struct fr_usage u;

	fr_usage_read(takes, &u);
	for (size_t i = 0; i < u.n_options; i++)
		fprintf(to, " %.*s", FR_STR_ARG(u.options[i].name));
}

/* The literal words that a command takes, and its options. */
static void put_command(FILE *to, const struct fr_command *c)
{
	struct fr_usage u;

	fr_usage_read(c->takes, &u);
	fprintf(to, "\t\t'%s'*) words='", c->name);
	for (size_t i = 0; i < u.n_words; i++)
		put_literals(to, u.words[i]);
	put_options(to, c->takes);
	put_options(to, fr_command_everywhere);
	fputs("' ;;\n", to);
}

static void put_groups(FILE *to)
{
	struct fr_str before = FR_STR("");

	for (size_t i = 0; i < FR_COMMANDS; i++) {
		struct fr_str rest = fr_str_of(fr_commands[i].name), first = fr_str_cut(&rest, ' ');

		if (rest.p == NULL || fr_str_eq(first, before))
			continue;
		fprintf(to, "\t\t%.*s | 'help %.*s') words='", FR_STR_ARG(first), FR_STR_ARG(first));
		put_names(to, first);
		fputs("' ;;\n", to);
		before = first;
	}
}

void fr_completion_bash(FILE *to)
{
	fputs(head, to);
	each_with_value(to, put_skip);
	fputs(words_end, to);
	each_with_value(to, put_values);
	fputs(values_end, to);
	fputs("\t\t'' | help) words='", to);
	put_names(to, (struct fr_str){ NULL, 0 });
	put_options(to, fr_command_everywhere);
	put_options(to, fr_command_itself);
	fputs("' ;;\n", to);
	put_groups(to);
	for (size_t i = 0; i < FR_COMMANDS; i++)
		put_command(to, &fr_commands[i]);
	fputs(tail, to);
}
