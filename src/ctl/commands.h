/* commands.h — what frugalctl can do: one row per command, and one per option.
 *
 * The parser, the help, bash's completion and the manual page all grow from these rows. */
#ifndef FRUGAL_CTL_COMMANDS_H
#define FRUGAL_CTL_COMMANDS_H

#include "ctl/session.h"
#include "frugal/types.h"

struct fr_command {
	const char *name;                 /* one word or two: "budget set" */
	const char *takes;                /* see usage.h */
	const char *help;                 /* one line */
	const char *more;                 /* for the manual and `help COMMAND`; "" where the line says it all */
	int (*run)(struct fr_session *s); /* returns the exit status, after a line on stderr if it is not 0 */
};

enum { FR_COMMANDS = 12 };
extern const struct fr_command fr_commands[FR_COMMANDS];
/* The row of a name, or NULL. */
const struct fr_command *fr_command_find(struct fr_str name);
/* The second word of a row's name, if the first one is `first`; { NULL, 0 } else. */
struct fr_str fr_command_second(const struct fr_command *c, struct fr_str first);
/* The usage texts of the options that every command understands, and of those that are about the program itself. */
extern const char fr_command_everywhere[], fr_command_itself[];

struct fr_command_option {
	const char *name; /* "--by" */
	const char *help;
};

enum { FR_COMMAND_OPTIONS = 17 };
extern const struct fr_command_option fr_command_options[FR_COMMAND_OPTIONS];

#endif
