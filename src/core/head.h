/* head.h — the header fields of an answer's hits, written once and sent by all of them until a number in them changes: mostly for a second.
 *
 * Only for replies from memory that send the answer's own body. What the fields depend on besides the answer is compared each time (struct fr_head_mark),
 * so nothing has to be told when it changes; a reload of the configuration, which may change anything, throws all of them away.
 * The id of the request is not among the fields.
 *
 * Heads belong to their answer and go with it: at most FR_HEADS_OF_ONE, since budgets and tiers differ between clients, and FR_HEADS_MAX in all; the oldest
 * goes. Whoever sends replies may hang its own form of the fields on one (`sent_as`), which goes with it. */
#ifndef FRUGAL_CORE_HEAD_H
#define FRUGAL_CORE_HEAD_H

#include "base/list.h"
#include "core/reply.h"

struct fr_heads {
	struct fr_list order; /* the oldest first */
	size_t n;
};

enum { FR_HEAD_WORD_MAX = 64 };

/* What differs between the hits of one answer. */
struct fr_head_mark {
	int64_t age_s, left_s, avoided;
	int64_t dead_s; /* links that expire in this second or before are named as dead; 0: there are none */
	enum fr_freshness freshness;
	bool gzip;
	struct fr_budget_note budget;
	char detail[FR_HEAD_WORD_MAX], learnt[FR_HEAD_WORD_MAX]; /* "": none */
};

struct fr_head {
	struct fr_list in_order;
	struct fr_heads *heads;
	struct fr_answer *answer; /* whose it is; not held */
	struct fr_head *next;     /* of the same answer, made before this one */
	struct fr_head_mark mark;
	int status;
	void *sent_as; /* the sender's, or NULL */
	void (*sent_as_free)(void *sent_as);
	size_t n;
	struct fr_reply_field fields[FR_HEADERS_MAX];
	char text[]; /* the values */
};

void fr_heads_init(struct fr_heads *h);
void fr_heads_clear(struct fr_heads *h);

/* The head for a reply with these facts to a request of now; NULL: it has to be written for itself, because it is not such a reply, or because the answer was
 * not asked for lately. `a` is the answer in `f`. Borrowed until the next call of a function here, or the answer's end. */
struct fr_head *fr_heads_for(struct fr_heads *h, struct fr_answer *a, const struct fr_reply_facts *f);

void fr_heads_leave(struct fr_answer *a); /* frees the heads of an answer */

/* The value of a field, or NULL. */
const char *fr_head_value(const struct fr_head *head, const char *name);

#endif
