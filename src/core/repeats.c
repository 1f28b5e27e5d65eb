#include "core/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

#include "base/pure.h"

enum { SETS = 512, WAYS = 8, MINUTES = 5, MINUTE_MS = 60 * 1000 };

struct place {
	uint64_t who; /* hash of client and question; 0: free */
	int64_t minute;
	uint32_t counts[MINUTES]; /* by minute, modulo */
};

struct fr_repeats {
	uint64_t seed;
	struct place sets[SETS][WAYS];
};

struct fr_repeats *fr_repeats_new(uint64_t seed)
{
	struct fr_repeats *r = fr_calloc(1, sizeof(*r));

	r->seed = seed;
	return r;
}

void fr_repeats_free(struct fr_repeats *r)
{
	free(r);
}

/* Minutes that have passed since count for nothing. */
static void catch_up(struct place *p, int64_t minute)
{
	for (int i = 0; i < MINUTES && p->minute < minute; i++)
		p->counts[++p->minute % MINUTES] = 0;
	p->minute = minute;
}

static int64_t sum(const struct place *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < MINUTES; i++)
		n += p->counts[i];
	return n;
}

/* Its place, or that of the one that was asked the least. */
static struct place *find(struct place *set, uint64_t who, int64_t minute)
{
	struct place *least = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		struct place *p = &set[i];

		catch_up(p, minute);
		if (p->who == who)
			return p;
		if (least == NULL || sum(p) < sum(least))
			least = p;
	}
	return least;
}

int64_t fr_repeats_saw(struct fr_repeats *r, size_t client, struct fr_key question, fr_ms now)
{
	const uint64_t text[] = { client, question.hi, question.lo };
	uint64_t who = fr_hash64(r->seed, text, sizeof(text)) | 1;
	int64_t minute = now.v / MINUTE_MS;
	struct place *p = find(r->sets[who >> 1 & (SETS - 1)], who, minute);

	if (p->who != who) {
		p->who = who;
		memset(p->counts, 0, sizeof(p->counts));
	}
	p->counts[minute % MINUTES]++;
	return sum(p);
}
