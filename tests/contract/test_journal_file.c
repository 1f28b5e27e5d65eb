/* The journal on a real disk: what was written outlives the writer, torn ends and all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/journal_file.h"
#include "base/str.h"

struct fixture {
	char dir[64];
	int n_notes;
	char last[FR_ERRMSG_MAX];
};

struct seen {
	uint64_t n, first, last, credits;
};

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct fixture *f = ctx;

	(void)level;
	f->n_notes++;
	(void)snprintf(f->last, sizeof f->last, "%s", line);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/frugal-journal-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static struct fr_journal_file *begin(struct fixture *f, enum fr_sync sync)
{
	const struct fr_redis_notes notes = { .note = note, .ctx = f };
	struct fr_journal_file *j = NULL;
	struct fr_errmsg why = { "" };

	if (fr_journal_file_open(f->dir, sync, &notes, &j, &why) != FR_OK)
		fail_msg("%s", why.s);
	return j;
}

static bool write_one(struct fr_journal_file *j, uint64_t seq)
{
	const struct fr_journal_record r = { .kind = FR_JOURNAL_OPEN, .seq = seq, .credits = 1, .path = FR_STR("/one/") };

	return fr_journal_file_write(j, &r);
}

static void see(void *ctx, const struct fr_journal_record *r)
{
	struct seen *s = ctx;

	if (r->kind == FR_JOURNAL_HEAD)
		return;
	s->first = s->n++ == 0 ? r->seq : s->first;
	if (s->n > 1)
		assert_int_equal(r->seq, s->last + 1);
	s->last = r->seq;
	s->credits += (uint64_t)r->credits;
}

static struct seen read_all(struct fr_journal_file *j, size_t damaged)
{
	struct seen s = { 0 };

	assert_int_equal(fr_journal_file_read(j, see, &s), damaged);
	return s;
}

static int open_file(const struct fixture *f, uint64_t first, int flags)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/journal/%016llx.frj", f->dir, (unsigned long long)first);
	return open(path, flags);
}

static off_t size_of(const struct fixture *f, uint64_t first)
{
	int fd = open_file(f, first, O_RDONLY);
	off_t n = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;

	if (fd >= 0)
		(void)close(fd);
	return n;
}

static void records_and_identity_outlive_the_process(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_ALWAYS);
	uint64_t identity;

	for (uint64_t seq = 1; seq <= 100; seq++)
		assert_true(write_one(j, seq));
	identity = fr_journal_file_instance(j);
	fr_journal_file_close(&j);
	j = begin(f, FR_SYNC_NEVER);
	assert_true(fr_journal_file_instance(j) == identity);
	assert_int_equal(read_all(j, 0).last, 100);
	assert_true(write_one(j, 101));
	assert_int_equal(read_all(j, 0).n, 101);
	fr_journal_file_close(&j);
}

static void every_torn_end_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER);
	off_t two, three;

	assert_true(write_one(j, 1) && write_one(j, 2));
	two = size_of(f, 1);
	assert_true(write_one(j, 3));
	three = size_of(f, 1);
	fr_journal_file_close(&j);
	for (off_t cut = three - 1; cut > two; cut--) {
		int fd = open_file(f, 1, O_RDWR);

		assert_int_equal(ftruncate(fd, cut), 0);
		assert_int_equal(close(fd), 0);
		j = begin(f, FR_SYNC_NEVER);
		assert_int_equal(size_of(f, 1), two);
		assert_int_equal(read_all(j, 0).last, 2);
		assert_true(write_one(j, 3));
		assert_int_equal(read_all(j, 0).last, 3);
		fr_journal_file_close(&j);
	}
}

static void a_file_that_was_just_begun_is_begun_again(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER);
	int fd;

	assert_true(write_one(j, 1));
	fr_journal_file_close(&j);
	fd = open_file(f, 2, O_RDONLY);
	assert_int_equal(fd, -1);
	{
		char path[128];

		(void)snprintf(path, sizeof path, "%s/journal/%016x.frj", f->dir, 2);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
	}
	assert_int_equal(write(fd, "FJ\1\1", 4), 4);
	assert_int_equal(close(fd), 0);
	j = begin(f, FR_SYNC_NEVER);
	assert_int_equal(size_of(f, 2), -1);
	assert_int_equal(read_all(j, 0).last, 1);
	assert_true(write_one(j, 2));
	fr_journal_file_close(&j);
}

static void damage_in_the_middle_is_skipped_and_counted(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER);
	struct seen s = { 0 };
	int fd;

	for (uint64_t seq = 1; seq <= 10; seq++)
		assert_true(write_one(j, seq));
	fr_journal_file_close(&j);
	fd = open_file(f, 1, O_RDWR);
	assert_int_equal(pwrite(fd, "damage", 6, 30), 6); /* the head itself: every record knows whose it is */
	assert_int_equal(close(fd), 0);
	j = begin(f, FR_SYNC_NEVER);
	assert_int_equal(fr_journal_file_read(j, see, &s), 1);
	assert_int_equal(s.n, 10);
	fr_journal_file_close(&j);
}

