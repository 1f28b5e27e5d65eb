/* judge_state.h — one reply before the judge; for the files of the judge only. */
#ifndef TESTS_ORACLE_JUDGE_STATE_H
#define TESTS_ORACLE_JUDGE_STATE_H

#include "tests/oracle/judge.h"

/* Until every instance has heard of a purge: the way of the answer, of the question to the store, and of the message. */
enum { GRACE_MS = 5000 };

struct hearing {
	struct judge *j;
	const struct world_reply *r;
	const struct fr_reply *reply;
	const char *body, *status, *learnt; /* Cache-Status and Frugal-Learnt, "" if missing */
	struct asked asked;
	int64_t now_ms, age_s;
	bool rescue, blanked; /* since no call could be made: it is older, and links that are dead are blanked */
};

void found_wrong(const struct hearing *h, const char *what, const char *where, int64_t a, int64_t b);
void found_old(const struct hearing *h, const char *where, int64_t age_ms, int64_t agreed_ms);
void found_dead(const struct hearing *h, const char *where, int64_t dies);

/* How old an answer as a whole may be that was learnt at a moment. */
void check_age(const struct hearing *h, int64_t at_ms);
/* Whether what was learnt at a moment may still be served under the name that was asked for. */
void check_owner(const struct hearing *h, int64_t at_ms);
/* The same value, but for what differs from one answer to the next: a link's signature, a request's id. */
bool same_value(const json_t *a, const json_t *b);
void check_links(const struct hearing *h, const char *where, const json_t *value);

/* The row of a block where the page at `cursor` begins; false: it does not begin there. */
bool begins_in(const struct fr_endpoint *row, const struct call *c, uint64_t cursor, size_t *ret);
/* Whether the age of the answer is that of what was said at this moment. */
bool age_tells(const struct hearing *h, int64_t at_ms);

void judge_entity(const struct hearing *h);
void judge_derived(const struct hearing *h);
void judge_page(const struct hearing *h);
void judge_blanked(const struct hearing *h);

#endif
