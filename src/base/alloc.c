#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

void *fr_alloc(size_t n)
{
	void *p;

	FR_ASSERT(n >= 1);
	p = malloc(n);
	FR_ASSERT(p != NULL);
	return p;
}

void *fr_calloc(size_t count, size_t size)
{
	void *p;

	FR_ASSERT(size >= 1);
	FR_ASSERT(count <= SIZE_MAX / size);
	p = calloc(count == 0 ? 1 : count, size);
	FR_ASSERT(p != NULL);
	return p;
}

void *fr_realloc(void *p, size_t n)
{
	void *moved;

	FR_ASSERT(n >= 1);
	moved = realloc(p, n);
	FR_ASSERT(moved != NULL);
	return moved;
}

size_t fr_alloc_cost(size_t n)
{
	const size_t own = 8, step = 16, least = 32;
	size_t cost = (n + own + step - 1) / step * step;

	return cost < least ? least : cost;
}

char *fr_strndup(const char *p, size_t n)
{
	char *copy;

	FR_ASSERT(n < SIZE_MAX);
	FR_ASSERT(p != NULL || n == 0);
	copy = fr_alloc(n + 1);
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}
