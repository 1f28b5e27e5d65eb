/* hash.h — SipHash-2-4 (Aumasson and Bernstein, 2012), 64 and 128 bits.
 *
 * With the fixed seed it names questions and checks records, the same on every host; with a random seed it spreads maps. */
#ifndef FRUGAL_BASE_HASH_H
#define FRUGAL_BASE_HASH_H

#include "frugal/types.h"

uint64_t fr_hash64(uint64_t seed, const void *p, size_t n);
struct fr_key fr_hash128(uint64_t seed, const void *p, size_t n); /* never all zero */

bool fr_key_eq(struct fr_key a, struct fr_key b);
bool fr_key_none(struct fr_key k);
void fr_key_hex(struct fr_key k, char ret[33]); /* 32 lower-case hex digits and the end */
bool fr_key_of_hex(struct fr_str hex, struct fr_key *ret);

#endif
