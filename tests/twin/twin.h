/* twin.h — the stand-in for api.tikliveapi.com as one program.
 *
 * A request is read (server.c), goes through key, limit, holds, faults and delays (api.c), is answered by a row of
 * endpoint.c out of the world, or with one of the faults (reply.c), and settled in the ledger. Requests to /_twin/
 * go to the control page instead (control.c). Everything but the lot belongs to the server's one thread. */
#ifndef TWIN_TWIN_H
#define TWIN_TWIN_H

#include "ask.h"
#include "fault.h"
#include "ledger.h"
#include "lot.h"
#include "world.h"

#include <microhttpd.h>
#include <stdio.h>

enum { KEY_MAX = 128, PATH_MAX_BYTES = 64, RULES_MAX = 32 };

/* What the command line says; `reset?all=1` comes back to it. */
struct options {
	char address[64];
	uint16_t port;
	const char *ready_file;
	uint64_t seed;
	char key[KEY_MAX]; /* "": none needed */
	int64_t rate, delay_ms;
	long parent;
	const char *bodies_file; /* NULL: nobody wants to know */
};

struct rule {
	char path[PATH_MAX_BYTES]; /* "": every path */
	int64_t ms;
};

struct rules {
	struct rule row[RULES_MAX];
	size_t n;
};

struct twin {
	struct options start;
	struct world world;
	int64_t offset_ms, frozen_ms; /* frozen_ms: 0 while the virtual clock runs */
	char key[KEY_MAX];
	int64_t rate;
	struct rules delays, holds;
	struct faults faults;
	struct window accepted;
	struct ledger ledger;
	struct lot lot;
	FILE *bodies;          /* a line for each body that was made; or NULL */
	uint64_t nonce, epoch; /* epoch: counts the resets, so that calls from before them are not booked after */
};

enum stage { STAGE_READ, STAGE_BODY, STAGE_ARRIVED, STAGE_HELD, STAGE_HUNG, STAGE_DELAYED, STAGE_ANSWERED };
enum refusal { REFUSED_NOT, REFUSED_NO_KEY, REFUSED_UNKNOWN_KEY, REFUSED_TOO_FAST, REFUSED_METHOD };

/* One request to the API. */
struct call {
	struct twin *twin;
	struct berth berth;
	char *target, *query;          /* exactly as received; query points behind the '?', at "" without one */
	char path[PATH_MAX_BYTES * 4]; /* decoded, with its last slash */
	uint64_t seq, epoch;
	enum stage stage;
	enum refusal refusal;
	struct fault fault;
	bool settled;
	/* a body that is sent bit by bit */
	char *body;
	size_t body_len;
	int64_t pause_ms;
	bool rested;
};

int64_t twin_mono_ms(void);
int64_t twin_wall_ms(void);
/* The world's clock. */
int64_t twin_now_ms(const struct twin *t);
/* Back to the start: ledger, faults, holds, delays, clock; with all, also key, limit and the changes to the world. */
void twin_reset(struct twin *t, bool all);
/* path with its last slash; "" stays "". Cuts what does not fit. */
void twin_path(const char *path, char *out, size_t room);
/* The rule for exactly this path, else the one for every path, else NULL. */
const struct rule *rules_find(const struct rules *r, const char *path);
/* Sets the rule of a path; ms < 0 takes it away. False when there is no room. */
bool rules_set(struct rules *r, const char *path, int64_t ms);

/* server.c: the callbacks for libmicrohttpd; cls is the twin. */
void *server_begin(void *cls, const char *target, struct MHD_Connection *conn);
enum MHD_Result server_serve(void *cls, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
			     const char *upload, size_t *upload_size, void **con_cls);
void server_done(void *cls, struct MHD_Connection *conn, void **con_cls, enum MHD_RequestTerminationCode why);

/* api.c: moves a call on until it waits or is answered. MHD_NO closes the connection. */
enum MHD_Result api_serve(struct call *c);
/* Books the call, unless that was done already. */
void api_settle(struct call *c, const struct outcome *o);
/* The client went away before the answer: what is paid for is booked all the same. */
void api_abandon(struct call *c);

/* control.c: answers a request to /_twin/. */
enum MHD_Result control_serve(struct twin *t, struct MHD_Connection *conn, const char *url);
/* sample.c: valid inputs for index n. New reference. */
json_t *sample_make(struct twin *t, int64_t n);
/* since.c: from when until when a post has that play count, as {from_ms, until_ms}; NULL when it never has it. New reference. */
json_t *since_when(const struct twin *t, uint64_t post, int64_t play_count);
/* Writes down when a body was made and what is in it. */
void since_note(struct twin *t, int64_t made_ms, const char *path, const char *body, size_t len);

#endif
