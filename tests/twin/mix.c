#include "mix.h"

uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t z = (a ^ (b * UINT64_C(0xd6e8feb86659fd93))) + UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t mix_text(uint64_t a, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		a = mix(a, c >= 'A' && c <= 'Z' ? (uint64_t)c + 32u : c);
	}
	return a;
}

int64_t mix_pick(uint64_t h, int64_t lo, int64_t hi)
{
	return lo + (int64_t)(h % (uint64_t)(hi - lo + 1));
}

static void letters(uint64_t h, char *out, size_t n, const char *alphabet, unsigned bits)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 8 == 0)
			h = mix(h, i + 1);
		out[i] = alphabet[(h >> (bits * (i % 8))) & ((1u << bits) - 1u)];
	}
	out[n] = '\0';
}

void mix_hex(uint64_t h, char *out, size_t n)
{
	letters(h, out, n, "0123456789abcdef", 4);
}

void mix_base64(uint64_t h, char *out, size_t n)
{
	letters(h, out, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6);
}
