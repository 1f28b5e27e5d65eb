#include "core/body.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "core/json.h"
#include "frugal/limits.h"

#include "base/pure.h"

enum { LONG_BYTES = 2048, ORDINARY_DIGITS = 300 };

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

static struct fr_str without_mark(struct fr_str body)
{
	return fr_str_skip(body, fr_str_starts(body, "\xEF\xBB\xBF") ? 3 : 0);
}

json_t *fr_body_object(struct fr_str body)
{
	json_t *root;

	body = without_mark(body);
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

/* ---- the root alone ---- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many bytes of a sound text's string may be passed by; 0: the parser has to say what it makes of them. */
static size_t step_inside(struct fr_str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];

	if (c != '\\')
		return c < 0x80 ? 1 : fr_str_utf8(fr_str_skip(s, at));
	return fr_str_starts(fr_str_skip(s, at), "\\u0000") ? 0 : 2;
}

/* Whether the parser would take all of a sound text, as far as can be told without reading it: bytes that are no text, NUL in a name, and numbers
 * beyond a double are its own to judge. */
static bool ordinary(struct fr_str s)
{
	size_t digits = 0, step = 1;
	bool inside = false;

	for (size_t i = 0; i < s.n; i += step) {
		char c = s.p[i];

		step = inside ? step_inside(s, i) : 1;
		if (step == 0 || digits > ORDINARY_DIGITS || (!inside && digits > 0 && (c == 'e' || c == 'E')))
			return false;
		digits = !inside && digit(c) ? digits + 1 : 0;
		if (c == '"')
			inside = !inside;
	}
	return true;
}

/* The root with "{}" and "[]" in the place of what is in it. */
static enum fr_err outline(struct fr_buf *b, struct fr_str root)
{
	struct fr_json_walk walk = fr_json_walk(root);
	enum fr_err e = fr_buf_add_char(b, '{');
	struct fr_str name, value;

	while (e == FR_OK && fr_json_next(&walk, &name, &value)) {
		enum fr_json_kind kind = fr_json_kind(value);

		e = fr_buf_add_text(b, b->len > 1 ? ",\"" : "\"");
		if (e == FR_OK)
			e = fr_buf_add_str(b, name);
		if (e == FR_OK)
			e = fr_buf_add_text(b, "\":");
		if (e != FR_OK)
			break;
		if (kind == FR_JSON_MAP || kind == FR_JSON_LIST)
			e = fr_buf_add_text(b, kind == FR_JSON_MAP ? "{}" : "[]");
		else
			e = fr_buf_add_str(b, value);
	}
	return e == FR_OK ? fr_buf_add_char(b, '}') : e;
}

json_t *fr_body_root(struct fr_str body)
{
	struct fr_str root = body.n < LONG_BYTES ? (struct fr_str){ NULL, 0 } : fr_json_value(without_mark(body));
	json_t *ret = NULL;
	struct fr_buf b;

	if (fr_json_kind(root) != FR_JSON_MAP || !ordinary(root))
		return fr_body_object(body);
	fr_buf_init(&b, body.n);
	if (outline(&b, root) == FR_OK)
		ret = fr_body_object(fr_buf_str(&b));
	fr_buf_free(&b);
	return ret != NULL ? ret : fr_body_object(body);
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
