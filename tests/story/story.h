/* story.h — what every story includes: cmocka and a world. */
#ifndef TESTS_STORY_STORY_H
#define TESTS_STORY_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/world.h"

/* A crowd asks the same thing at the same moment, spread over the instances. Returns the first one's number. */
static inline size_t crowd(struct world *w, size_t n, size_t instances, const char *target)
{
	size_t first = 0;

	for (size_t i = 0; i < n; i++) {
		size_t r = world_get(w, i % instances, target, NULL);

		if (i == 0)
			first = r;
	}
	return first;
}

static inline bool says(const struct world *w, size_t request, const char *text)
{
	return strstr(world_reply(w, request)->cache_status, text) != NULL;
}

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)

#endif
