#include "core/json.h"

#include "base/str.h"
#include "frugal/limits.h"

#include "base/pure.h"

/* ---- a text is looked at as a whole ---- */

struct scan {
	struct fr_str s;
	size_t at, depth;
	char closes[FR_JSON_DEPTH_MAX]; /* what ends the maps and lists that are open */
};

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_spaces(struct scan *w)
{
	while (w->at < w->s.n && space(w->s.p[w->at]))
		w->at++;
}

static bool take(struct scan *w, char c)
{
	if (w->at == w->s.n || w->s.p[w->at] != c)
		return false;
	w->at++;
	return true;
}

static bool take_escape(struct scan *w)
{
	struct fr_str rest = fr_str_skip(w->s, w->at);
	uint64_t unit;

	if (rest.n == 0)
		return false;
	if (rest.p[0] != 'u') {
		w->at++;
		return fr_str_find(FR_STR("\"\\/bfnrt"), rest.p[0]) < 8;
	}
	w->at += 5;
	return rest.n >= 5 && fr_str_hex_to_u64((struct fr_str){ rest.p + 1, 4 }, &unit);
}

static bool take_text(struct scan *w)
{
	if (!take(w, '"'))
		return false;
	while (w->at < w->s.n) {
		unsigned char c = (unsigned char)w->s.p[w->at++];

		if (c == '"')
			return true;
		if (c < 0x20 || (c == '\\' && !take_escape(w)))
			return false;
	}
	return false;
}

static bool take_digits(struct scan *w)
{
	size_t from = w->at;

	while (w->at < w->s.n && digit(w->s.p[w->at]))
		w->at++;
	return w->at > from;
}

static bool take_number(struct scan *w)
{
	(void)take(w, '-');
	if (!take(w, '0') && !take_digits(w))
		return false;
	if (take(w, '.') && !take_digits(w))
		return false;
	if (!take(w, 'e') && !take(w, 'E'))
		return true;
	if (!take(w, '+'))
		(void)take(w, '-');
	return take_digits(w);
}

static bool take_word(struct scan *w, const char *word)
{
	if (!fr_str_starts(fr_str_skip(w->s, w->at), word))
		return false;
	w->at += fr_str_of(word).n;
	return true;
}

static bool take_plain(struct scan *w)
{
	char c = w->at < w->s.n ? w->s.p[w->at] : '\0';

	if (c == '"')
		return take_text(w);
	if (c == '-' || digit(c))
		return take_number(w);
	return take_word(w, "true") || take_word(w, "false") || take_word(w, "null");
}

static bool take_name(struct scan *w)
{
	skip_spaces(w);
	if (!take_text(w))
		return false;
	skip_spaces(w);
	return take(w, ':');
}

enum step { VALUE_DUE, VALUE_DONE, ALL_DONE, BAD };

/* A value begins here. */
static enum step begin(struct scan *w)
{
	bool map;

	skip_spaces(w);
	map = take(w, '{');
	if (!map && !take(w, '['))
		return take_plain(w) ? VALUE_DONE : BAD;
	if (w->depth == FR_JSON_DEPTH_MAX)
		return BAD;
	w->closes[w->depth] = map ? '}' : ']';
	skip_spaces(w);
	if (take(w, w->closes[w->depth]))
		return VALUE_DONE;
	w->depth++;
	return map && !take_name(w) ? BAD : VALUE_DUE;
}

/* A value has just ended. */
static enum step go_on(struct scan *w)
{
	skip_spaces(w);
	if (w->depth == 0)
		return w->at == w->s.n ? ALL_DONE : BAD;
	if (take(w, ','))
		return w->closes[w->depth - 1] == '}' && !take_name(w) ? BAD : VALUE_DUE;
	if (!take(w, w->closes[w->depth - 1]))
		return BAD;
	w->depth--;
	return VALUE_DONE;
}

bool fr_json_sound(struct fr_str text)
{
	struct scan w = { .s = text };
	enum step now = VALUE_DUE;

	while (now == VALUE_DUE || now == VALUE_DONE)
		now = now == VALUE_DUE ? begin(&w) : go_on(&w);
	return now == ALL_DONE;
}

/* ---- pieces of a sound text ---- */

enum fr_json_kind fr_json_kind(struct fr_str value)
{
	if (value.n == 0)
		return FR_JSON_NONE;
	switch (value.p[0]) {
	case '{': return FR_JSON_MAP;
	case '[': return FR_JSON_LIST;
	case '"': return FR_JSON_TEXT;
	case 't':
	case 'f': return FR_JSON_FLAG;
	case 'n': return FR_JSON_NULL;
	default: return value.p[0] == '-' || digit(value.p[0]) ? FR_JSON_NUMBER : FR_JSON_NONE;
	}
}

