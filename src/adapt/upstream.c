#include "adapt/upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/upstream_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { SPARE_MAX = 64, NOTE_EVERY = 1000 };

/* Cuts upstream.url into what libcurl connects to and the path that goes before every target. */
static bool read_url(struct fr_upstream *up, const char *url)
{
	const char *host = strstr(url, "://"), *path;
	size_t n;

	if (host == NULL || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
		return false;
	host += 3;
	path = host + strcspn(host, "/?#");
	n = strlen(path);
	if (path == host || strcspn(path, "?#") != n)
		return false;
	while (n > 0 && path[n - 1] == '/')
		n--;
	up->prefix = fr_strndup(path, n);
	up->base = fr_strndup(url, (size_t)(path - url));
	return true;
}

static void note_failure(struct fr_upstream *up, const struct fr_upstream_call *c, CURLcode code)
{
	uint64_t now = uv_now(up->loop);
	char line[160];

	if (up->note == NULL || (up->noted != 0 && now - up->noted < NOTE_EVERY))
		return;
	up->noted = now == 0 ? 1 : now;
	(void)snprintf(line, sizeof(line), "upstream: %s",
		       c->sendings > 1 ? "a kept connection was dead after the request had been sent; it is not sent again"
				       : curl_easy_strerror(code));
	up->note(up->note_ctx, FR_LOG_WARNING, line);
}

/* A call is over: its answer goes to the engine, which may start the next one in the same breath. */
static void finish(struct fr_upstream *up, struct fr_upstream_call *c, CURLcode code)
{
	struct fr_fetched got;

	FR_ASSERT(curl_multi_remove_handle(up->multi, c->easy) == CURLM_OK);
	up->n_active--;
	fr_list_cut(&c->link);
	if (code != CURLE_OK)
		note_failure(up, c, code);
	fr_upstream_call_read(c, code, &got);
	fr_engine_fetched(up->engine, c->token, &got);
	if (up->n_spare >= SPARE_MAX) {
		fr_upstream_call_free(c);
		return;
	}
	fr_upstream_call_reset(c);
	fr_list_push_front(&up->spare, &c->link);
	up->n_spare++;
}

static void on_done(void *ctx)
{
	struct fr_upstream *up = ctx;
	const CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(up->multi, &left)) != NULL) {
		void *c = NULL;
		CURLcode code = m->data.result; /* `m` goes with the handle */

		FR_ASSERT(m->msg == CURLMSG_DONE);
		FR_ASSERT(curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c) == CURLE_OK && c != NULL);
		finish(up, c, code);
	}
}

static struct fr_upstream *refuse(struct fr_upstream *up, struct fr_errmsg *why, const char *reason)
{
	(void)snprintf(why->s, sizeof(why->s), "%s", reason);
	free(up->base);
	free(up->prefix);
	free(up);
	return NULL;
}

struct fr_upstream *fr_upstream_new(uv_loop_t *loop, const struct fr_settings *settings, const struct fr_secret *operator_key,
				    const char *version, struct fr_errmsg *why)
{
	struct fr_upstream *up = fr_calloc(1, sizeof(*up));
	size_t agent_size = sizeof("frugald/") + strlen(version);

	fr_list_init(&up->active);
	fr_list_init(&up->spare);
	up->loop = loop;
	up->body_max = (size_t)settings->upstream_body_max;
	up->timeout = (long)settings->upstream_timeout.v;
	up->connect_timeout = (long)settings->upstream_connect.v;
	up->idle = (long)settings->upstream_idle.v;
	up->has_key = operator_key != NULL;
	if (!read_url(up, settings->upstream_url.s))
		return refuse(up, why, "upstream.url must be http://host or https://host, with a port and a path if need be");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return refuse(up, why, "libcurl does not start");
	if (up->has_key && (up->key = fr_upstream_key_field(operator_key)) == NULL) {
		curl_global_cleanup();
		return refuse(up, why, "the API key is empty or has control characters in it");
	}
	up->multi = curl_multi_init();
	FR_ASSERT(up->multi != NULL); /* fails only without memory */
	FR_ASSERT(curl_multi_setopt(up->multi, CURLMOPT_MAXCONNECTS, (long)settings->upstream_connections) == CURLM_OK);
	up->agent = fr_alloc(agent_size);
	(void)snprintf(up->agent, agent_size, "frugald/%s", version); /* fits */
	up->poll = fr_curl_loop_new(loop, up->multi, on_done, up);
	return up;
}

void fr_upstream_attach(struct fr_upstream *up, struct fr_engine *engine,
			void (*note)(void *ctx, enum fr_level level, const char *line), void *note_ctx)
{
	up->engine = engine;
	up->note = note;
	up->note_ctx = note_ctx;
}

static struct fr_upstream_call *take_call(struct fr_upstream *up)
{
	struct fr_list *spare = fr_list_pop(&up->spare);

	if (spare == NULL)
		return fr_upstream_call_new(up);
	up->n_spare--;
	return FR_OF(spare, struct fr_upstream_call, link);
}

void fr_upstream_fetch(void *upstream, uint64_t token, const struct fr_call *call)
{
	struct fr_upstream *up = upstream;
	struct fr_upstream_call *c = take_call(up);

	FR_ASSERT(call->target.n > 0 && call->target.p[0] == '/');
	fr_upstream_call_set(c, token, call);
	fr_list_push(&up->active, &c->link);
	up->n_active++;
	FR_ASSERT(curl_multi_add_handle(up->multi, c->easy) == CURLM_OK); /* fails only without memory */
}

size_t fr_upstream_calls(const struct fr_upstream *up)
{
	return up->n_active;
}

static void free_calls(struct fr_upstream *up, struct fr_list *calls)
{
	struct fr_list *l;

	while ((l = fr_list_pop(calls)) != NULL) {
		struct fr_upstream_call *c = FR_OF(l, struct fr_upstream_call, link);

		(void)curl_multi_remove_handle(up->multi, c->easy); /* a spare one is in none */
		fr_upstream_call_free(c);
	}
}

void fr_upstream_free(struct fr_upstream *up)
{
	if (up == NULL)
		return;
	free_calls(up, &up->active);
	free_calls(up, &up->spare);
	fr_curl_loop_free(up->poll);
	FR_ASSERT(curl_multi_cleanup(up->multi) == CURLM_OK);
	fr_upstream_key_clear(&up->key);
	curl_global_cleanup();
	free(up->base);
	free(up->prefix);
	free(up->agent);
	free(up);
}
