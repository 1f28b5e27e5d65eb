/* purge.h — what the operator threw away: moments up to which stored answers no longer count.
 *
 * A purge is a moment for everything, for one row of the catalogue, or for one question. An answer that was not asked for after it is as if it
 * were not there (hard), or is no longer fresh (soft). Nothing is searched for: an answer is judged when it is met, in memory, from Redis or
 * from another instance. So what was asked for before a hard purge does not come back, whoever stores it later.
 *
 * Moments are of the clock of the instance that purged, answers of the one that asked. Clocks may differ by five minutes: what an instance
 * asks for after it knew of a purge counts as later, whatever its clock says (fr_purges_after). A moment that lies further ahead, because a clock
 * is wrong or was set back, ends the answers from before the time at which that showed, and those from ahead of now; else each new one
 * would be dead on arrival and paid for again. */
#ifndef FRUGAL_CORE_PURGE_H
#define FRUGAL_CORE_PURGE_H

#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_answer;
struct fr_endpoint;
struct fr_view;

enum fr_purge_scope { FR_PURGE_ALL, FR_PURGE_ROW, FR_PURGE_KEY };

struct fr_purge {
	enum fr_purge_scope scope;
	size_t row;        /* FR_PURGE_ROW: its place in the catalogue */
	struct fr_key key; /* FR_PURGE_KEY */
	bool soft;
	fr_wall at;
};

/* Keys under which answers to one target may be kept. */
enum { FR_PURGE_KEYS_MAX = 3 };

enum fr_purge_state { FR_PURGED_NOT, FR_PURGED_SOFT, FR_PURGED_HARD };

struct fr_purged {
	enum fr_purge_state state;
	fr_wall at; /* the moment that decides */
};

/* The moments in force: one of each kind for everything and for each row, and for the last FR_PURGES_MAX questions that were purged. */
struct fr_purges;

struct fr_purges *fr_purges_new(uint64_t seed);
void fr_purges_free(struct fr_purges *p);

/* Whether there ever was one. */
bool fr_purges_any(const struct fr_purges *p);
/* The moment of a purge that is ordered now: now or, if clocks are ahead of this one or it was set back, just after those that are known, so that
 * what was asked for after them does not count as later than this one, too. */
fr_wall fr_purges_moment(struct fr_purges *p, const struct fr_purge *purge, fr_wall now);
/* Takes a moment in; false if it is known already, or an earlier one than what is known. */
bool fr_purges_add(struct fr_purges *p, const struct fr_purge *purge, fr_wall now);
struct fr_purged fr_purges_look(struct fr_purges *p, size_t row, struct fr_key key, fr_wall stored, fr_wall now);
/* When an answer counts as asked for that was asked for at `stored`, with all these purges known: then, or just after the last that concerns it. */
fr_wall fr_purges_after(const struct fr_purges *p, size_t row, struct fr_key key, fr_wall stored);

/* What the others have not been told yet: fr_purges_owe() marks a purge that was taken in, fr_purges_told() ends it, unless a later one of its
 * kind is owed meanwhile. fr_purges_owed(): one of them, or false. */
void fr_purges_owe(struct fr_purges *p, const struct fr_purge *purge);
bool fr_purges_owed(const struct fr_purges *p, struct fr_purge *ret);
void fr_purges_told(struct fr_purges *p, const struct fr_purge *purge);
/* Redis has named all that it knows (by fr_purges_add()) since the last time: what it has lost of everything and of rows is owed again. */
void fr_purges_review(struct fr_purges *p);

/* What a soft purge makes of an answer that is fresh otherwise: stale for a row that has such a time, else good for a rescue. It is renewed even where credits
 * run short. `at`: when. */
void fr_purge_age(struct fr_view *v, const struct fr_answer *a, const struct fr_endpoint *e, fr_wall at, fr_wall now);

#endif
