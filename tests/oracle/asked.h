/* asked.h — what a path and query ask, told without the code that is on trial. */
#ifndef TESTS_ORACLE_ASKED_H
#define TESTS_ORACLE_ASKED_H

#include "core/catalogue.h"

enum { ASKED_TEXT_MAX = 320 };

struct asked {
	const struct fr_endpoint *row;
	uint64_t thing;            /* the hash of all that is asked but which page */
	uint64_t cursor, count;    /* of a list */
	uint64_t post;             /* the post or comment whose id is asked for, which tells its age; or 0 */
	char name[64];             /* a user's name, folded; or "" */
	char text[ASKED_TEXT_MAX]; /* what is hashed */
};

void asked_read(const struct fr_catalogue *c, const char *target, struct asked *ret);
/* Whether both get the same answer. */
bool asked_same(const struct asked *a, const struct asked *b);

#endif
