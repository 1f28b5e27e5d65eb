#include "core/links.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/json.h"

#include "base/pure.h"

enum { URL_MAX = 4096 }; /* of a longer link only its start is looked at */

/* Seconds outside of these years are not an expiry but some other number. */
static const uint64_t year_2015 = 1420070400, year_2100 = 4102444800;

static fr_wall expiry_of(uint64_t seconds)
{
	return (fr_wall){ seconds >= year_2015 && seconds < year_2100 ? (int64_t)seconds * 1000 : 0 };
}

/* 0 is no moment. */
static fr_wall earlier(fr_wall a, fr_wall b)
{
	if (a.v == 0 || (b.v != 0 && b.v < a.v))
		return b;
	return a;
}

/* What is behind the scheme and the host; { NULL, 0 } if it is no link. */
static struct fr_str behind_host(struct fr_str url)
{
	static const char *const schemes[] = { "https://", "http://", "//" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (fr_str_starts_nocase(url, schemes[i])) {
			size_t at = strlen(schemes[i]);

			while (at < url.n && url.p[at] != '/' && url.p[at] != '?' && url.p[at] != '#')
				at++;
			return fr_str_skip(url, at);
		}
	}
	return (struct fr_str){ NULL, 0 };
}

/* "/<32 hex>/<8 hex>/...": the second is the moment. */
static fr_wall path_expiry(struct fr_str path)
{
	struct fr_str token, moment;
	uint64_t hex;

	(void)fr_str_cut(&path, '/'); /* empty: before the first slash */
	token = fr_str_cut(&path, '/');
	moment = fr_str_cut(&path, '/');
	if (token.n != 32 || moment.n != 8 || !fr_str_hex_to_u64((struct fr_str){ token.p, 16 }, &hex) ||
	    !fr_str_hex_to_u64(fr_str_skip(token, 16), &hex) || !fr_str_hex_to_u64(moment, &hex))
		return (fr_wall){ 0 };
	return expiry_of(hex);
}

static fr_wall query_expiry(struct fr_str query)
{
	fr_wall until = { 0 };

	while (query.p != NULL) {
		struct fr_str value = fr_str_cut(&query, '&');
		struct fr_str name = fr_str_cut(&value, '=');
		uint64_t seconds;

		if (fr_str_eq_nocase(name, FR_STR("x-expires")) || fr_str_eq_nocase(name, FR_STR("VExpiration")) ||
		    fr_str_eq_nocase(name, FR_STR("expire")))
			if (fr_str_to_u64(value, &seconds))
				until = earlier(until, expiry_of(seconds));
	}
	return until;
}

fr_wall fr_links_expiry(struct fr_str url)
{
	struct fr_str query = behind_host(url), path;

	if (query.p == NULL)
		return (fr_wall){ 0 };
	query.n = fr_str_find(query, '#');
	path = fr_str_cut(&query, '?');
	return earlier(path_expiry(path), query_expiry(query));
}

/* A walk over the string values of a body. keys[d] is the key that a value at depth d stands under; an array hands its own on
 * to its elements. What is nested deeper than the ceiling shares the last place. */
struct walk {
	struct fr_str body;
	size_t at, depth;
	struct fr_str keys[FR_JSON_DEPTH_MAX];
};

struct value {
	struct fr_str key, raw; /* as in the body, without quotes */
};

static void walk_start(struct walk *w, struct fr_str body)
{
	w->body = body;
	w->at = fr_str_starts(body, "\xEF\xBB\xBF") ? 3 : 0;
	w->depth = 0;
	w->keys[0] = (struct fr_str){ NULL, 0 };
	while (w->at < body.n && (unsigned char)body.p[w->at] <= ' ')
		w->at++;
	if (w->at < body.n && body.p[w->at] != '{' && body.p[w->at] != '[')
		w->at = body.n; /* a page of HTML, or what else is no JSON */
}

static struct fr_str *key_here(struct walk *w)
{
	return &w->keys[w->depth < FR_JSON_DEPTH_MAX ? w->depth : FR_JSON_DEPTH_MAX - 1];
}

static void enter(struct walk *w, struct fr_str key)
{
	w->depth++;
	*key_here(w) = key;
}

/* Takes the string whose first quote was just passed. False if it has no end. */
static bool take_string(struct walk *w, struct fr_str *ret)
{
	size_t start = w->at;

	for (;;) {
		size_t quote = w->at + fr_str_find(fr_str_skip(w->body, w->at), '"');
		size_t from = quote;

		if (quote == w->body.n)
			return false;
		while (from > start && w->body.p[from - 1] == '\\')
			from--;
		w->at = quote + 1;
		if ((quote - from) % 2 == 0) { /* an odd number of backslashes makes it a part of the text */
			*ret = (struct fr_str){ w->body.p + start, quote - start };
			return true;
		}
	}
}

static bool colon_follows(const struct walk *w)
{
	size_t i = w->at;

	while (i < w->body.n && (unsigned char)w->body.p[i] <= ' ')
		i++;
	return i < w->body.n && w->body.p[i] == ':';
}

static bool walk_next(struct walk *w, struct value *ret)
{
	struct fr_str s;

	while (w->at < w->body.n) {
		switch (w->body.p[w->at++]) {
		case '{': enter(w, (struct fr_str){ NULL, 0 }); break;
		case '[': enter(w, *key_here(w)); break;
		case '}':
		case ']': w->depth -= w->depth > 0 ? 1 : 0; break;
		case '"':
			if (!take_string(w, &s))
				return false;
			if (!colon_follows(w)) {
				*ret = (struct value){ *key_here(w), s };
				return true;
			}
			*key_here(w) = s;
			break;
		default: break;
		}
	}
	return false;
}

