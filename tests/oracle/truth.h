/* truth.h — the API as it was at any moment: the twin's own world and answers, without a server and in virtual time.
 *
 * What the twin says is a function of the seed, the moment and what people did to the world: accounts that got another name, went private, were
 * removed or came back, posts that were deleted. The truth keeps a copy of the world for each of these moments, so what the API would have
 * said can be asked for later, of any question and any moment. All that people write holds the second in which it was read (struct world.edition),
 * counters grow and links are signed anew: nearly every field tells by itself when it was true.
 *
 * A user is a number, as in tests/twin/world.h. Moments are milliseconds of the wall clock. */
#ifndef TESTS_ORACLE_TRUTH_H
#define TESTS_ORACLE_TRUTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct truth;

enum { TRUTH_HANDLE_MAX = 32, TRUTH_USERS = 2000 }; /* lists of all people's posts have those of the first so many users */

struct truth *truth_new(uint64_t seed);
void truth_free(struct truth *t);

/* What people do to the world, in the order of time. */
void truth_rename(struct truth *t, int64_t at_ms, uint32_t user, const char *handle);
void truth_hide(struct truth *t, int64_t at_ms, uint32_t user, bool hidden);
void truth_remove_user(struct truth *t, int64_t at_ms, uint32_t user, bool gone);
void truth_remove_post(struct truth *t, int64_t at_ms, uint64_t post);

/* What the API says at a moment to a path and query. New reference; an error body of the API where it says that. */
json_t *truth_said(const struct truth *t, const char *target, int64_t at_ms);
/* How it is spelled when it is sent. The caller frees it. */
char *truth_spelled(const char *target, const json_t *said);

/* For those who ask and those who change: who is there. */
uint64_t truth_user_id(const struct truth *t, uint32_t user);
bool truth_user_of(const struct truth *t, const char *handle, int64_t at_ms, uint32_t *ret); /* who has the name; false: nobody */
bool truth_taken(const struct truth *t, const char *handle, int64_t at_ms); /* by somebody who is there, or may come back */
void truth_handle(const struct truth *t, uint32_t user, int64_t at_ms, char ret[TRUTH_HANDLE_MAX]);
bool truth_private(const struct truth *t, uint32_t user, int64_t at_ms);
int64_t truth_gap_s(const struct truth *t, uint32_t user); /* how often he posts */
uint64_t truth_newest_post(const struct truth *t, uint32_t user, int64_t at_ms);
/* The post that a link of any form is about; 0: none. */
uint64_t truth_post_of(const char *url);
void truth_short_url(uint64_t post, char ret[64]);

#endif
