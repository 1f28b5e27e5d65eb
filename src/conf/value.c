#include "conf/value.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "conf/suggest.h"

struct fr_value_name fr_value_name(const char *of, struct fr_str key)
{
	struct fr_value_name name;
	int n = snprintf(name.s, sizeof(name.s), "%s%s%s", of, of[0] == '\0' ? "" : ".", fr_complain_excerpt(key).s);

	FR_ASSERT(n >= 0);
	return name;
}

enum fr_err fr_value_text(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str *ret)
{
	if (n->kind != FR_NODE_TEXT)
		return fr_complain(s, n->at, "%s: one value is expected, not a %s", name,
				   n->kind == FR_NODE_LIST ? "list" : "map");
	if (n->missing)
		return fr_complain(s, n->at, "%s: the value is missing", name);
	*ret = n->text;
	return FR_OK;
}

enum fr_err fr_value_map(const struct fr_source *s, const struct fr_node *n, const char *name)
{
	if (n->kind == FR_NODE_MAP || (n->kind == FR_NODE_TEXT && n->missing))
		return FR_OK;
	return fr_complain(s, n->at, "%s: names and values are expected here, as `name: value`", name);
}

enum fr_err fr_value_bool(const struct fr_source *s, const struct fr_node *n, const char *name, bool *ret)
{
	static const char *const on[] = { "on", "yes", "true" }, *const off[] = { "off", "no", "false" };
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < 3; i++) {
		if (fr_str_is(text, on[i]) || fr_str_is(text, off[i])) {
			*ret = fr_str_is(text, on[i]);
			return FR_OK;
		}
	}
	return fr_complain(s, n->at, "%s: '%s' is neither on nor off", name, fr_complain_excerpt(text).s);
}

/* A kind of number: how it is read, how a bound is written as people write such values, and what a message calls it. */
struct number {
	bool (*read)(struct fr_str text, int64_t *ret);
	void (*show)(int64_t v, char *ret, size_t size);
	const char *what;
};

static enum fr_err read_number(const struct fr_source *s, const struct fr_node *n, const char *name, const struct number *kind,
			       int64_t min, int64_t max, int64_t *ret)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);
	char bound[32];
	int64_t v = 0;

	if (e != FR_OK)
		return e;
	if (!kind->read(text, &v))
		return fr_complain(s, n->at, "%s: '%s' is not a %s", name, fr_complain_excerpt(text).s, kind->what);
	if (v < min || v > max) {
		kind->show(v < min ? min : max, bound, sizeof(bound));
		return fr_complain(s, n->at, "%s: %s is %s of %s", name, fr_complain_excerpt(text).s,
				   v < min ? "below the minimum" : "above the maximum", bound);
	}
	*ret = v;
	return FR_OK;
}

static bool read_ms(struct fr_str text, int64_t *ret)
{
	fr_ms t = FR_MS(0);
	bool ok = fr_units_ms(text, &t);

	*ret = t.v;
	return ok;
}

static void show_ms(int64_t v, char *ret, size_t size)
{
	fr_units_show_ms(FR_MS(v), ret, size);
}

static void show_count(int64_t v, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%" PRId64, v);

	FR_ASSERT(n > 0);
}

enum fr_err fr_value_ms(const struct fr_source *s, const struct fr_node *n, const char *name, fr_ms min, fr_ms max, fr_ms *ret)
{
	static const struct number duration = { read_ms, show_ms, "duration (like 30s, 5m, 14d)" };

	return read_number(s, n, name, &duration, min.v, max.v, &ret->v);
}

enum fr_err fr_value_bytes(const struct fr_source *s, const struct fr_node *n, const char *name, int64_t min, int64_t max,
			   int64_t *ret)
{
	static const struct number size = { fr_units_bytes, fr_units_show_bytes, "size (like 64K, 256M, 1G)" };

	return read_number(s, n, name, &size, min, max, ret);
}

enum fr_err fr_value_count(const struct fr_source *s, const struct fr_node *n, const char *name, int64_t min, int64_t max,
			   int64_t *ret)
{
	static const struct number count = { fr_str_to_i64, show_count, "whole number" };

	return read_number(s, n, name, &count, min, max, ret);
}

