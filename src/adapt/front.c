#include "adapt/front.h"

#include <stdlib.h>

#include "adapt/front_reply.h"
#include "adapt/front_state.h"
#include "base/alloc.h"
#include "base/assert.h"

/* Room for a target of FR_TARGET_MAX, half as much of other header fields, and the reply's head. libmicrohttpd clears it after every request: at 32 KiB
 * that is a tenth of the time that an answer from memory takes. */
enum { CONNECTION_MEMORY = 16 * 1024 };

/* A number's low half has the place below and, above, which question of a batch it is, counted from 1. */
enum { PLACE_BITS = 17 };
_Static_assert(FR_CONNECTIONS_MAX <= 1 << PLACE_BITS && FR_BATCH_MAX < 1 << (32 - PLACE_BITS), "both fit into 32 bits");

_Static_assert(CONNECTION_MEMORY >= FR_TARGET_MAX * 3 / 2 + FR_HEADER_TEXT_MAX,
	       "a connection's memory holds its request and its reply's head");

static void init_places(struct fr_front *f, uint32_t n)
{
	f->n_places = n;
	f->places = fr_calloc(n, sizeof(*f->places));
	for (uint32_t i = 0; i < n; i++)
		f->places[i].next_free = i + 1;
}

static struct fr_mhd_loop *new_loop(struct fr_front_host *host, uv_loop_t *loop, const struct fr_settings *s, int fd,
				    struct fr_errmsg *why)
{
	const struct fr_mhd_setup setup = {
		.cls = host,
		.accept = fr_front_on_accept,
		.handler = fr_front_on_request,
		.completed = fr_front_on_completed,
		.connection = fr_front_on_connection,
		.target = fr_front_on_target,
		.connections = (unsigned)s->front_connections,
		.idle_seconds = (unsigned)((s->front_idle.v + 999) / 1000),
		.memory = CONNECTION_MEMORY,
		.note_ctx = host->front->ports.ctx,
		.note = host->front->ports.note,
	};

	return fr_mhd_loop_new(loop, &setup, fd, why);
}

struct fr_front *fr_front_new(uv_loop_t *loop, struct fr_engine *engine, const struct fr_settings *settings,
			      const struct fr_front_ports *ports, const int *fds, size_t n, struct fr_errmsg *why)
{
	struct fr_front *f = fr_calloc(1, sizeof(*f));

	FR_ASSERT(n >= 1 && n <= FR_ADDRS_MAX);
	FR_ASSERT(settings->front_connections >= 1 && settings->front_connections <= FR_CONNECTIONS_MAX);
	f->engine = engine;
	f->ports = *ports;
	init_places(f, (uint32_t)settings->front_connections);
	for (; f->n_hosts < n; f->n_hosts++) {
		struct fr_front_host *host = &f->hosts[f->n_hosts];

		host->front = f;
		host->loop = new_loop(host, loop, settings, fds[f->n_hosts], why);
		if (host->loop == NULL) {
			fr_front_free(f);
			return NULL;
		}
	}
	return f;
}

void fr_front_stop_accepting(struct fr_front *f)
{
	f->stopping = true;
	for (size_t i = 0; i < f->n_hosts; i++)
		fr_mhd_loop_quiesce(f->hosts[i].loop);
}

void fr_front_free(struct fr_front *f)
{
	if (f == NULL)
		return;
	f->stopping = true;
	for (uint32_t i = 0; i < f->n_places; i++) {
		struct fr_front_conn *c = f->places[i].conn;

		/* a suspended connection must not meet the daemon's end */
		if (c != NULL && c->phase == FR_FRONT_WAITING) {
			c->phase = FR_FRONT_CUT;
			MHD_resume_connection(c->mhd);
		} else if (c != NULL && c->batch != NULL) {
			fr_front_batch_wake(c);
		}
	}
	for (size_t i = 0; i < f->n_hosts; i++)
		fr_mhd_loop_free(f->hosts[i].loop);
	FR_ASSERT(f->open == 0 && f->unsent == 0);
	free(f->places);
	free(f);
}

/* The number's low half is the place, the high half its generation. */
uint64_t fr_front_number(struct fr_front_conn *c)
{
	struct fr_front_place *p = &c->front->places[c->place];

	p->generation++;
	return (uint64_t)p->generation << 32 | c->place;
}

uint64_t fr_front_part(uint64_t request, size_t question)
{
	FR_ASSERT(question < FR_BATCH_MAX);
	return request | (uint64_t)(question + 1) << PLACE_BITS;
}

static size_t part_of(uint64_t request)
{
	return (uint32_t)request >> PLACE_BITS;
}

/* The connection that waits for the answer to `request`, or NULL. */
static struct fr_front_conn *find(struct fr_front *f, uint64_t request)
{
	uint32_t place = (uint32_t)request & ((1u << PLACE_BITS) - 1);
	struct fr_front_conn *c;

	if (place >= f->n_places || f->places[place].generation != (uint32_t)(request >> 32))
		return NULL;
	c = f->places[place].conn;
	if (c == NULL || part_of(request) > 0)
		return c == NULL || c->batch == NULL ? NULL : c;
	return c->phase == FR_FRONT_ASKING || c->phase == FR_FRONT_WAITING ? c : NULL;
}

void fr_front_answer(void *front, uint64_t request, struct fr_reply *reply)
{
	struct fr_front *f = front;
	struct fr_front_conn *c = find(f, request);
	bool waiting, last;

	if (c == NULL) {
		fr_blob_drop(reply->body);
		reply->body = NULL;
		return;
	}
	if (part_of(request) > 0) {
		fr_front_batch_answer(c, part_of(request) - 1, reply);
		return;
	}
	waiting = c->phase == FR_FRONT_WAITING;
	last = f->stopping || c->last;
	c->status = reply->status;
	c->response = waiting || last ? NULL : fr_front_reply_shared(reply);
	c->shares = c->response != NULL;
	if (!c->shares)
		c->response = fr_front_reply(reply, last);
	c->phase = FR_FRONT_ANSWERED;
	if (waiting) {
		MHD_resume_connection(c->mhd);
		fr_mhd_loop_kick(c->host->loop);
	}
}

size_t fr_front_connections(const struct fr_front *f)
{
	return f->open;
}

size_t fr_front_unsent(const struct fr_front *f)
{
	return f->unsent;
}
