/* The answer to a batch: a response that libmicrohttpd asks for piece by piece, and that asks the engine for more as its client takes what there
 * is. A client that does not read stops the asking; one that leaves ends it, and what has been asked goes on to its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/front_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { PIECE = 16 * 1024, TEXTS_MAX = 64 * 1024, ID_MAX = FR_REQUEST_ID_MAX - 5 /* ".999" */ };

struct fr_front_batch {
	struct fr_front_conn *conn;
	uint64_t number;
	struct fr_batch *batch;
	struct fr_arena mem; /* of the texts in `ask` */
	struct fr_ask ask;
	struct fr_secret key; /* the client's own */
	unsigned char key_sha256[FR_SHA256_BYTES];
	size_t next;    /* in the batch's order */
	size_t asked;   /* and not answered */
	size_t ready;   /* answered and not sent */
	size_t pending; /* bytes of those */
	struct fr_list lines;
	bool asleep; /* suspended */
};

/* The head's texts die with the call that read it. */
static void keep_ask(struct fr_front_batch *b, const struct fr_ask *ask)
{
	b->ask = *ask;
	fr_arena_init(&b->mem, TEXTS_MAX);
	b->ask.request_id = fr_arena_str(&b->mem, ask->request_id);
	b->ask.if_none_match = FR_STR("");
	if (ask->fields.p != NULL)
		b->ask.fields = fr_arena_str(&b->mem, ask->fields);
	if (b->ask.request_id.n > ID_MAX)
		b->ask.request_id.n = ID_MAX;
	FR_ASSERT(b->ask.request_id.p != NULL && (ask->fields.p == NULL) == (b->ask.fields.p == NULL) &&
		  fr_str_copy(b->key.s, sizeof(b->key.s), ask->client_key));
	b->ask.client_key = fr_str_of(b->key.s);
	if (ask->key_sha256 != NULL) {
		memcpy(b->key_sha256, ask->key_sha256, sizeof(b->key_sha256));
		b->ask.key_sha256 = b->key_sha256;
	}
	if (b->ask.priority == FR_PRIORITIES || b->ask.priority < FR_PRIORITY_BATCH)
		b->ask.priority = FR_PRIORITY_BATCH;
	b->ask.of_batch = true;
	b->ask.gzip = false; /* its lines are JSON, whatever the answer to the batch may be */
}

static void ask_one(struct fr_front_batch *b, size_t index)
{
	struct fr_engine *engine = b->conn->front->engine;
	uint64_t number = fr_front_part(b->number, index);
	struct fr_ask one = b->ask;
	char id[FR_REQUEST_ID_MAX + 1];
	int n = snprintf(id, sizeof(id), "%.*s.%zu", FR_STR_ARG(b->ask.request_id), index);

	FR_ASSERT(n > 0 && (size_t)n < sizeof(id));
	one.request_id = (struct fr_str){ id, (size_t)n };
	one.target = b->batch->targets[index];
	b->asked++;
	if (one.target.n > FR_TARGET_MAX)
		fr_engine_refuse(engine, number, FR_PROBLEM_TARGET_TOO_LONG, "Shorten the query string.", &one);
	else
		fr_engine_ask(engine, number, &one);
}

static bool has_room(const struct fr_front_batch *b)
{
	return b->asked + b->ready < FR_BATCH_AHEAD && b->pending < FR_BATCH_PENDING_MAX;
}

/* All occurrences of a question are asked in one go: they meet in its flight. */
static void ask_more(struct fr_front_batch *b)
{
	while (b->next < b->batch->n && (has_room(b) || !b->batch->first[b->next]))
		ask_one(b, b->batch->order[b->next++]);
}

void fr_front_batch_answer(struct fr_front_conn *c, size_t question, struct fr_reply *reply)
{
	struct fr_front_batch *b = c->batch;
	const struct fr_batch_line *last = fr_list_empty(&b->lines) ? NULL : FR_OF(b->lines.prev, struct fr_batch_line, link);
	struct fr_batch_line *line = fr_batch_line_new(question, reply, last);

	FR_ASSERT(b->asked > 0);
	b->asked--;
	b->ready++;
	b->pending += fr_batch_line_left(line);
	fr_list_push(&b->lines, &line->link);
	fr_front_batch_wake(c);
}

void fr_front_batch_wake(struct fr_front_conn *c)
{
	if (!c->batch->asleep)
		return;
	c->batch->asleep = false;
	MHD_resume_connection(c->mhd);
	fr_mhd_loop_kick(c->host->loop);
}

static void drop_line(struct fr_front_batch *b, struct fr_batch_line *line)
{
	fr_list_cut(&line->link);
	fr_batch_line_free(line);
	b->ready--;
}

static size_t take(struct fr_front_batch *b, char *to, size_t max)
{
	size_t n = 0;

	while (n < max && !fr_list_empty(&b->lines)) {
		struct fr_batch_line *line = FR_OF(fr_list_first(&b->lines), struct fr_batch_line, link);
		size_t got = fr_batch_line_take(line, to + n, max - n);

		n += got;
		b->pending -= got;
		if (fr_batch_line_left(line) == 0)
			drop_line(b, line);
	}
	return n;
}

/* libmicrohttpd wants more. What is answered from memory is there when ask_more() returns. */
static ssize_t on_room(void *cls, uint64_t at, char *to, size_t max)
{
	struct fr_front_batch *b = cls;
	size_t n;

	(void)at;
	ask_more(b);
	n = take(b, to, max);
	if (n > 0)
		return (ssize_t)n;
	if (b->asked == 0 && b->next == b->batch->n)
		return MHD_CONTENT_READER_END_OF_STREAM;
	b->asleep = true;
	MHD_suspend_connection(b->conn->mhd);
	return 0;
}

void fr_front_batch_begin(struct fr_front_conn *c, uint64_t number, const struct fr_ask *ask, struct fr_batch *taken)
{
	struct fr_front_batch *b = fr_calloc(1, sizeof(*b));
	char id[FR_REQUEST_ID_MAX + 1];

	b->conn = c;
	b->number = number;
	b->batch = taken;
	fr_list_init(&b->lines);
	keep_ask(b, ask);
	c->batch = b;
	c->status = MHD_HTTP_OK;
	c->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, on_room, b, NULL);
	FR_ASSERT(c->response != NULL && fr_str_copy(id, sizeof(id), ask->request_id));
	fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/x-ndjson");
	fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	fr_mhd_loop_header(c->response, "X-Request-Id", id);
	if (c->front->stopping)
		fr_mhd_loop_header(c->response, MHD_HTTP_HEADER_CONNECTION, "close");
	c->phase = FR_FRONT_ANSWERED;
}

void fr_front_batch_free(struct fr_front_conn *c)
{
	struct fr_front_batch *b = c->batch;

	if (b == NULL)
		return;
	c->batch = NULL;
	while (!fr_list_empty(&b->lines))
		drop_line(b, FR_OF(fr_list_first(&b->lines), struct fr_batch_line, link));
	fr_batch_free(b->batch);
	fr_arena_free(&b->mem);
	explicit_bzero(&b->key, sizeof(b->key));
	free(b);
}
