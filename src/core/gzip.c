#include "core/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

enum { LEVEL = 1, LEAST = 18, MOST_PERMILLE = 1000 }; /* LEAST: of a member's head and end */

struct fr_blob *fr_gzip_pack(struct fr_str plain)
{
	struct libdeflate_compressor *c;
	struct fr_blob *packed = NULL;
	char *room;
	size_t n;

	if (plain.n <= LEAST)
		return NULL;
	c = libdeflate_alloc_compressor(LEVEL);
	FR_ASSERT(c != NULL);
	room = fr_alloc(plain.n - 1);
	n = libdeflate_gzip_compress(c, plain.p, plain.n, room, plain.n - 1);
	if (n > 0)
		packed = fr_blob_of(room, n);
	free(room);
	libdeflate_free_compressor(c);
	return packed;
}

/* A member ends with the length of what it holds. */
static size_t said_length(struct fr_str packed)
{
	size_t n = 0;

	for (size_t i = 1; i <= 4; i++)
		n = n << 8 | (unsigned char)packed.p[packed.n - i];
	return n;
}

struct fr_blob *fr_gzip_unpack(struct fr_str packed, size_t most)
{
	struct libdeflate_decompressor *d;
	struct fr_blob *plain;
	size_t n, taken = 0, given = 0;
	enum libdeflate_result r;

	if (packed.n < LEAST)
		return NULL;
	n = said_length(packed);
	if (n > most)
		return NULL;
	d = libdeflate_alloc_decompressor();
	FR_ASSERT(d != NULL);
	plain = fr_blob_new(n);
	r = libdeflate_gzip_decompress_ex(d, packed.p, packed.n, plain->bytes, n, &taken, &given);
	libdeflate_free_decompressor(d);
	if (r == LIBDEFLATE_SUCCESS && taken == packed.n && given == n)
		return plain;
	fr_blob_drop(plain);
	return NULL;
}

/* "0.8" in thousandths; -1: it is no weight. */
static int permille(struct fr_str s)
{
	int v = 0, scale = MOST_PERMILLE;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (i == 1)
			continue;
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v += (s.p[i] - '0') * scale;
		scale /= 10;
	}
	return v <= MOST_PERMILLE ? v : -1;
}

/* The weight of a coding; one that cannot be read is 0. */
static int weight_of(struct fr_str parameters)
{
	while (parameters.p != NULL) {
		struct fr_str value = fr_str_trim(fr_str_cut(&parameters, ';')), name = fr_str_cut(&value, '=');

		if (fr_str_eq_nocase(fr_str_trim(name), FR_STR("q"))) {
			int q = value.p == NULL ? -1 : permille(fr_str_trim(value));

			return q > 0 ? q : 0;
		}
	}
	return MOST_PERMILLE;
}

bool fr_gzip_accepted(struct fr_str list)
{
	int gzip = -1, any = -1, identity = -1;

	while (list.p != NULL) {
		struct fr_str rest = fr_str_cut(&list, ','), name = fr_str_trim(fr_str_cut(&rest, ';'));
		int q = weight_of(rest);

		if (fr_str_eq_nocase(name, FR_STR("gzip")) || fr_str_eq_nocase(name, FR_STR("x-gzip")))
			gzip = q;
		else if (fr_str_is(name, "*"))
			any = q;
		else if (fr_str_eq_nocase(name, FR_STR("identity")))
			identity = q;
	}
	if (gzip < 0)
		gzip = any;
	return gzip > 0 && gzip >= identity;
}
