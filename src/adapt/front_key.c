#include "adapt/front_key.h"

#include <stdlib.h>
#include <string.h>

#include "adapt/digest.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

const unsigned char *fr_front_key_digest(struct fr_front_key **last, struct fr_str key)
{
	struct fr_front_key *k = *last;

	FR_ASSERT(key.n > 0 && key.n < sizeof(k->shown.s));
	if (k == NULL)
		*last = k = fr_calloc(1, sizeof(*k));
	else if (fr_str_eq((struct fr_str){ k->shown.s, k->n }, key))
		return k->sha256;
	explicit_bzero(&k->shown, sizeof(k->shown));
	memcpy(k->shown.s, key.p, key.n);
	k->n = key.n;
	fr_digest_sha256(key, k->sha256);
	return k->sha256;
}

void fr_front_key_free(struct fr_front_key **taken)
{
	if (*taken == NULL)
		return;
	explicit_bzero(*taken, sizeof(**taken));
	free(*taken);
	*taken = NULL;
}
