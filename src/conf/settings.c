#include "conf/settings.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/field.h"
#include "conf/suggest.h"
#include "conf/value.h"

const struct fr_setting fr_settings_rows[FR_ROWS] = {
#define SETTING(field, path, type, dflt, min, max, when, help) \
	{ path, &fr_field_types[FR_FIELD_##type], dflt, min, max, FR_WHEN_##when, help, offsetof(struct fr_settings, field) },
#include "frugal/tbl/settings.def"
#undef SETTING
};

/* What is being filled. */
struct reading {
	const struct fr_source *s;
	struct fr_settings settings;
	struct fr_settings_marks marks;
};

static void *field_of(struct fr_settings *s, const struct fr_setting *row)
{
	return (char *)s + row->at;
}

static const void *const_field_of(const struct fr_settings *s, const struct fr_setting *row)
{
	return (const char *)s + row->at;
}

static const struct fr_setting *row_named(struct fr_str path)
{
	for (size_t i = 0; i < FR_ROWS; i++)
		if (fr_str_is(path, fr_settings_rows[i].path))
			return &fr_settings_rows[i];
	return NULL;
}

/* Names beside the settings, which others read. */
static const char *const sections[] = { "endpoints", "tiers", "clients", "budgets", "bundles", "alerts" };

static bool is_read_by_others(struct fr_str name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (fr_str_is(name, sections[i]))
			return true;
	return false;
}

/* Whether names of settings begin with this one and a dot. */
static bool is_section(struct fr_str path)
{
	for (size_t i = 0; i < FR_ROWS; i++) {
		const char *row = fr_settings_rows[i].path;

		if (strlen(row) > path.n && row[path.n] == '.' && strncmp(row, path.p, path.n) == 0)
			return true;
	}
	return false;
}

static void offer_settings(struct fr_suggest *near)
{
	for (size_t i = 0; i < FR_ROWS; i++)
		fr_suggest_offer(near, fr_str_of(fr_settings_rows[i].path));
}

static void offer_sections(struct fr_suggest *near)
{
	for (size_t i = 0; i < FR_ROWS; i++) {
		struct fr_str rest = fr_str_of(fr_settings_rows[i].path), section = fr_str_cut(&rest, '.');

		if (rest.p != NULL)
			fr_suggest_offer(near, section);
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		fr_suggest_offer(near, fr_str_of(sections[i]));
}

/* An unknown name: the innermost first name is shown, since the section before it may be what is misspelt. */
static enum fr_err unknown(const struct fr_source *s, const struct fr_node *n, const char *name)
{
	struct fr_value_name full = fr_value_name("", fr_str_of(name));
	const struct fr_node *leaf = n;
	struct fr_suggest near, section;

	if (fr_str_find(n->key, '.') < n->key.n && row_named(fr_str_of(name)) != NULL)
		return fr_complain(s, n->key_at,
				   "'%s' is written nested here: the last word on a line of its own under the ones before it",
				   name);
	while (leaf->kind == FR_NODE_MAP && leaf->first != NULL) {
		leaf = leaf->first;
		full = fr_value_name(full.s, leaf->key);
	}
	fr_suggest_init(&near, fr_str_of(full.s));
	offer_settings(&near);
	fr_suggest_init(&section, fr_str_of(name));
	offer_sections(&section);
	if (near.best.p == NULL && section.best.p != NULL)
		return fr_complain(s, n->key_at, "unknown setting '%s'%s", name, fr_suggest_hint(&section).s);
	return fr_complain(s, leaf->key_at, "unknown setting '%s'%s", full.s, fr_suggest_hint(&near).s);
}

static enum fr_err read_map(struct reading *r, const struct fr_node *map, const char *of);

static enum fr_err read_one(struct reading *r, const struct fr_node *n, const char *of)
{
	struct fr_value_name name = fr_value_name(of, n->key);
	bool dotted = fr_str_find(n->key, '.') < n->key.n;
	const struct fr_setting *row = dotted ? NULL : row_named(fr_str_of(name.s));
	enum fr_err e;

	if (row != NULL) {
		r->marks.at[row - fr_settings_rows] = n->at;
		return row->type->read(r->s, n, row, field_of(&r->settings, row));
	}
	if (dotted || n->key.n == 0 || !is_section(fr_str_of(name.s)))
		return unknown(r->s, n, name.s);
	e = fr_value_map(r->s, n, name.s);
	return e != FR_OK ? e : read_map(r, n, name.s);
}

static enum fr_err read_map(struct reading *r, const struct fr_node *map, const char *of)
{
	enum fr_err e = FR_OK;

	for (const struct fr_node *n = map->first; n != NULL && e == FR_OK; n = n->next) {
		if (of[0] == '\0' && is_read_by_others(n->key))
			continue;
		e = read_one(r, n, of);
	}
	return e;
}

/* The defaults go through the same readers, so that a default that breaks its own rule cannot be built in. */
static void set_defaults(struct reading *r)
{
	for (size_t i = 0; i < FR_ROWS; i++) {
		const struct fr_setting *row = &fr_settings_rows[i];
		struct fr_node n = { .kind = FR_NODE_TEXT, .text = fr_str_of(row->dflt) };

		FR_ASSERT(row->type->read(r->s, &n, row, field_of(&r->settings, row)) == FR_OK);
	}
}

enum fr_err fr_settings_read(const struct fr_source *s, const struct fr_node *root, struct fr_settings *ret,
			     struct fr_settings_marks *marks)
{
	struct reading r = { .s = s };
	enum fr_err e;

	set_defaults(&r);
	e = read_map(&r, root, "");
	if (e != FR_OK)
		return e;
	*ret = r.settings;
	*marks = r.marks;
	return FR_OK;
}

enum fr_err fr_settings_write(struct fr_buf *b, const struct fr_setting *row, const struct fr_settings *s)
{
	return row->type->write(b, const_field_of(s, row));
}

static bool has_bounds(const struct fr_setting *row)
{
	return row->type == &fr_field_types[FR_FIELD_MS] || row->type == &fr_field_types[FR_FIELD_BYTES] ||
	       row->type == &fr_field_types[FR_FIELD_COUNT];
}

enum fr_err fr_settings_range(struct fr_buf *b, const struct fr_setting *row)
{
	enum fr_err e;

	if (row->type == &fr_field_types[FR_FIELD_RATE])
		return fr_buf_addf(b, "none, or %" PRId64 " to %" PRId64 " calls per s, min or h", row->min, row->max);
	if (!has_bounds(row))
		return fr_buf_add_text(b, row->type->name);
	e = row->type->write(b, &row->min); /* these three fields are an int64_t, or a struct of one */
	if (e == FR_OK)
		e = fr_buf_add_text(b, " to ");
	return e == FR_OK ? row->type->write(b, &row->max) : e;
}

/* Compared as they are written; what the mask hides (a password) is compared by the whole text below. */
static bool same(const struct fr_setting *row, const struct fr_settings *old, const struct fr_settings *new)
{
	struct fr_buf a, b;
	bool equal;

	fr_buf_init(&a, FR_ADDRS_MAX * FR_PATH_TEXT_MAX * 8);
	fr_buf_init(&b, FR_ADDRS_MAX * FR_PATH_TEXT_MAX * 8);
	FR_ASSERT(fr_settings_write(&a, row, old) == FR_OK && fr_settings_write(&b, row, new) == FR_OK);
	equal = fr_str_eq(fr_buf_str(&a), fr_buf_str(&b));
	fr_buf_free(&a);
	fr_buf_free(&b);
	return equal;
}

enum fr_err fr_settings_restart(struct fr_buf *b, const struct fr_settings *old, const struct fr_settings *new, size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < FR_ROWS; i++) {
		const struct fr_setting *row = &fr_settings_rows[i];
		bool equal = i == FR_ROW_redis_url ? strcmp(old->redis_url.s, new->redis_url.s) == 0 : same(row, old, new);
		enum fr_err e;

		if (row->when != FR_WHEN_START || equal)
			continue;
		e = fr_buf_addf(b, "%s%s", n++ == 0 ? "" : ", ", row->path);
		if (e != FR_OK)
			return e;
	}
	*ret = n;
	return FR_OK;
}
