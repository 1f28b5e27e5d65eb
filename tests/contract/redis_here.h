/* redis_here.h — a real redis-server for tests: on a unix socket in a directory of its own, gone with the test.
 *
 * Nothing here sleeps: a start waits for the server's own word that it is ready, with a deadline that fails the test. */
#ifndef FRUGAL_TESTS_REDIS_HERE_H
#define FRUGAL_TESTS_REDIS_HERE_H

#include <hiredis/hiredis.h>
#include <sys/types.h>

struct redis_here {
	char dir[64], socket[80];
	pid_t pid;
	int output;
};

/* `config`: lines beyond "unixsocket", "dir", "port 0" (which they may override) and no persistence. */
void redis_here_start(struct redis_here *r, const char *config);
void redis_here_restart(struct redis_here *r, const char *config); /* after redis_here_kill() */
void redis_here_kill(struct redis_here *r);
void redis_here_stop(struct redis_here *r);                                      /* and its directory */
redisReply *redis_here_ask(const struct redis_here *r, const char *format, ...); /* the caller frees it */
void redis_here_do(const struct redis_here *r, const char *format, ...);         /* must not be refused */
int redis_here_free_port(void);

void redis_here_make_dir(char ret[64]);
void redis_here_remove_dir(const char *dir);

#endif
