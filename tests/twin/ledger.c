#include "ledger.h"

#include "mem.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

size_t window_count(struct window *w, int64_t now)
{
	while (w->n > 0 && w->at[w->first] <= now - MINUTE_MS) {
		w->first = (w->first + 1) % w->room;
		w->n--;
	}
	return w->n;
}

void window_add(struct window *w, int64_t now)
{
	window_count(w, now);
	if (w->n == w->room) {
		size_t room = w->room ? w->room * 2 : 1024;
		int64_t *at = mem_new(room * sizeof *at);

		for (size_t i = 0; i < w->n; i++)
			at[i] = w->at[(w->first + i) % w->room];
		free(w->at);
		w->at = at;
		w->room = room;
		w->first = 0;
	}
	w->at[(w->first + w->n++) % w->room] = now;
}

void window_clear(struct window *w)
{
	free(w->at);
	memset(w, 0, sizeof *w);
}

void ledger_init(struct ledger *l)
{
	memset(l, 0, sizeof *l);
	l->records = mem_new(CALLS_KEPT * sizeof *l->records);
}

static void record_clear(struct record *r)
{
	free(r->path);
	free(r->query);
	json_decref(r->headers);
	memset(r, 0, sizeof *r);
}

void ledger_clear(struct ledger *l)
{
	struct record *records = l->records;

	for (size_t i = 0; i < CALLS_KEPT; i++)
		record_clear(&records[i]);
	for (size_t i = 0; i < BODIES_KEPT; i++)
		free(l->bodies[i].bytes);
	for (size_t i = 0; i < l->n_paths; i++)
		free(l->paths[i].path);
	window_clear(&l->arrivals);
	memset(l, 0, sizeof *l);
	l->records = records;
}

void ledger_free(struct ledger *l)
{
	ledger_clear(l);
	free(l->records);
}

/* The last place is shared by all paths for which there is no other. */
static struct path_tally *tally(struct ledger *l, const char *path)
{
	for (size_t i = 0; i < l->n_paths; i++)
		if (strcmp(l->paths[i].path, path) == 0)
			return &l->paths[i];
	if (l->n_paths == PATHS_KEPT)
		return &l->paths[PATHS_KEPT - 1];
	l->paths[l->n_paths].path = mem_text(l->n_paths == PATHS_KEPT - 1 ? "(other)" : path);
	return &l->paths[l->n_paths++];
}

uint64_t ledger_open(struct ledger *l, const char *tally_path, const char *path, const char *query, json_t *headers, bool key_ok,
		     int64_t at_ms, int64_t mono_ms)
{
	uint64_t seq = ++l->calls;
	struct record *r = &l->records[seq % CALLS_KEPT];

	record_clear(r);
	*r = (struct record){ .seq = seq,
			      .path = mem_text(path),
			      .query = mem_text(query),
			      .headers = headers,
			      .key_ok = key_ok,
			      .kind = "waiting",
			      .at_ms = at_ms };
	tally(l, tally_path)->calls++;
	window_add(&l->arrivals, mono_ms);
	if (l->arrivals.n > l->max_per_minute)
		l->max_per_minute = l->arrivals.n;
	return seq;
}

void ledger_settle(struct ledger *l, uint64_t seq, const char *tally_path, const struct outcome *o)
{
	struct record *r = &l->records[seq % CALLS_KEPT];
	struct kept_body *b = &l->bodies[seq % BODIES_KEPT];

	l->settled++;
	l->billed += o->billed;
	tally(l, tally_path)->billed += o->billed;
	if (o->status < STATUS_MAX)
		l->by_status[o->status]++;
	if (r->seq != seq)
		return;
	r->settled = true;
	r->status = o->status;
	r->billed = o->billed;
	r->kind = o->kind;
	r->body_bytes = o->body_bytes;
	if (!o->keep_body || b->seq > seq)
		return;
	free(b->bytes);
	*b = (struct kept_body){ .seq = seq, .bytes = mem_copy(o->body, o->body_bytes), .len = o->body_bytes };
}

const struct record *ledger_record(const struct ledger *l, uint64_t seq)
{
	const struct record *r = &l->records[seq % CALLS_KEPT];

	return seq != 0 && r->seq == seq ? r : NULL;
}

const struct kept_body *ledger_body(const struct ledger *l, uint64_t seq)
{
	const struct kept_body *b = &l->bodies[seq % BODIES_KEPT];

	return seq != 0 && b->seq == seq ? b : NULL;
}
