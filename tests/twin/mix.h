/* mix.h — where all the world's accidents come from.
 *
 * Numbers that look random and are always the same: everything that the twin invents is a chain of these over
 * (seed, kind of thing, number of the thing). The mixer is splitmix64's finaliser. */
#ifndef TWIN_MIX_H
#define TWIN_MIX_H

#include <stddef.h>
#include <stdint.h>

/* A new number out of two. */
uint64_t mix(uint64_t a, uint64_t b);
/* A number out of a text; upper and lower case ASCII count as the same. */
uint64_t mix_text(uint64_t a, const char *text);
/* A number in [lo, hi] chosen by h. */
int64_t mix_pick(uint64_t h, int64_t lo, int64_t hi);
/* Writes n hex digits chosen by h, and a NUL, to out (n + 1 bytes). */
void mix_hex(uint64_t h, char *out, size_t n);
/* The same with the 64 letters of base64url. */
void mix_base64(uint64_t h, char *out, size_t n);

#endif
