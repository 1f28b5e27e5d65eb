/* err.h — errors inside the program, and one bounded message that gains context as it rises.
 *
 * What a client is told lives in tbl/problems.def; these codes are for functions of the program. */
#ifndef FRUGAL_ERR_H
#define FRUGAL_ERR_H

#include "frugal/limits.h"

enum fr_err {
	FR_OK = 0,
	FR_INVALID, /* the input breaks a rule; the message says which and where */
	FR_TOOBIG,  /* a ceiling of limits.h or of the settings was reached */
	FR_ABSENT,  /* what was asked for is not there */
	FR_IO       /* the outside world failed; the message says how */
};

struct fr_errmsg {
	char s[FR_ERRMSG_MAX];
};

#endif
