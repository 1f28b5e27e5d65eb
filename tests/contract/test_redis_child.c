/* The embedded Redis: started, killed, frozen, refused, adopted by nobody. */
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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "adapt/redis_child.h"
#include "adapt/store.h"
#include "base/alloc.h"
#include "base/blob.h"
#include "base/str.h"
#include "tests/contract/no_alerts.h"
#include "tests/contract/no_purges.h"
#include "tests/contract/redis_here.h"

enum { PATIENCE_MS = 30000, TIMEOUT_MS = 200 };

struct fr_engine {
	int n_found;
	enum fr_store_result found;
	char record[64];
};

void fr_engine_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	(void)token;
	e->n_found++;
	e->found = result;
	(void)fr_str_copy(e->record, sizeof e->record, record);
}

void fr_engine_claimed(struct fr_engine *e, uint64_t token, enum fr_claim_result result, struct fr_str record)
{
	(void)e;
	(void)token;
	(void)result;
	(void)record;
}

void fr_engine_hint(struct fr_engine *e, struct fr_key key)
{
	(void)e;
	(void)key;
}

void fr_engine_ledger_applied(struct fr_engine *e, bool known, uint64_t watermark)
{
	(void)e;
	(void)known;
	(void)watermark;
}

void fr_engine_totals_added(struct fr_engine *e, uint64_t seq, bool added)
{
	(void)e;
	(void)seq;
	(void)added;
}

void fr_engine_leased(struct fr_engine *e, const struct fr_lease_told *told)
{
	(void)e;
	(void)told;
}

void fr_engine_lined_up(struct fr_engine *e, const struct fr_line_told *told)
{
	(void)e;
	(void)told;
}

struct fixture {
	char tmp[64], dir[128];
	uv_loop_t loop;
	uv_timer_t heartbeat;
	struct fr_settings settings;
	struct fr_catalogue catalogue;
	struct fr_roster roster;
	struct fr_engine heard;
	struct fr_redis_child *child;
	struct fr_store *store;
	int n_warnings;
	char notes[65536];
};

static const struct fr_key KEY = { 7, 8 }, NOBODY = { 0, 0 };

static int64_t clock_now(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

#define UNTIL(f, condition) \
	do { \
		int64_t deadline_ = clock_now() + PATIENCE_MS; \
		while (!(condition)) { \
			if (clock_now() >= deadline_) \
				fail_msg("%s:%d: never: %s", __FILE__, __LINE__, #condition); \
			(void)uv_run(&(f)->loop, UV_RUN_ONCE); \
		} \
	} while (0)

static void heartbeat(uv_timer_t *t)
{
	(void)t;
}

static void note(void *ctx, enum fr_level level, const char *line)
{
	struct fixture *f = ctx;
	size_t n = strlen(f->notes);

	f->n_warnings += level == FR_LOG_WARNING || level == FR_LOG_ERROR;
	(void)snprintf(f->notes + n, sizeof f->notes - n, "%d %s\n", (int)level, line);
}

static void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof *f);
	redis_here_make_dir(f->tmp);
	(void)snprintf(f->dir, sizeof f->dir, "%s/state", f->tmp);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	assert_int_equal(uv_timer_init(&f->loop, &f->heartbeat), 0);
	assert_int_equal(uv_timer_start(&f->heartbeat, heartbeat, 5, 5), 0);
	f->settings.redis_timeout = FR_MS(TIMEOUT_MS);
	f->settings.redis_memory = 64 * 1024 * 1024;
	(void)snprintf(f->settings.redis_prefix.s, sizeof f->settings.redis_prefix.s, "test");
	(void)snprintf(f->settings.redis_server.s, sizeof f->settings.redis_server.s, "redis-server");
	f->catalogue.n = 1;
	f->catalogue.rows[0].path = FR_STR("*");
	fr_roster_init(&f->roster, false);
}

static struct fixture *fixture_new(void)
{
	struct fixture *f = fr_alloc(sizeof *f);

	fixture_init(f);
	return f;
}

static enum fr_err start_child(struct fixture *f, const char *dir, struct fr_errmsg *why)
{
	const struct fr_redis_notes notes = { note, f };

