#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "core/queue.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct thing {
	struct fr_queue_item item;
	int name;
};

static struct thing *push(struct fr_queue *q, int name, enum fr_priority p, size_t tenant, int64_t weight)
{
	struct thing *t = fr_calloc(1, sizeof *t);

	fr_queue_item_init(&t->item);
	t->name = name;
	fr_queue_push(q, &t->item, p, tenant, weight);
	return t;
}

/* The name of who has the next turn and is gone then; 0: nobody. */
static int take(struct fr_queue *q)
{
	struct fr_queue_item *item = fr_queue_first(q);
	struct thing *t;
	int name;

	if (item == NULL)
		return 0;
	t = FR_OF(item, struct thing, item);
	name = t->name;
	fr_queue_took(q, item);
	free(t);
	return name;
}

static void drop(struct fr_queue *q, struct thing *t)
{
	fr_queue_cut(q, &t->item);
	fr_queue_cut(q, &t->item); /* harmless */
	free(t);
}

static void better_classes_go_first_and_a_tenants_own_keeps_its_order(void **state)
{
	static const struct {
		int name;
		enum fr_priority p;
		size_t tenant;
	} comes[] = { { 1, FR_PRIORITY_PREWARM, 0 }, { 2, FR_PRIORITY_BATCH, 1 },       { 3, FR_PRIORITY_POLL, 0 },
		      { 4, FR_PRIORITY_REFRESH, 2 }, { 5, FR_PRIORITY_INTERACTIVE, 1 }, { 6, FR_PRIORITY_INTERACTIVE, 1 },
		      { 7, FR_PRIORITY_BATCH, 1 } };
	static const int goes[] = { 5, 6, 4, 3, 2, 7, 1, 0 };
	struct fr_queue *q = fr_queue_new();

	(void)state;
	for (size_t i = 0; i < COUNT(comes); i++)
		push(q, comes[i].name, comes[i].p, comes[i].tenant, 1);
	assert_int_equal(fr_queue_length(q, FR_PRIORITY_INTERACTIVE), 2);
	assert_int_equal(fr_queue_length(q, FR_PRIORITY_BATCH), 2);
	assert_int_equal(fr_queue_waiting(q), 7);
	for (size_t i = 0; i < COUNT(goes); i++)
		assert_int_equal(take(q), goes[i]);
	assert_int_equal(fr_queue_waiting(q), 0);
	fr_queue_free(q);
}

static void tenants_of_weight_one_and_two_go_in_a_fixed_order(void **state)
{
	static const int goes[] = { 10, 20, 21, 11, 22, 23, 12, 24, 25, 13, 0 };
	struct fr_queue *q = fr_queue_new();

	(void)state;
	for (int i = 0; i < 4; i++)
		push(q, 10 + i, FR_PRIORITY_POLL, 1, 1);
	for (int i = 0; i < 6; i++)
		push(q, 20 + i, FR_PRIORITY_POLL, 2, 2);
	for (size_t i = 0; i < COUNT(goes); i++)
		assert_int_equal(take(q), goes[i]);
	fr_queue_free(q);
}

