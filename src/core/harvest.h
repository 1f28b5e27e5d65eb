/* harvest.h — what an answer teaches beside the answer to its own question: one body in, a bounded list out.
 *
 * The lessons of the row say where to look (core/lesson.h). What is found is checked against what it should be: a map with a value of
 * another kind than the catalogue says teaches nothing and is counted. Texts are handed on as the upstream spelled them.
 *
 * Some rows of lists are hollow: all their counters are 0, whatever the truth is. No counter is learnt from such a row. */
#ifndef FRUGAL_CORE_HARVEST_H
#define FRUGAL_CORE_HARVEST_H

#include "core/answer.h"
#include "core/question.h"

/* One thing that is known now. All texts live in the harvest's arena or borrow from the body. */
struct fr_learnt {
	struct fr_learnt *next;
	const struct fr_lesson *by;
	struct fr_question question; /* ANSWER */
	struct fr_str canon;         /* ANSWER: of its question; PIECE: of the piece (core/piece.h); OWNER: of neither */
	struct fr_key key;           /* of the canon */
	struct fr_str text;          /* ANSWER: the body; PIECE: the fields; OWNER: empty */
	struct fr_str id, name;      /* PIECE: id; OWNER: both, the name folded as in questions */
};

struct fr_harvest {
	struct fr_arena mem;
	size_t n;
	size_t refused; /* not of the kind that the lesson expects */
	size_t dropped; /* there was no room for it */
	struct fr_learnt *first, *last;
	struct fr_str root; /* of the body; { NULL, 0 }: it cannot be read */
	size_t turn;        /* lessons are gone through twice: for owners of names, and for the others */
};

/* Reads the body of an answer to `q`, which is data. Owners of names come first in the list. To be freed. */
void fr_harvest(const struct fr_catalogue *c, const struct fr_question *q, struct fr_str body, struct fr_harvest *ret);

/* The same in parts, since a long body takes its time: nothing is learnt by the beginning, and then what one lesson teaches by each step. False: that was
 * the last one. The question and the body have to stay. */
void fr_harvest_begin(const struct fr_question *q, struct fr_str body, struct fr_harvest *ret);
bool fr_harvest_step(const struct fr_catalogue *c, const struct fr_question *q, struct fr_harvest *h);
void fr_harvest_free(struct fr_harvest *h);

/* What becomes of the answer to a question that an answer to another one taught. */
enum fr_take {
	FR_TAKE_NOT,
	FR_TAKE_NEW,
	FR_TAKE_AGE /* the known body, which says the same, is as young as what was learnt */
};

/* `known`: the stored answer to the same question, or NULL; `fresh`: whether it still is for whoever has no terms of his own. `learnt`: when the
 * answer that taught `l` was asked for. The younger one wins, except that what is made of parts never takes the place of the
 * upstream's own words while they are fresh, unless it is a plain fact, without counters and links, that has changed. What is hardly younger
 * (by less than `worth`) and says the same is not worth the trouble. */
enum fr_take fr_harvest_take(const struct fr_answer *known, bool fresh, const struct fr_learnt *l, fr_wall learnt, fr_ms worth);

/* Whether the body is the upstream's own, asked for by another question. */
bool fr_learnt_whole(const struct fr_learnt *l);

#endif
