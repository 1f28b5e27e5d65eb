/* front_state.h — what front.c (life, numbers, answers), front_request.c (libmicrohttpd's callbacks), front_own.c (what is frugald's own) and
 * front_batch.c share.
 *
 * Every connection has one `struct fr_front_conn` for its whole life, as libmicrohttpd's socket context: the callback for a finished request is not
 * made for requests that never reached the handler, so nothing may hang on the request alone. */
#ifndef FRUGAL_ADAPT_FRONT_STATE_H
#define FRUGAL_ADAPT_FRONT_STATE_H

#include "adapt/front.h"
#include "adapt/front_key.h"
#include "adapt/mhd_loop.h"
#include "core/own.h"
#include "core/reply.h"
#include "core/batch.h"
#include "frugal/limits.h"

enum fr_front_phase {
	FR_FRONT_QUIET,    /* between requests */
	FR_FRONT_READING,  /* the head is here; perhaps a body follows, which will be refused */
	FR_FRONT_ASKING,   /* inside fr_engine_ask() or fr_engine_refuse() */
	FR_FRONT_WAITING,  /* suspended */
	FR_FRONT_ANSWERED, /* the response is here, libmicrohttpd does not have it yet */
	FR_FRONT_SENDING,
	FR_FRONT_CUT /* to be closed without an answer */
};

struct fr_front_batch;

/* One listening socket; the `cls` of libmicrohttpd's callbacks. */
struct fr_front_host {
	struct fr_front *front;
	struct fr_mhd_loop *loop;
};

struct fr_front_conn {
	struct fr_front *front;
	struct fr_front_host *host;
	struct MHD_Connection *mhd;
	enum fr_front_phase phase;
	uint32_t place;
	char *target; /* as it came, terminated; cut one byte behind FR_TARGET_MAX */
	size_t target_len, target_cap;
	struct fr_front_key *key; /* where clients are known by theirs */
	size_t swallowed;
	bool last;       /* this answer ends the connection */
	bool cut_target; /* the target holds a NUL, at which `target` ends */
	int status;
	struct MHD_Response *response; /* while ANSWERED */
	bool shares;                   /* that one belongs to a head, and is queued in the same step */
	enum fr_own own;               /* POST to a path of frugald's own: its body is read */
	bool keeps;                    /* ... and kept; counted in `n_own` */
	struct fr_buf body;
	struct fr_front_batch *batch; /* while its lines are being sent */
};

/* A place in the table of connections. The generation counts requests, so that an old number finds nothing. */
struct fr_front_place {
	struct fr_front_conn *conn; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct fr_front {
	struct fr_engine *engine;
	struct fr_front_ports ports;
	size_t n_hosts;
	struct fr_front_host hosts[FR_ADDRS_MAX];
	uint32_t n_places, first_free; /* first_free == n_places: none */
	struct fr_front_place *places;
	size_t open, unsent, n_own;
	bool stopping;
};

/* A new request on `c`: its number. */
uint64_t fr_front_number(struct fr_front_conn *c);
/* The number of a question of the batch that `c` has asked with `request`. */
uint64_t fr_front_part(uint64_t request, size_t question);

/* The request's head as the engine wants it; the texts live as long as the request and `made`, the digest of its key until the next request. */
struct fr_front_made {
	char id[16];
};
void fr_front_read_head(struct fr_front_conn *c, struct fr_ask *ask, struct fr_front_made *made);

/* front_own.c. A request for what is frugald's own begins; a piece of its body, false: the connection is to be closed; it is all here: it is answered, at
 * once or by a batch; it is over, answered or not. */
void fr_front_own_begin(struct fr_front_conn *c);
bool fr_front_own_body(struct fr_front_conn *c, const char *data, size_t size);
void fr_front_own_serve(struct fr_front_conn *c, uint64_t number, struct fr_ask *ask);
void fr_front_own_end(struct fr_front_conn *c);

/* front_prewarm.c. Answers, or refuses with `why`. */
bool fr_front_prewarm(struct fr_front_conn *c, const struct fr_ask *ask, struct fr_refusal *why);

/* front_batch.c. Begins to answer, with a response that grows; takes the batch over. The conversation as a whole has number `number`. */
void fr_front_batch_begin(struct fr_front_conn *c, uint64_t number, const struct fr_ask *ask, struct fr_batch *taken);
void fr_front_batch_answer(struct fr_front_conn *c, size_t question, struct fr_reply *reply);
void fr_front_batch_wake(struct fr_front_conn *c); /* it may sleep; its connection is to be closed */
void fr_front_batch_free(struct fr_front_conn *c);

/* libmicrohttpd's callbacks; cls is the host. */
enum MHD_Result fr_front_on_accept(void *cls, const struct sockaddr *addr, socklen_t n);
void fr_front_on_connection(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void *fr_front_on_target(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result fr_front_on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
				    const char *version, const char *data, size_t *size, void **con_cls);
void fr_front_on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code);

#endif
