#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/breakers.h"
#include "tests/unit/core/rows.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Rows: two of group a, one of b, one of c. */
enum { A, A2, B, C, ROWS };

enum event {
	ASK,  /* and what it says */
	BACK, /* the call that was allowed is not made */
	GOOD,
	SICK, /* a failure that says nothing of the others */
	DEAD  /* one that concerns everything */
};

struct step {
	int64_t now;
	enum event event;
	size_t row;
	bool allowed;
	bool whole;   /* afterwards: closed, or not */
	size_t open;  /* afterwards: groups that are not closed */
	int64_t wait; /* afterwards, for this row */
};

static struct fr_catalogue *catalogue(void)
{
	static const char *const groups[ROWS] = { "a", "a", "b", "c" };
	struct fr_catalogue *c = fr_calloc(1, sizeof *c);

	for (size_t i = 0; i < ROWS; i++)
		row_add(c, "/x/")->group = fr_str_of(groups[i]);
	return c;
}

static void apply(struct fr_breakers *b, const struct step *s)
{
	fr_ms now = FR_MS(s->now);

	switch (s->event) {
	case ASK: assert_int_equal(fr_breakers_allows(b, s->row, now), s->allowed); break;
	case BACK: fr_breakers_give_back(b, s->row, now); break;
	case GOOD: fr_breakers_succeeded(b, s->row, now); break;
	case SICK: fr_breakers_failed(b, s->row, FR_VERDICT_TRANSIENT, now); break;
	case DEAD: fr_breakers_failed(b, s->row, FR_VERDICT_NETWORK, now); break;
	}
}

/* Three failures open one, for 10 s at first and 35 s at most. Returns how often one opened. */
static uint64_t walk(const struct step *steps, size_t n)
{
	struct fr_catalogue *c = catalogue();
	struct fr_breakers b;

	fr_breakers_init(&b, c, 3, FR_SECONDS(10), FR_SECONDS(35));
	assert_int_equal(b.n, 3);
	for (size_t i = 0; i < n; i++) {
		apply(&b, &steps[i]);
		assert_int_equal(b.whole.state == FR_BREAKER_CLOSED, steps[i].whole);
		assert_int_equal(fr_breakers_open(&b), steps[i].open);
		assert_int_equal(fr_breakers_wait(&b, steps[i].row, FR_MS(steps[i].now)).v, steps[i].wait);
	}
	rows_free(c);
	return fr_breakers_opened(&b);
}

