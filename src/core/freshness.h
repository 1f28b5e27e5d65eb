/* freshness.h — how old an answer is for its endpoint at a moment (design.md, section 7).
 *
 * A pure function of the answer's facts, the row, the settings and `now`. The order of life: FRESH, then STALE (served at once, refreshed
 * behind if it has earned that), then RESCUE (served only when the upstream or Redis fails, or to a client that accepts it), then DEAD.
 * The fresh time is shortened by up to a tenth, by the key, so that what was stored together does not expire together; never lengthened.
 * Where links are required, their earliest expiry less the margin ends FRESH, STALE and RESCUE alike; a rescue behind it is possible only with
 * the dead links blanked, and says so. A body whose links were dead when it came counts for a minute all the same, so that it is not paid for at
 * every request; its reply names the dead fields. An answer from more than five minutes ahead has no age that can be told: it is good for a
 * rescue only.
 * How long it is fresh may depend on who looks: a tier has times of its own, and one answer can be fresh for one client and stale for another. */
#ifndef FRUGAL_CORE_FRESHNESS_H
#define FRUGAL_CORE_FRESHNESS_H

#include "core/answer.h"
#include "core/catalogue.h"
#include "frugal/types.h"

enum fr_freshness { FR_FRESH, FR_STALE, FR_RESCUE, FR_DEAD };

/* What was agreed with who looks at an answer, about the question that it answers. */
struct fr_agreed {
	const struct fr_endpoint *row;
	bool deep; /* a page behind the first */
	fr_ms links_margin;
	unsigned reads; /* in so many parts of its fresh time an answer is read that earns a refresh, 0..FR_READ_PARTS */
	fr_ms fresh;    /* of the client's tier: instead of the row's time and its steps; v < 0: the row's */
	unsigned
		stretch; /* credits run short: so many thousandths of the stale window pass without a refresh, 0..FR_STRETCH_MAX */
};
enum { FR_STRETCH_MAX = 1000, FR_READ_PARTS = 8 };

struct fr_view {
	enum fr_freshness freshness;
	bool blank;  /* RESCUE only with the links that are dead blanked */
	bool spared; /* STALE, in the part of its window where no credit is spent on a refresh */
	bool seldom; /* STALE, and read too seldom to earn one, in a fresh time that there was */
	fr_ms age;   /* >= 0: since it was stored */
	fr_ms left;  /* of freshness; negative once it is over */
	fr_ms over;  /* how far past fresh, 0 while fresh: what max-stale is compared with */
};

struct fr_view fr_freshness_view(const struct fr_answer *a, const struct fr_agreed *t, fr_wall now);

/* Whether a stale answer is worth a refresh shows in how it was read while it was fresh: in how many of the FR_READ_PARTS equal parts of that time.
 * A burst, or one walk through the pages of a block, is one part. Whoever reads measures by the fresh time that was agreed with him. What is read in
 * one at the most is mostly not read again before its renewal is too old in its turn: the refresh would buy nothing, and give those who come back
 * after long an older answer than a call of their own. */
void fr_freshness_read(struct fr_answer *a, const struct fr_view *v); /* it is served; only what is FR_FRESH counts */

/* The fresh time in force for an answer: tier, steps, depth, negative life and jitter applied; links not. A page behind the first is fresh
 * for the row's time for such pages, or longer if the tier says so. */
fr_ms fr_freshness_time(const struct fr_answer *a, const struct fr_agreed *t);

/* How long a part of an answer about the post (0: of none) still counts that was said at `said`: a counter for as long as an answer as young
 * as that would, what does not change all the time for as long as any answer of the row. Links are not looked at. <= 0: no longer. */
fr_ms fr_freshness_part(fr_wall said, uint64_t post_id, struct fr_key key, bool counter, const struct fr_agreed *t, fr_wall now);
/* How long Redis should keep what was said of a thing for who agreed on this. */
fr_ms fr_freshness_keep_part(const struct fr_agreed *t);

/* The lifetime of the next not-found, given the previous answer to the same question (or NULL): twice the previous one up to the
 * row's maximum, the row's first if the previous was data. */
fr_ms fr_freshness_negative(const struct fr_answer *previous, const struct fr_endpoint *e);

/* How long Redis should keep it for who agreed on this: to the end of the rescue window, or twice the longest negative life; at least a
 * second. */
fr_ms fr_freshness_keep(const struct fr_answer *a, const struct fr_agreed *t);

#endif
