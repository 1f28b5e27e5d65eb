/* POST /frugal/prewarm: the questions of a bundle are handed to the engine, and nobody waits for their answers. */
#include "adapt/front_state.h"

#include "base/assert.h"
#include "base/str.h"
#include "core/bundle.h"
#include "frugal/engine_jobs.h"

enum { MEM_MAX = 2 * FR_BATCH_BODY_MAX, SAID_MAX = 128 };

/* The bundle's questions, filled in. False with `why`: one of them would be refused, and so is the whole. */
static bool fill_all(struct fr_front_conn *c, struct fr_arena *mem, const struct fr_ask *ask, const struct fr_bundle *bundle,
		     const struct fr_bundle_ask *with, struct fr_str ret[FR_BUNDLE_QUESTIONS_MAX], struct fr_refusal *why)
{
	struct fr_ask one = *ask;
	struct fr_key key;

	for (size_t i = 0; i < bundle->n; i++) {
		if (fr_bundle_fill(mem, bundle->questions[i], with, &ret[i], why) != FR_OK)
			return false;
		one.target = ret[i];
		if (fr_engine_name(c->front->engine, &one, &key, why) != FR_NAMED_KEY)
			return false;
	}
	return true;
}

static void say_accepted(struct fr_front_conn *c, const struct fr_ask *ask, size_t n, bool held)
{
	char id[FR_REQUEST_ID_MAX + 1];
	struct fr_buf said;

	fr_buf_init(&said, SAID_MAX);
	FR_ASSERT(fr_buf_addf(&said, "{\"questions\":%zu,\"held_back\":%s}", n, held ? "true" : "false") == FR_OK);
	FR_ASSERT(fr_str_copy(id, sizeof(id), ask->request_id));
	c->status = MHD_HTTP_ACCEPTED;
	c->response = fr_mhd_loop_response(fr_blob_of(said.p, said.len));
	fr_buf_free(&said);
	fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	fr_mhd_loop_header(c->response, "X-Request-Id", id);
	if (c->front->stopping)
		fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CONNECTION, "close");
	c->phase = FR_FRONT_ANSWERED;
}

bool fr_front_prewarm(struct fr_front_conn *c, const struct fr_ask *ask, struct fr_refusal *why)
{
	const struct fr_bundles *all = c->front->ports.bundles;
	struct fr_str targets[FR_BUNDLE_QUESTIONS_MAX];
	const struct fr_bundle *bundle = NULL;
	struct fr_bundle_ask with;
	struct fr_arena mem;
	bool good;

	fr_arena_init(&mem, MEM_MAX);
	good = fr_bundle_read(&mem, ask->target, fr_buf_str(&c->body), &with, why) == FR_OK;
	if (good && (bundle = fr_bundle_find(all, with.bundle)) == NULL)
		fr_bundle_unknown(all, with.bundle, why);
	good = bundle != NULL && fill_all(c, &mem, ask, bundle, &with, targets, why);
	if (good) {
		bool followed = fr_engine_prewarm(c->front->engine, ask, fr_str_of(bundle->name), targets, bundle->n);

		say_accepted(c, ask, bundle->n, !followed);
	}
	fr_arena_free(&mem);
	return good;
}
