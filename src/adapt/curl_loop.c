#include "adapt/curl_loop.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"

struct fr_curl_loop {
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t timer;
	void (*done)(void *ctx);
	void *ctx;
};

/* One socket of libcurl's. */
struct watch {
	struct fr_curl_loop *poll;
	uv_poll_t handle;
	curl_socket_t fd;
};

static void act(struct fr_curl_loop *p, curl_socket_t fd, int events)
{
	int running;

	FR_ASSERT(curl_multi_socket_action(p->multi, fd, events, &running) == CURLM_OK);
	p->done(p->ctx);
}

static void on_event(uv_poll_t *handle, int status, int events)
{
	const struct watch *w = handle->data;
	int flags = 0;

	if (status < 0)
		flags |= CURL_CSELECT_ERR;
	if ((events & UV_READABLE) != 0)
		flags |= CURL_CSELECT_IN;
	if ((events & UV_WRITABLE) != 0)
		flags |= CURL_CSELECT_OUT;
	act(w->poll, w->fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void free_watch(uv_handle_t *handle)
{
	free(handle->data);
}

static struct watch *new_watch(struct fr_curl_loop *p, curl_socket_t fd)
{
	struct watch *w = fr_calloc(1, sizeof(*w));

	w->poll = p;
	w->fd = fd;
	FR_ASSERT(uv_poll_init_socket(p->loop, &w->handle, fd) == 0);
	w->handle.data = w;
	FR_ASSERT(curl_multi_assign(p->multi, fd, w) == CURLM_OK);
	return w;
}

/* CURLMOPT_SOCKETFUNCTION: what libcurl wants to know of a socket from now on. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *poll, void *watch)
{
	struct watch *w = watch;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w == NULL)
			return 0;
		(void)curl_multi_assign(w->poll->multi, fd, NULL);
		(void)uv_poll_stop(&w->handle);
		uv_close((uv_handle_t *)&w->handle, free_watch);
		return 0;
	}
	if (w == NULL)
		w = new_watch(poll, fd);
	if ((what & CURL_POLL_IN) != 0)
		events |= UV_READABLE;
	if ((what & CURL_POLL_OUT) != 0)
		events |= UV_WRITABLE;
	FR_ASSERT(uv_poll_start(&w->handle, events, on_event) == 0);
	return 0;
}

/* CURLMOPT_TIMERFUNCTION. A time-out of 0 runs in the loop's next turn: libcurl must not be entered from here. */
static int on_timeout(CURLM *multi, long ms, void *poll)
{
	struct fr_curl_loop *p = poll;

	(void)multi;
	if (ms < 0)
		return uv_timer_stop(&p->timer) == 0 ? 0 : -1;
	return uv_timer_start(&p->timer, on_timer, (uint64_t)ms, 0) == 0 ? 0 : -1;
}

struct fr_curl_loop *fr_curl_loop_new(uv_loop_t *loop, CURLM *multi, void (*done)(void *ctx), void *ctx)
{
	struct fr_curl_loop *p = fr_calloc(1, sizeof(*p));

	p->multi = multi;
	p->loop = loop;
	p->done = done;
	p->ctx = ctx;
	FR_ASSERT(uv_timer_init(loop, &p->timer) == 0);
	p->timer.data = p;
	FR_ASSERT(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK);
	FR_ASSERT(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, p) == CURLM_OK);
	FR_ASSERT(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout) == CURLM_OK);
	FR_ASSERT(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, p) == CURLM_OK);
	return p;
}

static void free_poll(uv_handle_t *timer)
{
	free(timer->data);
}

void fr_curl_loop_free(struct fr_curl_loop *p)
{
	FR_ASSERT(curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, NULL) == CURLM_OK);
	(void)uv_timer_stop(&p->timer);
	uv_close((uv_handle_t *)&p->timer, free_poll);
}