static void who_leaves_without_a_turn_costs_its_tenant_nothing(void **state)
{
	static const int goes[] = { 23, 11, 24, 12, 0 };
	struct fr_queue *q = fr_queue_new();
	struct thing *leaves[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		leaves[i] = push(q, 20 + i, FR_PRIORITY_BATCH, 2, 1);
	push(q, 11, FR_PRIORITY_BATCH, 1, 1);
	push(q, 23, FR_PRIORITY_BATCH, 2, 1);
	push(q, 24, FR_PRIORITY_BATCH, 2, 1);
	push(q, 12, FR_PRIORITY_BATCH, 1, 1);
	for (int i = 0; i < 3; i++)
		drop(q, leaves[i]);
	for (size_t i = 0; i < COUNT(goes); i++)
		assert_int_equal(take(q), goes[i]);
	fr_queue_free(q);
}

static void who_is_moved_to_a_better_class_goes_before_its_former_one(void **state)
{
	struct fr_queue *q = fr_queue_new();
	struct thing *moved;

	(void)state;
	push(q, 1, FR_PRIORITY_BATCH, 1, 1);
	moved = push(q, 2, FR_PRIORITY_BATCH, 1, 1);
	push(q, 3, FR_PRIORITY_POLL, 1, 1);
	push(q, 4, FR_PRIORITY_INTERACTIVE, 1, 1);
	fr_queue_cut(q, &moved->item);
	fr_queue_push(q, &moved->item, FR_PRIORITY_INTERACTIVE, 1, 1);
	assert_int_equal(take(q), 4);
	assert_int_equal(take(q), 2);
	assert_int_equal(take(q), 3);
	assert_int_equal(take(q), 1);
	fr_queue_free(q);
}

static void the_newest_of_whoever_has_most_of_the_last_class_makes_room(void **state)
{
	struct fr_queue *q = fr_queue_new();

	(void)state;
	assert_null(fr_queue_last(q));
	push(q, 1, FR_PRIORITY_INTERACTIVE, 1, 1);
	push(q, 2, FR_PRIORITY_BATCH, 1, 1);
	push(q, 3, FR_PRIORITY_BATCH, 2, 1);
	push(q, 4, FR_PRIORITY_BATCH, 2, 1);
	push(q, 5, FR_PRIORITY_BATCH, 3, 1);
	assert_int_equal(FR_OF(fr_queue_last(q), struct thing, item)->name, 4);
	drop(q, FR_OF(fr_queue_last(q), struct thing, item));
	assert_int_equal(FR_OF(fr_queue_last(q), struct thing, item)->name, 2);
	while (take(q) != 0)
		;
	fr_queue_free(q);
}

/* A tenant that was idle has no more of the next turns than one that was not. */
static void who_comes_late_has_its_share_at_once_and_no_backlog(void **state)
{
	struct fr_queue *q = fr_queue_new();
	int got[3] = { 0 };

	(void)state;
	push(q, 2, FR_PRIORITY_BATCH, 2, 1); /* it was here before, too */
	for (int i = 0; i < 1000; i++)
		push(q, 1, FR_PRIORITY_BATCH, 1, 1);
	for (int i = 0; i < 600; i++)
		take(q);
	for (int i = 0; i < 200; i++)
		push(q, 2, FR_PRIORITY_BATCH, 2, 1);
	for (int i = 0; i < 100; i++)
		got[take(q)]++;
	assert_in_range(got[1], 49, 51);
	while (take(q) != 0)
		;
	fr_queue_free(q);
}

static void what_was_before_a_pause_is_forgotten(void **state)
{
	struct fr_queue *q = fr_queue_new();

	(void)state;
	for (int i = 0; i < 100; i++) { /* nobody else wanted a turn: it owes none */
		push(q, 1, FR_PRIORITY_BATCH, 1, 1);
		assert_int_equal(take(q), 1);
	}
	for (int i = 0; i < 2; i++) {
		push(q, 1, FR_PRIORITY_BATCH, 1, 1);
		push(q, 2, FR_PRIORITY_BATCH, 2, 1);
	}
	assert_int_equal(take(q), 1);
	assert_int_equal(take(q), 2);
	assert_int_equal(take(q), 1);
	assert_int_equal(take(q), 2);
	fr_queue_free(q);
}

static void a_weight_that_changes_holds_from_the_next_one_that_comes(void **state)
{
	struct fr_queue *q = fr_queue_new();
	int got[3] = { 0 };

	(void)state;
	for (int i = 0; i < 300; i++) {
		push(q, 1, FR_PRIORITY_BATCH, 1, 1);
		push(q, 2, FR_PRIORITY_BATCH, 2, 1);
	}
	push(q, 2, FR_PRIORITY_BATCH, 2, 3);
	for (int i = 0; i < 100; i++)
		got[take(q)]++;
	assert_in_range(got[2], 74, 76);
	while (take(q) != 0)
		;
	fr_queue_free(q);
}

static void everybody_who_always_waits_has_the_share_of_its_weight(void **state)
{
	enum { TURNS = 2000, TENANTS_MAX = 12 };
	struct fr_random random = { 20261122 };

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t tenants = 2 + (size_t)fr_random_below(&random, TENANTS_MAX - 1);
		int64_t weight[TENANTS_MAX + 1], all = 0;
		int got[TENANTS_MAX + 1] = { 0 };
		struct fr_queue *q = fr_queue_new();

		for (size_t t = 1; t <= tenants; t++) {
			weight[t] = 1 + (int64_t)fr_random_below(&random, 10);
			all += weight[t];
			for (int i = 0; i < 3; i++)
				push(q, (int)t, FR_PRIORITY_BATCH, t, weight[t]);
		}
		for (int i = 0; i < TURNS; i++) {
			int t = take(q);

			got[t]++;
			push(q, t, FR_PRIORITY_BATCH, (size_t)t, weight[t]);
		}
		for (size_t t = 1; t <= tenants; t++) {
			double share = (double)TURNS * (double)weight[t] / (double)all, off = (double)got[t] - share;

			assert_true(off * off <= 1.0 || off * off <= 0.05 * 0.05 * share * share);
		}
		while (take(q) != 0)
			;
		fr_queue_free(q);
	}
}

