/* answer.h — a stored answer: an immutable body with its facts.
 *
 * Answers are counted references, because memory, flights and replies share them; the body is a blob of its own, because
 * sockets outlive answers. */
#ifndef FRUGAL_CORE_ANSWER_H
#define FRUGAL_CORE_ANSWER_H

#include "base/blob.h"
#include "core/links.h"
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

struct fr_answer {
	uint32_t refs;
	struct fr_head *heads; /* prepared for its next hits (core/head.h), not a part of what it says; or NULL */
	fr_wall hit;           /* when it was last served without one, 0: never */
	struct fr_key key;
	fr_wall stored; /* when it was asked for: its age counts from then */
	enum fr_verdict verdict;
	int status;    /* as the upstream sent it */
	bool verbatim; /* see fr_judgement */
	bool alias;    /* not a body for clients: post_id is the post behind a short link */
	enum fr_origin origin;
	fr_ms negative; /* not-found: how long this one counts, before jitter; else 0 */
	uint64_t post_id;
	uint64_t etag; /* hash of the body */
	struct fr_links_facts links;
	char type[96];        /* content type */
	char text[128];       /* the upstream's message, for failures */
	struct fr_str canon;  /* the question; belongs to the answer */
	struct fr_blob *body; /* one reference; never NULL, may be empty */
};

/* A copy of the facts in `from` (its canon is copied, its body held, refs set to 1). The etag is computed here. */
struct fr_answer *fr_answer_new(const struct fr_answer *from);
struct fr_answer *fr_answer_hold(struct fr_answer *a);
void fr_answer_drop(struct fr_answer *a);          /* NULL is harmless */
size_t fr_answer_bytes(const struct fr_answer *a); /* what it costs in memory */

#endif
