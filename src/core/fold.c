#include "core/fold.h"

#include <stdio.h>

#include "base/str.h"
#include "core/posturl.h"
#include "base/pure.h"

enum { ID_DIGITS_MAX = 20 };

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* `s` with each byte passed through `to`; `s` itself where that changes nothing, which is the usual case. */
static bool mapped(struct fr_arena *mem, struct fr_str s, char (*to)(char), struct fr_str *ret)
{
	size_t same = 0;
	char *p;

	while (same < s.n && to(s.p[same]) == s.p[same])
		same++;
	*ret = s;
	if (same == s.n)
		return true;
	p = fr_arena_take(mem, s.n);
	if (p == NULL)
		return false;
	for (size_t i = 0; i < s.n; i++)
		p[i] = to(s.p[i]);
	*ret = (struct fr_str){ p, s.n };
	return true;
}

static struct fr_str without_zeros(struct fr_str digits)
{
	while (digits.n > 1 && digits.p[0] == '0')
		digits = fr_str_skip(digits, 1);
	return digits;
}

static enum fr_folding fold_id(struct fr_str text, struct fr_folded *ret)
{
	ret->value = without_zeros(text);
	return fr_str_all_digits(text) && ret->value.n <= ID_DIGITS_MAX ? FR_FOLDING_OK : FR_FOLDING_REFUSED;
}

static enum fr_folding fold_count(struct fr_str text, int64_t max, struct fr_folded *ret)
{
	uint64_t count;

	ret->value = without_zeros(text);
	if (!fr_str_to_u64(ret->value, &count) || count == 0 || count > INT64_MAX)
		return FR_FOLDING_REFUSED;
	return max == 0 || (int64_t)count <= max ? FR_FOLDING_OK : FR_FOLDING_REFUSED;
}

/* The sign has to be written before the digits again: they are moved up against it where zeros stood between. */
static enum fr_folding fold_number(struct fr_arena *mem, struct fr_str text, struct fr_folded *ret)
{
	bool negative = fr_str_starts(text, "-");
	struct fr_str digits = fr_str_skip(text, negative ? 1 : 0), folded = without_zeros(digits);
	char *p;

	ret->value = text;
	if (!fr_str_all_digits(digits))
		return FR_FOLDING_REFUSED;
	if (!negative || fr_str_is(folded, "0")) {
		ret->value = folded;
		return FR_FOLDING_OK;
	}
	if (folded.n == digits.n)
		return FR_FOLDING_OK;
	p = fr_arena_take(mem, folded.n + 1);
	if (p == NULL)
		return FR_FOLDING_FULL;
	p[0] = '-';
	for (size_t i = 0; i < folded.n; i++)
		p[i + 1] = folded.p[i];
	ret->value = (struct fr_str){ p, folded.n + 1 };
	return FR_FOLDING_OK;
}

static enum fr_folding fold_username(struct fr_arena *mem, struct fr_str text, struct fr_folded *ret)
{
	struct fr_str name = fr_str_skip(text, fr_str_starts(text, "@") ? 1 : 0);

	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f || name.p[i] == '/')
			return FR_FOLDING_REFUSED;
	return mapped(mem, name, fr_lower, &ret->value) ? FR_FOLDING_OK : FR_FOLDING_FULL;
}

static enum fr_folding fold_tag(struct fr_arena *mem, struct fr_str text, struct fr_folded *ret)
{
	struct fr_str tag = fr_str_skip(text, fr_str_starts(text, "#") ? 1 : 0);

	return mapped(mem, tag, fr_lower, &ret->value) ? FR_FOLDING_OK : FR_FOLDING_FULL;
}

static enum fr_folding fold_region(struct fr_arena *mem, struct fr_str text, struct fr_folded *ret)
{
	for (size_t i = 0; i < text.n; i++)
		if (fr_lower(text.p[i]) < 'a' || fr_lower(text.p[i]) > 'z')
			return FR_FOLDING_REFUSED;
	return mapped(mem, text, upper, &ret->value) ? FR_FOLDING_OK : FR_FOLDING_FULL;
}

