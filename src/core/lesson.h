/* lesson.h — one thing that an answer teaches beside the answer to its own question, as the catalogue says it.
 *
 *   ANSWER  the exact answer to another question: the whole of a map in the body, or made of a few of its fields
 *   PIECE   a part of what another row would answer about a thing, by the thing's id
 *   OWNER   who owns a name at this moment: names change hands, ids do not */
#ifndef FRUGAL_CORE_LESSON_H
#define FRUGAL_CORE_LESSON_H

#include "frugal/limits.h"
#include "frugal/types.h"

/* Where something stands in a body, from its root. `each`: it is a list, and every element of it is meant. */
struct fr_place {
	size_t n;
	struct {
		struct fr_str name;
		bool each;
	} at[FR_PLACE_STEPS_MAX];
};

/* A value and the name it is wanted under. */
struct fr_pick {
	struct fr_str as;
	struct fr_place from; /* without `each`, from where the lesson is */
	bool asked;           /* from the question instead: its parameter of the name from.at[0] */
};

struct fr_picks {
	size_t n;
	struct fr_pick at[FR_PICKS_MAX];
};

enum fr_lesson_kind { FR_LESSON_ANSWER, FR_LESSON_PIECE, FR_LESSON_OWNER };

struct fr_lesson {
	enum fr_lesson_kind kind;
	struct fr_place from;  /* the maps that teach */
	size_t row;            /* ANSWER: whose question it answers; PIECE: who would answer in full */
	struct fr_str thing;   /* PIECE, OWNER: the kind of thing */
	struct fr_pick id;     /* PIECE, OWNER */
	struct fr_pick name;   /* OWNER */
	struct fr_picks ask;   /* ANSWER: the parameters of its question */
	bool itself;           /* ANSWER: the map is the answer's body */
	struct fr_picks body;  /* ANSWER: else what its body is made of */
	struct fr_picks names; /* PIECE: fields that are called otherwise in an answer (`as`) than here (`from`) */
};

#endif
