/* upstream_state.h — what the upstream's files share: upstream.c (life, completion), upstream_call.c (one request and its answer). */
#ifndef FRUGAL_ADAPT_UPSTREAM_STATE_H
#define FRUGAL_ADAPT_UPSTREAM_STATE_H

#include <curl/curl.h>

#include "adapt/curl_loop.h"
#include "adapt/upstream.h"
#include "base/buf.h"
#include "base/list.h"

/* A request under way, or a spare one in the pool. */
struct fr_upstream_call {
	struct fr_list link; /* in `active` or `spare` */
	struct fr_upstream *up;
	CURL *easy;
	uint64_t token;
	struct curl_slist *own_key; /* the field with a client's key; cleared after the call */
	char *target;
	struct fr_buf body;
	int sendings;       /* how often libcurl was about to send the request */
	bool head_complete; /* the blank line behind the response's head came */
	bool too_big;
};

struct fr_upstream {
	uv_loop_t *loop;
	struct fr_engine *engine;
	void *note_ctx;
	void (*note)(void *ctx, enum fr_level level, const char *line);
	uint64_t noted; /* loop time of the last note, 0 = none yet */
	CURLM *multi;
	struct fr_curl_loop *poll;
	struct curl_slist *key; /* the field with the operator's key, shared by all calls; NULL = clients' keys */
	bool has_key;
	char *base, *prefix; /* "https://host:port/", and the path before each target, without a slash at its end */
	char *agent;
	size_t body_max;
	long timeout, connect_timeout, idle;
	size_t n_active, n_spare;
	struct fr_list active, spare;
};

/* A handle with everything set that does not change from call to call. NULL: out of memory. */
struct fr_upstream_call *fr_upstream_call_new(struct fr_upstream *up);
void fr_upstream_call_set(struct fr_upstream_call *c, uint64_t token, const struct fr_call *call);
/* The answer; borrows from the call. */
void fr_upstream_call_read(struct fr_upstream_call *c, CURLcode code, struct fr_fetched *ret);
void fr_upstream_call_reset(struct fr_upstream_call *c); /* fit for the pool; secrets cleared */
void fr_upstream_call_free(struct fr_upstream_call *c);
/* "X-Api-Key: …"; NULL if the key is empty or would break the field. */
struct curl_slist *fr_upstream_key_field(const struct fr_secret *key);
void fr_upstream_key_clear(struct curl_slist **key);

#endif
