/* miss_profile.c — what a long page costs in the engine, for valgrind's callgrind: instructions inside of measured_answer(), until those who wait for it
 * have it, and inside of measured_lessons(), afterwards, in pieces.
 *
 *   miss_profile PAGE...
 *
 * takes first pages of creators, each in a file that is named by the creator's id. */
#include "base/alloc.h"
#include "bench/alone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 1024 * 1024, QUIET = 4 };

void measured_answer(struct alone *a, struct fr_str page);
void measured_lessons(struct alone *a);

__attribute__((noinline)) void measured_answer(struct alone *a, struct fr_str page)
{
	alone_fetched(a, page);
}

__attribute__((noinline)) void measured_lessons(struct alone *a)
{
	fr_engine_wake(a->engine);
}

static struct fr_str read_page(const char *path, char *to)
{
	FILE *from = fopen(path, "r");
	struct fr_str page = { to, 0 };

	if (from == NULL) {
		perror(path);
		exit(1);
	}
	page.n = fread(to, 1, PAGE_MAX, from);
	fclose(from);
	return page;
}

/* Until nothing has been learnt for a while. */
static void learn(struct alone *a)
{
	uint64_t before = fr_engine_tally(a->engine)->counters.harvested;

	for (size_t quiet = 0; quiet < QUIET; quiet++) {
		uint64_t now;

		a->ms += 2;
		measured_lessons(a);
		now = fr_engine_tally(a->engine)->counters.harvested;
		if (now != before)
			quiet = 0;
		before = now;
	}
}

int main(int argc, char **argv)
{
	struct alone a = { .ms = 0 };
	char *bytes = fr_alloc(PAGE_MAX), target[256];

	alone_start(&a, "upstream: { rate: none }");
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		struct fr_str page = read_page(argv[i], bytes);

		(void)snprintf(target, sizeof target, "/user-posts/?userid=%s&count=35", slash != NULL ? slash + 1 : argv[i]);
		alone_ask(&a, (uint64_t)i, target);
		measured_answer(&a, page);
		learn(&a);
	}
	if (a.hits != (uint64_t)argc - 1) {
		fprintf(stderr, "miss_profile: %d pages, %llu answers\n", argc - 1, (unsigned long long)a.hits);
		return 1;
	}
	return 0;
}
