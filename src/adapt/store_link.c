#include "adapt/store_link.h"

#include <fcntl.h>
#include <stdio.h>

#include "adapt/redis_uv.h"
#include "base/assert.h"

static const fr_ms PAUSE_FIRST = { 50 }, PAUSE_LAST = { 2000 };

static void attempt(uv_timer_t *timer);

static void try_later(struct fr_link *l, const char *why)
{
	l->ac = NULL;
	l->state = FR_LINK_WAITING;
	fr_redis_uv_timer_start(&l->timer, attempt, l->pause);
	l->pause.v = l->pause.v * 2 < PAUSE_LAST.v ? l->pause.v * 2 : PAUSE_LAST.v;
	l->gone(l, why != NULL && why[0] != '\0' ? why : "connection lost");
}

void fr_link_drop(struct fr_link *l, const char *why)
{
	redisAsyncContext *ac = l->ac;

	if (ac == NULL)
		return;
	l->ac = NULL;
	l->state = FR_LINK_WAITING;
	redisAsyncFree(ac); /* calls back for every command under way; or later, when called from such a callback */
	try_later(l, why);
}

void fr_link_lost(struct fr_link *l, const redisAsyncContext *ac)
{
	if (ac == l->ac)
		try_later(l, ac->c.errstr);
}

static void too_late(uv_timer_t *timer)
{
	fr_link_drop(timer->data, "no answer in time");
}

static void connected(const redisAsyncContext *ac, int status)
{
	if (status != REDIS_OK)
		fr_link_lost(ac->data, ac); /* hiredis frees it */
}

static void disconnected(const redisAsyncContext *ac, int status)
{
	(void)status;
	fr_link_lost(ac->data, ac);
}

/* A step on the way in: false if the way ended there. */
static bool step(struct fr_link *l, const redisAsyncContext *ac, const redisReply *r)
{
	if (ac != l->ac)
		return false;
	if (r == NULL) {
		fr_link_lost(l, ac);
		return false;
	}
	if (r->type == REDIS_REPLY_ERROR) {
		fr_link_drop(l, r->str);
		return false;
	}
	return true;
}

static void let_on(redisAsyncContext *ac, void *reply, void *link)
{
	(void)step(link, ac, reply);
}

static void let_in(redisAsyncContext *ac, void *reply, void *link)
{
	struct fr_link *l = link;

	if (step(l, ac, reply))
		l->greet(l);
}

static bool knock(struct fr_link *l)
{
	int r = REDIS_OK;

	if (l->password->s[0] != '\0')
		r |= redisAsyncCommand(l->ac, let_on, l, "AUTH %s", l->password->s);
	if (l->address->db != 0)
		r |= redisAsyncCommand(l->ac, let_on, l, "SELECT %d", l->address->db);
	return (r | redisAsyncCommand(l->ac, let_in, l, "PING")) == REDIS_OK;
}

static void attempt(uv_timer_t *timer)
{
	struct fr_link *l = timer->data;
	redisAsyncContext *ac = l->address->is_unix ? redisAsyncConnectUnix(l->address->path)
						    : redisAsyncConnect(l->address->host, l->address->port);
	char why[128];

	if (ac == NULL) {
		try_later(l, "out of memory");
		return;
	}
	if (ac->err != 0 || fr_redis_uv_attach(ac, l->loop) != FR_OK) {
		(void)snprintf(why, sizeof why, "%s", ac->err != 0 ? ac->errstr : "the loop refuses the connection");
		redisAsyncFree(ac);
		try_later(l, why);
		return;
	}
	ac->data = l;
	l->ac = ac;
	l->state = FR_LINK_CONNECTING;
	(void)fcntl(ac->c.fd, F_SETFD, FD_CLOEXEC);
	if (!l->address->is_unix)
		(void)redisEnableKeepAlive(&ac->c); /* finds peers that vanished; only a comfort */
	(void)redisAsyncSetConnectCallback(ac, connected);
	(void)redisAsyncSetDisconnectCallback(ac, disconnected);
	fr_redis_uv_timer_start(&l->timer, too_late, l->deadline);
	if (!knock(l))
		fr_link_drop(l, "hiredis refuses a command");
}

void fr_link_init(struct fr_link *l)
{
	l->ac = NULL;
	l->state = FR_LINK_CLOSED;
	l->pause = PAUSE_FIRST;
	fr_redis_uv_timer_init(l->loop, &l->timer, l);
}

void fr_link_open(struct fr_link *l)
{
	FR_ASSERT(l->state == FR_LINK_CLOSED);
	attempt(&l->timer);
}

void fr_link_ready(struct fr_link *l)
{
	FR_ASSERT(l->state == FR_LINK_CONNECTING);
	l->state = FR_LINK_UP;
	l->pause = PAUSE_FIRST;
	(void)uv_timer_stop(&l->timer);
}

static void timer_closed(uv_handle_t *h)
{
	struct fr_link *l = h->data;

	l->closed(l);
}

void fr_link_close(struct fr_link *l)
{
	redisAsyncContext *ac = l->ac;

	l->ac = NULL;
	l->state = FR_LINK_CLOSED;
	if (ac != NULL)
		redisAsyncFree(ac);
	uv_close((uv_handle_t *)&l->timer, timer_closed);
}
