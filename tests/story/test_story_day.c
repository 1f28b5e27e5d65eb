#include "tests/story/story.h"

#include <malloc.h>

/* A day of traffic takes no more memory than its second hour. */

enum { REQUESTS_AN_HOUR = 2600, STEP_MS = 3600 * 1000 / REQUESTS_AN_HOUR, INSTANCES = 2 };

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak)); /* NOLINT: that is its name */

/* By the whole program. The world's own share is what two instances and a store keep, and 16 bytes for each call so far. */
static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL ? __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks;
}

static void live(struct world *w, struct fr_random *r)
{
	static const struct {
		const char *head, *tail;
	} targets[] = {
		{ "/userinfo-by-username/?username=u", "" },
		{ "/userid/?username=u", "" },
		{ "/user-posts/?userid=", "&count=10" },
		{ "/post-detail/?url=https://www.tiktok.com/@x/video/71065943122924536", "" },
		{ "/search-video/?count=7&keyword=k", "" },
		{ "/post-comments/?url=https://vm.tiktok.com/ZM71065943122924536", "" },
		{ "/challenge-info-name/?name=c", "" },
		{ "/music-info/?url=71", "" },
	};
	size_t which = fr_random_below(r, 8);
	char target[128];

	snprintf(target, sizeof target, "%s%02u%s", targets[which].head, (unsigned)fr_random_below(r, 60), targets[which].tail);
	world_get(w, fr_random_below(r, INSTANCES), target, NULL);
	world_pass(w, STEP_MS);
}

/* 400 and more questions, for half of which memory has room; a leak of a few bytes for each request would be seen. */
static void a_day_takes_no_more_memory_than_its_second_hour(void **state)
{
	struct world *w = world_new(1, INSTANCES, "memory: { size: 256K, pieces: 64K }");
	size_t second = 0, last = 0;

	(void)state;
	for (int hour = 1; hour <= 24; hour++) {
		for (int i = 0; i < REQUESTS_AN_HOUR; i++)
			live(w, world_random(w));
		last = allocated();
		if (hour == 2)
			second = last;
	}
	assert_true(world_calls(w) > 10000);
	assert_true(second > 2 * 256 * 1024);
	if (last > second + second / 8)
		fail_msg("%zu bytes after two hours, %zu after 24", second, last);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_takes_no_more_memory_than_its_second_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