static enum fr_folding fold_post(struct fr_arena *mem, struct fr_str text, struct fr_folded *ret)
{
	struct fr_post_ref ref = fr_posturl_read(mem, text);

	if (ref.form == FR_POST_INVALID)
		return fr_str_trim(text).n == 0 ? FR_FOLDING_EMPTY : FR_FOLDING_REFUSED;
	ret->value = fr_posturl_canon(mem, &ref);
	ret->post_id = ref.id;
	if (ref.form == FR_POST_SHORT)
		ret->alias = ref.text;
	return FR_FOLDING_OK;
}

static enum fr_folding fold_kind(struct fr_arena *mem, const struct fr_param *p, struct fr_str text, struct fr_folded *ret)
{
	switch (p->fold) {
	case FR_FOLD_ID: return fold_id(text, ret);
	case FR_FOLD_COUNT: return fold_count(text, p->max, ret);
	case FR_FOLD_NUMBER: return fold_number(mem, text, ret);
	case FR_FOLD_CURSOR: ret->value = fr_str_all_digits(text) ? without_zeros(text) : text; return FR_FOLDING_OK;
	case FR_FOLD_USERNAME: return fold_username(mem, text, ret);
	case FR_FOLD_TAG: return fold_tag(mem, text, ret);
	case FR_FOLD_REGION: return fold_region(mem, text, ret);
	case FR_FOLD_POST: return fold_post(mem, text, ret);
	case FR_FOLD_MEDIA: /* a short link may stand for a sound as well: no post is learnt from it */
		ret->value = fr_posturl_media(mem, text);
		return FR_FOLDING_OK;
	case FR_FOLD_AD: ret->value = fr_posturl_ad(mem, text); return FR_FOLDING_OK;
	case FR_FOLD_TEXT: break;
	}
	ret->value = fr_str_trim(text);
	return FR_FOLDING_OK;
}

enum fr_folding fr_fold_value(struct fr_arena *mem, const struct fr_param *p, struct fr_str text, struct fr_folded *ret)
{
	struct fr_folded folded = { .value = { "", 0 }, .alias = { "", 0 } };
	enum fr_folding f = text.n == 0 ? FR_FOLDING_EMPTY : fold_kind(mem, p, text, &folded);

	if (f == FR_FOLDING_OK && folded.value.n == 0)
		f = FR_FOLDING_EMPTY;
	if (f == FR_FOLDING_OK || f == FR_FOLDING_EMPTY)
		*ret = folded;
	return f;
}

bool fr_fold_empty_is_fine(enum fr_fold fold)
{
	return fold == FR_FOLD_TEXT || fold == FR_FOLD_CURSOR || fold == FR_FOLD_TAG || fold == FR_FOLD_REGION;
}

bool fr_fold_empty_is_default(enum fr_fold fold)
{
	return fold == FR_FOLD_CURSOR || fold == FR_FOLD_NUMBER;
}

static const char *accepted(enum fr_fold fold)
{
	switch (fold) {
	case FR_FOLD_ID: return "a decimal number of at most 20 digits";
	case FR_FOLD_COUNT: return "a whole number from 1";
	case FR_FOLD_NUMBER: return "a whole number";
	case FR_FOLD_CURSOR: return "the cursor of the page before";
	case FR_FOLD_USERNAME: return "an account's name without spaces and slashes";
	case FR_FOLD_TAG: return "a tag's name";
	case FR_FOLD_REGION: return "a country's letters such as US, or empty";
	case FR_FOLD_POST: return "a post's URL or id";
	case FR_FOLD_MEDIA: /* a short link may stand for a sound as well: no post is learnt from it */
		return "a post's or a sound's URL";
	case FR_FOLD_AD: return "a Creative Center link";
	case FR_FOLD_TEXT: break;
	}
	return "a text";
}

void fr_fold_describe(const struct fr_param *p, char *ret, size_t size)
{
	if (p->fold == FR_FOLD_COUNT && p->max > 0)
		(void)snprintf(ret, size, "1 to %lld", (long long)p->max);
	else
		(void)fr_str_copy(ret, size, fr_str_of(accepted(p->fold)));
}
