#include "base/random.h"

#include "base/assert.h"

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
uint64_t fr_random_next(struct fr_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t fr_random_below(struct fr_random *r, uint64_t n)
{
	uint64_t unfair, x;

	FR_ASSERT(n >= 1);
	unfair = (UINT64_MAX - n + 1) % n; /* 2^64 mod n: so many values would come up once too often */
	do {
		x = fr_random_next(r);
	} while (x < unfair);
	return x % n;
}

bool fr_random_chance(struct fr_random *r, unsigned per_thousand)
{
	return fr_random_below(r, 1000) < per_thousand;
}
