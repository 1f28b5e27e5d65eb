/* The log of questions on a real disk, with a loop around it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/question_log.h"
#include "base/str.h"
#include "contract/wire.h"

enum { LARGE = 64 * 1024 * 1024 };

struct world {
	uv_loop_t loop;
	struct fr_question_log *log;
	char dir[64], file[96], old[100];
	int n_notes;
	char last[FR_ERRMSG_MAX];
	uint64_t lines; /* that the file is waited to have */
};

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct world *w = ctx;

	(void)level;
	w->n_notes++;
	(void)snprintf(w->last, sizeof(w->last), "%s", line);
}

static void set(struct world *w, const char *path, int64_t max)
{
	struct fr_errmsg why;

	if (fr_question_log_set(w->log, path, max, &why) != FR_OK)
		fail_msg("%s", why.s);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/frugal-questions-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->file, sizeof(w->file), "%s/q.log", w->dir);
	(void)snprintf(w->old, sizeof(w->old), "%s.1", w->file);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->log = fr_question_log_new(&w->loop, note, w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char command[128];

	fr_question_log_free(w->log);
	wire_loop_end(&w->loop);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

static void add(struct world *w, int n)
{
	struct fr_log_line l = { .target = FR_STR("/a/?x=1"), .outcome = FR_STR("hit") };

	for (int i = 0; i < n; i++) {
		l.came = i;
		fr_question_log_add(w->log, &l);
	}
}

/* Whole lines of a file, each of them an object; 0 if it is not there. */
static uint64_t lines_of(const char *path)
{
	static char line[4096];
	uint64_t n = 0;
	FILE *f = fopen(path, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (line[strlen(line) - 1] != '\n')
			break;
		n += line[0] == '{' && strcmp(line + strlen(line) - 2, "}\n") == 0;
	}
	if (f != NULL)
		assert_int_equal(fclose(f), 0);
	return n;
}

static bool has_lines(void *ctx)
{
	const struct world *w = ctx;

	return lines_of(w->file) == w->lines;
}

static bool has_noted(void *ctx)
{
	return ((struct world *)ctx)->n_notes > 0;
}

static bool file_is_there(void *ctx)
{
	return access(((struct world *)ctx)->file, F_OK) == 0;
}

static bool file_is_full(void *ctx)
{
	return access(((struct world *)ctx)->old, F_OK) == 0;
}

static void until_lines(struct world *w, uint64_t n)
{
	w->lines = n;
	wire_until(&w->loop, has_lines, w);
}

static void lines_are_in_the_file_soon(void **state)
{
	struct world *w = *state;
	struct stat st;

	set(w, w->file, LARGE);
	add(w, 10);
	until_lines(w, 10);
	add(w, 5);
	until_lines(w, 15);
	assert_int_equal(stat(w->file, &st), 0);
	assert_int_equal(st.st_mode & 07777 & ~0640u, 0); /* others see nothing of it */
	assert_int_equal(w->n_notes, 0);
}

static void many_lines_do_not_wait_for_the_second_to_pass(void **state)
{
	struct world *w = *state;
	uint64_t before;

	set(w, w->file, LARGE);
	before = uv_hrtime();
	add(w, 2000);
	while (lines_of(w->file) == 0)
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	assert_true(uv_hrtime() - before < UINT64_C(900000000));
	until_lines(w, 2000);
}

static void the_end_writes_what_is_left(void **state)
{
	struct world *w = *state;

	set(w, w->file, LARGE);
	add(w, 3000);
	fr_question_log_free(w->log);
	assert_int_equal(lines_of(w->file), 3000);
	w->log = fr_question_log_new(&w->loop, note, w); /* another life appends */
	set(w, w->file, LARGE);
	add(w, 1);
	until_lines(w, 3001);
}

static void a_full_file_becomes_the_old_one(void **state)
{
	struct world *w = *state;
	uint64_t lines = 0;
	struct stat st;

	set(w, w->file, 65536);
	for (int i = 0; i < 10; i++) {
		add(w, 100);
		lines += 100;
		while (lines_of(w->file) + lines_of(w->old) < lines)
			(void)uv_run(&w->loop, UV_RUN_ONCE);
		assert_int_equal(stat(w->file, &st), 0);
		assert_true(st.st_size <= 65536);
		if (file_is_full(w))
			break;
	}
	assert_true(file_is_full(w));
	assert_int_equal(lines_of(w->file) + lines_of(w->old), lines);
	assert_int_equal(w->n_notes, 0);
}

static void who_moved_the_file_away_gets_a_new_one(void **state)
{
	struct world *w = *state;

	set(w, w->file, LARGE);
	add(w, 10);
	until_lines(w, 10);
	assert_int_equal(rename(w->file, w->old), 0);
	add(w, 1);
	fr_question_log_reopen(w->log);
	wire_until(&w->loop, file_is_there, w);
	until_lines(w, 1);
	assert_int_equal(lines_of(w->old), 10);
}

static void it_is_switched_over_and_off_without_a_loss(void **state)
{
	struct world *w = *state;
	char other[128];

	(void)snprintf(other, sizeof(other), "%s/other.log", w->dir);
	add(w, 0);
	set(w, "", LARGE);
	set(w, w->file, LARGE);
	add(w, 10);
	set(w, other, LARGE);
	until_lines(w, 10);
	while (access(other, F_OK) != 0)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	add(w, 20);
	set(w, "", LARGE);
	while (lines_of(other) < 20)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	fr_question_log_reopen(w->log);
	assert_int_equal(lines_of(w->file) + lines_of(other), 30);
	assert_int_equal(fr_question_log_lost(w->log), 0);
}

static void a_file_that_cannot_be_had_is_named(void **state)
{
	struct world *w = *state;
	char other[128];
	struct fr_errmsg why;

	(void)snprintf(other, sizeof(other), "%s/nowhere/q.log", w->dir);
	assert_int_equal(fr_question_log_set(w->log, other, LARGE, &why), FR_IO);
	assert_non_null(strstr(why.s, "log.questions: "));
	assert_non_null(strstr(why.s, "nowhere/q.log cannot be written: No such file"));
	assert_int_equal(fr_question_log_set(w->log, w->dir, LARGE, &why), FR_IO);
	assert_int_equal(fr_question_log_set(w->log, "/dev/null", LARGE, &why), FR_IO);
	assert_non_null(strstr(why.s, "no regular file"));
}

static void what_a_disk_does_not_take_is_counted_and_told_once(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct world *w = *state;
	struct rlimit usual;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
	set(w, w->file, LARGE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (int i = 0; i < 3; i++) {
		uint64_t lost = fr_question_log_lost(w->log);

		add(w, 7);
		while (fr_question_log_lost(w->log) == lost)
			(void)uv_run(&w->loop, UV_RUN_ONCE);
		assert_int_equal(fr_question_log_lost(w->log), lost + 7);
	}
	assert_int_equal(w->n_notes, 1);
	assert_non_null(strstr(w->last, "too large"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
	w->n_notes = 0;
	add(w, 2);
	until_lines(w, 2);
	wire_until(&w->loop, has_noted, w);
	assert_non_null(strstr(w->last, "written again, after 21 lost lines"));
	assert_int_equal(w->n_notes, 1);
}

static void a_torn_line_does_not_spoil_the_next(void **state)
{
	struct world *w = *state;
	struct rlimit usual, tight;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
	tight = (struct rlimit){ 1000, usual.rlim_max };
	set(w, w->file, LARGE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	add(w, 10); /* about 350 bytes each */
	wire_until(&w->loop, has_noted, w);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
	assert_true(lines_of(w->file) > 0);
	assert_int_equal(fr_question_log_lost(w->log) + lines_of(w->file), 10);
	w->lines = lines_of(w->file) + 5;
	add(w, 5);
	wire_until(&w->loop, has_lines, w);
}

static void a_disk_that_is_too_slow_costs_lines_not_time(void **state)
{
	struct world *w = *state;

	set(w, w->file, LARGE);
	add(w, 100000); /* the loop does not turn meanwhile: nothing is taken off */
	assert_true(fr_question_log_lost(w->log) > 0);
	assert_int_equal(w->n_notes, 1);
	assert_non_null(strstr(w->last, "too slow"));
	until_lines(w, 100000 - fr_question_log_lost(w->log));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_in_the_file_soon, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_lines_do_not_wait_for_the_second_to_pass, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_writes_what_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_file_becomes_the_old_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_moved_the_file_away_gets_a_new_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_switched_over_and_off_without_a_loss, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_had_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_disk_does_not_take_is_counted_and_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_torn_line_does_not_spoil_the_next, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_disk_that_is_too_slow_costs_lines_not_time, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
