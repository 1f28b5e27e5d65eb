/* POST to a path of frugald's own. Its body is kept only for a client that is known, and for few requests at a time: else it is read to its end and
 * forgotten, so that the refusal arrives. */
#include "adapt/front_state.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/query.h"
#include "frugal/engine_jobs.h"

/* What is read of a body that is too large: a client that sends more loses its connection. */
enum { SWALLOW_MAX = 8 * FR_BATCH_BODY_MAX, SHOWN_MAX = 128 };

static bool client_known(const struct fr_front_conn *c, const struct fr_ask *ask)
{
	return fr_roster_find(c->front->ports.roster, ask->key_sha256) != NULL;
}

void fr_front_own_begin(struct fr_front_conn *c)
{
	struct fr_front_made made;
	struct fr_ask ask;

	fr_front_read_head(c, &ask, &made);
	fr_buf_init(&c->body, FR_BATCH_BODY_MAX);
	c->keeps = c->front->n_own < FR_BATCHES_MAX && client_known(c, &ask);
	if (c->keeps)
		c->front->n_own++;
}

bool fr_front_own_body(struct fr_front_conn *c, const char *data, size_t size)
{
	if (c->keeps && c->swallowed <= FR_BATCH_BODY_MAX)
		FR_ASSERT(fr_buf_add(&c->body, data, size) == FR_OK);
	else
		fr_buf_free(&c->body);
	return c->swallowed <= SWALLOW_MAX;
}

void fr_front_own_end(struct fr_front_conn *c)
{
	if (c->own == FR_OWN_NONE)
		return;
	fr_front_batch_free(c);
	fr_buf_free(&c->body);
	if (c->keeps)
		c->front->n_own--;
	c->keeps = false;
	c->own = FR_OWN_NONE;
}

static void refuse(struct fr_front_conn *c, uint64_t number, const struct fr_refusal *why, const struct fr_ask *ask)
{
	fr_engine_refuse(c->front->engine, number, (int)why->problem, why->detail, ask);
}

/* Names all questions. False with `why`: one of them has a path that the catalogue does not know. */
static bool name_all(struct fr_front_conn *c, const struct fr_ask *ask, struct fr_batch *b, struct fr_refusal *why)
{
	struct fr_key keys[FR_BATCH_MAX] = { { 0, 0 } };
	struct fr_ask one = *ask;

	for (size_t i = 0; i < b->n; i++) {
		char shown[SHOWN_MAX];

		one.target = b->targets[i];
		if (fr_engine_name(c->front->engine, &one, &keys[i], why) != FR_NAMED_UNKNOWN)
			continue;
		fr_query_show(shown, sizeof(shown), b->targets[i]);
		fr_problem_set(why, FR_PROBLEM_UNKNOWN_PATH,
			       "Question %zu, %s: the catalogue has no such path. Nothing was asked.", i, shown);
		return false;
	}
	fr_batch_group(b, keys, c->front->ports.random(c->front->ports.ctx));
	return true;
}

static bool serve_batch(struct fr_front_conn *c, uint64_t number, const struct fr_ask *ask, struct fr_refusal *why)
{
	struct fr_batch *b = fr_batch_read(fr_buf_str(&c->body), why);

	fr_buf_free(&c->body);
	if (b != NULL && name_all(c, ask, b, why)) {
		fr_front_batch_begin(c, number, ask, b);
		return true;
	}
	fr_batch_free(b);
	return false;
}

void fr_front_own_serve(struct fr_front_conn *c, uint64_t number, struct fr_ask *ask)
{
	struct fr_refusal why;

	if (!client_known(c, ask)) {
		fr_problem_set(&why, FR_PROBLEM_UNKNOWN_CLIENT, "the client is not known here");
	} else if (c->swallowed > FR_BATCH_BODY_MAX) {
		fr_problem_set(&why, FR_PROBLEM_BODY_TOO_LARGE, "The body has more than %d bytes. Send several smaller ones.",
			       FR_BATCH_BODY_MAX);
	} else if (!c->keeps) {
		fr_problem_set(&why, FR_PROBLEM_OVERLOADED, "%zu batches are being read or answered.", c->front->n_own);
	} else if (c->own == FR_OWN_BATCH ? serve_batch(c, number, ask, &why) : fr_front_prewarm(c, ask, &why)) {
		return;
	}
	refuse(c, number, &why, ask);
}
