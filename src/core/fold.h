/* fold.h — one parameter's value, however it is spelled.
 *
 * A value that a row refuses never equals what an accepted one folds to. So with `validate: off` a refused value can stand in a
 * key as it came without taking an accepted one's place. */
#ifndef FRUGAL_CORE_FOLD_H
#define FRUGAL_CORE_FOLD_H

#include "base/arena.h"
#include "core/catalogue.h"
#include "frugal/types.h"

enum fr_folding {
	FR_FOLDING_OK,
	FR_FOLDING_EMPTY,   /* nothing is left; whether that is allowed is for the caller to say, see fr_fold_empty_is_fine() */
	FR_FOLDING_REFUSED, /* the API cannot accept it */
	FR_FOLDING_FULL     /* the arena is full */
};

struct fr_folded {
	struct fr_str value;
	uint64_t post_id;    /* of a post whose id is known, else 0 */
	struct fr_str alias; /* of a post behind a short link: the folded link, else empty */
};

/* `text` is percent-decoded once already. The result borrows from `text` or lives in the arena; `*ret` is set on OK and EMPTY. */
enum fr_folding fr_fold_value(struct fr_arena *mem, const struct fr_param *p, struct fr_str text, struct fr_folded *ret);

/* Whether an optional parameter of this kind may be given without a value. */
bool fr_fold_empty_is_fine(enum fr_fold fold);

/* Whether "cursor=" says the same as no cursor at all: kinds whose empty value can only mean the default. */
bool fr_fold_empty_is_default(enum fr_fold fold);

/* What is accepted, to stand behind "<name> is ": "1 to 35", "a decimal number of at most 20 digits". Terminated. */
void fr_fold_describe(const struct fr_param *p, char *ret, size_t size);

#endif
