#include "core/spending.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

void fr_spending_init(struct fr_spending *s, fr_wall start, fr_wall at)
{
	FR_ASSERT(start.v >= 0 && at.v >= 0);
	memset(s, 0, sizeof(*s));
	s->start = start;
	s->at = at;
}

bool fr_spending_limit(struct fr_str text, int64_t *ret)
{
	int64_t n;

	if (fr_str_is(text, "none")) {
		*ret = FR_LIMIT_NONE;
		return true;
	}
	if (!fr_str_all_digits(text) || !fr_str_to_i64(text, &n) || n > FR_LIMIT_NONE)
		return false;
	*ret = n;
	return true;
}

/* "<second>:s" or "<second>:o"; what single instances hold is in the second. */
static void read_window(struct fr_spending *s, struct fr_str start, struct fr_str what, int64_t n)
{
	int64_t second;

	if (!fr_str_all_digits(start) || !fr_str_to_i64(start, &second) || second != s->start.v / 1000)
		return;
	if (fr_str_is(what, "s"))
		s->spent = n;
	else if (fr_str_is(what, "o"))
		s->outstanding = n;
}

/* "h:<hour>" or "m:<five>". */
static void read_history(int64_t *cells, size_t size, int64_t current, struct fr_str unit, int64_t n)
{
	int64_t then, ago;

	if (!fr_str_all_digits(unit) || !fr_str_to_i64(unit, &then))
		return;
	ago = then < current ? current - then : 0;
	if (ago < (int64_t)size)
		cells[ago] += n;
}

void fr_spending_read(struct fr_spending *s, struct fr_str field, struct fr_str value)
{
	struct fr_str rest = field, first = fr_str_cut(&rest, ':');
	int64_t n;

	if (fr_str_is(field, "limit")) {
		s->overridden = fr_spending_limit(value, &s->limit);
		return;
	}
	if (rest.p == NULL || !fr_str_all_digits(value) || !fr_str_to_i64(value, &n))
		return;
	if (fr_str_is(first, "h"))
		read_history(s->hours, FR_SPENDING_HOURS, s->at.v / FR_FIVE_MS / FR_FIVES_AN_HOUR, rest, n);
	else if (fr_str_is(first, "m"))
		read_history(s->fives, FR_SPENDING_FIVES, s->at.v / FR_FIVE_MS, rest, n);
	else
		read_window(s, first, rest, n);
}
