/* front_state.h — what front.c (life, numbers, answers) and front_request.c (libmicrohttpd's callbacks) share.
 *
 * Every connection has one `struct fr_front_conn` for its whole life, as libmicrohttpd's socket context: the callback for a finished request is not
 * made for requests that never reached the handler, so nothing may hang on the request alone. */
#ifndef FRUGAL_ADAPT_FRONT_STATE_H
#define FRUGAL_ADAPT_FRONT_STATE_H

#include "adapt/front.h"
#include "adapt/front_key.h"
#include "adapt/mhd_loop.h"
#include "core/reply.h"
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
	size_t open, unsent;
	bool stopping;
};

/* A new request on `c`: its number. */
uint64_t fr_front_number(struct fr_front_conn *c);

/* libmicrohttpd's callbacks; cls is the host. */
enum MHD_Result fr_front_on_accept(void *cls, const struct sockaddr *addr, socklen_t n);
void fr_front_on_connection(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void *fr_front_on_target(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result fr_front_on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
				    const char *version, const char *data, size_t *size, void **con_cls);
void fr_front_on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code);

#endif
