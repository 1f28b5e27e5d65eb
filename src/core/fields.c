#include "core/fields.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"

#include "base/pure.h"

_Static_assert(FR_HEADER_TEXT_MAX <= UINT16_MAX, "an offset fits");

void fr_fields_begin(struct fr_reply *r, const char *name)
{
	FR_ASSERT(r->n < FR_HEADERS_MAX && r->used < FR_HEADER_TEXT_MAX);
	r->headers[r->n].name = name;
	r->headers[r->n].at = (uint16_t)r->used;
	r->n++;
}

/* How many bytes at the start are clean, in steps of eight. */
static size_t clean_to(const char *p, size_t n)
{
	const uint64_t each = 0x0101010101010101, high = 0x80 * each;
	size_t i = 0;

	for (; n - i >= sizeof(each); i += sizeof(each)) {
		uint64_t word;

		memcpy(&word, p + i, sizeof(word));
		if (((word | (word - 0x20 * each) | (word + each)) & high) != 0) /* above 0x7f, below 0x20, or 0x7f itself */
			break;
	}
	return i;
}

void fr_fields_put_str(struct fr_reply *r, struct fr_str s)
{
	/* Room stays for the end of this field and of an empty one after it. */
	size_t room = r->used + 2 < FR_HEADER_TEXT_MAX ? FR_HEADER_TEXT_MAX - 2 - r->used : 0, n = s.n < room ? s.n : room;
	char *to = r->text + r->used;

	if (n > 0)
		memcpy(to, s.p, n);
	for (size_t i = clean_to(to, n); i < n; i++)
		to[i] = fr_fields_clean(to[i]);
	r->used += n;
}

void fr_fields_put(struct fr_reply *r, const char *terminated)
{
	fr_fields_put_str(r, fr_str_of(terminated));
}

void fr_fields_put_int(struct fr_reply *r, int64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (v < 0)
		fr_fields_put(r, "-");
	fr_fields_put_str(r, (struct fr_str){ digits + at, sizeof(digits) - at });
}

void fr_fields_end(struct fr_reply *r)
{
	FR_ASSERT(r->used < FR_HEADER_TEXT_MAX);
	r->text[r->used++] = '\0';
}

void fr_fields_add(struct fr_reply *r, const char *name, struct fr_str value)
{
	fr_fields_begin(r, name);
	fr_fields_put_str(r, value);
	fr_fields_end(r);
}

void fr_fields_add_int(struct fr_reply *r, const char *name, int64_t v)
{
	fr_fields_begin(r, name);
	fr_fields_put_int(r, v);
	fr_fields_end(r);
}

/* The quoted tag at the start of `*list`, or nothing; leaves what is behind it. */
static struct fr_str cut_tag(struct fr_str *list)
{
	size_t end;
	struct fr_str tag;

	if (fr_str_starts(*list, "W/"))
		*list = fr_str_skip(*list, 2);
	end = list->n > 0 && list->p[0] == '"' ? 1 + fr_str_find(fr_str_skip(*list, 1), '"') : list->n;
	if (end == list->n) { /* no tag, or one without an end: ignore this member */
		(void)fr_str_cut(list, ',');
		return (struct fr_str){ NULL, 0 };
	}
	tag = (struct fr_str){ list->p, end + 1 };
	*list = fr_str_skip(*list, end + 1);
	return tag;
}

bool fr_fields_names_etag(struct fr_str list, struct fr_str etag)
{
	list = fr_str_trim(list);
	if (fr_str_is(list, "*"))
		return true;
	while (list.n > 0) {
		if (list.p[0] == ',' || list.p[0] == ' ' || list.p[0] == '\t')
			list = fr_str_skip(list, 1);
		else if (fr_str_eq(cut_tag(&list), etag))
			return true;
	}
	return false;
}
