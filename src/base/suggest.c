#include "base/suggest.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "frugal/limits.h"

/* Scores behind every distance, in the order in which they are believed. */
enum { SCORE_BEGINNING = 1000, SCORE_LAST_WORD = 2000, SCORE_NONE = 3000, BEGINNING_MIN = 3 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t fr_suggest_distance(struct fr_str a, struct fr_str b)
{
	size_t rows[3][FR_NAME_MAX + 1]; /* of the table: this one, the one before, the one before that */
	size_t *now = rows[0], *before = rows[1], *earlier = rows[2];

	if (a.n > FR_NAME_MAX || b.n > FR_NAME_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		now[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *spare = earlier;
		char x = fr_lower(a.p[i - 1]);

		earlier = before;
		before = now;
		now = spare;
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			char y = fr_lower(b.p[j - 1]);

			now[j] = least(before[j - 1] + (x != y), least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == fr_lower(b.p[j - 2]) && y == fr_lower(a.p[i - 2]))
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return now[b.n];
}

void fr_suggest_init(struct fr_suggest *s, struct fr_str asked)
{
	*s = (struct fr_suggest){ .asked = asked, .score = SCORE_NONE };
}

/* Whether `known` is some words, a dot, and `asked`. */
static bool last_word(struct fr_str known, struct fr_str asked)
{
	size_t at = known.n - asked.n;

	return asked.n > 0 && known.n > asked.n + 1 && known.p[at - 1] == '.' && fr_str_eq_nocase(fr_str_skip(known, at), asked);
}

/* Bytes of the sections that both names begin with: those make nothing nearer. */
static size_t common_sections(struct fr_str a, struct fr_str b)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
		if (a.p[i] == '.')
			n = i + 1;
	return n;
}

static size_t score(struct fr_str asked, struct fr_str known)
{
	size_t common = common_sections(asked, known), distance, longer;

	asked = fr_str_skip(asked, common);
	known = fr_str_skip(known, common);
	distance = fr_suggest_distance(asked, known);
	longer = asked.n > known.n ? asked.n : known.n;
	if (distance != SIZE_MAX && distance <= longer / 3 && distance < longer)
		return distance;
	if (asked.n >= BEGINNING_MIN && asked.n < known.n && fr_str_eq_nocase((struct fr_str){ known.p, asked.n }, asked))
		return SCORE_BEGINNING;
	return last_word(known, asked) ? SCORE_LAST_WORD : SCORE_NONE;
}

void fr_suggest_offer(struct fr_suggest *s, struct fr_str known)
{
	size_t got = score(s->asked, known);

	if (got >= s->score)
		return;
	s->score = got;
	s->best = known;
}

struct fr_hint fr_suggest_hint(const struct fr_suggest *s)
{
	struct fr_hint h = { "" };
	int n;

	if (s->best.p == NULL)
		return h;
	n = snprintf(h.s, sizeof(h.s), ", did you mean '%.*s'?", FR_STR_ARG(s->best));
	FR_ASSERT(n > 0);
	return h;
}
