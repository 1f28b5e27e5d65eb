/* scripted.h — an HTTP server in a thread that does, step by step, what a test's script says.
 *
 * The script never fails by itself: what it saw is read after server_end(). When the script is through, every further connection is answered until the
 * end, so that requests which should not have been sent are counted too. */
#ifndef FRUGAL_TESTS_SCRIPTED_H
#define FRUGAL_TESTS_SCRIPTED_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapt/listen.h"

struct server {
	char addr[FR_LISTEN_NAME_MAX];
	int listener;
	pthread_t thread;
	bool running;
	void (*script)(struct server *s);
	const char *text;   /* for scripts that say one thing */
	int requests;       /* whole heads that came */
	char request[4096]; /* the last of them */
};

/* Listens on a port of the kernel's choice. */
void server_start(struct server *s, void (*script)(struct server *s), const char *text);
void server_end(struct server *s); /* harmless if it does not run */

/* The steps. */
int server_take(struct server *s);          /* the next connection */
bool server_hear(struct server *s, int fd); /* one request's head; false at the connection's end */
void server_say(int fd, const char *text);
void server_say_bytes(int fd, const char *bytes, size_t n);
void server_close(int fd);
void server_reset(int fd); /* the other side sees a reset instead of an end */

/* Whole scripts: one request, then `text` and the end; then `text` and wait for the other side; every connection answered with "again". */
void server_text(struct server *s);
void server_text_and_wait(struct server *s);
void server_drain(struct server *s);

#endif