	return fr_redis_child_start(&f->loop, &f->settings, dir, &notes, &f->child, why);
}

static void start(struct fixture *f)
{
	const struct fr_redis_notes notes = { note, f };
	struct fr_errmsg why;

	if (start_child(f, f->dir, &why) != FR_OK)
		fail_msg("%s", why.s);
	f->store = fr_store_new(&f->loop, &f->settings, fr_redis_child_socket(f->child), NULL, &notes, &why);
	assert_non_null(f->store);
	assert_int_equal(fr_store_check(f->store, &why), FR_OK);
	fr_store_attach(f->store, &f->heard, &f->catalogue, &f->roster);
	UNTIL(f, fr_store_up(f->store));
}

static void stop(struct fixture *f)
{
	if (f->store != NULL)
		fr_store_free(&f->store);
	if (f->child != NULL)
		fr_redis_child_stop(&f->child);
}

static void fixture_free(struct fixture *f)
{
	stop(f);
	uv_close((uv_handle_t *)&f->heartbeat, NULL);
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	redis_here_remove_dir(f->tmp);
	free(f);
}

static enum fr_store_result get(struct fixture *f)
{
	int before = f->heard.n_found;

	fr_store_get(f->store, 1, KEY);
	UNTIL(f, f->heard.n_found > before);
	return f->heard.found;
}

static void put(struct fixture *f, const char *record)
{
	struct fr_blob *b = fr_blob_of(record, strlen(record));

	fr_store_put(f->store, KEY, NOBODY, b, FR_HOURS(1));
	fr_blob_drop(b);
}

static void it_serves_keeps_its_data_and_ends(void **state)
{
	struct fixture *f = fixture_new();
	struct stat st;

	(void)state;
	start(f);
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(fr_redis_child_socket(f->child), &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	put(f, "answer");
	assert_int_equal(get(f), FR_STORE_HIT);
	stop(f);
	start(f);
	assert_int_equal(get(f), FR_STORE_HIT);
	assert_string_equal(f->heard.record, "answer");
	assert_int_equal(f->n_warnings, 0);
	fixture_free(f);
}

static void killed_it_is_started_again_with_its_data(void **state)
{
	struct fixture *f = fixture_new();
	int first;

	(void)state;
	start(f);
	put(f, "answer");
	assert_int_equal(get(f), FR_STORE_HIT);
	first = fr_redis_child_pid(f->child);
	assert_int_equal(kill(first, SIGKILL), 0);
	UNTIL(f, fr_redis_child_pid(f->child) != first);
	UNTIL(f, fr_redis_child_pid(f->child) > 0);
	UNTIL(f, fr_store_up(f->store) && get(f) == FR_STORE_HIT);
	assert_string_equal(f->heard.record, "answer");
	assert_non_null(strstr(f->notes, "was killed by signal 9; starting it again in 100 ms"));
	first = fr_redis_child_pid(f->child);
	assert_int_equal(kill(first, SIGKILL), 0);
	UNTIL(f, strstr(f->notes, "starting it again in 200 ms") != NULL);
	UNTIL(f, fr_redis_child_pid(f->child) > 0 && fr_store_up(f->store));
	fixture_free(f);
}

static void frozen_it_is_unknown_in_time_and_comes_back(void **state)
{
	struct fixture *f = fixture_new();
	int64_t began;

	(void)state;
	start(f);
	put(f, "answer");
	assert_int_equal(get(f), FR_STORE_HIT);
	assert_int_equal(kill(fr_redis_child_pid(f->child), SIGSTOP), 0);
	began = clock_now();
	assert_int_equal(get(f), FR_STORE_UNKNOWN);
	assert_in_range(clock_now() - began, 0, TIMEOUT_MS + 200);
	assert_int_equal(kill(fr_redis_child_pid(f->child), SIGCONT), 0);
	UNTIL(f, fr_store_up(f->store));
	assert_int_equal(get(f), FR_STORE_HIT);
	fixture_free(f);
}

static void a_second_one_on_the_same_directory_is_refused(void **state)
{
	struct fixture *f = fixture_new(), *g = fixture_new();
	struct fr_errmsg why;

	(void)state;
	start(f);
	assert_int_equal(start_child(g, f->dir, &why), FR_IO);
	assert_non_null(strstr(why.s, "in use by another frugald"));
	assert_int_equal(get(f), FR_STORE_MISS);
	fixture_free(g);
	fixture_free(f);
}

static void a_missing_program_is_said_with_what_to_do(void **state)
{
	static const char *const programs[] = { "no-such-redis-server", "/no/such/redis-server" };
	struct fixture *f = fixture_new();
	struct fr_errmsg why;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char expected[128];

		(void)snprintf(f->settings.redis_server.s, sizeof f->settings.redis_server.s, "%s", programs[i]);
		(void)snprintf(expected, sizeof expected, "%s not found: apt install redis-server, or set redis.url",
			       programs[i]);
		assert_int_equal(start_child(f, f->dir, &why), FR_IO);
		assert_string_equal(why.s, expected);
	}
	fixture_free(f);
}

