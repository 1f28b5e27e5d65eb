/* upstream.h — the paid side: calls to the API over libcurl's multi interface, in the libuv loop.
 *
 * One call, one request, one bill: libcurl sends a request again by itself when a kept connection turns out to be dead, and over HTTP/2 when a
 * stream is refused; here the second sending of a call is stopped before it leaves, and the call ends as NETWORK with `sent`. Connections are
 * given up after upstream.idle, so that this is rare. Redirects are not followed: each would cost again.
 *
 * TLS is always verified; proxies from the environment are ignored. The API key leaves this file only in the X-Api-Key field of a request: it is in no
 * message, and its memory is cleared when it is no longer needed. What is sent is the target, Host, User-Agent, Accept, Accept-Encoding and that
 * key: nothing else of a client's.
 *
 * Traps of libcurl 7.88 taken care of: a write callback never pauses a transfer; a timer of 0 ms is scheduled, never run inside the timer
 * callback; no signals. One thread. */
#ifndef FRUGAL_ADAPT_UPSTREAM_H
#define FRUGAL_ADAPT_UPSTREAM_H

#include <uv.h>

#include "frugal/engine.h"
#include "frugal/err.h"
#include "frugal/ports.h"
#include "frugal/settings.h"

struct fr_upstream;

/* `operator_key`: copied; NULL: every call carries its own. `version` is what User-Agent says: "frugald/<version>". `settings` are read once.
 * NULL with `why` if libcurl cannot be had or the URL cannot be read. */
struct fr_upstream *fr_upstream_new(uv_loop_t *loop, const struct fr_settings *settings, const struct fr_secret *operator_key,
				    const char *version, struct fr_errmsg *why);

/* Who gets the answers; before the first call. `note` (or NULL) is told of failed calls, at most one a second, without addresses or secrets. */
void fr_upstream_attach(struct fr_upstream *up, struct fr_engine *engine,
			void (*note)(void *ctx, enum fr_level level, const char *line), void *note_ctx);

/* The engine's `fetch` port. fr_engine_fetched() follows exactly once, in a later turn of the loop. How many calls there are at the same time is the
 * engine's business. */
void fr_upstream_fetch(void *up, uint64_t token, const struct fr_call *call);

size_t fr_upstream_calls(const struct fr_upstream *up); /* under way */

/* Ends all connections; calls under way end unheard. Clears the key. Not from inside fr_engine_fetched(). Run the loop once more afterwards, so that
 * the handles go. NULL is harmless. */
void fr_upstream_free(struct fr_upstream *up);

#endif
