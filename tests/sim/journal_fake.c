#include "tests/sim/journal_fake.h"

#include "base/assert.h"
#include "base/str.h"

#include <string.h>

enum { CEILING = 64 * 1024 * 1024 };

void fake_journal_init(struct fake_journal *j, uint64_t identity)
{
	*j = (struct fake_journal){ .identity = identity };
	fr_buf_init(&j->bytes, CEILING);
}

void fake_journal_free(struct fake_journal *j)
{
	fr_buf_free(&j->bytes);
}

static void append(struct fake_journal *j, const struct fr_journal_record *r)
{
	char bytes[FR_JOURNAL_RECORD_MAX];
	size_t n = fr_journal_put(r, bytes);

	FR_ASSERT(fr_buf_add(&j->bytes, bytes, n) == FR_OK);
}

bool fake_journal_write(struct fake_journal *j, const struct fr_journal_record *r, bool full)
{
	if (full)
		return false;
	append(j, r);
	return true;
}

/* A file goes only as a whole: here, what is not needed goes when it is half of all. The last number is
 * never forgotten. */
void fake_journal_trim(struct fake_journal *j, uint64_t seq)
{
	struct fr_journal_eye eye = { .all = fr_buf_str(&j->bytes) };
	struct fr_journal_record r;
	size_t behind = 0, last = 0;

	if (seq < j->trimmed + 100)
		return;
	j->trimmed = seq;
	while (fr_journal_next(&eye, &r) && r.seq <= seq) {
		behind = last;
		last = eye.at;
	}
	if (behind <= j->bytes.len / 2)
		return;
	memmove(j->bytes.p, j->bytes.p + behind, j->bytes.len - behind);
	j->bytes.len -= behind;
}

void fake_journal_tear(struct fake_journal *j, size_t bytes)
{
	const struct fr_journal_record r = { .kind = FR_JOURNAL_OPEN, .path = FR_STR("/torn/") };
	size_t before = j->bytes.len;

	append(j, &r);
	if (before + bytes < j->bytes.len)
		j->bytes.len = before + bytes;
	else
		j->bytes.len--;
}

void fake_journal_lose(struct fake_journal *j, size_t records)
{
	struct fr_journal_eye eye = { .all = fr_buf_str(&j->bytes) };
	struct fr_journal_record r;
	size_t n = 0, left = 0, at = 0;

	while (fr_journal_next(&eye, &r))
		n++;
	eye = (struct fr_journal_eye){ .all = fr_buf_str(&j->bytes) };
	while (left + records < n && fr_journal_next(&eye, &r)) {
		left++;
		at = eye.at;
	}
	j->bytes.len = at;
}

void fake_journal_copy(struct fake_journal *j, const struct fake_journal *from)
{
	fr_buf_clear(&j->bytes);
	FR_ASSERT(fr_buf_add(&j->bytes, from->bytes.p, from->bytes.len) == FR_OK);
	j->identity = from->identity;
}

size_t fake_journal_read(struct fake_journal *j, void (*each)(void *ctx, const struct fr_journal_record *r), void *ctx)
{
	struct fr_journal_eye eye = { .all = fr_buf_str(&j->bytes) };
	struct fr_journal_record r;

	while (fr_journal_next(&eye, &r))
		each(ctx, &r);
	j->bytes.len = eye.at;
	return eye.damaged;
}