/* Where the text that begins at `at` ends, behind its last quote. */
static size_t text_end(struct fr_str s, size_t at)
{
	const size_t start = at + 1;

	for (at = start; at < s.n; at++) {
		size_t from;

		at += fr_str_find(fr_str_skip(s, at), '"');
		from = at;
		while (from > start && s.p[from - 1] == '\\')
			from--;
		if (at < s.n && (at - from) % 2 == 0) /* an odd number of backslashes makes it a part of the text */
			return at + 1;
	}
	return s.n;
}

static size_t nest_end(struct fr_str s, size_t at)
{
	size_t depth = 0;

	while (at < s.n) {
		char c = s.p[at];

		if (c == '"') {
			at = text_end(s, at);
			continue;
		}
		at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return at;
	}
	return s.n;
}

static size_t plain_end(struct fr_str s, size_t at)
{
	while (at < s.n && s.p[at] != ',' && s.p[at] != '}' && s.p[at] != ']' && !space(s.p[at]))
		at++;
	return at;
}

/* Cuts the value off that `s` begins with. */
static struct fr_str cut_value(struct fr_str *s)
{
	struct fr_str value = *s;

	switch (fr_json_kind(*s)) {
	case FR_JSON_MAP:
	case FR_JSON_LIST: value.n = nest_end(*s, 0); break;
	case FR_JSON_TEXT: value.n = text_end(*s, 0); break;
	default: value.n = plain_end(*s, 0); break;
	}
	*s = fr_str_skip(*s, value.n);
	return value;
}

static struct fr_str trimmed(struct fr_str s)
{
	while (s.n > 0 && space(s.p[0]))
		s = fr_str_skip(s, 1);
	return s;
}

struct fr_str fr_json_value(struct fr_str text)
{
	if (!fr_json_sound(text))
		return (struct fr_str){ NULL, 0 };
	text = trimmed(text);
	while (space(text.p[text.n - 1]))
		text.n--;
	return text;
}

struct fr_json_walk fr_json_walk(struct fr_str value)
{
	struct fr_json_walk w = { .rest = { NULL, 0 } };
	enum fr_json_kind kind;

	value = trimmed(value);
	kind = fr_json_kind(value);
	if (kind == FR_JSON_MAP || kind == FR_JSON_LIST) {
		w.rest = fr_str_skip(value, 1);
		w.map = kind == FR_JSON_MAP;
	}
	return w;
}

bool fr_json_next(struct fr_json_walk *w, struct fr_str *name, struct fr_str *value)
{
	struct fr_str s = trimmed(w->rest);

	*name = (struct fr_str){ NULL, 0 };
	if (s.n > 0 && s.p[0] == ',')
		s = trimmed(fr_str_skip(s, 1));
	w->rest = (struct fr_str){ NULL, 0 }; /* nonsense ends the walk */
	if (w->map) {
		*name = fr_json_inside(s.n > 0 && s.p[0] == '"' ? cut_value(&s) : s);
		s = trimmed(s);
		if (name->p == NULL || s.n == 0 || s.p[0] != ':')
			return false;
		s = trimmed(fr_str_skip(s, 1));
	}
	*value = cut_value(&s);
	if (value->n == 0)
		return false;
	w->rest = s;
	return true;
}

struct fr_str fr_json_get(struct fr_str map, struct fr_str name)
{
	struct fr_json_walk w = fr_json_walk(map);
	struct fr_str found = { NULL, 0 }, key, value;

	while (w.map && fr_json_next(&w, &key, &value)) {
		if (!fr_str_eq(key, name))
			continue;
		if (found.p != NULL)
			return (struct fr_str){ NULL, 0 };
		found = value;
	}
	return found;
}

struct fr_str fr_json_inside(struct fr_str value)
{
	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return (struct fr_str){ NULL, 0 };
	return (struct fr_str){ value.p + 1, value.n - 2 };
}

/* Two walks side by side, from the outside to the inside. */
struct pair {
	struct fr_json_walk a, b;
};

bool fr_json_alike(struct fr_str a, struct fr_str b)
{
	struct pair levels[FR_JSON_DEPTH_MAX];
	struct fr_str name_a, name_b;
	size_t depth = 0;

	for (;;) {
		enum fr_json_kind kind = fr_json_kind(a);
		bool more_a, more_b;

		if (kind != fr_json_kind(b) || depth == FR_JSON_DEPTH_MAX)
			return false;
		if (kind == FR_JSON_MAP)
			levels[depth++] = (struct pair){ fr_json_walk(a), fr_json_walk(b) };
		do {
			if (depth == 0)
				return true;
			more_a = fr_json_next(&levels[depth - 1].a, &name_a, &a);
			more_b = fr_json_next(&levels[depth - 1].b, &name_b, &b);
			if (more_a != more_b || (more_a && !fr_str_eq(name_a, name_b)))
				return false;
			depth -= more_a ? 0 : 1;
		} while (!more_a);
	}
}
