#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "core/audit.h"

enum { DAY = 20779, DAYS = 2 }; /* 2026-11-22 and the day before */

struct world {
	struct fr_tally t;
	struct fr_metrics_facts f;
	struct fr_totals days[DAYS], owing[DAYS];
	struct fr_audit_budget budget;
	struct fr_audit a;
	struct fr_buf b;
};

/* Ten credits spent by this instance: three yesterday, five today in Redis, two on their way there; the others spent 90 today. */
static struct world *world_new(void)
{
	struct world *w = test_calloc(1, sizeof(*w));
	struct fr_totals *today = &w->days[1];

	w->t.demand = 8;
	w->t.background = 2;
	w->f = (struct fr_metrics_facts){ .tally = &w->t, .started = { (int64_t)(DAY - 1) * 86400000 + 5 } };
	w->f.gauges.store_up = w->f.gauges.journal_up = 1;
	w->days[0].day = w->owing[0].day = DAY - 1;
	today->day = w->owing[1].day = DAY;
	w->days[0].v[0][FR_TOTAL_demand] = 3;
	today->v[0][FR_TOTAL_demand] = today->tenants[1][FR_TOTAL_demand] = today->reasons[FR_REASON_MISS][FR_TOTAL_demand] = 90;
	today->v[1][FR_TOTAL_background] = today->tenants[0][FR_TOTAL_background] = 5;
	today->reasons[FR_REASON_REFRESH][FR_TOTAL_background] = 5;
	w->owing[1].v[1][FR_TOTAL_demand] = 2;
	w->budget.here = (struct fr_budget_figures){ .name = "all/day", .shown = "2026-11-22", .known = true, .spent = 95 };
	w->budget.told = true;
	w->budget.spent = 95;
	w->a = (struct fr_audit){
		.facts = &w->f,
		.ledger = { .known = true,
			    .watermark = 18,
			    .last = 20,
			    .written = 20,
			    .pending = 2,
			    .unsettled = 1,
			    .calls = 1,
			    .instances = 1 },
		.told = true,
		.first = DAY - 1,
		.n_days = DAYS,
		.days = w->days,
		.owing = w->owing,
		.n_budgets = 1,
		.budgets = &w->budget,
	};
	fr_buf_init(&w->b, 1 << 16);
	return w;
}

static void world_free(struct world *w)
{
	fr_buf_free(&w->b);
	test_free(w);
}

static json_t *audit(struct world *w)
{
	json_t *root;

	fr_buf_clear(&w->b);
	assert_int_equal(fr_audit_json(&w->b, &w->a), FR_OK);
	root = json_loadb(w->b.p, w->b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static json_t *check_of(json_t *root, const char *name)
{
	json_t *check;
	size_t i;

	json_array_foreach (json_object_get(root, "checks"), i, check)
		if (strcmp(json_string_value(json_object_get(check, "name")), name) == 0)
			return check;
	return NULL;
}

static int64_t drift(struct world *w)
{
	json_t *root = audit(w), *drift = json_object_get(root, "drift");
	int64_t ret = json_is_integer(drift) ? json_integer_value(drift) : -1;

	json_decref(root);
	return ret;
}

static void books_that_agree_have_no_drift(void **state)
{
	struct world *w = world_new();
	json_t *root = audit(w);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(root, "drift")), 0);
	assert_true(json_is_integer(json_object_get(root, "drift")));
	assert_true(json_is_false(json_object_get(root, "whole")));
	assert_int_equal(json_integer_value(json_object_get(root, "pending")), 2);
	assert_int_equal(json_integer_value(json_object_get(check_of(root, "own part"), "a")), 10);
	assert_int_equal(json_integer_value(json_object_get(check_of(root, "own part"), "b")), 100);
	json_decref(root);
	w->a.ledger.pending = 0;
	root = audit(w);
	assert_true(json_is_true(json_object_get(root, "whole")));
	json_decref(root);
	world_free(w);
}

