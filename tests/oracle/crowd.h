/* crowd.h — who asks, and what people do to the world meanwhile.
 *
 * Sessions follow one another: a dashboard reads pages of a feed or a search and hydrates the rows, somebody looks up names, profiles, sounds,
 * tags, downloads, or reads what people say under a post. All of them meet on few things, in all the spellings that are one question. Between
 * sessions time passes, from seconds to hours, in which people change their names, take over those of others, close and open their accounts,
 * delete posts and vanish; now and then the API fails for a while, an instance is killed, or an operator throws away
 * what is known of posts. */
#ifndef TESTS_ORACLE_CROWD_H
#define TESTS_ORACLE_CROWD_H

#include "tests/oracle/judge.h"

struct crowd;

struct crowd *crowd_new(struct judge *j, uint64_t seed);
void crowd_free(struct crowd *c);
/* The API has said something: what is in it may be asked about from now on. */
void crowd_heard(struct crowd *c, const json_t *said);
/* Until so many requests were made. */
void crowd_live(struct crowd *c, size_t requests);

#endif