static void a_program_that_is_no_redis_is_said(void **state)
{
	static const struct {
		const char *program, *says;
	} rows[] = {
		{ "/bin/false", "/bin/false ended at once" },
		{ "/etc/passwd", "not found" },
		{ "/tmp", "cannot be started" },
	};
	struct fixture *f = fixture_new();
	struct fr_errmsg why;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(f->settings.redis_server.s, sizeof f->settings.redis_server.s, "%s", rows[i].program);
		assert_int_equal(start_child(f, f->dir, &why), FR_IO);
		if (strstr(why.s, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].program, why.s);
	}
	fixture_free(f);
}

static void its_own_last_word_explains_why_it_does_not_start(void **state)
{
	struct fixture *f = fixture_new();
	struct fr_errmsg why;
	char path[256];
	FILE *manifest;

	(void)state;
	assert_int_equal(mkdir(f->dir, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/redis", f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/redis/appendonlydir", f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/redis/appendonlydir/appendonly.aof.manifest", f->dir);
	manifest = fopen(path, "w");
	assert_non_null(manifest);
	assert_true(fputs("this is no manifest\n", manifest) >= 0);
	assert_int_equal(fclose(manifest), 0);
	assert_int_equal(start_child(f, f->dir, &why), FR_IO);
	assert_non_null(strstr(why.s, "redis-server ended at once: "));
	assert_null(strstr(why.s, "it says nothing"));
	fixture_free(f);
}

static void a_torn_end_of_its_file_is_cut_off(void **state)
{
	struct fixture *f = fixture_new();
	char path[256];
	FILE *aof;

	(void)state;
	start(f);
	put(f, "answer");
	assert_int_equal(get(f), FR_STORE_HIT);
	stop(f);
	(void)snprintf(path, sizeof path, "%s/redis/appendonlydir/appendonly.aof.1.incr.aof", f->dir);
	aof = fopen(path, "a");
	assert_non_null(aof);
	assert_true(fputs("*3\r\n$3\r\nSET\r\n$1", aof) >= 0);
	assert_int_equal(fclose(aof), 0);
	start(f);
	assert_int_equal(get(f), FR_STORE_HIT);
	fixture_free(f);
}

static void an_unusable_directory_is_said_with_what_to_do(void **state)
{
	static const struct {
		const char *name, *says;
		mode_t mode;
		int kind; /* 0: made, 1: a file, 2: not made */
		enum fr_err e;
	} rows[] = {
		{ "file", "is not a directory", 0600, 1, FR_INVALID },
		{ "file/below", "cannot be created", 0, 2, FR_IO },
		{ "open", "chmod 700", 0755, 0, FR_INVALID },
		{ "shared", "chmod 700", 0720, 0, FR_INVALID },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
		  "at most 107 bytes", 0, 2, FR_TOOBIG },
	};
	struct fixture *f = fixture_new();
	struct fr_errmsg why;
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", f->tmp, rows[i].name);
		if (rows[i].kind == 0)
			assert_int_equal(mkdir(path, 0700), 0);
		else if (rows[i].kind == 1)
			assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
		if (rows[i].kind != 2)
			assert_int_equal(chmod(path, rows[i].mode), 0);
		assert_int_equal(start_child(f, path, &why), rows[i].e);
		if (strstr(why.s, rows[i].says) == NULL)
			fail_msg("%s: %s", path, why.s);
	}
	assert_int_equal(start_child(f, "", &why), FR_INVALID);
	assert_int_equal(start_child(f, "/proc/no/such", &why), FR_IO);
	if (geteuid() == 0) { /* a directory of somebody else */
		(void)snprintf(path, sizeof path, "%s/theirs", f->tmp);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_int_equal(start_child(f, path, &why), FR_INVALID);
		assert_non_null(strstr(why.s, "belongs to user 12345"));
	}
	fixture_free(f);
}

