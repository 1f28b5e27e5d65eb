#include "adapt/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/curl_loop.h"
#include "adapt/webhook_post.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { NOTE_EVERY_MS = 1000 };

struct fr_webhook {
	uv_loop_t *loop;
	struct fr_engine *engine;
	void *note_ctx;
	void (*note)(void *ctx, enum fr_level level, const char *line);
	uint64_t noted; /* loop time of the last note, 0 = none yet */
	CURLM *multi;
	struct fr_curl_loop *curl;
	char *agent;
	fr_ms timeout;
	struct fr_list active;
	size_t n_active;
	size_t n_targets;
	struct fr_webhook_target targets[FR_CHANNELS_MAX];
};

static void note_failure(struct fr_webhook *w, const struct fr_webhook_post *p, long status, CURLcode code)
{
	uint64_t now = uv_now(w->loop);
	char line[160];

	if (w->note == NULL || (w->noted != 0 && now - w->noted < NOTE_EVERY_MS))
		return;
	w->noted = now == 0 ? 1 : now;
	if (status != 0)
		(void)snprintf(line, sizeof(line), "channel %s did not accept an alert: HTTP %ld; it is sent again later",
			       p->channel, status);
	else
		(void)snprintf(line, sizeof(line), "channel %s cannot be reached: %s; its alert is sent again later", p->channel,
			       curl_easy_strerror(code));
	w->note(w->note_ctx, FR_LOG_WARNING, line);
}

static void finish(struct fr_webhook *w, struct fr_webhook_post *p, CURLcode code)
{
	long status = 0;
	bool accepted = fr_webhook_post_accepted(p, &status);
	uint64_t token = p->token;

	FR_ASSERT(curl_multi_remove_handle(w->multi, p->easy) == CURLM_OK);
	fr_list_cut(&p->link);
	w->n_active--;
	if (!accepted)
		note_failure(w, p, status, code);
	fr_webhook_post_free(p);
	fr_engine_delivered(w->engine, token, accepted);
}

static void on_done(void *ctx)
{
	struct fr_webhook *w = ctx;
	const CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(w->multi, &left)) != NULL) {
		void *p = NULL;
		CURLcode code = m->data.result; /* `m` goes with the handle */

		FR_ASSERT(m->msg == CURLMSG_DONE);
		FR_ASSERT(curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p) == CURLE_OK && p != NULL);
		finish(w, p, code);
	}
}

struct fr_webhook *fr_webhook_new(uv_loop_t *loop, const char *version, fr_ms timeout, struct fr_errmsg *why)
{
	size_t agent_size = sizeof("frugald/") + strlen(version);
	struct fr_webhook *w;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)snprintf(why->s, sizeof(why->s), "libcurl does not start");
		return NULL;
	}
	w = fr_calloc(1, sizeof(*w));
	fr_list_init(&w->active);
	w->loop = loop;
	w->timeout = timeout;
	w->agent = fr_alloc(agent_size);
	(void)snprintf(w->agent, agent_size, "frugald/%s", version); /* fits */
	w->multi = curl_multi_init();
	FR_ASSERT(w->multi != NULL); /* fails only without memory */
	w->curl = fr_curl_loop_new(loop, w->multi, on_done, w);
	return w;
}

void fr_webhook_targets(struct fr_webhook *w, const struct fr_webhook_target *targets, size_t n)
{
	FR_ASSERT(n <= FR_CHANNELS_MAX);
	explicit_bzero(w->targets, sizeof(w->targets));
	memcpy(w->targets, targets, n * sizeof(targets[0]));
	w->n_targets = n;
}

void fr_webhook_attach(struct fr_webhook *w, struct fr_engine *engine,
		       void (*note)(void *ctx, enum fr_level level, const char *line), void *note_ctx)
{
	w->engine = engine;
	w->note = note;
	w->note_ctx = note_ctx;
}

static const struct fr_webhook_target *target_of(const struct fr_webhook *w, const struct fr_delivery *d)
{
	for (size_t i = 0; i < w->n_targets; i++)
		if (w->targets[i].kind == d->kind && strcmp(w->targets[i].name, d->channel) == 0)
			return &w->targets[i];
	return NULL;
}

void fr_webhook_deliver(void *webhook, uint64_t token, const struct fr_delivery *d)
{
	struct fr_webhook *w = webhook;
	const struct fr_webhook_target *t = target_of(w, d);
	struct fr_webhook_post *p = t != NULL ? fr_webhook_post_new(t, d, w->agent, w->timeout, (int64_t)time(NULL)) : NULL;

	if (p == NULL) {
		fr_engine_delivered(w->engine, token, false);
		return;
	}
	FR_ASSERT(w->n_active < FR_DELIVERIES_MAX);
	p->token = token;
	fr_list_push(&w->active, &p->link);
	w->n_active++;
	FR_ASSERT(curl_multi_add_handle(w->multi, p->easy) == CURLM_OK); /* fails only without memory */
}

void fr_webhook_free(struct fr_webhook *w)
{
	struct fr_list *l;

	if (w == NULL)
		return;
	while ((l = fr_list_pop(&w->active)) != NULL) {
		struct fr_webhook_post *p = FR_OF(l, struct fr_webhook_post, link);

		(void)curl_multi_remove_handle(w->multi, p->easy);
		fr_webhook_post_free(p);
	}
	fr_curl_loop_free(w->curl);
	FR_ASSERT(curl_multi_cleanup(w->multi) == CURLM_OK);
	curl_global_cleanup();
	explicit_bzero(w->targets, sizeof(w->targets));
	free(w->agent);
	free(w);
}
