/* calls.h — what the API has said so far, call by call, and who was seen with which name.
 *
 * A body is kept as the hash of its bytes, and as a listing if it is a page. */
#ifndef TESTS_ORACLE_CALLS_H
#define TESTS_ORACLE_CALLS_H

#include <jansson.h>

#include "tests/oracle/asked.h"
#include "tests/oracle/listing.h"

struct call {
	int64_t at_ms;
	size_t instance; /* which asked */
	struct asked asked;
	char *target; /* as it was asked for */
	uint64_t bytes;
	bool error; /* an error body of the API */
	bool paged;
	struct listing listing;
	json_t *spoilt;      /* what was said, if it was not the truth, or not in order; else NULL */
	struct call *before; /* the last one about the same thing */
};

struct calls;

struct calls *calls_new(const struct fr_catalogue *c);
void calls_free(struct calls *c);
size_t calls_n(const struct calls *c);

/* One more: `said` is what `sent` says. */
void calls_add(struct calls *c, size_t instance, const char *target, int64_t at_ms, const char *sent, json_t *said, bool spoilt);
/* The last one about a thing, from which `before` leads back; NULL: there is none. */
const struct call *calls_about(const struct calls *c, uint64_t thing);

/* Whether it was seen later than `since`, and earlier than `until`, that a name is not, or not any more, that of the user with this id. */
bool calls_told_otherwise(const struct calls *c, const char *name, const char *id, int64_t since_ms, int64_t until_ms);

#endif
