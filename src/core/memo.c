#include "core/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "frugal/limits.h"

#include "base/pure.h"

enum { WAYS = 4, SETS = FR_MEMO_PLACES / WAYS };

_Static_assert((SETS & (SETS - 1)) == 0 && SETS * WAYS == FR_MEMO_PLACES, "a set is found by bits of the hash");
_Static_assert(sizeof(struct fr_question) == 112, "fr_memo_put() copies each text of a question");

/* One piece of memory: this, then the texts. */
struct entry {
	struct fr_question question;
	struct fr_str target;
	bool hit;
	char texts[];
};

struct place {
	uint64_t hash;
	struct entry *entry; /* NULL: empty */
};

struct set {
	struct place at[WAYS];
};

struct fr_memo {
	uint64_t seed;
	struct set sets[SETS];
};

struct fr_memo *fr_memo_new(uint64_t seed)
{
	struct fr_memo *m = fr_calloc(1, sizeof(*m));

	m->seed = seed;
	return m;
}

void fr_memo_clear(struct fr_memo *m)
{
	for (size_t s = 0; s < SETS; s++)
		for (size_t i = 0; i < WAYS; i++) {
			free(m->sets[s].at[i].entry);
			m->sets[s].at[i].entry = NULL;
		}
}

void fr_memo_free(struct fr_memo *m)
{
	if (m == NULL)
		return;
	fr_memo_clear(m);
	free(m);
}

static uint64_t stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* Quick rather than strong: targets that meet in a set cost one another a place, never a long search or a wrong question. */
static uint64_t hash_of(const struct fr_memo *m, struct fr_str target, uint64_t partition)
{
	uint64_t hash = stir(stir(m->seed, partition), target.n), word = 0;
	size_t at = 0;

	for (; target.n - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, target.p + at, sizeof(word));
		hash = stir(hash, word);
	}
	for (word = 0; at < target.n; at++)
		word = word << 8 | (unsigned char)target.p[at];
	return stir(stir(hash, word), 0);
}

static struct set *set_of(struct fr_memo *m, uint64_t hash)
{
	return &m->sets[hash >> 32 & (SETS - 1)];
}

const struct fr_question *fr_memo_find(struct fr_memo *m, struct fr_str target, uint64_t partition)
{
	uint64_t hash = hash_of(m, target, partition);
	struct set *set = set_of(m, hash);

	for (size_t i = 0; i < WAYS; i++) {
		struct entry *e = set->at[i].entry;

		if (e == NULL || set->at[i].hash != hash || e->question.partition != partition || !fr_str_eq(e->target, target))
			continue;
		e->hit = true;
		return &e->question;
	}
	return NULL;
}

/* An empty place, else one that was not hit; if all were, they lose their bits. */
static struct place *place_for(struct set *set, uint64_t hash)
{
	size_t first = hash & (WAYS - 1);

	for (size_t i = 0; i < WAYS; i++)
		if (set->at[i].entry == NULL)
			return &set->at[i];
	for (size_t i = 0; i < WAYS; i++) {
		struct place *p = &set->at[(first + i) & (WAYS - 1)];

		if (!p->entry->hit)
			return p;
	}
	for (size_t i = 0; i < WAYS; i++)
		set->at[i].entry->hit = false;
	return &set->at[first];
}

static struct fr_str copy(char **to, struct fr_str s)
{
	struct fr_str ret = { *to, s.n };

	if (s.p == NULL)
		return s;
	memcpy(*to, s.p, s.n);
	(*to)[s.n] = '\0';
	*to += s.n + 1;
	return ret;
}

void fr_memo_put(struct fr_memo *m, struct fr_str target, const struct fr_question *q)
{
	size_t n = target.n + 1 + q->canon.n + 1 + q->upstream.n + 1 + q->alias.n + 1 + q->fields.n + 1;
	uint64_t hash = hash_of(m, target, q->partition);
	struct place *place = place_for(set_of(m, hash), hash);
	struct entry *e;
	char *to;

	if (n > FR_MEMO_TEXT_MAX)
		return;
	free(place->entry);
	e = fr_alloc(sizeof(*e) + n);
	to = e->texts;
	e->question = *q;
	e->target = copy(&to, target);
	e->question.canon = copy(&to, q->canon);
	e->question.upstream = copy(&to, q->upstream);
	e->question.alias = copy(&to, q->alias);
	e->question.fields = copy(&to, q->fields);
	e->hit = false;
	place->hash = hash;
	place->entry = e;
}
