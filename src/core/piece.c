#include "core/piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/canon.h"
#include "core/query.h"
#include "core/sieve.h"
#include "frugal/limits.h"

#include "base/pure.h"

enum { KEY_SEED = 0, PARTITION_SIZE = 16 }; /* one space of keys with the questions, whose texts begin with a slash */

struct entry {
	struct fr_sieve_item item;
	struct fr_piece piece; /* its text stands behind the entry */
};

struct fr_pieces {
	struct fr_sieve sieve;
};

struct fr_str fr_piece_canon(struct fr_arena *mem, const char *what, struct fr_str thing, struct fr_str word, uint64_t partition)
{
	size_t size = strlen(what) + PARTITION_SIZE + thing.n + word.n + 4;
	char *p = fr_arena_take(mem, size);
	int n;

	FR_ASSERT(thing.n < FR_NAME_MAX && word.n <= FR_CANON_MAX);
	if (p == NULL)
		return (struct fr_str){ NULL, 0 };
	n = snprintf(p, size, "%s\n%llx\n%.*s\n%.*s", what, (unsigned long long)partition, FR_STR_ARG(thing), FR_STR_ARG(word));
	FR_ASSERT(n > 0 && (size_t)n < size);
	return (struct fr_str){ p, (size_t)n };
}

struct fr_key fr_piece_key(struct fr_str canon)
{
	return fr_hash128(KEY_SEED, canon.p, canon.n);
}

struct fr_str fr_piece_asked(struct fr_arena *mem, const struct fr_question *q)
{
	const struct fr_endpoint *row = q->endpoint;
	struct fr_str query = fr_canon_query(q->canon), name, value;

	while (row->thing.n > 0 && fr_canon_next(&query, &name, &value))
		if (fr_query_encoded_is(name, row->params[row->thing_by].name))
			return fr_str_all_digits(value) ? fr_piece_canon(mem, "fields", row->thing, value, q->partition)
							: (struct fr_str){ NULL, 0 };
	return (struct fr_str){ NULL, 0 };
}

static void drop(struct fr_sieve_item *item)
{
	free(FR_OF(item, struct entry, item));
}

struct fr_pieces *fr_pieces_new(size_t bytes_max, uint64_t seed)
{
	struct fr_pieces *p = fr_calloc(1, sizeof(*p));

	fr_sieve_init(&p->sieve, bytes_max, seed, drop);
	return p;
}

void fr_pieces_free(struct fr_pieces *p)
{
	if (p == NULL)
		return;
	fr_sieve_free(&p->sieve);
	free(p);
}

const struct fr_piece *fr_pieces_find(struct fr_pieces *p, struct fr_key key)
{
	struct fr_sieve_item *item = fr_sieve_find(&p->sieve, key);

	return item == NULL ? NULL : &FR_OF(item, struct entry, item)->piece;
}

bool fr_pieces_put(struct fr_pieces *p, const struct fr_piece *piece)
{
	const struct fr_piece *known = fr_pieces_find(p, piece->key);
	size_t bytes = sizeof(struct entry) + piece->text.n;
	struct entry *e;
	char *text;

	if (known != NULL && known->learnt.v > piece->learnt.v)
		return false;
	e = fr_calloc(1, bytes);
	text = (char *)(e + 1);
	if (piece->text.n > 0)
		memcpy(text, piece->text.p, piece->text.n);
	e->piece = *piece;
	e->piece.text.p = text;
	fr_sieve_put(&p->sieve, piece->key, &e->item, bytes);
	return true;
}

size_t fr_pieces_bytes(const struct fr_pieces *p)
{
	return p->sieve.bytes;
}

size_t fr_pieces_entries(const struct fr_pieces *p)
{
	return p->sieve.map.n;
}
