#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/random.h"

enum { THINGS = 500, STEPS = 20000 };

struct thing {
	struct fr_map_link link;
	bool in, seen;
};

static struct fr_key key_of(size_t i)
{
	return (struct fr_key){ i / 3, i }; /* halves that repeat */
}

static void check_walk(const struct fr_map *m, struct thing *things)
{
	size_t n = 0;

	for (size_t i = 0; i < THINGS; i++)
		things[i].seen = false;
	for (struct fr_map_link *l = fr_map_next(m, NULL); l != NULL; l = fr_map_next(m, l), n++) {
		struct thing *t = FR_OF(l, struct thing, link);

		assert_true(t->in && !t->seen);
		t->seen = true;
	}
	assert_int_equal(n, m->n);
}

static void it_agrees_with_a_row_of_flags(void **state)
{
	static const struct thing empty;
	struct fr_random random = { 11 };
	struct thing things[THINGS];
	struct fr_map m;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < THINGS; i++)
		things[i] = empty;
	fr_map_init(&m, 42);
	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)fr_random_below(&random, THINGS);

		assert_ptr_equal(fr_map_find(&m, key_of(i)), things[i].in ? &things[i].link : NULL);
		if (things[i].in) {
			fr_map_cut(&m, &things[i].link);
			n--;
		} else {
			fr_map_add(&m, &things[i].link, key_of(i));
			n++;
		}
		things[i].in = !things[i].in;
		assert_int_equal(m.n, n);
		if (step % 500 == 0)
			check_walk(&m, things);
	}
	check_walk(&m, things);
	fr_map_free(&m);
}

static void an_empty_map_finds_and_walks_nothing(void **state)
{
	struct fr_map m;

	(void)state;
	fr_map_init(&m, 1);
	assert_null(fr_map_find(&m, (struct fr_key){ 1, 2 }));
	assert_null(fr_map_next(&m, NULL));
	fr_map_free(&m);
	fr_map_free(&m);
}

static size_t longest_chain(const struct fr_map *m)
{
	size_t longest = 0;

	for (size_t b = 0; b < m->n_buckets; b++) {
		size_t n = 0;

		for (struct fr_map_link *l = m->buckets[b]; l != NULL; l = l->next)
			n++;
		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Tokens are numbers in order; keys of questions are hashes that somebody may have chosen so that some of their bits agree. */
static struct fr_key pattern(int which, uint64_t i)
{
	switch (which) {
	case 0: return (struct fr_key){ 0, i };
	case 1: return (struct fr_key){ i, 0 };
	case 2: return (struct fr_key){ 0, i << 32 };
	case 3: return (struct fr_key){ i << 48, i << 48 };
	case 4: return (struct fr_key){ i, i };
	case 5: return (struct fr_key){ i, UINT64_MAX - i };
	default: return (struct fr_key){ i << 20, i * i };
	}
}

static void no_bucket_gets_crowded(void **state)
{
	static struct fr_map_link links[4096];
	struct fr_map m;

	(void)state;
	for (int which = 0; which < 7; which++)
		for (uint64_t seed = 0; seed < 20; seed++) {
			fr_map_init(&m, seed);
			for (uint64_t i = 0; i < 4096; i++)
				fr_map_add(&m, &links[i], pattern(which, i));
			assert_true(longest_chain(&m) < 24);
			fr_map_free(&m);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_agrees_with_a_row_of_flags),
		cmocka_unit_test(an_empty_map_finds_and_walks_nothing),
		cmocka_unit_test(no_bucket_gets_crowded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
