/* completion.h — bash's completion of frugalctl, written from the rows of commands.h. */
#ifndef FRUGAL_CTL_COMPLETION_H
#define FRUGAL_CTL_COMPLETION_H

#include <stdio.h>

void fr_completion_bash(FILE *to);

#endif
