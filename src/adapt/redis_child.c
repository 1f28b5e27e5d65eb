#include "adapt/redis_child.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapt/redis_dir.h"
#include "adapt/redis_log.h"
#include "adapt/redis_spawn.h"
#include "adapt/redis_uv.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/str.h"

static const fr_ms PAUSE_FIRST = { 100 }, PAUSE_LAST = { 10 * 1000 }, START_PATIENCE = { 10 * 1000 },
		   STOP_PATIENCE = { 10 * 1000 };
enum { TICK_MS = 20, CONFIG_MAX = 4096 };

struct fr_redis_child {
	uv_loop_t *loop;
	struct fr_redis_notes notes;
	struct fr_redis_dir dir;
	char program[FR_PATH_TEXT_MAX];
	struct fr_buf config;
	pid_t pid;                /* -1: none at the moment */
	struct fr_redis_log *log; /* of the running server, or NULL */
	int64_t started;
	fr_ms pause;
	uv_signal_t sigchld;
	uv_timer_t timer; /* the next start */
	int open_handles;
};

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

static void add_quoted(struct fr_buf *b, const char *directive, const char *value)
{
	enum fr_err e = fr_buf_addf(b, "%s \"", directive);

	for (const char *p = value; *p != '\0' && e == FR_OK; p++) {
		if (*p == '"' || *p == '\\')
			e = fr_buf_add_char(b, '\\');
		if (e == FR_OK)
			e = fr_buf_add_char(b, *p);
	}
	if (e == FR_OK)
		e = fr_buf_add_text(b, "\"\n");
	FR_ASSERT(e == FR_OK); /* two bounded paths */
}

/* Debug commands are off by default, and naming them would keep a Redis before 7 from starting. */
static void write_config(struct fr_redis_child *c, const struct fr_settings *settings)
{
	enum fr_err e;

	fr_buf_init(&c->config, CONFIG_MAX);
	add_quoted(&c->config, "unixsocket", c->dir.socket);
	add_quoted(&c->config, "dir", c->dir.data);
	e = fr_buf_addf(&c->config,
			"port 0\n"
			"unixsocketperm 700\n"
			"protected-mode yes\n"
			"daemonize no\n"
			"supervised no\n"
			"databases 1\n"
			"save \"\"\n"
			"appendonly yes\n"
			"appendfsync everysec\n"
			"aof-load-truncated yes\n"
			"maxmemory %" PRId64 "\n"
			"maxmemory-policy volatile-lru\n"
			"logfile \"\"\n"
			"loglevel notice\n"
			"always-show-logo no\n",
			settings->redis_memory);
	FR_ASSERT(e == FR_OK);
}

static enum fr_err spawn(struct fr_redis_child *c, struct fr_errmsg *why)
{
	struct fr_redis_process p;
	int lock = fr_redis_dir_server_lock(&c->dir);
	enum fr_err e;

	if (lock < 0)
		return fr_redis_fail(why, FR_IO, "%s/redis.lock cannot be locked: %s", c->dir.path, strerror(errno));
	e = fr_redis_spawn(c->program, fr_buf_str(&c->config), lock, &p, why);
	(void)close(lock);
	if (e != FR_OK)
		return FR_IO;
	c->pid = p.pid;
	c->started = now_ms();
	c->log = fr_redis_log_new(p.output, &c->notes);
	return FR_OK;
}

enum probe { PROBE_NONE, PROBE_LOADING, PROBE_READY };

static enum probe probe(const char *socket)
{
	const struct timeval wait = { 0, 200 * 1000 };
	redisContext *c = redisConnectUnixWithTimeout(socket, wait);
	enum probe found = PROBE_NONE;
	redisReply *r;

	if (c != NULL && c->err == 0 && redisSetTimeout(c, wait) == REDIS_OK && (r = redisCommand(c, "PING")) != NULL) {
		if (r->type == REDIS_REPLY_STATUS)
			found = PROBE_READY;
		else if (r->type == REDIS_REPLY_ERROR && strncmp(r->str, "LOADING", 7) == 0)
			found = PROBE_LOADING;
		freeReplyObject(r);
	}
	if (c != NULL)
		redisFree(c);
	return found;
}

/* Takes the status of a server that has ended, if it has. */
static bool reaped(struct fr_redis_child *c, fr_ms patience, int *status)
{
	if (c->pid < 0 || fr_redis_reap(c->pid, patience, status) != FR_OK)
		return false;
	c->pid = -1;
	return true;
}

static enum fr_err await(struct fr_redis_child *c, struct fr_errmsg *why)
{
	int64_t deadline = now_ms() + START_PATIENCE.v;
	enum probe found = PROBE_NONE;
	int status;

	while (found != PROBE_READY && now_ms() < deadline) {
		fr_redis_log_wait(c->log, TICK_MS);
		if (reaped(c, FR_MS(0), &status)) {
			fr_redis_log_wait(c->log, 0);
			return fr_redis_fail(why, FR_IO, "%s ended at once: %s (its data: %s)", c->program,
					     fr_redis_log_last(c->log), c->dir.data);
		}
		found = probe(c->dir.socket);
	}
	if (found == PROBE_LOADING)
		fr_redis_note(&c->notes, FR_LOG_WARNING,
			      "the embedded Redis is still loading its data; until then nothing is found there");
	if (found != PROBE_NONE)
		return FR_OK;
	return fr_redis_fail(why, FR_IO, "%s does not answer on %s: %s", c->program, c->dir.socket, fr_redis_log_last(c->log));
}

