/* spoil.h — lists that are not what they should be: rows that lack a field, or have one of another kind, or twice, or tell no counters; rows and fields in another
 * order; bodies that break off. What is learnt from them must be true all the same. */
#ifndef TESTS_ORACLE_SPOIL_H
#define TESTS_ORACLE_SPOIL_H

#include <jansson.h>

#include "base/random.h"

/* Spoils what is said to a target, in place. The text that is sent, allocated; `*ret_cut`: it is no JSON any more. NULL, with nothing done: there are
 * no rows in it. */
char *spoil(struct fr_random *r, const char *target, json_t *said, bool *ret_cut);

#endif