/* The character of the escape at s.p[*at] (the backslash), which is passed; '?' for what has no place in a link or a name. */
static char escaped(struct fr_str s, size_t *at)
{
	struct fr_str kind = fr_str_skip(s, *at + 1);
	uint64_t unit;

	*at += 2;
	if (kind.n == 0)
		return '?';
	if (kind.p[0] != 'u')
		return kind.p[0] == '/' || kind.p[0] == '"' || kind.p[0] == '\\' ? kind.p[0] : '?';
	if (kind.n < 5 || !fr_str_hex_to_u64((struct fr_str){ kind.p + 1, 4 }, &unit))
		return '?';
	*at += 4;
	return unit < 0x80 ? (char)unit : '?';
}

/* Reads the escapes of a string's start as what they stand for. */
static struct fr_str unescape(struct fr_str raw, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n && n < size;) {
		if (raw.p[i] == '\\')
			to[n++] = escaped(raw, &i);
		else
			to[n++] = raw.p[i++];
	}
	return (struct fr_str){ to, n };
}

static fr_wall value_expiry(const struct value *v)
{
	char url[URL_MAX];
	char c = v->raw.n == 0 ? '\0' : fr_lower(v->raw.p[0]);

	if (c != 'h' && c != '/' && c != '\\')
		return (fr_wall){ 0 };
	if (fr_str_find((struct fr_str){ v->raw.p, v->raw.n < URL_MAX ? v->raw.n : URL_MAX }, '\\') < v->raw.n)
		return fr_links_expiry(unescape(v->raw, url, sizeof(url)));
	return fr_links_expiry(v->raw);
}

/* Fit for a header field: what is no character of a name becomes '_'. */
static void name_of(struct fr_str key, char ret[FR_NAME_MAX])
{
	char raw[FR_NAME_MAX - 1];
	struct fr_str s = unescape(key, raw, sizeof(raw));

	for (size_t i = 0; i < s.n; i++) {
		char c = fr_lower(s.p[i]);
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';

		ret[i] = plain ? s.p[i] : '_';
	}
	ret[s.n] = '\0';
	if (s.n == 0)
		(void)fr_str_copy(ret, FR_NAME_MAX, FR_STR("-"));
}

static void remember(struct fr_links_facts *facts, struct fr_str key, fr_wall until)
{
	char field[FR_NAME_MAX];
	size_t i = 0;

	facts->first = earlier(facts->first, until);
	name_of(key, field);
	while (i < facts->n && strcmp(facts->at[i].field, field) != 0)
		i++;
	if (i == FR_LINKS_MAX)
		return;
	if (i == facts->n) {
		memcpy(facts->at[i].field, field, sizeof(field));
		facts->n++;
	}
	facts->at[i].until = earlier(facts->at[i].until, until);
}

struct fr_links_facts fr_links_scan(struct fr_str body)
{
	struct fr_links_facts facts = { .n = 0 };
	struct walk w;
	struct value v;

	walk_start(&w, body);
	while (walk_next(&w, &v)) {
		fr_wall until = value_expiry(&v);

		if (until.v != 0)
			remember(&facts, v.key, until);
	}
	return facts;
}

fr_wall fr_links_until(struct fr_str value)
{
	struct fr_str inside = fr_json_inside(value);

	if (inside.p != NULL)
		return value_expiry(&(struct value){ .raw = inside });
	return fr_links_scan(value).first;
}

static bool dead(fr_wall until, fr_wall dead_by)
{
	return until.v != 0 && until.v <= dead_by.v;
}

struct fr_blob *fr_links_blank(struct fr_str body, fr_wall dead_by)
{
	struct fr_blob *copy = NULL;
	size_t from = 0; /* the first byte that is not yet copied */
	struct walk w;
	struct value v;

	walk_start(&w, body);
	while (walk_next(&w, &v)) {
		size_t start = (size_t)(v.raw.p - body.p);

		if (!dead(value_expiry(&v), dead_by))
			continue;
		if (copy == NULL) {
			copy = fr_blob_new(body.n);
			copy->n = 0;
		}
		memcpy(copy->bytes + copy->n, body.p + from, start - from);
		copy->n += (uint32_t)(start - from);
		from = start + v.raw.n;
	}
	if (copy != NULL) {
		memcpy(copy->bytes + copy->n, body.p + from, body.n - from);
		copy->n += (uint32_t)(body.n - from);
	}
	return copy;
}

size_t fr_links_dead(const struct fr_links_facts *facts, fr_wall dead_by, char *ret, size_t size)
{
	size_t n = 0, used = 0;
	bool full = false;

	FR_ASSERT(size >= 1);
	ret[0] = '\0';
	for (size_t i = 0; i < facts->n; i++) {
		const char *field = facts->at[i].field;
		size_t comma = used == 0 ? 0 : 2, length = strlen(field);

		if (!dead(facts->at[i].until, dead_by))
			continue;
		n++;
		full = full || comma + length >= size - used; /* whole names only, and none behind one that was left out */
		if (full)
			continue;
		memcpy(ret + used, ", ", comma);
		memcpy(ret + used + comma, field, length + 1);
		used += comma + length;
	}
	return n;
}