/* "error, warning, info, debug" */
static void join(const char *const *names, size_t n_names, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n_names && used < size; i++) {
		int n = snprintf(ret + used, size - used, "%s%s", i == 0 ? "" : ", ", names[i]);

		FR_ASSERT(n > 0);
		used += (size_t)n;
	}
}

enum fr_err fr_value_choice(const struct fr_source *s, const struct fr_node *n, const char *name, const char *const *names,
			    size_t n_names, size_t *ret)
{
	struct fr_suggest near;
	struct fr_str text = FR_STR("");
	char all[192];
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	fr_suggest_init(&near, text);
	for (size_t i = 0; i < n_names; i++) {
		if (fr_str_is(text, names[i])) {
			*ret = i;
			return FR_OK;
		}
		fr_suggest_offer(&near, fr_str_of(names[i]));
	}
	join(names, n_names, all, sizeof(all));
	return fr_complain(s, n->at, "%s: '%s' is not one of %s%s", name, fr_complain_excerpt(text).s, all,
			   fr_suggest_hint(&near).s);
}

enum fr_err fr_value_word(const struct fr_source *s, struct fr_mark at, const char *name, struct fr_str text)
{
	if (text.n == 0 || text.n >= FR_NAME_MAX)
		return fr_complain(s, at, "%s: a word of 1 to %d characters is expected", name, FR_NAME_MAX - 1);
	for (size_t i = 0; i < text.n; i++) {
		char c = fr_lower(text.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
			return fr_complain(s, at, "%s: '%s' may hold letters, digits and - _ . only", name,
					   fr_complain_excerpt(text).s);
	}
	return FR_OK;
}

static enum fr_err add_name(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_arena *mem,
			    size_t most, struct fr_names *to)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	if (to->n == FR_FIELDS_MAX)
		return fr_complain(s, n->at, "%s: more than %d entries", name, FR_FIELDS_MAX);
	if (text.n == 0 || text.n > most)
		return fr_complain(s, n->at, "%s: an entry has 1 to %zu bytes", name, most);
	for (size_t i = 0; i < to->n; i++)
		if (fr_str_eq(to->at[i], text))
			return fr_complain(s, n->at, "%s: '%s' is listed twice", name, fr_complain_excerpt(text).s);
	text = fr_arena_str(mem, text);
	if (text.p == NULL)
		return fr_complain(s, n->at, "%s: the catalogue is too large", name);
	to->at[to->n++] = text;
	return FR_OK;
}

enum fr_err fr_value_names(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_arena *mem,
			   size_t most, struct fr_names *ret)
{
	struct fr_names got = { .n = 0 };
	enum fr_err e = FR_OK;

	if (n->kind != FR_NODE_LIST) {
		e = add_name(s, n, name, mem, most, &got);
	} else {
		for (const struct fr_node *item = n->first; item != NULL && e == FR_OK; item = item->next)
			e = add_name(s, item, name, mem, most, &got);
	}
	if (e == FR_OK)
		*ret = got;
	return e;
}

static bool is_one_of(struct fr_str key, const char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++)
		if (fr_str_is(key, names[i]))
			return true;
	return false;
}

enum fr_err fr_value_keys(const struct fr_source *s, const struct fr_node *map, const char *of, const char *const *names,
			  size_t n_names)
{
	for (const struct fr_node *n = map->first; n != NULL; n = n->next) {
		struct fr_suggest near;

		if (is_one_of(n->key, names, n_names))
			continue;
		fr_suggest_init(&near, n->key);
		for (size_t i = 0; i < n_names; i++)
			fr_suggest_offer(&near, fr_str_of(names[i]));
		return fr_complain(s, n->key_at, "%s: unknown key '%s'%s", of, fr_complain_excerpt(n->key).s,
				   fr_suggest_hint(&near).s);
	}
	return FR_OK;
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_';
}

enum fr_err fr_value_write(struct fr_buf *b, struct fr_str text)
{
	bool plain = text.n > 0 && word_char(text.p[0]) && word_char(text.p[text.n - 1]);

	for (size_t i = 0; i < text.n && plain; i++)
		plain = word_char(text.p[i]) || text.p[i] == ':' || text.p[i] == '-';
	return plain ? fr_buf_add_str(b, text) : fr_buf_add_json(b, text);
}