static void each_fault_shows_as_a_drift(void **state)
{
	struct world *w = world_new(), *good = world_new();

	(void)state;
	w->a.ledger.unsettled = 4; /* calls that nobody makes any more */
	assert_int_equal(drift(w), 3);
	w->a.ledger = good->a.ledger;
	w->a.ledger.watermark = 25; /* Redis knows more than the journal */
	assert_int_equal(drift(w), 5);
	w->a.ledger = good->a.ledger;
	w->days[1].tenants[1][FR_TOTAL_demand] = 80;
	assert_int_equal(drift(w), 10);
	w->days[1] = good->days[1];
	w->days[1].reasons[FR_REASON_MISS][FR_TOTAL_demand] = 91;
	assert_int_equal(drift(w), 1);
	w->days[1] = good->days[1];
	w->t.demand = 200; /* more than Redis has of all instances */
	assert_int_equal(drift(w), 102);
	w->t = good->t;
	w->budget.here.drift = -2;
	assert_int_equal(drift(w), 2);
	w->budget = good->budget;
	w->budget.spent = 99;
	assert_int_equal(drift(w), 4);
	world_free(good);
	world_free(w);
}

static void what_cannot_be_compared_is_not_claimed_to_agree(void **state)
{
	struct world *w = world_new(), *good = world_new();
	json_t *root;

	(void)state;
	w->a.told = false;
	assert_int_equal(drift(w), -1);
	root = audit(w);
	assert_true(json_is_null(json_object_get(check_of(root, "tenants"), "drift")));
	json_decref(root);
	w->a = good->a;
	w->a.days = w->days;
	w->a.budgets = &w->budget;
	w->budget.told = false;
	assert_int_equal(drift(w), -1);
	w->budget = good->budget;
	w->budget.here.known = false;
	assert_int_equal(drift(w), -1);
	w->budget = good->budget;
	w->a.ledger.known = false;
	assert_int_equal(drift(w), -1);
	world_free(good);
	world_free(w);
}

/* Others spend between the question and the answer: that is no fault. */
static void among_several_instances_a_budgets_counter_is_not_compared(void **state)
{
	struct world *w = world_new();
	json_t *root, *budget;

	(void)state;
	w->a.ledger.instances = 2;
	w->budget.spent = 120;
	root = audit(w);
	assert_int_equal(json_integer_value(json_object_get(root, "drift")), 0);
	budget = json_array_get(json_object_get(root, "budgets"), 0);
	assert_true(json_is_null(json_object_get(budget, "spent_drift")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(budget, "redis"), "spent")), 120);
	json_decref(root);
	world_free(w);
}

static void a_daemon_older_than_the_days_read_does_not_compare_its_own_part(void **state)
{
	struct world *w = world_new();
	json_t *root;

	(void)state;
	w->f.started.v -= 86400000;
	w->t.demand = 5000;
	root = audit(w);
	assert_null(check_of(root, "own part"));
	assert_int_equal(json_integer_value(json_object_get(root, "drift")), 0);
	json_decref(root);
	world_free(w);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (size_t ceiling = 1; ceiling < 900; ceiling += 31) {
		struct fr_buf b;

		fr_buf_init(&b, ceiling);
		assert_int_equal(fr_buf_add_char(&b, 'x'), FR_OK);
		assert_int_equal(fr_audit_json(&b, &w->a), FR_TOOBIG);
		assert_int_equal(b.len, 1);
		fr_buf_free(&b);
	}
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(books_that_agree_have_no_drift),
		cmocka_unit_test(each_fault_shows_as_a_drift),
		cmocka_unit_test(what_cannot_be_compared_is_not_claimed_to_agree),
		cmocka_unit_test(among_several_instances_a_budgets_counter_is_not_compared),
		cmocka_unit_test(a_daemon_older_than_the_days_read_does_not_compare_its_own_part),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