/* Comings, turns and leavings at random: nothing is lost, the counts are right, and a second queue does the same. */
static void any_life_keeps_the_counts_and_repeats_itself(void **state)
{
	enum { PLACES = 64 };

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		uint64_t told[2] = { 0, 0 };

		for (int life = 0; life < 2; life++) {
			struct fr_random random = { seed };
			struct fr_queue *q = fr_queue_new();
			struct thing things[PLACES];
			size_t waiting = 0;

			for (int i = 0; i < PLACES; i++) {
				fr_queue_item_init(&things[i].item);
				things[i].name = i;
			}
			for (int step = 0; step < 2000; step++) {
				struct thing *t = &things[fr_random_below(&random, PLACES)];
				enum fr_priority p = (enum fr_priority)fr_random_below(&random, FR_PRIORITIES);
				size_t tenant = (size_t)fr_random_below(&random, 5), sum = 0;

				if (fr_random_chance(&random, 300) && fr_queue_first(q) != NULL) {
					struct thing *first = FR_OF(fr_queue_first(q), struct thing, item);

					fr_queue_took(q, &first->item);
					told[life] = told[life] * 31 + (uint64_t)first->name;
					waiting--;
				} else if (t->item.queued) {
					fr_queue_cut(q, &t->item);
					waiting--;
				} else {
					fr_queue_push(q, &t->item, p, tenant, 1 + (int64_t)tenant);
					waiting++;
				}
				for (size_t c = 0; c < FR_PRIORITIES; c++)
					sum += fr_queue_length(q, (enum fr_priority)c);
				assert_int_equal(sum, waiting);
				assert_int_equal(fr_queue_waiting(q), waiting);
				assert_int_equal(fr_queue_first(q) == NULL, waiting == 0);
			}
			fr_queue_free(q);
			for (int i = 0; i < PLACES; i++)
				assert_false(things[i].item.queued);
		}
		assert_true(told[0] == told[1]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(better_classes_go_first_and_a_tenants_own_keeps_its_order),
		cmocka_unit_test(tenants_of_weight_one_and_two_go_in_a_fixed_order),
		cmocka_unit_test(who_leaves_without_a_turn_costs_its_tenant_nothing),
		cmocka_unit_test(who_is_moved_to_a_better_class_goes_before_its_former_one),
		cmocka_unit_test(the_newest_of_whoever_has_most_of_the_last_class_makes_room),
		cmocka_unit_test(who_comes_late_has_its_share_at_once_and_no_backlog),
		cmocka_unit_test(what_was_before_a_pause_is_forgotten),
		cmocka_unit_test(a_weight_that_changes_holds_from_the_next_one_that_comes),
		cmocka_unit_test(everybody_who_always_waits_has_the_share_of_its_weight),
		cmocka_unit_test(any_life_keeps_the_counts_and_repeats_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
