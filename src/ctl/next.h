/* next.h — what the operator should do next: one line, for the worst that there is. */
#ifndef FRUGAL_CTL_NEXT_H
#define FRUGAL_CTL_NEXT_H

#include "ctl/status.h"

enum { FR_NEXT_MAX = 512 };

/* Fills the line, and returns how bad it is; FR_TINT_GOOD: nothing needs doing. */
enum fr_tint fr_next(const struct fr_status *s, char ret[FR_NEXT_MAX]);

#endif
