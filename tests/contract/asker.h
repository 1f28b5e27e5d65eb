/* asker.h — an instance's end of the conversation about credits (core/lease.h), for tests on both stores. */
#ifndef FRUGAL_TESTS_ASKER_H
#define FRUGAL_TESTS_ASKER_H

#include "tests/contract/both_stores.h"

#define BUDGET "all/month"
enum { ASKER_LIMIT = 1000 }; /* what it says that is configured */

/* Counts its questions, and believes what it is told. It asks about one window of BUDGET, unless the test says otherwise. */
struct asker {
	struct side *side;
	uint64_t identity;
	struct fr_lease_ask ask;
	bool unconfirmed; /* does not have its records confirmed when it meets another run of Redis */
};

struct asker asker_of(struct world *w, int side);
const struct fr_lease_told *put_question(struct asker *a);        /* as `ask` has it */
struct fr_lease_told_line ask_for(struct asker *a, int64_t want); /* with the next number; once more if Redis is another */
int64_t take(struct asker *a, int64_t want);                      /* ... and keeps what it is granted */
void meet(struct asker *a);                                       /* this run of Redis; its records are confirmed */
fr_wall window_of(const struct world *w);                         /* today */
struct fr_ledger_batch batch_of(const struct asker *a, uint64_t from, uint64_t to, int64_t closed, int64_t spent);

/* Time passes for the books: what they know about moments is older than it was. */
void pass(struct world *w, int64_t ms);
/* As an operator does; `is_one`: Redis is to take it. */
void set_limit(struct world *w, const char *budget, const char *limit, bool is_one);
struct fr_spending spending_of(struct world *w, fr_wall start); /* of BUDGET, up to now */

#endif
