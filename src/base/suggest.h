/* suggest.h — "did you mean": the known name that is nearest to what was written.
 *
 * Names are offered one after the other; the first of the nearest wins. Near means: a few slips of the fingers (a third of the
 * name's length at the most), else the beginning of a known name, else its last word ("timeout" for "upstream.timeout"). */
#ifndef FRUGAL_BASE_SUGGEST_H
#define FRUGAL_BASE_SUGGEST_H

#include "frugal/types.h"

struct fr_suggest {
	struct fr_str asked, best; /* borrowed; best.p == NULL: nothing is near */
	size_t score;              /* of best, smaller is nearer */
};

/* Letters to add, drop, change or swap with their neighbour to get from `a` to `b` (optimal string alignment), ASCII case
 * ignored. Names longer than FR_NAME_MAX are far from everything: SIZE_MAX. */
size_t fr_suggest_distance(struct fr_str a, struct fr_str b);

void fr_suggest_init(struct fr_suggest *s, struct fr_str asked);
void fr_suggest_offer(struct fr_suggest *s, struct fr_str known);

struct fr_hint {
	char s[192];
};

/* ", did you mean 'fresh'?", or "" if nothing is near. */
struct fr_hint fr_suggest_hint(const struct fr_suggest *s);

#endif
