/* ledger.h — the judge: which calls arrived, which were billed.
 *
 * A call is opened when its request has been read and settled exactly once, when its answer is handed to the server
 * (or its client is found gone). Billed is every answer with status 200 that is not an account error. The last
 * calls and bodies are kept for tests to read. All of it belongs to the server's thread. */
#ifndef TWIN_LEDGER_H
#define TWIN_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALLS_KEPT = 20000, BODIES_KEPT = 256, PATHS_KEPT = 256, STATUS_MAX = 600 };

struct record {
	uint64_t seq; /* 0: this place is empty */
	char *path, *query;
	json_t *headers;
	bool key_ok, billed, settled;
	unsigned status; /* 0: none was sent */
	const char *kind;
	int64_t at_ms;
	size_t body_bytes;
};

struct kept_body {
	uint64_t seq;
	char *bytes;
	size_t len;
};

struct path_tally {
	char *path;
	uint64_t calls, billed;
};

/* How many events fell into the last minute. */
struct window {
	int64_t *at;
	size_t first, n, room;
};

struct ledger {
	uint64_t calls, billed, settled, by_status[STATUS_MAX];
	struct record *records; /* CALLS_KEPT of them, a ring by seq */
	struct kept_body bodies[BODIES_KEPT];
	struct path_tally paths[PATHS_KEPT];
	size_t n_paths, max_per_minute;
	struct window arrivals;
};

/* What became of a call. `kind` must be a constant text. */
struct outcome {
	unsigned status;
	bool billed;
	const char *kind;
	const char *body;
	size_t body_bytes;
	bool keep_body;
};

/* Events of the minute before `now`, after dropping the older ones; and one more at `now`. */
size_t window_count(struct window *w, int64_t now);
void window_add(struct window *w, int64_t now);
void window_clear(struct window *w);

void ledger_init(struct ledger *l);
/* Forgets everything; numbers start at 1 again. Also frees what the ledger holds, except the ring itself. */
void ledger_clear(struct ledger *l);
void ledger_free(struct ledger *l);
/* Opens a call and returns its number. The texts are copied; the headers' reference is taken. */
uint64_t ledger_open(struct ledger *l, const char *tally_path, const char *path, const char *query, json_t *headers, bool key_ok,
		     int64_t at_ms, int64_t mono_ms);
/* Settles the call unless that was done already. */
void ledger_settle(struct ledger *l, uint64_t seq, const char *tally_path, const struct outcome *o);
/* NULL when the call is too old or never was. */
const struct record *ledger_record(const struct ledger *l, uint64_t seq);
const struct kept_body *ledger_body(const struct ledger *l, uint64_t seq);

#endif
