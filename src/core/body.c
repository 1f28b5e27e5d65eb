#include "core/body.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "frugal/limits.h"

#include "base/pure.h"

/* The parser calls itself for every level, so the depth is counted first. Brackets inside of strings do not count. */
static bool too_deep(struct fr_str s)
{
	bool inside = false;
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else if (inside)
			continue;
		else if (c == '{' || c == '[') {
			if (++depth > FR_JSON_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

/* The code unit of "\uXXXX" at `at`, or 0 if there is none. */
static unsigned escape_at(struct fr_str s, size_t at)
{
	uint64_t unit;

	if (s.n < 6 || at > s.n - 6 || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return 0;
	return fr_str_hex_to_u64((struct fr_str){ s.p + at + 2, 4 }, &unit) ? (unsigned)unit : 0;
}

static bool high(unsigned unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool low(unsigned unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Half a surrogate pair (a text cut inside an emoji) becomes U+FFFD, in place. Returns whether there was one. */
static bool mend(char *p, size_t n)
{
	struct fr_str s = { p, n };
	bool mended = false;

	for (size_t i = 0; i + 1 < n; i++) {
		unsigned unit;

		if (p[i] != '\\')
			continue;
		unit = escape_at(s, i);
		if (high(unit) && low(escape_at(s, i + 6))) {
			i += 11;
		} else if (high(unit) || low(unit)) {
			p[i + 2] = p[i + 3] = p[i + 4] = 'f';
			p[i + 5] = 'd';
			mended = true;
			i += 5;
		} else {
			i++;
		}
	}
	return mended;
}

static json_t *parse(const char *p, size_t n)
{
	json_error_t why;
	json_t *root = json_loadb(p, n, JSON_ALLOW_NUL, &why);

	if (root == NULL && json_error_code(&why) == json_error_numeric_overflow)
		root = json_loadb(p, n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
	return root;
}

json_t *fr_body_object(struct fr_str body)
{
	json_t *root;

	if (fr_str_starts(body, "\xEF\xBB\xBF"))
		body = fr_str_skip(body, 3);
	if (body.n == 0 || too_deep(body))
		return NULL;
	root = parse(body.p, body.n);
	if (root == NULL) {
		char *copy = fr_strndup(body.p, body.n);

		if (mend(copy, body.n))
			root = parse(copy, body.n);
		free(copy);
	}
	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

json_t *fr_body_member(json_t *object, struct fr_str key)
{
	return object == NULL || key.n == 0 ? NULL : json_object_getn(object, key.p, key.n);
}

struct fr_str fr_body_text(json_t *object, struct fr_str key)
{
	const json_t *member = fr_body_member(object, key);

	if (!json_is_string(member))
		return (struct fr_str){ NULL, 0 };
	return (struct fr_str){ json_string_value(member), json_string_length(member) };
}
