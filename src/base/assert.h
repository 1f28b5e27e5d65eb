/* assert.h — what must hold, checked in every build.
 *
 * A failed assertion writes one line to stderr and aborts: a cache that went on with a broken rule could serve the wrong
 * body or pay twice. */
#ifndef FRUGAL_BASE_ASSERT_H
#define FRUGAL_BASE_ASSERT_H

_Noreturn void fr_assert_fail(const char *file, int line, const char *what);

#define FR_ASSERT(cond) ((cond) ? (void)0 : fr_assert_fail(__FILE__, __LINE__, #cond))
#define FR_IMPLIES(a, b) (!(a) || (b))

#endif