static void end_server(struct fr_redis_child *c)
{
	int status;

	if (c->pid < 0)
		return;
	if (c->log != NULL)
		fr_redis_log_hush(c->log);
	(void)kill(c->pid, SIGTERM);
	(void)kill(c->pid, SIGCONT); /* a frozen one can end, too */
	if (reaped(c, STOP_PATIENCE, &status))
		return;
	fr_redis_note(&c->notes, FR_LOG_WARNING, "the embedded Redis does not end within %" PRId64 " s and is killed",
		      STOP_PATIENCE.v / 1000);
	(void)kill(c->pid, SIGKILL);
	while (!reaped(c, STOP_PATIENCE, &status))
		; /* a killed process ends */
}

static void free_parts(struct fr_redis_child *c)
{
	if (c->log != NULL)
		fr_redis_log_free(&c->log);
	fr_redis_dir_close(&c->dir);
	fr_buf_free(&c->config);
}

static void schedule_start(struct fr_redis_child *c);

static void start_again(uv_timer_t *timer)
{
	struct fr_redis_child *c = timer->data;
	struct fr_errmsg why;

	if (spawn(c, &why) != FR_OK) {
		fr_redis_note(&c->notes, FR_LOG_ERROR, "the embedded Redis cannot be started again: %s", why.s);
		schedule_start(c);
		return;
	}
	fr_redis_log_attach(c->log, c->loop);
	fr_redis_note(&c->notes, FR_LOG_INFO, "the embedded Redis was started again");
}

static void schedule_start(struct fr_redis_child *c)
{
	fr_redis_uv_timer_start(&c->timer, start_again, c->pause);
	c->pause.v = c->pause.v * 2 < PAUSE_LAST.v ? c->pause.v * 2 : PAUSE_LAST.v;
}

static void look_for_end(struct fr_redis_child *c)
{
	char how[64];
	int status;

	if (!reaped(c, FR_MS(0), &status))
		return;
	(void)snprintf(how, sizeof how, WIFSIGNALED(status) ? "was killed by signal %d" : "ended with status %d",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	fr_redis_log_free(&c->log);
	if (now_ms() - c->started >= PAUSE_LAST.v)
		c->pause = PAUSE_FIRST;
	fr_redis_note(&c->notes, FR_LOG_WARNING, "the embedded Redis %s; starting it again in %" PRId64 " ms", how, c->pause.v);
	schedule_start(c);
}

static void on_sigchld(uv_signal_t *h, int sig)
{
	(void)sig;
	look_for_end(h->data);
}

static void watch(struct fr_redis_child *c)
{
	int r = uv_signal_init(c->loop, &c->sigchld);

	FR_ASSERT(r == 0);
	c->sigchld.data = c;
	r = uv_signal_start(&c->sigchld, on_sigchld, SIGCHLD);
	FR_ASSERT(r == 0);
	fr_redis_uv_timer_init(c->loop, &c->timer, c);
	c->open_handles = 2;
	fr_redis_log_attach(c->log, c->loop);
	look_for_end(c); /* in case it ended before anybody listened */
}

enum fr_err fr_redis_child_start(uv_loop_t *loop, const struct fr_settings *settings, const char *state_dir,
				 const struct fr_redis_notes *notes, struct fr_redis_child **ret, struct fr_errmsg *why)
{
	struct fr_redis_child *c = fr_calloc(1, sizeof *c);
	enum fr_err e = fr_redis_dir_open(state_dir, &c->dir, why);

	if (e != FR_OK) {
		free(c);
		return e;
	}
	c->loop = loop;
	c->notes = notes != NULL ? *notes : (struct fr_redis_notes){ NULL, NULL };
	c->pid = -1;
	c->pause = PAUSE_FIRST;
	(void)fr_str_copy(c->program, sizeof c->program, fr_str_of(settings->redis_server.s));
	write_config(c, settings);
	e = fr_redis_dir_evict(&c->dir, &c->notes, why);
	if (e == FR_OK)
		e = spawn(c, why);
	if (e == FR_OK)
		e = await(c, why);
	if (e != FR_OK) {
		end_server(c);
		free_parts(c);
		free(c);
		return e;
	}
	watch(c);
	*ret = c;
	return FR_OK;
}

const char *fr_redis_child_socket(const struct fr_redis_child *c)
{
	return c->dir.socket;
}

int fr_redis_child_pid(const struct fr_redis_child *c)
{
	return (int)c->pid;
}

static void handle_closed(uv_handle_t *h)
{
	struct fr_redis_child *c = h->data;

	if (--c->open_handles == 0)
		free(c);
}

void fr_redis_child_stop(struct fr_redis_child **taken)
{
	struct fr_redis_child *c = *taken;

	*taken = NULL;
	end_server(c);
	free_parts(c);
	uv_close((uv_handle_t *)&c->sigchld, handle_closed);
	uv_close((uv_handle_t *)&c->timer, handle_closed);
}
