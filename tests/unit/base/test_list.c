#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct thing {
	int name;
	struct fr_list link;
};

static int pop(struct fr_list *ring)
{
	struct fr_list *l = fr_list_pop(ring);

	return l == NULL ? -1 : FR_OF(l, struct thing, link)->name;
}

static void things_leave_in_the_order_in_which_they_stand(void **state)
{
	struct thing a = { .name = 1 }, b = { .name = 2 }, c = { .name = 3 };
	struct fr_list ring;

	(void)state;
	fr_list_init(&ring);
	assert_null(fr_list_first(&ring));
	fr_list_push(&ring, &b.link);
	fr_list_push(&ring, &c.link);
	fr_list_push_front(&ring, &a.link);
	assert_ptr_equal(fr_list_first(&ring), &a.link);
	assert_int_equal(pop(&ring), 1);
	assert_int_equal(pop(&ring), 2);
	assert_int_equal(pop(&ring), 3);
	assert_int_equal(pop(&ring), -1);
	assert_true(fr_list_empty(&ring));
}

static void cutting_twice_is_harmless(void **state)
{
	struct thing a = { .name = 1 }, b = { .name = 2 };
	struct fr_list ring;

	(void)state;
	fr_list_init(&ring);
	fr_list_push(&ring, &a.link);
	fr_list_push(&ring, &b.link);
	fr_list_cut(&a.link);
	fr_list_cut(&a.link);
	assert_int_equal(pop(&ring), 2);
	assert_true(fr_list_empty(&ring));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_leave_in_the_order_in_which_they_stand),
		cmocka_unit_test(cutting_twice_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
