#include "adapt/redis_uv.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/assert.h"

struct watch {
	uv_poll_t poll;
	redisAsyncContext *ac; /* NULL once hiredis has let go */
	int events;
};

static void ready(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	if (status < 0) {
		/* Reading meets the error, or the end that this makes for it. */
		(void)shutdown(w->ac->c.fd, SHUT_RDWR);
		redisAsyncHandleRead(w->ac);
		return;
	}
	if ((events & UV_READABLE) != 0)
		redisAsyncHandleRead(w->ac);
	if (w->ac != NULL && (events & UV_WRITABLE) != 0)
		redisAsyncHandleWrite(w->ac);
}

static void listen_for(struct watch *w, int events)
{
	if (events == w->events)
		return;
	w->events = events;
	/* Both fail only for a closing handle, and hiredis asks for nothing after its cleanup. */
	if (events != 0)
		(void)uv_poll_start(&w->poll, events, ready);
	else
		(void)uv_poll_stop(&w->poll);
}

static void add_read(void *p)
{
	struct watch *w = p;

	listen_for(w, w->events | UV_READABLE);
}

static void del_read(void *p)
{
	struct watch *w = p;

	listen_for(w, w->events & ~UV_READABLE);
}

static void add_write(void *p)
{
	struct watch *w = p;

	listen_for(w, w->events | UV_WRITABLE);
}

static void del_write(void *p)
{
	struct watch *w = p;

	listen_for(w, w->events & ~UV_WRITABLE);
}

static void closed(uv_handle_t *h)
{
	free(h->data);
}

static void cleanup(void *p)
{
	struct watch *w = p;

	w->ac = NULL;
	uv_close((uv_handle_t *)&w->poll, closed);
}

enum fr_err fr_redis_uv_attach(redisAsyncContext *ac, uv_loop_t *loop)
{
	struct watch *w = fr_calloc(1, sizeof *w);

	if (uv_poll_init(loop, &w->poll, ac->c.fd) != 0) {
		free(w);
		return FR_IO;
	}
	w->poll.data = w;
	w->ac = ac;
	ac->ev.data = w;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	return FR_OK;
}

void fr_redis_uv_timer_init(uv_loop_t *loop, uv_timer_t *timer, void *data)
{
	int r = uv_timer_init(loop, timer);

	FR_ASSERT(r == 0);
	timer->data = data;
}

void fr_redis_uv_timer_start(uv_timer_t *timer, uv_timer_cb fn, fr_ms after)
{
	int r;

	FR_ASSERT(after.v >= 0);
	uv_update_time(timer->loop);
	r = uv_timer_start(timer, fn, (uint64_t)after.v, 0);
	FR_ASSERT(r == 0);
}
