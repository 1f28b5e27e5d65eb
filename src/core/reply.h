/* reply.h — an answer to a client: status, body and header fields, ready for the wire.
 *
 * Written by the engine, sent by the front. Field values live in the reply itself, so that it can be copied by value; the
 * body is one reference of a blob. */
#ifndef FRUGAL_CORE_REPLY_H
#define FRUGAL_CORE_REPLY_H

#include "base/blob.h"
#include "core/answer.h"
#include "core/freshness.h"
#include "core/ladder.h"
#include "core/problem.h"
#include "core/tally.h"
#include "frugal/limits.h"

struct fr_head;

struct fr_reply_field {
	const char *name; /* static */
	uint16_t at;      /* offset of the terminated value in `text` */
};

struct fr_reply {
	int status;
	struct fr_blob *body; /* one reference; of a 304 too, which tells its length and sends none of it */
	fr_wall now;          /* when it was made: its Date, which the sender adds */
	struct fr_head *head; /* fields before those below, prepared; borrowed for the call; or NULL */
	size_t n;
	struct fr_reply_field headers[FR_HEADERS_MAX];
	size_t used;
	char text[FR_HEADER_TEXT_MAX];
};

/* How a client's budgets stand. */
struct fr_budget_note {
	const char *budget; /* the fullest of them; NULL: there is none, or nothing is known of it */
	int64_t permille, left;
	enum fr_step step;
};

/* What the header fields are made of. */
struct fr_reply_facts {
	const struct fr_answer *answer; /* the body's facts; NULL for a problem */
	struct fr_view view;            /* of a stored answer */
	enum fr_outcome outcome;
	bool from_flight;      /* this very request waited for a call (fwd=…), else hit */
	bool collapsed;        /* ... that another one paid */
	enum fr_reason reason; /* of the call: uri-miss, stale, request, bypass */
	bool stored;           /* the call's answer was kept */
	int upstream_status;   /* 0 if none */
	const char *detail;    /* Cache-Status detail from the fixed vocabulary, or NULL */
	const char *
		learnt; /* Frugal-Learnt: when the upstream said what is in the body, where that was not its answer to this question; or NULL */
	bool partial;           /* the body has no more than the client reads: it depends on who asks */
	int64_t spent, avoided; /* credits of this request */
	struct fr_budget_note budget;
	struct fr_str request_id; /* cleaned and cut to FR_REQUEST_ID_MAX bytes */
	struct fr_str if_none_match;
	bool gzip;          /* the client takes it */
	bool native_status; /* not-found as 404 */
	fr_ms links_margin;
	bool blanked;         /* `body` is a blanked copy */
	struct fr_blob *body; /* instead of the answer's own; borrowed, or NULL */
	fr_wall now;
};

/* No value of a field holds anything but printable ASCII: other bytes, which may come from a client's request id or an
 * upstream's body, become '?'.
 *
 * Fills `r` for an answer: Age, ETag, Content-Type, Cache-Control, Cache-Status (RFC 9211; `hit` and `fwd` never together),
 * X-Credits-Spent, X-Credits-Avoided, X-Credits-Remaining and, from the first step of the ladder on, Frugal-Budget, X-Request-Id, Frugal-Expired-Fields; 304 if If-None-Match names the
 * ETag. Whoever takes gzip gets the packed body, if there is one, under an ETag of its own. Takes a reference of the body. Only stored verdicts of paths in the catalogue get an ETag and a max-age. An old
 * answer served after a failed call has fwd and a ttl. */
void fr_reply_answer(struct fr_reply *r, const struct fr_reply_facts *f);

/* The same but for the request's id, and without a body: what a head is made of. */
void fr_reply_head(struct fr_reply *r, const struct fr_reply_facts *f);
/* The same as fr_reply_answer(), with a head that was prepared for such facts. */
void fr_reply_prepared(struct fr_reply *r, struct fr_head *head, const struct fr_reply_facts *f);

/* Fills `r` for a refusal: application/problem+json, Cache-Control: no-store, Retry-After if retry_after > 0, Allow for
 * METHOD and POST_ONLY, WWW-Authenticate for UNKNOWN_CLIENT. A refusal made without a stored response has no Cache-Status, unless `f->from_flight`. */
void fr_reply_problem(struct fr_reply *r, const struct fr_refusal *why, fr_ms retry_after, const struct fr_reply_facts *f);

void fr_reply_done(struct fr_reply *r);           /* drops the body */
size_t fr_reply_fields(const struct fr_reply *r); /* how many there are, those of the head included */
void fr_reply_field(const struct fr_reply *r, size_t i, const char **ret_name, const char **ret_value);
const char *fr_reply_header(const struct fr_reply *r, const char *name); /* value or NULL; for tests and logs */

#endif