static void a_sick_group_stops_alone_and_its_probe_brings_it_back(void **state)
{
	static const struct step steps[] = {
		{ 0, SICK, A, false, true, 0, 0 },        { 1, SICK, A2, false, true, 0, 0 }, /* a row of the same group */
		{ 2, SICK, A, false, true, 1, 10000 },    { 3, ASK, A2, false, true, 1, 9999 },
		{ 4, ASK, B, true, true, 1, 0 },          { 5, GOOD, B, false, true, 1, 0 },
		{ 9000, ASK, A, false, true, 1, 1002 },   { 10002, ASK, A, true, true, 1, 1000 },
		{ 10003, ASK, A2, false, true, 1, 1000 }, /* one at a time */
		{ 10004, ASK, B, true, true, 1, 0 },      { 10005, GOOD, A, false, true, 0, 0 },
		{ 10006, ASK, A2, true, true, 0, 0 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 1);
}

static void a_dead_upstream_stops_all_with_one_call_more_than_a_group(void **state)
{
	static const struct step steps[] = {
		{ 0, SICK, A, false, true, 0, 0 },        { 0, SICK, A, false, true, 0, 0 },
		{ 0, SICK, A, false, true, 1, 10000 },    { 1, ASK, C, true, true, 1, 0 },
		{ 2, SICK, C, false, false, 1, 10000 }, /* another group, and no success in between: all of them count */
		{ 3, ASK, B, false, false, 1, 9999 },     { 10002, ASK, B, true, false, 1, 1000 },
		{ 10002, ASK, C, false, false, 1, 1000 }, { 10003, GOOD, B, false, true, 1, 0 },
		{ 10004, ASK, C, true, true, 1, 0 },      { 10004, ASK, A, true, true, 1, 1000 }, /* its own probe */
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 2);
}

static void a_failure_that_concerns_everything_counts_for_the_whole_at_once(void **state)
{
	static const struct step steps[] = {
		{ 0, SICK, A, false, true, 0, 0 },     { 0, DEAD, A, false, true, 0, 0 },
		{ 0, DEAD, A, false, true, 1, 10000 }, /* two for the whole, three for the group */
		{ 1, GOOD, B, false, true, 1, 0 },     { 2, DEAD, B, false, true, 1, 0 },
		{ 2, DEAD, C, false, true, 1, 0 },     { 2, DEAD, B, false, false, 1, 10000 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 2);
}

static void a_success_of_any_group_keeps_the_whole_closed(void **state)
{
	static const struct step steps[] = {
		{ 0, SICK, A, false, true, 0, 0 },     { 0, SICK, B, false, true, 0, 0 },     { 0, GOOD, C, false, true, 0, 0 },
		{ 1, SICK, A, false, true, 0, 0 },     { 1, SICK, B, false, true, 0, 0 },     { 1, GOOD, C, false, true, 0, 0 },
		{ 2, SICK, A, false, true, 1, 10000 }, { 2, SICK, B, false, true, 2, 10000 }, { 2, GOOD, C, false, true, 2, 0 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 2);
}

static void the_probe_for_the_whole_decides_whatever_its_failure_is(void **state)
{
	static const struct step steps[] = {
		{ 0, DEAD, A, false, true, 0, 0 },          { 0, DEAD, B, false, true, 0, 0 },
		{ 0, DEAD, C, false, false, 0, 10000 },     { 10000, ASK, A, true, false, 0, 1000 },
		{ 11000, SICK, A, false, false, 0, 20000 }, { 31000, ASK, A, true, false, 0, 1000 },
		{ 32000, SICK, A, false, false, 1, 35000 },                                          /* its third in a row */
		{ 42000, ASK, A, false, false, 1, 25000 },  { 67000, ASK, A, true, false, 1, 1000 }, /* for both */
		{ 67001, GOOD, A, false, true, 0, 0 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 4);
}

static void who_may_not_go_for_its_group_leaves_the_probe_for_the_whole_to_others(void **state)
{
	static const struct step steps[] = {
		{ 0, DEAD, A, false, true, 0, 0 },
		{ 0, DEAD, B, false, true, 0, 0 },
		{ 0, DEAD, A, false, false, 0, 10000 },
		{ 5000, SICK, A, false, false, 1, 10000 }, /* a call that left before: its group opens later than the whole */
		{ 10000, ASK, A, false, false, 1, 5000 },
		{ 10001, ASK, B, true, false, 1, 1000 },
		{ 10002, BACK, B, false, false, 1, 0 }, /* it could not be made */
		{ 10003, ASK, B, true, false, 1, 1000 },
		{ 10004, GOOD, B, false, true, 1, 0 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)), 2);
}

static void the_breaker_of_a_row_is_the_wholes_before_its_groups(void **state)
{
	struct fr_catalogue *c = catalogue();
	struct fr_breakers b;

	(void)state;
	fr_breakers_init(&b, c, 1, FR_SECONDS(10), FR_SECONDS(35));
	fr_breakers_failed(&b, A, FR_VERDICT_TIMEOUT, FR_MS(0));
	assert_ptr_equal(fr_breakers_of(&b, A2), fr_breakers_of(&b, A));
	assert_int_equal(fr_breakers_of(&b, A)->failures, 1);
	assert_int_equal(fr_breakers_of(&b, B)->failures, 0);
	fr_breakers_failed(&b, B, FR_VERDICT_TIMEOUT, FR_MS(0));
	assert_ptr_equal(fr_breakers_of(&b, A), &b.whole);
	assert_ptr_equal(fr_breakers_of(&b, C), &b.whole);
	rows_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sick_group_stops_alone_and_its_probe_brings_it_back),
		cmocka_unit_test(a_dead_upstream_stops_all_with_one_call_more_than_a_group),
		cmocka_unit_test(a_failure_that_concerns_everything_counts_for_the_whole_at_once),
		cmocka_unit_test(a_success_of_any_group_keeps_the_whole_closed),
		cmocka_unit_test(the_probe_for_the_whole_decides_whatever_its_failure_is),
		cmocka_unit_test(who_may_not_go_for_its_group_leaves_the_probe_for_the_whole_to_others),
		cmocka_unit_test(the_breaker_of_a_row_is_the_wholes_before_its_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
