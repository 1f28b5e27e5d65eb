/* answer.h — a stored answer: an immutable body with its facts.
 *
 * Answers are counted references, because memory, flights and replies share them; the body is a blob of its own, because
 * sockets outlive answers. There may be millions of them: what is not needed at every hit is found in the body when it is (the names of signed
 * links), and texts take no more than they have. */
#ifndef FRUGAL_CORE_ANSWER_H
#define FRUGAL_CORE_ANSWER_H

#include "base/blob.h"
#include "core/sieve.h"
#include "core/verdict.h"
#include "frugal/types.h"

struct fr_head;

/* Where a body comes from. */
enum fr_origin {
	FR_ORIGIN_UPSTREAM, /* its answer to this very question */
	FR_ORIGIN_ALIAS,    /* its answer to another question, which is this one's too */
	FR_ORIGIN_PARTS,    /* made of parts of another answer, exactly; or its age is another answer's */
	FR_ORIGIN_COMPOSED, /* put together from an old answer and what is known of the thing in pieces; never stored */
	FR_ORIGIN_PIECE,    /* no answer at all: a piece (core/piece.h) on its way through Redis */
	FR_ORIGINS
};

enum { FR_ANSWER_TYPE_MAX = 96, FR_ANSWER_TEXT_MAX = 128 }; /* with their ends */

struct fr_answer {
	struct fr_sieve_item place; /* in memory (core/memory.h), whose own it is */
	struct fr_head *heads;      /* prepared for its next hits (core/head.h), not a part of what it says; or NULL */
	struct fr_key key;
	fr_wall stored; /* when it was asked for: its age counts from then */
	uint32_t hit;   /* when it was last served without one: milliseconds, their low half; 0: never */
	uint32_t refs;
	int status; /* as the upstream sent it */
	enum fr_verdict verdict : 4;
	enum fr_origin origin : 4;
	unsigned read_parts : 4; /* in how many parts of its fresh time it was served, and its age then (core/freshness.h) */
	unsigned read_age : 18;
	bool verbatim : 1; /* see fr_judgement */
	bool alias : 1;    /* not a body for clients: post_id is the post behind a short link */
	fr_ms negative;    /* not-found: how long this one counts, before jitter; else 0 */
	uint64_t post_id;
	uint64_t etag;          /* hash of the body */
	fr_wall links_first;    /* the earliest expiry of a signed link in the body; v == 0: none is signed */
	const char *type;       /* content type; never NULL, may be "" */
	const char *text;       /* the upstream's message, for failures; never NULL, may be "" */
	struct fr_str canon;    /* the question */
	struct fr_blob *packed; /* the body in gzip, for clients and Redis; one reference; or NULL */
	struct fr_blob *body;   /* one reference; never NULL, may be empty */
};

_Static_assert((int)FR_VERDICTS <= 16 && (int)FR_ORIGINS <= 16, "four bits hold a verdict, and an origin");

/* A copy of the facts in `from`: its texts are copied (NULL is ""), its bodies held, refs set to 1, and it is in no memory. The etag is computed here. */
struct fr_answer *fr_answer_new(const struct fr_answer *from);
/* Packs the body, if it has at least so many bytes (0: never) and gets smaller. Not while the answer is in memory, where its size is known. */
void fr_answer_pack(struct fr_answer *a, size_t least);
struct fr_answer *fr_answer_hold(struct fr_answer *a);
void fr_answer_drop(struct fr_answer *a);          /* NULL is harmless */
size_t fr_answer_bytes(const struct fr_answer *a); /* what it costs in memory, the allocator's share included */

#endif
