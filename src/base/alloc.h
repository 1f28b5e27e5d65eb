/* alloc.h — memory that is there, or a program that is not.
 *
 * Every size asked for here is bounded by limits.h, so running out means that the machine is out of memory: the program
 * aborts and its supervisor starts it again, rather than carrying a failure path that no test ever walks. */
#ifndef FRUGAL_BASE_ALLOC_H
#define FRUGAL_BASE_ALLOC_H

#include <stddef.h>

void *fr_alloc(size_t n);                   /* n >= 1 bytes, not cleared; release with free() */
void *fr_calloc(size_t count, size_t size); /* cleared; aborts when the product overflows */
void *fr_realloc(void *p, size_t n);
size_t fr_alloc_cost(
	size_t n); /* what n bytes take of the machine's memory: glibc's malloc gives 16 at a time, of which 8 of all are its own */
char *fr_strndup(const char *p, size_t n); /* a terminated copy of n bytes */

#endif