static void parents_are_made_and_odd_names_are_quoted(void **state)
{
	struct fixture *f = fixture_new();

	(void)state;
	(void)snprintf(f->dir, sizeof f->dir, "%s/a/b c/\"d\\e'", f->tmp);
	start(f);
	put(f, "answer");
	assert_int_equal(get(f), FR_STORE_HIT);
	fixture_free(f);
}

/* Runs a daemon's life in a child of its own, up to where it would serve; the daemon's end leaves the server to itself. */
static pid_t start_daemon(const char *dir, int *ret_server)
{
	int pipe_fds[2], server = 0;
	pid_t pid;

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct fixture *f = fixture_new();
		struct fr_errmsg why;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		redis_here_remove_dir(f->tmp); /* it uses the other's */
		if (start_child(f, dir, &why) == FR_OK)
			server = fr_redis_child_pid(f->child);
		if (write(pipe_fds[1], &server, sizeof server) != (ssize_t)sizeof server)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &server, sizeof server), sizeof server);
	(void)close(pipe_fds[0]);
	assert_true(server > 1);
	*ret_server = server;
	return pid;
}

static void kill_daemon(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void a_killed_daemon_takes_its_server_along(void **state)
{
	struct fixture *f = fixture_new();
	int server;
	pid_t daemon_pid = start_daemon(f->dir, &server);

	(void)state;
	kill_daemon(daemon_pid);
	start(f); /* waits for the old one's end */
	assert_int_not_equal(fr_redis_child_pid(f->child), server);
	assert_int_equal(get(f), FR_STORE_MISS);
	fixture_free(f);
}

static void a_frozen_server_of_a_killed_daemon_is_woken_to_end(void **state)
{
	struct fixture *f = fixture_new();
	int server;
	pid_t daemon_pid = start_daemon(f->dir, &server);

	(void)state;
	assert_int_equal(kill(server, SIGSTOP), 0);
	kill_daemon(daemon_pid);
	start(f);
	assert_non_null(strstr(f->notes, "of an earlier life"));
	assert_int_not_equal(fr_redis_child_pid(f->child), server);
	assert_int_equal(get(f), FR_STORE_MISS);
	fixture_free(f);
}

static void a_frozen_server_does_not_keep_the_daemon_from_its_end(void **state)
{
	struct fixture *f = fixture_new();
	int64_t began;

	(void)state;
	start(f);
	assert_int_equal(kill(fr_redis_child_pid(f->child), SIGSTOP), 0);
	began = clock_now();
	stop(f);
	assert_in_range(clock_now() - began, 0, 5000);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_serves_keeps_its_data_and_ends),
		cmocka_unit_test(killed_it_is_started_again_with_its_data),
		cmocka_unit_test(frozen_it_is_unknown_in_time_and_comes_back),
		cmocka_unit_test(a_second_one_on_the_same_directory_is_refused),
		cmocka_unit_test(a_missing_program_is_said_with_what_to_do),
		cmocka_unit_test(a_program_that_is_no_redis_is_said),
		cmocka_unit_test(its_own_last_word_explains_why_it_does_not_start),
		cmocka_unit_test(a_torn_end_of_its_file_is_cut_off),
		cmocka_unit_test(an_unusable_directory_is_said_with_what_to_do),
		cmocka_unit_test(parents_are_made_and_odd_names_are_quoted),
		cmocka_unit_test(a_killed_daemon_takes_its_server_along),
		cmocka_unit_test(a_frozen_server_of_a_killed_daemon_is_woken_to_end),
		cmocka_unit_test(a_frozen_server_does_not_keep_the_daemon_from_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
