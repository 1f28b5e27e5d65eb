#include "contract/twin_here.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"

enum { READY_MS = 20000, PATH_SIZE = 4096 };

/* The test is BUILD/contract/test_x, the twin BUILD/twin. */
static void find_twin(char ret[PATH_SIZE])
{
	const char *build = getenv("FRUGAL_BUILD");
	char here[PATH_SIZE - 8];
	ssize_t n;

	if (build == NULL) {
		n = readlink("/proc/self/exe", here, sizeof here - 1);
		FR_ASSERT(n > 0);
		here[n] = '\0';
		for (int i = 0; i < 2; i++)
			if (strrchr(here, '/') != NULL)
				*strrchr(here, '/') = '\0';
		build = here;
	}
	FR_ASSERT(snprintf(ret, PATH_SIZE, "%s/twin", build) < PATH_SIZE);
}

static void spawn(struct twin_here *t)
{
	char path[PATH_SIZE], parent[24];
	char *const argv[] = { path, "--listen", "127.0.0.1:0", "--rate", "0", "--parent", parent, NULL };
	int out[2];

	find_twin(path);
	(void)snprintf(parent, sizeof parent, "%ld", (long)getpid());
	FR_ASSERT(pipe2(out, O_CLOEXEC) == 0);
	t->pid = fork();
	FR_ASSERT(t->pid >= 0);
	if (t->pid == 0) {
		(void)dup2(out[1], 2);
		(void)execv(path, argv);
		perror(path);
		_exit(127);
	}
	(void)close(out[1]);
	t->output = out[0];
}

/* The next of what it says; false at its end. */
static bool hear(const struct twin_here *t, char *said, size_t size)
{
	struct pollfd p = { .fd = t->output, .events = POLLIN };
	size_t n = strlen(said);
	ssize_t got = poll(&p, 1, READY_MS) == 1 && n + 1 < size ? read(t->output, said + n, size - 1 - n) : -1;

	if (got > 0)
		said[n + (size_t)got] = '\0';
	return got > 0;
}

static void die(const char *what, const char *said)
{
	(void)fprintf(stderr, "the twin %s: %s\n", what, said);
	abort();
}

void twin_here_start(struct twin_here *t)
{
	static const char word[] = "ready on ";
	char said[4096] = "";
	const char *at;

	spawn(t);
	while ((at = strstr(said, word)) == NULL || strchr(at, ',') == NULL)
		if (!hear(t, said, sizeof said))
			die("is not ready (is it built? make twin)", said);
	at += strlen(word);
	FR_ASSERT(strcspn(at, ",") < sizeof t->addr);
	(void)snprintf(t->addr, sizeof t->addr, "%.*s", (int)strcspn(at, ","), at);
}

void twin_here_stop(struct twin_here *t)
{
	char said[16384] = "";
	int status = -1;

	(void)kill(t->pid, SIGTERM);
	while (hear(t, said, sizeof said))
		;
	FR_ASSERT(waitpid(t->pid, &status, 0) == t->pid);
	(void)close(t->output);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("did not end well", said);
}
