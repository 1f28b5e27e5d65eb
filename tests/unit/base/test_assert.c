#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"

static int square_of(int n)
{
	FR_ASSERT(n >= 0);
	FR_ASSERT(FR_IMPLIES(n == 0, n * n == 0));
	return n * n;
}

static void what_holds_passes(void **state)
{
	(void)state;
	assert_int_equal(square_of(3), 9);
}

static void what_does_not_hold_says_so_and_aborts(void **state)
{
	char said[200] = { 0 };
	int ends[2], status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(ends[1], 2);
		_exit(square_of(-1));
	}
	assert_int_equal(close(ends[1]), 0);
	assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(said, "test_assert.c:"));
	assert_non_null(strstr(said, "n >= 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_passes),
		cmocka_unit_test(what_does_not_hold_says_so_and_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
