/* webhook.h — alerts on their way out: one POST each to the channel's service, over libcurl in the libuv loop.
 *
 * A service has accepted an alert when its answer's status is 2xx, whatever follows; everything else is a failure, redirects too, which are never
 * followed. After `timeout` it is given up. Connections are not kept, so that libcurl has no reason to send a second time. TLS is always verified,
 * proxies from the environment are ignored.
 *
 * Slack's URL, PagerDuty's routing key and the keys that sign are secrets: they leave this file only in requests to their services, no message has a
 * URL or an answer's body in it, and their memory is cleared when it is no longer needed. A signed webhook carries
 *     X-Frugal-Timestamp: <seconds since 1970>
 *     X-Frugal-Signature: sha256=<HMAC-SHA-256 of "<timestamp>.<body>", hex>
 * One thread. */
#ifndef FRUGAL_ADAPT_WEBHOOK_H
#define FRUGAL_ADAPT_WEBHOOK_H

#include <uv.h>

#include "frugal/engine_alerts.h"
#include "frugal/err.h"
#include "frugal/ports.h"

/* A channel as it is reached. */
struct fr_webhook_target {
	char name[FR_CHANNEL_NAME_MAX];
	enum fr_channel_kind kind;
	char url[FR_PATH_TEXT_MAX];
	struct fr_secret
		secret; /* PagerDuty: the routing key; webhook: the key that signs, or "": nothing is signed; Slack: unused */
};

static const fr_ms FR_WEBHOOK_TIMEOUT = { 10 * 1000 }; /* far below FR_OUTBOX_LEASE */

#define FR_PAGERDUTY_URL "https://events.pagerduty.com/v2/enqueue"

struct fr_webhook;

/* `version` is what User-Agent says: "frugald/<version>". NULL with `why` if libcurl cannot be had. */
struct fr_webhook *fr_webhook_new(uv_loop_t *loop, const char *version, fr_ms timeout, struct fr_errmsg *why);
/* Copied; those of before are cleared. What is on its way goes on. */
void fr_webhook_targets(struct fr_webhook *w, const struct fr_webhook_target *targets, size_t n);
/* Who gets the results; before the first delivery. `note` (or NULL) is told of failures, at most one a second. */
void fr_webhook_attach(struct fr_webhook *w, struct fr_engine *engine,
		       void (*note)(void *ctx, enum fr_level level, const char *line), void *note_ctx);

/* The engine's `deliver` port. fr_engine_delivered() follows exactly once, in a later turn of the loop; from inside the call only if there is no such
 * channel. */
void fr_webhook_deliver(void *webhook, uint64_t token, const struct fr_delivery *d);

/* What is on its way ends unheard. Not from inside fr_engine_delivered(). Run the loop once more afterwards. NULL is harmless. */
void fr_webhook_free(struct fr_webhook *w);

#endif
