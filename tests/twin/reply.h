/* reply.h — what is sent for one call, faults included. */
#ifndef TWIN_REPLY_H
#define TWIN_REPLY_H

#include "twin.h"

enum delivery {
	DELIVER_WHOLE,
	DELIVER_HALF, /* the length of the whole is promised, then the connection breaks */
	DELIVER_HUGE, /* HUGE_BYTES of valid JSON made up on the way; body is empty */
	DELIVER_SLOWLY,
	DELIVER_NOTHING, /* the connection is reset */
};

enum { HUGE_BYTES = 20 * 1024 * 1024 };

struct reply {
	unsigned status;
	const char *type, *kind, *location; /* constant texts; location may be NULL */
	char *body;                         /* the caller frees it */
	size_t len;
	bool account, no_store; /* account: an account error, never billed */
	int64_t retry_after;    /* FAULT_UNSET: none */
	enum delivery how;
	int64_t made_ms; /* virtual */
};

/* Works out the reply from the call's refusal and fault, else from the world as it is now. */
void reply_make(struct call *c, struct MHD_Connection *conn, struct reply *ret);
/* The bytes at `pos` of the huge body; returns how many were written. */
size_t reply_huge(uint64_t pos, char *buf, size_t max);

#endif
