#include "tests/contract/redis_here.h"

#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapt/redis_spawn.h"
#include "base/assert.h"
#include "base/str.h"

enum { READY_MS = 10000 };

void redis_here_make_dir(char ret[64])
{
	const char *made;

	(void)snprintf(ret, 64, "/tmp/frugal-test-XXXXXX");
	made = mkdtemp(ret);
	FR_ASSERT(made == ret);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void redis_here_remove_dir(const char *dir)
{
	FR_ASSERT(strncmp(dir, "/tmp/frugal-test-", 17) == 0);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Reads what the server says until it is ready. */
static void await(const struct redis_here *r)
{
	char said[16384] = "";
	size_t n = 0;

	while (strstr(said, "eady to accept connections") == NULL) {
		struct pollfd p = { .fd = r->output, .events = POLLIN };
		ssize_t got;

		if (poll(&p, 1, READY_MS) != 1 || n + 1 >= sizeof said) {
			(void)fprintf(stderr, "redis-server is not ready: %s\n", said);
			abort();
		}
		got = read(r->output, said + n, sizeof said - 1 - n);
		if (got <= 0) {
			(void)fprintf(stderr, "redis-server has ended: %s\n", said);
			abort();
		}
		n += (size_t)got;
		said[n] = '\0';
	}
}

void redis_here_restart(struct redis_here *r, const char *config)
{
	char text[1024];
	struct fr_redis_process p;
	struct fr_errmsg why;
	int none = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)snprintf(text, sizeof text, "port 0\nunixsocket %s\ndir %s\nsave \"\"\n%s\n", r->socket, r->dir, config);
	if (none < 0 || fr_redis_spawn("redis-server", fr_str_of(text), none, &p, &why) != FR_OK) {
		(void)fprintf(stderr, "redis-server cannot be started\n");
		abort();
	}
	(void)close(none);
	r->pid = p.pid;
	r->output = p.output;
	await(r);
}

void redis_here_start(struct redis_here *r, const char *config)
{
	redis_here_make_dir(r->dir);
	(void)snprintf(r->socket, sizeof r->socket, "%s/redis.sock", r->dir);
	redis_here_restart(r, config);
}

void redis_here_kill(struct redis_here *r)
{
	int status;

	(void)kill(r->pid, SIGKILL);
	(void)waitpid(r->pid, &status, 0);
	(void)close(r->output);
}

void redis_here_stop(struct redis_here *r)
{
	redis_here_kill(r);
	redis_here_remove_dir(r->dir);
}

static redisReply *ask(const struct redis_here *r, const char *format, va_list ap)
{
	redisContext *c = redisConnectUnix(r->socket);
	redisReply *reply;

	FR_ASSERT(c != NULL && c->err == 0);
	reply = redisvCommand(c, format, ap);
	FR_ASSERT(reply != NULL);
	redisFree(c);
	return reply;
}

redisReply *redis_here_ask(const struct redis_here *r, const char *format, ...)
{
	redisReply *reply;
	va_list ap;

	va_start(ap, format);
	reply = ask(r, format, ap);
	va_end(ap);
	return reply;
}

void redis_here_do(const struct redis_here *r, const char *format, ...)
{
	redisReply *reply;
	va_list ap;

	va_start(ap, format);
	reply = ask(r, format, ap);
	va_end(ap);
	if (reply->type == REDIS_REPLY_ERROR)
		(void)fprintf(stderr, "%s: %s\n", format, reply->str);
	FR_ASSERT(reply->type != REDIS_REPLY_ERROR);
	freeReplyObject(reply);
}

int redis_here_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	FR_ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	(void)close(fd);
	return ntohs(a.sin_port);
}
