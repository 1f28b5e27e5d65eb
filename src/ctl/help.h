/* help.h — the texts that grow from the rows of commands.h: help, and the tables of the manual page. */
#ifndef FRUGAL_CTL_HELP_H
#define FRUGAL_CTL_HELP_H

#include "ctl/session.h"

/* All commands, one line each. */
void fr_help_all(FILE *to);
/* One command: its usage, what it does, its options. */
void fr_help_command(FILE *to, const struct fr_command *c);
/* The sections COMMANDS and OPTIONS of frugalctl(1), in man's macros. */
void fr_help_manual(FILE *to);

/* `frugalctl help [COMMAND...]` */
int fr_help_run(struct fr_session *s);

#endif
