/* main.c — the command line, the daemon, the clock hand: the main thread waits for signals and for the moments at
 * which parked requests go on; libmicrohttpd's one thread does all the rest. */
#include "mem.h"
#include "mix.h"
#include "twin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 4000, BACKLOG = 4096, REQUEST_BYTES_MAX = 64 * 1024 };

static int usage(void)
{
	fputs("usage: twin --listen 127.0.0.1:PORT [--ready-file FILE] [--seed N] [--key KEY] [--rate N] [--delay-ms N]\n"
	      "            [--bodies FILE] [--parent PID]\nA stand-in for api.tikliveapi.com; see /_twin/ once it runs.\n",
	      stderr);
	return 2;
}

static bool parse_listen(const char *text, struct options *o)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	if (colon == NULL || (size_t)(colon - text) >= sizeof o->address || !input_number(colon + 1, &port) || port > 65535)
		return false;
	memcpy(o->address, text, (size_t)(colon - text));
	o->address[colon - text] = '\0';
	o->port = (uint16_t)port;
	return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "listen", 1, NULL, 'l' }, { "ready-file", 1, NULL, 'f' },
					       { "seed", 1, NULL, 's' },   { "key", 1, NULL, 'k' },
					       { "rate", 1, NULL, 'r' },   { "delay-ms", 1, NULL, 'd' },
					       { "parent", 1, NULL, 'p' }, { "bodies", 1, NULL, 'b' },
					       { NULL, 0, NULL, 0 } };
	bool ok = true;
	int c;

	*o = (struct options){ .seed = 1, .rate = 200 };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		uint64_t n = 0;

		if (c == 's' || c == 'r' || c == 'd' || c == 'p')
			ok = ok && input_number(optarg, &n);
		if (c == 'l')
			ok = ok && parse_listen(optarg, o);
		else if (c == 'f')
			o->ready_file = optarg;
		else if (c == 's')
			o->seed = n;
		else if (c == 'b')
			o->bodies_file = optarg;
		else if (c == 'k')
			ok = ok && strlen(optarg) < KEY_MAX && snprintf(o->key, KEY_MAX, "%s", optarg) >= 0;
		else if (c == 'r')
			o->rate = (int64_t)n;
		else if (c == 'd')
			o->delay_ms = (int64_t)n;
		else if (c == 'p')
			o->parent = (long)n;
		else
			ok = false;
	}
	return ok && optind == argc && o->address[0] != '\0';
}

static void raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

static struct MHD_Daemon *start_daemon(struct twin *t)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(t->start.port) };

	if (inet_pton(AF_INET, t->start.address, &at.sin_addr) != 1) {
		fputs("twin: the address must be numeric IPv4\n", stderr);
		return NULL;
	}
	/* Options stay with their values. */
	/* clang-format off */
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, t->start.port, NULL, NULL,
				server_serve, t, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
				MHD_OPTION_URI_LOG_CALLBACK, server_begin, t, MHD_OPTION_NOTIFY_COMPLETED, server_done, t,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES_MAX, MHD_OPTION_END);
	/* clang-format on */
}

/* Written beside and renamed, so that a reader never sees half a number. */
static bool write_ready(const char *file, unsigned port)
{
	char *beside = mem_new(strlen(file) + 8);
	bool ok = false;
	FILE *f;

	sprintf(beside, "%s.new", file);
	f = fopen(beside, "w");
	if (f != NULL) {
		ok = fprintf(f, "%u\n", port) > 0;
		ok = fclose(f) == 0 && ok && rename(beside, file) == 0;
	}
	if (!ok)
		fprintf(stderr, "twin: %s: %s\n", file, strerror(errno));
	free(beside);
	return ok;
}

/* A descriptor that becomes readable when the process has gone; -1 when nobody is to be watched. */
static int watch_parent(long pid, bool *gone)
{
	int fd = -1;

	*gone = false;
	if (pid <= 0)
		return -1;
#ifdef SYS_pidfd_open
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
#endif
	if (fd < 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
		*gone = true;
	else if (fd < 0 && getppid() == (pid_t)pid)
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	return fd;
}

/* Returns when a signal or the end of the parent says so. */
static void wait_for_end(struct twin *t, int signal_fd, int parent_fd)
{
	struct pollfd p[] = { { .fd = signal_fd, .events = POLLIN },
			      { .fd = t->lot.wake_fd, .events = POLLIN },
			      { .fd = parent_fd, .events = POLLIN } };
	uint64_t woken;

	for (;;) {
		int64_t ms = lot_run(&t->lot, twin_mono_ms());

		if (poll(p, 3, ms > 60000 ? 60000 : (int)ms) < 0 && errno != EINTR)
			return;
		if ((p[0].revents | p[2].revents) != 0)
			return;
		if (p[1].revents != 0)
			(void)!read(t->lot.wake_fd, &woken, sizeof woken);
	}
}

/* Listens until the end is asked for. Returns the exit status. */
static int run(struct twin *t, int signal_fd)
{
	bool gone;
	int parent_fd = watch_parent(t->start.parent, &gone);
	struct MHD_Daemon *d = gone ? NULL : start_daemon(t);
	const union MHD_DaemonInfo *info;
	bool ok;

	if (d == NULL) {
		fprintf(stderr, "twin: cannot listen on %s:%u: %s\n", t->start.address, t->start.port,
			gone ? "the parent has gone" : strerror(errno));
		return 1;
	}
	info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);
	ok = info != NULL && (t->start.ready_file == NULL || write_ready(t->start.ready_file, info->port));
	if (ok) {
		fprintf(stderr, "twin: ready on %s:%u, seed %" PRIu64 "\n", t->start.address, info->port, t->start.seed);
		wait_for_end(t, signal_fd, parent_fd);
	}
	lot_close(&t->lot);
	MHD_stop_daemon(d);
	if (parent_fd >= 0)
		close(parent_fd);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct twin *t = mem_new(sizeof *t);
	sigset_t ends;
	int signal_fd, status;

	if (!parse(argc, argv, &t->start)) {
		free(t);
		return usage();
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal_fd = signalfd(-1, &ends, SFD_CLOEXEC);
	raise_limits();
	json_object_seed(1);
	if (t->start.bodies_file != NULL)
		t->bodies = fopen(t->start.bodies_file, "we");
	if (signal_fd < 0 || !lot_init(&t->lot) || (t->start.bodies_file != NULL && t->bodies == NULL)) {
		perror("twin");
		free(t);
		return 1;
	}
	t->world.seed = t->start.seed;
	t->nonce = mix((uint64_t)twin_wall_ms(), (uint64_t)getpid());
	ledger_init(&t->ledger);
	twin_reset(t, true);
	status = run(t, signal_fd);
	if (t->bodies != NULL && fclose(t->bodies) != 0)
		status = 1;
	ledger_free(&t->ledger);
	window_clear(&t->accepted);
	world_restore(&t->world);
	pthread_mutex_destroy(&t->lot.mutex);
	close(t->lot.wake_fd);
	close(signal_fd);
	free(t);
	return status;
}
