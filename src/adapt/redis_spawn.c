#include "adapt/redis_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapt/redis_note.h"
#include "base/assert.h"
#include "base/str.h"

enum { CONFIG_MAX = 4096, TICK_MS = 20, PROGRAM_MAX = FR_PATH_TEXT_MAX * 2, PATH_ENV_MAX = 4096 };

static const char DEFAULT_PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* All that the child needs between fork and exec, where nothing may be allocated. */
struct plan {
	char program[PROGRAM_MAX], env_path[PATH_ENV_MAX];
	pid_t parent;
	int config[2], output[2], report[2]; /* pipes: read end, write end */
	int lock;
};

/* Searches PATH before the fork, so that execve() can be called in the child. */
static enum fr_err find_program(const char *name, struct plan *p, struct fr_errmsg *why)
{
	const char *env = getenv("PATH");
	struct fr_str rest = fr_str_of(env != NULL && env[0] != '\0' ? env : DEFAULT_PATH);

	if (snprintf(p->env_path, sizeof p->env_path, "PATH=%.*s", FR_STR_ARG(rest)) >= (int)sizeof p->env_path)
		(void)snprintf(p->env_path, sizeof p->env_path, "PATH=%s", DEFAULT_PATH);
	if (strchr(name, '/') != NULL && fr_str_copy(p->program, sizeof p->program, fr_str_of(name)) && access(name, X_OK) == 0)
		return FR_OK;
	while (strchr(name, '/') == NULL && rest.p != NULL) {
		struct fr_str dir = fr_str_cut(&rest, ':');
		int n = snprintf(p->program, sizeof p->program, "%.*s/%s", FR_STR_ARG(dir), name);

		if (dir.n > 0 && n < (int)sizeof p->program && access(p->program, X_OK) == 0)
			return FR_OK;
	}
	return fr_redis_fail(why, FR_ABSENT, "%s not found: apt install redis-server, or set redis.url", name);
}

/* Moves a descriptor out of the way of those that the child will have. */
static int lift(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

static bool place_files(const struct plan *p)
{
	int config = lift(p->config[0]), output = lift(p->output[1]), lock = lift(p->lock), report = lift(p->report[1]);

	if (config < 0 || output < 0 || lock < 0 || report < 0 || dup2(config, 0) != 0 || dup2(output, 1) != 1 ||
	    dup2(output, 2) != 2 || dup2(lock, 3) != 3 || dup3(report, 4, O_CLOEXEC) != 4)
		return false;
	(void)syscall(SYS_close_range, 5u, ~0u, 0u); /* on an old kernel what is not close-on-exec stays open */
	return true;
}

static void default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL); /* refused for some: those are at their default */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(struct plan *p)
{
	char dash[] = "-";
	char *argv[] = { p->program, dash, NULL }, *env[] = { p->env_path, NULL };
	int report = p->report[1], e;

	default_signals();
	(void)umask(077);
	(void)setsid();
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != p->parent)
		_exit(127);
	if (place_files(p)) {
		report = 4;
		(void)execve(p->program, argv, env);
	}
	e = errno;
	(void)!write(report, &e, sizeof e);
	_exit(127);
}

static void close_pipe(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static void close_end(int *fd)
{
	(void)close(*fd);
	*fd = -1;
}

static bool open_pipes(struct plan *p, struct fr_str config)
{
	if (pipe2(p->config, O_CLOEXEC) != 0 || pipe2(p->output, O_CLOEXEC) != 0 || pipe2(p->report, O_CLOEXEC) != 0)
		return false;
	if (fcntl(p->output[0], F_SETFL, O_NONBLOCK) != 0 || write(p->config[1], config.p, config.n) != (ssize_t)config.n)
		return false;
	close_end(&p->config[1]);
	return true;
}

/* Signals wait until the child has put its handlers back: one of ours in the child would write into the parent's loop. */
static pid_t fork_quietly(struct plan *p)
{
	sigset_t all, was;
	pid_t pid;
	int r;

	(void)sigfillset(&all);
	r = pthread_sigmask(SIG_SETMASK, &all, &was);
	FR_ASSERT(r == 0);
	pid = fork();
	if (pid == 0)
		become(p);
	r = pthread_sigmask(SIG_SETMASK, &was, NULL);
	FR_ASSERT(r == 0);
	return pid;
}

/* What the child reports before it is a server: the error of its exec, or 0 by closing the pipe. */
static int exec_error(int fd)
{
	ssize_t n;
	int e = 0;

	do
		n = read(fd, &e, sizeof e);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof e ? e : 0;
}

enum fr_err fr_redis_spawn(const char *program, struct fr_str config, int lock, struct fr_redis_process *ret,
			   struct fr_errmsg *why)
{
	struct plan p = { .parent = getpid(), .config = { -1, -1 }, .output = { -1, -1 }, .report = { -1, -1 }, .lock = lock };
	enum fr_err e = find_program(program, &p, why);
	pid_t pid = -1;
	int status, error = 0;

	FR_ASSERT(config.n <= CONFIG_MAX);
	if (e != FR_OK)
		return e;
	if (open_pipes(&p, config) && (pid = fork_quietly(&p)) > 0) {
		close_end(&p.report[1]);
		error = exec_error(p.report[0]);
	} else {
		error = errno;
	}
	if (error != 0) {
		e = fr_redis_fail(why, FR_IO, "%s cannot be started: %s", p.program, strerror(error));
		if (pid > 0)
			(void)fr_redis_reap(pid, FR_SECONDS(1), &status);
	} else {
		*ret = (struct fr_redis_process){ pid, p.output[0] };
		p.output[0] = -1;
	}
	close_pipe(p.config);
	close_pipe(p.output);
	close_pipe(p.report);
	return e;
}

/* True if the child is a zombie: its number, and its group's, are still its own. */
static bool ended(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

enum fr_err fr_redis_reap(pid_t pid, fr_ms patience, int *ret_status)
{
	/* Readable when the child ends; where there is no such thing the ticks must do. */
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0u), .events = POLLIN };
	int64_t left = patience.v;
	bool over = ended(pid);

	FR_ASSERT(pid > 1);
	for (; !over && left > 0; left -= TICK_MS) {
		(void)poll(&end, 1, TICK_MS);
		over = ended(pid);
	}
	if (end.fd >= 0)
		(void)close(end.fd);
	if (!over)
		return FR_ABSENT;
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0)
		FR_ASSERT(errno == EINTR);
	return FR_OK;
}
