/* curl_loop.h — libcurl's multi interface in the libuv loop: its sockets and its timer are watched there.
 *
 * Traps of libcurl 7.88 taken care of: a timer of 0 ms is scheduled, never run inside the timer callback; who asks for a socket's removal gets it
 * also when nothing watched it. */
#ifndef FRUGAL_ADAPT_CURL_LOOP_H
#define FRUGAL_ADAPT_CURL_LOOP_H

#include <curl/curl.h>
#include <uv.h>

struct fr_curl_loop;

/* `done` is called, never from inside a libcurl callback, whenever transfers may have ended. */
struct fr_curl_loop *fr_curl_loop_new(uv_loop_t *loop, CURLM *multi, void (*done)(void *ctx), void *ctx);
/* Before curl_multi_cleanup(), whose last callbacks still find it: the memory goes in the loop's next turn. */
void fr_curl_loop_free(struct fr_curl_loop *p);

#endif
