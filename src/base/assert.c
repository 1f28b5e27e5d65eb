#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fr_assert_fail(const char *file, int line, const char *what)
{
	/* The line is a courtesy; the abort must happen even if stderr is gone. */
	(void)fprintf(stderr, "frugald: %s:%d: does not hold: %s\n", file, line, what);
	abort();
}
