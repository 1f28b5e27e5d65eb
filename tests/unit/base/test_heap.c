#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/random.h"

enum { THINGS = 300, STEPS = 20000 };

/* The model: who is first by due time, then by the order of setting. */
static struct fr_heap_item *naive_first(struct fr_heap_item *items, const int64_t *due, const int *set)
{
	struct fr_heap_item *first = NULL;

	for (size_t i = 0; i < THINGS; i++) {
		size_t f = first == NULL ? i : (size_t)(first - items);

		if (set[i] >= 0 && (first == NULL || due[i] < due[f] || (due[i] == due[f] && set[i] < set[f])))
			first = &items[i];
	}
	return first;
}

static void it_agrees_with_a_search_through_all(void **state)
{
	struct fr_heap_item items[THINGS];
	struct fr_random random = { 5 };
	int64_t due[THINGS];
	int set[THINGS];
	struct fr_heap h;

	(void)state;
	for (size_t i = 0; i < THINGS; i++) {
		items[i] = (struct fr_heap_item){ .at = 0 };
		set[i] = -1;
		due[i] = 0;
	}
	fr_heap_init(&h);
	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)fr_random_below(&random, THINGS);

		if (fr_random_chance(&random, 400)) {
			fr_heap_cut(&h, &items[i]);
			set[i] = -1;
		} else {
			due[i] = (int64_t)fr_random_below(&random, 50) - 10; /* many ties */
			set[i] = step;
			fr_heap_set(&h, &items[i], FR_MS(due[i]));
		}
		assert_ptr_equal(fr_heap_first(&h), naive_first(items, due, set));
		assert_true((items[i].at != 0) == (set[i] >= 0));
	}
	fr_heap_free(&h);
}

static void equal_deadlines_come_out_in_the_order_of_setting(void **state)
{
	struct fr_heap_item items[100];
	struct fr_heap h;

	(void)state;
	fr_heap_init(&h);
	for (size_t i = 0; i < 100; i++) {
		items[i] = (struct fr_heap_item){ .at = 0 };
		fr_heap_set(&h, &items[i], FR_MS(7));
	}
	for (size_t i = 0; i < 100; i++) {
		assert_ptr_equal(fr_heap_first(&h), &items[i]);
		fr_heap_cut(&h, &items[i]);
	}
	assert_null(fr_heap_first(&h));
	fr_heap_free(&h);
}

static void cutting_what_is_in_none_is_harmless(void **state)
{
	struct fr_heap_item item = { .at = 0 };
	struct fr_heap h;

	(void)state;
	fr_heap_init(&h);
	fr_heap_cut(&h, &item);
	fr_heap_set(&h, &item, FR_MS(1));
	fr_heap_cut(&h, &item);
	fr_heap_cut(&h, &item);
	assert_int_equal(h.n, 0);
	fr_heap_free(&h);
}

static void a_freed_heap_lets_its_items_go(void **state)
{
	struct fr_heap_item item = { .at = 0 };
	struct fr_heap h;

	(void)state;
	fr_heap_init(&h);
	fr_heap_set(&h, &item, FR_MS(1));
	fr_heap_free(&h);
	assert_int_equal(item.at, 0);
	assert_null(fr_heap_first(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_agrees_with_a_search_through_all),
		cmocka_unit_test(equal_deadlines_come_out_in_the_order_of_setting),
		cmocka_unit_test(cutting_what_is_in_none_is_harmless),
		cmocka_unit_test(a_freed_heap_lets_its_items_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
