/* redis_uv.h — hiredis contexts in a libuv loop.
 *
 * hiredis ships an adapter of its own, which ignores errors of the poll: a connection in trouble then just falls silent. This
 * one turns such an error into the end of the connection, which hiredis reports in its usual way. */
#ifndef FRUGAL_ADAPT_REDIS_UV_H
#define FRUGAL_ADAPT_REDIS_UV_H

#include <hiredis/async.h>
#include <uv.h>

#include "frugal/err.h"
#include "frugal/types.h"

/* Attaches a fresh context; from then on hiredis frees what belongs to it (a turn of the loop later). FR_IO: not attached. */
enum fr_err fr_redis_uv_attach(redisAsyncContext *ac, uv_loop_t *loop);

/* A timer that is not closing, once, `after` from this very moment: the loop's own idea of now is as old as its turn. */
void fr_redis_uv_timer_init(uv_loop_t *loop, uv_timer_t *timer, void *data);
void fr_redis_uv_timer_start(uv_timer_t *timer, uv_timer_cb fn, fr_ms after);

#endif
