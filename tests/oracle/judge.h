/* judge.h — every answer against the truth.
 *
 * Composed are the answers that say so: put together (detail=entity), taught by another answer (derived-alias), cut from a larger page
 * (page-slice). Each says when it was learnt. Then
 *   wrong  a value is not what the API said at that moment, a field is missing or too much, a page is not a stretch of the list as it was then,
 *          or what the API has said since rules it out: the name belongs to somebody else
 *   old    that moment is longer ago than the catalogue allows for this field, or for this answer
 *   dead   a signed link has died, and the answer does not say so
 * Answers that are handed on as they came are judged, too, and counted apart. */
#ifndef TESTS_ORACLE_JUDGE_H
#define TESTS_ORACLE_JUDGE_H

#include "core/catalogue.h"
#include "tests/oracle/calls.h"
#include "tests/oracle/truth.h"
#include "tests/sim/world.h"

#define JUDGE_COUNTS(X) \
	X(answers, "answers") \
	X(entity_whole, "put together for whoever reads everything") \
	X(entity_needs, "put together for whoever names fields") \
	X(derived, "taught by another answer") \
	X(page, "cut from a block") \
	X(stitched, "cut from two blocks") \
	X(fields, "fields compared") \
	X(rows, "rows of pages compared") \
	X(verbatim, "handed on as they came") \
	X(blanked, "served since the API failed, with their dead links blanked") \
	X(rescued, "served since the API failed, and composed") \
	X(failed, "refused") \
	X(calls, "calls") \
	X(spoilt, "lists that are not what they should be") \
	X(changes, "changes of the world by people") \
	X(hours, "hours of the world's time") \
	X(wrong, "wrong") \
	X(old, "older than agreed") \
	X(dead, "dead links")

struct judge_counts {
#define X(name, text) uint64_t name;
	JUDGE_COUNTS(X)
#undef X
};

struct judge {
	uint64_t seed;
	struct world *world;
	const struct fr_catalogue *catalogue;
	struct truth *truth;
	struct calls *calls;
	struct judge_counts counts;
	int64_t purged_ms;   /* what was learnt of posts before was thrown away by an operator */
	struct listing last; /* the last reply, if it was a page */
	char *last_body;
};

void judge_reply(struct judge *j, size_t request, const struct fr_reply *reply);
uint64_t judge_composed(const struct judge_counts *c);

#endif
