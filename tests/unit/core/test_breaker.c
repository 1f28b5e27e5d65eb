#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/breaker.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum event { ASK, GOOD, BAD };

struct step {
	int64_t now;
	enum event event;
	bool allowed;                /* what ASK says */
	enum fr_breaker_state state; /* afterwards */
	int64_t wait;                /* afterwards */
};

#define SHUT FR_BREAKER_CLOSED
#define OPEN FR_BREAKER_OPEN
#define HALF FR_BREAKER_HALF_OPEN

/* Three failures open it, for 10 s at first and 35 s at most. */
static struct fr_breaker walk(const struct step *steps, size_t n)
{
	struct fr_breaker b;

	fr_breaker_init(&b, 3, FR_SECONDS(10), FR_SECONDS(35));
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];

		if (s->event == ASK)
			assert_int_equal(fr_breaker_allows(&b, FR_MS(s->now)), s->allowed);
		else
			fr_breaker_report(&b, s->event == GOOD, FR_MS(s->now));
		assert_int_equal(b.state, s->state);
		assert_int_equal(fr_breaker_wait(&b, FR_MS(s->now)).v, s->wait);
		assert_int_equal(b.probing, b.state == HALF);
	}
	return b;
}

static void only_failures_in_a_row_open_it(void **state)
{
	static const struct step steps[] = {
		{ 0, ASK, true, SHUT, 0 },   { 1, BAD, false, SHUT, 0 },     { 2, BAD, false, SHUT, 0 },
		{ 3, GOOD, false, SHUT, 0 }, { 4, BAD, false, SHUT, 0 },     { 5, BAD, false, SHUT, 0 },
		{ 6, ASK, true, SHUT, 0 },   { 7, BAD, false, OPEN, 10000 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)).opened, 1);
}

static void after_the_pause_one_call_probes_and_its_success_closes(void **state)
{
	static const struct step steps[] = {
		{ 0, BAD, false, SHUT, 0 },
		{ 0, BAD, false, SHUT, 0 },
		{ 0, BAD, false, OPEN, 10000 },
		{ 1, ASK, false, OPEN, 9999 },
		{ 9999, ASK, false, OPEN, 1 },
		{ 10000, ASK, true, HALF, 1000 },
		{ 10000, ASK, false, HALF, 1000 },
		{ 15000, ASK, false, HALF, 1000 },
		{ 16000, GOOD, false, SHUT, 0 },
		{ 16000, ASK, true, SHUT, 0 },
		{ 16000, ASK, true, SHUT, 0 },
		/* a closed breaker has forgotten: three failures and the first pause again */
		{ 16001, BAD, false, SHUT, 0 },
		{ 16001, BAD, false, SHUT, 0 },
		{ 16001, BAD, false, OPEN, 10000 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)).opened, 2);
}

static void each_failed_probe_doubles_the_pause_up_to_its_maximum(void **state)
{
	static const struct step steps[] = {
		{ 0, BAD, false, SHUT, 0 },         { 0, BAD, false, SHUT, 0 },          { 0, BAD, false, OPEN, 10000 },
		{ 10000, ASK, true, HALF, 1000 },   { 11000, BAD, false, OPEN, 20000 },  { 31000, ASK, true, HALF, 1000 },
		{ 31000, BAD, false, OPEN, 35000 }, { 66000, ASK, true, HALF, 1000 },    { 66000, BAD, false, OPEN, 35000 },
		{ 101000, ASK, true, HALF, 1000 },  { 101000, GOOD, false, SHUT, 0 },    { 101000, BAD, false, SHUT, 0 },
		{ 101000, BAD, false, SHUT, 0 },    { 101000, BAD, false, OPEN, 10000 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)).opened, 5);
	assert_int_equal(walk(steps, 3).failures, 3);
	assert_int_equal(walk(steps, 7).failures, 5);
	assert_int_equal(walk(steps, 11).failures, 0);
}

static void calls_that_left_before_it_opened_change_nothing(void **state)
{
	static const struct step steps[] = {
		{ 0, BAD, false, SHUT, 0 },       { 0, BAD, false, SHUT, 0 },        { 0, BAD, false, OPEN, 10000 },
		{ 4000, BAD, false, OPEN, 6000 }, { 5000, GOOD, false, OPEN, 5000 }, { 10001, ASK, true, HALF, 1000 },
	};

	(void)state;
	assert_int_equal(walk(steps, COUNT(steps)).opened, 1);
}

static void a_first_pause_above_the_maximum_raises_the_maximum(void **state)
{
	struct fr_breaker b;

	(void)state;
	fr_breaker_init(&b, 1, FR_MS(300), FR_MS(100));
	fr_breaker_report(&b, false, FR_MS(0));
	assert_int_equal(fr_breaker_wait(&b, FR_MS(0)).v, 300);
	assert_true(fr_breaker_allows(&b, FR_MS(300)));
	assert_int_equal(fr_breaker_wait(&b, FR_MS(300)).v, 300);
	fr_breaker_report(&b, false, FR_MS(300));
	assert_int_equal(fr_breaker_wait(&b, FR_MS(300)).v, 300);
	assert_int_equal(fr_breaker_wait(&b, FR_MS(900)).v, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_failures_in_a_row_open_it),
		cmocka_unit_test(after_the_pause_one_call_probes_and_its_success_closes),
		cmocka_unit_test(each_failed_probe_doubles_the_pause_up_to_its_maximum),
		cmocka_unit_test(calls_that_left_before_it_opened_change_nothing),
		cmocka_unit_test(a_first_pause_above_the_maximum_raises_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