static void files_rotate_and_go_when_they_are_not_needed(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER);
	uint64_t n = 120000, identity = fr_journal_file_instance(j);
	struct seen s;

	for (uint64_t seq = 1; seq <= n; seq++)
		assert_true(write_one(j, seq));
	assert_int_equal(read_all(j, 0).n, n);
	assert_in_range(size_of(f, 1), FR_JOURNAL_FILE_BYTES / 2, FR_JOURNAL_FILE_BYTES);
	fr_journal_file_trim(j, 10);
	assert_true(size_of(f, 1) > 0); /* only whole files go */
	fr_journal_file_trim(j, n);
	assert_int_equal(size_of(f, 1), -1);
	s = read_all(j, 0);
	assert_true(s.n > 0 && s.n < n); /* the newest stays */
	assert_int_equal(s.last, n);
	fr_journal_file_close(&j);
	j = begin(f, FR_SYNC_NEVER);
	assert_true(fr_journal_file_instance(j) == identity);
	assert_int_equal(read_all(j, 0).last, n);
	fr_journal_file_close(&j);
}

static void a_file_that_may_not_grow_refuses_and_recovers(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER);
	struct rlimit was, small;
	uint64_t seq = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 1000; /* in the middle of a record */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (write_one(j, seq + 1))
		seq++;
	assert_false(write_one(j, seq + 1));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_in_range(seq, 2, 20);
	assert_int_equal(f->n_notes, 1);
	assert_non_null(strstr(f->last, "cannot be written"));
	assert_int_equal(read_all(j, 0).n, seq);
	for (uint64_t more = 0; more < 5; more++)
		assert_true(write_one(j, ++seq));
	assert_int_equal(f->n_notes, 2);
	fr_journal_file_close(&j);
	j = begin(f, FR_SYNC_NEVER);
	assert_int_equal(read_all(j, 0).last, seq);
	fr_journal_file_close(&j);
}

static void a_state_directory_has_one_journal_writer(void **state)
{
	struct fixture *f = *state;
	struct fr_journal_file *j = begin(f, FR_SYNC_NEVER), *second = NULL;
	struct fr_errmsg why;

	assert_int_equal(fr_journal_file_open(f->dir, FR_SYNC_NEVER, NULL, &second, &why), FR_IO);
	assert_non_null(strstr(why.s, "in use by another frugald"));
	fr_journal_file_close(&j);
	j = begin(f, FR_SYNC_NEVER);
	fr_journal_file_close(&j);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_and_identity_outlive_the_process),     TEST(every_torn_end_is_cut_off),
		TEST(a_file_that_was_just_begun_is_begun_again),    TEST(damage_in_the_middle_is_skipped_and_counted),
		TEST(files_rotate_and_go_when_they_are_not_needed), TEST(a_file_that_may_not_grow_refuses_and_recovers),
		TEST(a_state_directory_has_one_journal_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
