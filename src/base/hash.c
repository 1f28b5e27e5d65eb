#include "base/hash.h"

#include "base/str.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void rounds(struct sip *s, int n)
{
	for (int i = 0; i < n; i++) {
		s->v0 += s->v1;
		s->v1 = rotl(s->v1, 13) ^ s->v0;
		s->v0 = rotl(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotl(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotl(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotl(s->v1, 17) ^ s->v2;
		s->v2 = rotl(s->v2, 32);
	}
}

/* The paper's key has 128 bits: its second half is made from the seed such that the reference key 00 01 .. 0f is one of
 * ours, and the published vectors apply as they are. */
static struct sip start(uint64_t seed)
{
	uint64_t k0 = seed, k1 = seed ^ 0x0808080808080808u;

	return (struct sip){ k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
			     k1 ^ 0x7465646279746573u };
}

static void word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	rounds(s, 2);
	s->v0 ^= m;
}

/* Eight bytes, the first the lowest, on every machine; written so that compilers make one instruction of it. */
static uint64_t whole_word(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* The same of n < 8 bytes. */
static uint64_t last_word(const unsigned char *p, size_t n)
{
	uint64_t m = 0;

	for (size_t i = 0; i < n; i++)
		m |= (uint64_t)p[i] << (8 * i);
	return m;
}

static void absorb(struct sip *s, const void *p, size_t n)
{
	const unsigned char *at = p;
	size_t left = n;

	for (; left >= 8; left -= 8, at += 8)
		word(s, whole_word(at));
	word(s, last_word(at, left) | (uint64_t)(n & 0xff) << 56);
}

static uint64_t squeeze(struct sip *s)
{
	rounds(s, 4);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t fr_hash64(uint64_t seed, const void *p, size_t n)
{
	struct sip s = start(seed);

	absorb(&s, p, n);
	s.v2 ^= 0xff;
	return squeeze(&s);
}

struct fr_key fr_hash128(uint64_t seed, const void *p, size_t n)
{
	struct sip s = start(seed);
	struct fr_key k;

	s.v1 ^= 0xee;
	absorb(&s, p, n);
	s.v2 ^= 0xee;
	k.hi = squeeze(&s);
	s.v1 ^= 0xdd;
	k.lo = squeeze(&s);
	if (fr_key_none(k))
		k.lo = 1;
	return k;
}

bool fr_key_eq(struct fr_key a, struct fr_key b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

bool fr_key_none(struct fr_key k)
{
	return k.hi == 0 && k.lo == 0;
}

static void hex16(uint64_t v, char *ret)
{
	for (int i = 15; i >= 0; i--, v >>= 4)
		ret[i] = "0123456789abcdef"[v & 0xf];
}

void fr_key_hex(struct fr_key k, char ret[33])
{
	hex16(k.hi, ret);
	hex16(k.lo, ret + 16);
	ret[32] = '\0';
}

bool fr_key_of_hex(struct fr_str hex, struct fr_key *ret)
{
	struct fr_key k;

	if (hex.n != 32)
		return false;
	if (!fr_str_hex_to_u64((struct fr_str){ hex.p, 16 }, &k.hi))
		return false;
	if (!fr_str_hex_to_u64(fr_str_skip(hex, 16), &k.lo))
		return false;
	*ret = k;
	return true;
}
