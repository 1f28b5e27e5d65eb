/* piece.h — what is known of things in pieces: fields that lists told of a post or a sound, and who owns a name.
 *
 * A piece is the youngest word about one thing: its text as it was said, and when. Pieces have keys of their own, beside those of questions,
 * and are shared through Redis as records like answers are. In the process they are bounded by bytes (core/sieve.h). */
#ifndef FRUGAL_CORE_PIECE_H
#define FRUGAL_CORE_PIECE_H

#include "core/question.h"
#include "frugal/types.h"

/* The text that names a piece, whose hash is its key. `what` is "fields" of a kind of thing, or "name" or "owner": the name that an id has, the
 * id that a name has. `partition` as in a question. { NULL, 0 } when the arena is full. */
struct fr_str fr_piece_canon(struct fr_arena *mem, const char *what, struct fr_str thing, struct fr_str word, uint64_t partition);
struct fr_key fr_piece_key(struct fr_str canon);
/* The same of the fields of what a question asks about; { NULL, 0 } if its row answers no thing, or which one is not known. */
struct fr_str fr_piece_asked(struct fr_arena *mem, const struct fr_question *q);

struct fr_piece {
	struct fr_key key;
	fr_wall learnt;     /* when the answer that told it was asked for */
	struct fr_str text; /* fields: a map of JSON with the names of the answer that would tell all; empty: the thing is gone */
};

struct fr_pieces;

struct fr_pieces *fr_pieces_new(size_t bytes_max, uint64_t seed);
void fr_pieces_free(struct fr_pieces *p);
const struct fr_piece *fr_pieces_find(struct fr_pieces *p, struct fr_key key); /* borrowed until the next put, or NULL */
/* Copies the text. What is known already and younger stays: false. */
bool fr_pieces_put(struct fr_pieces *p, const struct fr_piece *piece);
size_t fr_pieces_bytes(const struct fr_pieces *p);
size_t fr_pieces_entries(const struct fr_pieces *p);

#endif
